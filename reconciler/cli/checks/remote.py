"""What only RPM can say: whom the key belongs to, and what it may read. Three calls at most, each tried once.

Nothing here edits, so whether the key may edit stays unknown. RPM's answers tell no time of day either; what can be
compared with this machine's clock is the day of the newest `Modified`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from reconciler.cli.checks.lines import fail, ok, warn
from reconciler.core.clock import stamp
from reconciler.core.errors import ReconcilerError, Refused
from reconciler.core.text import printable
from reconciler.plan.guards import check_list
from reconciler.rpm.modified import day_of
from reconciler.rpm.reader import Reader
from reconciler.rpm.retry import RetryPolicy
from reconciler.rpm.session import open_session
from reconciler.rpm.snapshot import DOUBT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from reconciler.cli.checks.lines import CheckLine
    from reconciler.core.clock import Clock
    from reconciler.core.values import ObservedCustomer
    from reconciler.repo.settings import Settings
    from reconciler.rpm.reader import Info
    from reconciler.rpm.session import RunEnvironment, Session

T = TypeVar("T")


class _Once(RetryPolicy):
    """No second attempt: a check tells how things are, and a call costs money."""

    def run(self, attempt: Callable[[], T]) -> T:
        """The attempt, as it ends."""
        return attempt()


def check_remote(
    settings: Settings, around: RunEnvironment, ids: Collection[int]
) -> tuple[list[CheckLine], int]:
    """Subscriber, rights and clock, and the calls they took; the pin is compared here, not refused on.

    `ids` are those that YAML names: a list that lacks them is one that every plan refuses.
    """
    try:
        with open_session(replace(settings, subscriber=None), around) as session:
            return list(_asked(session, settings.subscriber, ids)), session.client.calls
    except ReconcilerError as error:
        return [fail("connection", error.what, error.advice)], 0


def _asked(session: Session, pinned: int | None, ids: Collection[int]) -> Iterator[CheckLine]:
    """The lines one by one; after a failure nothing more is asked."""
    clock = session.reads.clock
    reader = Reader(session.client, _Once(clock, session.stop, _Steady()), clock)
    try:
        info = reader.info()
    except ReconcilerError as error:
        yield fail("subscriber", error.what, error.advice or "look at url, key and network, then run again")
        return
    yield _subscriber(info, pinned)
    if pinned not in {None, info.subscriber_id}:
        return
    user = f"user {printable(info.user) or 'unknown'}, role {printable(info.role) or 'unknown'}"
    try:
        listed = reader.customers()
        first = next(iter(listed.values()), None)
        fields = 0 if first is None else len(reader.customer(first.customer_id).values)
    except ReconcilerError as error:
        advice = "give the API user's role the right to read customers, or fix what the message says"
        yield fail("rights", f"{user}; {error.what}", error.advice or advice)
        return
    yield _rights(user, listed, fields, ids)
    yield check_clock(clock, listed)


class _Steady:
    """Where nothing is tried again, no pause is drawn."""

    def uniform(self, a: float, b: float) -> float:
        """The shorter of the two."""
        return min(a, b)


def _subscriber(info: Info, pinned: int | None) -> CheckLine:
    """Whether the key belongs to the subscription that reconciler.yaml is about."""
    found = f"{info.subscriber_id} {printable(info.subscriber)}".rstrip()
    if pinned is None:
        advice = f"write `subscriber: {info.subscriber_id}` in reconciler.yaml"
        return warn("subscriber", f"{found}, not pinned: any other key would be accepted too", advice)
    if pinned != info.subscriber_id:
        return fail("subscriber", f"the key is of {found}, the settings say {pinned}", "use the other key")
    return ok("subscriber", f"{found}, as pinned")


def _rights(
    user: str, listed: Mapping[int, ObservedCustomer], attributes: int, ids: Collection[int]
) -> CheckLine:
    """What was read, whether its list can be trusted, and what remains unknown."""
    try:
        check_list(listed, ids)
    except Refused as error:
        return fail("rights", f"{user}; {error.what}", error.advice)
    if not listed:
        advice = "check the API user's role; an account without customers has nothing to reconcile"
        return warn("rights", f"{user}; the list of customers is empty", advice)
    read = f"reads the list ({len(listed):,} customers) and a customer ({attributes} attributes)"
    return ok("rights", f"{user}; {read}; only an edit can show whether it may edit")


def check_clock(clock: Clock, listed: Mapping[int, ObservedCustomer]) -> CheckLine:
    """Whether RPM knows of changes that this machine's clock has not reached; the zone of its days is unknown."""
    days = [day for customer in listed.values() if (day := day_of(customer.modified)) is not None]
    now = f"this machine says {stamp(clock)}"
    if not days:
        return ok("clock", f"{now}; RPM gave no day to compare it with")
    newest = max(days)
    if newest > clock.utc() + DOUBT:
        return warn("clock", f"{now}, but RPM has a change of {newest.date()}", "set this machine's clock")
    return ok("clock", f"{now}; the newest change in RPM is of {newest.date()}")
