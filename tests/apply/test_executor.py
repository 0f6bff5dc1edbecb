"""Apply on its own, with a reader and an editor of a few lines: what a server cannot be made to do."""

from __future__ import annotations

import threading
import time
import unicodedata
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.executor import Executor
from reconciler.apply.interfaces import Tools
from reconciler.apply.journal import JournalError
from reconciler.apply.result import Result, exit_code
from reconciler.core.clock import Clock, Moment
from reconciler.core.field_types import CompareRules
from reconciler.core.values import ObservedCustomer, Target
from reconciler.plan.model import Change, Class, Edit, Plan
from reconciler.rpm.errors import KeyRefused, Lost, NoConnection, Throttled
from reconciler.rpm.retry import RetryPolicy, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Machine(Clock):
    """Three clocks to be turned; only `busy` lets all of them go on."""

    def __init__(self) -> None:
        self.moment = Moment(100.0, 500.0, 1.8e9)

    def monotonic(self) -> float:
        return self.moment.running

    def now(self) -> Moment:
        return self.moment

    def busy(self, seconds: float) -> None:
        self.turn(seconds, seconds, seconds)

    def turn(self, running: float = 0.0, boot: float = 0.0, wall: float = 0.0) -> None:
        self.moment = Moment(self.moment.running + running, self.moment.boot + boot, self.moment.wall + wall)


@dataclass
class Rpm:
    """Reads and edits customers kept in a dict; `failing` raises for one of them, each read takes `slow` seconds."""

    values: dict[int, dict[str, str]]
    failing: int = 0
    calls: int = 0
    order: list[int] = field(default_factory=list)
    clock: Machine = field(default_factory=Machine)
    slow: float = 0.0
    reads: int = 0
    decomposes: bool = False
    keeps: Mapping[str, str] = field(default_factory=dict)

    def customer(self, customer_id: int) -> ObservedCustomer:
        sent = self.clock.now()
        self.reads += 1
        values = dict(self.values[customer_id])
        self.clock.busy(self.slow)
        return ObservedCustomer(customer_id, values, sent, whole=True)

    def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
        self.calls += 1
        self.order.append(customer_id)
        if customer_id == self.failing:
            raise AssertionError("a bug of ours")
        if self.decomposes:
            values = {name: unicodedata.normalize("NFD", text) for name, text in values.items()}
        self.values[customer_id].update({**values, **self.keeps})
        return ObservedCustomer(customer_id, dict(self.values[customer_id]), self.clock.now(), whole=True)


class Notes:
    """A journal that forgets; while it writes an intent, something may happen."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.meanwhile = meanwhile
        self.unforced = False

    def intent(self, _customer_id: int, _attributes: Iterable[str]) -> None:
        self.unforced = False
        self.meanwhile()

    def result(self, customer_id: int, outcome: str) -> None:
        del customer_id, outcome
        self.unforced = True

    def sync(self) -> None:
        self.unforced = False


def edit(customer_id: int, *needs: int) -> Edit:
    """A change of the website."""
    change = Change("Website", "before", "after", Class.CHANGE)
    return Edit(customer_id, str(customer_id), "c.yaml", 1, (change,), needs)


def carry_out(
    rpm: Rpm,
    *edits: Edit,
    parallel: int = 1,
    read_age: float = 10.0,
    asked: Callable[[], None] = lambda: None,
    notes: Notes | None = None,
    stop: threading.Event | None = None,
) -> Any:
    """Apply a plan of these edits; something may happen while `yes` is waited for, and while an intent is written."""
    plan = Plan(Target("sandbox:", None), edits, len(edits), len(edits), len(edits), 0, 1)
    stop = stop or threading.Event()
    tools = Tools(
        reader=rpm,
        editor=rpm,
        journal=notes or Notes(),
        retries=RetryPolicy(Clock(), stop, Random(1)),
        clock=rpm.clock,
        stop=stop,
        progress=lambda _count: None,
    )
    observed = {i: rpm.customer(i) for i in rpm.values}
    rpm.reads = 0
    asked()
    return Executor(plan, observed, CompareRules(), tools, read_age=read_age).run(parallel=parallel)


def customers(*ids: int) -> dict[int, dict[str, str]]:
    """Customers as they are before."""
    return {i: {"Name": str(i), "Website": "before"} for i in ids}


@pytest.mark.row("F135")
def test_a_bug_in_a_worker_stops_the_run_and_not_the_report() -> None:
    """The customer in hand is unknown, because the edit was on its way; the rest is not tried."""
    rpm = Rpm(customers(1, 2, 3), failing=2)
    report = carry_out(rpm, edit(1), edit(2), edit(3))
    assert [it.outcome for it in report.outcomes] == [Result.EDITED, Result.UNKNOWN, Result.NOT_TRIED]
    assert "AssertionError" in report.outcomes[1].detail
    assert exit_code(report, signal_number=None) == 4


def test_edits_start_in_plan_order() -> None:
    """One worker takes them as they are listed."""
    rpm = Rpm(customers(1, 2, 3))
    carry_out(rpm, edit(3), edit(1), edit(2))
    assert rpm.order == [3, 1, 2]


def test_only_what_depends_on_a_failure_is_left_out() -> None:
    """3 needs 2, which moved; 1 and 4 have nothing to do with it."""
    rpm = Rpm(customers(1, 2, 3, 4))
    rpm.values[2]["Website"] = "moved"
    report = carry_out(rpm, edit(1), edit(2), edit(3, 2), edit(4), parallel=4)
    results = {it.customer_id: it.outcome for it in report.outcomes}
    assert results == {1: Result.EDITED, 2: Result.HELD, 3: Result.NOT_TRIED, 4: Result.EDITED}
    assert "it needs the edit of customer 2" in report.outcomes[2].detail


def test_each_customer_is_in_one_list() -> None:
    """However the edits of a cycle end, the report has the customer once."""
    rpm = Rpm(customers(1, 2))
    temporary = Edit(
        1, "1", "c.yaml", 1, (Change("Name", "1", "1 (renaming 1)", Class.CHANGE),), (), temporary=True
    )
    last = Edit(1, "1", "c.yaml", 1, (Change("Name", "1 (renaming 1)", "2", Class.CHANGE),), (2,))
    other = Edit(2, "2", "c.yaml", 9, (Change("Website", "else", "after", Class.CHANGE),), (1,))
    report = carry_out(rpm, temporary, other, last)
    assert {it.customer_id: it.outcome for it in report.outcomes} == {1: Result.NOT_TRIED, 2: Result.HELD}
    assert 'its name is "1 (renaming 1)" for now' in report.outcomes[0].detail


def test_a_temporary_name_in_another_unicode_form_is_one() -> None:
    """RPM may decompose the letters of a name."""
    rpm = Rpm(customers(1, 2), decomposes=True)
    for_now = "Caf\u00e9 (renaming 1)"
    temporary = Edit(1, "1", "c.yaml", 1, (Change("Name", "1", for_now, Class.CHANGE),), (), temporary=True)
    last = Edit(1, "1", "c.yaml", 1, (Change("Name", for_now, "2", Class.CHANGE),), (2,))
    other = Edit(2, "2", "c.yaml", 9, (Change("Website", "else", "after", Class.CHANGE),), (1,))
    report = carry_out(rpm, temporary, other, last)
    assert report.outcomes[0].outcome == Result.NOT_TRIED
    assert 'its name is "Cafe\u0301 (renaming 1)" for now' in report.outcomes[0].detail


@dataclass
class Slow(Notes):
    """A journal whose disk takes longer over a result than a stopped run waits."""

    rpm: Rpm
    stop: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def intent(self, _customer_id: int, _attributes: Iterable[str]) -> None: ...

    def result(self, customer_id: int, outcome: str) -> None:
        del customer_id, outcome
        self.stop.set()
        while not self.done.wait(0.01):
            self.rpm.clock.turn(1.0)


@pytest.mark.parametrize(("kept", "outcome"), [("after", Result.EDITED), ("before", Result.NOT_TAKEN)])
def test_an_answer_that_came_is_told_before_it_is_on_the_disk(kept: str, outcome: Result) -> None:
    """What is known is not called unknown because the journal waits for its disk when the run is stopped."""
    rpm = Rpm(customers(1), keeps={"Website": kept})
    notes = Slow(rpm)
    report = carry_out(rpm, edit(1), notes=notes, stop=notes.stop)
    notes.done.set()
    assert [it.outcome for it in report.outcomes] == [outcome]


@pytest.mark.parametrize("error", [MemoryError(), AssertionError("a bug of ours")], ids=["limit", "bug"])
def test_what_fails_after_an_answer_hides_it_not(error: Exception) -> None:
    """The run ends, and the edit that RPM confirmed is told as edited."""

    class Broken(Notes):
        def result(self, customer_id: int, outcome: str) -> None:
            del customer_id, outcome
            raise error

    report = carry_out(Rpm(customers(1, 2)), edit(1), edit(2), notes=Broken())
    assert [it.outcome for it in report.outcomes] == [Result.EDITED, Result.NOT_TRIED]


TURNED: list[Any] = [
    pytest.param({"running": 11.0, "boot": 11.0, "wall": 11.0}, 1, id="F127-time-passed"),
    pytest.param({"boot": 11.0, "wall": 11.0}, 1, id="F127-slept"),
    pytest.param({"wall": 11.0}, 1, id="F127-slept-and-no-clock-counts-it"),
    pytest.param({"running": 1.0, "boot": 1.0, "wall": -86_400.0}, 1, id="F127-set-back"),
    pytest.param({"running": 1.0, "boot": 1.0, "wall": -0.5}, 1, id="F127-set-back-a-little"),
    pytest.param({"running": 9.0, "boot": 9.0, "wall": 9.0}, 0, id="F127-young-enough"),
]


@pytest.mark.parametrize(("turned", "reads"), TURNED)
@pytest.mark.parametrize("person", [False, True])
def test_a_read_is_as_old_as_any_clock_says(turned: dict[str, float], reads: int, *, person: bool) -> None:
    """Whatever a machine does while the plan waits for its yes, an old read is made again, and what moved is held."""
    rpm = Rpm(customers(1))

    def wait() -> None:
        rpm.clock.turn(**turned)
        if person and reads:
            rpm.values[1]["Website"] = "theirs"

    report = carry_out(rpm, edit(1), asked=wait)
    assert rpm.reads == reads
    assert report.outcomes[0].outcome is (Result.HELD if person and reads else Result.EDITED)


def test_a_machine_that_sleeps_over_the_journal_reads_once_more() -> None:
    """The intent is on the disk, the lid closed and opened again: somebody may have been at work in between."""
    rpm = Rpm(customers(1))
    naps = iter([3_600.0])

    def sleep() -> None:
        if nap := next(naps, 0.0):
            rpm.clock.turn(boot=nap, wall=nap)
            rpm.values[1]["Website"] = "theirs"

    report = carry_out(rpm, edit(1), notes=Notes(sleep))
    assert (rpm.reads, rpm.calls) == (1, 0)
    assert report.outcomes[0].outcome is Result.HELD
    assert rpm.values[1]["Website"] == "theirs"


def test_a_machine_that_never_keeps_a_read_young_edits_nothing() -> None:
    """Three reads that all grow old are enough to say so; the bill has an end."""
    rpm = Rpm(customers(1))
    report = carry_out(rpm, edit(1), notes=Notes(lambda: rpm.clock.turn(wall=60.0)))
    assert (rpm.reads, rpm.calls) == (2, 0)
    assert report.outcomes[0].outcome is Result.FAILED
    assert "3 times, the read of the customer was older than 10 s" in report.outcomes[0].detail


def test_a_server_slower_than_read_age_can_be_edited() -> None:
    """No other read would be younger than one that has just come back; its own time is no sleep."""
    rpm = Rpm(customers(1), slow=25.0)
    report = carry_out(rpm, edit(1), notes=Notes(lambda: rpm.clock.busy(0.5)))
    assert (rpm.reads, rpm.calls) == (1, 1)
    assert report.outcomes[0].outcome is Result.EDITED


@dataclass
class Short(Rpm):
    """As many threads get a connection of this machine as there are."""

    connections: int = 1
    holders: set[int] = field(default_factory=set)
    lock: Any = field(default_factory=threading.Lock)

    def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
        me = threading.get_ident()
        with self.lock:
            if me not in self.holders and len(self.holders) >= self.connections:
                raise NoConnection(f"CustomerEdit {customer_id}", "no connection was opened (too many files)")
            self.holders.add(me)
        time.sleep(0.01)
        return super().edit(customer_id, values)


@pytest.mark.row("F131")
@pytest.mark.parametrize("connections", [1, 2])
def test_an_apply_goes_on_with_the_connections_that_it_has(connections: int) -> None:
    """Nothing was sent by a worker that got none, so another takes its edit; needs are kept."""
    rpm = Short(customers(*range(1, 13)), connections=connections)
    report = carry_out(rpm, *(edit(i) for i in range(1, 12)), edit(12, 3), parallel=6)
    assert {it.outcome for it in report.outcomes} == {Result.EDITED}
    assert sorted(rpm.order) == list(range(1, 13))
    assert rpm.order.index(3) < rpm.order.index(12)


@pytest.mark.row("F131")
def test_an_apply_without_any_connection_says_so() -> None:
    """Nothing was sent, and nothing is called failed."""
    report = carry_out(Short(customers(1, 2), connections=0), edit(1), edit(2), parallel=2)
    assert {it.outcome for it in report.outcomes} == {Result.NOT_TRIED}
    assert "no connection was opened" in report.stopped
    assert exit_code(report, signal_number=None) == 1


@pytest.mark.row("F131")
@pytest.mark.parametrize("started", [0, 2])
def test_an_apply_goes_on_with_the_threads_that_it_gets(
    started: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With none, nothing is sent: a thread is what lets a signal end the run in time."""
    real, count = threading.Thread.start, 0

    def start(thread: Any) -> None:
        nonlocal count
        count += 1
        if count > started:
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    report = carry_out(Rpm(customers(1, 2, 3)), edit(1), edit(2), edit(3), parallel=3)
    assert {it.outcome for it in report.outcomes} == {Result.EDITED if started else Result.NOT_TRIED}
    assert ("no more threads or processes" in report.stopped) is not bool(started)


@pytest.mark.row("F110")
def test_no_more_memory_is_no_bug_of_ours() -> None:
    """It is named as what it is; the edit in hand was on its way."""

    @dataclass
    class Full(Rpm):
        def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
            raise MemoryError(customer_id, values)

    report = carry_out(Full(customers(1, 2)), edit(1), edit(2))
    assert [it.outcome for it in report.outcomes] == [Result.UNKNOWN, Result.NOT_TRIED]
    assert "there is no more memory" in report.outcomes[0].detail
    assert "internal" not in report.outcomes[0].detail + report.stopped


def test_the_wanted_name_is_not_told_as_one_for_now() -> None:
    """RPM took the rename and ignored the website: nothing of a temporary name is said, for there was none."""

    @dataclass
    class Half(Rpm):
        def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
            return super().edit(customer_id, {"Name": values["Name"]})

    renamed = edit(1)
    renamed = replace(renamed, changes=(Change("Name", "1", "One", Class.CHANGE), *renamed.changes))
    (outcome,) = carry_out(Half(customers(1)), renamed).outcomes
    assert (outcome.outcome, outcome.note) == (Result.NOT_TAKEN, "")


@pytest.mark.parametrize(
    "end",
    [
        Stopped(),
        JournalError("writing the journal j: No space left on device"),
        NoConnection("Customer 1", "too many open files"),
        Throttled("Customer 1", "RPM asks for fewer calls (429)", retry_after=3600.0, patience=120.0),
    ],
    ids=lambda end: type(end).__name__,
)
def test_what_was_sent_once_is_not_reported_as_not_tried(end: Exception) -> None:
    """The answer was lost, a read shows that it was not carried out, and the next attempt ends before its edit leaves."""

    @dataclass
    class Deaf(Rpm):
        def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
            del values
            self.calls += 1
            raise Lost(f"CustomerEdit {customer_id}", "the connection broke", retryable=True)

    rpm = Deaf(customers(1))

    def again() -> None:
        if rpm.calls:
            raise end

    (outcome,) = carry_out(rpm, edit(1), notes=Notes(again)).outcomes
    assert rpm.calls == 1
    assert outcome.outcome is Result.FAILED
    assert "a read shows that it was not carried out, and it was not sent again" in outcome.detail
    assert outcome.doing == "CustomerEdit 1"


def test_no_result_waits_for_the_disk_while_its_worker_waits_for_rpm_or_a_turn() -> None:
    """It is forced out with the next intent: where there is none at once, or a read comes first, before those."""
    notes, seen = Notes(), []

    class Watched(Rpm):
        def customer(self, customer_id: int) -> ObservedCustomer:
            seen.append(("read", customer_id, notes.unforced))
            return super().customer(customer_id)

    rpm = Watched(customers(1, 2))
    report = carry_out(rpm, edit(1), edit(2), notes=notes, asked=lambda: rpm.clock.turn(wall=60.0))
    assert [it.outcome for it in report.outcomes] == [Result.EDITED, Result.EDITED]
    assert seen[2:] == [("read", 1, False), ("read", 2, False)]
    assert not notes.unforced, "at the end"


@pytest.mark.row("F41")
def test_a_refused_key_ends_the_run_before_the_journal_is_written() -> None:
    """A disk takes its time: the other worker, which is free meanwhile, sends nothing more."""
    begun, writing = threading.Event(), threading.Event()

    class Slow(Notes):
        def result(self, customer_id: int, outcome: str) -> None:
            super().result(customer_id, outcome)
            if customer_id == 1:
                writing.set()
                time.sleep(0.2)

    @dataclass
    class Refusing(Rpm):
        def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
            if customer_id == 1:
                assert begun.wait(10)
                raise KeyRefused("CustomerEdit 1", "Key not found")
            begun.set()
            assert writing.wait(10)
            return Rpm.edit(self, customer_id, values)

    rpm = Refusing(customers(1, 2, 3))
    report = carry_out(rpm, edit(1), edit(2), edit(3), parallel=2, notes=Slow())
    assert rpm.order == [2]
    assert [it.outcome for it in report.outcomes] == [Result.FAILED, Result.EDITED, Result.NOT_TRIED]
