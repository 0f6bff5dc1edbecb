"""Styled lines -> text, for a terminal or a log. Pure: width and colour are told, nothing is asked of the environment.

Lines are our own and not Rich's: a report makes tens of thousands of them, and Rich looks at every character of each for what a
line of ours never has (markup, control codes, tabs), which was half the time of a long report and most of it in colour.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Self

from rich.cells import cell_len

from reconciler.core.wrapping import line_starts
from reconciler.report.ci_escape import disarmed

if TYPE_CHECKING:
    from collections.abc import Iterable

LOG: Final = 80
"""The cells that columns are laid out for where nobody says how wide a line may be."""

_CODES: Final = {
    "bold": 1,
    "dim": 2,
    "italic": 3,
    "underline": 4,
    "red": 31,
    "green": 32,
    "yellow": 33,
    "magenta": 35,
    "cyan": 36,
}
"""The words of a style, and what a terminal calls each (ECMA-48, SGR)."""


class Line:
    """Pieces of printable text, each in its own style and the line's; `no_wrap` says that it is to be broken nowhere.

    A style is words, of which `styled` knows nine: `bold dim`, say, or `yellow`.
    """

    __slots__ = ("_pieces", "_style", "no_wrap")

    def __init__(self, said: str = "", style: str = "", *, no_wrap: bool = False) -> None:
        """Begin with a piece, in the style that the whole line is to have."""
        self._pieces = [(said, "")]
        self._style = style
        self.no_wrap = no_wrap

    def append(self, said: str, style: str = "") -> Self:
        """Add a piece, and give the line."""
        self._pieces.append((said, style))
        return self

    @property
    def plain(self) -> str:
        """The text without its styles."""
        return "".join([said for said, _ in self._pieces])

    @property
    def cells(self) -> int:
        """How wide a terminal shows it."""
        return cells(self.plain)

    @property
    def colored(self) -> str:
        """The text with its styles as a terminal knows them."""
        return "".join([_colored(said, f"{self._style} {style}") for said, style in self._pieces])

    @property
    def place(self) -> str:
        """Its first dim piece, which is the place of what it tells of; "" where there is none."""
        return next((said.strip() for said, style in self._pieces if style == "dim"), "")

    def part(self, start: int, end: int) -> Line:
        """The characters of a range as a line, without the spaces at their end."""
        end = start + len(self.plain[start:end].rstrip())
        found, at = Line("", self._style, no_wrap=self.no_wrap), 0
        for said, style in self._pieces:
            found.append(said[max(0, start - at) : max(0, end - at)], style)
            at += len(said)
        return found

    def indented(self, margin: int) -> Line:
        """The line after so many spaces."""
        found = Line(" " * margin, no_wrap=self.no_wrap)
        for said, style in self._pieces:
            found.append(said, f"{self._style} {style}")
        return found


def cells(text: str) -> int:
    """How wide a terminal shows a printable text: a wide character takes two cells, a combining mark none."""
    return len(text) if text.isascii() else cell_len(text)


def printed(lines: Iterable[Line], *, width: int | None, color: bool) -> str:
    """The lines as one string, ending with a line break.

    `width` is that of a terminal: a line that is longer is broken between words, unless it has `no_wrap`. None is a log or a
    pipe, in which nothing is wrapped, so that whoever searches finds it whole.
    """
    if width is not None:
        lines = (part for line in lines for part in broken(line, width))
    said = [line.colored for line in lines] if color else [line.plain for line in lines]
    return disarmed("\n".join([*said, ""]))


def broken(line: Line, width: int, hanging: int | None = None) -> Iterable[Line]:
    """A line as several, where it is one of words and too long; what goes on is indented by `hanging`, or to where its words begin.

    A place (it is dim) at the end is not broken, and stands a little further in.
    """
    if line.no_wrap or line.cells <= width:
        return [line]
    said, place = line.plain, line.place
    if hanging is None:
        hanging = len(said) - len(said.lstrip(" →")) + 2 * bool(place and said.endswith(place))
    starts = line_starts(said, width, hanging=hanging, keep=place, measure=cells)
    first, *others = (line.part(*both) for both in pairwise([0, *starts, len(said)]))
    return [first, *(other.indented(hanging) for other in others)]


def _colored(said: str, style: str) -> str:
    """A text in a style, and the end of the style."""
    codes = _codes(style)
    return f"\x1b[{codes}m{said}\x1b[0m" if codes and said else said


@cache
def _codes(style: str) -> str:
    """A style as a terminal knows it."""
    return ";".join(map(str, sorted({_CODES[word] for word in style.split()})))
