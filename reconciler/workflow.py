"""load -> observe -> compare -> plan -> guard -> apply, as functions that return values and print nothing."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.core.values import Problem, SourceMark
from reconciler.customers.discovery import find_files
from reconciler.customers.manifest import Manifest, bounded, gathered, read_customers, read_file
from reconciler.customers.selection import about
from reconciler.plan import guards
from reconciler.plan.builder import Sides, build_audit, make_plan
from reconciler.plan.identity import identify, with_hints
from reconciler.plan.model import Missing
from reconciler.repo import git
from reconciler.repo.state_dir import private_folder
from reconciler.rpm.fetch import read_customers as observe_customers
from reconciler.rpm.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reconciler.core.values import DesiredCustomer, ObservedCustomer
    from reconciler.customers.parse_cache import ParseCache
    from reconciler.plan.guards import Confirmed, Refusal
    from reconciler.plan.model import Plan
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import Session

SNAPSHOT: Final = "snapshot.sqlite"
PARSED: Final = "parsed.sqlite"
PAYS_FROM: Final = 1_000


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, why it must not be applied as it is, and the reads that it rests on."""

    plan: Plan
    refusals: tuple[Refusal, ...]
    observed: Mapping[int, ObservedCustomer]


def load(settings: Settings, *, only: Sequence[Path] = ()) -> Manifest:
    """Read every customer file; the manifest holds the problems too, or those in or about `only` some files."""
    found = find_files(settings.root / settings.customers, settings.customers)
    if len(found.files) < PAYS_FROM or _brought_along(settings):
        manifest = gathered(
            read_file(content, file.shown, settings.rules.field_types)
            for file in found.files
            if (content := found.content(file)) is not None
        )
    else:
        parsed = _parsed(settings)
        manifest = gathered(parsed.files(found))
        parsed.keep()
    manifest = Manifest(
        manifest.customers,
        (*found.problems, *manifest.problems),
        (*found.warnings, *manifest.warnings),
    )
    return bounded(about(manifest, only, settings) if only else manifest)


def _brought_along(settings: Settings) -> str:
    """Why what is kept in `.reconciler/` may have come with a branch, and is not to be believed; or nothing."""
    return git.tracks(settings.root, settings.local) if settings.local.exists() else ""


def _parsed(settings: Settings) -> ParseCache:
    """What the files of a large folder were read into before."""
    from reconciler.customers.parse_cache import ParseCache  # noqa: PLC0415 - it needs SQLite, and small folders do not

    with suppress(OSError):  # where nothing can be kept, everything is parsed
        private_folder(settings.local)
    return ParseCache(settings.local / PARSED, settings.rules.field_types, time.time_ns())


def load_sound(settings: Settings) -> Manifest:
    """Read every customer file; raises `FilesRefused` with all problems, and an error where there are no files."""
    manifest = load(settings)
    if manifest.problems:
        raise InvalidFiles(manifest.problems)
    if not manifest.customers:
        advice = "write one, or `reconciler import --all` to start from what RPM has"
        raise InputError(
            f"reading {printable(settings.customers)}: it holds no customer files", advice=advice
        )
    return manifest


def load_at(settings: Settings, ref: str) -> Manifest:
    """The customer files as of a commit, from git itself; its problems are errors too."""
    commit = git.resolve(settings.root, ref)
    contents = git.files_at(settings.root, commit, settings.customers)
    if len(contents) < PAYS_FROM or _brought_along(settings):
        manifest = read_customers(contents, settings.rules.field_types)
    else:
        parsed = _parsed(settings)
        manifest = bounded(gathered(parsed.read(content, file) for file, content in contents))
    if manifest.problems:
        raise InvalidFiles(
            [
                Problem(SourceMark(f"{ref}:{it.mark.file}", it.mark.line, it.mark.column), it.message)
                for it in manifest.problems
            ]
        )
    return manifest


def survey(
    connection: Session,
    manifest: Manifest,
    chosen: Sequence[DesiredCustomer],
    settings: Settings,
    progress: Callable[[int, int], None],
    base: Manifest | None = None,
) -> Planned:
    """Read RPM and plan. `progress` is told how many reads of how many are done; `base` is the third side."""
    sides = look(connection, manifest, chosen, settings, progress)
    if base is not None:
        sides = replace(sides, base=_by_id(base, sides.listed))
    return Planned(make_plan(sides, settings.rules, connection.target), (), sides.observed)


def audit(
    connection: Session,
    manifest: Manifest,
    settings: Settings,
    progress: Callable[[int, int], None],
) -> Planned:
    """Read RPM and compare, two sides: what differs is drift."""
    sides = look(connection, manifest, manifest.customers, settings, progress)
    return Planned(build_audit(sides, settings.rules, connection.target), (), sides.observed)


def look(
    connection: Session,
    manifest: Manifest,
    chosen: Sequence[DesiredCustomer],
    settings: Settings,
    progress: Callable[[int, int], None],
) -> Sides:
    """Read the list and every chosen customer that needs it; raises `Refused` for a list that cannot be the truth."""
    listed = connection.reader.customers()
    ids = [customer.customer_id for customer in manifest.customers if customer.customer_id is not None]
    guards.check_list(listed, ids)
    everybody = identify(manifest.customers, listed)
    identities = everybody if chosen is manifest.customers else everybody.narrowed_to(chosen)
    full = {i: customer for i, customer in sorted(identities.found.items()) if not customer.name_only}
    done = 0

    def one_more(count: int) -> None:
        nonlocal done
        done += count
        progress(done, len(waiting))

    begun = connection.clock.utc()
    snapshot = _snapshot(settings, connection)
    kept = snapshot.trusted(listed, full, begun) if snapshot else {}
    waiting = [i for i in full if i not in kept]
    progress(0, len(waiting))
    reading = observe_customers(connection.reader, waiting, parallel=settings.parallel, progress=one_more)
    if snapshot:
        snapshot.keep(listed, full, reading.customers, begun)
    seen = kept | reading.customers
    observed = {i: seen.get(i) or listed[i] for i in identities.found if i not in reading.gone}
    gone = [_gone(identities.found[i]) for i in sorted(reading.gone)]
    return Sides(
        identities=identities,
        missing=with_hints((*identities.missing, *gone), listed, seen),
        listed=listed,
        observed=observed,
        managed=len(manifest.customers),
        claimed=frozenset(ids) | everybody.found.keys(),
        notes=tuple(_renamed_while_read(listed, reading.customers)),
    )


def _snapshot(settings: Settings, connection: Session) -> Snapshot | None:
    """The kept reads, if the settings ask for them."""
    if settings.refresh != "modified":
        return None
    if why := _brought_along(settings):
        connection.announce(
            f"{why}, so nothing that is kept there is believed; every customer is read\n"
            "  → `git ls-files .reconciler` must work here and list nothing; `git rm -r --cached .reconciler` takes it out"
        )
        return None
    try:
        private_folder(settings.local)
    except OSError as error:
        connection.announce(f"no snapshot can be kept ({error.strerror}); every customer is read")
        return None
    return Snapshot(settings.local / SNAPSHOT, connection.target, connection.announce)


def _by_id(base: Manifest, listed: Mapping[int, ObservedCustomer]) -> dict[int, DesiredCustomer]:
    """The customers of base by id; one without goes by its name in RPM."""
    pinned = {it.customer_id: it for it in base.customers if it.customer_id is not None}
    return {**identify(base.customers, listed).found, **pinned}


def refusals(planned: Planned, settings: Settings, confirmed: Confirmed, *, calls_made: int) -> Planned:
    """The same with every reason why it must not be applied."""
    found = guards.refusals(planned.plan, settings.limits, confirmed, calls_made)
    return Planned(planned.plan, found, planned.observed)


def _gone(customer: DesiredCustomer) -> Missing:
    """A customer that was listed and could not be read a moment later."""
    hint = "it was in the customer list and is gone since"
    return Missing(customer.customer_id, customer.name, customer.file, customer.line, hint)


def _renamed_while_read(
    listed: Mapping[int, ObservedCustomer], read: Mapping[int, ObservedCustomer]
) -> Iterable[str]:
    """Where list and record disagree about a name; the record, read later, is believed."""
    for i, customer in sorted(read.items()):
        if listed[i].name != customer.name:
            row, record = printable(listed[i].name), printable(customer.name)
            yield f'customer {i} is "{row}" in the list and "{record}" in its record; the record counts'
