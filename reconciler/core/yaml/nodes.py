"""What a YAML file is read into: texts, lists and mappings that know their place.

Values only. There is no number, date or null here: a scalar is its text, and its style tells whoever
needs to know whether quotes stood around it. Line and column count from 1; `start` and `end` are offsets in
`content.decode()`, so a byte order mark counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Style = Literal["plain", "single", "double", "literal", "folded"]


class Scalar(NamedTuple):
    """A text, with its place; the line break that ends a block scalar is part of it only with `|+` or `>+`.

    The token reaches from `start` to `end`: `!!str` in front belongs to it, a comment after it does not, and a block
    scalar reaches to the end of its last line of text, without the line break.

    A named tuple, because a frozen dataclass takes three times as long to make and a file is mostly scalars.
    """

    text: str
    style: Style
    line: int
    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    line: int
    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their nodes, in the order of the file; no key text comes twice.

    `flow` says that it stands between braces, which then belong to it; else it ends where its last value does.
    """

    entries: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int
    start: int
    end: int
    flow: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """Stands where something was refused: its problem is reported, so there is no more to say of it."""

    line: int
    column: int
    start: int
    end: int


Node = Scalar | Mapping | Sequence | Rejected
