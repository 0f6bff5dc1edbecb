"""The reader -> observed customers, with the time of each read. One list, and one read a customer that needs it.

Worker threads pull ids from a queue, so that `parallel` calls are in flight and never more; the first failure ends
the reading, because a plan made from half of the truth would be no plan.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.rpm.errors import CustomerNotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.core.values import ObservedCustomer
    from reconciler.rpm.reader import Reader


@dataclass(frozen=True, slots=True)
class Reading:
    """Customers as read, by id, and the ids that were listed but gone when they were read."""

    customers: dict[int, ObservedCustomer]
    gone: frozenset[int]


def fetch_customers(
    reader: Reader, ids: Sequence[int], *, parallel: int, progress: Callable[[int], None]
) -> Reading:
    """Read each of these customers once; `progress` is told of each one done, from any thread."""
    customers: dict[int, ObservedCustomer] = {}
    gone: set[int] = set()
    failures: list[BaseException] = []
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for customer_id in ids:
        waiting.put(customer_id)

    def work() -> None:
        while not failures:
            try:
                customer_id = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                customers[customer_id] = reader.customer(customer_id)
            except CustomerNotFound:
                gone.add(customer_id)
            except BaseException as error:  # noqa: BLE001 - it is raised again in the calling thread
                failures.append(error)
            progress(1)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(parallel, len(ids)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Reading(customers, frozenset(gone))
