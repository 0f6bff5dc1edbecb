"""Which edit may start next: plan order, and none before what it needs. Pure; its caller holds a lock."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.plan.model import Edit


class Schedule:
    """The edits of a plan by their place in it; a failed one takes with it what depends on it."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        """Each edit waits for the last earlier edit of each customer it needs, and of its own."""
        self._edits = edits
        self._waits: dict[int, set[int]] = {}
        self._behind: dict[int, list[int]] = {}
        self._running: set[int] = set()
        latest: dict[int, int] = {}
        for place, edit in enumerate(edits):
            waits = {latest[i] for i in (*edit.needs, edit.customer_id) if i in latest}
            for earlier in waits:
                self._behind.setdefault(earlier, []).append(place)
            self._waits[place] = waits
            latest[edit.customer_id] = place
        self._ready = [place for place, waits in self._waits.items() if not waits]
        heapify(self._ready)

    def take(self) -> int | None:
        """The place of the next edit that may start, now taken; None while there is none."""
        if not self._ready:
            return None
        place = heappop(self._ready)
        self._running.add(place)
        return place

    def put_back(self, place: int) -> None:
        """The edit was taken and not begun: another worker may take it."""
        self._running.discard(place)
        heappush(self._ready, place)

    def succeed(self, place: int) -> None:
        """The edit is done: what waited for it alone may start."""
        self._running.discard(place)
        for later in self._behind.get(place, ()):
            self._waits[later].discard(place)
            if not self._waits[later]:
                heappush(self._ready, later)

    def fail(self, place: int) -> list[int]:
        """The edit is not done: the places that can now never start."""
        self._running.discard(place)
        lost: list[int] = []
        doomed = list(self._behind.get(place, ()))
        while doomed:
            later = doomed.pop()
            if later not in lost:
                lost.append(later)
                doomed += self._behind.get(later, ())
        return sorted(lost)

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing can start."""
        return not self._running and not self._ready
