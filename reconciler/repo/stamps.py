"""What of a file changes when it is written, as a text: by it a file is taken for the one that was read before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

DOUBT: Final = 2_000_000_000
"""Nanoseconds that a file's times must lie back when it is read: the coarsest clock of a file system ticks in 2 s."""

_STAMP: Final = "%d %d %d %d"


def stamp_of(path: str) -> str:
    """What of a file changes when it is written: size in bytes, both times in ns, inode; nothing where it is gone."""
    try:
        status = os.lstat(path)
    except OSError:
        return ""
    return _STAMP % (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def stamps_in(folder: str, names: Sequence[str]) -> list[str]:
    """The stamps of files in a folder, which is opened once: the way to it is not walked again for each."""
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return [""] * len(names)
    found = []
    try:
        for name in names:
            try:
                status = os.stat(name, dir_fd=place, follow_symlinks=False)
            except OSError:
                found.append("")
            else:
                found.append(_STAMP % (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
    finally:
        os.close(place)
    return found


def settled(stamp: str, now: int) -> str:
    """The stamp, or nothing where the file was written so shortly before that it may be written again in the same tick."""
    if not stamp:
        return ""
    _, modified, changed, _ = map(int, stamp.split())
    return stamp if max(modified, changed) + DOUBT <= now else ""


def size_in(stamp: str) -> int:
    """The size in bytes that a stamp names."""
    return int(stamp.partition(" ")[0])
