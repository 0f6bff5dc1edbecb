"""One value in its place: quotes, blocks, tags, comments and line ends around it stay."""

from __future__ import annotations

import pytest

from reconciler.core.errors import InputError
from reconciler.customers.rewrite import edited

HEAD = "CustomerID: 7\nName: Acme\nFields:\n"


def edit_of(before: str, text: str) -> str:
    """A field's lines after its value became another."""
    after = edited((HEAD + before).encode(), "f", {1: {"Fields.A": text}}).decode()
    assert after.startswith(HEAD)
    return after.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("  A: x  # c\n", "y", "  A: y  # c\n"),
        ("  A: x  # c\n", "", '  A: ""  # c\n'),
        ("  A: x\n", "~", "  A: '~'\n"),
        ("  A: x\n", "Null", "  A: 'Null'\n"),
        ("  A: x\n", "a: b", "  A: 'a: b'\n"),
        ("  A: x\n", "a #b", "  A: 'a #b'\n"),
        ("  A: x\n", " x", "  A: ' x'\n"),
        ("  A: x\n", "a:", "  A: 'a:'\n"),
        ("  A: x\n", "-5", "  A: -5\n"),
        ("  A: x\n", "- 5", "  A: '- 5'\n"),
        ("  A: x\n", "it's", "  A: it's\n"),
        ("  A: x\n", "two\nlines", '  A: "two\\nlines"\n'),
        ("  A: 'x'\n", "it's", "  A: 'it''s'\n"),
        ("  A: 'x'\n", "", "  A: ''\n"),
        ("  A: 'x'\n", "two\nlines", '  A: "two\\nlines"\n'),
        ('  A: "x"\n', 'a\\b"\t', '  A: "a\\\\b\\"\\t"\n'),
        ('  A: "x\n    y"\n', "z", '  A: "z"\n'),
        ("  A: x\n    y\n  B: z\n", "z", "  A: z\n  B: z\n"),
        ("  A: !!str x\n", "#1", "  A: !!str '#1'\n"),
        ("  A: !!str |\n   x\n", "y", "  A: !!str |\n   y\n"),
        ("  ? A\n  : x\n", "y", "  ? A\n  : y\n"),
        ("  A:\n\n    # why\n    x\n", "y", "  A:\n\n    # why\n    y\n"),
    ],
)
def test_a_value_on_a_line(before: str, text: str, after: str) -> None:
    """The quotes it had, or such as can say it."""
    assert edit_of(before, text) == after


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("  A: |  # c\n     x\n  B: z\n", "a\n\n  b", "  A: |  # c\n     a\n\n       b\n  B: z\n"),
        ("  A: |2\n     x\n", "a", "  A: |2\n    a\n"),
        ("  A: |2\n     x\n", "  a", "  A: |2\n      a\n"),
        ("  A: |\n    x\n", "  a", "  A: '  a'\n"),
        ("  A: |  # c\n    x\n", "", '  A: ""  # c\n'),
        ("  A: |\n    x\n", "a\n", '  A: "a\\n"\n'),
        ("  A: |\n    x\n", "a\n \nb", '  A: "a\\n \\nb"\n'),
        ("  A: |+\n    x\n\n  B: z\n", "a\n", "  A: |+\n    a\n  B: z\n"),
        ("  A: |+\n    x\n\n  B: z\n", "a", "  A: |-\n    a\n  B: z\n"),
        ("  A: >-\n    x\n    y\n  B: z\n", "a b\nc\n\nd", "  A: >-\n    a b\n\n    c\n\n\n    d\n  B: z\n"),
        ("  A: >\n    x\n", "a\n  b", '  A: "a\\n  b"\n'),
        ("  A: |\n    x", "y", "  A: |\n    y"),
        ("  A: |+\n    x", "y\n", '  A: "y\\n"'),
    ],
)
def test_a_block_scalar(before: str, text: str, after: str) -> None:
    """Mark, comment and indentation stay; quotes take its place where it cannot say the text."""
    assert edit_of(before, text) == after


def test_line_ends_and_mark_stay() -> None:
    """In a file of CRLF, lines of a block end so too, and the escape does not."""
    before = "\ufeffName: Acme\r\nFields:\r\n  A: |\r\n    x\r\n  B: x\r\n"
    after = edited(before.encode(), "f", {1: {"Fields.A": "1\n2", "Fields.B": "1\n2"}}).decode()
    assert after == '\ufeffName: Acme\r\nFields:\r\n  A: |\r\n    1\r\n    2\r\n  B: "1\\n2"\r\n'


def test_flow_style_quotes_what_it_must() -> None:
    """A comma or a brace between braces ends a plain text."""
    before = b"{Name: a, Fields: {A: x, B: 'y'}} # c\n"
    after = edited(before, "f", {1: {"Name": "a, b", "Fields.A": "a:b", "Fields.B": "z"}})
    assert after == b"{Name: 'a, b', Fields: {A: 'a:b', B: 'z'}} # c\n"


@pytest.mark.parametrize("text", ["a\x07", "a\u202e", "a\ud800", "a\r", "x" * 5001])
def test_what_no_file_may_hold_is_refused(text: str) -> None:
    """Rather an error than a file that stops the next plan."""
    with pytest.raises(InputError, match="editing f: "):
        edit_of("  A: x\n", text)


@pytest.mark.parametrize("wanted", [{1: {"Fields.B": "x"}}, {1: {"Website": "x"}}, {2: {"Name": "x"}}])
def test_nothing_is_added(wanted: dict[int, dict[str, str]]) -> None:
    """An attribute or a customer that the file does not mention is an error."""
    with pytest.raises(InputError, match="editing f: it says nothing of "):
        edited(f"{HEAD}  A: x\n".encode(), "f", wanted)


def test_a_file_with_a_problem_is_not_edited() -> None:
    """What it means is not known."""
    with pytest.raises(InputError, match=r"editing f: .*unknown key"):
        edited(b"Name: a\nNmae: b\n", "f", {1: {"Name": "c"}})
