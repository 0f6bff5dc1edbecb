"""Plan + editor -> one outcome a customer: threads pull edits from the schedule until none is left or the run is over.

`scheduler` orders, `worker` carries out one edit, `run_state` knows whether another may start, `result` tells what came
of it. What is here is the threads alone: who works, who waits for whom, and how long anybody is waited for.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from reconciler.apply.journal import JournalError
from reconciler.apply.result import ApplyReport, EditResult, Result, outcomes
from reconciler.apply.run_state import RunState
from reconciler.apply.scheduler import Schedule
from reconciler.apply.worker import INTERRUPTED, Worker
from reconciler.rpm.errors import NoConnection
from reconciler.rpm.fetch import fewer_in_flight, start_threads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.apply.interfaces import Tools
    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import ObservedCustomer
    from reconciler.plan.model import Plan

GRACE: Final = 4.0
_POLL: Final = 0.05


class Executor:
    """One run over one plan; `run` is called once."""

    def __init__(
        self,
        plan: Plan,
        observed: Mapping[int, ObservedCustomer],
        rules: CompareRules,
        tools: Tools,
        *,
        read_age: float,
    ) -> None:
        """`observed` are the reads that the plan rests on; `read_age` is in seconds."""
        self._plan = plan
        self._tools = tools
        self._run_state = RunState(tools.stop)
        self._worker = Worker(observed, rules, tools, self._run_state, read_age=read_age)
        self._schedule = Schedule(plan.edits)
        self._lock = threading.Condition()
        self._results: dict[int, EditResult] = {}
        self._short: list[NoConnection] = []
        self._grace = GRACE

    def hurry(self) -> None:
        """Wait no longer for calls in flight; safe to call from a signal's handler."""
        self._grace = 0.0

    def run(self, *, parallel: int) -> ApplyReport:
        """Carry out the plan, `parallel` edits at a time; always ends with a report."""
        wanted = min(parallel, len(self._plan.edits))
        workers, limit = start_threads(self._work, wanted)
        if limit is not None and workers:
            self._tools.notice(fewer_in_flight(limit.what, len(workers)))
        elif limit is not None:
            self._run_state.halt(f"everything stopped: {limit.what}")
        self._finish(workers)
        if self._short and not self._run_state.over:
            self._tools.notice(fewer_in_flight(self._short[0].happened, len(workers) - len(self._short)))
            self._finish(start_threads(lambda: self._work(alone=True), 1)[0])
        # An answer may come while the disk takes its time, so nothing waits for it between the report and the end.
        with suppress(JournalError):
            self._tools.journal.sync()
        with self._lock:
            for place in range(len(self._plan.edits)):
                if place not in self._results:
                    self._results[place] = self._unfinished(place)
            return self._report()

    def _finish(self, workers: list[threading.Thread]) -> None:
        """Until the threads have ended, or the grace after a signal is over.

        A program without handlers of its own meets Ctrl-C here: edits in flight end, and it gets the report.
        """
        while any(worker.is_alive() for worker in workers):
            try:
                self._wait(workers)
                break
            except KeyboardInterrupt:
                self._tools.stop.set()

    def _wait(self, workers: list[threading.Thread]) -> None:
        """Until all is done, or until the grace after a signal is over."""
        asked = float("inf")
        for worker in workers:
            while worker.is_alive() and self._tools.clock.monotonic() < asked + self._grace:
                worker.join(_POLL)
                if self._tools.stop.is_set() and asked == float("inf"):
                    asked = self._tools.clock.monotonic()

    def _unfinished(self, place: int) -> EditResult:
        """What can be said of an edit that has no result when the report is due."""
        if ended := self._run_state.learnt(place):
            return ended
        if self._run_state.under_way(place):
            return EditResult(Result.UNKNOWN, "it was sent, and the run ended before its answer came")
        return EditResult(Result.NOT_TRIED, self._run_state.stopped or INTERRUPTED)

    def _work(self, *, alone: bool = False) -> None:
        """One worker: take what is ready until nothing can come any more.

        One that gets no connection of this machine leaves its edit to those that have one; after them, one tries `alone`.
        """
        while (place := self._take()) is not None:
            try:
                ended = self._worker.perform(place, self._plan.edits[place])
            except NoConnection as error:
                if not alone:
                    with self._lock:
                        self._short.append(error)
                        self._schedule.put_back(place)
                        self._lock.notify_all()
                    return
                self._run_state.halt(f"everything stopped: {error.what}")
                ended = EditResult(Result.NOT_TRIED, error.happened, error.advice, error.doing)
            with self._lock:
                self._end(place, ended)
                self._lock.notify_all()
            self._tools.progress(1)

    def _take(self) -> int | None:
        """The next edit, or None when the run is over for this worker; while there is none, no result waits to be forced out."""
        with self._lock:
            place = None if self._run_state.over else self._schedule.take()
        if place is not None:
            return place
        try:
            self._tools.journal.sync()
        except JournalError as error:
            self._run_state.halt(error.what)
        with self._lock:
            while not self._run_state.over:
                place = self._schedule.take()
                if place is not None or self._schedule.idle:
                    return place
                self._lock.wait(_POLL)
            return None

    def _end(self, place: int, ended: EditResult) -> None:
        """Keep a result; what depends on an edit that is not done is not tried."""
        self._run_state.finish(place)
        self._results[place] = ended
        if ended.result is Result.EDITED:
            self._schedule.succeed(place)
            return
        edit = self._plan.edits[place]
        for later in self._schedule.fail(place):
            cause = f"it needs the edit of customer {edit.customer_id}, which is not done"
            self._results.setdefault(later, EditResult(Result.NOT_TRIED, cause))

    def _report(self) -> ApplyReport:
        """What came of every edit, and the calls as counted on the wire."""
        results = {place: self._worker.told(place, ended) for place, ended in self._results.items()}
        found = outcomes(self._plan, results, self._worker.observed)
        reads, edits = self._tools.reader.calls, self._tools.editor.calls
        return ApplyReport(found, self._plan.missing, reads, edits, self._run_state.stopped)
