"""Standard output and standard error: the one door of everything that a command prints.

A write to them never raises, from whatever thread it comes. A reader that closed its end of a pipe (`| head`) wants no
more, which changes nothing about the run or its exit code. Any other failure (a full disk, a limit of file sizes, a
closed descriptor) is kept, and told where that is safe: by `say` at once, by `check_streams` after edits and at the end.

click, logging and rich write through the same two streams, so nothing is printed past this module.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import select
import stat
import sys
from typing import TYPE_CHECKING, Final, TextIO

from reconciler.cli.actions import annotate
from reconciler.cli.terminal import width_of
from reconciler.core.errors import OutputError
from reconciler.core.wrapping import wrapped
from reconciler.report.ci_escape import disarmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import ReadableBuffer

    from reconciler.core.values import Problem

_NAMES: Final = {1: "standard output", 2: "standard error"}


class _Outlet(io.RawIOBase):
    """A descriptor whose writes always succeed; `failure` is the first that did not, but for a reader that left."""

    def __init__(self, number: int) -> None:
        self.name = _NAMES[number]
        self.failure: OSError | None = None
        self._number = number
        self._reader_left = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return os.isatty(self._number)

    def write(self, content: ReadableBuffer, /) -> int:
        """Write all of it, also where the descriptor takes only a part or, being non-blocking, nothing for now."""
        left = memoryview(content).cast("B")
        size = len(left)
        while left and not self.failure and not self._reader_left:
            try:
                left = left[os.write(self._number, left) :]
            except BlockingIOError:
                select.select([], [self._number], [])
            except OSError as error:
                self._reader_left = error.errno == errno.EPIPE
                self.failure = None if self._reader_left else error
        return size


class _Stream(io.TextIOWrapper):
    """Text for an outlet, in the encoding that Python found; what it cannot say is written as an escape."""

    def __init__(self, number: int, encoding: str) -> None:
        self.outlet = _Outlet(number)
        # A raw stream does for a buffered one: with `write_through` nothing is kept back.
        super().__init__(self.outlet, encoding, errors="backslashreplace", write_through=True)


def open_streams() -> None:
    """Put the two streams in the place of Python's; one that is closed is a failure that `check_streams` tells.

    A closed descriptor leads to nowhere from here on, else the next file that is opened would get its number.
    """
    closed = [number for number in (0, *_NAMES) if not _is_open(number)]
    for number in closed:
        os.dup2(os.open(os.devnull, os.O_RDWR), number)
        os.set_inheritable(number, True)  # noqa: FBT003 - the name says it
    sys.stdout, sys.stderr = _stream(1, sys.stdout, closed), _stream(2, sys.stderr, closed)


def say(text: str) -> None:
    """Print a result; raises `OutputError` where it cannot be written."""
    sys.stdout.write(text)
    _check(sys.stdout)


def say_bytes(content: bytes) -> None:
    """Print a result that is to arrive to the byte; raises `OutputError` where it cannot be written.

    In the log of a CI runner, which would obey what stands at the start of a line there, no command comes out of it.
    """
    if os.environ.get("GITHUB_ACTIONS") == "true" and not _is_file(sys.stdout):
        content = disarmed(content.decode("utf-8")).encode("utf-8")
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    _check(sys.stdout)


def tell(text: str, *, end: str = "\n") -> None:
    """Say something to people, on standard error; no CI runner command comes out of it. Never raises.

    In a terminal the words are wrapped to its width, as results are; a log keeps its lines.
    """
    if width := width_of(sys.stderr):
        text = wrapped(text, width)
    sys.stderr.write(disarmed(text) + end)


def tell_problems(problems: Sequence[Problem]) -> None:
    """Say each problem, a line each, and have GitHub show it where it is."""
    for problem in problems:
        sys.stderr.write(disarmed(problem_text(problem, width_of(sys.stderr))) + "\n")
    annotate(problems)


def problem_text(problem: Problem, width: int | None) -> str:
    """A problem with its place, wrapped where there is a width, but never within the place."""
    return wrapped(str(problem), width, keep=str(problem.mark)) if width else str(problem)


def tell_at_last(text: str) -> None:
    """Tell how the command ended: on standard error or, where that failed, on standard output."""
    tell(text)
    if _failure(sys.stderr):
        sys.stdout.write(disarmed(text) + "\n")


def check_streams() -> None:
    """Raise `OutputError` if something that was printed since the start did not arrive."""
    _check(sys.stdout)
    _check(sys.stderr)


def _check(stream: TextIO) -> None:
    if failure := _failure(stream):
        advice = "make room, or send it elsewhere, and run the command again"
        raise OutputError(f"writing to {stream.name}: {failure.strerror}", advice=advice)


def _failure(stream: TextIO) -> OSError | None:
    return stream.outlet.failure if isinstance(stream, _Stream) else None


def _stream(number: int, before: TextIO | None, closed: Sequence[int]) -> _Stream:
    """The stream of a descriptor; Python has none (`None`) where it found the descriptor closed."""
    stream = _Stream(number, before.encoding if before else "utf-8")
    if number in closed or fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        stream.outlet.failure = OSError(errno.EBADF, "it is closed")
    return stream


def _is_file(stream: TextIO) -> bool:
    return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
