"""The bytes of a customer file -> the same in canonical form: order of keys, quotes, indentation, blank lines.

Keys stand in the order CustomerID, Name, Website, Address, Fields, and custom fields as they stood; a text is plain where
it can be, else in single quotes, else in double quotes; a block scalar stays one, line by line. Comments go where their
key goes. Of blank lines in a row one stays, none at either end. Documents in flow style stay as they are, and so do
byte order mark and kind of line end. A result that differs is read again, and unless it means the same customers, there
is none. One text is changed: a name is written in Unicode's normal form C, in which names compare anyway.

A file is read twice at most, and once where it is in canonical form. This module is pure.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import dropwhile, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.core.yaml import scalars
from reconciler.core.yaml.encoding import BOM
from reconciler.core.yaml.reader import Mapping, Scalar
from reconciler.core.yaml.scalars import block_parts, tag_in_front
from reconciler.customers.comments import read_layout
from reconciler.customers.document import KEYS
from reconciler.customers.manifest import parse_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reconciler.core.yaml.reader import Node
    from reconciler.core.yaml.scalars import BlockParts
    from reconciler.customers.comments import CommentedEntry
    from reconciler.customers.manifest import ParsedFile

_MARKER: Final = re.compile(r"^(?:---|\.\.\.)(?:[ \t][^\n]*)?(?:\n|\Z)", re.MULTILINE)
_FRONTS: Final = frozenset({"", "---\n"})
_RANKS: Final = {key: rank for rank, key in enumerate(KEYS)}
_BESIDE: Final = "  "
_INDENT: Final = 2


class _Line(NamedTuple):
    """A line of the result, or all lines of an entry; `keeps` says that a blank line after it would join its text."""

    text: str
    keeps: bool = False


def format_file(content: bytes, file: str) -> bytes:
    """The file in canonical form; raises `InvalidFiles` for one that has problems."""
    before = _parsed(content, file)
    text = content.decode()
    mark = BOM if text.startswith(BOM) else ""
    newline = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    text = text.removeprefix(BOM).replace("\r\n", "\n")
    # Offsets are those of the text as it is laid out: without the mark, with line feeds.
    normal = before if text.encode() == content else _parsed(text.encode(), file)
    after = (mark + _canonical(text, normal.nodes).replace("\n", newline)).encode()
    if after != content and _meaning(_parsed(after, file)) != _meaning(before):
        raise InputError(f"formatting {printable(file)}: its meaning would change, so it is left as it is")
    return after


def _parsed(content: bytes, file: str) -> ParsedFile:
    """What is in a file; raises for one with problems."""
    read = parse_file(content, file, {})
    if read.problems:
        raise InvalidFiles(read.problems)
    return read


def _meaning(read: ParsedFile) -> list[tuple[int | None, dict[str, str]]]:
    """Each customer's id and texts, the name as it compares."""
    return [
        (it.customer_id, {path: _normal(path, text) for path, text in it.values.items()})
        for it in read.customers
    ]


def _normal(path: str, text: str) -> str:
    return unicodedata.normalize("NFC", text) if path == "Name" else text


def _canonical(text: str, nodes: Sequence[Node]) -> str:
    """The text of the file, document by document."""
    # What stands between two documents belongs to the first down to the first marker, and from there to the second.
    gaps = [(one.end, other.start) for one, other in pairwise(nodes)]
    last = nodes[-1].end
    bounds = [0, *(end + _until_marker(text[end:start]) for end, start in gaps)]
    bounds.append(last + _until_marker(text[last:]))
    parts = [_document(text, node, span) for node, span in zip(nodes, pairwise(bounds), strict=True)]
    rest = text[bounds[-1] :].rstrip("\n")
    return "".join([*parts, rest + "\n" if rest else ""])


def _until_marker(gap: str) -> int:
    """How much of a gap stands before the line that ends or begins a document."""
    marker = _MARKER.search(gap)
    return marker.start() if marker else len(gap)


def _document(text: str, node: Node, span: tuple[int, int]) -> str:
    """One document with its markers, ending with a line break."""
    first, last = span
    raw = text[first:last]
    if not isinstance(node, Mapping) or node.flow:
        return raw if raw.endswith("\n") else raw + "\n"
    if is_plainly_canonical(text, node, span):
        return raw
    front = text[first : node.start]
    head = max((marker.end() for marker in _MARKER.finditer(front) if marker[0][0] == "-"), default=0)
    layout = read_layout(text, node, front[head:], text[node.end : last])
    lines = [*map(_Line, layout.head), *_mapping(text, layout.entries, 0), *map(_Line, layout.foot)]
    markers = [line.rstrip() for line in front[:head].split("\n") if line.strip()]
    return "\n".join([*markers, *_tidy(lines)]) + "\n"


def is_plainly_canonical(text: str, document: Mapping, span: tuple[int, int]) -> bool:
    """Whether a document without comments, blank lines and block scalars is in canonical form to the byte.

    Of many files nearly all are, and looking takes a fifth of the time that laying out takes.
    """
    first, last = span
    if text[first : document.start] not in _FRONTS or text[document.end : last] != "\n":
        return False
    ranks = [_RANKS[key.text] for key, _ in document.entries]
    return ranks == sorted(ranks) and _is_plain(text, document, "\n")


def _is_plain(text: str, mapping: Mapping, line: str) -> bool:
    """Whether each entry of a mapping is its key and its text, as they are written, on a line; `line` begins one."""
    end = mapping.start
    for key, value in mapping.entries:
        if (end != mapping.start and text[end : key.start] != line) or key.style != "plain":
            return False
        if isinstance(value, Scalar):
            written = text[key.end : value.end]
            same = written == f": {scalars.token(value.text)}" and _is_plain_key(key.text)
            if not same or (key.text == "Name" and line == "\n" and not value.text.isascii()):
                return False
        elif (
            not isinstance(value, Mapping)
            or value.flow
            or not value.entries
            or text[key.end : value.start] != f":{line}  "
            or not _is_plain(text, value, f"{line}  ")
        ):
            return False
        end = value.end
    return True


_is_plain_key: Final = lru_cache(4096)(scalars.may_be_plain)
"""Many files share their keys."""


def _mapping(text: str, entries: Sequence[CommentedEntry], indent: int) -> Iterator[_Line]:
    """The lines of a block mapping; only a customer's own keys have an order."""
    pad = " " * indent
    for entry in sorted(entries, key=lambda it: _RANKS[it.key.text]) if indent == 0 else entries:
        yield from (_Line(pad + line if line else "") for line in entry.above)
        key = f"{pad}{scalars.token(entry.key.text)}:"
        if isinstance(entry.value, Scalar):
            said = _normal(entry.key.text if indent == 0 else "", entry.value.text)
            yield _scalar(text[entry.value.start : entry.value.end], said, entry, key)
        elif isinstance(entry.value, str):
            yield _Line(_with(f"{key} {entry.value}", entry.beside))
        else:
            yield _Line(_with(key, entry.beside))
            children = _mapping(text, entry.value, indent + _INDENT)
            yield from dropwhile(lambda line: not line.text, children)
            yield from (_Line(f"{pad}{' ' * _INDENT}{line}" if line else "") for line in entry.below)


def _scalar(characters: str, said: str, entry: CommentedEntry, key: str) -> _Line:
    """A key with its text: a block scalar line by line, anything else on one line."""
    block = block_parts(characters[len(tag_in_front(characters)) :], said)
    if block is None:
        return _Line(_with(f"{key} {scalars.token(said)}", entry.beside))
    beside = block.rest.strip() or entry.beside
    lines = _moved(block, said, len(key) - len(key.lstrip()))
    if lines is None:
        return _Line(_with(f"{key} {scalars.token(said)}", beside))
    return _Line("\n".join([_with(f"{key} {block.mark}", beside), *lines]), keeps="+" in block.mark)


def _moved(block: BlockParts, said: str, indent: int) -> list[str] | None:
    """A block scalar's lines at their new indentation, wrapped as they are; None where that would change the text."""
    keeps = "+" in block.mark
    if block.indent is None or said.endswith("\n") is not keeps:
        return None
    if not keeps and not said.rpartition("\n")[2].strip(" \t"):
        return None
    digits = "".join(filter(str.isdigit, block.mark))
    pad = " " * (indent + int(digits or _INDENT))
    lines = (line[block.indent :] for line in block.lines.split("\n"))
    return [pad + line if line else "" for line in lines]


def _tidy(lines: Iterable[_Line]) -> Iterator[str]:
    """The lines without blank ones at either end, in a row, or where they would join a text that keeps them."""
    before = _Line("", keeps=True)
    blank = False
    for line in lines:
        if not line.text:
            blank = True
            continue
        if blank and not before.keeps:
            yield ""
        yield line.text
        before, blank = line, False


def _with(line: str, comment: str) -> str:
    return f"{line}{_BESIDE}{comment}" if comment else line
