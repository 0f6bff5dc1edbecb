"""The rest of an approved plan may run, and nothing else: what moved is named, from what to what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.core.clock import LONG_AGO
from reconciler.core.errors import Refused
from reconciler.core.field_types import CompareRules, Number
from reconciler.core.values import ObservedCustomer, Target
from reconciler.plan.model import Base, Change, Class, Edit, Missing, Plan
from reconciler.plan.remaining import check_base, check_remaining

RULES = CompareRules({"Fields.n": Number()})
ADVICE = "look at a new plan, and have that one approved"


def plan(*edits: Edit, **more: Any) -> Plan:
    """A plan of these edits."""
    return Plan(Target("sandbox:", None), edits, 1, 1, 1, 0, 1, **more)


def edit(customer_id: int, *changes: Change, **more: Any) -> Edit:
    """An edit of a customer."""
    return Edit(customer_id, f"C\x1b{customer_id}", "c.yaml", 1, changes, **more)


def site(before: str = "x", after: str = "y", kind: Class = Class.CHANGE, **more: Any) -> Change:
    """A change of the website."""
    return Change("Website", before, after, kind, **more)


def rpm(customer_id: int = 7, **values: str) -> dict[int, ObservedCustomer]:
    """A read of one customer; a custom field by `F_name`."""
    paths = {name.replace("F_", "Fields."): text for name, text in values.items()}
    return {customer_id: ObservedCustomer(customer_id, {"Name": "Acme", **paths}, LONG_AGO, whole=True)}


def moved(permitted: Plan, fresh: Plan, observed: dict[int, ObservedCustomer]) -> list[str]:
    """What is told to have moved, a line each; nothing where the plan may run."""
    refusal: Refused | None = None
    try:
        check_remaining(permitted, fresh, observed, RULES, "p.json")
    except Refused as refused:
        refusal = refused
    if refusal is None:
        return []
    assert refusal.advice == ADVICE
    first, *lines = refusal.what.split("\n  ")
    assert first == "the plan p.json is stale; nothing was edited:"
    return lines


ZIP = Change("Zip", "1", "2", Class.CHANGE)
MASKED = Change("Fields.t", "(masked)", "(masked)", Class.CHANGE, masked=True)


class TestMayRun:
    def test_the_plan_as_it_was(self) -> None:
        """All of it is wanted still; names, files and lines count for nothing."""
        there = plan(edit(7, site()), edit(8, ZIP))
        again = plan(edit(8, ZIP), replace(edit(7, site()), name="Else", file="d.yaml", line=9, needs=(8,)))
        assert moved(there, again, {**rpm(7, Website="x"), **rpm(8, Zip="1")}) == []

    def test_the_rest_of_it(self) -> None:
        """RPM has what the other edit sets, by the rules of comparing."""
        number = Change("Fields.n", "1", "1,200", Class.CHANGE)
        there = plan(edit(7, site()), edit(8, number))
        observed = {**rpm(7, Website="x"), **rpm(8, F_n="1200.0")}
        assert moved(there, plan(edit(7, site())), observed) == []
        assert moved(there, plan(), {**observed, **rpm(7, Website="y")}) == []

    def test_the_rest_of_a_cycle_that_was_begun(self) -> None:
        """A temporary name is done with where RPM has it, or where what follows is done."""
        first = edit(7, Change("Name", "Acme", "Acme (renaming 7)", Class.CHANGE), temporary=True)
        last = edit(7, Change("Name", "Acme (renaming 7)", "Bolt", Class.CHANGE))
        begun = {7: rpm()[7]._replace(values={"Name": "Acme (renaming 7)"})}
        done = {7: rpm()[7]._replace(values={"Name": "Bolt"})}
        assert moved(plan(first, last), plan(last), begun) == []
        assert moved(plan(first, last), plan(), done) == []

    def test_a_masked_value_is_judged_by_the_fresh_plan(self) -> None:
        """The file does not have it; where the fresh plan wants nothing, RPM has it."""
        assert moved(plan(edit(7, MASKED)), plan(), rpm(F_t="secret")) == []
        assert moved(plan(edit(7, MASKED, site())), plan(), rpm(F_t="secret", Website="y")) == []


class TestIsWantedOtherwise:
    def test_a_customer_that_is_not_in_the_plan(self) -> None:
        """Each of its changes is told, and no masked value."""
        assert moved(plan(), plan(edit(7, site(), ZIP, MASKED)), rpm()) == [
            'customer 7 (C\\x1b7) needs an edit that is not in the plan: Website from "x" to "y"; Zip from "1" to "2"; Fields.t from (masked) to (masked)'
        ]

    def test_an_edit_more_of_a_customer_that_is(self) -> None:
        """A temporary name is needed now; it is not held against the edit that the plan has."""
        first = edit(7, Change("Name", "Acme", "Acme (renaming 7)", Class.CHANGE), temporary=True)
        last = edit(7, Change("Name", "Acme", "Bolt", Class.CHANGE))
        assert moved(plan(last), plan(first, last), rpm()) == [
            'customer 7 (C\\x1b7) needs an edit that is not in the plan: Name from "Acme" to "Acme (renaming 7)"'
        ]
        assert moved(plan(first, last), plan(first, edit(7, site())), rpm()) == [
            'customer 7 (C\\x1b7): Name is "Acme" in RPM and needs no edit; the plan says Name from "Acme" to "Bolt"',
            'customer 7 (C\\x1b7): Website is to be edited too, which is not in the plan: Website from "x" to "y"',
        ]

    @pytest.mark.parametrize(
        ("then", "now", "words"),
        [
            pytest.param(
                site(), site(before="z\x1b"), ['Website in RPM went from "x" to "z\\x1b"'], id="RPM"
            ),
            pytest.param(
                site(), site(after="z\x1b"), ['Website in YAML went from "y" to "z\\x1b"'], id="YAML"
            ),
            pytest.param(
                site(),
                site(before="a", after="b"),
                ['Website in RPM went from "x" to "a"', 'Website in YAML went from "y" to "b"'],
                id="both",
            ),
            pytest.param(
                site(),
                site(kind=Class.CONFLICT),
                ["Website was a change and is a conflict now"],
                id="who moved it",
            ),
            pytest.param(
                Change("Fields.a\x1b", "x", "y", Class.CHANGE),
                Change("Fields.a\x1b", "z", "y", Class.CHANGE),
                ['Fields.a\\x1b in RPM went from "x" to "z"'],
                id="its name is safe",
            ),
            pytest.param(
                site(before="(masked)", after="(masked)", masked=True),
                site(),
                ["Website is not masked any more"],
                id="unmasked",
            ),
            pytest.param(
                site(),
                site(before="secret", after="(masked)", masked=True),
                ["Website is masked now"],
                id="masked",
            ),
            pytest.param(
                site(before="(masked)", after="(masked)", masked=True),
                site(before="secret", after="(masked)", masked=True, kind=Class.DRIFT),
                ["Website was a change and is a drift now"],
                id="of a masked one the class alone",
            ),
        ],
    )
    def test_what_moved_of_an_attribute(self, then: Change, now: Change, words: list[str]) -> None:
        """From what to what."""
        told = moved(plan(edit(7, then)), plan(edit(7, now)), rpm(Website="x"))
        assert told == [f"customer 7 (C\\x1b7): {line}" for line in words]

    def test_attributes_more_and_less(self) -> None:
        """Those of the plan first; one that RPM lost is told as such, and a masked one is not shown."""
        gone, dark = Change("Fields.g\x1b", "1", "2", Class.CHANGE), replace(MASKED, attribute="Fields.d")
        told = moved(
            plan(edit(7, ZIP, gone, dark)),
            plan(edit(7, Change("Fields.n\x1b", "a", "b", Class.CHANGE), MASKED)),
            rpm(Zip="3", F_d="secret"),
        )
        assert told == [
            f"customer 7 (C\\x1b7): {line}"
            for line in (
                'Zip is "3" in RPM and needs no edit; the plan says Zip from "1" to "2"',
                'Fields.g\\x1b is gone from RPM and needs no edit; the plan says Fields.g\\x1b from "1" to "2"',
                "Fields.d is (masked) in RPM and needs no edit; the plan says Fields.d from (masked) to (masked)",
                'Fields.n\\x1b is to be edited too, which is not in the plan: Fields.n\\x1b from "a" to "b"',
                "Fields.t is to be edited too, which is not in the plan: Fields.t from (masked) to (masked)",
            )
        ]

    def test_a_masked_value_that_was_changed_behind_the_approval(self) -> None:
        """Its hash is another; which attributes it may be is told, and no other."""
        dark = (site(), MASKED, replace(MASKED, attribute="Fields.z\x1b"))
        then, now = edit(7, *dark, masked_hash="scrypt:1:00"), edit(7, *dark, masked_hash="scrypt:1:01")
        assert moved(plan(then), plan(now), rpm(Website="x")) == [
            "customer 7 (C\\x1b7): Fields.t, Fields.z\\x1b (masked) in YAML is not what the plan was to send"
        ]
        plainly = edit(7, replace(dark[0], after="z"), *dark[1:], masked_hash="scrypt:1:01")
        assert moved(plan(then), plan(plainly), rpm(Website="x")) == [
            'customer 7 (C\\x1b7): Website in YAML went from "y" to "z"'
        ]

    def test_each_customer_is_told_of_once(self) -> None:
        """Two edits of one that both differ are one story, and the customer behind it is told of too."""
        first = edit(7, Change("Name", "Acme", "Acme (renaming 7)", Class.CHANGE), temporary=True)
        last = edit(7, Change("Name", "Acme", "Bolt", Class.CHANGE))
        then = plan(first, last, edit(8, ZIP))
        now = plan(
            replace(first, changes=(replace(first.changes[0], before="A"),)),
            replace(last, changes=(replace(last.changes[0], before="A"),)),
            edit(8, replace(ZIP, after="3")),
        )
        assert moved(then, now, {**rpm(7), **rpm(8, Zip="1")}) == [
            'customer 7 (C\\x1b7): Name in RPM went from "Acme" to "A"',
            'customer 8 (C\\x1b8): Zip in YAML went from "2" to "3"',
        ]

    def test_another_target_is_another_plan(self) -> None:
        """The same edit elsewhere was not approved, even where nothing of it differs."""
        there = replace(plan(edit(7, site())), target=Target("sandbox:", 99))
        assert moved(there, plan(edit(7, site())), rpm(Website="x")) == [
            "customer 7 (C\\x1b7): the edit is not the one in the plan"
        ]


class TestIsNotWanted:
    def test_values_that_rpm_has_not(self) -> None:
        """Each is told; what it has is not, and a masked one is, because nobody can tell."""
        number = Change("Fields.n", "1", "1,200", Class.CHANGE)
        there = edit(7, site(), number, ZIP, MASKED)
        assert moved(plan(there), plan(), rpm(Website="z", F_n="1200", F_t="secret")) == [
            f"customer 7 (C\\x1b7): {line}"
            for line in (
                'Website is "z" in RPM and needs no edit; the plan says Website from "x" to "y"',
                'Zip is gone from RPM and needs no edit; the plan says Zip from "1" to "2"',
                "Fields.t is (masked) in RPM and needs no edit; the plan says Fields.t from (masked) to (masked)",
            )
        ]

    def test_a_customer_that_is_gone(self) -> None:
        """From RPM, or from the files; the next one is told of too."""
        there = plan(edit(7, site()), edit(8, site()), edit(9, ZIP))
        now = plan(missing=(Missing(7, "C7", "c.yaml", 1),))
        assert moved(there, now, rpm(9, Zip="5")) == [
            "customer 7 (C\\x1b7) is not in RPM any more",
            "customer 8 (C\\x1b8) is in no customer file any more",
            'customer 9 (C\\x1b9): Zip is "5" in RPM and needs no edit; the plan says Zip from "1" to "2"',
        ]

    def test_a_cycle_that_was_left_half_way_by_somebody_else(self) -> None:
        """Neither name is there: it is told once, by its first edit."""
        first = edit(7, Change("Name", "Acme", "Acme (renaming 7)", Class.CHANGE), temporary=True)
        last = edit(7, Change("Name", "Acme (renaming 7)", "Bolt", Class.CHANGE))
        assert moved(plan(first, last), plan(), {7: rpm()[7]._replace(values={"Name": "Else"})}) == [
            'customer 7 (C\\x1b7): Name is "Else" in RPM and needs no edit; the plan says Name from "Acme" to "Acme (renaming 7)"'
        ]

    def test_a_temporary_name_alone_does_not_make_the_rename_done(self) -> None:
        """Only the other way round."""
        first = edit(7, Change("Name", "Acme", "Acme (renaming 7)", Class.CHANGE), temporary=True)
        last = edit(7, Change("Name", "Acme (renaming 7)", "Bolt", Class.CHANGE))
        half = {7: rpm()[7]._replace(values={"Name": "Acme (renaming 7)"})}
        assert len(moved(plan(first, last), plan(), half)) == 1

    def test_a_customer_told_of_already_is_not_told_of_again(self) -> None:
        """Its edit is wanted otherwise, so the one of the plan is not; the others are looked at all the same."""
        there = plan(edit(7, site()), edit(8, ZIP))
        assert moved(there, plan(edit(7, site(after="z"))), {**rpm(7, Website="x"), **rpm(8, Zip="5")}) == [
            'customer 7 (C\\x1b7): Website in YAML went from "y" to "z"',
            'customer 8 (C\\x1b8): Zip is "5" in RPM and needs no edit; the plan says Zip from "1" to "2"',
        ]


def test_a_long_value_is_cut() -> None:
    """A message is for people."""
    (line,) = moved(plan(), plan(edit(7, site(after="y" * 80))), rpm())
    assert line.endswith('to "' + "y" * 59 + '…"')


@pytest.mark.parametrize(
    ("count", "last"), [(20, "customer 20 "), (21, "… and 1 more"), (1_220, "… and 1,200 more")]
)
def test_twenty_lines_are_enough(count: int, last: str) -> None:
    """And how many more there are."""
    lines = moved(plan(), plan(*(edit(i, ZIP) for i in range(1, count + 1))), {})
    assert len(lines) == min(count, 21)
    assert lines[-1].startswith(last)
    assert lines[19].startswith("customer 20 ")


def test_another_merge_base_is_another_plan() -> None:
    """Both are named; a plan without a base does not ask."""
    check_base(plan(), "b" * 40, "p.json")
    there = plan(base=Base("main", "a" * 40))
    check_base(there, "a" * 40, "p.json")
    with pytest.raises(Refused) as refused:
        check_base(there, "b" * 40, "p.json")
    assert refused.value.what == (
        "the plan p.json is stale; nothing was edited:\n"
        "  the merge base of main and HEAD went from aaaaaaaaaaaa to bbbbbbbbbbbb"
    )
    assert refused.value.advice == ADVICE
