"""New texts for attributes of some customers -> their files, rewritten: what `adopt` and `set` have in common.

The files are read again before they are edited, because somebody may have saved one since the customers were read: once, for
what they say now and for where it stands. What comes out is looked at together with all other customers before the first file is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from reconciler.core.errors import InvalidFiles
from reconciler.customers.discovery import find_files
from reconciler.customers.manifest import combine
from reconciler.customers.rewrite import read_to_edit, rewrite_file
from reconciler.repo import atomic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from reconciler.core.values import CustomerKey, DesiredCustomer
    from reconciler.customers.manifest import Manifest
    from reconciler.customers.rewrite import RewrittenFile
    from reconciler.repo.settings import Settings

    Values = Mapping[str, str]


class CurrentFile(NamedTuple):
    """A customer file as it is now."""

    path: Path
    content: bytes


class Assigned(Protocol):
    """A text that an attribute of a customer is to have; the customer is as it was read."""

    @property
    def customer(self) -> DesiredCustomer:
        """Whose attribute it is."""

    @property
    def attribute(self) -> str:
        """Its path."""

    @property
    def text(self) -> str:
        """What the file is to say."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The new bytes by shown path, and where each customer is once they are written, by shown path and key.

    Nothing is rewritten where a customer says something else by now than what was read: such are `changed`.
    """

    contents: Mapping[str, bytes]
    places: Mapping[tuple[str, CustomerKey], DesiredCustomer]
    changed: frozenset[tuple[str, CustomerKey]] = frozenset()


def read_current(files: Collection[str], settings: Settings) -> dict[str, CurrentFile]:
    """Some files, by shown path; one that is gone is not among them. Raises `InvalidFiles` for a folder with problems."""
    found = find_files(settings.root / settings.customers, settings.customers)
    current = {
        file.shown: CurrentFile(Path(file.path), content)
        for file in found.files
        if file.shown in files and (content := found.content(file)) is not None
    }
    if found.problems:
        raise InvalidFiles(found.problems)
    return current


def rewrite_files(
    files: Mapping[str, CurrentFile],
    assigned: Iterable[Assigned],
    manifest: Manifest,
    settings: Settings,
    *,
    add: bool = False,
) -> Rewritten:
    """The files with other texts; nothing is written.

    With `add`, attributes that a file does not manage yet are added. Raises `InputError` where a file cannot contain its texts,
    `InvalidFiles` where all customers together would have a problem.
    """
    rewritten: dict[str, RewrittenFile] = {}
    changed: set[tuple[str, CustomerKey]] = set()
    for file, edits in sorted(_by_file(assigned).items()):
        given = read_to_edit(files[file].content, file) if file in files else None
        now = {it.key: it.values for it in given.read.customers} if given else {}
        other = [key for key, (before, _) in edits.items() if now.get(key) != before]
        changed |= {(file, key) for key in other}
        if given and not changed:
            texts = {key: some for key, (_, some) in edits.items()}
            rewritten[file] = rewrite_file(given, texts, settings.rules.field_types, add=add)
    if changed:
        return Rewritten({}, {}, frozenset(changed))
    others = [it for it in manifest.customers if it.file not in rewritten]
    together = combine([(others, [], []), *(it.read for it in rewritten.values())])
    if together.problems:
        raise InvalidFiles(together.problems)
    places = {(it.file, it.key): it for it in together.customers if it.file in rewritten}
    return Rewritten({file: it.content for file, it in rewritten.items()}, places)


def _by_file(assigned: Iterable[Assigned]) -> dict[str, dict[CustomerKey, tuple[Values, dict[str, str]]]]:
    """What the customers of each file said when they were read, and the texts that they are to have."""
    found: dict[str, dict[CustomerKey, tuple[Values, dict[str, str]]]] = {}
    for it in assigned:
        of_file = found.setdefault(it.customer.file, {})
        _, texts = of_file.setdefault(it.customer.key, (it.customer.values, {}))
        texts[it.attribute] = it.text
    return found


def replace_files(
    files: Mapping[str, CurrentFile],
    contents: Mapping[str, bytes],
    settings: Settings,
    *,
    all_or_none: bool = False,
) -> dict[str, str]:
    """Write the new bytes of some files; why a file was left, by shown path. Raises `InputError` where the disk refuses."""
    replacements = [atomic.Replacement(*files[file], after) for file, after in contents.items()]
    reasons = atomic.replace(replacements, local=settings.local, all_or_none=all_or_none)
    return {file: reasons[files[file].path] for file in contents if files[file].path in reasons}
