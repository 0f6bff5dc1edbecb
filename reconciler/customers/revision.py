"""A commit -> what its YAML says, read by that commit's own settings.

Three answers there are. The commit says something, be it not everything (`CommittedYaml`). It has no settings, or no customers
folder, so whatever the checkout says is new (`NothingYet`). Or its settings are there and cannot be read, so nothing of it is
said (`UnreadableSettings`). What git itself cannot tell is an error, and never one of the three.

The settings file of a commit is the one at the path of the checkout's. Where there is none, it was moved since, if the commit
has exactly one `reconciler.yaml` that the checkout lacks; no other guess is made.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.core.values import NotSaid, Problem, SourceMark
from reconciler.customers.discovery import TOTAL_LIMIT, PathKind, Verdict, judge_path, without_twins
from reconciler.customers.load import reader_of
from reconciler.customers.said import SaidCustomers, join_said
from reconciler.repo.git.model import Entry, EntryKind
from reconciler.repo.settings import FILE, Settings, parse_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reconciler.customers.manifest import FileRead
    from reconciler.repo.git.repository import Repository

_KINDS: Final = {
    EntryKind.FILE: PathKind.FILE,
    EntryKind.FOLDER: PathKind.FOLDER,
    EntryKind.SUBMODULE: PathKind.SUBMODULE,
}


@dataclass(frozen=True, slots=True)
class CommittedYaml:
    """What a commit says. `settings` are its own, `folder` its customers folder as git names it.

    `sound` are the files without a problem as they were read, by path and blob; another commit need not read those again.
    """

    commit: str
    settings: Settings
    folder: str
    said: SaidCustomers
    sound: Mapping[tuple[str, str], FileRead]


@dataclass(frozen=True, slots=True)
class NothingYet:
    """A commit that has no customers: `reason` says what it lacks. `settings` are its own if it has some.

    `mask` is what any `reconciler.yaml` of the commit masks, or `NotSaid` where one of them cannot be read.
    """

    commit: str
    reason: str
    settings: Settings | None
    mask: frozenset[str] | NotSaid


@dataclass(frozen=True, slots=True)
class UnreadableSettings:
    """A commit whose settings are there and break a rule, so that nothing of it is said."""

    commit: str
    problems: tuple[Problem, ...]


CommitYaml = CommittedYaml | NothingYet | UnreadableSettings


def read_commit(
    repository: Repository, commit: str, settings: Settings, *, shown: str, like: CommitYaml | None = None
) -> CommitYaml:
    """What a commit says of the customers that the checkout's `settings` are about.

    `shown` is what the person called the commit; it stands before every place. `like` is another commit that was read already.
    Raises `InputError` where git cannot tell, or where a customers folder is there and is none.
    """
    shown = printable(shown)
    found = _settings_of(repository, commit, settings, shown)
    if isinstance(found, UnreadableSettings):
        return found
    if found is None:
        return NothingYet(
            commit, f"{shown} has no {FILE} for it", None, _every_mask(repository, commit, shown)
        )
    path = _folder_of(repository, commit, settings, found)
    if path is None:
        mark = found.places.get("customers", SourceMark(f"{shown}:{FILE}", 1, 1))
        return UnreadableSettings(commit, (Problem(mark, "`customers:` leads out of the repository"),))
    folder = _Folder(repository, commit, found, repository.path(found.root), path, shown)
    entries = repository.tree(commit, path) if path != "." else repository.tree(commit)
    if not entries:
        _check_ancestors(repository, commit, path, shown)
    elif path != "." and entries[0].kind is not EntryKind.FOLDER:
        raise _no_folder(shown, path, entries[0].kind)
    files, problems = _customer_files(folder, entries)
    if not files and not problems:
        what = "no customer file in" if entries else "no folder"
        return NothingYet(commit, f"{shown} has {what} {printable(path)}", found, found.rules.mask)
    said, sound = _read_files(folder, files, problems, _known(like, found), settings)
    return CommittedYaml(commit, found, path, said, sound)


@dataclass(frozen=True, slots=True)
class _Folder:
    """The customers folder of a commit, and by which settings it is read."""

    repository: Repository
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


def _known(like: CommitYaml | None, settings: Settings) -> Mapping[tuple[str, str], FileRead]:
    """The files that another commit has read by the same rules."""
    if isinstance(like, CommittedYaml) and like.settings.rules.field_types == settings.rules.field_types:
        return like.sound
    return {}


def _read_files(
    folder: _Folder,
    files: Sequence[Entry],
    problems: Sequence[Problem],
    known: Mapping[tuple[str, str], FileRead],
    checkout: Settings,
) -> tuple[SaidCustomers, dict[tuple[str, str], FileRead]]:
    """Read the customer files of a commit; what they say, and those that are sound as they were read."""
    names = {it.path: folder.file(it.path) for it in files}
    anew = [it for it in files if (names[it.path], it.blob) not in known]
    contents = dict(zip((names[it.path] for it in anew), folder.repository.blobs(anew), strict=True))
    if sum(map(len, contents.values())) > TOTAL_LIMIT:
        limit = f"its customer files hold more than {TOTAL_LIMIT // 1_000_000} MB together"
        raise InputError(f"reading base {folder.shown}: {limit}")
    field_types = folder.settings.rules.field_types
    read = reader_of(checkout, field_types, len(anew))
    reads: dict[tuple[str, str], FileRead] = {}
    for entry in files:
        key = (names[entry.path], entry.blob)
        reads[key] = known[key] if key in known else read(contents[key[0]], key[0])
    said = join_said(reads.values(), contents, field_types, place=folder.place, unread=problems)
    return said, {key: it for key, it in reads.items() if not it[1]}


def _customer_files(folder: _Folder, entries: Iterable[Entry]) -> tuple[list[Entry], list[Problem]]:
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


def _kind(folder: _Folder, entry: Entry) -> PathKind:
    """What an entry is on a disk; a link is looked up where it leads, as far as the commit has that."""
    if entry.kind is not EntryKind.LINK:
        return _KINDS[entry.kind]
    (content,) = folder.repository.blobs([entry])
    target = content.decode("utf-8", errors="surrogateescape")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), target))
    if posixpath.isabs(path) or path.startswith("..") or "\0" in path:
        return PathKind.LINK
    there = folder.repository.tree(folder.commit, path) if path != "." else ()
    is_folder = path == "." or (bool(there) and there[0].kind is not EntryKind.FILE)
    return PathKind.FOLDER_LINK if is_folder else PathKind.LINK


def _settings_of(
    repository: Repository, commit: str, settings: Settings, shown: str
) -> Settings | UnreadableSettings | None:
    """The settings that hold at a commit; the checkout's defaults where neither side has a file, None where only base lacks one."""
    here = posixpath.normpath(posixpath.join(repository.path(settings.root), FILE))
    found = repository.tree(commit, here)
    if not found:
        _check_ancestors(repository, commit, here, shown)
        found = _moved(repository, commit)
        if len(found) > 1:
            several = ", ".join(printable(it.path) for it in found)
            raise InputError(
                f"reading base {shown}: it has no {printable(here)}, and several {FILE} that this checkout lacks: {several}",
                advice="move the settings in one commit and merge it, then the rest",
            )
        if not found:
            return Settings(root=settings.root) if settings.file is None else None
    entry = found[0]
    place = f"{shown}:{printable(entry.path)}"
    if entry.kind is not EntryKind.FILE:
        return UnreadableSettings(commit, (Problem(SourceMark(place, 1, 1), f"a {entry.kind}, not a file"),))
    (content,) = repository.blobs([entry])
    try:
        return parse_settings(content, (repository.root / entry.path).parent, place)
    except InvalidFiles as error:
        return UnreadableSettings(commit, error.problems)


def _moved(repository: Repository, commit: str) -> tuple[Entry, ...]:
    """Every settings file that a commit has and the checkout lacks, on disk and in git's index."""
    indexed = {it.path for it in repository.index()}
    return tuple(
        it
        for it in _settings_files(repository, commit)
        if it.path not in indexed and not os.path.lexists(repository.root / it.path)
    )


def _settings_files(repository: Repository, commit: str) -> Iterator[Entry]:
    """Every settings file of a commit."""
    for entry in repository.tree(commit):
        if posixpath.basename(entry.path) == FILE and entry.kind is not EntryKind.FOLDER:
            yield entry


def _every_mask(repository: Repository, commit: str, shown: str) -> frozenset[str] | NotSaid:
    """What any settings file of a commit masks."""
    found: frozenset[str] = frozenset()
    files = list(_settings_files(repository, commit))
    contents = repository.blobs([it for it in files if it.kind is EntryKind.FILE])
    for entry, content in zip((it for it in files if it.kind is EntryKind.FILE), contents, strict=True):
        try:
            found |= parse_settings(content, repository.root, f"{shown}:{printable(entry.path)}").rules.mask
        except InvalidFiles as error:
            return NotSaid(str(error.problems[0]))
    return found


def _folder_of(repository: Repository, commit: str, settings: Settings, found: Settings) -> str | None:
    """The customers folder of a commit as git names it; None where its settings lead out of the repository."""
    if settings.customers_from_flag:
        given = _inside(repository, settings)
        if given is None:
            raise InputError(
                f"reading base: --customers {printable(settings.customers)} is outside of the repository, so git has nothing of it",
                advice="leave --base out, or name a folder of the repository",
            )
        if given == "." or repository.tree(commit, given):
            return given
    return _inside(repository, found)


def _inside(repository: Repository, settings: Settings) -> str | None:
    """The customers folder by some settings, as git names it; links count for nothing, since a commit has no disk."""
    path = os.path.normpath(os.path.join(os.path.realpath(settings.root), settings.customers))  # noqa: PTH118 - `..` is resolved as text
    if path == str(repository.root):
        return "."
    if not path.startswith(f"{repository.root}/"):
        return None
    return path.removeprefix(f"{repository.root}/")


def _check_ancestors(repository: Repository, commit: str, path: str, shown: str) -> None:
    """Raise where a folder above a path is none in the commit: then the path is not absent but elsewhere."""
    for at, character in enumerate(path):
        if character != "/":
            continue
        above = repository.tree(commit, path[:at])
        if not above:
            return
        if above[0].kind is not EntryKind.FOLDER:
            raise _no_folder(shown, path[:at], above[0].kind)


def _no_folder(shown: str, path: str, kind: EntryKind) -> InputError:
    """A folder that is there and is none."""
    return InputError(
        f"reading base {shown}: {printable(path)} is a {kind} there, not a folder, so what its files said is not known",
        advice="make it a folder of the repository in a commit of its own, and merge that first",
    )
