"""What is unsafe to look at is escaped, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.nearest import nearest
from reconciler.core.text import printable, shortened, spelled

ESCAPED = [
    ("a\nb\rc\td", r"a\nb\rc\td"),
    ("\x1b[31m\x00\x7f\x9b", r"\x1b[31m\x00\x7f\x9b"),
    ("\u202eevil\u2066\u061c", r"\u202eevil\u2066\u061c"),
    ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
    ("bad\udcff.yaml", r"bad\xff.yaml"),
    ("\ud800", r"\ud800"),
    ("\ufeff\u200b", r"\ufeff\u200b"),
    ("\U000e0041", r"\U000e0041"),
    ("Sales\u00a0Division", "Sales<U+00A0>Division"),
    ("a\u2009b\u2800c\u3164d\u00ade", "a<U+2009>b<U+2800>c<U+3164>d<U+00AD>e"),
    ("a\nb\u00a0", r"a\nb<U+00A0>"),
]
KEPT = ["", "plain", "back\\slash \\n", "Ünïcödé", "日本語", "全\u3000角", "👩‍💻", "e\u0301", "`|<>@*_"]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), ESCAPED)
def test_unsafe_characters_are_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize("text", KEPT)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_a_caller_may_keep_line_breaks() -> None:
    assert printable("a\nb\r", keep="\n") == "a\nb\\r"


def test_a_long_name_is_cut_to_the_limit() -> None:
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == "x" * 59 + "…"


def test_a_name_in_another_unicode_form_is_told_from_its_twin() -> None:
    assert shortened("Cafe\u0301") == "Cafe<U+0301>"
    assert shortened("Caf\u00e9") == "Café"
    assert shortened("\u1112\u1161") == "\u1112<U+1161>"
    assert shortened("e\u0301" * 40) == "e<U+0301>" * 29 + "e…"
    assert spelled("Caf\u00e9 e\u0301") == "Caf<U+00E9> e<U+0301>"
    assert nearest("Cafe\u0301", ["Caf\u00e9", "Tier"]) == '; did you mean "Caf<U+00E9>"?'
    assert nearest("Caf\u00e8", ["Caf\u00e9"]) == '; did you mean "Café"?'
    assert nearest("Sales Division", ["Sales\u00a0Division"]) == '; did you mean "Sales<U+00A0>Division"?'


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_any_text_becomes_printable_and_showing_twice_changes_nothing(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) <= 0x9F for character in shown)
    assert printable(shown) == shown
