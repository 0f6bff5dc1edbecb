"""Bytes -> files of the user's: each whole or not at all, whenever the machine stops.

The content is written under a temporary name (`staging`) and moved into its place in one step, so that a kill leaves the
earlier file, or none. Temporary files are in `.reconciler/`; next to their place only where that is another disk, or cannot be
written. Nothing is written through a symbolic link or over what was not asked for.

A file is replaced only while it still has what was read from it, and keeps its mode, owner and group. The last look
comes right before the move; no system offers to join the two.

Whatever changes the disk is called as `os.…`, so that a test can stand in for each operation.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.repo.staging import CREATE, staging_folder, temporary_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

SYNC_FROM: Final = 20
"""So many files are flushed by one call for the whole system; fewer by one each, which leaves other programs' writes alone."""

_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ELSEWHERE: Final = {errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS}


class Replacement(NamedTuple):
    """A file, the bytes that were read from it, and those that are to take their place."""

    path: Path
    before: bytes
    after: bytes


class _Write(NamedTuple):
    """Bytes for a place; without a mode, `umask` gives it, and without an owner (user and group), the running user is."""

    path: Path
    content: bytes
    mode: int | None = None
    owner: tuple[int, int] | None = None


def replace(files: Sequence[Replacement], *, local: Path, all_or_none: bool = False) -> dict[Path, str]:
    """Put other bytes in place of regular files; returns why a file was left as it is, for each that was.

    All new bytes are on the disk before the first file is replaced, so a full disk changes nothing. With `all_or_none`,
    nothing is replaced where one file would be left. `local` is the folder of local state. Raises `InputError` where the
    disk refuses.
    """
    left: dict[Path, str] = {}
    writes: list[tuple[Replacement, _Write]] = []
    for file in files:
        with named("writing", file.path):
            status = os.lstat(file.path)
            if reason := _irreplaceable(file, status):
                left[file.path] = reason
            else:
                mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
                writes.append((file, _Write(file.path, file.after, mode, owner)))
    with _staged([write for _, write in writes], local) as temporaries:
        if all_or_none:
            left |= {file.path: reason for file, _ in writes if (reason := _changed(file))}
        for (file, write), temporary in zip(writes, temporaries, strict=True):
            if all_or_none and left:
                break
            with named("writing", file.path):
                if reason := _changed(file):
                    left[file.path] = reason
                else:
                    _put(write, temporary, os.replace)
    return left


def create(files: Mapping[Path, bytes], *, local: Path) -> None:
    """Make files; one that is there already is an error, also when it appeared a moment ago, and ends it there.

    Raises `InputError`.
    """
    writes = [_Write(path, content) for path, content in files.items()]
    with _staged(writes, local) as temporaries:
        for write, temporary in zip(writes, temporaries, strict=True):
            with named("writing", write.path):
                _put(write, temporary, os.link)


def write_all(number: int, content: bytes) -> None:
    """Write all of it to an open file."""
    while content:
        content = content[os.write(number, content) :]


def flush_folder(folder: Path) -> None:
    """Have the folder's entries on the disk."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def named(doing: str, path: Path) -> Iterator[None]:
    """The system's refusals in our words, with the path."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{doing} {printable(str(path))}: {error.strerror}") from None


def _irreplaceable(file: Replacement, status: os.stat_result) -> str:
    """Why replacing a file would lose something, or nothing."""
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is not a regular file")
    if status.st_nlink > 1:
        return "it has another name (a hard link), which would keep the earlier content; make it a file of its own"
    # A file in a group that the user is not in, or of another user, could not be given back to them.
    groups = {os.getegid(), *os.getgroups()}
    if os.geteuid() and (status.st_uid != os.geteuid() or status.st_gid not in groups):
        return "it belongs to another user or group, and would not any more; run this as its owner"
    return _changed(file)


def _changed(file: Replacement) -> str:
    """That a file does not have any more what was read from it, or nothing."""
    number = os.open(file.path, _READ)
    try:
        same = os.fstat(number).st_size == len(file.before) and _content(number) == file.before
    finally:
        os.close(number)
    return "" if same else "it was saved by another program meanwhile; run this again"


def _content(number: int) -> bytes:
    pieces = []
    while piece := os.read(number, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


@contextmanager
def _staged(writes: Sequence[_Write], local: Path) -> Iterator[list[Path | None]]:
    """The contents under temporary names in local state, on the disk; None for each where there is no local state.

    When the body is over, the folders of the places are on the disk too.
    """
    flush = len(writes) < SYNC_FROM
    with staging_folder(local) if writes else nullcontext() as folder:
        temporaries = []
        for index, write in enumerate(writes):
            temporary = folder and folder / f"{index}.tmp"
            if temporary:
                with named("writing", write.path):
                    _stage(temporary, write, flush=flush)
            temporaries.append(temporary)
        if not flush:
            os.sync()
        yield temporaries
    for parent in {write.path.parent for write in writes}:
        with named("writing", parent):
            flush_folder(parent)


def _stage(temporary: Path, write: _Write, *, flush: bool) -> None:
    """Write the content under a temporary name."""
    number = os.open(temporary, CREATE, 0o666 if write.mode is None else 0o600)
    try:
        _fill(number, write)
        if flush:
            os.fsync(number)
    finally:
        os.close(number)


def _fill(number: int, write: _Write) -> None:
    """Give an open file its content, owner and mode."""
    status = os.fstat(number)
    if write.owner is not None and write.owner != (status.st_uid, status.st_gid):
        os.fchown(number, *write.owner)
    if write.mode is not None:
        os.fchmod(number, write.mode)
    write_all(number, write.content)


def _put(write: _Write, temporary: Path | None, step: Callable[[Path, Path], None]) -> None:
    """Take the step that brings the content into its place: from local state, else from next to its place."""
    if temporary is not None:
        try:
            step(temporary, write.path)
        except OSError as error:
            if error.errno not in _ELSEWHERE:
                raise
        else:
            return
    mode = 0o666 if write.mode is None else 0o600
    with temporary_file(write.path.parent, mode) as (beside, number):
        _fill(number, write)
        os.fsync(number)
        step(beside, write.path)
