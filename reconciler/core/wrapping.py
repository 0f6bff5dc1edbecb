"""A sentence -> lines of a width, for somebody at a terminal. Pure.

A line ends at a space, never in the middle of what a person copies: a command in backticks, a flag with its value, a
path, an id, or any other word, however long it is.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_WHOLE: Final = r"`[^`\n]*`|--[a-z][a-z-]* (?=[^\s-])\S|\S"


def line_starts(
    text: str, width: int, *, hanging: int = 0, keep: str = "", measure: Callable[[str], int] = len
) -> list[int]:
    """Where each line but the first begins, when a line has `width` cells and those below are indented by `hanging`.

    `keep` is a text with spaces (a path, say) that is not to be broken either. A word that fits on no line stays on the
    line that it follows on: a line of its own would not help.
    """
    word = re.compile(rf"(?:{re.escape(keep)}|{_WHOLE})+" if keep else f"(?:{_WHOLE})+")
    starts: list[int] = []
    begun, margin = 0, 0
    for found in word.finditer(text):
        full = margin + measure(text[begun : found.end()]) > width
        helps = hanging + measure(found[0]) <= width
        if full and helps and text[begun : found.start()].strip():
            begun, margin = found.start(), hanging
            starts.append(begun)
    return starts


def wrapped(text: str, width: int, *, keep: str = "") -> str:
    """A text of one or more lines, each broken where it is too long; what goes on stands below where the line's words begin.

    `keep` is as in `line_starts`.
    """
    return "\n".join("\n".join(_lines(line, width, keep)) for line in text.split("\n"))


def _lines(line: str, width: int, keep: str) -> list[str]:
    """One line as several."""
    hanging = len(line) - len(line.lstrip(" →"))
    places = [0, *line_starts(line, width, hanging=hanging, keep=keep), len(line)]
    first, *others = (line[start:end].rstrip() for start, end in pairwise(places))
    return [first, *(" " * hanging + other for other in others)]
