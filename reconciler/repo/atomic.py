"""Bytes -> a file of the user's: whole or not at all, whenever the machine stops.

The content waits in a passing file and is moved into its place in one step, so that a kill leaves the earlier file, or
none. It waits in `.reconciler/`, where git lists nothing; beside its place only where that is another disk, or may not be
written. What a kill leaves there is removed by the next run that writes: a passing file is locked while its writer
lives, so nobody else's is taken for one. Never through a symbolic link, never over what it was not asked to replace.

Whatever changes the disk is called as `os.…`: a test stands in that door and strikes at each operation.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.repo.state_dir import private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PASSING: Final = "passing"
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND: Final = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_ELSEWHERE: Final = {errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS}


def replace(path: Path, content: bytes, *, local: Path) -> None:
    """Put other bytes in place of a regular file, which keeps its mode; `local` is the folder of local state."""
    with _told("writing", path):
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a regular file")
        _put(path, content, local=local, mode=stat.S_IMODE(status.st_mode), step=os.replace)


def create(path: Path, content: bytes, *, local: Path) -> None:
    """Make a file; one that is there already is an error, also when it appeared a moment ago."""
    with _told("writing", path):
        _put(path, content, local=local, mode=None, step=os.link)


def save(path: Path, content: bytes, *, local: Path, doing: str) -> None:
    """Put bytes where a path says, for their owner's eyes alone; a file or a link that is there makes way."""
    with _told(f"{doing}: cannot write", path):
        with suppress(FileNotFoundError):
            if stat.S_IFMT(os.lstat(path).st_mode) not in {stat.S_IFREG, stat.S_IFLNK}:
                raise OSError(0, "it is not a regular file")
        _put(path, content, local=local, mode=0o600, step=os.replace)


def append(path: Path, line: bytes, *, doing: str) -> None:
    """Add one line to a file of ours, or none of it; half a line that a kill left stays a line by itself."""
    with _told(f"{doing}: cannot write", path):
        number = os.open(path, _APPEND, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            size = os.fstat(number).st_size
            torn = size > 0 and os.pread(number, 1, size - 1) != b"\n"
            try:
                _written(number, b"\n" * torn + line)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(number, size)
                raise
        finally:
            os.close(number)


def _put(
    path: Path, content: bytes, *, local: Path, mode: int | None, step: Callable[[Path, Path], None]
) -> None:
    """Have the content wait in local state, else beside its place, and take the step that brings it there."""
    for folder in (*_own(local), path.parent):
        try:
            with _passing(folder, content, mode) as passing:
                step(passing, path)
                break
        except OSError as error:
            if folder == path.parent or error.errno not in _ELSEWHERE:
                raise
    _settle(path.parent)


def _own(local: Path) -> tuple[Path, ...]:
    """The folder to wait in, if local state can have one."""
    try:
        private_folder(local / PASSING)
    except OSError:
        return ()
    return (local / PASSING,)


@contextmanager
def _passing(folder: Path, content: bytes, mode: int | None) -> Iterator[Path]:
    """A file of a hidden name that holds the content, on the disk; it is gone afterwards."""
    _sweep(folder)
    passing, number = _opened(folder, 0o666 if mode is None else 0o600)
    try:
        if mode is not None:
            os.fchmod(number, mode)
        _written(number, content)
        yield passing
    finally:
        with suppress(OSError):  # moved away already, or swept by a later run
            os.unlink(passing)  # noqa: PTH108
        os.close(number)


def _opened(folder: Path, mode: int) -> tuple[Path, int]:
    """A new, locked file; made anew if it was swept away between its making and its lock."""
    while True:
        passing = folder / f".reconciler-{secrets.token_hex(8)}.tmp"
        number = os.open(passing, _CREATE, mode)
        with suppress(OSError):  # a disk without locks, on which nobody can sweep
            fcntl.flock(number, fcntl.LOCK_EX)
        if os.fstat(number).st_nlink:
            return passing, number
        os.close(number)


def _sweep(folder: Path) -> None:
    """Remove the passing files whose writers are dead."""
    for passing in folder.glob(".reconciler-*.tmp"):
        with suppress(OSError):
            number = os.open(passing, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(passing)  # noqa: PTH108
            finally:
                os.close(number)


def _written(number: int, content: bytes) -> None:
    """All of it, on the disk."""
    while content:
        content = content[os.write(number, content) :]
    os.fsync(number)


def _settle(folder: Path) -> None:
    """Have the folder's entries on disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(doing: str, path: Path) -> Iterator[None]:
    """The system's refusals in our words."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{doing} {printable(str(path))}: {error.strerror}") from None
