"""What must be true after every run, judged from the server's side alone: its calls, its values, its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.order import is_temporary
from reconciler.outcome import Result

if TYPE_CHECKING:
    from tests.simulation.scenario import Ran, Scenario
    from tests.simulation.world import Call, World


@dataclass
class Window:
    """How often somebody's edit fell between our last read and our edit, which nothing can prevent."""

    overwrites: int = 0


def check_run(world: World, wanted: Scenario, ran: Ran, window: Window) -> None:
    """Every oracle that one run can be held against."""
    calls = world.calls[ran.first_call :]
    check_edits(calls, wanted, window)
    check_ages(calls, wanted, ran.read_age)
    if any(call.rows == 0 for call in calls):
        assert ran.code == 3, "an empty list was taken for the truth"
    check_repeats(calls)
    check_halts(calls)
    if ran.report is not None:
        check_report(world, wanted, ran, calls)
    if any(call.stopped for call in calls):
        first = next(at for at, call in enumerate(calls) if call.stopped)
        assert not any(call.endpoint == "CustomerEdit" for call in calls[first:]), "an edit after the stop"
    assert "canary" not in ran.journal


def check_edits(calls: list[Call], wanted: Scenario, window: Window) -> None:
    """Only what YAML names, only what differs, only over what was seen, only after its journal line."""
    first_seen: dict[int, dict[str, str]] = {}
    last_seen: dict[int, dict[str, str]] = {}
    edits = 0
    for call in calls:
        if call.endpoint == "Customer" and call.customer and call.answered:
            last_seen[call.customer] = dict(call.before)
            first_seen.setdefault(call.customer, dict(call.before))
        elif call.endpoint == "CustomerEdit":
            edits += 1
            assert call.intents >= edits, "an edit without its journal line"
            check_edit(call, wanted, first_seen, last_seen, window)


def check_edit(
    call: Call,
    wanted: Scenario,
    first_seen: dict[int, dict[str, str]],
    last_seen: dict[int, dict[str, str]],
    window: Window,
) -> None:
    """One edit, against what the tool had seen; a name-only file rests on the list, which is not followed here."""
    assert call.customer in wanted.desired, "an edit of a customer without a file, or without an id"
    assert call.sent, "an edit that sends nothing"
    named = wanted.desired[call.customer]
    assert call.sent.keys() <= named.keys(), "an attribute that YAML does not name"
    last, first = last_seen.get(call.customer, {}), first_seen.get(call.customer, {})
    for attribute, text in call.sent.items():
        passing = attribute == "Name" and is_temporary(text, call.customer)
        assert text == named[attribute] or passing, "a value that YAML does not say"
        if attribute in last:
            assert last[attribute] != text, "what RPM had already"
            assert last[attribute] == first[attribute], "an edit made before our last read was overwritten"
            window.overwrites += call.before.get(attribute) not in {last[attribute], None}
    if first and call.after != call.before:
        first.update(call.sent)
    if call.answered and last:
        last_seen[call.customer] = dict(call.after)


def check_ages(calls: list[Call], wanted: Scenario, read_age: float) -> None:
    """Every edit rests on a read that ended at most `read_age` before it; the list is a name-only file's read."""
    read: dict[int | None, float] = {}
    for call in calls:
        if call.endpoint == "CustomerEdit":
            assert call.begun - read.get(call.customer, float("-inf")) <= read_age, "resting on an old read"
        if call.answered and call.endpoint == "Customers":
            read.update({i: call.ended for i, values in wanted.desired.items() if len(values) == 1})
        elif call.answered:
            read[call.customer] = call.ended


def check_repeats(calls: list[Call]) -> None:
    """No edit is sent again after its answer was lost without a read of the customer in between."""
    doubtful: set[int] = set()
    for call in calls:
        if call.customer is None:
            continue
        if call.endpoint == "Customer" and call.answered:
            doubtful.discard(call.customer)
        elif call.endpoint == "CustomerEdit":
            assert call.customer not in doubtful, "sent again without a read"
            if not call.answered and not call.error and call.status != 429:
                doubtful.add(call.customer)


def check_halts(calls: list[Call]) -> None:
    """After a refused key there is no further call."""
    for at, call in enumerate(calls):
        if call.error.startswith("Valid key required"):
            assert at == len(calls) - 1, "a call after the key was refused"


def check_report(world: World, wanted: Scenario, ran: Ran, calls: list[Call]) -> None:
    """Each customer in one list, and each list true."""
    report, plan = ran.report, ran.plan
    assert report is not None
    assert plan is not None
    assert sorted(it.customer_id for it in report.outcomes) == sorted(plan.edited_ids)
    late = any(
        fault.point == "P2" and type(fault.action).__name__ == "Later"
        for fault in world.sandbox.script.faults
    )
    touched = {(i, attribute) for at, i, attribute, _ in world.hands if at >= ran.first_call}
    for outcome in report.outcomes:
        i = outcome.customer_id
        now, ours = (
            world.values(i),
            [call for call in calls if call.endpoint == "CustomerEdit" and call.customer == i],
        )
        wanted_now = wanted.desired[i]
        changed = [
            attribute
            for edit in plan.edits
            if edit.customer_id == i
            for attribute in (it.attribute for it in edit.changes)
        ]
        if outcome.result is Result.EDITED:
            for attribute in changed:
                if (i, attribute) not in touched and (i, "*") not in touched:
                    assert now[attribute] == wanted_now[attribute], (i, attribute, "edited is not so")
        elif outcome.result in {Result.FAILED, Result.NOT_TRIED, Result.HELD} and not late:
            final = [call for call in ours if any(not is_temporary(text, i) for text in call.sent.values())]
            assert all(call.after == call.before for call in final), (i, outcome.result, "done, and not said")
        elif outcome.result is Result.NOT_TAKEN:
            assert any(now.get(attribute) != wanted_now[attribute] for attribute in changed) or touched, (
                i,
                "taken",
            )
    assert report.edits == sum(call.endpoint == "CustomerEdit" for call in calls)
    assert report.reads == sum(call.endpoint != "CustomerEdit" for call in calls)
    code = 130 if world.stop and world.stop.is_set() else 4
    done = all(it.result is Result.EDITED for it in report.outcomes) and not plan.missing
    assert ran.code == (
        0
        if done and not report.stopped
        else code
        if report.edits or plan.missing or code == 130
        else ran.code
    )
    if report.edits:
        assert ran.code in {0, 4, 130, 143}
