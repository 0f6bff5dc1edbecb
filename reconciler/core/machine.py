"""An exception from the inside of any library -> which limit of this machine it met, in words. Pure.

A library that can open no more files, start no more threads or get no more memory says so in an exception of its own kind.
None of these is an error of ours, of RPM or of the network, and each is named as what it is.
"""

from __future__ import annotations

import errno
from typing import Final

from reconciler.core.errors import ReconcilerError

_FILES: Final = (
    "no more files can be opened",
    "raise the limit (ulimit -n), or have fewer calls in flight, as in --parallel 4",
)
_MEMORY: Final = (
    "there is no more memory",
    "give the process more memory (ulimit -v, or the container's limit)",
)
_THREADS: Final = (
    "no more threads or processes can be started",
    "raise the limit (ulimit -u, or the container's), or have fewer calls in flight, as in --parallel 4",
)
_DISK: Final = ("the disk is full", "make room, then run the command again")
_BY_NUMBER: Final = {
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ENOMEM: _MEMORY,
    errno.EAGAIN: _THREADS,
    errno.ENOSPC: _DISK,
    errno.EDQUOT: _DISK,
}
_SIGNS: Final = (
    ("start new thread", _THREADS),
    ("MemoryError", _MEMORY),
    ("allocate memory", _MEMORY),
    ("failed to map segment", _MEMORY),
    (f"[Errno {errno.EMFILE}]", _FILES),
    (f"[Errno {errno.ENFILE}]", _FILES),
    (f"[Errno {errno.ENOSPC}]", _DISK),
)
_NO_ROOM_FOR_A_LIBRARY: Final = ("allocate memory", "failed to map segment")
_DEPTH: Final = 20
"""Causes that are looked through; a chain of them may be a circle."""


class MachineLimit(ReconcilerError):
    """This machine gave no more: files, threads, memory or room on the disk."""


def machine_limit(error: BaseException) -> MachineLimit | None:
    """The limit that an exception, or one that caused it, tells of; None where it tells of none."""
    cause: BaseException | None = error
    for _ in range(_DEPTH):
        if cause is None or isinstance(cause, MachineLimit):
            return cause
        if found := _limit(cause):
            what, advice = found
            return MachineLimit(f"this machine's limits: {what}", advice=advice)
        cause = cause.__cause__ or cause.__context__
    return None


def limit_told_by(line: str) -> MachineLimit | None:
    """The limit that the last line of a program of ours tells of, which ended with an exception of Python's."""
    for sign, (what, advice) in _SIGNS:
        if sign in line:
            return MachineLimit(f"this machine's limits: {what}", advice=advice)
    return None


def _limit(error: BaseException) -> tuple[str, str] | None:
    """What one exception says by itself."""
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, SystemError) and "without exception set" in str(error):
        return _MEMORY  # C code that got none, and did not say so
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return _THREADS
    if isinstance(error, OSError) and error.errno is not None:
        return _BY_NUMBER.get(error.errno)
    if isinstance(error, ImportError) and any(said in str(error) for said in _NO_ROOM_FOR_A_LIBRARY):
        return _MEMORY
    return None
