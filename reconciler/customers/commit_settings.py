"""A commit -> its settings, and where its customers folder is.

The settings file of a commit is the one at the path of the checkout's. Where there is none, it was moved since, if the commit
has exactly one `reconciler.yaml` that the checkout lacks; no other guess is made.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.core.values import NotSaid, Problem, SourceMark
from reconciler.repo.git.model import Entry, EntryKind
from reconciler.repo.settings import FILE, Settings, parse_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.repo.git.commit_view import CommitView
    from reconciler.repo.git.repository import Repository


@dataclass(frozen=True, slots=True)
class UnreadableSettings:
    """A commit whose settings are there and break a rule, so that nothing of it is said."""

    commit: str
    problems: tuple[Problem, ...]


def settings_file_path(repository: Repository, settings: Settings) -> str:
    """Where git has the settings file of the checkout, or would have it."""
    return posixpath.normpath(posixpath.join(repository.path(settings.root), FILE))


def settings_of(
    view: CommitView, commit: str, settings: Settings, shown: str
) -> Settings | UnreadableSettings | None:
    """The settings of a commit; the checkout's defaults where neither side has a file, None where only base lacks one."""
    repository = view.repository
    here = settings_file_path(repository, settings)
    entry = view.at(commit, here)
    if entry is None:
        check_ancestors(view, commit, here, shown)
        moved = _moved(view, commit)
        if len(moved) > 1:
            several = ", ".join(printable(it.path) for it in moved)
            raise InputError(
                f"reading base {shown}: it has no {printable(here)}, and several {FILE} that this checkout lacks: {several}",
                advice="move the settings in one commit and merge it, then the rest",
            )
        if not moved:
            return Settings(root=settings.root) if settings.file is None else None
        entry = moved[0]
    place = f"{shown}:{printable(entry.path)}"
    if entry.kind is not EntryKind.FILE:
        return UnreadableSettings(commit, (Problem(SourceMark(place, 1, 1), f"a {entry.kind}, not a file"),))
    (content,) = view.contents([entry])
    try:
        return parse_settings(content, (repository.root / entry.path).parent, place)
    except InvalidFiles as error:
        return UnreadableSettings(commit, error.problems)


def _moved(view: CommitView, commit: str) -> tuple[Entry, ...]:
    """Every settings file that a commit has and the checkout lacks, on disk and in git's index."""
    indexed = {it.path for it in view.repository.index()}
    return tuple(
        it
        for it in _settings_files(view, commit)
        if it.path not in indexed and not os.path.lexists(view.repository.root / it.path)
    )


def _settings_files(view: CommitView, commit: str) -> Iterator[Entry]:
    """Every settings file of a commit."""
    for entry in view.everything(commit):
        if posixpath.basename(entry.path) == FILE:
            yield entry


def every_mask(view: CommitView, commit: str, shown: str) -> frozenset[str] | NotSaid:
    """What any settings file of a commit masks."""
    found: frozenset[str] = frozenset()
    files = [it for it in _settings_files(view, commit) if it.kind is EntryKind.FILE]
    for entry, content in zip(files, view.contents(files), strict=True):
        try:
            found |= parse_settings(
                content, view.repository.root, f"{shown}:{printable(entry.path)}"
            ).rules.mask
        except InvalidFiles as error:
            return NotSaid(str(error.problems[0]))
    return found


def folder_of(view: CommitView, commit: str, settings: Settings, found: Settings) -> str | None:
    """The customers folder of a commit as git names it; None where its settings lead out of the repository."""
    if settings.customers_from_flag:
        given = _inside(view.repository, settings)
        if given is None:
            raise InputError(
                f"reading base: --customers {printable(settings.customers)} is outside of the repository, so git has nothing of it",
                advice="leave --base out, or name a folder of the repository",
            )
        if view.at(commit, given) is not None:
            return given
    return _inside(view.repository, found)


def _inside(repository: Repository, settings: Settings) -> str | None:
    """The customers folder by some settings, as git names it; links count for nothing, since a commit has no disk."""
    path = os.path.normpath(os.path.join(os.path.realpath(settings.root), settings.customers))  # noqa: PTH118 - `..` is resolved as text
    if path == str(repository.root):
        return "."
    if not path.startswith(f"{repository.root}/"):
        return None
    return path.removeprefix(f"{repository.root}/")


def check_ancestors(view: CommitView, commit: str, path: str, shown: str) -> None:
    """Raise where a folder above a path is none in the commit: then the path is not absent but elsewhere."""
    for at, character in enumerate(path):
        if character != "/":
            continue
        above = view.at(commit, path[:at])
        if above is None:
            return
        if above.kind is not EntryKind.FOLDER:
            raise no_folder(shown, path[:at], above.kind)


def no_folder(shown: str, path: str, kind: EntryKind) -> InputError:
    """A folder that is there and is none."""
    return InputError(
        f"reading base {shown}: {printable(path)} is a {kind} there, not a folder, so what its files said is not known",
        advice="make it a folder of the repository in a commit of its own, and merge that first",
    )
