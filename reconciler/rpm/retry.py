"""When a failed attempt is made again: at most three times, after a random pause, within a budget for the whole run.

The budget is a bucket: a retry takes five tokens, a clean success gives one back. In a total outage that ends the
run after a hundred retries however many customers there are; with one call in a hundred failing it never empties.
tenacity runs the loop; what is worth a retry is said by the error itself (`retryable`).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import tenacity

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
        self._loop = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda e: isinstance(e, CallError) and e.retryable),
            stop=lambda state: state.attempt_number >= ATTEMPTS or not self._take(),
            wait=self._pause_before,
            sleep=self._sleep,
            reraise=True,
        )

    def run(self, attempt: Callable[[], T]) -> T:
        """The attempt's result; its last error when nothing more may be tried.

        Nearly every call succeeds at once, and the loop's bookkeeping costs as much as reading an answer: it begins
        with the first error.
        """
        try:
            result = attempt()
        except CallError as error:
            if not error.retryable:
                raise
            result = self._loop(_from_first(error, attempt))
        self._give_back()
        return result

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

    def _pause_before(self, state: tenacity.RetryCallState) -> float:
        """What RPM asked for, else full jitter: anything up to a bound that doubles."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Throttled) and error.retry_after is not None:
            return error.retry_after
        return self._random.uniform(0.0, min(LONGEST_PAUSE, 2.0 ** (state.attempt_number - 1)))

    def _sleep(self, seconds: float) -> None:
        """Wait, unless the run is to end."""
        if self._clock.pause(seconds, self._stop):
            raise Stopped


def _from_first(error: CallError, attempt: Callable[[], T]) -> Callable[[], T]:
    """The attempts as the loop sees them: the first has failed already."""
    failed = [error]

    def next_attempt() -> T:
        if failed:
            raise failed.pop()
        return attempt()

    return next_attempt
