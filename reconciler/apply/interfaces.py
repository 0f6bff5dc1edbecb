"""What an apply works with: the few calls that it may make, each through an interface as narrow as its need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping

    from reconciler.core.clock import Clock
    from reconciler.core.values import ObservedCustomer
    from reconciler.rpm.retry import RetryPolicy


class Edits(Protocol):
    """What is needed of the editor."""

    @property
    def calls(self) -> int:
        """Edits sent so far."""

    def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
        """Send one CustomerEdit; the whole record as RPM answers."""


class Reads(Protocol):
    """What is needed of the reader."""

    @property
    def calls(self) -> int:
        """Reads made so far."""

    def customer(self, customer_id: int) -> ObservedCustomer:
        """One customer, whole."""


class Records(Protocol):
    """What is needed of the journal."""

    def intent(self, customer_id: int, attributes: Iterable[str]) -> None:
        """An edit is about to be sent; that is on the disk when this returns."""

    def result(self, customer_id: int, outcome: str) -> None:
        """What became of it; that is on the disk after the next `intent` or `sync`."""

    def sync(self) -> None:
        """Have all that was written on the disk."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What an apply works with.

    `stop` asks for the end; `notice` is told of limits of this machine.
    """

    reader: Reads
    editor: Edits
    journal: Records
    retries: RetryPolicy
    clock: Clock
    stop: threading.Event
    progress: Callable[[int], None]
    notice: Callable[[str], None] = lambda text: None  # noqa: ARG005 - nobody has to listen
