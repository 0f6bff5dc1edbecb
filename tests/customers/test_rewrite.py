"""One value in its place: quotes, blocks, tags, comments and line ends around it stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.core.errors import InputError
from reconciler.customers.manifest import parse_file
from reconciler.customers.rewrite import rewrite_values

if TYPE_CHECKING:
    from reconciler.core.field_types import FieldType
    from reconciler.customers.manifest import ParsedFile
    from reconciler.customers.rewrite import Edits

HEAD = "CustomerID: 7\nName: Acme\nFields:\n"


def edit_of(before: str, text: str) -> str:
    """A field's lines after its value became another."""
    after = rewrite_values((HEAD + before).encode(), "f", {7: {"Fields.A": text}}).decode()
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
    after = rewrite_values(before.encode(), "f", {"Acme": {"Fields.A": "1\n2", "Fields.B": "1\n2"}}).decode()
    assert after == '\ufeffName: Acme\r\nFields:\r\n  A: |\r\n    1\r\n    2\r\n  B: "1\\n2"\r\n'


def test_flow_style_quotes_what_it_must() -> None:
    """A comma or a brace between braces ends a plain text."""
    before = b"{Name: a, Fields: {A: x, B: 'y'}} # c\n"
    after = rewrite_values(before, "f", {"a": {"Name": "a, b", "Fields.A": "a:b", "Fields.B": "z"}})
    assert after == b"{Name: 'a, b', Fields: {A: 'a:b', B: 'z'}} # c\n"


@pytest.mark.parametrize("text", ["a\x07", "a\u202e", "a\ud800", "a\r", "x" * 5001])
def test_what_no_file_may_hold_is_refused(text: str) -> None:
    """Rather an error than a file that stops the next plan."""
    with pytest.raises(InputError, match="editing f: "):
        edit_of("  A: x\n", text)


@pytest.mark.parametrize("wanted", [{7: {"Fields.B": "x"}}, {7: {"Website": "x"}}])
def test_nothing_is_added_unasked(wanted: Edits) -> None:
    """Without `add`, an attribute that the file does not mention is an error."""
    with pytest.raises(InputError, match="editing f: it says nothing of "):
        rewrite_values(f"{HEAD}  A: x\n".encode(), "f", wanted)


def test_a_file_with_a_problem_is_not_edited() -> None:
    """What it means is not known."""
    with pytest.raises(InputError, match=r"editing f: .*unknown key"):
        rewrite_values(b"Name: a\nNmae: b\n", "f", {"a": {"Name": "c"}})


@pytest.mark.parametrize(
    ("before", "texts", "after"),
    [
        pytest.param("Name: n\n", {"Website": "w"}, "Name: n\nWebsite: w\n", id="behind the name"),
        pytest.param("Name: n", {"Website": "w"}, "Name: n\nWebsite: w", id="no last line break"),
        pytest.param(
            "Name: n  # c\n# d\nFields:\n  A: x\n",
            {"Address": "a", "Website": "w"},
            "Name: n  # c\nWebsite: w\nAddress: a\n# d\nFields:\n  A: x\n",
            id="canonical order, comments stay",
        ),
        pytest.param(
            "Website: w\nName: n\n", {"Address": "a"}, "Website: w\nAddress: a\nName: n\n", id="keys in another order"
        ),
        pytest.param(
            "Name: n\nFields:\n    A: x  # c\n    # d\n\n# e\n",
            {"Fields.B": "", "Fields.C: d": "two\nlines"},
            "Name: n\nFields:\n    A: x  # c\n    B: \"\"\n    'C: d': |\n      two\n      lines\n    # d\n\n# e\n",
            id="fields behind the last one",
        ),
        pytest.param(
            "Name: n\nAddress: |\n  x\n\n---\nName: m\n",
            {"Fields.A": "a"},
            "Name: n\nAddress: |\n  x\nFields:\n  A: a\n\n---\nName: m\n",
            id="first field",
        ),
        pytest.param(
            "Name: n\nAddress: |+\n  x\n\n",
            {"Fields.A": "a"},
            "Name: n\nAddress: |+\n  x\n\nFields:\n  A: a\n",
            id="behind kept line breaks",
        ),
        pytest.param(
            "  Name: n\n  Fields: {}\n", {"Fields.A": "a, b"}, "  Name: n\n  Fields: {A: 'a, b'}\n", id="empty braces"
        ),
        pytest.param("  Name: n\n", {"Fields.A": "a"}, "  Name: n\n  Fields:\n    A: a\n", id="indented document"),
        pytest.param(
            "Name: n\nFields: {A: x} # c\n", {"Fields.B": "y"}, "Name: n\nFields: {A: x, B: y} # c\n", id="braces"
        ),
        pytest.param(
            "{Name: n, # c\n}\n",
            {"Fields.B": "y", "Fields.C": "z", "Website": "w"},
            "{Name: n, Website: w, Fields: {B: y, C: z}, # c\n}\n",
            id="document in braces",
        ),
        pytest.param("Name: n\r\n", {"Fields.A": "a"}, "Name: n\r\nFields:\r\n  A: a\r\n", id="CRLF"),
        pytest.param("\ufeffName: n\n", {"Name": "m", "Website": "w"}, "\ufeffName: m\nWebsite: w\n", id="mark"),
        pytest.param(
            "Name: n\n\n # c\n", {"Address": "a\nb"}, 'Name: n\nAddress: "a\\nb"\n\n # c\n', id="no block over a comment"
        ),
        pytest.param("? Name\n: n\n", {"Website": "w"}, "? Name\n: n\nWebsite: w\n", id="question mark"),
    ],
)  # fmt: skip
def test_an_attribute_is_added_in_its_place(before: str, texts: dict[str, str], after: str) -> None:
    """With `add`; every other byte stays, and adding again changes nothing."""
    once = rewrite_values(before.encode(), "f", {"n": texts}, add=True)
    assert once.decode() == after
    key = texts.get("Name", "n")
    assert rewrite_values(once, "f", {key: texts}, add=True) == once


@pytest.mark.parametrize("texts", [{"Website": "a\nb"}, {"Fields.": "x"}, {"Fields.A\u202e": "x"}])
def test_what_cannot_be_added_is_refused(texts: dict[str, str]) -> None:
    """As a value that cannot be changed."""
    with pytest.raises(InputError, match="editing f: "):
        rewrite_values(b"Name: n\n", "f", {"n": texts}, add=True)


def test_a_customer_goes_by_id_or_name_and_not_by_place() -> None:
    """K13: another document above it changes nothing about whose value is written."""
    above = "CustomerID: 9\nName: Other\nWebsite: w\n---\n"
    before = "CustomerID: 7\nName: Acme\nWebsite: w\n---\nName: Bolt\nWebsite: w\n"
    after = before.replace("Acme\nWebsite: w", "Acme\nWebsite: x").replace(
        "Bolt\nWebsite: w", "Bolt\nWebsite: y"
    )
    edits: Edits = {7: {"Website": "x"}, "Bolt": {"Website": "y"}}
    assert rewrite_values(before.encode(), "f", edits) == after.encode()
    assert rewrite_values((above + before).encode(), "f", edits) == (above + after).encode()
    with pytest.raises(InputError, match="editing f: it contains no customer Acme"):
        rewrite_values(before.encode(), "f", {"Acme": {"Website": "x"}})


def test_a_thousand_edits_of_one_file_read_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once to find the values and once to prove the result; the cost grows with the file, not with its square."""
    reads = []

    def counting(content: bytes, file: str, field_types: dict[str, FieldType]) -> ParsedFile:
        reads.append(file)
        return parse_file(content, file, field_types)

    monkeypatch.setattr("reconciler.customers.rewrite.parse_file", counting)
    content = "---\n".join(f"CustomerID: {i}\nName: C{i}\n" for i in range(1, 1001))
    after = rewrite_values(content.encode(), "f", {i: {"Website": "w"} for i in range(1, 1001)}, add=True)
    assert len(reads) == 2
    assert after.count(b"Website: w") == 1000
