"""Each error of syntax is one problem, at the place to mend, in words that say what to write instead."""

from __future__ import annotations

import pytest
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # there, though not in its __all__

from reconciler.core.yaml import reader
from reconciler.core.yaml.composer import PROBLEMS_LIMIT
from reconciler.core.yaml.encoding import BYTES_LIMIT
from reconciler.core.yaml.reader import REREAD_LIMIT, PureParser, read_documents

QUOTE = "must be quoted: quote it"
TAB = "a tab is not allowed here: use spaces, or quote the text that contains it"
ALIGN = "this key is indented as if it were part of the value above: align it with the other keys"
UNLIKE = "this is indented unlike the lines around it: align it with the other keys"
DIRECTIVE = "only the directives %YAML 1.1 and %YAML 1.2 are allowed"
ESCAPE = "this escape names no character: write the character itself"

ERRORS = [
    ("Name: @x", f"1:7: a text that begins with @ {QUOTE}"),
    ("Name: `x`", f"1:7: a text that begins with ` {QUOTE}"),
    ("Name: %x", f"1:7: a text that begins with % {QUOTE}"),
    ("Name: {x", f"1:7: a text that begins with {{ {QUOTE}"),
    ("Name: [x\nWebsite: y", f"1:7: a text that begins with [ {QUOTE}"),
    ("Fields:\n  A b: @x", f"2:8: a text that begins with @ {QUOTE}"),
    ("- @x", f"1:3: a text that begins with @ {QUOTE}"),
    ("Name: *b c", "1:7: an alias (*) is not allowed: write the value out, or quote it"),
    ("Name: & b", f"1:7: a text that begins with & {QUOTE}"),
    ("Name: !<x b", f"1:7: a text that begins with ! {QUOTE}"),
    ("Name: A: B", f"1:8: a text that contains `: ` {QUOTE}"),
    ("Name: x\n Website: y", f"2:9: {ALIGN}"),
    ("Name: 'A' B", "1:11: there is text after the closing quote: quote the whole text"),
    ('Name: x\nWebsite: "A', "2:10: the quote that opens here is never closed"),
    ('a: "b\n---\nc"', "1:4: the quote that opens here is never closed"),
    ("Name: - x", "1:7: a text cannot begin with `- ` here: quote it"),
    ("Name: ? x", "1:7: a text cannot begin with `? ` here: quote it"),
    ("Name: x\nWebsite y\nz: w", "2:1: neither `key: value` nor an indented text: is a `: ` missing?"),
    ("Name: |x", "1:8: only + or - may follow | or >, and the text begins on the next line: or quote it"),
    ("a: |\n  x\n y", f"3:2: {UNLIKE}"),
    ("- a\nb: c", f"2:1: {UNLIKE}"),
    ("a: b\n...\nc: d", "3:1: this belongs to nothing above it: align it with the other keys"),
    ("\tName: x", f"1:1: {TAB}"),
    ("Name: x\n\tWebsite: y", f"2:1: {TAB}"),
    ("Name: a\tb", f"1:8: {TAB}"),
    ("a\tb: @x", f"1:2: {TAB}"),
    ("Name: \tb", f"1:7: {TAB}"),
    (r'Name: "\q"', r"1:9: no such escape: write \\ for a backslash, or use single quotes"),
    (r'Name: "\x4"', r"1:10: this escape is not complete: write \\ for a backslash, or use single quotes"),
    (r'Name: "\U00110000"', f"1:8: {ESCAPE}"),
    (r'Name: "\UFFFFFFFF"', f"1:8: {ESCAPE}"),
    ("%YAML 1.99\n---\na: b", f"1:1: {DIRECTIVE}"),
    ("%YAML 2.0\n---\na: b", f"1:1: {DIRECTIVE}"),
    ("%TAG ! x\n---\na: b", f"1:1: {DIRECTIVE}"),
    ("%YAML 1." + "9" * 5000 + "\n---\na: b", f"1:1: {DIRECTIVE}"),
    ("a: >#b\n", "1:5: only + or - may follow | or >, and the text begins on the next line: or quote it"),
    (",", "1:1: a text is missing here, or it begins with a sign that YAML reserves: quote it"),
    ("''`", "1:3: a text that begins with this sign must be quoted: quote it"),
    ("? !!`", "1:5: tags (!) are not allowed: quote the text if it begins with !"),
    ("'' !<x>y", "1:8: tags (!) are not allowed: quote the text if it begins with !"),
    ("''&", "1:4: anchors (&) and aliases (*) are not allowed: quote the text if it begins so"),
    ("[what?\nnot]", f"1:1: a text that begins with [ {QUOTE}"),
]  # fmt: skip


@pytest.fixture(params=[CParser, PureParser], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test here runs with the C parser and with the pure one."""
    monkeypatch.setattr(reader, "FAST_PARSER", request.param)


@pytest.mark.parametrize(("text", "problem"), ERRORS, ids=[text[:24] for text, _ in ERRORS])
def test_an_error_says_where_and_what_to_write(text: str, problem: str) -> None:
    _, problems = read_documents(text.encode(), "f")
    assert [str(found) for found in problems] == [f"f:{problem}"]


@pytest.mark.parametrize(("text", "problem"), ERRORS, ids=[text[:24] for text, _ in ERRORS])
def test_a_long_file_is_read_once_and_told_of_in_the_same_words(
    text: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pure parser takes ten seconds for a megabyte; only the column may be another than in a short file."""
    monkeypatch.setattr(reader, "REREAD_LIMIT", 0)
    _, (found,) = read_documents(text.encode(), "f")
    line, _, message = problem.split(":", 2)
    assert (found.mark.line, found.message) == (int(line), message.strip())


WORST = {
    "anchors": "- &a b\n",
    "tags": "!t b: !t c\n",
    "repeated keys": "a: b\n",
    "aliases": "- *a\n",
    "escapes": '- "\\x07"\n',
    "merge keys": "<<: a\n",
    "odd keys": "[a]: b\n",
}


@pytest.mark.parametrize("line", WORST.values(), ids=WORST)
def test_a_file_of_errors_alone_is_left_behind_a_hundred_of_them(line: str) -> None:
    """However large: what stands behind is not even parsed, and the last line says so."""
    _, problems = read_documents(line.encode() * (BYTES_LIMIT // len(line)), "f")
    assert len(problems) == PROBLEMS_LIMIT + 1
    assert problems[-1].message == "and more: after 100 problems the rest of the file is not read"
    assert problems[-1].mark.line <= PROBLEMS_LIMIT + 2


def test_an_error_at_the_end_of_a_long_file_is_found_by_the_fast_parser_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a file holds, the slow parser sees at most as much of it as it reads in a second."""
    seen: list[int] = []

    def slow(text: str) -> PureParser:
        seen.append(len(text))
        return PureParser(text)

    monkeypatch.setattr(reader, "PureParser", slow)
    for size in (REREAD_LIMIT, REREAD_LIMIT + 1):
        end = "\nName: A: B"
        _, (found,) = read_documents(("#" * (size - len(end)) + end).encode(), "f")
        assert str(found) == f"f:2:8: a text that contains `: ` {QUOTE}"
    assert seen == [REREAD_LIMIT]


@pytest.mark.parametrize(("text", "slow"), [
    ("Website: x?y\nNotes: see [1], {2}\n", False),
    ("Website: x?y\nNotes: 'a - [1]'\n", True),
    ("Website: x?y\nFields: {Zip: '1'}\n", True),
    ("? [a]\n: b\n", True),
    ("Notes: [1], {2}\n", True),
    ("Website: x?y\nTier: Gold\n", False),
])  # fmt: skip
def test_only_where_the_parsers_may_differ_is_the_slow_one_asked(text: str, slow: bool) -> None:  # noqa: FBT001
    """A ? inside [ ] or { } is where the C parser takes what the other refuses; a bracket within a text opens nothing."""
    assert reader._parsers_differ(text) is (slow and "?" in text)


def test_an_error_nobody_has_words_for_keeps_those_of_the_parser() -> None:
    _, problems = read_documents(b"? !e!x", "f")
    said = "the parser: while parsing a node found undefined tag handle '!e!'"
    assert [str(problem) for problem in problems] == [
        f"f:1:3: YAML cannot be read here; quoting the text usually helps ({said})"
    ]
