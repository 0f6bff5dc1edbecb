"""New texts for attributes of some customers -> their files, rewritten: what `adopt` and `set` have in common.

The files are read again before they are edited, because somebody may have saved one since the customers were read; what
comes out is looked at together with all other customers before the first file is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reconciler.core.errors import InvalidFiles
from reconciler.customers.discovery import find_files
from reconciler.customers.manifest import combine, read_file
from reconciler.customers.rewrite import rewrite_file
from reconciler.repo import atomic

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from reconciler.core.values import CustomerKey, DesiredCustomer
    from reconciler.customers.manifest import Manifest
    from reconciler.customers.rewrite import Edits
    from reconciler.repo.settings import Settings


class CurrentFile(NamedTuple):
    """A customer file as it is now."""

    path: Path
    content: bytes


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The new bytes by shown path, and where each customer is once they are written, by shown path and key."""

    contents: Mapping[str, bytes]
    places: Mapping[tuple[str, CustomerKey], DesiredCustomer]


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


def customers_in(files: Mapping[str, CurrentFile]) -> dict[tuple[str, CustomerKey], Mapping[str, str]]:
    """The values of the customers of some files, by shown path and key; those that can be read."""
    return {
        (customer.file, customer.key): customer.values
        for file, current in files.items()
        for customer in read_file(current.content, file, {})[0]
    }


def rewrite_files(
    files: Mapping[str, CurrentFile],
    edits: Mapping[str, Edits],
    manifest: Manifest,
    settings: Settings,
    *,
    add: bool = False,
) -> Rewritten:
    """The files with other texts, by shown path, customer and attribute; nothing is written.

    With `add`, attributes that a file does not manage yet are added. Raises `InputError` where a file cannot hold its texts,
    `InvalidFiles` where all customers together would hold a problem.
    """
    field_types = settings.rules.field_types
    rewritten = {
        file: rewrite_file(files[file].content, file, some, field_types, add=add)
        for file, some in sorted(edits.items())
    }
    others = [it for it in manifest.customers if it.file not in rewritten]
    together = combine([(others, [], []), *(it.read for it in rewritten.values())])
    if together.problems:
        raise InvalidFiles(together.problems)
    places = {(it.file, it.key): it for it in together.customers if it.file in rewritten}
    return Rewritten({file: it.content for file, it in rewritten.items()}, places)


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
