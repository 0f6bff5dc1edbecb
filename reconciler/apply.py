"""Plan + editor -> one outcome a customer. The only writer.

The write rule, for every edit: journal the intent, rest on a read at most `read_age` old, hold the customer if an
attribute to be sent moved, send only what differs, compare the answer, journal the result. An edit that may or may not
have happened is settled by reading its customer; it is sent again only when that read says that it is needed.

Threads pull edits from the schedule; this module decides, `verify` judges, `schedule` orders, `rpm` talks.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.errors import ReconcilerError
from reconciler.journal import JournalError
from reconciler.outcome import Outcome, Report, Result
from reconciler.rpm.errors import CallError, CustomerNotFound, Denied, Fatal, Lost, WrongCustomer
from reconciler.rpm.retry import Stopped
from reconciler.schedule import Schedule
from reconciler.showing import visible
from reconciler.verify import foreign, held, mismatch, not_taken, standing, veiled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.compare import Rules
    from reconciler.model import ObservedCustomer
    from reconciler.plan import Change, Edit, Plan
    from reconciler.tools import Tools

GRACE: Final = 4.0
_POLL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Ending:
    """How one edit ended."""

    result: Result
    detail: str = ""


class NotDone(Lost):
    """An edit was sent, got lost, and a read says that it did not happen: it may be sent again."""


class Apply:
    """One run over one plan; `run` is called once."""

    def __init__(
        self,
        plan: Plan,
        observed: Mapping[int, ObservedCustomer],
        rules: Rules,
        tools: Tools,
        *,
        read_age: float,
    ) -> None:
        """`observed` are the reads that the plan rests on; `read_age` is in seconds."""
        self._plan = plan
        self._observed = dict(observed)
        self._rules = rules
        self._tools = tools
        self._read_age = read_age
        self._schedule = Schedule(plan.edits)
        self._lock = threading.Condition()
        self._endings: dict[int, Ending] = {}
        self._sending: set[int] = set()
        self._stopped = ""
        self._grace = GRACE

    def hurry(self) -> None:
        """Wait no longer for calls in flight; safe to call from a signal's handler."""
        self._grace = 0.0

    def run(self, *, parallel: int) -> Report:
        """Carry out the plan, `parallel` edits at a time; always ends with a report."""
        workers = [
            threading.Thread(target=self._work, daemon=True)
            for _ in range(min(parallel, len(self._plan.edits)))
        ]
        for worker in workers:
            worker.start()
        self._wait(workers)
        with self._lock:
            for place in range(len(self._plan.edits)):
                if place not in self._endings:
                    self._endings[place] = self._unfinished(place)
            return self._report()

    def _wait(self, workers: list[threading.Thread]) -> None:
        """Until all is done, or until the grace after a signal is over."""
        asked = float("inf")
        for worker in workers:
            while worker.is_alive() and self._tools.clock.monotonic() < asked + self._grace:
                worker.join(_POLL)
                if self._tools.stop.is_set() and asked == float("inf"):
                    asked = self._tools.clock.monotonic()

    def _unfinished(self, place: int) -> Ending:
        """What can be said of an edit that has no ending when the report is due."""
        if place in self._sending:
            return Ending(Result.UNKNOWN, "it was sent, and the run ended before its answer came")
        return Ending(Result.NOT_TRIED, self._stopped or "the run was interrupted before it")

    def _work(self) -> None:
        """One worker: take what is ready until nothing can come any more."""
        while (place := self._take()) is not None:
            ending = self._perform(place)
            with self._lock:
                self._end(place, ending)
                self._lock.notify_all()
            self._tools.progress(1)

    def _take(self) -> int | None:
        """The next edit, or None when the run is over for this worker."""
        with self._lock:
            while not self._tools.stop.is_set() and not self._stopped:
                place = self._schedule.take()
                if place is not None or self._schedule.idle:
                    return place
                self._lock.wait(_POLL)
            return None

    def _end(self, place: int, ending: Ending) -> None:
        """Book an ending; what depends on an edit that is not done is not tried."""
        self._sending.discard(place)
        self._endings[place] = ending
        if ending.result is Result.EDITED:
            self._schedule.succeed(place)
            return
        edit = self._plan.edits[place]
        for later in self._schedule.fail(place):
            detail = f"it needs the edit of customer {edit.customer_id}, which is not done"
            self._endings.setdefault(later, Ending(Result.NOT_TRIED, detail))

    def _halt(self, why: str) -> None:
        """No further edit starts; the first reason is the one reported."""
        with self._lock:
            self._stopped = self._stopped or why

    def _heed(self, trouble: Exception) -> None:
        """End the run where no further call can succeed; a read that settles an edit may be the first to learn it."""
        if isinstance(trouble, Fatal):
            self._halt(f"everything stopped: {trouble.what}")

    def _perform(self, place: int) -> Ending:
        """Carry out one edit, with every way of failing brought to its ending."""
        edit = self._plan.edits[place]
        try:
            return self._tools.retries.run(lambda: self._attempt(place, edit))
        except Stopped:
            return Ending(Result.NOT_TRIED, "the run was interrupted before it")
        except JournalError as error:
            self._halt(error.what)
            return Ending(Result.NOT_TRIED, str(error))
        except Fatal as error:
            self._halt(f"everything stopped: {error.what}")
            sent = place in self._sending
            return Ending(Result.FAILED if sent else Result.NOT_TRIED, str(error))
        except CustomerNotFound as error:
            return Ending(Result.HELD, f"the customer is no longer in RPM ({error.what})")
        except CallError as error:
            return Ending(Result.FAILED, str(error))
        except BaseException as error:  # noqa: BLE001 - a worker that dies must not take the report with it
            self._halt(f"everything stopped: an internal error ({type(error).__name__})")
            result = Result.UNKNOWN if place in self._sending else Result.NOT_TRIED
            return Ending(result, f"an internal error: {type(error).__name__}: {visible(str(error))[:200]}")

    def _attempt(self, place: int, edit: Edit) -> Ending:
        """The write rule, once through."""
        before = self._fresh(edit.customer_id)
        position = standing(edit.changes, before, self._rules)
        if position.moved:
            return Ending(Result.HELD, held(position.moved, before))
        if not position.open:
            return Ending(Result.EDITED, "already as wanted; no call was needed")
        self._tools.journal.intent(edit.customer_id, [change.attribute for change in position.open])
        self._gate(place)
        try:
            answer = self._tools.editor.edit(
                edit.customer_id, {change.attribute: change.after for change in position.open}
            )
        except WrongCustomer as error:
            self._halt(f"everything stopped: {error.what}")
            return self._settled(place, edit, position.open, error)
        except Lost as error:
            return self._settled(place, edit, position.open, error)
        except CallError as error:
            kind = "denied" if isinstance(error, Denied) else "not sent"
            self._note(edit.customer_id, f"{kind}: {type(error).__name__}")
            if not isinstance(error, Fatal):
                self._sending.discard(place)
            raise
        return self._verified(edit, position.open, before, answer)

    def _gate(self, place: int) -> None:
        """The last moment at which an edit can be called off."""
        with self._lock:
            if self._tools.stop.is_set() or self._stopped:
                raise Stopped
            self._sending.add(place)

    def _fresh(self, customer_id: int) -> ObservedCustomer:
        """A read of the customer at most `read_age` old: the one there is, or a new one."""
        known = self._observed[customer_id]
        if self._tools.clock.monotonic() - known.read_at > self._read_age:
            known = self._observed[customer_id] = self._tools.reader.customer(customer_id)
        return known

    def _settled(self, place: int, edit: Edit, sent: tuple[Change, ...], error: Lost) -> Ending:
        """Learn by a read what became of an edit whose answer is lost."""
        try:
            found = self._observed[edit.customer_id] = self._tools.reader.customer(edit.customer_id)
        except (CallError, Stopped) as trouble:
            self._heed(trouble)
            self._note(edit.customer_id, "unknown")
            why = f"; reading the customer failed too ({visible(str(trouble))[:120]})" if str(trouble) else ""
            return Ending(Result.UNKNOWN, f"{error.what}{why}; run plan to see what is left")
        position = standing(sent, found, self._rules)
        if len(position.done) == len(sent):
            self._note(edit.customer_id, "edited, settled by a read")
            return Ending(Result.EDITED, f"confirmed by reading back ({error.happened})")
        if len(position.open) == len(sent):
            self._note(edit.customer_id, "not done, settled by a read")
            self._sending.discard(place)
            raise NotDone(
                error.doing, f"{error.happened}; a read says that it did not happen", retryable=True
            )
        return self._refused(edit, not_taken(sent, found, self._rules), found)

    def _verified(
        self, edit: Edit, sent: tuple[Change, ...], before: ObservedCustomer, answer: ObservedCustomer
    ) -> Ending:
        """Compare the answer with what was wanted; a doubt is confirmed by one read before it is called one."""
        self._observed[edit.customer_id] = answer
        others = foreign(sent, before, answer, self._rules)
        doubtful = not_taken(sent, answer, self._rules)
        if doubtful:
            try:
                answer = self._observed[edit.customer_id] = self._tools.reader.customer(edit.customer_id)
                doubtful = not_taken(sent, answer, self._rules)
            except (CallError, Stopped) as trouble:
                self._heed(trouble)
                return self._doubted(edit, doubtful, answer, trouble)
        if doubtful:
            return self._refused(edit, doubtful, answer)
        self._note(edit.customer_id, "edited")
        detail = f"changed by somebody else meanwhile, left as it is: {'; '.join(others)}" if others else ""
        return Ending(Result.EDITED, detail)

    def _doubted(
        self, edit: Edit, doubtful: tuple[Change, ...], answer: ObservedCustomer, trouble: Exception
    ) -> Ending:
        """The answer says one thing, and no read could confirm it: a server that answers late would look the same."""
        self._note(edit.customer_id, "unknown")
        texts = "; ".join(mismatch(change, answer, self._rules) for change in doubtful)
        why = visible(str(trouble) or "the run was interrupted")[:120]
        return Ending(
            Result.UNKNOWN,
            f"{texts}; reading the customer to be sure failed ({why}); run plan to see what is left",
        )

    def _refused(self, edit: Edit, doubtful: tuple[Change, ...], answer: ObservedCustomer) -> Ending:
        """RPM did not take what was sent, or not as it was sent."""
        self._note(edit.customer_id, "not taken")
        texts = [mismatch(change, answer, self._rules) for change in doubtful]
        return Ending(Result.NOT_TAKEN, "; ".join(texts))

    def _note(self, customer_id: int, outcome: str) -> None:
        """Journal a result. The edit is made, so a full disk must not hide it: it is told, and the run ends."""
        try:
            self._tools.journal.result(customer_id, outcome)
        except JournalError as error:
            self._halt(error.what)
            self._tools.unwritten(customer_id, outcome)

    def _report(self) -> Report:
        """Every planned customer once: its last edit's ending, or the passing rename's where that failed."""
        chosen: dict[int, int] = {}
        for place, edit in enumerate(self._plan.edits):
            earlier = chosen.get(edit.customer_id)
            if earlier is None or self._endings[earlier].result is Result.EDITED:
                chosen[edit.customer_id] = place
        outcomes = tuple(
            self._outcome(self._plan.edits[place], self._endings[place]) for place in chosen.values()
        )
        return Report(
            outcomes, self._plan.missing, self._tools.reader.calls, self._tools.editor.calls, self._stopped
        )

    def _outcome(self, edit: Edit, ending: Ending) -> Outcome:
        """The ending in the report's words; a passing name left behind is said."""
        detail = veiled(ending.detail, edit.changes)
        name = self._observed[edit.customer_id].name
        if ending.result is not Result.EDITED and not edit.temporary and name != edit.name:
            detail = f'{detail}; its name is "{visible(name)}" for now, and the next apply finishes it'
        return Outcome(edit.customer_id, edit.name, edit.file, edit.line, ending.result, detail)


def exit_code(report: Report, *, signal_number: int | None) -> int:
    """0 when all is done; the signal's code; 4 once an edit was sent or a customer is missing; else 3 or 1."""
    if signal_number is not None and not report.done:
        return 128 + signal_number
    if report.done and not report.stopped:
        return 0
    if report.sent or report.missing:
        return 4
    return 3 if report.of(Result.HELD) and not report.of(Result.FAILED) else ReconcilerError.exit_code
