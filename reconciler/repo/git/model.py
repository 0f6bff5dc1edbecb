"""What git answers, as values. Paths are relative to the root of the repository, with `/`, undecodable bytes as surrogates."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_BLOB: Final = ""
"""Where a path has no file on one side of a step."""


class EntryKind(StrEnum):
    """What a path is, in a commit or in the index."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "symbolic link"
    SUBMODULE = "submodule"


@dataclass(frozen=True, slots=True)
class Entry:
    """A path of a commit. `blob` is the object's name; a submodule's is a commit of somebody else's repository."""

    path: str
    kind: EntryKind
    mode: str
    blob: str


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A path of git's index.

    `absent_by_choice` is git's skip-worktree bit: a sparse checkout leaves it out. `unwatched` is assume-unchanged.
    `stage` is 0, or 1 to 3 while a merge is unfinished.
    """

    path: str
    kind: EntryKind
    mode: str
    blob: str
    stage: int
    absent_by_choice: bool
    unwatched: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit that a person named: `ref` as written, `name` the full name of the one ref it is, or empty.

    `upstream` is the full name of the ref that a local branch follows and git has, or empty; `upstream_commit` its commit.
    """

    ref: str
    commit: str
    name: str = ""
    upstream: str = ""
    upstream_commit: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """A local branch is behind the one it follows: by so many commits, of which HEAD has some."""

    branch: str
    upstream: str
    commits: int


@dataclass(frozen=True, slots=True)
class MergeBase:
    """Where HEAD and REF part: `commit`. REF, whose commit is `tip`, has `ahead` commits that HEAD has not.

    `behind` is there where REF is a local branch that is behind what HEAD was made from.
    """

    ref: str
    commit: str
    tip: str
    ahead: int
    behind: Behind | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as people speak of it: its full name, author, and author date (UTC, ISO form; empty where it has none)."""

    name: str
    author: str
    date: str


@dataclass(frozen=True, slots=True)
class CommitDiff:
    """What a commit changed in YAML files, wherever they are, compared with one of its parents; a first commit is compared with nothing.

    `changes` has the names of each path's blob in the parent and in the commit. `committed` is the committer date in
    seconds since 1970, None where the commit tells none. `parent` is empty for a first commit. At the `edge` of a shallow
    clone there are parents, and nobody here knows them; then `changes` is empty.
    """

    commit: Commit
    committed: int | None
    parent: str
    changes: Mapping[str, tuple[str, str]]
    edge: bool = False


@dataclass(frozen=True, slots=True)
class FolderHistory:
    """The commits that changed a folder, children before their parents.

    `main` goes along first parents alone, a step a commit. `all` goes everywhere, as `git log -- FOLDER` does, with a step
    for each parent that a commit is compared with; the parents are those that changed the folder last.
    """

    main: tuple[CommitDiff, ...]
    all: tuple[CommitDiff, ...]
