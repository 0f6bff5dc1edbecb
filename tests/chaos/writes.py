"""Whether every edit kept the write rule: a journal line first, a fresh read under it, nobody overwritten, nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.chaos.ledger import sent_values
from tests.chaos.same import same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.ledger import Call, Ledger
    from tests.chaos.tool import Ended
    from tests.chaos.world import World

_FATAL: Final = ("key refused", "key refused in words", "quota spent")


def write_complaints(world: World, ended: Ended, calls: list[Call]) -> Iterator[str]:
    """W, O3: everything that is wrong with the edits of one run."""
    yield from _overwritten(world, calls)
    yield from _unjournalled(world.ledger, calls)
    yield from _too_old(world, calls)
    yield from _blindly_again(calls)
    yield from _on_after_the_end(world.ledger, ended, calls)


def window(ledger: Ledger, calls: list[Call]) -> int:
    """How many attributes our edits replaced that somebody had written after our last read: nothing can prevent it."""
    count = 0
    for call in calls:
        reads = [it for it in calls if call.edits and _read_before(it, call)]
        if reads:
            count += sum(
                _overwrote_unseen(ledger, call, path, reads[-1].served) for path in sent_values(call)
            )
    return count


def _overwritten(world: World, calls: list[Call]) -> Iterator[str]:
    """O3: what moved between the plan and our last read is left alone; what moves after it is counted.

    A plan rests on the list's row where the file manages the name alone, and on the customer's record elsewhere; on the last
    one, where an answer that was spoilt on the way had it read again.
    """
    ledger, managed = world.ledger, world.managed(calls)
    for call in calls:
        if not call.edits or call.customer_id is None:
            continue
        reads = [it for it in calls if _read_before(it, call)]
        name_only = len(managed.get(call.customer_id, ())) == 1
        for path, text in sent_values(call).items():
            known = [it for it in reads if it.endpoint != "Customers" or name_only]
            seen = [ledger.value(call.customer_id, path, it.served) for it in known]
            planned = seen[: sum(it.number < ledger.planned[it.run] for it in known)]
            if not planned:
                yield f"O3: call {call.number} sends {path} of {call.customer_id}, which was never read"
                continue
            ours = _set_by_us(ledger, call, path)
            moved = not same(path, seen[-1], planned[-1]) and not same(path, seen[-1], text)
            if moved and seen[-1] not in ours:
                yield f"O3: call {call.number} overwrites {path} of {call.customer_id}, {seen[-1]!r} by then"
            if known[-1].ending == "answer" and seen[-1] == text:
                yield f"O3: call {call.number} sends {path} of {call.customer_id} as it is already"


def _read_before(it: Call, edit: Call) -> bool:
    """Whether a call told us about the customer before the edit left."""
    return (
        it.number < edit.number
        and it.ending in {"answer", "doubtful"}
        and it.ended_at <= edit.sent_at
        and edit.customer_id is not None
        and it.tells_of(edit.customer_id)
    )


def _set_by_us(ledger: Ledger, call: Call, path: str) -> set[str]:
    """The values that our own earlier edits in this run gave the attribute: a temporary name, for one.

    One whose first try RPM refused, and which it carried out later all the same, is no less ours.
    """
    return {
        it.after
        for it in ledger.commits[: call.begun]
        if it.author != "hand"
        and it.run == call.run
        and (it.customer_id, it.attribute) == (call.customer_id, path)
    }


def _overwrote_unseen(ledger: Ledger, call: Call, path: str, served: int) -> bool:
    """Whether the call's commit replaced what somebody wrote after our last read."""
    for at, commit in enumerate(ledger.commits):
        if commit.call == call.number and commit.attribute == path:
            since = ledger.commits[served:at]
            return any(
                it.author == "hand" and (it.customer_id, it.attribute) == (call.customer_id, path)
                for it in since
            )
    return False


def _unjournalled(ledger: Ledger, calls: list[Call]) -> Iterator[str]:
    """No edit leaves without its own intent on the disk."""
    for call in calls:
        if call.edits:
            earlier = sum(
                it.edits and it.customer_id == call.customer_id for it in ledger.calls[: call.number]
            )
            if call.intents <= earlier:
                yield f"W: call {call.number} left before its journal line was on the disk"


def _too_old(world: World, calls: list[Call]) -> Iterator[str]:
    """An edit rests on a read that was sent at most `read_age` before.

    Where RPM itself took longer than that to answer, the read came back at most `read_age` before; a sleep is no excuse.
    """
    limit = world.scenario.read_age
    for call in calls:
        if call.edits:
            reads = [it for it in calls if _read_before(it, call)]
            ages = [(call.sent_at - it.sent_at, it.took) for it in reads]
            if not any(age <= limit or (took > limit and age - took <= limit) for age, took in ages):
                yield f"W: call {call.number} rests on a read older than {limit} s"


def _blindly_again(calls: list[Call]) -> Iterator[str]:
    """What may have been done is not sent again before a read says that it was not."""
    for at, call in enumerate(calls):
        if not call.edits or call.ending not in {"lost", "throttled"}:
            continue
        for later in calls[at + 1 :]:
            if later.customer_id != call.customer_id or later.ending == "not sent":
                continue
            if later.edits:
                yield f"W: call {later.number} repeats call {call.number} without a read in between"
            if later.edits or later.ending in {"answer", "doubtful"}:
                break


def _on_after_the_end(ledger: Ledger, ended: Ended, calls: list[Call]) -> Iterator[str]:
    """No edit leaves after a signal, nor after RPM refused the key or said that the day's calls are used up."""
    ends = [call.ended_at for call in calls if call.ending == "denied" and call.fault in _FATAL]
    for call in calls:
        if call.edits and call.number >= ledger.stopped.get(ended.run, len(ledger.calls)):
            yield f"W: call {call.number} is an edit, and left after a signal"
        if call.edits and any(call.sent_at > end for end in ends):
            yield f"W: call {call.number} is an edit, and left after the key was refused"
