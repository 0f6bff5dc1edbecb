"""Bytes -> a file of the repository: whole or not at all, whenever the machine stops.

Writes beside the file's place and moves the result there in one step, so that a kill leaves the earlier file, or
none. Never through a symbolic link, never over a file that it was not asked to replace. Decides nothing.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reconciler.errors import InputError
from reconciler.showing import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def replace(path: Path, content: bytes) -> None:
    """Put other bytes in place of a regular file, which keeps its mode."""
    with _told(path):
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a regular file")
        with _passing(path, content, stat.S_IMODE(status.st_mode)) as passing:
            passing.replace(path)


def create(path: Path, content: bytes) -> None:
    """Make a file; one that is there already is an error, also when it appeared a moment ago."""
    with _told(path), _passing(path, content, None) as passing:
        os.link(passing, path)


@contextmanager
def _passing(path: Path, content: bytes, mode: int | None) -> Iterator[Path]:
    """A file of a passing, hidden name beside the path that holds the content, on disk; it is gone afterwards."""
    passing = path.with_name(f".reconciler-{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(passing, _CREATE, 0o666), "wb") as stream:
            if mode is not None:
                os.fchmod(stream.fileno(), mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        yield passing
        _settle(path.parent)
    finally:
        passing.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Have the folder's entries on disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """The system's refusals in our words."""
    try:
        yield
    except OSError as error:
        raise InputError(f"writing {visible(str(path))}: {error.strerror}") from None
