"""How far a run is: which edits are on their way, and whether another may start. Safe from any thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from reconciler.rpm.retry import Stopped

if TYPE_CHECKING:
    from reconciler.apply.result import EditResult
    from reconciler.rpm.errors import CallError


class RunState:
    """One run. `stop` is set by whoever wants its end; the first reason to end it from inside is the one reported."""

    def __init__(self, stop: threading.Event) -> None:
        """Nothing is on its way yet."""
        self._stop = stop
        self._lock = threading.Lock()
        self._under_way: set[int] = set()
        self._learnt: dict[int, EditResult] = {}
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

    def note(self, error: CallError) -> None:
        """End the run where no further call can succeed; a read that settles an edit may be the first to learn it."""
        if error.ends_run:
            self.halt(f"everything stopped: {error.what}")

    def start(self, place: int) -> None:
        """The last moment at which an edit can be called off: after it, it counts as under way. Raises `Stopped`."""
        with self._lock:
            if self.over:
                raise Stopped
            self._under_way.add(place)
            self._learnt.pop(place, None)

    def learn(self, place: int, ended: EditResult) -> None:
        """What became of an edit is known, though the journal, whose disk takes its time, is still to be told."""
        with self._lock:
            self._learnt[place] = ended

    def learnt(self, place: int) -> EditResult | None:
        """What is known of an edit before its result is given."""
        with self._lock:
            return self._learnt.get(place)

    def finish(self, place: int) -> None:
        """What became of an edit is known, be it that it never left."""
        with self._lock:
            self._under_way.discard(place)

    def under_way(self, place: int) -> bool:
        """Whether an edit was sent and what became of it is not known."""
        with self._lock:
            return place in self._under_way
