"""How a plan is regrouped for its readers: masking, grouping, ranking, and what tells two values apart."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from reconciler.plan.model import Class
from reconciler.report.grouping import groups
from reconciler.report.remarks import order_remarks, reason_remarks
from reconciler.report.shown import planned_customers
from reconciler.report.value_diff import LONG, contrast
from reconciler.report.view import Kind
from tests.report.test_plans import CANARY, change, cycle, edit, masked, sheet, six

if TYPE_CHECKING:
    from reconciler.plan.model import Edit
    from reconciler.report.view import Customer


def customers(*edits: Edit) -> tuple[Customer, ...]:
    return planned_customers(sheet(*edits).plan, order_remarks, reason_remarks)


def test_a_masked_change_keeps_none_of_its_three_values() -> None:
    (customer,) = customers(edit(1, masked(Class.CONFLICT)))
    assert CANARY not in str(astuple(customer))


def test_whether_a_masked_value_is_cleared_is_not_told() -> None:
    first, second = customers(edit(1, masked()), edit(2, masked(after="")))
    assert first.changes == second.changes


def test_the_name_of_a_customer_is_hidden_where_the_change_of_its_name_is_masked() -> None:
    hidden = edit(1, change("Name", CANARY, f"{CANARY} 2", masked=True), name=CANARY)
    assert CANARY not in str(astuple(customers(hidden)[0]))


def test_equal_changes_are_one_group_with_its_customers_in_working_order() -> None:
    tier = change("Fields.Tier", "Silver", "Gold")
    other = change("Fields.Tier", "Silver", "Gold", Class.DRIFT)
    found = groups(customers(edit(3, tier), edit(1, tier), edit(2, other)))
    assert [[customer.customer_id for customer in group.customers] for group in found] == [[2], [3, 1]]


def test_kinds_run_from_conflicts_over_renames_clears_and_drift_to_changes() -> None:
    found = [group.change.kind for group in groups(customers(*six()))]
    assert found == sorted(found)
    assert set(found) == set(Kind) - {Kind.FILL}


def test_a_cycle_shows_one_customer_once_from_the_name_in_rpm_to_the_name_it_keeps() -> None:
    shown = {customer.customer_id: customer for customer in customers(*cycle())}
    (name,) = shown[10023].changes
    assert (name.before, name.after, shown[10023].remarks["Name"][0].text) == (
        "Acme, Inc.",
        "Beta Ltd",
        "Acme, Inc. (renaming 10023)",
    )
    assert list(shown) == [10042, 10023]


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ("a b", "a  b", "only white space differs"),
        ("a", "a\n", "only white space differs"),
        ("a b", "a\u00a0b", "only white space differs"),
        ("paypal", "p\u0430ypal", "characters that look alike differ"),
        ("ab", "a\u200bb", "characters that look alike differ"),
        ("a\x01", r"a\x01", "characters that look alike differ"),
        ("ab", "a\u00adb", "characters that look alike differ"),
        ("ﬁne", "fine", "characters that look alike differ"),
    ],
)
def test_a_difference_that_the_eye_would_miss_is_spelled(before: str, after: str, note: str) -> None:
    sides = contrast(before, after)
    assert sides.note == note
    assert sides.before != sides.after


@pytest.mark.parametrize(("before", "after"), [("Kuhn", "Kühn"), ("Gold", "gold"), ("", " "), ("Müller", "")])
def test_a_difference_that_the_eye_sees_is_left_as_it_is(before: str, after: str) -> None:
    assert contrast(before, after).note == ""


@pytest.mark.parametrize("size", [10, 5_000, 1_000_000])
def test_a_long_value_is_cut_to_what_differs(size: int) -> None:
    sides = contrast("a" * size + "old words" + "b" * size, "a" * size + "new words" + "b" * size)
    assert "old" in sides.before[0]
    assert "new" in sides.after[0]
    assert max(map(cell_len, (*sides.before, *sides.after))) <= LONG + 40


def test_of_many_lines_those_that_differ_are_shown_with_their_number() -> None:
    lines = [f"line {number}" for number in range(1, 100)]
    sides = contrast("\n".join(lines), "\n".join([*lines[:49], "another", *lines[50:]]))
    assert (sides.before, sides.after, sides.note) == (("line 50",), ("another",), "from line 50 of 99")


def test_long_lines_are_cut_to_what_differs() -> None:
    sides = contrast("same\n" + "a" * 200 + "x", "same\n" + "a" * 200 + "y")
    assert (sides.before, sides.after) == (("…aaaaaaaaaaaax",), ("…aaaaaaaaaaaay",))


def test_lines_past_the_first_few_are_counted() -> None:
    sides = contrast("x", "\n".join(str(number) for number in range(100)))
    assert sides.after[-1] == "… and 94 more lines"


@pytest.mark.parametrize(
    ("text", "shown"), [("", "(empty)"), ("(empty)", '"(empty)"'), (" x", '" x"'), ("a → b", '"a → b"')]
)
def test_a_text_that_could_be_taken_for_ours_stands_in_quotes(text: str, shown: str) -> None:
    assert contrast("value", text).after == (shown,)
