"""(bytes of a customer file, new texts for some of its attributes) -> bytes with only those values changed.

A value is replaced in its place: in the quotes it had, as the block scalar it was (mark, indentation and line ends),
with the tag and the comments around it. Every other byte stays. What comes out is read again by the strict reader,
and unless it means the same customers with the new texts, nothing comes out. Adds no attribute and removes
none; writes no file. This module is pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reconciler import emit
from reconciler.attributes import field_name, is_field
from reconciler.errors import InputError
from reconciler.manifest import read_file
from reconciler.showing import visible
from reconciler.yamltext import Mapping, Scalar, read_documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingType

    from reconciler.yamltext import Node

    Wanted = MappingType[int, MappingType[str, str]]
    Meaning = list[tuple[int, int | None, dict[str, str]]]

_TAG: Final = re.compile(r"(?:!\S*\s+)?")
_BLOCK: Final = re.compile(r"(?P<mark>[|>][1-9+-]{0,2})(?P<rest>[^\r\n]*)(?P<newline>\r?\n|\Z)")
_TEXT_LINE: Final = re.compile(r"^( *)[^ \r\n]", re.MULTILINE)


def edited(content: bytes, file: str, wanted: Wanted) -> bytes:
    """The file with other texts: by the line of a customer's first key, then by attribute.

    Raises `InputError`, naming the file, where the file holds no such value or cannot hold such a text.
    """
    before = _meaning(content, file)
    nodes = {node.line: node for node in read_documents(content, file)[0]}
    text = content.decode()
    pieces = [
        (scalar, _written(text, scalar, new, flow=flow))
        for line, values in wanted.items()
        for attribute, new in values.items()
        for scalar, flow in [_find(text, nodes.get(line), attribute, file)]
    ]
    for scalar, characters in sorted(pieces, key=lambda piece: piece[0].start, reverse=True):
        text = text[: scalar.start] + characters + text[scalar.end :]
    after = text.encode("utf-8", errors="surrogatepass")
    goal = [(i, {**values, **wanted.get(line, {})}) for line, i, values in before]
    if [(i, values) for _, i, values in _meaning(after, file)] != goal:
        raise InputError(f"editing {visible(file)}: it would not say what was to be written; edit it by hand")
    return after


def _meaning(content: bytes, file: str) -> Meaning:
    """What a file says: each customer's line, id and texts; raises for one with problems."""
    customers, problems, _ = read_file(content, file, {})
    if problems:
        raise InputError(f"editing {visible(file)}: {problems[0].message}")
    return [
        (it.line, it.customer_id, {path: value.text for path, value in it.values.items()}) for it in customers
    ]


def _find(text: str, document: Node | None, attribute: str, file: str) -> tuple[Scalar, bool]:
    """The value of an attribute, and whether it stands in flow style."""
    holders: list[Node | None] = [document]
    name = attribute
    if is_field(attribute):
        holders.append(dict(_entries(document)).get("Fields"))
        name = field_name(attribute)
    value = dict(_entries(holders[-1])).get(name)
    if not isinstance(value, Scalar):
        raise InputError(f"editing {visible(file)}: it says nothing of {visible(attribute)}")
    return value, any(isinstance(it, Mapping) and is_flow(text, it) for it in holders)


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    """A mapping's values by the text of their keys."""
    if isinstance(node, Mapping):
        yield from ((key.text, value) for key, value in node.entries)


def is_flow(text: str, mapping: Mapping) -> bool:
    """Whether a mapping of this text is written between braces; `text` has its byte order mark, if any."""
    return text[offset(text, mapping.line, mapping.column)] == "{"


def offset(text: str, line: int, column: int) -> int:
    """Where a line and column are in a text; a byte order mark has no column."""
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1 + (line == 1 and text.startswith("\ufeff"))


def _written(text: str, scalar: Scalar, new: str, *, flow: bool) -> str:
    """The characters that take a value's place."""
    characters = text[scalar.start : scalar.end]
    tag = _TAG.match(characters)
    front = tag[0] if tag else ""
    if scalar.style in {"literal", "folded"} and (block := _BLOCK.match(characters, len(front))):
        return front + _block(block, characters[block.end() :], scalar.text, new)
    return front + emit.styled(new, scalar.style, flow=flow)


def _block(block: re.Match[str], lines: str, said: str, new: str) -> str:
    """The block scalar with another text, or quotes in its place; a comment beside its mark stays either way."""
    indent = block_indent(lines, said)
    mark = block["mark"]
    if "+" in mark and not (new.endswith("\n") and said.endswith("\n")):
        mark = mark.replace("+", "-")
    if indent is not None and block["newline"]:
        body = emit.block_lines(new, emit.BlockForm(mark, indent, block["newline"]))
        if body is not None:
            return mark + block["rest"] + block["newline"] + body
    return emit.token(new) + block["rest"]


def block_indent(lines: str, said: str) -> int | None:
    """How far the lines of a block scalar are indented; None where none of them holds any text.

    Spaces beyond the indentation belong to the text, so what its own first line begins with does not count.
    """
    written, text = _TEXT_LINE.search(lines), _TEXT_LINE.search(said)
    return len(written[1]) - len(text[1]) if written and text else None
