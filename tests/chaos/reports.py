"""Whether the closing report of a run is true: every outcome held against what the server did and answered.

A call whose answer was spoilt on the way may have been understood or not, so nothing is concluded from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.chaos.ledger import sent_values
from tests.chaos.same import same
from tests.chaos.scenario import VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.plan.model import Change, Plan
    from tests.chaos.ledger import Call, Commit, Ledger
    from tests.chaos.tool import Ended
    from tests.chaos.world import World


def report_complaints(world: World, ended: Ended, calls: list[Call]) -> Iterator[str]:
    """O5: every planned customer has exactly one outcome, and it is true."""
    if ended.report is None or ended.plan is None:
        return
    rows = ended.report["customers"]
    ids = [row["customer_id"] for row in rows]
    if sorted(ids) != sorted(ended.plan.edited_ids):
        yield f"O5: run {ended.run} planned {sorted(ended.plan.edited_ids)} and reports {sorted(ids)}"
        return
    for row in rows:
        customer = row["customer_id"]
        about = [call for call in calls if call.tells_of(customer)]
        changes = _changes(ended.plan, customer)
        case = _Case(world.ledger, customer, about, changes, ended, row, world.scenario.knobs)
        for complaint in _TRUTHS[row["outcome"]](case):
            yield f"O5: run {ended.run}, customer {customer} {row['outcome']} ({row['detail'][:160]}): {complaint}"


def _changes(plan: Plan, customer: int) -> tuple[Change, ...]:
    """What the customer's last edit was to change."""
    return next(it.changes for it in reversed(plan.edits) if it.customer_id == customer)


@dataclass(frozen=True, slots=True)
class _Case:
    """One customer's outcome, and all that is known of it."""

    ledger: Ledger
    customer: int
    calls: list[Call]
    changes: tuple[Change, ...]
    ended: Ended
    row: dict[str, Any]
    knobs: Mapping[str, str]

    def done_at(self, served: int) -> bool:
        """Whether everything was as YAML wants it when there were so many commits."""
        return all(
            same(it.attribute, self.ledger.value(self.customer, it.attribute, served), it.after)
            for it in self.changes
        )

    def foreign(self, edit: Call) -> Iterator[str]:
        """What a hand changed between our read and the answer of our edit, in attributes that we did not send."""
        reads = [it for it in self.calls if it.number < edit.number and it.customer_id == self.customer]
        heard = [it for it in reads if it.ending in {"answer", "doubtful"}]
        if not heard or heard[-1].ending == "doubtful":
            return
        sent = {it.attribute for it in self.changes}
        for commit in self.ledger.commits[heard[-1].served : edit.served]:
            path, by_hand = commit.attribute, commit.author == "hand" and commit.customer_id == self.customer
            before, after = (
                self.ledger.value(self.customer, path, at) for at in (heard[-1].served, edit.served)
            )
            if by_hand and path in VALUES and path not in sent and not same(path, before, after):
                yield f"somebody set {path} to {after!r} meanwhile, and it is not said"

    def edits(self) -> list[Call]:
        return [call for call in self.calls if call.edits and call.ending != "not sent"]

    def known(self) -> list[Call]:
        """The calls whose answers certainly reached us whole."""
        return [call for call in self.calls if call.ending == "answer"]

    def _came_late(self, at: int, commit: Commit) -> bool:
        """Whether the commit of a lost call came behind a whole answer that said it had not: no client can know of it."""
        call = next((it for it in self.calls if it.number == commit.call), None)
        if call is None or call.ending not in {"lost", "throttled"}:
            return False
        return any(it.number > call.number and it.served <= at for it in self.known())

    def status_of(self) -> Iterator[str]:
        """What our own calls of this run changed for good and the report does not own up to."""
        for at, commit in enumerate(self.ledger.commits[: self.ended.committed]):
            ours = commit.author == "ours" and commit.run == self.ended.run
            if not ours or commit.customer_id != self.customer or self._came_late(at, commit):
                continue
            named = commit.attribute == "Name" and commit.after[:40] in self.row["detail"]
            now = self.ledger.value(self.customer, commit.attribute, self.ended.committed)
            if (
                now == commit.after
                and not named
                and commit.attribute in {it.attribute for it in self.changes}
            ):
                yield f"commit {at} of call {commit.call} changed {commit.attribute} to {commit.after!r}"


def _edited(case: _Case) -> Iterator[str]:
    """Everything was so, at a moment of which an answer told."""
    told = [
        call for call in case.calls if call.ending in {"answer", "doubtful"} and case.done_at(call.served)
    ]
    if not told:
        yield "at no moment that we heard of was it so"
    edits = case.edits()
    if edits and edits[-1].ending == "answer" and "somebody else" not in case.row["detail"]:
        yield from case.foreign(edits[-1])


def _not_taken(case: _Case) -> Iterator[str]:
    """It was sent, and the last that we heard is not what was wanted."""
    if not case.edits():
        yield "nothing was sent"
    heard = [call for call in case.calls if call.ending in {"answer", "doubtful"}]
    if heard and heard[-1].ending == "answer" and case.done_at(heard[-1].served):
        yield f"call {heard[-1].number} found it done"


def _undone(case: _Case) -> Iterator[str]:
    """Nothing of ours is left behind that the report does not say."""
    yield from case.status_of()


def _not_tried(case: _Case) -> Iterator[str]:
    """Nothing of ours is left behind, and but for a temporary name nothing was sent."""
    yield from case.status_of()
    for call in case.edits():
        sent = sent_values(call)
        if sent.keys() != {"Name"} or f"(renaming {case.customer})" not in sent["Name"]:
            yield f"call {call.number} was sent"


def _overtaken(case: _Case) -> Iterator[str]:
    """What was sent is done, and an attribute that was as wanted, and so was not sent, is not any more."""
    last = case.known()[-1]
    sent = {path for call in case.edits()[-1:] for path in sent_values(call)}
    off = [
        it.attribute
        for it in case.changes
        if not same(it.attribute, case.ledger.value(case.customer, it.attribute, last.served), it.after)
    ]
    if not sent or not sent.isdisjoint(off):
        yield f"call {last.number} does not say that {sorted(sent)} is done"
    if not off:
        yield f"call {last.number} found everything done"


def _held(case: _Case) -> Iterator[str]:
    """Somebody was at work: an attribute to be sent stood at a third value, or the customer is gone."""
    if case.row["detail"].startswith("the other attributes are edited"):
        yield from _overtaken(case)
        return
    yield from case.status_of()
    moved = any(
        not same(it.attribute, value, it.before) and not same(it.attribute, value, it.after)
        for call in case.calls
        if call.ending in {"answer", "doubtful"}
        for it in case.changes
        for value in [case.ledger.value(case.customer, it.attribute, call.served)]
    )
    spoilt = any(call.ending == "doubtful" for call in case.calls)
    gone = any(call.ending == "denied" for call in case.calls)
    if not moved and not spoilt and not gone:
        yield "nobody moved anything"


def _unknown(case: _Case) -> Iterator[str]:
    """An edit was sent, and nothing that came afterwards says what became of it.

    Its own answer does, where it shows what was wanted; one that shows anything else is only a doubt. An answer that came
    at the moment of the report may lie in the socket, its thread not yet awake.
    """
    edits = case.edits()
    if not edits:
        yield "nothing was sent"
        return
    last = edits[-1]
    plain = last.ending == "answer" and case.knobs.get("edit_answer") != "stale" and case.done_at(last.served)
    for call in case.known():
        in_time = call.ended_at < case.ledger.reported[case.ended.run]
        if in_time and (call.number > last.number or (plain and call is last)):
            yield f"call {call.number} says what became of it"


_TRUTHS = {
    "edited": _edited,
    "not_taken": _not_taken,
    "failed": _undone,
    "held": _held,
    "not_tried": _not_tried,
    "unknown": _unknown,
}
