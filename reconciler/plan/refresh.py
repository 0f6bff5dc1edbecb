"""RPM, read for a plan: one list, one read of each customer that needs one, and the kept reads that save some."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from reconciler.core.text import counted, printable
from reconciler.customers.collection import ids_of
from reconciler.plan.builder import PlanSides
from reconciler.plan.guards import check_list
from reconciler.plan.identity import identify, unnamed_ids, with_hints
from reconciler.plan.model import Missing
from reconciler.rpm.fetch import fetch_customers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reconciler.core.values import DesiredCustomer, ObservedCustomer
    from reconciler.customers.manifest import Manifest
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import ReadSession
    from reconciler.rpm.snapshot import Snapshot


def read_sides(
    session: ReadSession,
    manifest: Manifest,
    chosen: Sequence[DesiredCustomer],
    settings: Settings,
    progress: Callable[[int, int], None],
) -> PlanSides:
    """Read the list and every chosen customer that needs it; raises `Refused` for a list that cannot be the truth."""
    listed = session.reader.customers()
    ids = ids_of(manifest.customers)
    check_list(listed.keys(), ids)
    if len(ids) == len(manifest.customers):  # each is known by its own id, whoever else there is
        identities = everybody = identify(chosen, listed)
    else:
        everybody = identify(manifest.customers, listed)
        identities = everybody if chosen is manifest.customers else everybody.narrowed_to(chosen)
    full = {i: it for i, it in identities.found.items() if not it.name_only}
    done = 0

    def one_more(count: int) -> None:
        nonlocal done
        done += count
        progress(done, len(waiting))

    snapshot = _snapshot(settings, session)
    kept, doubted = snapshot.trusted(listed, full) if snapshot else ({}, 0)
    waiting = sorted(full.keys() - kept.keys())
    progress(0, len(waiting))
    reading = fetch_customers(
        session.reader, waiting, parallel=settings.parallel, progress=one_more, notice=session.announce
    )
    if snapshot:
        snapshot.keep(listed, full, reading.customers)
    seen: Mapping[int, ObservedCustomer] = {**kept, **reading.customers} if reading.customers else kept
    observed = seen
    if len(seen) != len(identities.found):  # a row of the list is the read of some, or some are gone
        observed = {i: seen.get(i) or listed[i] for i in identities.found if i not in reading.gone}
    gone = [_gone(identities.found[i]) for i in sorted(reading.gone)]
    return PlanSides(
        identities=identities,
        missing=with_hints((*identities.missing, *gone), listed, seen),
        listed=listed,
        observed=observed,
        managed=len(manifest.customers),
        claimed=frozenset(chain(ids, (it.customer_id for it in everybody.unpinned))),
        fields=_attributes(reading.customers, snapshot),
        notes=(*_unnamed(listed), *_renamed_while_read(listed, reading.customers)),
        in_doubt=doubted,
    )


def _attributes(read: Mapping[int, ObservedCustomer], snapshot: Snapshot | None) -> frozenset[str]:
    """The attributes that RPM has: it shows a customer with all of them, empty ones too (`rpm-api.md` section 2.2)."""
    if read:
        return frozenset().union(*(customer.values for customer in read.values()))
    return snapshot.attributes() if snapshot else frozenset()


def _snapshot(settings: Settings, session: ReadSession) -> Snapshot | None:
    """The kept reads, if the settings ask for them."""
    if settings.refresh != "modified":
        return None
    from reconciler.repo.state_dir import private_folder  # noqa: PLC0415 - git and SQLite, for what is kept alone
    from reconciler.repo.trust import brought_along  # noqa: PLC0415
    from reconciler.rpm.seal import Seal  # noqa: PLC0415
    from reconciler.rpm.snapshot import FILE, Snapshot  # noqa: PLC0415

    if why := brought_along(settings.root):
        session.announce(
            f"{why}, so the reads that are kept there are not used; every customer is read\n"
            "  → `git ls-files .reconciler` must work here and list nothing; `git rm -r --cached .reconciler` takes it out"
        )
        return None
    try:
        private_folder(settings.local)
    except OSError as error:
        session.announce(f"no snapshot can be kept ({error.strerror}); every customer is read")
        return None
    seal = Seal(session.snapshot_key, settings.rules)
    return Snapshot(settings.local / FILE, session.target, session.announce, seal)


def _unnamed(listed: Mapping[int, ObservedCustomer]) -> Iterable[str]:
    """A customer without a name blocks no other; it is named, since no file can find it but by its id."""
    if ids := unnamed_ids(listed):
        several = ", ".join(map(str, ids[:5])) + (", …" if len(ids) > 5 else "")
        yield f"{counted(len(ids), 'customer')} in RPM without a name ({several}): a file finds one only by its CustomerID"


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
