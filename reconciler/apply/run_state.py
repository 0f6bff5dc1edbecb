"""How far a run is: which edits are on their way, and whether another may start. Safe from any thread."""

from __future__ import annotations

import threading

from reconciler.rpm.errors import Fatal
from reconciler.rpm.retry import Stopped


class RunState:
    """One run. `stop` is set by whoever wants its end; the first reason to end it from inside is the one reported."""

    def __init__(self, stop: threading.Event) -> None:
        """Nothing is on its way yet."""
        self._stop = stop
        self._lock = threading.Lock()
        self._sending: set[int] = set()
        self._stopped = ""

    @property
    def stopped(self) -> str:
        """Why the run ended from inside, or nothing."""
        return self._stopped

    @property
    def over(self) -> bool:
        """Whether no further edit may start."""
        return self._stop.is_set() or bool(self._stopped)

    def halt(self, why: str) -> None:
        """No further edit starts."""
        with self._lock:
            self._stopped = self._stopped or why

    def note_fatal(self, trouble: Exception) -> None:
        """End the run where no further call can succeed; a read that settles an edit may be the first to learn it."""
        if isinstance(trouble, Fatal):
            self.halt(f"everything stopped: {trouble.what}")

    def gate(self, place: int) -> None:
        """The last moment at which an edit can be called off; behind it, it counts as on its way."""
        with self._lock:
            if self.over:
                raise Stopped
            self._sending.add(place)

    def settled(self, place: int) -> None:
        """What became of an edit is known, be it that it never left."""
        with self._lock:
            self._sending.discard(place)

    def sending(self, place: int) -> bool:
        """Whether an edit is on its way, its end unknown."""
        with self._lock:
            return place in self._sending
