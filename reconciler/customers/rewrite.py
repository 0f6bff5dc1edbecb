"""(bytes of a customer file, texts for some attributes) -> bytes with only those values changed.

A value is replaced in its place: in the quotes it had, as the block scalar it was (mark, indentation and line ends),
with the tag and the comments around it. An attribute that the file does not manage yet is added after the key that
comes before it in canonical order, a custom field after the last one. Every other byte stays. What comes out is
read again by the strict reader, and unless it means the same customers with the new texts, nothing comes out.

A customer goes by its key, never by a line, so edits fit a file that was saved since they were made. However many edits
there are, a file is read twice and put together once. Removes no attribute; writes no file. This module is pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.attributes import field_name, is_field
from reconciler.core.errors import InputError
from reconciler.core.text import printable, shortened
from reconciler.core.yaml import scalars
from reconciler.core.yaml.nodes import Mapping, Scalar
from reconciler.customers.document import KEYS
from reconciler.customers.manifest import parse_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as MappingType

    from reconciler.core.field_types import FieldType
    from reconciler.core.values import CustomerKey, DesiredCustomer
    from reconciler.core.yaml.nodes import Node
    from reconciler.core.yaml.scalars import BlockParts
    from reconciler.customers.manifest import FileRead, ParsedFile

    Edits = MappingType[CustomerKey, MappingType[str, str]]

_COMMENT_BELOW: Final = re.compile(r"(?:[ \t]*\r?\n)+( *)#")
_LINE_END: Final = re.compile(r"\r?\n")

Entries = Sequence[tuple[str, "str | Entries"]]
"""Keys with their texts, or, for `Fields`, with entries of their own."""


class _Piece(NamedTuple):
    """Characters that take the place of others; where `start` is `end`, they are added."""

    start: int
    end: int
    characters: str


class FileToEdit(NamedTuple):
    """A file and what it was read as."""

    content: bytes
    file: str
    read: ParsedFile


class RewrittenFile(NamedTuple):
    """The new bytes of a file, and what they were read as."""

    content: bytes
    read: FileRead


def rewrite_values(content: bytes, file: str, edits: Edits, *, add: bool = False) -> bytes:
    """The file with other texts, by customer and attribute; with `add`, also for attributes it does not manage yet.

    Raises `InputError`, naming the file, where it has no such customer or value, or cannot contain such a text.
    """
    return rewrite_file(read_to_edit(content, file), edits, {}, add=add).content


def read_to_edit(content: bytes, file: str) -> FileToEdit:
    """Read a file for rewriting; one with problems cannot be rewritten."""
    return FileToEdit(content, file, parse_file(content, file, {}))


def rewrite_file(
    given: FileToEdit, edits: Edits, field_types: MappingType[str, FieldType], *, add: bool = False
) -> RewrittenFile:
    """The same, with what comes out as `read_file` reads it: its problems are those of `field_types` alone."""
    content, file, _ = given
    before = _documents(given)
    if unknown := edits.keys() - {customer.key for _, customer in before}:
        raise InputError(
            f"editing {printable(file)}: it contains no customer {shortened(str(min(unknown, key=str)))}"
        )
    text = content.decode()
    pieces: list[_Piece] = []
    for node, customer in before:
        texts = edits.get(customer.key, {})
        if unmanaged := [] if add else [path for path in texts if path not in customer.values]:
            raise InputError(f"editing {printable(file)}: it says nothing of {printable(unmanaged[0])}")
        pieces += _pieces(text, node, texts)
    after = _assembled(text, pieces).encode("utf-8", errors="surrogatepass")
    goal = [(it.customer_id, {**it.values, **edits.get(it.key, {})}) for _, it in before]
    read = parse_file(after, file, field_types)
    customers = [it for _, it in _documents(read_to_edit(after, file))] if read.problems else read.customers
    if [(it.customer_id, it.values) for it in customers] != goal:
        raise InputError(
            f"editing {printable(file)}: it would not say what was to be written; edit it by hand"
        )
    return RewrittenFile(after, read[1:])


def _documents(given: FileToEdit) -> list[tuple[Mapping, DesiredCustomer]]:
    """Each document of a file with the customer it asks for; raises for a file with problems."""
    read = given.read
    if read.problems:
        raise InputError(f"editing {printable(given.file)}: {read.problems[0].message}")
    nodes = [node for node in read.nodes if isinstance(node, Mapping)]
    return list(zip(nodes, read.customers, strict=True))


def _assembled(text: str, pieces: Iterable[_Piece]) -> str:
    """The text with the pieces in their places; what is added at one place keeps its order."""
    parts, at = [], 0
    for piece in sorted(pieces, key=lambda it: (it.start, it.end)):
        parts += [text[at : piece.start], piece.characters]
        at = piece.end
    return "".join([*parts, text[at:]])


def _pieces(text: str, document: Mapping, texts: MappingType[str, str]) -> Iterator[_Piece]:
    """What changes in a document for other texts, by attribute."""
    top = _values(document)
    fields = top.get("Fields")
    inside = _values(fields)
    new: dict[str, str] = {}
    new_fields: dict[str, str] = {}
    for attribute, said in texts.items():
        field = is_field(attribute)
        name, holder = (field_name(attribute), fields) if field else (attribute, document)
        value = (inside if field else top).get(name)
        if isinstance(value, Scalar) and isinstance(holder, Mapping):
            yield _Piece(value.start, value.end, _written(text, value, said, flow=holder.flow))
        else:
            (new_fields if field else new)[name] = said
    for name in sorted(new, key=KEYS.index):
        yield _added(text, document, _preceding(name, top), [(name, new[name])])
    if new_fields and isinstance(fields, Mapping):
        last = fields.entries[-1][1] if fields.entries else None
        yield _added(text, fields, last, list(new_fields.items()))
    elif new_fields:
        yield _added(text, document, _preceding("Fields", top), [("Fields", list(new_fields.items()))])


def _values(node: Node | None) -> dict[str, Node]:
    """A mapping's values by the text of their keys."""
    return {key.text: value for key, value in node.entries} if isinstance(node, Mapping) else {}


def _preceding(key: str, top: MappingType[str, Node]) -> Node:
    """The value after which a key that is missing belongs: there is always `Name`."""
    return top[max((it for it in top if KEYS.index(it) < KEYS.index(key)), key=KEYS.index)]


def _added(text: str, mapping: Mapping, after: Node | None, entries: Entries) -> _Piece:
    """Entries after a value of a mapping, or as the first of an empty one."""
    if mapping.flow:
        at = after.end if after else mapping.start + 1
        return _Piece(at, at, (", " if after else "") + _flow(entries))
    line_end = _LINE_END.search(text, (after or mapping).end)
    at, newline = (line_end.start(), line_end[0]) if line_end else (len(text), "\n")
    indent = mapping.column - 1
    comment = _COMMENT_BELOW.match(text, at)
    # A comment further right than the key would be taken for text of a block scalar above it.
    block = comment is None or len(comment[1]) <= indent
    lines = _block_lines(entries, indent, block=block)
    return _Piece(at, at, "".join("\n" + line for line in lines).replace("\n", newline))


def _flow(entries: Entries) -> str:
    """Entries between braces."""
    return ", ".join(
        f"{scalars.token(key, flow=True)}: "
        + (scalars.token(said, flow=True) if isinstance(said, str) else f"{{{_flow(said)}}}")
        for key, said in entries
    )


def _block_lines(entries: Entries, indent: int, *, block: bool) -> Iterator[str]:
    """Entries on lines of their own."""
    for key, said in entries:
        if isinstance(said, str):
            yield scalars.key_with_text(key, said, indent, block=block)
        else:
            yield " " * indent + scalars.token(key) + ":"
            yield from _block_lines(said, indent + 2, block=block)


def _written(text: str, scalar: Scalar, new: str, *, flow: bool) -> str:
    """The characters that take a value's place."""
    characters = text[scalar.start : scalar.end]
    tag = scalars.tag_in_front(characters)
    block = scalars.block_parts(characters[len(tag) :], scalar.text)
    return tag + (
        scalars.styled(new, scalar.style, flow=flow) if block is None else _block(block, scalar.text, new)
    )


def _block(block: BlockParts, said: str, new: str) -> str:
    """The block scalar with another text, or quotes in its place; a comment on the line of its mark stays either way."""
    mark = block.mark
    if "+" in mark and not (new.endswith("\n") and said.endswith("\n")):
        mark = mark.replace("+", "-")
    if block.indent is not None:
        lines = scalars.block_lines(new, scalars.BlockForm(mark, block.indent, block.newline))
        if lines is not None:
            return mark + block.rest + block.newline + lines
    return scalars.token(new) + block.rest
