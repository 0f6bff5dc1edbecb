"""What git said of each drifted attribute, gathered while its customers are followed from commit to commit. Pure.

Two walks tell two things. Along the first parents it is seen when values came to the branch; along all of them, who set
them. Either sees whether git ever said what RPM has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.drift.cause import Said, find_cause
from reconciler.drift.lineage import ABSENT, NotKnown, PastPlace, Track
from reconciler.drift.model import NOT_COMMITTED, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.drift.cause import Modified
    from reconciler.drift.lineage import Before
    from reconciler.drift.versions import PastCustomer
    from reconciler.repo.git.model import Commit, CommitDiff

Key = tuple[int, str]
"""A customer and one of its attributes."""


@dataclass(slots=True)
class _Attribute:
    """One drifted attribute: what the two sides have, and what was seen of it so far.

    `arrived` is whether its present value was seen to come, `ended` whether the walk along the branch came to where git
    managed nothing of the customer, or could not go on; only in the first case it is `complete`. `sighted` is whether the
    walk along all parents met what RPM has.
    """

    present: str
    observed: str
    arrived: bool = False
    came: int | None = None
    first: int | None = None
    managed_before: bool = False
    other: bool = False
    said_observed: bool = False
    sighted: bool = False
    ended: bool = False
    complete: bool = False
    set_by: Commit | None = None
    earlier: Commit | None = None
    unknown: str = "git's history does not tell"


class Evidence:
    """The drifted attributes of all customers, and what both walks saw of each."""

    def __init__(self, rules: CompareRules) -> None:
        self._rules = rules
        self._attributes: dict[int, dict[str, _Attribute]] = {}
        self._uncommitted: dict[Key, Origin] = {}

    def begin(
        self, customer_id: int, wanted: Mapping[str, tuple[str, str]], tip: PastCustomer | None
    ) -> Track | None:
        """Begin with a customer as it is at the tip, where `wanted` has what YAML and RPM say of its drifted attributes.

        Gives what to follow, unless nothing of it is committed.
        """
        asked = self._attributes.setdefault(customer_id, {})
        for name, (present, observed) in wanted.items():
            committed = tip.values.get(name) if tip else None
            if committed is not None and self._rules.equal(name, committed, present):
                asked[name] = _Attribute(present, observed)
            else:
                self._uncommitted[customer_id, name] = Origin(unknown=NOT_COMMITTED)
        return Track(customer_id, tip, frozenset(asked)) if tip and asked else None

    def along_the_branch(
        self, step: CommitDiff, track: Track, before: Sequence[Before]
    ) -> Sequence[Track | None]:
        """See a step along the first parents."""
        (then,) = before
        for name, attribute in self._attributes[track.key].items():
            if not attribute.ended:
                self._see(name, attribute, track.customer.values.get(name), then, step.committed)
        return [replace(track, customer=then.customer) if isinstance(then, PastPlace) else None]

    def on_a_line(self, step: CommitDiff, track: Track, before: Sequence[Before]) -> Sequence[Track | None]:
        """See a step of a history without merges, where both walks are one."""
        self.along_the_branch(step, track, before)
        return self.everywhere(step, track, before)

    def _see(
        self, name: str, attribute: _Attribute, now: str | None, before: Before, committed: int | None
    ) -> None:
        """See what one attribute was before a step."""
        then = _value(before, name)
        if isinstance(then, NotKnown):
            attribute.ended = True
            return
        same = then is not None and self._rules.equal(name, then, attribute.present)
        if not same and not attribute.arrived:
            attribute.arrived, attribute.came = True, committed
        if then is not None and attribute.arrived:
            attribute.managed_before = True
            attribute.other |= not same
            attribute.said_observed |= self._rules.equal(name, then, attribute.observed)
        if now is not None and then is None:
            attribute.first = committed
        if before is ABSENT:
            attribute.ended = attribute.complete = True

    def everywhere(self, step: CommitDiff, track: Track, before: Sequence[Before]) -> Sequence[Track | None]:
        """See a step with all its parents: a value comes from the first parent that has it, else from this commit."""
        opened: list[set[str]] = [set() for _ in before]
        sought: list[set[str]] = [set() for _ in before]
        attributes = self._attributes[track.key]
        for name in track.open:
            at = self._parent_with(name, attributes[name].present, before)
            if at is not None:
                opened[at].add(name)
            elif lost := next(
                (it for place in before if isinstance(it := _value(place, name), NotKnown)), None
            ):
                attributes[name].unknown = lost.why
            else:
                attributes[name].set_by = attributes[name].set_by or step.commit
        for name in track.sought:
            at = self._parent_with(name, attributes[name].observed, before)
            if at is not None:
                sought[at].add(name)
            else:
                attributes[name].earlier = attributes[name].earlier or step.commit
        for name, attribute in attributes.items():
            at = None if attribute.sighted else self._parent_with(name, attribute.observed, before)
            if at is not None:
                attribute.sighted = attribute.said_observed = True
                sought[at].add(name)
        return [
            Track(track.key, place.customer, frozenset(opened[at]), frozenset(sought[at]))
            if isinstance(place, PastPlace)
            and (at == 0 or opened[at] or sought[at] or place.customer is not track.customer)
            else None
            for at, place in enumerate(before)
        ]

    def _parent_with(self, name: str, text: str, before: Sequence[Before]) -> int | None:
        """The first parent at which an attribute had a value."""
        for at, place in enumerate(before):
            then = _value(place, name)
            if isinstance(then, str) and self._rules.equal(name, then, text):
                return at
        return None

    def origins(self, modified: Mapping[int, Modified | None]) -> dict[Key, Origin]:
        """What it all comes to, with the cause of each difference; `modified` is by customer."""
        found = dict(self._uncommitted)
        for customer_id, attributes in self._attributes.items():
            for name, it in attributes.items():
                said = Said(
                    came=it.came,
                    first=it.first if it.complete else None,
                    observed=it.said_observed,
                    other=it.other,
                    nothing_before=it.complete and not it.managed_before,
                )
                cause = find_cause(said, modified.get(customer_id))
                found[customer_id, name] = Origin(
                    it.set_by, it.earlier, cause, "" if it.set_by else it.unknown
                )
        return found


def _value(before: Before, name: str) -> str | NotKnown | None:
    """What an attribute was: None where it was not managed."""
    if isinstance(before, NotKnown):
        return before
    if not isinstance(before, PastPlace):
        return None
    value = before.customer.values.get(name)
    return (
        value if value is not None or before.customer.sound else NotKnown("its file could not be read then")
    )
