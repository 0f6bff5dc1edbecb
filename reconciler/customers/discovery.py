"""A folder on disk -> the contents of its customer files, and what may not be read.

What a file says is not looked at here. Nothing is written, and one unreadable file does not keep the others from being read.
Paths are shown with `/` and with unsafe characters escaped, because they end up in every message. Two files
that are shown alike, or differ in case alone, are refused: one checkout could not have both.
"""

from __future__ import annotations

import os
import stat
from bisect import insort
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.core.yaml.encoding import BYTES_LIMIT
from reconciler.customers.customer_file import (
    SUFFIX,
    PathKind,
    Verdict,
    judge_path,
    on_any_disk,
    without_twins,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TOTAL_LIMIT: Final = 64_000_000

_SHOWN: Final = attrgetter("shown")
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class File(NamedTuple):
    """A file to read: its path as shown to people, and on disk."""

    shown: str
    path: str


class Folder(NamedTuple):
    """The files to read of one folder, sorted: their names as shown, and on disk (mostly the same list)."""

    shown: str
    path: str
    names: list[str]
    on_disk: list[str]

    def file(self, at: int) -> File:
        """One of them."""
        return File(f"{self.shown}/{self.names[at]}", f"{self.path}/{self.on_disk[at]}")

    def files(self) -> Iterator[File]:
        """Each of them."""
        return map(self.file, range(len(self.names)))


def read_folder(folder: Path, shown_as: str) -> tuple[list[tuple[str, bytes]], list[Problem], list[Problem]]:
    """The customer files as (shown path, content), sorted by path; then the problems and the warnings.

    A file past its own size limit is given one byte longer than the limit, so that whoever reads its text refuses it.
    Raises InputError when there is no such folder.
    """
    found = find_files(folder, shown_as)
    contents = [(file.shown, content) for file in found.files if (content := found.content(file)) is not None]
    return contents, found.problems, found.warnings


def find_files(folder: Path, shown_as: str) -> Found:
    """The customer files without their contents; shown paths are POSIX paths that begin with `shown_as`.

    Raises InputError when there is no such folder.
    """
    if not folder.is_dir():
        what = (
            f"{printable(shown_as)} is not a folder"
            if folder.exists()
            else f"there is no folder {printable(shown_as)}"
        )
        raise InputError(
            f"reading the customers: {what}",
            advice="name it with --customers or `customers:`; `reconciler init` begins a repository",
        )
    found = Found()
    found.look(str(folder), printable(shown_as.rstrip("/")))
    return found


class Found:
    """What one pass over a folder finds: folders with their files, problems and warnings, each sorted by path."""

    def __init__(self) -> None:
        self.folders: list[Folder] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._bytes = 0

    @cached_property
    def files(self) -> list[File]:
        """Every file, sorted by path."""
        return sorted(self, key=_SHOWN)

    def __iter__(self) -> Iterator[File]:
        return chain.from_iterable(folder.files() for folder in self.folders)

    def __len__(self) -> int:
        return sum(len(folder.names) for folder in self.folders)

    def look(self, folder: str, shown: str) -> None:
        """Find the files to read in a folder and in those below it, however deep."""
        folders = [(folder, shown)]
        while folders:
            path, prefix = folders.pop()
            names: list[str] = []
            try:
                with os.scandir(path) as entries:
                    for entry in entries:
                        name = entry.name
                        if name[-5:] == SUFFIX and name[0] != "." and entry.is_file(follow_symlinks=False):
                            names.append(name)  # as `judge_path` has it, at a fifth of the time
                        else:
                            self.take(entry, prefix, names, folders)
            except OSError as error:
                self.problem(prefix, f"the folder cannot be read: {error.strerror}")
            if names:
                self.folders.append(_folder(prefix, path, names))
        self.folders.sort(key=lambda it: f"{it.shown}/{it.names[0]}")
        if not _are_distinct(self.folders):
            self._leave_twins_out()

    def take(
        self, entry: os.DirEntry[str], prefix: str, names: list[str], folders: list[tuple[str, str]]
    ) -> None:
        """Take a file to read, a folder to look into, or say why not."""
        verdict, message = judge_path(entry.name, _kind(entry))
        shown = f"{prefix}/{printable(entry.name)}"
        match verdict:
            case Verdict.READ:
                names.append(entry.name)
            case Verdict.ENTER:
                folders.append((entry.path, shown))
            case Verdict.REFUSE:
                self.problem(shown, message)
            case Verdict.WARN:
                self.warning(shown, message)
            case Verdict.IGNORE:
                pass
            case _:
                assert_never(verdict)

    def content(self, file: File) -> bytes | None:
        """The content of a file, if it may and can be read; if not, there is a problem that says why."""
        if self._bytes > TOTAL_LIMIT:
            return None
        try:
            content = _content(file.path)
        except OSError as error:
            self.problem(file.shown, f"the file cannot be read: {error.strerror}")
            return None
        return content if self.count(len(content), file) else None

    def room(self, size: int) -> bool:
        """Whether so many bytes more may be read."""
        return self._bytes + size <= TOTAL_LIMIT

    def count(self, size: int, file: File) -> bool:
        """Whether the files up to this one, which has so many bytes, may be read; the first that may not is a problem."""
        before, self._bytes = self._bytes, self._bytes + size
        if before <= TOTAL_LIMIT < self._bytes:
            limit = f"the files up to here contain more than {TOTAL_LIMIT // 1_000_000} MB together"
            self.problem(file.shown, f"{limit}; this one and those after it are not read")
        return self._bytes <= TOTAL_LIMIT

    def _leave_twins_out(self) -> None:
        """Keep of files that are one name on some disks the first, and say so of the others."""
        kept, again = without_twins(self.files, key=_SHOWN)
        for problem in again:
            self.problem(problem.mark.file, problem.message)
        self.files = kept
        first = set(kept)
        stay = [[at for at, file in enumerate(it.files()) if file in first] for it in self.folders]
        self.folders = [
            it._replace(names=[it.names[at] for at in some], on_disk=[it.on_disk[at] for at in some])
            for it, some in zip(self.folders, stay, strict=True)
            if some
        ]

    def problem(self, shown: str, message: str) -> None:
        """Add what is wrong with a file or folder."""
        insort(self.problems, Problem(SourceMark(shown, 1, 1), message), key=_by_file)

    def warning(self, shown: str, message: str) -> None:
        """Add what is doubtful about one."""
        insort(self.warnings, Problem(SourceMark(shown, 1, 1), message, warning=True), key=_by_file)


def _folder(shown: str, path: str, on_disk: list[str]) -> Folder:
    """A folder with its files in the order of their shown names."""
    together = "".join(on_disk)
    if together.isascii() and together.isprintable():
        on_disk.sort()
        return Folder(shown, path, on_disk, on_disk)
    pairs = sorted((printable(name), name) for name in on_disk)
    return Folder(shown, path, [it[0] for it in pairs], [it[1] for it in pairs])


def _are_distinct(folders: Sequence[Folder]) -> bool:
    """Whether all shown paths stay apart on a disk on which case and composition do not count; a look at many names at once."""
    if len({on_any_disk(it.shown) for it in folders}) != len(folders):
        return False
    return all(map(_has_no_twins, folders))


def _has_no_twins(folder: Folder) -> bool:
    """The same of the files of one folder; where no name is another on such a disk, they are what the folder tells apart."""
    together = "/".join(folder.names)
    lowered = on_any_disk(together)
    if lowered == together and folder.names is folder.on_disk:
        return True
    names = lowered.split("/")
    return len(set(names)) == len(names)


def _kind(entry: os.DirEntry[str]) -> PathKind:
    """What a directory entry is; a link is asked where it leads, and nothing of it is read."""
    if entry.is_file(follow_symlinks=False):
        return PathKind.FILE
    if entry.is_symlink():
        return PathKind.FOLDER_LINK if _leads_to_a_folder(entry) else PathKind.LINK
    if entry.is_dir(follow_symlinks=False):
        return PathKind.SUBMODULE if os.path.lexists(f"{entry.path}/.git") else PathKind.FOLDER
    return PathKind.SPECIAL


def _leads_to_a_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # it leads in a circle
        return False


def _content(path: str) -> bytes:
    """The bytes of a regular file, one more than the limit at most.

    The entry may have become something else since it was listed, so the open file itself is asked, and
    opening neither follows a link nor waits for a writer.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a regular file any more")
        content = os.read(descriptor, min(status.st_size, BYTES_LIMIT) + 1)
        while len(content) != status.st_size and (more := BYTES_LIMIT + 1 - len(content)) > 0:
            if not (piece := os.read(descriptor, more)):
                break
            content += piece
        return content
    finally:
        os.close(descriptor)


def _by_file(problem: Problem) -> str:
    return problem.mark.file
