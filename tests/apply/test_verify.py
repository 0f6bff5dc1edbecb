"""What an answer says of an edit: taken, kept, cut, blanked or rewritten, each told apart with what helps."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.apply.verify import mismatch, not_taken
from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import BY_KIND, CompareRules
from reconciler.core.values import ObservedCustomer
from reconciler.plan.model import Change, Class


def change(after: str, before: str = "Silver") -> Change:
    """A change of a custom field."""
    return Change("Fields.Tier", before, after, Class.CHANGE)


def answered(text: str) -> ObservedCustomer:
    """A record with that value."""
    return ObservedCustomer(7, {"Name": "Acme", "Fields.Tier": text}, LONG_AGO, whole=True)


REWRITTEN: list[Any] = [
    pytest.param("Gold", "GOLD", "RPM rewrote it; write it the way RPM keeps it", id="F63-upper"),
    pytest.param("Gold", "Gold ", "RPM rewrote it; write it the way RPM keeps it", id="F63-trim"),
    pytest.param("Acme & Sons", "Acme &amp; Sons", "RPM rewrote it, or somebody changed it", id="F63-entities"),
    pytest.param("None", "N/A", "RPM rewrote it, or somebody changed it", id="F63-sentinel"),
    pytest.param("2026-01-02", "1/2/2026", "`Tier: {type: date}` under `fields:` makes the two equal", id="F63-date"),
    pytest.param("1200", "$1,200.00", "`Tier: {type: number}` under `fields:` makes the two equal", id="F63-number"),
    pytest.param("1.005", "1.01", "RPM rewrote it, or somebody changed it", id="F63-rounded"),
    pytest.param("555 123 4567", "(555) 123-4567", "RPM rewrote it, or somebody changed it", id="F63-phone"),
    pytest.param("Gold", "Silver", "RPM kept the value it had", id="F61-kept"),
    pytest.param("Gold", "", "RPM blanked it; is the text one of the field's options?", id="F62-blanked"),
    pytest.param("Gold and more", "Gold", "RPM cut it to 4 of 13 characters", id="F64-cut"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "got", "says"), REWRITTEN)
def test_what_was_not_taken_is_told_apart(sent: str, got: str, says: str) -> None:
    """And ends with what to write, where that is known."""
    edit, rules = change(sent), CompareRules()
    assert not_taken([edit], answered(got), rules) == (edit,)
    told = mismatch(edit, answered(got), rules)
    assert told.startswith(f'Fields.Tier: sent "{sent}", got "{got}"')
    assert told.endswith(says)


@pytest.mark.parametrize(
    ("kind", "sent", "got"),
    [
        pytest.param("date", "2026-01-02", "1/2/2026", id="F63-date"),
        pytest.param("number", "1200", "$1,200.00", id="F63-number"),
        pytest.param("set", "a,b", "b, a", id="F63-set"),
        pytest.param("text", "a\nb", "a\r\nb", id="F63-crlf"),
        pytest.param("text", "Gr\u00f6\u00dfe", "Gro\u0308\u00dfe", id="F63-unicode"),
    ],
)
def test_what_means_the_same_was_taken(kind: str, sent: str, got: str) -> None:
    """By the field's own type."""
    rules = CompareRules({"Fields.Tier": BY_KIND[kind]()})
    assert not_taken([change(sent)], answered(got), rules) == ()
