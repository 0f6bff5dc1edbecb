"""What of a file changes when it is written, as 32 bytes: by it a file is taken for the one that was read before."""

from __future__ import annotations

import os
from struct import Struct, error
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DOUBT: Final = 2_000_000_000
"""Nanoseconds that a file's times must be in the past when it is read: the coarsest clock of a file system ticks in 2 s."""

_STAMP: Final = Struct("<QqqQ")
_FAR: Final = 2**63 - 1
GONE: Final = b""
YOUNG: Final = bytes(_STAMP.size)
"""In place of a stamp that would prove nothing; no file has it."""


def stamp_of(path: str) -> bytes:
    """What of a file changes when it is written: size in bytes, both times in ns, inode; `GONE` where it is."""
    try:
        status = os.lstat(path)
    except OSError:
        return GONE
    return _stamp(status)


def _stamp(status: os.stat_result) -> bytes:
    """Four numbers; a time that 64 bits do not hold (a file system may say the year 2400) is the nearest that they do."""
    times = status.st_mtime_ns, status.st_ctime_ns
    try:
        return _STAMP.pack(status.st_size, *times, status.st_ino)
    except error:
        modified, changed = (max(-_FAR, min(time, _FAR)) for time in times)
        return _STAMP.pack(status.st_size, modified, changed, status.st_ino)


def stamps_in(folder: str, names: Sequence[str]) -> list[bytes]:
    """The stamps of files in a folder, which is opened once: the way to it is not walked again for each."""
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return [GONE] * len(names)
    found = []
    try:
        for name in names:
            try:
                status = os.stat(name, dir_fd=place, follow_symlinks=False)
            except OSError:
                found.append(GONE)
            else:
                found.append(_stamp(status))
    finally:
        os.close(place)
    return found


def settled(stamp: bytes, now: int) -> bool:
    """Whether a file was written so long before that it cannot be written again in the same tick."""
    if stamp == GONE:
        return False
    _, modified, changed, _ = _STAMP.unpack(stamp)
    return bool(max(modified, changed) + DOUBT <= now)


def size_in(stamp: bytes) -> int:
    """The size in bytes that a stamp names."""
    size: int = _STAMP.unpack(stamp)[0]
    return size


def together(stamps: Iterable[bytes]) -> bytes:
    """Stamps as one text of bytes."""
    return b"".join(stamps)


def apart(stamps: bytes) -> list[bytes]:
    """The stamps that `together` joined."""
    return [stamps[at : at + _STAMP.size] for at in range(0, len(stamps), _STAMP.size)]
