"""The customers folder of a commit: its files by the definition that the disk goes by, and how they are named."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.customers.customer_file import PathKind, Verdict, judge_path, without_twins
from reconciler.repo.git.model import Entry, EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.repo.git.commit_view import CommitView
    from reconciler.repo.settings import Settings

_KINDS: Final = {
    EntryKind.FILE: PathKind.FILE,
    EntryKind.FOLDER: PathKind.FOLDER,
    EntryKind.SUBMODULE: PathKind.SUBMODULE,
}


@dataclass(frozen=True, slots=True)
class CommitFolder:
    """The customers folder of a commit, and by which settings it is read."""

    view: CommitView
    commit: str
    settings: Settings
    root: str
    path: str
    shown: str

    def file(self, path: str) -> str:
        """A path as files are named everywhere: from the folder of the settings."""
        below = path.removeprefix(f"{self.root}/")
        inside = below if self.root == "." or below != path else posixpath.relpath(path, self.root)
        return "/".join(map(printable, inside.split("/")))

    def place(self, file: str) -> str:
        """A file as messages show it: what `git show` takes."""
        return f"{self.shown}:{file if self.root == '.' else f'{printable(self.root)}/{file}'}"


def customer_files(folder: CommitFolder, entries: Iterable[Entry]) -> tuple[list[Entry], list[Problem]]:
    """The customer files among the entries of a folder, by the definition that the disk goes by."""
    top = "" if folder.path == "." else f"{folder.path}/"
    entered = {top}
    files: list[Entry] = []
    problems: list[Problem] = []
    for entry in entries:
        parent, _, name = entry.path.rpartition("/")
        if (f"{parent}/" if parent else "") not in entered or not entry.path.startswith(top):
            continue
        verdict, message = judge_path(name, _kind(folder, entry))
        if verdict is Verdict.ENTER:
            entered.add(f"{entry.path}/")
        elif verdict is Verdict.READ:
            files.append(entry)
        elif verdict is Verdict.REFUSE:
            place = folder.place(folder.file(entry.path))
            problems.append(Problem(SourceMark(place, 1, 1), message))
    kept, twins = without_twins(files, key=lambda it: folder.place(folder.file(it.path)))
    return kept, [*problems, *twins]


def _kind(folder: CommitFolder, entry: Entry) -> PathKind:
    """What an entry is on a disk; a link is looked up where it leads, as far as the commit has that."""
    if entry.kind is not EntryKind.LINK:
        return _KINDS[entry.kind]
    (content,) = folder.view.contents([entry])
    target = content.decode("utf-8", errors="surrogateescape")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), target))
    if posixpath.isabs(path) or path.startswith("..") or "\0" in path:
        return PathKind.LINK
    there = folder.view.at(folder.commit, path)
    is_folder = there is not None and there.kind is not EntryKind.FILE
    return PathKind.FOLDER_LINK if is_folder else PathKind.LINK
