"""A repository as the rest of this program knows it: found by its `.git`, asked read-only, answering in values."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.core.text import printable
from reconciler.repo.git import objects, revisions
from reconciler.repo.git.filters import Filters, check_filters, converted, find_filters
from reconciler.repo.git.history import find_history
from reconciler.repo.git.model import EntryKind
from reconciler.repo.git.process import GitRefused, run_git
from reconciler.repo.git.reader import BlobReader
from reconciler.repo.git.root import GIT, find_root
from reconciler.repo.git.trees import ObjectReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconciler.repo.git.model import Entry, FolderHistory, IndexEntry, MergeBase, Revision


@dataclass(frozen=True)
class Repository:
    """The repository whose `.git` is in `root` (an absolute path without links). `hash` names how its objects are named."""

    root: Path
    hash: str
    is_shallow: bool

    @staticmethod
    def find(folder: Path) -> Repository | None:
        """The repository that a folder is in; None where there is no `.git` here or above.

        git itself is asked in the folder that has `.git` and never in one below it, so a bare repository that a commit
        brought along is not entered. Raises `GitRefused` with git's words where it will not use what is there.
        """
        root = find_root(folder)
        if root is None:
            return None
        asked = ("--is-shallow-repository", "--show-object-format", "--show-toplevel")
        shallow, name, top = os.fsdecode(run_git(root, "rev-parse", *asked)).split("\n", 2)
        if os.path.realpath(top.removesuffix("\n")) != str(root):
            shown = printable(top.removesuffix("\n"))
            raise GitRefused(
                f"asking git: {printable(str(root / GIT))} belongs to a repository whose files are in {shown}",
                advice="repair or remove that .git, or run this in the folder that it belongs to",
            )
        return Repository(root, name, shallow == "true")

    def path(self, place: Path) -> str:
        """A place on disk as git names it, links resolved; raises ValueError for one outside of the root."""
        return Path(os.path.realpath(place)).relative_to(self.root).as_posix()

    def objects(self) -> ObjectReader:
        """What reads commits, trees and contents as git keeps them, over one process; to be used as a context."""
        return ObjectReader(self.root, self.hash)

    def resolve(self, ref: str) -> Revision:
        """The commit that REF means; raises `InputError` for none, and for a name that is both a branch and a tag."""
        with self.objects() as objects:
            return revisions.resolve(objects, ref, self._shallow)

    def merge_base(self, ref: str, objects: ObjectReader | None = None) -> MergeBase:
        """Where HEAD and REF part; raises `InputError`, with the command that helps, where that is not one known commit.

        `objects` are those that were opened already, if any.
        """
        if objects is not None:
            return revisions.merge_base(objects, ref, self._shallow)
        with self.objects() as opened:
            return revisions.merge_base(opened, ref, self._shallow)

    def converted(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of some paths whose content on disk is another than git keeps, by more than line ends."""
        return converted(self.root, paths)

    def commit(self, name: str) -> str | None:
        """The commit that an id, `HEAD` or the full name of a ref means; None where this clone has no such name."""
        with self.objects() as objects:
            return revisions.find_commit(objects, name)

    def head(self) -> str | None:
        """The commit of HEAD; None before the first one."""
        return (
            run_git(self.root, "rev-parse", "--verify", "--quiet", "HEAD", accepted=(0, 1)).decode().strip()
            or None
        )

    def branch(self) -> str | None:
        """The branch that is checked out; None where HEAD is detached."""
        name = run_git(self.root, "symbolic-ref", "--quiet", "HEAD", accepted=(0, 1)).decode(
            "utf-8", "surrogateescape"
        )
        return name.rstrip("\n").removeprefix("refs/heads/") or None

    def tree(self, commit: str, *paths: str) -> tuple[Entry, ...]:
        """What a commit has at some paths and below them, folders, links and submodules too; all of it without a path."""
        return objects.tree(self.root, commit, paths)

    def blobs(self, entries: Sequence[Entry]) -> tuple[bytes, ...]:
        """The content of each file entry as a checkout would write it; raises `InputError` where that cannot be had."""
        return objects.blobs(self.root, entries, self._filters)

    def reader(self, paths: Sequence[str]) -> BlobReader:
        """Contents one by one, at these paths; raises `InputError` for a path whose content only a filter can tell that may not run."""
        if self._filters.any:
            check_filters(self.root, paths, self._filters)
        return BlobReader(self.root, self._filters)

    def history(self, tip: str, folder: str) -> FolderHistory:
        """What changed in the YAML files of a folder, from a commit back."""
        return find_history(self.root, tip, folder, self._shallow)

    def index(self, *paths: str) -> tuple[IndexEntry, ...]:
        """What git's index has at some paths and below them; all of it without a path."""
        return objects.index(self.root, paths)

    def tracks(self, place: Path) -> bool:
        """Whether git's index has a place on disk, or anything below it."""
        return bool(self.index(self.path(place)))

    def blob_name(self, content: bytes) -> str:
        """The name of a content as an object of this repository."""
        import hashlib  # noqa: PLC0415 - it loads OpenSSL

        return hashlib.new(
            self.hash, b"blob %d\0" % len(content) + content, usedforsecurity=False
        ).hexdigest()

    def uncommitted(self, contents: Mapping[str, bytes]) -> frozenset[str]:
        """The paths whose bytes on disk HEAD does not have: neither as git keeps them nor as a checkout would write them.

        What the index says of a path (skip-worktree, assume-unchanged, ignored) is not asked.
        """
        head = self.head() if contents else None
        if head is None:
            return frozenset(contents)
        entries = {it.path: it for it in self.tree(head, *_folders(contents)) if it.kind is EntryKind.FILE}
        differing = [
            entry
            for path, content in contents.items()
            if (entry := entries.get(path)) and entry.blob != self.blob_name(content)
        ]
        written = zip(differing, self.blobs(differing), strict=True)
        changed = {entry.path for entry, content in written if content != contents[entry.path]}
        return frozenset(changed | (contents.keys() - entries.keys()))

    @cached_property
    def _filters(self) -> Filters:
        return find_filters(self.root)

    @cached_property
    def _shallow(self) -> frozenset[str]:
        """The commits whose parents a shallow clone lacks."""
        if not self.is_shallow:
            return frozenset()
        words = ("rev-parse", "--path-format=absolute", "--git-path", "shallow")
        place = Path(os.fsdecode(run_git(self.root, *words)).removesuffix("\n"))
        try:
            return frozenset(place.read_text(encoding="ascii").split())
        except (OSError, ValueError) as error:
            raise GitRefused(f"reading {printable(str(place))}: {error}") from None


def _folders(paths: Mapping[str, bytes]) -> list[str]:
    """The outermost folders of some paths: few words, however many files."""
    tops = {path.partition("/")[0] for path in paths}
    return sorted(tops)
