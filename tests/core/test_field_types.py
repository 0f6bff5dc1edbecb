"""Each way of comparing, by examples of what is equal and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.field_types import BY_KIND, TEXT, ListOf, canonical, equal, normalize_name

EQUAL = [
    ("text", "a\r\nb", "a\nb"),
    ("text", "e\u0301", "\u00e9"),
    ("date", "2026-04-16", "4/16/2026"),
    ("date", "2026-04-16", "04/16/2026"),
    ("date", "2026-04-16", "2026-04-16 00:00:00"),
    ("date", "2026-04-16", "4/16/2026 12:00:00 AM"),
    ("number", "1200", "$1,200.00"),
    ("number", "-5", "($5.00)"),
    ("number", "-5", "-$5"),
    ("number", "0.50", ".5"),
    ("number", "-0", "0"),
    ("number", "12345678901234567890.10", "12,345,678,901,234,567,890.1"),
    ("number", "12.5", "12.5%"),
    ("yesno", "Yes", "1"),
    ("yesno", "no", "0"),
    ("yesno", "TRUE", "yes"),
    ("set", "a,b", "b, a"),
    ("set", "a,a,b", "a,b"),
]
DIFFERENT = [
    ("text", "a", "A"),
    ("text", "a", "a "),
    ("text", "1200", "1200.00"),
    ("date", "2026-04-16", "2026-04-17"),
    ("date", "2026-04-16", "16/4/2026"),
    ("date", "2026-04-16", "2026-04-16 14:00:00"),
    ("date", "2026-13-45", "2026-13-46"),
    ("number", "1200", "1,2,00"),
    ("number", "1200", "1200 EUR"),
    ("number", "1e3", "1000"),
    ("number", "5", "-5"),
    ("number", "5", "--5"),
    ("number", "0.1", "0.10000000000000001"),
    ("yesno", "No", ""),
    ("yesno", "Yes", "No"),
    ("yesno", "Yes", "maybe"),
    ("set", "a,b", "a,b,c"),
    ("set", "a", "A"),
    ("list", "Gold", "gold"),
]


@pytest.mark.parametrize(("kind", "one", "other"), EQUAL)
def test_equal(kind: str, one: str, other: str) -> None:
    """The two texts mean the same, from either side."""
    field_type = BY_KIND[kind]()
    assert equal(field_type, one, other)
    assert equal(field_type, other, one)


@pytest.mark.parametrize(("kind", "one", "other"), DIFFERENT)
def test_different(kind: str, one: str, other: str) -> None:
    """The two texts differ, from either side."""
    field_type = BY_KIND[kind]()
    assert not equal(field_type, one, other)
    assert not equal(field_type, other, one)


@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_empty_is_equal_to_empty_alone(kind: str) -> None:
    """Empty is a value of its own in every way."""
    field_type = BY_KIND[kind]()
    assert equal(field_type, "", "")
    assert not equal(field_type, "", "0")


@given(kind=st.sampled_from(sorted(BY_KIND)), text=st.text())
def test_the_canonical_form_is_its_own(kind: str, text: str) -> None:
    """Bringing a canonical form to canonical form changes nothing."""
    field_type = BY_KIND[kind]()
    form = canonical(field_type, text)
    assert canonical(field_type, form) == form


def test_a_list_knows_its_options() -> None:
    """An option that is not among those named is not of the type."""
    assert ListOf(("Gold", "Silver")).parse("gold") is None
    assert ListOf(("Gold", "Silver")).parse("Gold") == "Gold"
    assert TEXT.parse("anything") == "anything"


def test_names_fold_as_rpm_sees_them() -> None:
    """Case and outer spaces do not make a name another one."""
    assert normalize_name(" Straße ") == normalize_name("STRASSE")
    assert normalize_name("Acme") != normalize_name("Acme Inc")
