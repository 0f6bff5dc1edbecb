"""What a customer file is, on disk and in a commit alike: `judge_path`, and which two names no disk could have at once.

A customer file is a regular file `**/*.yaml`, not hidden and in no hidden folder: a link could lead out of what was reviewed, and a
device or pipe could hang. A submodule is a problem in both: a commit does not have its files, so a checkout that has them would
compare what base never can. On disk it is a folder with a `.git`; one that was not fetched is an empty folder there.
What editors and merges leave (`x.yaml~`, `x.yaml.orig`) is ignored; a name that was probably meant to be read (`x.yml`) is a
warning. Pure.
"""

from __future__ import annotations

import unicodedata
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeVar

from reconciler.core.values import Problem, SourceMark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

SUFFIX: Final = ".yaml"
_NEAR_MISSES: Final = (".yml", ".yaml", ".yaml.txt", ".yml.txt", ".ymal", ".yamll", ".yaml ")


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
    PathKind.SUBMODULE: "a submodule, whose files this repository does not contain: put the files themselves here",
    PathKind.FOLDER: "a folder with the name of a customer file: rename it",
    PathKind.SPECIAL: "not a regular file, so it is not read: remove it",
}
_NEAR_MISS: Final = "not read, because its name does not end in .yaml: rename it, or move it away"


def judge_path(name: str, kind: PathKind) -> tuple[Verdict, str]:
    """What to do with a name in the customers folder or below it, and what to say of it if anything.

    The one definition of a customer file: the disk and a commit are read by it.
    """
    named = name.endswith(SUFFIX)
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


def without_twins(files: Iterable[T], *, key: Callable[[T], str]) -> tuple[list[T], list[Problem]]:
    """The files without those whose shown path (`key`) is another's on some disks, and a problem for each of these."""
    seen: dict[str, T] = {}
    problems = []
    for file in files:
        first = seen.setdefault(on_any_disk(key(file)), file)
        if first is not file:
            message = f"is the same file as {key(first)} where case does not count: rename one"
            problems.append(Problem(SourceMark(key(file), 1, 1), message))
    return list(seen.values()), problems


def on_any_disk(shown: str) -> str:
    """A path without what some disks do not tell apart: case and composition."""
    lowered = shown.casefold()
    return lowered if lowered.isascii() else unicodedata.normalize("NFC", lowered)
