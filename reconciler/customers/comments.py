"""The text of a customer document and its nodes -> its entries, each with the comments that belong to it.

A parser forgets comments, but knows where every key and value begins and ends; what stands between them is white
space, punctuation and comments, so a `#` there begins a comment and nothing else. A comment on the line of a value belongs to
it, one above a key to that key; what is above the first key and set apart by a blank line belongs to the document.
Line ends are line feeds here. This module is pure and writes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Final

from reconciler.core.yaml.reader import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.core.yaml.reader import Node

_COMMENT: Final = re.compile(r"(?:(?<=\s)|^)#.*")
_MODELINE: Final = re.compile(r"# *(?:yaml-language-server:|vim:|-\*-)")


@dataclass(frozen=True, slots=True)
class CommentLine:
    """A comment line and its column from 0; an empty one is a blank line."""

    text: str
    column: int


@dataclass(frozen=True, slots=True)
class CommentedEntry:
    """A key with its value: a scalar, the entries of a block mapping, or a flow mapping as it is written.

    `above` are the lines over the key, `beside` the comment on its line, `below` the lines after the last entry of
    a block mapping that still belong to it.
    """

    key: Scalar
    value: Scalar | tuple[CommentedEntry, ...] | str
    above: tuple[str, ...]
    beside: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentLayout:
    """A document: the lines at its head, its entries, and the lines at its foot."""

    head: tuple[str, ...]
    entries: tuple[CommentedEntry, ...]
    foot: tuple[str, ...]


def split_gap(gap: str) -> tuple[str, list[CommentLine]]:
    """The comment on the first line of what stands between two tokens, and the comments and blank lines below it."""
    first, *lines = gap.split("\n")
    beside = _COMMENT.search(first)
    found = []
    for index, line in enumerate(lines):
        if comment := _COMMENT.search(line):
            found.append(CommentLine(comment[0].rstrip(), comment.start()))
        elif not line.strip() and index < len(lines) - 1:
            found.append(CommentLine("", 0))
    return (beside[0].rstrip() if beside else ""), found


def read_layout(text: str, document: Mapping, head: str, foot: str) -> DocumentLayout:
    """The layout of a block mapping, given the text between it and what is before and after it."""
    _, lines = split_gap("\n" + head)
    top, above = _parted([it.text for it in lines])
    entries, behind = _entries(text, document, above, foot)
    return DocumentLayout(tuple(top), entries, tuple(it.text for it in behind))


def _parted(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """What belongs to the document, and what to its first key: modelines, and all down to the last blank line."""
    parting = 0
    for index, line in enumerate(lines):
        if not line or (_MODELINE.match(line) and index == parting):
            parting = index + 1
    return list(lines[:parting]), list(lines[parting:])


def _entries(
    text: str, mapping: Mapping, above: Sequence[str], foot: str
) -> tuple[tuple[CommentedEntry, ...], list[CommentLine]]:
    """The entries of a block mapping, and the lines after the last of them; `foot` is the text there."""
    found: list[CommentedEntry] = []
    behind = [CommentLine(line, 0) for line in above]
    gaps = [text[value.end : key.start] for (_, value), (key, _) in pairwise(mapping.entries)]
    for pair, gap in zip(mapping.entries, [*gaps, foot], strict=True):
        entry, behind = _entry(text, pair, [it.text for it in behind], gap)
        found.append(entry)
    return tuple(found), behind


def _entry(
    text: str, pair: tuple[Scalar, Node], above: Sequence[str], gap: str
) -> tuple[CommentedEntry, list[CommentLine]]:
    """One entry, and the lines after it that belong to whatever follows."""
    key, value = pair
    beside, inner = split_gap(text[key.end : value.start])
    if isinstance(value, Mapping) and value.entries and not value.flow:
        children, behind = _entries(text, value, [it.text for it in inner], gap)
        own = list(takewhile(lambda it: not it.text or it.column >= key.column, behind))
        while own and not own[-1].text:
            own.pop()
        below = tuple(it.text for it in own)
        return CommentedEntry(key, children, tuple(above), beside, below), behind[len(own) :]
    after, behind = split_gap(gap)
    lines = [*above, *(it.text for it in inner if it.text)]
    if beside and after:
        lines.append(beside)
    said = value if isinstance(value, Scalar) else text[value.start : value.end]
    return CommentedEntry(key, said, tuple(lines), after or beside), behind
