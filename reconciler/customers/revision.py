"""A commit -> what its YAML says, read by that commit's own settings.

Three answers there are. The commit says something, be it not everything (`CommittedYaml`). It has no settings, or no customers
folder, so whatever the checkout says is new (`NothingYet`). Or its settings are there and cannot be read, so nothing of it is
said (`UnreadableSettings`). What git itself cannot tell is an error, and never one of the three.

The settings file of a commit is the one at the path of the checkout's. Where there is none, it was moved since, if the commit
has exactly one `reconciler.yaml` that the checkout lacks; no other guess is made.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.core.values import NotSaid, Problem, SourceMark
from reconciler.customers.collection import Customers
from reconciler.customers.commit_folder import CommitFolder, customer_files
from reconciler.customers.commit_settings import (
    UnreadableSettings,
    check_ancestors,
    every_mask,
    folder_of,
    no_folder,
    settings_file_path,
    settings_of,
)
from reconciler.customers.customer_file import without_twins
from reconciler.customers.discovery import TOTAL_LIMIT
from reconciler.customers.load import reader_of
from reconciler.customers.said import NO_CHECKOUT, Beside, SaidCustomers, join_said
from reconciler.repo.git.commit_view import CommitView
from reconciler.repo.git.model import Entry, EntryKind
from reconciler.repo.git.trees import KnownFolder
from reconciler.repo.settings import FILE, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from reconciler.core.values import DesiredCustomer
    from reconciler.customers.groups import FileGroup
    from reconciler.customers.manifest import FileRead, Manifest
    from reconciler.repo.git.model import MergeBase
    from reconciler.repo.git.repository import Repository


@dataclass(frozen=True, slots=True)
class CommittedYaml:
    """What a commit says. `settings` are its own, `folder` its customers folder as git names it.

    `sound` are the files without a problem that were read, by path and blob; another commit need not read those again.
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


CommitYaml = CommittedYaml | NothingYet | UnreadableSettings


def read_commit(repository: Repository, commit: str, settings: Settings, *, shown: str) -> CommitYaml:
    """What a commit says of the customers that the checkout's `settings` are about, as `CommitReader` reads it."""
    with CommitReader(repository, settings) as commits:
        return commits.read(commit, shown=shown)


class CommitReader:
    """Reads what commits say, over one git process; to be used as a context.

    `settings` are the checkout's. What is in its files need not be read again, where a sound `manifest` of them is given.
    """

    def __init__(self, repository: Repository, settings: Settings, manifest: Manifest | None = None) -> None:
        self._view = CommitView(repository)
        self._settings = settings
        customers = manifest.customers if manifest is not None and not manifest.problems else ()
        self._groups = customers.groups if isinstance(customers, Customers) else []
        self._files = {it.file for it in customers} if customers and not self._groups else frozenset[str]()
        self._asked: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._view.__exit__(kind, error, trace)

    def merge_base(self, ref: str) -> MergeBase:
        """Where HEAD and REF part, as `Repository.merge_base` has it."""
        return self._view.merge_base(ref)

    def read(self, commit: str, *, shown: str, like: CommitYaml | None = None) -> CommitYaml:
        """What a commit says of the customers that the checkout's settings are about.

        `shown` is what the person called the commit; it stands before every place. `like` is another commit that was read already.
        Raises `InputError` where git cannot tell, or where a customers folder is there and is none.
        """
        shown = printable(shown)
        view, repository = self._view, self._view.repository
        self._ask_for_attributes()
        found = settings_of(view, commit, self._settings, shown)
        if isinstance(found, UnreadableSettings):
            return found
        if found is None:
            return NothingYet(commit, f"{shown} has no {FILE} for it", None, every_mask(view, commit, shown))
        path = folder_of(view, commit, self._settings, found)
        if path is None:
            mark = found.places.get("customers", SourceMark(f"{shown}:{FILE}", 1, 1))
            return UnreadableSettings(commit, (Problem(mark, "`customers:` leads out of the repository"),))
        folder = CommitFolder(view, commit, found, repository.path(found.root), path, shown)
        top = view.at(commit, path)
        if top is None:
            check_ancestors(view, commit, path, shown)
        elif top.kind is not EntryKind.FOLDER:
            raise no_folder(shown, path, top.kind)
        inside = _Inside(()) if top is None else self._inside(folder, top)
        files, problems = customer_files(folder, inside.entries)
        if not files and not problems and not inside.beside.shared:
            what = "no folder" if top is None else "no customer file in"
            return NothingYet(commit, f"{shown} has {what} {printable(path)}", found, found.rules.mask)
        said, sound = _read_files(
            folder, files, problems, _Known(inside.beside, _sound(like, found), self._settings)
        )
        return CommittedYaml(commit, found, path, said, sound)

    def _ask_for_attributes(self) -> None:
        """Learn in one question which files are on disk otherwise than git keeps them."""
        repository, root = self._view.repository, self._view.repository.path(self._settings.root)
        asked = [settings_file_path(repository, self._settings), *(_path(root, it) for it in self._files)]
        asked = [it for it in asked if _is_inside(it)]
        for group in self._groups:
            if _is_inside(folder := _path(root, group.folder)):
                asked += [f"{folder}/{name}" for name in group.names]
                self._asked.add(folder)
        self._view.converted(asked)

    def _inside(self, folder: CommitFolder, top: Entry) -> _Inside:
        """What a commit's customers folder has, apart from the files that the checkout has too."""
        same_rules = folder.settings.rules.field_types == self._settings.rules.field_types
        groups: dict[str, list[FileGroup]] = defaultdict(list)
        for group in self._groups if same_rules else ():
            groups[_path(folder.root, group.folder)].append(group)
        known = {path: self._known(path, some) for path, some in groups.items()}
        found = folder.view.below(top, known)
        shared: list[Sequence[DesiredCustomer]] = []
        replaced: set[tuple[int | None, str]] = set()
        for path, some in groups.items():
            for same, others in _parted(some, known[path], found.changed.get(path, frozenset())):
                shared.append(same)
                replaced.update((it.customer_id, it.name) for it in others)
        elsewhere = {f"{path}/{name}" for path, names in found.changed.items() for name in names}
        alone = [it for it in found.entries if it.kind is not EntryKind.FOLDER and it.path not in elsewhere]
        if alone and shared and _has_twins(folder, alone, shared):
            return _Inside(folder.view.below(top).entries)
        return _Inside(found.entries, Beside(shared, replaced))

    def _known(self, path: str, groups: Sequence[FileGroup]) -> KnownFolder:
        """The files of a folder whose content on disk is that which git keeps."""
        names = [name for group in groups for name in group.names]
        blobs = [blob for group in groups for blob in group.blobs]
        unknown = () if path in self._asked else [f"{path}/{name}" for name in names]
        converted = self._view.converted(unknown)
        if not any(it.startswith(f"{path}/") for it in converted):
            return KnownFolder(names, blobs)
        kept = [
            (name, blob) for name, blob in zip(names, blobs, strict=True) if f"{path}/{name}" not in converted
        ]
        return KnownFolder([name for name, _ in kept], [blob for _, blob in kept])


class _Inside(NamedTuple):
    """What is in a commit's customers folder: entries to look at, and the customers of the checkout to compare them with."""

    entries: Sequence[Entry]
    beside: Beside = NO_CHECKOUT


class _Known(NamedTuple):
    """What need not be read: customers of the checkout, files of another commit by path and blob; and the checkout's settings."""

    beside: Beside
    sound: Mapping[tuple[str, str], FileRead]
    checkout: Settings


def _path(root: str, file: str) -> str:
    """Where git has a file that is named from the folder of the settings."""
    return posixpath.normpath(posixpath.join(root, file))


def _is_inside(path: str) -> bool:
    """Whether a path leads to a place in the repository."""
    return not path.startswith(("../", "/"))


def _parted(
    groups: Sequence[FileGroup], known: KnownFolder, changed: frozenset[str]
) -> Iterator[tuple[Sequence[DesiredCustomer], Sequence[DesiredCustomer]]]:
    """Of each group of a folder, the customers of the files that are known and not changed, and the others."""
    if not changed and len(known.names) == sum(len(it.names) for it in groups):
        yield from ((group, ()) for group in groups)
        return
    same = set(known.names) - changed
    for group in groups:
        if same.issuperset(group.names):
            yield group, ()
        else:
            files = list(group.files())
            yield (
                [it for file in files if file.name in same for it in file.customers],
                [it for file in files if file.name not in same for it in file.customers],
            )


def _has_twins(
    folder: CommitFolder, entries: Sequence[Entry], shared: Iterable[Sequence[DesiredCustomer]]
) -> bool:
    """Whether a file of the commit alone, and one that the checkout has too, are one name on some disks."""
    here = {it.file for some in shared for it in some}
    own = {folder.file(it.path) for it in entries}
    return bool(without_twins([*here, *(own - here)], key=str)[1])


def _sound(like: CommitYaml | None, settings: Settings) -> Mapping[tuple[str, str], FileRead]:
    """The files that another commit has read by the same rules."""
    if isinstance(like, CommittedYaml) and like.settings.rules.field_types == settings.rules.field_types:
        return like.sound
    return {}


def _read_files(
    folder: CommitFolder, files: Sequence[Entry], problems: Sequence[Problem], known: _Known
) -> tuple[SaidCustomers, dict[tuple[str, str], FileRead]]:
    """Read the customer files of a commit; what they say, and those that are sound as they were read."""
    names = {it.path: folder.file(it.path) for it in files}
    anew = [it for it in files if (names[it.path], it.blob) not in known.sound]
    contents = dict(zip((names[it.path] for it in anew), folder.view.contents(anew), strict=True))
    if sum(map(len, contents.values())) > TOTAL_LIMIT:
        limit = f"its customer files contain more than {TOTAL_LIMIT // 1_000_000} MB together"
        raise InputError(f"reading base {folder.shown}: {limit}")
    field_types = folder.settings.rules.field_types
    read = reader_of(known.checkout, field_types, len(anew))
    reads: dict[tuple[str, str], FileRead] = {}
    for entry in files:
        key = (names[entry.path], entry.blob)
        reads[key] = known.sound[key] if key in known.sound else read(contents[key[0]], key[0])
    said = join_said(
        reads.values(), contents, field_types, place=folder.place, unread=problems, beside=known.beside
    )
    return said, {key: it for key, it in reads.items() if not it[1]}
