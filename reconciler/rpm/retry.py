"""When a failed attempt is made again: at most three times, after a random pause, within a budget for the whole run.

The budget is a bucket: a retry takes five tokens, a clean success gives one back. In a total outage that ends the
run after a hundred retries however many customers there are; with one call in a hundred failing it never empties.
What is worth a retry is said by the error itself (`retryable`).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from reconciler.rpm.errors import CallError, Throttled

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.core.clock import Clock

ATTEMPTS: Final = 3
LONGEST_PAUSE: Final = 20.0
BUCKET: Final = 500
PRICE: Final = 5

T = TypeVar("T")


class Randomness(Protocol):
    """What is needed of a random generator."""

    def uniform(self, a: float, b: float) -> float:
        """A number between the two."""


class Stopped(Exception):
    """The run is to end; what was about to be tried was not."""


class RetryPolicy:
    """Runs attempts; shared by all threads of a run."""

    def __init__(self, clock: Clock, stop: threading.Event, randomness: Randomness) -> None:
        """`stop` ends every pause at once."""
        self._clock = clock
        self._stop = stop
        self._random = randomness
        self._tokens = BUCKET
        self._lock = threading.Lock()

    def run(self, attempt: Callable[[], T]) -> T:
        """The attempt's result; its last error when nothing more may be tried."""
        made = 0
        while True:
            made += 1
            try:
                result = attempt()
            except CallError as error:
                if not error.retryable or made == ATTEMPTS or not self._take():
                    raise
                failed = error
            else:
                self._give_back()
                return result
            self.pause(failed, made)

    def pause(self, error: CallError, made: int = 1) -> None:
        """Wait before the attempt that follows an error: as long as RPM asked for, else up to a bound that doubles.

        The bound is full jitter, so that twenty threads do not come back at once. Raises `Stopped` when the run is to end.
        """
        seconds = error.retry_after if isinstance(error, Throttled) else None
        if seconds is None:
            seconds = self._random.uniform(0.0, min(LONGEST_PAUSE, 2.0 ** (made - 1)))
        if self._clock.pause(seconds, self._stop):
            raise Stopped

    def _take(self) -> bool:
        """Pay for one retry."""
        with self._lock:
            if self._tokens < PRICE:
                return False
            self._tokens -= PRICE
            return True

    def _give_back(self) -> None:
        """A success pays a fifth of a retry."""
        with self._lock:
            self._tokens = min(BUCKET, self._tokens + 1)
