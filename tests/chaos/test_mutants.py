"""Every planted bug is told of by some story within a short budget; so is a lock that is not taken."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import starmap
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.lock import exclusive, lock_identity
from reconciler.core.errors import Refused
from tests.chaos.cases import TASKS
from tests.chaos.mutants import PLANTED, planted
from tests.chaos.oracles import verdict
from tests.chaos.story import told
from tests.chaos.tool import Tool
from tests.chaos.weather import KINDS, Weather
from tests.chaos.world import Fate, World
from tests.rpm.test_proxy import MALFORMED
from tests.rpm.test_proxy import test_what_cannot_be_a_proxy_is_refused_by_name as refused_proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BUDGET = 50
KINDS_BUT_GARBLED = tuple(kind for kind in KINDS if not kind.startswith("garbled"))
RARE: dict[str, dict[str, Any]] = {
    "an empty list is the truth": {"kinds": ("an empty list",)},
    "a lost edit is taken for not done": {
        "kinds": ("500 before the commit", "500 after the commit"),
        "faults": 0.5,
    },
    "our own limit of calls is told as RPM's": {"calls": 15},
    "what was sent once is reported as not tried": {
        "kinds": ("500 before the commit",),
        "faults": 0.3,
        "limits": 0.05,
    },
    "a 429 says that nothing was done": {"kinds": ("429", "429 after the commit")},
    "a sleep during a read is taken for a slow server": {"upsets": 0.1},
    "a redirect is followed": {"kinds": ("redirect",)},
    "a result that found no room is not told": {"limits": 0.1},
}
"""Bugs that show best in one kind of weather: the second one where three attempts in a row are lost."""
ELSEWHERE: dict[str, Callable[[], object]] = {
    "a proxy's host is not looked at": lambda: list(starmap(refused_proxy, MALFORMED)),
}
"""What only another test can show: stories have no proxy."""
ROUGH = Weather(faults=0.15, kinds=KINDS_BUT_GARBLED, hands=0.15, signals=0.01, upsets=0.03, limits=0.01)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_caught(name: str) -> None:
    """A story in rough weather that is green without the bug is not with it; nor is, where no story comes, the test that does."""
    weather = replace(ROUGH, **RARE.get(name, {}))
    if name in ELSEWHERE:
        with planted(name), pytest.raises((AssertionError, pytest.fail.Exception)):
            ELSEWHERE[name]()
        return
    seed = caught(name, weather)
    assert seed is not None, f"{name!r} survived {BUDGET} seeds: an oracle, a fault or a scenario is missing"
    assert not verdict(told(seed, weather))[0], "it is the weather that is caught, and not the bug"


def caught(name: str, weather: Weather) -> str | None:
    """The first story that tells of a planted bug."""
    with planted(name):
        for number in range(BUDGET):
            if verdict(told(f"planted {number}", weather))[0]:
                return f"planted {number}"
    return None


def test_nobody_else_can_apply_while_an_edit_is_under_way(tmp_path: Path) -> None:
    """When the first edit reaches the server, the subscription's lock is held; afterwards it is free."""
    refused: list[str] = []

    def second(_: World) -> None:
        try:
            with exclusive(lock_identity(tool.settings), place, started=""):
                pass
        except Refused as refusal:
            refused.append(str(refusal))

    with closing(World(TASKS["one value"], "lock", Fate(deeds={("CustomerEdit", 1): second}))) as world:
        tool = Tool(world, tmp_path)
        place = {"XDG_STATE_HOME": str(tmp_path / "state")}
        assert tool.apply().code == 0
    assert len(refused) == 1
    assert "another apply is running" in refused[0]
    with exclusive(lock_identity(tool.settings), place, started=""):
        pass
