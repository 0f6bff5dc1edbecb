"""Temporary files: where a content waits until it takes its place in one step, and who removes it where nobody does.

They are in `.reconciler/`, where git lists nothing, or next to the place that they are for, under a name that the
`.gitignore` of `init` has. Each is locked while its writer lives, so that the next run that writes knows which ones a kill left,
and removes those.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from reconciler.repo.state_dir import private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STAGING: Final = "staging"
"""In `.reconciler/`."""

CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PREFIX: Final = ".reconciler-"
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def temporary_file(folder: Path, mode: int) -> Iterator[tuple[Path, int]]:
    """A new file of a hidden name, open and locked; removed at the end unless it was moved away.

    What dead writers left in the folder is removed first.
    """
    _sweep(folder)
    path, number = _locked(lambda: _new_file(folder, mode))
    try:
        yield path, number
    finally:
        with suppress(OSError):  # moved away already
            os.unlink(path)  # noqa: PTH108
        os.close(number)


@contextmanager
def staging_folder(local: Path) -> Iterator[Path | None]:
    """A folder of this run's own in local state, locked; None where there can be none. It is removed with its files."""
    try:
        root = local / STAGING
        private_folder(root)
        _sweep(root)
        folder, number = _locked(lambda: _new_folder(root))
    except OSError:
        yield None
        return
    try:
        yield folder
    finally:
        with suppress(OSError):
            _remove(folder)
        os.close(number)


def _locked(make: Callable[[], tuple[Path, int]]) -> tuple[Path, int]:
    """A new file or folder, open and locked; made again if it was swept away between its making and its lock."""
    while True:
        path, number = make()
        with suppress(OSError):  # a disk without locks, on which nothing is ever swept
            fcntl.flock(number, fcntl.LOCK_EX)
        if os.fstat(number).st_nlink:
            return path, number
        os.close(number)


def _new_file(folder: Path, mode: int) -> tuple[Path, int]:
    path = folder / f"{_PREFIX}{secrets.token_hex(8)}.tmp"
    return path, os.open(path, CREATE, mode)


def _new_folder(root: Path) -> tuple[Path, int]:
    while True:
        path = root / f"{_PREFIX}{secrets.token_hex(8)}.tmp"
        os.mkdir(path, 0o700)  # noqa: PTH102
        with suppress(FileNotFoundError):  # swept before it could be locked
            return path, os.open(path, _FOLDER)


def _sweep(folder: Path) -> None:
    """Remove the temporary files and folders whose writers are dead."""
    for path in folder.glob(f"{_PREFIX}*.tmp"):
        with suppress(OSError):
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(path)
            finally:
                os.close(number)


def _remove(path: Path) -> None:
    """Remove a temporary file, or a folder of them."""
    if not path.is_dir():
        os.unlink(path)  # noqa: PTH108
        return
    for inside in path.iterdir():
        os.unlink(inside)  # noqa: PTH108
    os.rmdir(path)  # noqa: PTH106
