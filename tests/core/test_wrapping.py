"""Sentences on lines of a width: no line too long that could be shorter, and nothing that somebody copies in two."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.wrapping import line_starts, wrapped

ADVICE = (
    "  → use a key of that subscription, or correct `subscriber:` (--subscriber 1207); nothing was edited"
)


def test_a_line_goes_on_below_where_its_words_begin() -> None:
    assert wrapped(ADVICE, 40) == (
        "  → use a key of that subscription, or\n    correct `subscriber:`\n    (--subscriber 1207); nothing was\n    edited"
    )


@pytest.mark.parametrize(
    "whole",
    [
        "`reconciler apply --base main --expect sha256:0123`",
        "--confirm-edits 312",
        "customers/a-very-long-folder/a-file.yaml:12:3:",
        "10023,10042,10098",
        "(`reconciler check`),",
    ],
)
@pytest.mark.parametrize("width", [1, 20, 40])
def test_what_somebody_copies_stays_on_one_line(whole: str, width: int) -> None:
    lines = wrapped(f"one or two words, then {whole} and more words", width).split("\n")
    assert any(whole in line for line in lines)


def test_a_path_with_spaces_is_kept_if_it_is_told_to_be_one() -> None:
    text = "customers/a b c.yaml:1: too long"
    assert line_starts(text, 10, keep="customers/a b c.yaml:1") == [text.index("too")]
    assert wrapped(text, 30, keep="customers/a b c.yaml:1") == "customers/a b c.yaml:1: too\nlong"


def test_a_word_that_no_line_can_hold_stays_behind_its_label() -> None:
    assert wrapped("Next: `reconciler apply --expect sha256:0123` and so on", 20) == (
        "Next: `reconciler apply --expect sha256:0123`\nand so on"
    )


def test_what_fits_is_left_as_it_is() -> None:
    assert wrapped(f"{ADVICE}\n\nlast", 200) == f"{ADVICE}\n\nlast"


@given(st.text(alphabet=st.sampled_from("ab `-→\n"), max_size=80), st.integers(1, 30))
def test_wrapping_changes_nothing_but_spaces_and_line_ends(text: str, width: int) -> None:
    assert wrapped(text, width).split() == text.split() or "→" in text
    assert "".join(wrapped(text, width).split()) == "".join(text.split())


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=9), min_size=1, max_size=20), st.integers(9, 40))
def test_no_line_is_longer_than_the_width_or_could_hold_the_next_word(words: list[str], width: int) -> None:
    lines = wrapped(" ".join(words), width).split("\n")
    assert max(map(len, lines)) <= width
    assert all(len(f"{one} {other.split()[0]}") > width for one, other in itertools.pairwise(lines))
