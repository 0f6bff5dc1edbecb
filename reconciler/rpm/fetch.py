"""The reader -> observed customers, with the time of each read. One list, and one read a customer that needs it.

Worker threads pull ids from a queue, so that `parallel` calls are in flight and never more; the first failure ends
the reading, because a plan made from half of the truth would be no plan.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.core.machine import machine_limit
from reconciler.core.packed import packed
from reconciler.core.text import counted
from reconciler.rpm.errors import CustomerNotFound, NoConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.core.machine import MachineLimit
    from reconciler.core.values import ObservedCustomer
    from reconciler.rpm.reader import Reader


@dataclass(frozen=True, slots=True)
class Reading:
    """Customers as read, by id, and the ids that were listed but gone when they were read."""

    customers: dict[int, ObservedCustomer]
    gone: frozenset[int]


def fetch_customers(
    reader: Reader,
    ids: Sequence[int],
    *,
    parallel: int,
    progress: Callable[[int], None],
    notice: Callable[[str], None],
) -> Reading:
    """Read each of these customers once; `progress` is told of each one done, from any thread.

    Where this machine gives fewer threads or connections than asked for, fewer calls are in flight, and `notice` is told.
    """
    queued = _Queue(reader, ids, progress)
    threads, limit = start_threads(queued.work, min(parallel, len(ids)))
    if limit is not None:
        notice(fewer_in_flight(limit.what, len(threads)))
    for thread in threads:
        thread.join()
    queued.work(alone=True)
    if queued.failures:
        raise queued.failures[0]
    if queued.short:
        notice(fewer_in_flight(queued.short[0].happened, len(threads) - len(queued.short)))
    return Reading(queued.customers, frozenset(queued.gone))


class _Queue:
    """Customers to be read, and what came of it; any number of threads `work` at it."""

    def __init__(self, reader: Reader, ids: Sequence[int], progress: Callable[[int], None]) -> None:
        self.customers: dict[int, ObservedCustomer] = {}
        self.gone: set[int] = set()
        self.failures: list[BaseException] = []
        self.short: list[NoConnection] = []
        self._reader = reader
        self._progress = progress
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for customer_id in ids:
            self._waiting.put(customer_id)

    def work(self, *, alone: bool = False) -> None:
        """Read one customer after the other; a thread that gets no connection leaves its customer to the others."""
        while not self.failures:
            try:
                customer_id = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._read(customer_id)
            except NoConnection as error:
                (self.failures if alone else self.short).append(error)
                self._waiting.put(customer_id)
                return
            self._progress(1)

    def _read(self, customer_id: int) -> None:
        """Read one; a failure ends the reading, and is raised again in the calling thread."""
        try:
            customer = self._reader.customer(customer_id)
            self.customers[customer_id] = customer._replace(values=packed(customer.name, customer.values))
        except CustomerNotFound:
            self.gone.add(customer_id)
        except NoConnection:
            raise
        except BaseException as error:  # noqa: BLE001 - see above
            self.failures.append(error)


def start_threads(work: Callable[[], None], count: int) -> tuple[list[threading.Thread], MachineLimit | None]:
    """Threads that do some work: so many, or as many as this machine starts, with the limit that it met; perhaps none."""
    threads: list[threading.Thread] = []
    for _ in range(count):
        thread = threading.Thread(target=work, daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError) as error:
            limit = machine_limit(error)
            if limit is None:
                raise
            return threads, limit
        threads.append(thread)
    return threads, None


def fewer_in_flight(why: str, left: int) -> str:
    """The notice of a run that goes on with fewer calls in flight than were asked for; one is left at least."""
    return f"{why}; {counted(max(1, left), 'call')} in flight at most"
