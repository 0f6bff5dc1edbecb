"""One edit -> its result: the write rule, once through, for any number of threads.

Journal the intent, rest on a read at most `read_age` old, hold the customer if an attribute to be sent moved, send only
what differs, compare the answer, journal the result. An edit that may or may not have been carried out is settled by
reading its customer; it is sent again only when that read says that it is needed. This is the only module that edits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.apply.journal import JournalError
from reconciler.apply.result import EditResult, Result
from reconciler.apply.verify import foreign, held, mismatch, not_taken, overtaken
from reconciler.core.machine import machine_limit
from reconciler.core.text import printable
from reconciler.plan.status import status_of
from reconciler.rpm.errors import (
    CallError,
    CustomerNotFound,
    Denied,
    Lost,
    NoConnection,
    NotSent,
    Throttled,
    Unexplained,
)
from reconciler.rpm.retry import Stopped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.apply.interfaces import Tools
    from reconciler.apply.run_state import RunState
    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import ObservedCustomer
    from reconciler.plan.model import Change, Edit

READS: Final = 3
"""How often one attempt reads a customer because the last read grew old before the edit could leave."""

INTERRUPTED: Final = "not started: the run was interrupted"
_LOOK: Final = "run plan to see what is left"


class NotDone(Lost):
    """An edit was sent, its answer told nothing, and a read shows that it was not carried out: it may be sent again."""


class Worker:
    """Carries out edits, each in the thread that asks; `observed` grows with every read and answer."""

    def __init__(
        self,
        observed: Mapping[int, ObservedCustomer],
        rules: CompareRules,
        tools: Tools,
        run: RunState,
        *,
        read_age: float,
    ) -> None:
        """`observed` are the reads that the plan rests on; `read_age` is in seconds."""
        self._observed = dict(observed)
        self._rules = rules
        self._tools = tools
        self._run = run
        self._read_age = read_age
        self._undone: dict[int, NotDone] = {}

    @property
    def observed(self) -> Mapping[int, ObservedCustomer]:
        """Each customer as it was last seen."""
        return self._observed

    def perform(self, place: int, edit: Edit) -> EditResult:
        """Carry out one edit, with every way of failing brought to its result; raises `NoConnection` alone, nothing sent."""
        try:
            return self._tools.retries.run(lambda: self._attempt(place, edit))
        except Stopped:
            return EditResult(Result.NOT_TRIED, INTERRUPTED)
        except JournalError as error:
            self._run.halt(error.what)
            return EditResult(Result.NOT_TRIED, error.what, error.advice)
        except CustomerNotFound as error:
            return EditResult(Result.HELD, f"the customer is no longer in RPM ({error.happened})")
        except NoConnection:
            raise
        except CallError as error:
            self._run.note(error)
            never_sent = error.ends_run and not self._run.under_way(place)
            result = Result.NOT_TRIED if never_sent else Result.FAILED
            return EditResult(result, error.happened, error.advice, error.doing)
        except BaseException as error:  # noqa: BLE001 - a worker that dies must not take the report with it
            return self._broken(place, error)

    def told(self, place: int, ended: EditResult) -> EditResult:
        """A result for the report: an edit that was sent once is not one that was not tried, whatever ended its next attempt."""
        undone = self._undone.get(place)
        if undone is None or ended.result not in {Result.NOT_TRIED, Result.FAILED}:
            return ended
        if ended.cause == undone.happened:
            return ended
        why = ": ".join(part for part in (ended.doing, ended.cause) if part)
        happened = f"{undone.happened}, and it was not sent again ({why})"
        return EditResult(Result.FAILED, happened, ended.advice or undone.advice, undone.doing)

    def _broken(self, place: int, error: BaseException) -> EditResult:
        """What no call's error is: a limit of this machine, or a bug of ours. Either ends the run, and hides no answer that came."""
        learnt = self._run.learnt(place)
        result = Result.UNKNOWN if self._run.under_way(place) else Result.NOT_TRIED
        if limit := machine_limit(error):
            self._run.halt(f"everything stopped: {limit.what}")
            return learnt or EditResult(result, limit.what, limit.advice)
        self._run.halt(f"everything stopped: an internal error ({type(error).__name__})")
        told = printable(str(error))[:200]
        return learnt or EditResult(result, f"an internal error: {type(error).__name__}: {told}")

    def _attempt(self, place: int, edit: Edit) -> EditResult:
        """The write rule, once through; from the start where the read grew old before the edit could leave."""
        for _ in range(READS):
            before, may_age = self._fresh(edit.customer_id)
            status = status_of(edit.changes, before, self._rules)
            if status.moved:
                return EditResult(Result.HELD, held(status.moved, before), "plan again")
            if not status.open:
                return EditResult(Result.EDITED, "already as wanted; no call was needed")
            self._tools.journal.intent(edit.customer_id, [change.attribute for change in status.open])
            if self._age(before) <= may_age:
                return self._send(place, edit, status.open, before)
            self._note(edit.customer_id, "not sent: the read grew old first")
        told = f"not sent: {READS} times, the read of the customer was older than {self._read_age:g} s before the edit could leave"
        return EditResult(Result.FAILED, told, "raise read_age, or find out why this machine is so slow")

    def _fresh(self, customer_id: int) -> tuple[ObservedCustomer, float]:
        """A read that an edit may rest on, and how old it may be when the edit leaves: the one there is, or a new one.

        A new one may be older than `read_age` by the time that RPM itself took to answer, if that was longer, since no
        other read would be younger. A machine that slept meanwhile is no such excuse, so that time is the running clock's.
        """
        known = self._observed[customer_id]
        if self._age(known) <= self._read_age:
            return known, self._read_age
        self._tools.journal.sync()
        known = self._observed[customer_id] = self._tools.reader.customer(customer_id)
        took = self._tools.clock.now().running - known.read_at.running
        return known, self._read_age if took <= self._read_age else took + self._read_age

    def _age(self, known: ObservedCustomer) -> float:
        """Seconds since a read was sent."""
        return self._tools.clock.now().since(known.read_at)

    def _send(
        self, place: int, edit: Edit, changes: tuple[Change, ...], before: ObservedCustomer
    ) -> EditResult:
        """Send an edit of these changes, which rests on a read, and learn what became of it."""
        self._run.start(place)
        try:
            answer = self._tools.editor.edit(edit.customer_id, {it.attribute: it.after for it in changes})
        except (NotSent, Denied) as error:
            self._run.note(error)  # before the journal, whose disk takes its time while others send
            self._note(
                edit.customer_id,
                f"{'denied' if isinstance(error, Denied) else 'not sent'}: {type(error).__name__}",
            )
            if isinstance(error, NotSent) or not error.ends_run:
                self._run.finish(place)
            if isinstance(error, Denied):
                self._undone.pop(place, None)
            raise
        except (Lost, Throttled) as error:
            self._run.note(error)
            return self._settle(place, edit, changes, error)
        return self._verified(place, edit, changes, before, answer)

    def _settle(
        self, place: int, edit: Edit, sent: tuple[Change, ...], error: Lost | Throttled
    ) -> EditResult:
        """Learn by a read what became of an edit whose answer does not say it."""
        try:
            if isinstance(error, Throttled):
                self._wait(error)
            found = self._observed[edit.customer_id] = self._tools.reader.customer(edit.customer_id)
        except CustomerNotFound as gone:
            return self._gone(edit, error, gone)
        except (CallError, Stopped) as trouble:
            return self._unknown(edit, error, trouble)
        status = status_of(sent, found, self._rules)
        if len(status.done) == len(sent):
            ended = self._edited(place, edit, sent, found, f"confirmed by reading back ({error.happened})")
            self._note(edit.customer_id, "edited, settled by a read")
            return ended
        if len(status.open) == len(sent):
            happened = f"{error.happened}; a read shows that it was not carried out"
            self._run.learn(place, EditResult(Result.FAILED, happened, error.advice, error.doing))
            self._note(edit.customer_id, "not done, settled by a read")
            self._run.finish(place)
            undone = NotDone(error.doing, happened, advice=error.advice, retryable=not error.ends_run)
            self._undone[place] = undone
            raise undone
        return self._not_taken(place, edit, not_taken(sent, found, self._rules), found)

    def _wait(self, error: Throttled) -> None:
        """Wait as long as RPM asks for before the read that settles an edit; where that is too long, there is none."""
        if not error.retryable:
            raise error
        self._tools.retries.pause(error)

    def _gone(self, edit: Edit, error: Lost | Throttled, gone: CustomerNotFound) -> EditResult:
        """The customer of an edit is not in RPM any more; only RPM's own word for it tells that the edit was not done."""
        if isinstance(error, Unexplained) and error.message == gone.message:
            self._note(edit.customer_id, "denied: the customer is gone")
            return EditResult(Result.HELD, f"the customer is no longer in RPM ({gone.happened})")
        return self._unknown(edit, error, gone)

    def _unknown(self, edit: Edit, error: Lost | Throttled, trouble: CallError | Stopped) -> EditResult:
        """What became of an edit could not be learnt."""
        cause = error.happened
        if isinstance(trouble, CallError) and trouble is not error:
            self._run.note(trouble)
            cause = f"{cause}; reading the customer failed too ({_why(trouble)})"
        self._note(edit.customer_id, "unknown")
        return EditResult(Result.UNKNOWN, cause, error.advice or _LOOK, error.doing)

    def _verified(
        self,
        place: int,
        edit: Edit,
        sent: tuple[Change, ...],
        before: ObservedCustomer,
        answer: ObservedCustomer,
    ) -> EditResult:
        """Compare the answer with what was wanted; a doubt is confirmed by one read before it is called one."""
        self._observed[edit.customer_id] = answer
        others = foreign(sent, before, answer, self._rules)
        doubtful = not_taken(sent, answer, self._rules)
        if doubtful:
            try:
                answer = self._observed[edit.customer_id] = self._tools.reader.customer(edit.customer_id)
                doubtful = not_taken(sent, answer, self._rules)
            except (CallError, Stopped) as trouble:
                return self._doubted(edit, doubtful, answer, trouble)
        if doubtful:
            return self._not_taken(place, edit, doubtful, answer)
        detail = f"changed by somebody else meanwhile, left as it is: {'; '.join(others)}" if others else ""
        ended = self._edited(place, edit, sent, answer, detail)
        self._note(edit.customer_id, "edited", forced=False)
        return ended

    def _edited(
        self, place: int, edit: Edit, sent: tuple[Change, ...], answer: ObservedCustomer, detail: str
    ) -> EditResult:
        """What was sent is done; what was as planned before, and so was not sent, may have been changed since."""
        status = status_of([it for it in edit.changes if it not in sent], answer, self._rules)
        ended = EditResult(Result.EDITED, detail)
        if status.open or status.moved:
            ended = EditResult(Result.HELD, overtaken((*status.open, *status.moved), answer), "plan again")
        self._run.learn(place, ended)
        return ended

    def _doubted(
        self,
        edit: Edit,
        doubtful: tuple[Change, ...],
        answer: ObservedCustomer,
        trouble: CallError | Stopped,
    ) -> EditResult:
        """The answer says one thing, and no read could confirm it: a server that answers late would look the same."""
        if isinstance(trouble, CallError):
            self._run.note(trouble)
        self._note(edit.customer_id, "unknown")
        texts = "; ".join(mismatch(change, answer, self._rules) for change in doubtful)
        told = f"{texts}; reading the customer to be sure failed ({_why(trouble)})"
        return EditResult(Result.UNKNOWN, told, _LOOK)

    def _not_taken(
        self, place: int, edit: Edit, doubtful: tuple[Change, ...], answer: ObservedCustomer
    ) -> EditResult:
        """RPM did not take what was sent, or not as it was sent."""
        texts = [mismatch(change, answer, self._rules) for change in doubtful]
        ended = EditResult(Result.NOT_TAKEN, "; ".join(texts))
        self._run.learn(place, ended)
        self._note(edit.customer_id, "not taken")
        return ended

    def _note(self, customer_id: int, outcome: str, *, forced: bool = True) -> None:
        """Journal a result, which need not be `forced` out where the next line will be in a moment.

        The edit is made, so a full disk must not hide it: the journal tells it, and the run ends.
        """
        try:
            self._tools.journal.result(customer_id, outcome)
            if forced:
                self._tools.journal.sync()
        except JournalError as error:
            self._run.halt(error.what)


def _why(trouble: CallError | Stopped) -> str:
    """Why a read that would have settled something failed, in short."""
    return printable(trouble.happened if isinstance(trouble, CallError) else "the run was interrupted")[:120]
