"""Canonical form: what moves, what is rewritten, and where comments and blank lines go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.core.errors import InvalidFiles
from reconciler.core.yaml.nodes import Mapping
from reconciler.customers.formatter import format_file, is_plainly_canonical
from reconciler.customers.manifest import parse_file

if TYPE_CHECKING:
    from reconciler.core.field_types import FieldType
    from reconciler.customers.manifest import ParsedFile


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("Fields:\n  B: x\n  A: y\nName: n\n", "Name: n\nFields:\n  B: x\n  A: y\n", id="order"),
        pytest.param("Name: n\nAddress: 'a: b'\n", "Name: n\nAddress: 'a: b'\n", id="needed quotes"),
        pytest.param("Name: 'n'\nAddress: ''\n", 'Name: n\nAddress: ""\n', id="needless quotes"),
        pytest.param('Name: "n"\nAddress: "a\\nb"\n', 'Name: n\nAddress: "a\\nb"\n', id="lines in quotes"),
        pytest.param("Name:\n   n\n   m\n", "Name: n m\n", id="text over several lines"),
        pytest.param("? Name\n: n\n", "Name: n\n", id="question mark"),
        pytest.param("Name: !!str n\n", "Name: n\n", id="tag"),
        pytest.param("  Name: n\n  Fields:\n      A: x\n", "Name: n\nFields:\n  A: x\n", id="indentation"),
        pytest.param("Name: n", "Name: n\n", id="final line break"),
        pytest.param("\n\n# a\n\n\n\n# b\n\nName: n\n\n\n", "# a\n\n# b\n\nName: n\n", id="blank lines"),
        pytest.param("Name: n # c\n", "Name: n  # c\n", id="beside"),
        pytest.param("Name: # c\n  n # d\n", "# c\nName: n  # d\n", id="two beside"),
        pytest.param("Name:\n  # c\n  n\n", "# c\nName: n\n", id="between"),
        pytest.param(
            "# yaml-language-server: $schema=x\n# n\nName: n\nCustomerID: 1\n",
            "# yaml-language-server: $schema=x\nCustomerID: 1\n# n\nName: n\n",
            id="modeline",
        ),
        pytest.param(
            "# of all\n\nWebsite: w\n# n\nName: n\n", "# of all\n\n# n\nName: n\nWebsite: w\n", id="head"
        ),
        pytest.param(
            "Fields: # f\n\n  # a\n  A: x\n  # b\n# n\nName: n\n# end\n",
            "# n\nName: n\nFields:  # f\n  # a\n  A: x\n  # b\n# end\n",
            id="behind fields",
        ),
        pytest.param(
            "Fields:\n    A:   |   # c\n      x\n        y\n\n    B: >2-\n       p\n      q\nName: n\n",
            "Name: n\nFields:\n  A: |  # c\n    x\n      y\n\n  B: >2-\n     p\n    q\n",
            id="blocks",
        ),
        pytest.param(
            "Address: |+\n  x\n\n\nWebsite: w\n\nName: n\n",
            "\nName: n\nWebsite: w\nAddress: |+\n  x\n\n\n"[1:],
            id="kept line breaks",
        ),
        pytest.param("Website: w\nName: n\nAddress: |+\n  x", "Name: n\nWebsite: w\nAddress: x\n", id="open end"),
        pytest.param(
            "Website: w\n\nName: n\nFields: { A: 'x' ,\n  B: y } # c\n",
            "Name: n\nWebsite: w\nFields: { A: 'x' ,\n  B: y }  # c\n",
            id="flow inside",
        ),
        pytest.param("{ Website: 'w',\n Name: n }  \n\n", "{ Website: 'w',\n Name: n }  \n\n", id="flow"),
        pytest.param(
            "%YAML 1.2\n# a\n---  # b\nWebsite: w\nName: n\n\n# c\n...\n# d\n---\n\nName: m\n...\n# e\n",
            "%YAML 1.2\n# a\n---  # b\nName: n\nWebsite: w\n\n# c\n...\n# d\n---\nName: m\n...\n# e\n",
            id="documents",
        ),
        pytest.param("\ufeffWebsite: w\r\nName: n\r\n", "\ufeffName: n\r\nWebsite: w\r\n", id="CRLF"),
        pytest.param("Name: Cafe\u0301\n", "Name: Caf\u00e9\n", id="B66 composed name"),
    ],
)  # fmt: skip
def test_canonical_form(before: str, after: str) -> None:
    """Once, and again nothing."""
    assert format_file(before.encode(), "f").decode() == after
    assert format_file(after.encode(), "f").decode() == after


def test_a_file_with_problems_is_refused_with_all_of_them() -> None:
    """Its meaning is not known, so it could not be compared."""
    with pytest.raises(InvalidFiles) as refused:
        format_file(b"Nam: a\nWebsite:\n", "f")
    assert len(refused.value.problems) == 3


PLAIN = "CustomerID: 7\nName: n\nWebsite: w\nFields:\n  A: 'x: y'\n  B b: \"\"\n"


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        (PLAIN, True),
        (f"---\n{PLAIN}", True),
        (PLAIN + "# c\n", False),
        (PLAIN + "\n", False),
        (PLAIN.removesuffix("\n"), False),
        (PLAIN.replace("'x: y'", '"x: y"'), False),
        (PLAIN.replace("\n  B", "\n\n  B"), False),
        (PLAIN.replace("\n  ", "\n    "), False),
        (PLAIN.replace("Name: n", "Name:  n"), False),
        (PLAIN.replace("Name: n", "Name: Cafe\u0301"), False),
        (PLAIN.replace("  A:", "  'A':"), False),
        (PLAIN.replace("Website: w\n", ""), True),
        (PLAIN.replace("CustomerID: 7\n", "") + "CustomerID: 7\n", False),
        (PLAIN.replace("Fields:\n  A: 'x: y'\n  B b: \"\"", "Fields: {A: x}"), False),
        (PLAIN.replace("w\n", "|\n  w\n"), False),
    ],
)
def test_a_plain_file_in_canonical_form_is_known_at_a_glance(text: str, is_plain: bool) -> None:  # noqa: FBT001
    """And only such a file: all else is laid out."""
    (node,) = parse_file(text.encode(), "f", {}).nodes
    assert isinstance(node, Mapping)
    assert is_plainly_canonical(text, node, (0, len(text))) is is_plain
    assert not is_plain or format_file(text.encode(), "f") == text.encode()


def test_a_canonical_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another is read once more, to prove that its meaning stayed; however many documents there are."""
    reads = []

    def counting(content: bytes, file: str, field_types: dict[str, FieldType]) -> ParsedFile:
        reads.append(file)
        return parse_file(content, file, field_types)

    monkeypatch.setattr("reconciler.customers.formatter.parse_file", counting)
    text = "---\n".join(f"CustomerID: {i}\nName: C{i}\n" for i in range(1, 1001))
    assert format_file(text.encode(), "f") == text.encode()
    assert len(reads) == 1
    assert format_file(text.replace(": C", ":  C").encode(), "f") == text.encode()
    assert len(reads) == 3
