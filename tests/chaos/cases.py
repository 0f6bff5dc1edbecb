"""The scenarios of the crash sweep, by name: what is to be done, crossed with what goes wrong while it is done."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from reconciler.sandbox import manual_edit
from tests.chaos.scenario import File, Record, Scenario
from tests.chaos.world import Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.chaos.world import World

A, B, C, D = 101, 102, 103, 104


def _named(**names: str) -> tuple[Record, ...]:
    ids = {"a": A, "b": B, "c": C, "d": D}
    return tuple(Record(ids[key], name, {"Fields.Tier": "Gold"}) for key, name in names.items())


def _renaming(**names: str) -> tuple[File, ...]:
    ids = {"a": A, "b": B, "c": C, "d": D}
    return tuple(File(ids[key], {"Name": name, "Fields.Tier": "Gold"}) for key, name in names.items())


_TWO: Final = _named(a="Alpha", b="Beta")
_THREE: Final = _named(a="Alpha", b="Beta", c="Gamma")

TASKS: Final[Mapping[str, Scenario]] = {
    "one value": Scenario(_TWO, (File(A, {"Name": "Alpha", "Fields.Tier": "Silver"}),)),
    "several values": Scenario(
        _TWO,
        (
            File(
                A,
                {
                    "Name": "Alpha",
                    "Website": "https://new.example",
                    "Address": "1 Pier Road",
                    "Fields.Tier": "",
                },
            ),
        ),
    ),
    "a value cleared": Scenario(_TWO, (File(B, {"Name": "Beta", "Fields.Tier": ""}),)),
    "a first address": Scenario(
        (Record(A, "Alpha", placed=False),), (File(A, {"Name": "Alpha", "Address": "1 Pier Road"}),)
    ),
    "two customers": Scenario(
        _TWO,
        (
            File(A, {"Name": "Alpha", "Fields.Tier": "Silver"}),
            File(B, {"Name": "Beta", "Fields.Active": "Yes"}),
        ),
    ),
    "two customers at once": Scenario(
        _TWO,
        (
            File(A, {"Name": "Alpha", "Fields.Tier": "Silver"}),
            File(B, {"Name": "Beta", "Fields.Active": "Yes"}),
        ),
        parallel=2,
    ),
    "a rename": Scenario(_TWO, _renaming(a="Omega")),
    "a rename in case alone": Scenario(_TWO, _renaming(a="ALPHA")),
    "a chain of renames": Scenario(_THREE, _renaming(a="Beta", b="Gamma", c="Delta")),
    "a chain of renames at once": Scenario(_THREE, _renaming(a="Beta", b="Gamma", c="Delta"), parallel=4),
    "a swap": Scenario(_TWO, _renaming(a="Beta", b="Alpha")),
    "a swap with values": Scenario(
        _TWO,
        (
            File(A, {"Name": "Beta", "Fields.Tier": "Silver"}),
            File(B, {"Name": "Alpha", "Fields.Tier": "Bronze"}),
        ),
    ),
    "a swap of names alone": Scenario(_TWO, (File(A, {"Name": "Beta"}), File(B, {"Name": "Alpha"}))),
    "a circle of three": Scenario(_THREE, _renaming(a="Beta", b="Gamma", c="Alpha")),
    "a file without an id": Scenario(_TWO, (File(None, {"Name": "Alpha", "Fields.Tier": "Bronze"}),)),
    "a masked value": Scenario(_TWO, (File(A, {"Name": "Alpha", "Fields.Tax id": "canary-masked-1"}),)),
    "reads that are always old": Scenario(
        _TWO,
        (File(A, {"Name": "Alpha", "Fields.Tier": "Silver"}),),
        {"latency": "3"},
        read_age=1.0,
        subscriber=1207,
    ),
}


def _edited(customer: int, path: str, text: str) -> Callable[[World], None]:
    def deed(world: World) -> None:
        if world.sandbox.store.customer(customer):
            manual_edit.edit(world.sandbox.store, customer, {path: text})

    return deed


TROUBLES: Final[Mapping[str, Fate]] = {
    "on a quiet day": Fate(),
    "with an answer lost after the commit": Fate(faults={("CustomerEdit", 1): "reset after the commit"}),
    "with an edit that comes later": Fate(
        faults={("CustomerEdit", 1): "committed after 2 s, connection lost"}
    ),
    "while somebody edits": Fate(deeds={("CustomerEdit", 1): _edited(A, "Fields.Remarks", "01234")}),
}
CASES: Final = {
    f"{task}, {trouble}": (TASKS[task], TROUBLES[trouble]) for task, trouble in product(TASKS, TROUBLES)
}
