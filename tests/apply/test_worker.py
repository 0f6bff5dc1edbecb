"""The write rule, a way to end at a time: what is sent, read, journaled and said, with an RPM that answers as told."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.interfaces import Tools
from reconciler.apply.journal import JournalError
from reconciler.apply.result import EditResult, Result
from reconciler.apply.run_state import RunState
from reconciler.apply.worker import Worker
from reconciler.core.clock import Clock, Moment
from reconciler.core.field_types import CompareRules, Number
from reconciler.core.values import ObservedCustomer
from reconciler.plan.model import Change, Class, Edit
from reconciler.rpm.errors import (
    CallError,
    CallLimitReached,
    CustomerNotFound,
    Denied,
    KeyRefused,
    Lost,
    NoConnection,
    NotSent,
    Throttled,
    Unexplained,
    WrongCustomer,
)
from reconciler.rpm.retry import RetryPolicy, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PLACE = 3
DOING = "CustomerEdit 7"
READING = "Customer 7"
LOOK = "run plan to see what is left"
INTERRUPTED = "not started: the run was interrupted"
SITE = Change("Website", "before", "after", Class.CHANGE)
TIER = Change("Fields.Tier", "Silver", "Gold", Class.CHANGE)
BEFORE = {"Name": "Acme", "Website": "before", "Fields.Tier": "Silver", "Zip": "1"}
SENT_SITE = {**BEFORE, "Website": "after"}
Answer = dict[str, str] | BaseException


class Still(Clock):
    """A clock that is turned by hand, and whose pauses are noted."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.slept: list[float] = []

    def now(self) -> Moment:
        return Moment(self.time, self.time, self.time)

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        self.slept.append(seconds)
        return stop.is_set()


@dataclass
class Told:
    """RPM that answers each edit and each read as told, one after the other; and the journal. `log` has all of it.

    `forced` is what there was of it at each `sync` of the journal, which fails where the disk is `full`.
    """

    edits: list[Answer] = field(default_factory=list)
    reads: list[Answer] = field(default_factory=list)
    journal: list[BaseException | None] = field(default_factory=list)
    log: list[tuple[Any, ...]] = field(default_factory=list)
    clock: Still = field(default_factory=Still)
    stop: threading.Event = field(default_factory=threading.Event)
    forced: list[str] = field(default_factory=list)
    full: JournalError | None = None
    calls: int = 0
    slow: float = 0.0
    writing: Callable[[], None] = lambda: None

    def _answer(self, customer_id: int, answers: list[Answer]) -> ObservedCustomer:
        sent = self.clock.now()
        self.clock.time += self.slow
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return ObservedCustomer(customer_id, dict(answer), sent, whole=True)

    def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
        self.log.append(("edit", customer_id, dict(values)))
        return self._answer(customer_id, self.edits)

    def customer(self, customer_id: int) -> ObservedCustomer:
        self.log.append(("read", customer_id))
        return self._answer(customer_id, self.reads)

    def intent(self, customer_id: int, attributes: Iterable[str]) -> None:
        self.log.append(("intent", customer_id, list(attributes)))
        self._written()
        self.writing()

    def result(self, customer_id: int, outcome: str) -> None:
        self.log.append(("result", customer_id, outcome))
        self._written()

    def sync(self) -> None:
        self.forced.append(self.kinds)
        if self.full:
            raise self.full

    def _written(self) -> None:
        if self.journal and (error := self.journal.pop(0)):
            raise error

    @property
    def kinds(self) -> str:
        """What was done, a letter each: Intent, Edit, read, result (`.`)."""
        return "".join({"intent": "I", "edit": "E", "read": "r", "result": "."}[it[0]] for it in self.log)

    @property
    def outcomes(self) -> list[str]:
        """What the journal was told of results."""
        return [it[2] for it in self.log if it[0] == "result"]


@dataclass
class Run:
    """One edit of customer 7, carried out."""

    rpm: Told
    state: RunState
    worker: Worker
    ended: EditResult | None = None


def run(
    rpm: Told,
    *changes: Change,
    before: dict[str, str] | None = None,
    age: float = 0.0,
    rules: CompareRules | None = None,
) -> Run:
    """Carry out an edit of these changes (of the website, if none is named) behind a read that is so old."""
    read_at = Moment(*3 * (rpm.clock.time - age,))
    observed = {7: ObservedCustomer(7, before or BEFORE, read_at, whole=True)}
    tools = Tools(
        reader=rpm,
        editor=rpm,
        journal=rpm,
        retries=RetryPolicy(rpm.clock, rpm.stop, Random(1)),
        clock=rpm.clock,
        stop=rpm.stop,
        progress=lambda _count: None,
    )
    state = RunState(rpm.stop)
    worker = Worker(observed, rules or CompareRules(), tools, state, read_age=10.0)
    done = Run(rpm, state, worker)
    edit = Edit(7, "Acme", "c.yaml", 1, changes or (SITE,))
    done.ended = worker.perform(PLACE, edit)
    assert {it[1] for it in rpm.log} <= {7}, "every call and every line of the journal is about this customer"
    return done


def lost(**more: Any) -> Lost:
    """A lost answer."""
    return Lost(DOING, "the connection broke", advice="look", **more)


class TestClean:
    def test_an_edit_is_journaled_sent_and_compared(self) -> None:
        """The intent first, then what differs and no more, then the result; the answer is kept."""
        done = run(Told(edits=[SENT_SITE]))
        assert done.rpm.log == [
            ("intent", 7, ["Website"]),
            ("edit", 7, {"Website": "after"}),
            ("result", 7, "edited"),
        ]
        assert done.ended == EditResult(Result.EDITED)
        assert done.worker.observed[7].values == SENT_SITE
        assert done.state.under_way(PLACE)
        assert done.state.stopped == ""

    def test_only_what_is_open_is_sent(self) -> None:
        """What RPM has already drops out."""
        done = run(Told(edits=[SENT_SITE]), SITE, TIER, before={**BEFORE, "Fields.Tier": "Gold"})
        assert done.rpm.log[:2] == [("intent", 7, ["Website"]), ("edit", 7, {"Website": "after"})]

    def test_nothing_open_costs_no_call(self) -> None:
        """By the rules of comparing."""
        change = Change("Fields.n", "1", "1,200", Class.CHANGE)
        rules = CompareRules({"Fields.n": Number()})
        done = run(Told(), change, before={"Name": "Acme", "Fields.n": "1200"}, rules=rules)
        assert done.rpm.log == []
        assert done.ended == EditResult(Result.EDITED, "already as wanted; no call was needed")

    def test_one_attribute_that_moved_holds_the_customer_whole(self) -> None:
        """Nothing is sent of the others."""
        done = run(Told(), SITE, TIER, before={**BEFORE, "Fields.Tier": "Bronze"})
        assert done.rpm.log == []
        assert done.ended == EditResult(
            Result.HELD,
            'changed in RPM since it was read: Fields.Tier was "Silver" and is "Bronze" now',
            "plan again",
        )

    def test_somebody_elses_edit_is_told(self) -> None:
        """It stays as it is."""
        done = run(Told(edits=[{**SENT_SITE, "Zip": "2", "Fields.Tier": "x"}]))
        cause = 'changed by somebody else meanwhile, left as it is: Fields.Tier "Silver" became "x"; Zip "1" became "2"'
        assert done.ended == EditResult(Result.EDITED, cause)

    def test_what_was_as_planned_and_is_not_any_more_holds_the_customer(self) -> None:
        """It was not sent, because the read said that nothing had to be; open again, or at a third value."""
        for now in ("Silver", "Bronze"):
            done = run(
                Told(edits=[{**SENT_SITE, "Fields.Tier": now}]),
                SITE,
                TIER,
                before={**BEFORE, "Fields.Tier": "Gold"},
            )
            assert done.ended == EditResult(
                Result.HELD,
                "the other attributes are edited; somebody changed meanwhile: "
                f'Fields.Tier was as planned and is "{now}" now',
                "plan again",
            )


class TestAge:
    @pytest.mark.parametrize(("age", "kinds"), [(10.0, "IE."), (10.1, "rIE.")])
    def test_a_read_may_be_as_old_as_read_age(self, age: float, kinds: str) -> None:
        """Older, and the customer is read again; the new read counts."""
        done = run(Told(edits=[SENT_SITE], reads=[BEFORE]), age=age)
        assert done.rpm.kinds == kinds
        assert done.ended == EditResult(Result.EDITED)

    def test_what_the_new_read_says_decides(self) -> None:
        """And it is kept."""
        done = run(Told(reads=[{**BEFORE, "Website": "theirs"}]), age=11.0)
        assert done.ended is not None
        assert done.ended.result is Result.HELD
        assert done.worker.observed[7].values["Website"] == "theirs"

    @pytest.mark.parametrize(
        ("slow", "wrote", "kinds"),
        [
            (10.0, 0.0, "rIE."),  # as slow as read_age, and sent at once
            (10.0, 0.1, "rI." * 3),  # no slower than read_age: no excuse
            (11.0, 10.0, "rIE."),  # slower: its own time and read_age
            (11.0, 10.1, "rI." * 3),
        ],
    )
    def test_a_slow_server_is_no_excuse_but_for_its_own_time(
        self, slow: float, wrote: float, kinds: str
    ) -> None:
        """No other read would be younger; what passes behind its answer counts in full."""
        rpm = Told(edits=[SENT_SITE], reads=[BEFORE] * 3, slow=slow)

        def wait() -> None:
            rpm.clock.time += wrote

        rpm.writing = wait
        assert run(rpm, age=11.0).rpm.kinds == kinds

    def test_a_read_that_always_grows_old_ends_the_attempt(self) -> None:
        """Three of them; each intent has its result, and nothing was sent."""
        rpm = Told(reads=[BEFORE] * 3)

        def wait() -> None:
            rpm.clock.time += 60.0

        rpm.writing = wait
        done = run(rpm, age=11.0)
        assert done.rpm.kinds == "rI." * 3
        assert done.rpm.outcomes == ["not sent: the read grew old first"] * 3
        assert done.ended == EditResult(
            Result.FAILED,
            "not sent: 3 times, the read of the customer was older than 10 s before the edit could leave",
            "raise read_age, or find out why this machine is so slow",
        )


class TestRefused:
    def test_a_refused_edit_failed(self) -> None:
        """RPM's own words, once; the run goes on."""
        done = run(Told(edits=[Denied(DOING, "Name is taken", advice="choose another")]))
        assert done.rpm.outcomes == ["denied: Denied"]
        assert done.ended == EditResult(Result.FAILED, "RPM says: Name is taken", "choose another", DOING)
        assert done.state.stopped == ""
        assert not done.state.under_way(PLACE)

    def test_a_refused_key_ends_the_run(self) -> None:
        """The edit was not done; it left, so it is not called never tried."""
        done = run(Told(edits=[KeyRefused(DOING, "Invalid API key")]))
        assert done.rpm.outcomes == ["denied: KeyRefused"]
        assert done.ended == EditResult(Result.FAILED, "RPM says: Invalid API key", "", DOING)
        assert done.state.stopped == f"everything stopped: {DOING}: RPM says: Invalid API key"
        assert done.state.under_way(PLACE)

    def test_a_key_refused_to_the_read_before_leaves_the_edit_untried(self) -> None:
        """Nothing left."""
        done = run(Told(reads=[KeyRefused(READING, "Invalid API key")]), age=11.0)
        assert done.ended == EditResult(Result.NOT_TRIED, "RPM says: Invalid API key", "", READING)
        assert done.state.stopped.startswith("everything stopped: ")

    def test_a_read_before_that_fails_fails_the_edit(self) -> None:
        """And no more than that."""
        done = run(Told(reads=[Denied(READING, "no", advice="ask")]), age=11.0)
        assert done.ended == EditResult(Result.FAILED, "RPM says: no", "ask", READING)
        assert done.state.stopped == ""

    def test_a_customer_that_is_gone_before_is_held(self) -> None:
        """A read says so."""
        done = run(Told(reads=[CustomerNotFound(READING, "Customer not found")]), age=11.0)
        cause = "the customer is no longer in RPM (RPM says: Customer not found)"
        assert done.ended == EditResult(Result.HELD, cause)

    def test_the_limit_of_calls_leaves_the_edit_untried(self) -> None:
        """It did not leave, and no other will."""
        done = run(Told(edits=[CallLimitReached(DOING, 9)]))
        assert done.rpm.outcomes == ["not sent: CallLimitReached"]
        assert done.ended is not None
        assert done.ended.result is Result.NOT_TRIED
        assert "limit of 9 calls" in done.ended.cause
        assert "limit of 9 calls" in done.state.stopped

    def test_what_was_not_sent_is_sent_again(self) -> None:
        """At most three times; between them it is not under way."""
        error = NotSent(DOING, "no route", retryable=True)
        done = run(Told(edits=[error, SENT_SITE]))
        assert done.rpm.kinds == "IE.IE."
        assert done.rpm.outcomes == ["not sent: NotSent", "edited"]
        done = run(Told(edits=[error] * 3))
        assert done.rpm.kinds == "IE." * 3
        assert done.ended == EditResult(Result.FAILED, "no route", "", DOING)
        assert not done.state.under_way(PLACE)

    def test_no_connection_is_somebody_elses_task(self) -> None:
        """The executor gives the edit to a worker that has one."""
        with pytest.raises(NoConnection):
            run(Told(edits=[NoConnection(DOING, "too many files")]))

    def test_a_run_that_was_stopped_starts_nothing(self) -> None:
        """At the last moment, behind the intent."""
        rpm = Told(edits=[SENT_SITE])
        rpm.writing = rpm.stop.set
        done = run(rpm)
        assert done.rpm.kinds == "I"
        assert done.ended == EditResult(Result.NOT_TRIED, INTERRUPTED)


class TestSettled:
    """An edit whose answer tells nothing is settled by a read, never by sending again."""

    @pytest.mark.parametrize(
        "error",
        [lost(), Throttled(DOING, "429", retry_after=5.0, patience=120.0), Unexplained(DOING, "Deadlock")],
        ids=lambda it: type(it).__name__,
    )
    def test_done(self, error: CallError) -> None:
        """The read shows it; where RPM asked to wait, that was done first, and nowhere else."""
        done = run(Told(edits=[error], reads=[SENT_SITE]))
        assert done.rpm.kinds == "IEr."
        assert done.rpm.outcomes == ["edited, settled by a read"]
        assert done.ended == EditResult(Result.EDITED, f"confirmed by reading back ({error.happened})")
        assert done.rpm.clock.slept == ([5.0] if isinstance(error, Throttled) else [])
        assert done.worker.observed[7].values == SENT_SITE

    def test_done_while_something_else_was_undone(self) -> None:
        """What was as planned is not any more."""
        done = run(
            Told(edits=[lost()], reads=[SENT_SITE]), SITE, TIER, before={**BEFORE, "Fields.Tier": "Gold"}
        )
        assert done.ended is not None
        assert done.ended.result is Result.HELD

    def test_not_done_is_sent_again(self) -> None:
        """The read says that it is needed, and it is the read that the second edit rests on."""
        done = run(Told(edits=[lost(), SENT_SITE], reads=[BEFORE]))
        assert done.rpm.kinds == "IEr.IE."
        assert done.rpm.outcomes == ["not done, settled by a read", "edited"]
        assert done.ended == EditResult(Result.EDITED)

    def test_not_done_three_times(self) -> None:
        """Then it failed, and it is not under way."""
        done = run(Told(edits=[lost()] * 3, reads=[BEFORE] * 3))
        assert done.rpm.kinds == "IEr." * 3
        cause = "the connection broke; a read shows that it was not carried out"
        assert done.ended == EditResult(Result.FAILED, cause, "look", DOING)
        assert not done.state.under_way(PLACE)

    def test_not_done_where_the_run_ends(self) -> None:
        """It is not sent again; the run ends for the first reason."""
        done = run(Told(edits=[WrongCustomer(DOING, "about 8")], reads=[BEFORE]))
        assert done.rpm.kinds == "IEr."
        cause = "about 8; a read shows that it was not carried out"
        assert done.ended == EditResult(Result.FAILED, cause, "", DOING)
        assert done.state.stopped == f"everything stopped: {DOING}: about 8"

    @pytest.mark.parametrize(
        ("found", "texts"),
        [
            (
                {**BEFORE, "Website": "after"},
                'Fields.Tier: sent "Gold", got "Silver": RPM kept the value it had',
            ),
            (
                {**BEFORE, "Website": "z", "Fields.Tier": "Gold"},
                'Website: sent "after", got "z": RPM rewrote it, or somebody changed it',
            ),
            (
                {**BEFORE, "Website": "z"},
                'Fields.Tier: sent "Gold", got "Silver": RPM kept the value it had; Website: sent "after", got "z": RPM rewrote it, or somebody changed it',
            ),
        ],
    )
    def test_partly_done_is_not_taken(self, found: dict[str, str], texts: str) -> None:
        """Neither whole nor untouched: it is not sent again."""
        done = run(Told(edits=[lost()], reads=[found]), SITE, TIER)
        assert done.rpm.kinds == "IEr."
        assert done.rpm.outcomes == ["not taken"]
        assert done.ended == EditResult(Result.NOT_TAKEN, texts)

    def test_unknown_where_no_read_can_tell(self) -> None:
        """Both failures are told; it stays under way."""
        done = run(Told(edits=[lost()], reads=[Lost(READING, "timed out\x1b" + "." * 200)]))
        assert done.rpm.log[-1] == ("result", 7, "unknown")
        why = "timed out\\x1b" + "." * 107
        cause = f"the connection broke; reading the customer failed too ({why})"
        assert done.ended == EditResult(Result.UNKNOWN, cause, "look", DOING)
        assert done.state.under_way(PLACE)
        assert done.state.stopped == ""

    def test_unknown_has_an_advice_of_its_own(self) -> None:
        """Where the error has none."""
        done = run(Told(edits=[Lost(DOING, "broke")], reads=[Lost(READING, "broke")]))
        assert done.ended == EditResult(
            Result.UNKNOWN, "broke; reading the customer failed too (broke)", LOOK, DOING
        )

    def test_a_read_that_ends_the_run_does(self) -> None:
        """The quota may be spent by then."""
        done = run(Told(edits=[lost()], reads=[KeyRefused(READING, "Invalid API key")]))
        assert done.state.stopped == f"everything stopped: {READING}: RPM says: Invalid API key"
        assert done.ended is not None
        assert done.ended.result is Result.UNKNOWN

    def test_unknown_where_rpm_asks_to_wait_too_long(self) -> None:
        """No read is paid; the error is told once, and the run ends."""
        error = Throttled(DOING, "429", retry_after=500.0, patience=120.0)
        done = run(Told(edits=[error]))
        assert done.rpm.kinds == "IE."
        assert done.rpm.clock.slept == []
        assert done.ended == EditResult(Result.UNKNOWN, "429", error.advice, DOING)
        assert done.state.stopped == f"everything stopped: {DOING}: 429"

    def test_unknown_where_the_run_is_stopped_meanwhile(self) -> None:
        """No read is made."""
        rpm = Told(edits=[Throttled(DOING, "429", retry_after=5.0, patience=120.0)])
        edit = rpm.edit

        def stopping(customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
            rpm.stop.set()
            return edit(customer_id, values)

        rpm.edit = stopping  # type: ignore[method-assign]
        done = run(rpm)
        assert done.rpm.kinds == "IE."
        assert done.ended == EditResult(Result.UNKNOWN, "429", "run again later", DOING)

    def test_gone_by_rpms_own_word(self) -> None:
        """The edit and the read say the same: it was not done."""
        error = Unexplained(DOING, "Customer not found")
        done = run(Told(edits=[error], reads=[CustomerNotFound(READING, "Customer not found")]))
        assert done.rpm.log[-1] == ("result", 7, "denied: the customer is gone")
        cause = "the customer is no longer in RPM (RPM says: Customer not found)"
        assert done.ended == EditResult(Result.HELD, cause)

    @pytest.mark.parametrize("error", [lost(), Unexplained(DOING, "Deadlock")], ids=["lost", "another error"])
    def test_gone_by_another_word_is_unknown(self, error: Lost) -> None:
        """It may have been done before the customer went."""
        done = run(Told(edits=[error], reads=[CustomerNotFound(READING, "Customer not found")]))
        assert done.rpm.outcomes == ["unknown"]
        assert done.ended is not None
        assert done.ended.result is Result.UNKNOWN
        assert done.ended.cause.endswith("reading the customer failed too (RPM says: Customer not found)")


class TestDoubted:
    """An answer that does not show what was sent is confirmed by one read."""

    def test_the_read_shows_it(self) -> None:
        """Then it is done; what others changed is told by the answer, and the read is kept."""
        done = run(Told(edits=[{**BEFORE, "Zip": "2"}], reads=[{**SENT_SITE, "Zip": "3"}]))
        assert done.rpm.kinds == "IEr."
        assert done.rpm.outcomes == ["edited"]
        cause = 'changed by somebody else meanwhile, left as it is: Zip "1" became "2"'
        assert done.ended == EditResult(Result.EDITED, cause)
        assert done.worker.observed[7].values["Zip"] == "3"

    def test_the_read_does_not_show_it(self) -> None:
        """What it says is told, not what the answer said."""
        answers = ({**BEFORE, "Website": ""}, {**BEFORE, "Website": "aft"})
        done = run(Told(edits=[answers[0]], reads=[answers[1]]))
        assert done.rpm.outcomes == ["not taken"]
        cause = 'Website: sent "after", got "aft": RPM cut it to 3 of 5 characters'
        assert done.ended == EditResult(Result.NOT_TAKEN, cause)

    def test_no_read_can_tell(self) -> None:
        """Each doubt of the answer is told, and why it could not be settled; what was taken is no doubt."""
        answer = {**BEFORE, "Fields.Tier": "x", "Zip": "2"}
        rpm = Told(edits=[answer], reads=[KeyRefused(READING, "Invalid API key")])
        done = run(rpm, SITE, TIER, Change("Zip", "1", "2", Class.CHANGE))
        assert done.rpm.outcomes == ["unknown"]
        cause = (
            'Website: sent "after", got "before": RPM kept the value it had; '
            'Fields.Tier: sent "Gold", got "x": RPM rewrote it, or somebody changed it; '
            "reading the customer to be sure failed (RPM says: Invalid API key)"
        )
        assert done.ended == EditResult(Result.UNKNOWN, cause, LOOK)
        assert done.state.stopped == f"everything stopped: {READING}: RPM says: Invalid API key"
        assert done.worker.observed[7].values == answer

    def test_the_run_is_stopped_meanwhile(self) -> None:
        """A stopped read tells nothing either."""
        done = run(Told(edits=[BEFORE], reads=[Stopped()]))
        assert done.ended is not None
        assert done.ended.result is Result.UNKNOWN
        assert done.ended.cause.endswith("reading the customer to be sure failed (the run was interrupted)")
        assert done.state.stopped == ""


class TestJournal:
    FULL = JournalError("the journal: no space", advice="make room")

    def test_an_intent_that_cannot_be_written_ends_the_run(self) -> None:
        """Nothing is sent without it."""
        done = run(Told(journal=[self.FULL]))
        assert done.rpm.kinds == "I"
        assert done.ended == EditResult(Result.NOT_TRIED, "the journal: no space", "make room")
        assert done.state.stopped == "the journal: no space"

    def test_what_is_done_is_forced_out_with_the_next_line(self) -> None:
        """Every other result at once, and all that was written before a read is waited for."""
        assert run(Told(edits=[SENT_SITE])).rpm.forced == []
        assert run(Told(edits=[SENT_SITE], reads=[BEFORE]), age=11.0).rpm.forced == [""]
        assert run(Told(edits=[lost()], reads=[SENT_SITE])).rpm.forced == ["IEr."]
        assert run(Told(edits=[Denied(DOING, "no")])).rpm.forced == ["IE."]
        assert run(Told(edits=[BEFORE], reads=[BEFORE])).rpm.forced == ["IEr."]
        assert run(Told(edits=[BEFORE], reads=[Lost(READING, "broke")])).rpm.forced == ["IEr."]

    def test_a_disk_that_is_full_ends_the_run_where_it_is_waited_for(self) -> None:
        """Before a read, nothing was sent; behind an edit, its end is known all the same."""
        done = run(Told(full=self.FULL), age=11.0)
        assert done.ended == EditResult(Result.NOT_TRIED, "the journal: no space", "make room")
        done = run(Told(edits=[Denied(DOING, "no")], full=self.FULL))
        assert done.ended == EditResult(Result.FAILED, "RPM says: no", "", DOING)
        assert done.state.stopped == "the journal: no space"

    def test_a_result_that_cannot_be_written_is_told(self) -> None:
        """The edit is made; the run ends behind it. That the result is named, the journal sees to."""
        done = run(Told(edits=[SENT_SITE], journal=[None, self.FULL]))
        assert done.ended == EditResult(Result.EDITED)
        assert done.state.stopped == "the journal: no space"


class TestBroken:
    def test_a_bug_of_ours_behind_the_edit_is_unknown(self) -> None:
        """It is named, safely and shortly, and the run ends."""
        done = run(Told(edits=[ZeroDivisionError("\x1b" + "." * 300)]))
        told = "\\x1b" + "." * 196
        assert done.ended == EditResult(Result.UNKNOWN, f"an internal error: ZeroDivisionError: {told}")
        assert done.state.stopped == "everything stopped: an internal error (ZeroDivisionError)"

    def test_a_bug_of_ours_before_it_leaves_the_edit_untried(self) -> None:
        """Nothing left."""
        done = run(Told(reads=[ZeroDivisionError("x")]), age=11.0)
        assert done.ended == EditResult(Result.NOT_TRIED, "an internal error: ZeroDivisionError: x")

    def test_a_limit_of_this_machine_is_named_as_one(self) -> None:
        """With what to do; an interrupt from the keyboard is no such limit."""
        done = run(Told(edits=[MemoryError()]))
        what, advice = (
            "this machine's limits: there is no more memory",
            "give the process more memory (ulimit -v, or the container's limit)",
        )
        assert done.ended == EditResult(Result.UNKNOWN, what, advice)
        assert done.state.stopped == f"everything stopped: {what}"
        done = run(Told(edits=[KeyboardInterrupt()]))
        assert done.ended == EditResult(Result.UNKNOWN, "an internal error: KeyboardInterrupt: ")


class TestTold:
    """An edit that was sent, and by a read was not done, is not called untried whatever ended the next attempt."""

    UNDONE = "the connection broke; a read shows that it was not carried out"

    def told(self, *edits: Answer, reads: int = 1) -> EditResult:
        """What the report says of it."""
        done = run(Told(edits=list(edits), reads=[BEFORE] * reads))
        assert done.ended is not None
        return done.worker.told(PLACE, done.ended)

    def test_an_attempt_that_was_not_made(self) -> None:
        """Both reasons are told; the advice is that of the last, or of the first where that has none."""
        again = f"{self.UNDONE}, and it was not sent again"
        assert self.told(lost(), CallLimitReached(DOING, 9)) == EditResult(
            Result.FAILED,
            f"{again} ({DOING}: this run's own limit of 9 calls (limits.calls) is reached, so RPM was not asked)",
            "raise limits.calls or --max-calls if the bill may grow",
            DOING,
        )
        assert self.told(lost(), NotSent("other", "no route")) == EditResult(
            Result.FAILED, f"{again} (other: no route)", "look", DOING
        )
        done = run(Told(edits=[lost()], reads=[BEFORE]))
        stopped = EditResult(Result.NOT_TRIED, INTERRUPTED)
        assert done.worker.told(PLACE, stopped) == EditResult(
            Result.FAILED, f"{again} ({INTERRUPTED})", "look", DOING
        )

    def test_the_same_reason_is_told_once(self) -> None:
        """Three attempts that all ended so."""
        assert self.told(*[lost()] * 3, reads=3) == EditResult(Result.FAILED, self.UNDONE, "look", DOING)

    def test_an_attempt_that_tells_all(self) -> None:
        """It was done, it is unknown, or RPM refused it: what was before does not count."""
        assert self.told(lost(), SENT_SITE) == EditResult(Result.EDITED)
        assert self.told(lost(), Denied(DOING, "no")) == EditResult(Result.FAILED, "RPM says: no", "", DOING)
        done = run(Told(edits=[lost(), lost()], reads=[BEFORE, Lost(READING, "broke")]))
        assert done.ended is not None
        assert done.worker.told(PLACE, done.ended) == done.ended
        assert done.ended.result is Result.UNKNOWN

    def test_another_edit_is_told_as_it_ended(self) -> None:
        """Each goes by its own place."""
        done = run(Told(edits=[lost()] * 3, reads=[BEFORE] * 3))
        untried = EditResult(Result.NOT_TRIED, INTERRUPTED)
        assert done.worker.told(PLACE + 1, untried) == untried
