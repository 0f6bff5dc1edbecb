"""The one seam to time: deadlines by the running clock, ages by every clock there is, stamps by the wall clock, pauses.

No single clock can be trusted with an age. The one that only goes forward stands still while the machine sleeps (Linux,
and macOS for `time.monotonic`), so a lid closed between a plan and its `yes` would not count; the one that counts
sleep is not there on every system; and the wall clock may be set at any time. So a `Moment` has all three, and what has
passed between two of them is the most that any says.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import threading


class Moment(NamedTuple):
    """One moment by three clocks, in seconds, each from a start of its own; compared within one process alone.

    `running` stands still while the machine sleeps, `boot` goes on, `wall` is the time of day.
    """

    running: float
    boot: float
    wall: float

    def since(self, earlier: Moment) -> float:
        """Seconds that have passed since an earlier moment: the most that any clock says, infinite where one went back."""
        passed = [now - then for now, then in zip(self, earlier, strict=True)]
        return max(passed) if min(passed) >= 0 else float("inf")


LONG_AGO: Final = Moment(*3 * (float("-inf"),))
"""The moment since which an infinite time has passed."""


class Clock:
    """The machine's time. A simulation hands out one of its own."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back, and may stand still while the machine sleeps."""
        return time.monotonic()

    def now(self) -> Moment:
        """This moment by every clock."""
        return Moment(self.monotonic(), _boot_seconds(), time.time())

    def utc(self) -> dt.datetime:
        """The wall clock, for stamps alone; nothing is decided on it."""
        return dt.datetime.now(dt.UTC)

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        """Wait; True when `stop` was set before the time was over."""
        return stop.wait(seconds)


def stamp(clock: Clock) -> str:
    """The wall clock in ISO form, to the second."""
    return clock.utc().isoformat(timespec="seconds").replace("+00:00", "Z")


def _boot_seconds() -> float:
    """The clock that counts sleep: Linux calls it BOOTTIME, on macOS it is what `clock_gettime` calls MONOTONIC."""
    return time.monotonic() if _BOOT_CLOCK is None else time.clock_gettime(_BOOT_CLOCK)


def _boot_clock() -> int | None:
    """The number of that clock; None where the system has none."""
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        try:
            number: int = getattr(time, name)
            time.clock_gettime(number)
        except (AttributeError, OSError):
            continue
        return number
    return None


_BOOT_CLOCK: Final = _boot_clock()
