"""What is written as text comes back as that text, and no bytes at all break the reading."""

from __future__ import annotations

import json
import unicodedata

import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.attributes import FIELD_NAME_LIMIT, NAME
from reconciler.core.field_types import normalize_name
from reconciler.core.yaml.encoding import refused_character
from reconciler.core.yaml.reader import Mapping, Node, Rejected, Scalar, Sequence, read_documents
from reconciler.customers.manifest import read_file

FORMS = ["dump", "dump wide", "json"]
PIECES = [
    "Name", "Website", "Fields", "CustomerID", ": ", ":", " ", "\n", "\n  ", "- ", "? ", "[", "]", "{", "}", ", ",
    '"', "'", " #", "|", ">-", "\n---\n", "&a ", "*a", "!x ", "<<", "\t", "\\", "\\x41", "\r\n", "é", "😀", "~",
    "%YAML 1.2\n", "@", "`", "\ufeff", "0", "x y",
]  # fmt: skip


def ordinary(text: str) -> bool:
    """Whether a file may hold the text at all, and YAML's own dumper writes it without a change."""
    stacked = any(unicodedata.category(character).startswith("M") for character in text)
    return not refused_character(text) and "\t" not in text and not stacked


values = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=100
)
values |= st.sampled_from(
    ["", "NO", "01234", "1e3", "12:30:45", "2026-04-16", "0x1F", "yes", "NULL", "null", "~"]
)
values |= st.lists(st.sampled_from(["x", " ", "\n", "#", ": ", "- ", "'", '"', "\\"]), max_size=30).map(
    "".join
)
names = st.text(
    st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x17F), min_size=1, max_size=NAME.limit
)


@given(
    name=names,
    fields=st.dictionaries(
        names.filter(lambda name: len(name) <= FIELD_NAME_LIMIT), values.filter(ordinary), max_size=5
    ),
    form=st.sampled_from(FORMS),
)
def test_text_that_yaml_or_json_wrote_comes_back(name: str, fields: dict[str, str], form: str) -> None:
    fields = {normalize_name(key): value for key, value in fields.items()}
    document = {"Name": name, **({"Fields": fields} if fields else {})}
    if form == "json":
        written = json.dumps(document, ensure_ascii=False)
    else:
        written = yaml.safe_dump(document, allow_unicode=True, width=80 if form == "dump" else 100_000)
    customers, problems, _ = read_file(written.encode(), "f", {})
    assert problems == []
    (customer,) = customers
    assert customer.values == {
        "Name": name,
        **{f"Fields.{key}": value for key, value in fields.items()},
    }


def places(node: Node) -> list[Node]:
    """The node and all below it."""
    if isinstance(node, Mapping):
        return [node, *(below for pair in node.entries for part in pair for below in places(part))]
    if isinstance(node, Sequence):
        return [node, *(below for item in node.items for below in places(item))]
    return [node]


def check(content: bytes) -> None:
    customers, problems, warnings = read_file(content, "f", {})
    assert customers or problems
    lines = content.decode(errors="replace").removeprefix("\ufeff").split("\n")
    for problem in (*problems, *warnings):
        assert problem.message.isprintable()
        assert 1 <= problem.mark.line <= len(lines)
        assert 1 <= problem.mark.column <= len(lines[problem.mark.line - 1]) + 1


@given(st.binary(max_size=200))
def test_any_bytes_give_customers_or_problems(content: bytes) -> None:
    check(content)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_yaml_gives_customers_or_problems(text: str) -> None:
    check(text.encode())


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_the_token_of_every_text_begins_at_its_line_and_column(text: str) -> None:
    decoded = text.encode().decode()
    shift = 1 if text.startswith("\ufeff") else 0
    for document in read_documents(text.encode(), "f")[0]:
        for node in places(document):
            if isinstance(node, Scalar):
                assert node.line == decoded.count("\n", 0, node.start) + 1
                column = node.start - decoded.rfind("\n", 0, node.start)
                assert node.column == column - (shift if node.line == 1 else 0)
                assert node.start <= node.end <= len(decoded)
            else:
                assert isinstance(node, (Mapping, Sequence, Rejected))
