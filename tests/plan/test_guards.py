"""Why a plan must not be applied: each reason once, with the flag that lifts it."""

from __future__ import annotations

import pytest

from reconciler.core.values import NotSaid, Target
from reconciler.plan.guards import NAMED_AT_MOST, Confirmed, find_refusals
from reconciler.plan.model import Change, Class, Edit, Plan, Suspicious
from reconciler.repo.settings import Limits


def plan(doubtful: int) -> Plan:
    """A plan with so many ids that look pasted."""
    found = tuple(Suspicious(i, f"C {i}", f"c/{i}.yaml", 2, "all differ") for i in range(1, doubtful + 1))
    return Plan(Target("sandbox:", None), (), 1, 1, 1, 0, 1, suspicious=found)


@pytest.mark.parametrize(
    ("bases", "says"),
    [
        (["x"], "1 attribute was changed both in RPM and on this branch, to different values"),
        (
            [NotSaid("why")],
            "1 attribute differs in RPM and on this branch, and what base says cannot be read",
        ),
        (
            ["x", "y", NotSaid("why"), NotSaid("why")],
            (
                "2 attributes were changed both in RPM and on this branch, to different values; "
                "2 attributes differ in RPM and on this branch, and what base says cannot be read"
            ),
        ),
    ],
)
def test_a_conflict_is_told_apart_from_a_base_that_cannot_be_read(
    bases: list[str | NotSaid], says: str
) -> None:
    """Nobody is said to have changed what may not have been changed."""
    changes = tuple(
        Change(f"Fields.F{at}", "rpm", "yaml", Class.CONFLICT, base) for at, base in enumerate(bases)
    )
    edit = Edit(7, "Acme", "customers/acme.yaml", 1, changes)
    made = Plan(Target("sandbox:", None), (edit,), 1, 1, 1, 0, 1)
    (refusal,) = find_refusals(made, Limits(), Confirmed(), 0)
    assert (refusal.message, refusal.flag) == (says, f"--confirm-conflicts {len(bases)}")


@pytest.mark.parametrize("doubtful", [1, NAMED_AT_MOST])
def test_each_pasted_id_is_a_reason_of_its_own(doubtful: int) -> None:
    """Each names the flag that lifts them all."""
    found = find_refusals(plan(doubtful), Limits(), Confirmed(), 0)
    assert [it.message for it in found] == [
        f"c/{i}.yaml:2 looks like another customer's file: in RPM {i} is C {i}, and all differ"
        for i in range(1, doubtful + 1)
    ]
    assert {it.flag for it in found} == {"--confirm-identity " + ",".join(map(str, range(1, doubtful + 1)))}


def test_very_many_pasted_ids_are_one_reason() -> None:
    """A flag names every id, so a reason each would be as long as the square of their number."""
    found = find_refusals(plan(20_000), Limits(), Confirmed(), 0)
    first = "c/1.yaml:2 looks like another customer's file: in RPM 1 is C 1, and all differ"
    assert [it.message for it in found] == [
        f"20000 files look like other customers' files; the first: {first}"
    ]
    assert found[0].flag.endswith(",19999,20000")
    assert find_refusals(plan(20_000), Limits(), Confirmed(identities=frozenset(range(20_001))), 0) == ()
