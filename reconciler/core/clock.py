"""The one seam to time: deadlines and ages from a monotonic clock, stamps from the wall clock, pauses."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading


class Clock:
    """The machine's time. A simulation hands out one of its own."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        return time.monotonic()

    def utc(self) -> dt.datetime:
        """The wall clock, for stamps alone; nothing is decided on it."""
        return dt.datetime.now(dt.UTC)

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        """Wait; True when `stop` was set before the time was over."""
        return stop.wait(seconds)


def stamp(clock: Clock) -> str:
    """The wall clock in ISO form, to the second."""
    return clock.utc().isoformat(timespec="seconds").replace("+00:00", "Z")
