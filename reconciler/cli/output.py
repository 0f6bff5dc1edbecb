"""A result -> the format that was asked for, or a list for people; and the file that `--out` or `--record` names."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.cli.streams import say
from reconciler.cli.terminal import screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from reconciler.repo.output_file import OutputFile
    from reconciler.repo.settings import Settings
    from reconciler.report.next_command import Invocation
    from reconciler.report.render import Result
    from reconciler.report.styled import Line

_HANGING: Final = 4


def output_of(result: Result, output: str, how: Invocation | None = None, record: Sequence[str] = ()) -> str:
    """A result in a format: for the terminal at hand, a program, a pull request or a browser.

    `how` is the call at hand, which the next command follows. The HTML page of an audit draws the history in the lines of
    `record`.
    """
    from reconciler.report.render import render

    look = screen()
    return render(result, output, width=look.width, color=look.color, record=record, how=how)


def say_lines(lines: Iterable[Line]) -> None:
    """Print a list, a line an entry; in a terminal, an entry that is too long goes on below, a little further in."""
    from reconciler.report.styled import broken, printed

    look = screen()
    if look.width is not None:
        lines = [part for line in lines for part in broken(line, look.width, _HANGING)]
    say(printed(lines, width=None, color=look.color))


def open_output(
    name: str | None, settings: Settings, *, doing: str, append: bool = False
) -> AbstractContextManager[OutputFile | None]:
    """Make certain, before any call is paid for, of the file that a flag names; without a name there is none."""
    if name is None:
        return nullcontext()
    from reconciler.repo.git.root import find_root
    from reconciler.repo.output_file import OutputFile

    return OutputFile.open(
        name, doing=doing, timeout=settings.timeout, git_root=find_root(settings.root), append=append
    )


def recorded_lines(name: str | None) -> list[str]:
    """What a record contains so far; a device, a pipe or a stream keeps nothing."""
    if name is None or not Path(name).is_file():
        return []
    return Path(name).read_text(errors="replace").splitlines()
