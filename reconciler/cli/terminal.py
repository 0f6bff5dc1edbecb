"""What the terminal can do, and the progress that only a terminal sees."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO


class Screen(NamedTuple):
    """Width and colour of standard output; a log or a pipe has no width, so no sentence in it is wrapped."""

    width: int | None
    color: bool


def screen() -> Screen:
    """Standard output as it is: `NO_COLOR` first, then `FORCE_COLOR`, then whether it is a terminal."""
    color = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        color = True
    if os.environ.get("NO_COLOR"):
        color = False
    return Screen(width_of(sys.stdout), color)


def width_of(stream: TextIO) -> int | None:
    """The cells of a line of a stream, 40 at least: what `COLUMNS` says, else the terminal; None for a log or a pipe."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and int(said[:9]):
        return max(int(said[:9]), 40)
    if not stream.isatty():
        return None
    try:
        return max(os.get_terminal_size(stream.fileno()).columns or 80, 40)
    except OSError:
        return 80


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr while something is done; yields what is to be told (done, of how many)."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(doing, total=None)

    ended = False

    def told(done: int, total: int) -> None:
        """Show the bar from the first news on, so that what is said before has lines of its own; a late thread shows none."""
        if not ended:
            bar.start()
            bar.update(task, completed=done, total=total)

    try:
        yield told
    finally:
        ended = True
        try:
            bar.stop()
        except IndexError:  # rich: an interrupt came within `start`, which had not all that `stop` takes back
            bar.console.show_cursor()
