"""What a customer file is (`judge_path`), and a folder on disk -> the contents of its customer files, and what may not be read.

A customer file is a regular file `**/*.yaml`, not hidden and in no hidden folder, on disk and in a commit alike: a link could
lead out of what was reviewed, and a device or pipe could hang. On disk a submodule is a folder like others; a commit does not
hold its files, so there it is a problem. What editors and merges
leave behind (`x.yaml~`, `x.yaml.orig`) is ignored; a name that was probably meant to be read (`x.yml`) is a warning. What a
file says is not looked at here. Nothing is written, and one unreadable file does not keep the others from being read.

Paths are shown with `/` and with unsafe characters escaped, because they end up in every message. Two files
that are shown alike, or differ in case alone, are refused: one checkout could not hold both.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from bisect import insort
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, assert_never

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.core.yaml.encoding import BYTES_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

T = TypeVar("T")

TOTAL_LIMIT: Final = 64_000_000

_SUFFIX: Final = ".yaml"
_NEAR_MISSES: Final = (".yml", ".yaml", ".yaml.txt", ".yml.txt", ".ymal", ".yamll", ".yaml ")
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class PathKind(Enum):
    """What there can be under a name, on disk or in a commit."""

    FILE = "a regular file"
    FOLDER = "a folder"
    LINK = "a symbolic link"
    FOLDER_LINK = "a symbolic link to a folder"
    SUBMODULE = "a submodule"
    SPECIAL = "not a regular file"


class Verdict(Enum):
    """What to do with it."""

    READ = "read it"
    ENTER = "look into it"
    IGNORE = "ignore it"
    REFUSE = "it is a problem"
    WARN = "it was probably meant to be read"


_REFUSALS: Final = {
    PathKind.LINK: "a symbolic link, which is not followed: put the file itself here",
    PathKind.FOLDER_LINK: "a symbolic link, which is not followed: put the folder itself here",
    PathKind.SUBMODULE: "a submodule, whose files this repository does not hold: put the files themselves here",
    PathKind.FOLDER: "a folder with the name of a customer file: rename it",
    PathKind.SPECIAL: "not a regular file, so it is not read: remove it",
}
_NEAR_MISS: Final = "not read, because its name does not end in .yaml: rename it, or move it away"


def judge_path(name: str, kind: PathKind) -> tuple[Verdict, str]:
    """What to do with a name in the customers folder or below it, and what to say of it if anything.

    The one definition of a customer file: the disk and a commit are read by it.
    """
    named = name.endswith(_SUFFIX)
    if name.startswith("."):
        return Verdict.IGNORE, ""
    if kind is PathKind.FILE and named:
        return Verdict.READ, ""
    if kind is PathKind.FOLDER and not named:
        return Verdict.ENTER, ""
    if named or kind in {PathKind.FOLDER_LINK, PathKind.SUBMODULE}:
        return Verdict.REFUSE, _REFUSALS[kind]
    if kind is not PathKind.LINK and name.lower().endswith(_NEAR_MISSES):
        return Verdict.WARN, _NEAR_MISS
    return Verdict.IGNORE, ""


def is_customer_file(path: str) -> bool:
    """Whether a regular file at a path below the customers folder is a customer file."""
    *folders, name = path.split("/")
    return judge_path(name, PathKind.FILE)[0] is Verdict.READ and all(
        judge_path(folder, PathKind.FOLDER)[0] is Verdict.ENTER for folder in folders
    )


class File(NamedTuple):
    """A file to read: its path as shown to people, and on disk."""

    shown: str
    path: str


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
    found.files = found.distinct()
    return found


class Found:
    """What one pass over a folder finds: files sorted by path, problems and warnings."""

    def __init__(self) -> None:
        self.files: list[File] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._bytes = 0

    def look(self, folder: str, shown: str) -> None:
        """Find the files to read in a folder and in those below it, however deep."""
        folders = [(folder, shown)]
        while folders:
            path, prefix = folders.pop()
            try:
                with os.scandir(path) as entries:
                    for entry in entries:
                        if not entry.name.startswith("."):
                            self.take(entry, f"{prefix}/{printable(entry.name)}", folders)
            except OSError as error:
                self.problem(prefix, f"the folder cannot be read: {error.strerror}")

    def take(self, entry: os.DirEntry[str], shown: str, folders: list[tuple[str, str]]) -> None:
        """Take a file to read, a folder to look into, or say why not."""
        verdict, message = judge_path(entry.name, _kind(entry))
        match verdict:
            case Verdict.READ:
                self.files.append(File(shown, entry.path))
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
            limit = f"the files up to here hold more than {TOTAL_LIMIT // 1_000_000} MB together"
            self.problem(file.shown, f"{limit}; this one and those behind it are not read")
        return self._bytes <= TOTAL_LIMIT

    def distinct(self) -> list[File]:
        """The files in order, without those that are one name on some disks."""
        kept, again = without_twins(sorted(self.files), key=lambda file: file.shown)
        for problem in again:
            self.problem(problem.mark.file, problem.message)
        return kept

    def problem(self, shown: str, message: str) -> None:
        """Add what is wrong with a file or folder."""
        insort(self.problems, Problem(SourceMark(shown, 1, 1), message), key=_by_file)

    def warning(self, shown: str, message: str) -> None:
        """Add what is doubtful about one."""
        insort(self.warnings, Problem(SourceMark(shown, 1, 1), message, warning=True), key=_by_file)


def without_twins(files: Iterable[T], *, key: Callable[[T], str]) -> tuple[list[T], list[Problem]]:
    """The files without those whose shown path (`key`) is another's on some disks, and a problem for each of these."""
    seen: dict[str, T] = {}
    problems = []
    for file in files:
        first = seen.setdefault(_on_any_disk(key(file)), file)
        if first is not file:
            message = f"is the same file as {key(first)} where case does not count: rename one"
            problems.append(Problem(SourceMark(key(file), 1, 1), message))
    return list(seen.values()), problems


def _kind(entry: os.DirEntry[str]) -> PathKind:
    """What a directory entry is; a link is asked where it leads, and nothing of it is read."""
    if entry.is_file(follow_symlinks=False):
        return PathKind.FILE
    if entry.is_symlink():
        return PathKind.FOLDER_LINK if _leads_to_a_folder(entry) else PathKind.LINK
    if entry.is_dir(follow_symlinks=False):
        return PathKind.FOLDER
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


def _on_any_disk(shown: str) -> str:
    lowered = shown.casefold()
    return lowered if lowered.isascii() else unicodedata.normalize("NFC", lowered)


def _by_file(problem: Problem) -> str:
    return problem.mark.file
