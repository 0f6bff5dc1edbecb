"""What `--out` and `--record` name -> an output that is certain before the first call is paid for.

What the name is decides how it is written:

    -, /dev/stdout, /dev/fd/N     the open stream, as it is
    a device, a named pipe        opened as it is; a pipe nobody reads is an error after the timeout
    a regular file, or nothing    `--out`: a new file next to it, which takes its place by a rename when it is whole
                                  `--record`: opened for appending, a line at a time
    a link                        refused, neither followed nor replaced; so is one among its folders, inside git's root:
                                  a checkout can bring either along

A stream whose reader went away takes the rest in silence: `| head` changes nothing about a run. Every other failure is
an `OutputError`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import select
import stat
import time
from abc import ABC, abstractmethod
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from reconciler.core.errors import OutputError
from reconciler.core.text import printable
from reconciler.repo.atomic import flush_folder, write_all
from reconciler.repo.staging import temporary_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

STDOUT: Final = "-"

_STREAM: Final = re.compile(r"(?:/dev|/proc/self)/fd/(?P<number>\d{1,9})", re.ASCII)
_STREAMS: Final = {STDOUT: 1, "/dev/stdout": 1, "/dev/stderr": 2}
_PIPE_OR_DEVICE: Final = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_APPEND: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_PAUSE: Final = 0.02
_LINK: Final = "it is a symbolic link, which is neither followed nor replaced; name the file itself"
_NOTHING_ASKED: Final = "nothing was asked of RPM"


class OutputFile(ABC):
    """An output that is ready to be written once; as a context, it is discarded at the end unless it was written."""

    def __init__(self, name: str, doing: str) -> None:
        """`name` and `doing` are for messages: `cannot write <name>` while `<doing>`."""
        self._name = name
        self._doing = doing
        self._open = ExitStack()

    @staticmethod
    def open(
        name: str | Path, *, doing: str, timeout: float, git_root: Path | None = None, append: bool = False
    ) -> OutputFile:
        """Make certain of what a name means, as far as a system can tell before bytes are there.

        `doing` begins the messages, as in "saving the plan"; `timeout` is in seconds. Raises `OutputError`.
        """
        text = str(name)
        shown = "stdout" if text == STDOUT else printable(text)
        with _named(doing, shown, advice=_NOTHING_ASKED):
            if (number := _stream(text)) is not None:
                return _Stream(shown, doing, _duplicate(number), timeout)
            path = _place(Path(text), git_root)
            try:
                mode = os.lstat(path).st_mode
            except (FileNotFoundError, NotADirectoryError):
                mode = stat.S_IFREG
            if not path.parent.is_dir():
                raise OSError(0, f"there is no folder {printable(str(path.parent))}")
            if stat.S_ISREG(mode):
                return _Record(shown, doing, path) if append else _NewFile(shown, doing, path)
            if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
                return _Stream(shown, doing, _connect(path, timeout), timeout)
            raise OSError(
                0, "it is a folder" if stat.S_ISDIR(mode) else "it is not a file, a pipe or a device"
            )

    def write(self, content: bytes) -> None:
        """Write all of it and close; raises `OutputError`, and then a file has none of it."""
        with _named(self._doing, self._name), self._open:
            self._write(content)

    def discard(self) -> None:
        """Close without writing; a file that was made for this is removed. Does nothing once it was written."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.discard()

    @abstractmethod
    def _write(self, content: bytes) -> None:
        """Write all of it."""


class _NewFile(OutputFile):
    """A new file next to the place that it takes when it is whole, for its owner's eyes alone."""

    def __init__(self, name: str, doing: str, path: Path) -> None:
        super().__init__(name, doing)
        self._path = path
        self._temporary, self._number = self._open.enter_context(temporary_file(path.parent, 0o600))

    def _write(self, content: bytes) -> None:
        write_all(self._number, content)
        os.fsync(self._number)
        if self._path.is_symlink():
            raise OSError(0, _LINK)
        os.replace(self._temporary, self._path)  # noqa: PTH105 - a test stands in for os
        flush_folder(self._path.parent)


class _Record(OutputFile):
    """A file that a line is added to; one that was made for it and got no line is removed."""

    def __init__(self, name: str, doing: str, path: Path) -> None:
        super().__init__(name, doing)
        is_new = not path.exists()
        self._number = os.open(path, _APPEND, 0o600)
        self._open.callback(os.close, self._number)
        if is_new:
            self._open.callback(self._remove_empty, path)

    def _write(self, content: bytes) -> None:
        _append_line(self._number, content)

    def _remove_empty(self, path: Path) -> None:
        with suppress(OSError):
            if not os.fstat(self._number).st_size:
                os.unlink(path)  # noqa: PTH108


def _append_line(number: int, line: bytes) -> None:
    """Add one line to an open file, or none of it; half a line that a kill left stays a line by itself."""
    fcntl.flock(number, fcntl.LOCK_EX)
    size = os.fstat(number).st_size
    torn = size > 0 and os.pread(number, 1, size - 1) != b"\n"
    try:
        write_all(number, b"\n" * torn + line)
        os.fsync(number)
    except OSError:
        with suppress(OSError):
            os.ftruncate(number, size)
        raise


class _Stream(OutputFile):
    """An open stream, a pipe or a device; each wait for its reader is at most the timeout."""

    def __init__(self, name: str, doing: str, number: int, timeout: float) -> None:
        super().__init__(name, doing)
        self._number = number
        self._timeout = timeout
        self._open.callback(os.close, number)

    def _write(self, content: bytes) -> None:
        with suppress(BrokenPipeError):
            while content:
                content = content[self._write_some(content[: select.PIPE_BUF]) :]

    def _write_some(self, chunk: bytes) -> int:
        """Write as much as a pipe takes without waiting, once it is ready; the number of bytes written."""
        poll = select.poll()
        poll.register(self._number, select.POLLOUT)
        if not poll.poll(self._timeout * 1000):
            raise OSError(0, f"nobody read it for {self._timeout:g} s")
        try:
            return os.write(self._number, chunk)
        except BlockingIOError:
            time.sleep(_PAUSE)
            return 0


def is_stdout(name: str) -> bool:
    """Whether a name means standard output, of which what is written there is then all."""
    return _stream(name) == 1


def _stream(name: str) -> int | None:
    """The number of the open stream that a name means."""
    if name == STDOUT:
        return 1
    path = os.path.normpath(name)
    found = _STREAM.fullmatch(path)
    return int(found["number"]) if found else _STREAMS.get(path)


def _duplicate(number: int) -> int:
    """The stream once more; raises OSError for one that is closed or only read."""
    if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "it is not open for writing")
    return fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3)


def _connect(path: Path, timeout: float) -> int:
    """A pipe or a device, open for writing; a pipe is given until the timeout to find a reader."""
    end = time.monotonic() + timeout
    while True:
        try:
            return os.open(path, _PIPE_OR_DEVICE)
        except OSError as error:
            if error.errno != errno.ENXIO or not path.is_fifo():
                raise
        if time.monotonic() >= end:
            raise OSError(0, f"nobody read it for {timeout:g} s")
        time.sleep(_PAUSE)


def _place(path: Path, git_root: Path | None) -> Path:
    """The path with the links on its way resolved; raises OSError where one inside git's root, or the last part, is a link."""
    root = git_root and Path(os.path.realpath(git_root))
    place = Path(path.anchor) if path.is_absolute() else Path.cwd()
    parts = path.parts[1:] if path.is_absolute() else path.parts
    for index, part in enumerate(parts):
        if part == os.pardir:
            place = place.parent
            continue
        inside = root is not None and place.is_relative_to(root)
        place /= part
        if place.is_symlink():
            if index == len(parts) - 1:
                raise OSError(0, _LINK)
            if inside:
                link = printable(str(place))
                raise OSError(
                    0, f"its folder {link} is a symbolic link inside the repository; name the folder itself"
                )
            place = Path(os.path.realpath(place))
    return place


@contextmanager
def _named(doing: str, name: str, *, advice: str = "") -> Iterator[None]:
    """The system's refusals in our words."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{doing}: cannot write {name}: {error.strerror}", advice=advice) from None
