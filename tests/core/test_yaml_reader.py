"""Strict YAML: texts as they are written, with places and offsets, the same from both parsers, within bounds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # there, though not in its __all__

from reconciler.core.yaml import reader
from reconciler.core.yaml.composer import DEPTH_LIMIT, NODES_LIMIT, SCALAR_LIMIT
from reconciler.core.yaml.encoding import BYTES_LIMIT
from reconciler.core.yaml.reader import Mapping, PureParser, Rejected, Scalar, Sequence, read_documents

if TYPE_CHECKING:
    from reconciler.core.yaml.reader import Node


@pytest.fixture(params=[CParser, PureParser], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test here runs with the C parser and with the pure one."""
    monkeypatch.setattr(reader, "FAST_PARSER", request.param)


def read(text: str | bytes) -> list[Node]:
    nodes, problems = read_documents(text if isinstance(text, bytes) else text.encode(), "f.yaml")
    assert problems == []
    return nodes


def value(text: str) -> Scalar:
    (node,) = read(text)
    assert isinstance(node, Mapping)
    scalar = node.entries[-1][1]
    assert isinstance(scalar, Scalar)
    return scalar


def complaints(text: str | bytes) -> list[str]:
    _, problems = read_documents(text if isinstance(text, bytes) else text.encode(), "f")
    return [str(problem) for problem in problems]


def test_a_mapping_keeps_its_order_and_places() -> None:
    (node,) = read("b: 1\na:\n  - x\n  - {c: d}\n")
    assert isinstance(node, Mapping)
    assert [(key.text, key.line, key.column) for key, _ in node.entries] == [("b", 1, 1), ("a", 2, 1)]
    items = node.entries[1][1]
    assert isinstance(items, Sequence)
    assert (items.line, items.column) == (3, 3)
    assert [type(item) for item in items.items] == [Scalar, Mapping]


@pytest.mark.parametrize(
    ("written", "text", "style"),
    [
        ("a: b c", "b c", "plain"),
        ("a: 'it''s'", "it's", "single"),
        (r'a: "x\ty\u00e9"', "x\tyé", "double"),
        (r'a: "x\r\ny"', "x\ny", "double"),
        ("a: |\n  x\n  y\n", "x\ny", "literal"),
        ("a: |\n  x\n\n\n", "x", "literal"),
        ("a: |-\n  x\n\n", "x", "literal"),
        ("a: |+\n  x\n\n", "x\n\n", "literal"),
        ("a: |2+\n   x\n", " x\n", "literal"),
        ("a: |+2\n   x\n", " x\n", "literal"),
        ("a: >\n  x\n  y\n", "x y", "folded"),
        ("a: >+\n  x\n  y\n\n", "x y\n\n", "folded"),
        ("a: !!str |+\n  x\n", "x\n", "literal"),
        ("a: !!str 01", "01", "plain"),
        ("a: | # +\n  x\n", "x", "literal"),
        ("a: |\r\n  x\r\n  y\r\n", "x\ny", "literal"),
        ("a:", "", "plain"),
        ("a: ''", "", "single"),
    ],
)
def test_a_scalar_is_its_text_without_the_break_that_ends_a_block(
    written: str, text: str, style: str
) -> None:
    assert (value(written).text, value(written).style) == (text, style)


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("a: b c  # d\n", "b c"),
        ("a: 'b'  # d\n", "'b'"),
        ('é: "b"', '"b"'),
        ("a: !!str b\n", "!!str b"),
        ("a: |\n  x\n  y  \n\n\n# c\n", "|\n  x\n  y  "),
        ("a: |\r\n  x\r\n\r\n", "|\r\n  x"),
        ("a: |+\n  x\n\n# c\n", "|+\n  x\n"),
        ("a: >-\n  x", ">-\n  x"),
        ("a: |\n  \xa0\n", "|\n  \xa0"),
        ("a: |\n\n", "|"),
        ("a: b\n  c\n", "b\n  c"),
        ("\ufeffa: b\n", "b"),
        ("\ufeffa: |\n  x\n", "|\n  x"),
    ],
)
def test_offsets_cut_the_token_out_of_the_decoded_file(written: str, token: str) -> None:
    scalar = value(written)
    assert written.encode().decode()[scalar.start : scalar.end] == token


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("# c\na: b # d\nc: 'd'  # e\n\n", ["a: b # d\nc: 'd'", "b", "'d'"]),
        ("a:\n  b: |\n    x\n\n# }\nc:\n", ["a:\n  b: |\n    x\n\n# }\nc:", "b: |\n    x", ""]),
        ("\ufeff{a: {b: '}' } , # }\nc: d } # e\n", ["{a: {b: '}' } , # }\nc: d }", "{b: '}' }", "d"]),
        ("  ? a\n  : {}\n", ["? a\n  : {}", "{}"]),
        ("a:\n- x\n- y # z\n", ["a:\n- x\n- y", "- x\n- y"]),
        ("a: [x, y ] # z\n", ["a: [x, y ]", "[x, y ]"]),
    ],
)
def test_offsets_cut_lists_and_mappings_out_too(written: str, tokens: list[str]) -> None:
    text = written.encode().decode()
    (node,) = read(written)
    assert isinstance(node, Mapping)
    assert [text[it.start : it.end] for it in (node, *(value for _, value in node.entries))] == tokens
    assert node.flow is ("{" in written[:2])


@pytest.mark.parametrize("text", ["😀: x", "\ufeffa: x\r\nb: x"])
def test_columns_count_characters(text: str) -> None:
    assert value(text).column == 4


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "\ufeff"])
def test_a_file_without_a_document_has_no_nodes(text: str) -> None:
    assert read(text) == []


def test_documents_are_separate_and_an_empty_one_is_an_empty_scalar() -> None:
    nodes = read("--- a\n---\n--- c\n...\n")
    assert [node.text for node in nodes if isinstance(node, Scalar)] == ["a", "", "c"]


def test_the_end_of_a_file_without_a_line_break_has_one_place() -> None:
    (node,) = read("---")
    assert (node.line, node.column) == (1, 4)


def test_documents_before_an_error_are_given() -> None:
    nodes, problems = read_documents(b"a: b\n---\nc: @d\n", "f")
    assert [type(node) for node in nodes] == [Mapping]
    assert [problem.mark.line for problem in problems] == [3]


@pytest.mark.parametrize("directive", ["%YAML 1.1", "%YAML 1.2", "%YAML 1.2  # newest"])
def test_a_version_directive_is_accepted(directive: str) -> None:
    assert len(read(f"{directive}\n---\na: b\n")) == 1


def test_one_pass_reports_all_that_is_refused_and_goes_on() -> None:
    text = "a: &x b\nc: *x\nd: !foo e\n<<: f\na: g\n[h]: i\n: j\n? ''\n"
    assert [line.split(": ")[0] for line in complaints(text.replace(": j", "? \n: j"))] == [
        "f:1:4", "f:2:4", "f:3:4", "f:4:1", "f:5:1", "f:6:1", "f:7:2",
    ]  # fmt: skip


def test_a_repeated_key_names_both_lines_and_the_first_stays() -> None:
    nodes, problems = read_documents(b"a: b\nc: d\na: e\n", "f")
    assert [str(problem) for problem in problems] == [
        'f:3:1: the key "a" is on line 1 already and again on line 3'
    ]
    assert isinstance(nodes[0], Mapping)
    assert [key.line for key, _ in nodes[0].entries] == [1, 2]


@pytest.mark.parametrize("text", ["a: *b", "a: &b", "a: !b c", r'a: "\u202e"', r'a: "\ud800"'])
def test_what_was_refused_leaves_a_node_that_says_so(text: str) -> None:
    nodes, problems = read_documents(text.encode(), "f")
    assert len(problems) == 1
    assert isinstance(nodes[0], Mapping)
    assert nodes[0].entries[0][1] == Rejected(1, 4, 3, 3)


def test_problems_come_in_the_order_of_the_file() -> None:
    assert [line.split(": ")[0] for line in complaints("a: b\na: &x c\n")] == ["f:2:1", "f:2:4"]


def test_a_quoted_merge_key_and_a_merge_value_are_text() -> None:
    assert value('"<<": <<').text == "<<"


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def test_depth_is_bounded() -> None:
    assert len(read(nested(DEPTH_LIMIT))) == 1
    assert complaints(nested(DEPTH_LIMIT + 1)) == ["f:1:21: more than 20 levels, one inside the other"]


def test_scalars_are_bounded() -> None:
    assert len(value("a: " + "x" * SCALAR_LIMIT).text) == SCALAR_LIMIT
    assert complaints("a: " + "x" * (SCALAR_LIMIT + 1)) == [
        "f:1:4: a text of 10,001 characters; at most 10,000 are read"
    ]


@pytest.mark.parametrize(
    "parser", [CParser], indirect=True
)  # the bound is behind the parser, and the pure one takes 8 s
def test_nodes_are_bounded() -> None:
    assert len(read("[" + "a," * (NODES_LIMIT - 1) + "]")) == 1
    assert complaints("[" + "a," * NODES_LIMIT + "]") == [
        "f:1:400000: more than 200,000 texts, lists and mappings in one file"
    ]


def test_a_file_is_bounded() -> None:
    assert read(b"#" * BYTES_LIMIT) == []
    assert complaints(b"#" * (BYTES_LIMIT + 1)) == [
        "f:1:1: the file has 1,000,001 bytes or more; at most 1,000,000 are read"
    ]


@pytest.mark.parametrize(
    "text", ["[" * 50_000, "- " * 100_000, "? " * 100_000, "{a: " * 50_000, '["a", ' * 50_000, "\t" + "[" * 50_000],
)  # fmt: skip
def test_a_file_of_nothing_but_depth_is_refused_at_once(text: str) -> None:
    begun = time.process_time()
    assert len(complaints(text)) == 1
    assert time.process_time() - begun < 10
