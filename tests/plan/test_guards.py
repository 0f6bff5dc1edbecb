"""Why a plan must not be applied: each reason once, at its border, with its code and the flag that lifts it."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.core.errors import Refused
from reconciler.core.values import NotSaid, Target
from reconciler.plan.guards import NAMED_AT_MOST, Confirmed, Refusal, check_list, find_refusals
from reconciler.plan.model import Aside, Base, Change, Class, Edit, Plan, Suspicious
from reconciler.repo.settings import Limits

TARGET = Target("sandbox:", None)
WIDE = Limits(edits=10_000, percent=100, calls=100_000)


def plan(doubtful: int) -> Plan:
    """A plan with so many ids that look pasted."""
    found = tuple(Suspicious(i, f"C {i}", f"c/{i}.yaml", 2, "all differ") for i in range(1, doubtful + 1))
    return Plan(TARGET, (), 1, 1, 1, 0, 1, suspicious=found)


def editing(*kinds: Class, managed: int = 100, base: Base | None = None, **more: Any) -> Plan:
    """A plan with an edit of one attribute for each class, of customers 1 and on."""
    edits = tuple(
        Edit(i, f"C\x1b {i}", f"c/{i}.yaml", 1, (Change("Website", "x", "y", kind),))
        for i, kind in enumerate(kinds, start=1)
    )
    return Plan(TARGET, edits, managed, len(edits), len(edits), 0, 1, base=base, **more)


def changes(count: int, **more: Any) -> Plan:
    """A plan that edits so many customers."""
    return editing(*[Class.CHANGE] * count, **more)


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
    flag = "--confirm-identity " + ",".join(map(str, range(1, doubtful + 1)))
    assert found == tuple(
        Refusal(
            "suspicious",
            f"c/{i}.yaml:2 looks like another customer's file: in RPM {i} is C {i}, and all differ",
            flag,
        )
        for i in range(1, doubtful + 1)
    )


def test_very_many_pasted_ids_are_one_reason() -> None:
    """A flag names every id, so a reason each would be as long as the square of their number."""
    many = NAMED_AT_MOST + 1
    found = find_refusals(plan(many), Limits(), Confirmed(), 0)
    first = "c/1.yaml:2 looks like another customer's file: in RPM 1 is C 1, and all differ"
    assert [it.message for it in found] == [f"51 files look like other customers' files; the first: {first}"]
    assert found[0].flag.endswith(",50,51")


def test_a_confirmed_identity_is_no_reason_and_the_flag_goes_on_naming_it() -> None:
    """Or the second run would ask for what the first confirmed."""
    (found,) = find_refusals(plan(2), Limits(), Confirmed(identities=frozenset({1})), 0)
    assert found.message.startswith("c/2.yaml:2 ")
    assert found.flag == "--confirm-identity 1,2"
    assert find_refusals(plan(2), Limits(), Confirmed(identities=frozenset({1, 2})), 0) == ()


@pytest.mark.parametrize(
    ("plan", "limits", "refusals"),
    [
        pytest.param(changes(5), Limits(edits=5), (), id="as many as allowed"),
        pytest.param(
            changes(1_200, managed=100_000),
            Limits(edits=1_199),
            (
                Refusal(
                    "limit_edits",
                    "the plan edits 1,200 customers; limits.edits allows 1199",
                    "--confirm-edits 1200",
                ),
            ),
            id="one more",
        ),
        pytest.param(changes(9, managed=9), Limits(percent=1), (), id="below ten a share says nothing"),
        pytest.param(changes(10, managed=50), Limits(percent=20), (), id="exactly the share"),
        pytest.param(
            changes(10, managed=49),
            Limits(percent=20),
            (
                Refusal(
                    "limit_percent",
                    "the plan edits 10 of 49 customers (20.4 %); limits.percent allows 20 %",
                    "--confirm-edits 10",
                ),
            ),
            id="a little more",
        ),
        pytest.param(
            changes(10, managed=10),
            Limits(edits=9, percent=1),
            (
                Refusal(
                    "limit_edits", "the plan edits 10 customers; limits.edits allows 9", "--confirm-edits 10"
                ),
            ),
            id="one reason is enough",
        ),
    ],
)
def test_how_many_customers_may_be_edited(plan: Plan, limits: Limits, refusals: tuple[Refusal, ...]) -> None:
    """A number, and from ten on a share of all customers in YAML."""
    assert find_refusals(plan, limits, Confirmed(), 0) == refusals


def test_a_confirmed_number_lifts_both_limits_and_must_be_exact() -> None:
    """A plan that grew since it was counted is another one."""
    tight = Limits(edits=1, percent=1)
    assert find_refusals(changes(12, managed=12), tight, Confirmed(edits=12), 0) == ()
    for given in (0, 11, 13):
        assert find_refusals(changes(12, managed=12), WIDE, Confirmed(edits=given), 0) == (
            Refusal(
                "confirmed_edits",
                f"--confirm-edits {given} was given, but the plan edits 12 customers",
                "--confirm-edits 12",
            ),
        )
    assert "edits 1 customer" in find_refusals(changes(1), WIDE, Confirmed(edits=2), 0)[0].message


def test_a_customer_that_takes_two_edits_counts_once() -> None:
    """A cycle of renames costs a call more, and no further customer."""
    twice = changes(1)
    twice = Plan(TARGET, twice.edits * 2, 1, 1, 1, 0, 1)
    assert find_refusals(twice, Limits(edits=1), Confirmed(), 0) == ()
    assert [it.code for it in find_refusals(twice, Limits(calls=1), Confirmed(), 0)] == ["limit_calls"]


@pytest.mark.parametrize(
    ("plan", "given", "refusals"),
    [
        pytest.param(editing(Class.CHANGE, Class.DRIFT), None, (), id="none"),
        pytest.param(editing(Class.CHANGE), 0, (), id="none, as counted"),
        pytest.param(editing(Class.CONFLICT), 1, (), id="all counted"),
        pytest.param(
            editing(Class.CONFLICT),
            None,
            (
                Refusal(
                    "conflict",
                    "1 attribute was changed both in RPM and on this branch, to different values",
                    "--confirm-conflicts 1",
                ),
            ),
            id="one",
        ),
        pytest.param(
            editing(Class.CONFLICT, Class.CHANGE, Class.CONFLICT),
            None,
            (
                Refusal(
                    "conflict",
                    "2 attributes were changed both in RPM and on this branch, to different values",
                    "--confirm-conflicts 2",
                ),
            ),
            id="two",
        ),
        pytest.param(
            editing(Class.CONFLICT),
            2,
            (
                Refusal(
                    "confirmed_conflicts",
                    "--confirm-conflicts 2 was given, but the plan has 1 conflict",
                    "--confirm-conflicts 1",
                ),
            ),
            id="too many counted",
        ),
        pytest.param(
            editing(Class.CHANGE, converged=(Aside(1, "C", "Website"),)),
            1,
            (
                Refusal(
                    "confirmed_conflicts",
                    "--confirm-conflicts 1 was given, but the plan has 0 conflicts",
                    "--confirm-conflicts 0",
                ),
            ),
            id="gone since it was counted",
        ),
    ],
)
def test_conflicts_are_confirmed_by_their_number(
    plan: Plan, given: int | None, refusals: tuple[Refusal, ...]
) -> None:
    """The exact one, none included."""
    assert find_refusals(plan, WIDE, Confirmed(conflicts=given), 0) == refusals


BASES: list[Any] = [
    pytest.param(Base("main", "c0"), (), id="as it was"),
    pytest.param(Base("main", "c0", ahead=3), (), id="moved on, touching nobody"),
    pytest.param(
        Base("main", "c0", unreadable="main:reconciler.yaml:1:1: broken"),
        (
            Refusal(
                "base_unreadable",
                "the settings at main cannot be read, so what it says is not known: main:reconciler.yaml:1:1: broken",
            ),
        ),
        id="unreadable",
    ),
    pytest.param(
        Base("main", "c0", ahead=1, touched=(1, 2)),
        (
            Refusal(
                "base_moved",
                "main has moved on by 1 commit and changed what this plan edits: "
                "1 (C\\x1b 1), 2 (C\\x1b 2); merge main into this branch",
            ),
        ),
        id="moved on",
    ),
    pytest.param(
        Base("main", "c0", upstream="origin/main", behind=12),
        (Refusal("base_behind", "main is 12 commits behind origin/main: use --base origin/main"),),
        id="behind its upstream",
    ),
]


@pytest.mark.parametrize(("base", "refusals"), BASES)
def test_a_base_that_cannot_be_judged_by_refuses(base: Base, refusals: tuple[Refusal, ...]) -> None:
    """And no flag lifts that."""
    everything = Confirmed(2, 0, frozenset({1, 2}))
    assert find_refusals(changes(2, base=base), WIDE, everything, 0) == refusals
    assert all(it.flag == "" for it in refusals)


def test_very_many_touched_customers_are_cut() -> None:
    """Fifty are named, and that there are more."""
    for count, end in ((50, "50 (C\\x1b 50); merge"), (51, "50 (C\\x1b 50), …; merge")):
        base = Base("main", "c0", ahead=2, touched=tuple(range(1, count + 1)))
        (found,) = find_refusals(changes(60, base=base), WIDE, Confirmed(), 0)
        assert end in found.message


def test_calls_are_counted_before_the_first_edit() -> None:
    """Those made and one an edit; where nothing is to be edited there is nothing to refuse."""
    assert find_refusals(changes(3), Limits(calls=10), Confirmed(), 7) == ()
    assert find_refusals(changes(3), Limits(calls=9), Confirmed(), 7) == (
        Refusal(
            "limit_calls",
            "7 calls were made and 3 edits are to come; limits.calls allows 9",
            "--max-calls 10",
        ),
    )
    (one,) = find_refusals(changes(1), Limits(calls=1), Confirmed(), 1)
    assert one.message == "1 call was made and 1 edit is to come; limits.calls allows 1"
    assert find_refusals(changes(0), Limits(calls=1), Confirmed(), 7) == ()


def test_every_reason_is_told_at_once() -> None:
    """Or a person would meet them one after the other."""
    base = Base("main", "c0", unreadable="broken")
    doubtful = (Suspicious(1, "C", "c/1.yaml", 2, "all differ"),)
    found = find_refusals(
        editing(Class.CONFLICT, Class.CHANGE, base=base, suspicious=doubtful),
        Limits(edits=1, calls=1),
        Confirmed(),
        1,
    )
    codes = ["limit_edits", "base_unreadable", "conflict", "suspicious", "limit_calls"]
    assert [it.code for it in found] == codes


@pytest.mark.parametrize(
    ("listed", "ids", "what"),
    [
        pytest.param([], [], "", id="nothing on either side"),
        pytest.param([1], [], "", id="YAML names none"),
        pytest.param([], [1, 2], "RPM lists no customers, but YAML names 2 by id", id="empty"),
        pytest.param([9], range(1, 10), "", id="below ten a share says nothing"),
        pytest.param(range(3, 11), range(1, 11), "", id="a fifth may be gone"),
        pytest.param(
            range(4, 11),
            range(1, 11),
            "RPM's customer list lacks 3 of the 10 customers that YAML names by id",
            id="more may not",
        ),
        pytest.param(range(21, 101), range(1, 101), "", id="a fifth of a hundred"),
        pytest.param(
            range(22, 101),
            range(1, 101),
            "RPM's customer list lacks 21 of the 100 customers that YAML names by id",
            id="one more than a fifth",
        ),
    ],
)
def test_a_list_that_cannot_be_the_truth(listed: list[int], ids: list[int], what: str) -> None:
    """An empty or shrunken answer is never taken for customers that are gone."""
    if not what:
        check_list(listed, ids)
        return
    with pytest.raises(Refused) as refused:
        check_list(listed, ids)
    assert refused.value.what == f"reading the customer list: {what}"
    assert (
        refused.value.advice
        == "check the key's rights and that it belongs to this subscription; nothing was edited"
    )
