"""(bytes of a customer file, new texts for some of its attributes) -> bytes with only those values changed.

A value is replaced in its place: in the quotes it had, as the block scalar it was (mark, indentation and line ends),
with the tag and the comments around it. Every other byte stays. What comes out is read again by the strict reader,
and unless it means the same customers with the new texts, nothing comes out. Adds no attribute and removes
none; writes no file. This module is pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.core.attributes import field_name, is_field
from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.core.yaml import scalars
from reconciler.core.yaml.reader import Mapping, Scalar, read_documents
from reconciler.core.yaml.scalars import block_parts, tag_in_front
from reconciler.customers.comments import is_flow
from reconciler.customers.manifest import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingType

    from reconciler.core.yaml.reader import Node
    from reconciler.core.yaml.scalars import BlockParts

    Wanted = MappingType[int, MappingType[str, str]]
    Meaning = list[tuple[int, int | None, dict[str, str]]]


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
        raise InputError(
            f"editing {printable(file)}: it would not say what was to be written; edit it by hand"
        )
    return after


def _meaning(content: bytes, file: str) -> Meaning:
    """What a file says: each customer's line, id and texts; raises for one with problems."""
    customers, problems, _ = read_file(content, file, {})
    if problems:
        raise InputError(f"editing {printable(file)}: {problems[0].message}")
    return [(it.line, it.customer_id, dict(it.values)) for it in customers]


def _find(text: str, document: Node | None, attribute: str, file: str) -> tuple[Scalar, bool]:
    """The value of an attribute, and whether it stands in flow style."""
    holders: list[Node | None] = [document]
    name = attribute
    if is_field(attribute):
        holders.append(dict(_entries(document)).get("Fields"))
        name = field_name(attribute)
    value = dict(_entries(holders[-1])).get(name)
    if not isinstance(value, Scalar):
        raise InputError(f"editing {printable(file)}: it says nothing of {printable(attribute)}")
    return value, any(it is not None and is_flow(text, it) for it in holders)


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    """A mapping's values by the text of their keys."""
    if isinstance(node, Mapping):
        yield from ((key.text, value) for key, value in node.entries)


def _written(text: str, scalar: Scalar, new: str, *, flow: bool) -> str:
    """The characters that take a value's place."""
    characters = text[scalar.start : scalar.end]
    tag = tag_in_front(characters)
    block = block_parts(characters[len(tag) :], scalar.text)
    return tag + (
        scalars.styled(new, scalar.style, flow=flow) if block is None else _block(block, scalar.text, new)
    )


def _block(block: BlockParts, said: str, new: str) -> str:
    """The block scalar with another text, or quotes in its place; a comment beside its mark stays either way."""
    mark = block.mark
    if "+" in mark and not (new.endswith("\n") and said.endswith("\n")):
        mark = mark.replace("+", "-")
    if block.indent is not None:
        lines = scalars.block_lines(new, scalars.BlockForm(mark, block.indent, block.newline))
        if lines is not None:
            return mark + block.rest + block.newline + lines
    return scalars.token(new) + block.rest
