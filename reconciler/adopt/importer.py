"""Customers that RPM has and no file names -> files, written a few at a time.

Reads the list once and each such customer once, and writes each file before the next few are read: reads are paid
for, so a run that is cut short keeps what it has, and the next one reads only what is left. Never makes a second
file for a customer, and never one whose name another file wants already.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.adopt.proposals import TypeProposal, propose_types
from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.field_types import normalize_name
from reconciler.core.text import printable
from reconciler.customers.filenames import choose_file_names
from reconciler.customers.load import check_sparse, load
from reconciler.customers.new_file import SCHEMA, NewFile, NotImported, make_file, name_holders
from reconciler.plan import guards
from reconciler.plan.identity import identify
from reconciler.repo import atomic
from reconciler.repo.room import check_room
from reconciler.rpm.fetch import fetch_customers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from reconciler.core.values import DesiredCustomer, ObservedCustomer
    from reconciler.customers.manifest import Manifest
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import ReadSession

AT_ONCE: Final = 50
"""How many customers are read before their files are written: what a kill can cost in calls."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A customer that has a file now."""

    customer_id: int
    name: str
    file: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import came to; `managed` are the customers asked for that had a file already.

    `proposals` are types for `fields:` of reconciler.yaml, judged by the values of all customers that were read.
    """

    imported: tuple[Imported, ...]
    left: tuple[NotImported, ...]
    managed: tuple[DesiredCustomer, ...]
    calls_made: int
    proposals: tuple[TypeProposal, ...] = ()


def import_customers(
    settings: Settings,
    asked: Collection[int] | None,
    connect: Callable[[], ReadSession],
    *,
    progress: Callable[[int, int], None],
) -> ImportResult:
    """Write a file for each customer asked for that has none, or (None) for each that RPM lists.

    Makes read calls alone, and none before the files that are there were found sound.
    """
    manifest = _load_folder(settings)
    session = connect()
    listed = session.reader.customers()
    guards.check_list(listed, [it.customer_id for it in manifest.customers if it.customer_id is not None])
    claimed = _claimed(manifest, listed)
    waiting = _waiting(listed, claimed, asked)
    if waiting:
        _check_room(settings)
    writer = _Writer(settings, manifest, {i: row.name for i, row in listed.items()})
    values: list[Mapping[str, str]] = []
    progress(0, len(waiting))
    for first in range(0, len(waiting), AT_ONCE):
        ids = waiting[first : first + AT_ONCE]
        reading = fetch_customers(
            session.reader,
            ids,
            parallel=settings.parallel,
            progress=lambda _count: None,
            notice=session.announce,
        )
        writer.write({i: listed[i].name for i in ids}, reading.customers)
        values += [it.values for it in reading.customers.values()]
        progress(first + len(ids), len(waiting))
    managed = [claimed[i] for i in sorted(set(asked or ()) & claimed.keys())]
    proposals = propose_types(values, settings.rules) if asked is None else ()
    return ImportResult(
        tuple(writer.imported), tuple(writer.left), tuple(managed), session.reader.calls, proposals
    )


def _load_folder(settings: Settings) -> Manifest:
    """The files that are there, in a folder that is made where there is none; raises for any problem in them."""
    folder = settings.root / settings.customers
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"making the folder {settings.customers}: {error.strerror}") from None
    check_sparse(settings)
    manifest = load(settings)
    if manifest.problems:
        raise InvalidFiles(manifest.problems)
    return manifest


def _check_room(settings: Settings) -> None:
    """Raise where no file could be written, before the reads of customers are paid for."""
    try:
        check_room(settings.root / settings.customers)
    except OSError as error:
        what = f"writing into {printable(settings.customers)}: {error.strerror}"
        raise InputError(what, advice="make room or set the rights, then run again") from None


def _claimed(manifest: Manifest, listed: Mapping[int, ObservedCustomer]) -> dict[int, DesiredCustomer]:
    """The customers that have a file, by id: found by their name, or named by their id."""
    identities = identify(manifest.customers, listed)
    if identities.problems:
        raise InvalidFiles(identities.problems)
    named = {it.customer_id: it for it in manifest.customers if it.customer_id is not None}
    return {**identities.found, **named}


def _waiting(
    listed: Mapping[int, ObservedCustomer],
    claimed: Mapping[int, DesiredCustomer],
    asked: Collection[int] | None,
) -> Sequence[int]:
    """The customers to read, in order of their ids."""
    unknown = sorted(set(asked or ()) - listed.keys() - claimed.keys())
    if unknown:
        several = ", ".join(map(str, unknown))
        raise InputError(f"importing: RPM lists no customer {several}", advice="nothing was written")
    return sorted((listed.keys() if asked is None else set(asked)) - claimed.keys())


class _Writer:
    """Makes customers into files, some at a time, and keeps the list of what became of each."""

    def __init__(self, settings: Settings, manifest: Manifest, names: Mapping[int, str]) -> None:
        self.imported: list[Imported] = []
        self.left: list[NotImported] = []
        self._settings = settings
        self._folder = settings.root / settings.customers
        self._files = choose_file_names(names, [path.name for path in self._folder.iterdir()])
        self._modeline = _modeline(settings.root, self._folder)
        self._holders = {name: str(it.mark()) for name, it in name_holders(manifest.customers).items()}

    def write(self, names: Mapping[int, str], read: Mapping[int, ObservedCustomer]) -> None:
        """Write a file for each of these customers, by id, or say why there can be none."""
        new = []
        for customer_id, name in names.items():
            made = self._file_of(customer_id, name, read.get(customer_id))
            if isinstance(made, NotImported):
                self.left.append(made)
            else:
                self._holders[normalize_name(made.name)] = self._shown(made)
                new.append(made)
        contents = {self._folder / self._files[it.customer_id]: it.text.encode() for it in new}
        atomic.create(contents, local=self._settings.local)
        self.imported += [Imported(it.customer_id, it.name, self._shown(it), it.notes) for it in new]

    def _file_of(
        self, customer_id: int, name: str, customer: ObservedCustomer | None
    ) -> NewFile | NotImported:
        if customer is None:
            return NotImported(customer_id, name, "it was in the customer list and is gone since")
        made = make_file(customer, self._settings.rules, self._modeline)
        if isinstance(made, NewFile) and (holder := self._holders.get(normalize_name(made.name))):
            return NotImported(
                customer_id, made.name, f"{holder} has its name already; change that one first"
            )
        return made

    def _shown(self, made: NewFile) -> str:
        return f"{self._settings.customers.rstrip('/')}/{self._files[made.customer_id]}"


def _modeline(root: Path, folder: Path) -> str:
    """What tells editors where the schema of a customer file is, if the repository has one."""
    if not (root / SCHEMA).is_file():
        return ""
    path = Path(os.path.relpath(root / SCHEMA, folder)).as_posix()
    return f"# yaml-language-server: $schema={path}\n"
