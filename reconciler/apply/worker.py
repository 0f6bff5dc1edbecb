"""One edit -> how it ended: the write rule, once through, for any number of threads.

Journal the intent, rest on a read at most `read_age` old, hold the customer if an attribute to be sent moved, send only
what differs, compare the answer, journal the result. An edit that may or may not have happened is settled by reading
its customer; it is sent again only when that read says that it is needed. This is the only module that edits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.apply.journal import JournalError
from reconciler.apply.result import EditResult, Result
from reconciler.apply.verify import foreign, held, mismatch, not_taken
from reconciler.core.text import printable
from reconciler.plan.status import status_of
from reconciler.rpm.errors import CallError, CustomerNotFound, Denied, Fatal, Lost, WrongCustomer
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
    """An edit was sent, got lost, and a read says that it did not happen: it may be sent again."""


class Worker:
    """Carries out edits, each in the thread that asks; `observed` grows with every read and answer."""

    def __init__(
        self,
        observed: Mapping[int, ObservedCustomer],
        rules: CompareRules,
        tools: Tools,
        course: RunState,
        *,
        read_age: float,
    ) -> None:
        """`observed` are the reads that the plan rests on; `read_age` is in seconds."""
        self._observed = dict(observed)
        self._rules = rules
        self._tools = tools
        self._course = course
        self._read_age = read_age

    @property
    def observed(self) -> Mapping[int, ObservedCustomer]:
        """Each customer as it was last seen."""
        return self._observed

    def perform(self, place: int, edit: Edit) -> EditResult:
        """Carry out one edit, with every way of failing brought to its ending."""
        try:
            return self._tools.retries.run(lambda: self._attempt(place, edit))
        except Stopped:
            return EditResult(Result.NOT_TRIED, INTERRUPTED)
        except JournalError as error:
            self._course.halt(error.what)
            return EditResult(Result.NOT_TRIED, error.what, error.advice)
        except Fatal as error:
            self._course.halt(f"everything stopped: {error.what}")
            return _failed(error, Result.FAILED if self._course.sending(place) else Result.NOT_TRIED)
        except CustomerNotFound as error:
            return EditResult(Result.HELD, f"the customer is no longer in RPM ({error.happened})")
        except CallError as error:
            return _failed(error)
        except BaseException as error:  # noqa: BLE001 - a worker that dies must not take the report with it
            self._course.halt(f"everything stopped: an internal error ({type(error).__name__})")
            result = Result.UNKNOWN if self._course.sending(place) else Result.NOT_TRIED
            return EditResult(
                result, f"an internal error: {type(error).__name__}: {printable(str(error))[:200]}"
            )

    def _attempt(self, place: int, edit: Edit) -> EditResult:
        """The write rule, once through; from the start where the read grew old before the edit could leave."""
        for _ in range(READS):
            before, may_age = self._fresh(edit.customer_id)
            position = status_of(edit.changes, before, self._rules)
            if position.moved:
                return EditResult(Result.HELD, held(position.moved, before), "plan again")
            if not position.open:
                return EditResult(Result.EDITED, "already as wanted; no call was needed")
            self._tools.journal.intent(edit.customer_id, [change.attribute for change in position.open])
            if self._age(before) <= may_age:
                return self._sent(place, edit, position.open, before)
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
        known = self._observed[customer_id] = self._tools.reader.customer(customer_id)
        took = self._tools.clock.now().running - known.read_at.running
        return known, self._read_age if took <= self._read_age else took + self._read_age

    def _age(self, known: ObservedCustomer) -> float:
        """Seconds since a read was sent."""
        return self._tools.clock.now().since(known.read_at)

    def _sent(
        self, place: int, edit: Edit, changes: tuple[Change, ...], before: ObservedCustomer
    ) -> EditResult:
        """Send an edit of these changes, which rests on a read, and learn what became of it."""
        self._course.gate(place)
        try:
            answer = self._tools.editor.edit(edit.customer_id, {it.attribute: it.after for it in changes})
        except WrongCustomer as error:
            self._course.halt(f"everything stopped: {error.what}")
            return self._settled(place, edit, changes, error)
        except Lost as error:
            return self._settled(place, edit, changes, error)
        except CallError as error:
            kind = "denied" if isinstance(error, Denied) else "not sent"
            self._note(edit.customer_id, f"{kind}: {type(error).__name__}")
            if not isinstance(error, Fatal):
                self._course.settled(place)
            raise
        return self._verified(edit, changes, before, answer)

    def _settled(self, place: int, edit: Edit, sent: tuple[Change, ...], error: Lost) -> EditResult:
        """Learn by a read what became of an edit whose answer is lost."""
        try:
            found = self._observed[edit.customer_id] = self._tools.reader.customer(edit.customer_id)
        except (CallError, Stopped) as trouble:
            self._course.note_fatal(trouble)
            self._note(edit.customer_id, "unknown")
            why = f"; reading the customer failed too ({_why(trouble)})"
            return EditResult(Result.UNKNOWN, f"{error.happened}{why}", _LOOK, error.doing)
        position = status_of(sent, found, self._rules)
        if len(position.done) == len(sent):
            self._note(edit.customer_id, "edited, settled by a read")
            return EditResult(Result.EDITED, f"confirmed by reading back ({error.happened})")
        if len(position.open) == len(sent):
            self._note(edit.customer_id, "not done, settled by a read")
            self._course.settled(place)
            raise NotDone(
                error.doing, f"{error.happened}; a read says that it did not happen", retryable=True
            )
        return self._refused(edit, not_taken(sent, found, self._rules), found)

    def _verified(
        self, edit: Edit, sent: tuple[Change, ...], before: ObservedCustomer, answer: ObservedCustomer
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
                self._course.note_fatal(trouble)
                return self._doubted(edit, doubtful, answer, trouble)
        if doubtful:
            return self._refused(edit, doubtful, answer)
        self._note(edit.customer_id, "edited")
        detail = f"changed by somebody else meanwhile, left as it is: {'; '.join(others)}" if others else ""
        return EditResult(Result.EDITED, detail)

    def _doubted(
        self, edit: Edit, doubtful: tuple[Change, ...], answer: ObservedCustomer, trouble: CallError | Stopped
    ) -> EditResult:
        """The answer says one thing, and no read could confirm it: a server that answers late would look the same."""
        self._note(edit.customer_id, "unknown")
        texts = "; ".join(mismatch(change, answer, self._rules) for change in doubtful)
        return EditResult(
            Result.UNKNOWN, f"{texts}; reading the customer to be sure failed ({_why(trouble)})", _LOOK
        )

    def _refused(self, edit: Edit, doubtful: tuple[Change, ...], answer: ObservedCustomer) -> EditResult:
        """RPM did not take what was sent, or not as it was sent."""
        self._note(edit.customer_id, "not taken")
        texts = [mismatch(change, answer, self._rules) for change in doubtful]
        return EditResult(Result.NOT_TAKEN, "; ".join(texts))

    def _note(self, customer_id: int, outcome: str) -> None:
        """Journal a result. The edit is made, so a full disk must not hide it: it is told, and the run ends."""
        try:
            self._tools.journal.result(customer_id, outcome)
        except JournalError as error:
            self._course.halt(error.what)
            self._tools.unwritten(customer_id, outcome)


def _failed(error: CallError, result: Result = Result.FAILED) -> EditResult:
    """A call that did not end well, in its own words."""
    return EditResult(result, error.happened, error.advice, error.doing)


def _why(trouble: CallError | Stopped) -> str:
    """Why a read that would have settled something failed, in short."""
    return printable(trouble.happened if isinstance(trouble, CallError) else "the run was interrupted")[:120]
