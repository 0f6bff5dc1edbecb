"""Styled lines -> text, for a terminal or a log. Pure: width and colour are told, nothing is asked of the environment."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconciler.core.wrapping import line_starts
from reconciler.report.ci_escape import disarmed

if TYPE_CHECKING:
    from collections.abc import Iterable

LOG: Final = 80
"""The cells that columns are laid out for where nobody says how wide a line may be."""


def printed(lines: Iterable[Text], *, width: int | None, color: bool) -> str:
    """The lines as one string, ending with a line break.

    `width` is that of a terminal: a line that is longer is broken between words, unless it has `no_wrap`. None is a log or a
    pipe, in which nothing is wrapped, so that whoever searches finds it whole. Without colour Rich would write what is there
    already, character by character, at twice the price of making it.
    """
    if width is not None:
        lines = (part for line in lines for part in broken(line, width))
    if not color:
        return disarmed("".join(f"{line.plain}\n" for line in lines))
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=max(width or LOG, 1),
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},  # what it may do is settled by the arguments
    )
    console.print(Text("\n").join(lines), soft_wrap=True)
    return disarmed(stream.getvalue())


def broken(line: Text, width: int, hanging: int | None = None) -> Iterable[Text]:
    """A line as several, where it is one of words and too long; what goes on is indented by `hanging`, or to where its words begin.

    A place (it is dim) at the end is not broken, and stands a little further in.
    """
    said = line.plain
    if line.cell_len <= width or line.no_wrap:
        return [line]
    place = next((said[it.start : it.end].strip() for it in line.spans if it.style == "dim"), "")
    if hanging is None:
        hanging = len(said) - len(said.lstrip(" →")) + 2 * bool(place and said.endswith(place))
    parts = line.divide(line_starts(said, width, hanging=hanging, keep=place, measure=cell_len))
    for part in parts:
        part.rstrip()
    return [parts[0], *(Text(" " * hanging).append_text(part) for part in parts[1:])]
