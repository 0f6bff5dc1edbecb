"""Every schedule of a small world: two applies of two clones and one person, judged by the server's log.

A schedule is who makes the next call, from the first to the last; all of them are run, by carrying out one after the
other and branching where it could have gone on otherwise. What runs is the product, from the customers of the files to
the closing report; only its threads are none (`parallel` is 1, and a thread's work is done where it is started), so that a
call is the one place at which anybody else can come in between. Calls arrive at once and whole.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import httpx
from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from reconciler.apply import executor
from reconciler.apply.result import Result
from reconciler.apply.run import apply_plan
from reconciler.core.clock import Clock, Moment
from reconciler.core.errors import ReconcilerError
from reconciler.core.values import Target
from reconciler.customers.manifest import read_files
from reconciler.plan.guards import Confirmed, find_refusals
from reconciler.plan.run import PlanRequest, PlanResult, YamlSides, compare_with_rpm
from reconciler.repo.settings import Limits, Settings
from reconciler.rpm import fetch
from reconciler.rpm.client import Bounds, Client
from reconciler.rpm.endpoint import settle
from reconciler.rpm.key import ApiKey
from reconciler.rpm.reader import Reader
from reconciler.rpm.retry import RetryPolicy
from reconciler.rpm.session import ReadSession, Session
from reconciler.sandbox import manual_edit
from reconciler.sandbox import seed as seeding
from reconciler.sandbox.service import Sandbox
from reconciler.sandbox.store import Store
from tests.kit.scratch import scratch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reconciler.apply.result import ApplyReport
    from reconciler.core.values import DesiredCustomer

URL: Final = "http://localhost:8080/rpm/api2.svc/"
KEY: Final = "interleaved"
MOMENT: Final = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)

Values = dict[str, str]
Choose = Callable[[int, tuple[str, ...]], str]
"""The number of a step and those who can go next -> who does."""


@dataclass(frozen=True, slots=True)
class Small:
    """A small world: what RPM has, what each clone's files want, and what the person does, all by customer id."""

    name: str
    remote: Mapping[int, Values]
    clones: tuple[Mapping[int, Values], ...]
    deeds: tuple[tuple[int, Values], ...] = ()
    ageing: bool = False
    """Whether every read is too old by the time of its edit, and is made again first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One call of a clone: what was sent, the commits there were before and behind it, and whether its plan was made."""

    actor: str
    endpoint: str
    customer_id: int | None
    sent: Values
    before: int
    after: int
    failed: bool
    applying: bool


@dataclass(frozen=True, slots=True)
class Committed:
    """One attribute that changed on the server."""

    customer_id: int
    attribute: str
    before: str
    after: str


@dataclass(slots=True)
class Outcome:
    """What one schedule came to."""

    small: Small
    schedule: tuple[str, ...] = ()
    calls: list[Seen] = field(default_factory=list)
    commits: list[Committed] = field(default_factory=list)
    plans: dict[str, PlanResult] = field(default_factory=dict)
    reports: dict[str, ApplyReport] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def value(self, customer_id: int, attribute: str, after: int) -> str:
        """What an attribute was when there were so many commits."""
        text = self.small.remote[customer_id].get(attribute, "")
        for commit in self.commits[:after]:
            if (commit.customer_id, commit.attribute) == (customer_id, attribute):
                text = commit.after
        return text


class Still(Clock):
    """Time that passes when it is told to, and else stands still: nothing but the order of the calls decides."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> Moment:
        return Moment(self.passed, self.passed, self.passed)

    def utc(self) -> dt.datetime:
        return MOMENT

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        del seconds
        return stop.is_set()


class _Inline:
    """`threading`, with a thread's work done where it is started."""

    class Thread:
        def __init__(self, *, target: Callable[[], None], daemon: bool) -> None:
            del daemon
            self._target = target

        def start(self) -> None:
            self._target()

        def is_alive(self) -> bool:
            return False

        def join(self, timeout: float | None = None) -> None:
            pass

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)


class _Wire(httpx.BaseTransport):
    """One clone's way to the server: whoever is about to call waits until the schedule says that it may."""

    def __init__(self, actor: str, sandbox: Sandbox, outcome: Outcome) -> None:
        self._actor = actor
        self._sandbox = sandbox
        self._outcome = outcome

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        _wait_for_turn()
        outcome, before = self._outcome, len(self._outcome.commits)
        endpoint, body = request.url.path.rpartition("/")[2], request.read()
        answer = self._sandbox.handle(
            endpoint, body, {name.lower(): value for name, value in request.headers.items()}
        )
        _catch_up(self._sandbox.store, outcome)
        document = json.loads(body or b"{}")
        customer = document.get("Customer", document)
        failed = "Error" in json.loads(answer.body).get("Result", {})
        outcome.calls.append(
            Seen(
                self._actor,
                endpoint,
                customer.get("CustomerID"),
                _sent(customer) if endpoint == "CustomerEdit" else {},
                before,
                len(outcome.commits),
                failed,
                self._actor in outcome.plans,
            )
        )
        headers = list(answer.headers)
        return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(answer.body))


def _sent(customer: Mapping[str, Any]) -> Values:
    """What a CustomerEdit carries, by path."""
    built_in = {name: text for name, text in customer.items() if name not in {"CustomerID", "Fields"}}
    return {**built_in, **{f"Fields.{it['Field']}": it["Value"] for it in customer.get("Fields", [])}}


def _catch_up(store: Store, outcome: Outcome) -> None:
    """Take in what the server has committed since."""
    for row in store.commits(since=len(outcome.commits)):
        outcome.commits.append(Committed(row["customer_id"], row["attribute"], row["before"], row["after"]))


def _wait_for_turn() -> None:
    """Hand over to whoever holds the schedule."""
    parent = getcurrent().parent
    assert parent is not None
    parent.switch()


def schedules(small: Small) -> Iterator[Outcome]:
    """The outcome of every schedule there is, each once: depth first, by running again up to a branch."""
    todo: list[tuple[str, ...]] = [()]
    with _world() as folder:
        while todo:
            prefix = todo.pop()
            outcome, choices = _run(small, _along(prefix), folder)
            for place in range(len(prefix), len(choices)):
                todo += [
                    (*outcome.schedule[:place], other)
                    for other in choices[place]
                    if other != outcome.schedule[place]
                ]
            yield outcome


def samples(small: Small, count: int) -> Iterator[Outcome]:
    """The outcomes of so many schedules drawn at random, the same ones each time."""
    with _world() as folder:
        for number in range(count):
            draw = Random(f"{small.name}/{number}")
            yield _run(small, _drawn(draw), folder)[0]


def _drawn(draw: Random) -> Choose:
    """Who goes next: anybody who can."""
    return lambda _step, able: draw.choice(able)


def _along(prefix: Sequence[str]) -> Choose:
    """Who goes next: as the prefix says, then always the first who can."""
    return lambda step, able: prefix[step] if step < len(prefix) else able[0]


@contextlib.contextmanager
def _world() -> Iterator[Path]:
    """Threads that are none, a disk that nobody waits for, and a folder for journals."""
    inline = _Inline()
    with (
        scratch() as folder,
        patch.object(executor, "threading", inline),
        patch.object(fetch, "threading", inline),
        patch.object(os, "fsync", lambda _file: None),
    ):
        yield Path(folder)


def _run(small: Small, choose: Choose, folder: Path) -> tuple[Outcome, list[tuple[str, ...]]]:
    """Carry out one schedule, of which `choose` names each step; and who could have gone at each."""
    store = Store(":memory:", clock=lambda: MOMENT)
    try:
        seeding.reset(store, seeding.subscription(_document(small)))
        sandbox = Sandbox(store, key=KEY)
        outcome = Outcome(small)
        actors = {
            f"clone {number}": greenlet(_apply(f"clone {number}", files, sandbox, outcome, folder))
            for number, files in enumerate(small.clones, 1)
        }
        if small.deeds:
            actors["person"] = greenlet(_act(small.deeds, store, outcome))
        for actor in actors.values():
            actor.switch()
        schedule: list[str] = []
        choices: list[tuple[str, ...]] = []
        while able := tuple(name for name, actor in actors.items() if not actor.dead):
            name = choose(len(schedule), able)
            schedule.append(name)
            choices.append(able)
            actors[name].switch()
        outcome.schedule = tuple(schedule)
        return outcome, choices
    finally:
        store.close()


def _apply(
    actor: str, files: Mapping[int, Values], sandbox: Sandbox, outcome: Outcome, folder: Path
) -> Callable[[], None]:
    """One `apply --yes`, from the files to the report."""

    def run() -> None:
        clock, stop = Still(), threading.Event()
        settings = Settings(root=folder / actor, url=URL, parallel=1, limits=Limits(edits=1000, percent=100))
        retries = RetryPolicy(clock, stop, _Steady())
        client = Client(
            settle(URL, from_file=False), ApiKey(KEY), _Wire(actor, sandbox, outcome), Bounds(), clock
        )
        reads = ReadSession(Target(URL, None), Reader(client, retries, clock), clock)
        manifest = read_files(
            [(f"customers/{number}.yaml", _yaml(number, values)) for number, values in files.items()], {}
        )
        assert not manifest.problems, manifest.problems
        try:
            customers: Sequence[DesiredCustomer] = manifest.customers
            plan, observed, rules, _ = compare_with_rpm(
                reads,
                YamlSides(manifest, customers),
                settings,
                progress=lambda *_: None,
                warn=lambda *_: None,
            )
            confirmed = Confirmed(identities=frozenset(files))
            refusals = find_refusals(plan, settings.limits, confirmed, client.calls)
            result = PlanResult(
                plan, refusals, observed, "20260302T090000Z", client.calls, PlanRequest(), rules
            )
            outcome.plans[actor] = result
            if outcome.small.ageing:
                clock.passed += 60.0
            outcome.reports[actor] = apply_plan(
                result,
                Session(reads, client, retries, stop),
                settings,
                progress=lambda *_: None,
                unwritten=lambda *_: None,
            )
        except ReconcilerError:  # refused: a name that the other clone has taken by now
            return
        except Exception as error:  # noqa: BLE001 - told with its schedule
            outcome.broken.append(f"{actor}: {type(error).__name__}: {error}")

    return run


def _act(deeds: Sequence[tuple[int, Values]], store: Store, outcome: Outcome) -> Callable[[], None]:
    """The person, who does one thing a turn and lets RPM refuse it."""

    def run() -> None:
        for customer_id, values in deeds:
            _wait_for_turn()
            with contextlib.suppress(manual_edit.HandError):
                manual_edit.edit(store, customer_id, values)
            _catch_up(store, outcome)

    return run


class _Steady:
    """No jitter."""

    def uniform(self, a: float, b: float) -> float:
        del b
        return a


def _document(small: Small) -> dict[str, Any]:
    """The subscription as the sandbox is seeded."""
    fields = sorted({it.removeprefix("Fields.") for row in small.remote.values() for it in row if "." in it})
    return {
        "fields": [{"name": name} for name in fields],
        "customers": [
            {
                "id": number,
                "name": row["Name"],
                "website": row.get("Website", ""),
                "fields": {it.removeprefix("Fields."): text for it, text in row.items() if "." in it},
            }
            for number, row in small.remote.items()
        ],
    }


def _yaml(number: int, values: Values) -> bytes:
    """A customer file."""
    fields = "".join(
        f'  {it.removeprefix("Fields.")}: "{text}"\n' for it, text in values.items() if "." in it
    )
    head = "".join(f'{it}: "{text}"\n' for it, text in values.items() if "." not in it)
    return f"CustomerID: {number}\n{head}{'Fields:' if fields else ''}\n{fields}".encode()


def complaints(outcome: Outcome) -> list[str]:
    """What is wrong with one schedule: somebody's value overwritten that was there to be seen, or a report that is false."""
    found = [*outcome.broken]
    for call in outcome.calls:
        if call.endpoint == "CustomerEdit" and not call.failed:
            found += _overwritten(outcome, call)
    for actor, report in outcome.reports.items():
        found += _false(outcome, actor, report)
    return found


def _overwritten(outcome: Outcome, edit: Seen) -> Iterator[str]:
    """Promise 5: what was there at our last read, and is not what the plan showed, is not overwritten."""
    assert edit.customer_id is not None
    plan = outcome.plans[edit.actor]
    shown = {
        change.attribute: {change.before, change.after}
        for planned in plan.edits
        if planned.customer_id == edit.customer_id
        for change in planned.changes
    }
    for planned in plan.edits:  # a cycle's second edit starts from its own temporary name
        if planned.customer_id == edit.customer_id and planned.temporary and planned.rename:
            shown["Name"] |= {planned.rename.before, planned.rename.after}
    read = _last_read(outcome, edit)
    if outcome.small.ageing and not read.applying:
        yield f"{edit.actor} edits {edit.customer_id} on a read that is too old"
    for attribute, text in edit.sent.items():
        there = outcome.value(edit.customer_id, attribute, read.after)
        if attribute not in shown:
            yield f"{edit.actor} sends {attribute} = {text!r} of {edit.customer_id}, which its plan does not name"
        elif there not in shown[attribute]:
            yield f"{edit.actor} overwrites {attribute} = {there!r} of {edit.customer_id}, which its last read showed"


def _last_read(outcome: Outcome, edit: Seen) -> Seen:
    """The last call that told this clone of the customer before this edit."""
    earlier = outcome.calls[: outcome.calls.index(edit)]
    return [it for it in earlier if _tells(it, edit.actor, edit.customer_id)][-1]


def _tells(call: Seen, actor: str, customer_id: int | None) -> bool:
    """Whether a call told a clone what a customer is."""
    return call.actor == actor and (call.customer_id == customer_id or call.endpoint == "Customers")


def _false(outcome: Outcome, actor: str, report: ApplyReport) -> Iterator[str]:
    """A report is true at the last answer that told its clone of the customer, and names each planned customer once."""
    plan = outcome.plans[actor]
    named = Counter(it.customer_id for it in report.outcomes)
    if set(named) != plan.plan.edited_ids or set(named.values()) > {1}:
        yield f"{actor} reports on {dict(named)}, and its plan edits {sorted(plan.plan.edited_ids)}"
    for it in report.outcomes:
        wanted = {
            change.attribute: change.after
            for planned in plan.edits
            if planned.customer_id == it.customer_id and not planned.temporary
            for change in planned.changes
        }
        last = max(
            (
                call.after
                for call in outcome.calls
                if call.actor == actor
                and (call.customer_id == it.customer_id or call.endpoint == "Customers")
            ),
            default=0,
        )
        there = {attribute: outcome.value(it.customer_id, attribute, last) for attribute in wanted}
        if it.outcome is Result.EDITED and there != wanted:
            yield f"{actor} reports {it.customer_id} edited, and RPM said {there}"
        if it.outcome is not Result.EDITED and there == wanted:
            yield f"{actor} reports {it.customer_id} {it.outcome}, and RPM said {there}"


def judged(outcomes: Iterable[Outcome]) -> tuple[list[str], int]:
    """What is wrong with some schedules, and how many they are."""
    wrong, count = [], 0
    for outcome in outcomes:
        count += 1
        name, schedule = outcome.small.name, ", ".join(outcome.schedule)
        wrong += [f"{name}: {schedule}: {it}" for it in complaints(outcome)]
    return wrong, count


def _row(name: str, tier: str = "", website: str = "") -> Values:
    return {"Name": name, "Website": website, "Fields.Tier": tier}


YOUNG: Final = (
    Small(
        "two clones and a person want different things of one customer",
        {1: _row("A", "old")},
        ({1: _row("A", "first")}, {1: _row("A", "second")}),
        ((1, {"Fields.Tier": "by hand"}), (1, {"Fields.Tier": "old"})),
    ),
    Small(
        "two clones want the same, and a person changes another attribute, then this one",
        {1: _row("A", "old")},
        ({1: _row("A", "new")}, {1: _row("A", "new")}),
        ((1, {"Website": "https://by.hand"}), (1, {"Fields.Tier": "by hand"})),
    ),
    Small(
        "two customers, of which each clone wants something else, and a person in between",
        {1: _row("A", "old"), 2: _row("B", "old")},
        ({1: _row("A", "one"), 2: _row("B", "one")}, {1: _row("A", "two"), 2: _row("B", "old")}),
        ((2, {"Fields.Tier": "by hand"}),),
    ),
    Small(
        "a chain of renames by two clones, and a person who takes its free end",
        {1: {"Name": "A"}, 2: {"Name": "B"}, 3: {"Name": "C"}},
        (
            {1: {"Name": "B"}, 2: {"Name": "C"}, 3: {"Name": "D"}},
            {1: {"Name": "B"}, 2: {"Name": "C"}, 3: {"Name": "D"}},
        ),
        ((3, {"Name": "E"}),),
    ),
    Small(
        "a swap by two clones, and a person who renames one of the two",
        {1: {"Name": "A"}, 2: {"Name": "B"}},
        ({1: {"Name": "B"}, 2: {"Name": "A"}}, {1: {"Name": "B"}, 2: {"Name": "A"}}),
        ((1, {"Name": "C"}), (1, {"Name": "A"})),
    ),
    Small(
        "a swap by one clone while the other wants the names as they were",
        {1: {"Name": "A"}, 2: {"Name": "B"}},
        ({1: {"Name": "B"}, 2: {"Name": "A"}}, {1: {"Name": "A"}, 2: {"Name": "B"}}),
        ((2, {"Name": "C"}), (2, {"Name": "B"})),
    ),
    Small(
        "three customers in a cycle, one clone, and a person who renames two of them",
        {1: {"Name": "A"}, 2: {"Name": "B"}, 3: {"Name": "C"}},
        ({1: {"Name": "B"}, 2: {"Name": "C"}, 3: {"Name": "A"}},),
        ((1, {"Name": "D"}), (3, {"Name": "E"}), (1, {"Name": "A"})),
    ),
)
OLD: Final = (
    *(replace(small, name=f"{small.name}; reads are old", ageing=True) for small in YOUNG[:2]),
    Small(
        "a swap by one clone and a person who renames one of the two; reads are old",
        {1: {"Name": "A"}, 2: {"Name": "B"}},
        ({1: {"Name": "B"}, 2: {"Name": "A"}},),
        ((1, {"Name": "C"}), (2, {"Name": "D"}), (1, {"Name": "A"})),
        ageing=True,
    ),
    Small(
        "two customers, one clone, and a person who changes both; reads are old",
        {1: _row("A", "old"), 2: _row("B", "old")},
        ({1: _row("A", "new"), 2: _row("B", "new")},),
        ((1, {"Fields.Tier": "by hand"}), (2, {"Fields.Tier": "by hand"}), (1, {"Fields.Tier": "old"})),
        ageing=True,
    ),
)
WORLDS: Final = (*YOUNG, *OLD)
