"""Many customers read at once: on a machine that gives fewer threads or connections than were asked for, too."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

import pytest

from reconciler.core.clock import LONG_AGO
from reconciler.core.values import ObservedCustomer
from reconciler.rpm.errors import CustomerNotFound, Lost, NoConnection
from reconciler.rpm.fetch import Reading, fetch_customers

if TYPE_CHECKING:
    from reconciler.rpm.reader import Reader

IDS = range(1, 41)


class Rpm:
    """Answers as many threads as it has connections for; 7 is gone, and `broken` fails."""

    def __init__(self, connections: int, broken: int = 0) -> None:
        self.connections = connections
        self.broken = broken
        self._holders: set[int] = set()
        self._lock = threading.Lock()

    def customer(self, customer_id: int) -> ObservedCustomer:
        me = threading.get_ident()
        with self._lock:
            if me not in self._holders and len(self._holders) >= self.connections:
                raise NoConnection(f"Customer {customer_id}", "no connection was opened (too many files)")
            self._holders.add(me)
        if customer_id == self.broken:
            raise Lost("Customer", "broke")
        if customer_id == 7:
            raise CustomerNotFound("Customer 7", "Customer not found")
        return ObservedCustomer(customer_id, {"Name": "x"}, LONG_AGO, whole=True)


def fetched(rpm: Rpm, parallel: int = 10) -> tuple[Reading, list[str], int]:
    """The reading, the notices, and how many were told of as done."""
    notices: list[str] = []
    done: list[int] = []
    reading = fetch_customers(
        cast("Reader", rpm), IDS, parallel=parallel, progress=done.append, notice=notices.append
    )
    return reading, notices, sum(done)


def test_each_customer_is_read_once() -> None:
    """And one that is gone is told apart; nothing is said where nothing was short."""
    reading, notices, done = fetched(Rpm(99))
    assert sorted({*reading.customers, *reading.gone}) == list(IDS)
    assert (set(reading.gone), notices, done) == ({7}, [], 40)


@pytest.mark.row("F131")
@pytest.mark.parametrize("connections", [1, 3])
def test_fewer_connections_are_used(connections: int) -> None:
    """Those that a machine has do all the work, and that is said once."""
    reading, notices, done = fetched(Rpm(connections))
    assert len(reading.customers) + len(reading.gone) == done == 40
    assert all("no connection was opened (too many files)" in it for it in notices)
    assert len(notices) <= 1


@pytest.mark.row("F131")
def test_no_connection_at_all_is_an_error() -> None:
    """Not an endless search for one."""
    with pytest.raises(NoConnection):
        fetched(Rpm(0))


@pytest.mark.row("F131")
@pytest.mark.parametrize("started", [0, 1, 5])
def test_fewer_threads_are_used(started: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none can be started, the calling thread reads alone."""
    real, count = threading.Thread.start, 0

    def start(thread: Any) -> None:
        nonlocal count
        count += 1
        if count > started:
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    reading, notices, _ = fetched(Rpm(99))
    assert len(reading.customers) == 39
    (notice,) = notices
    assert f"no more threads or processes can be started; {max(1, started)} call" in notice


def test_a_failure_ends_the_reading() -> None:
    """A plan made from half of the truth would be no plan."""
    with pytest.raises(Lost, match="broke"):
        fetched(Rpm(99, broken=20))
