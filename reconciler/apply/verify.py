"""Where a customer stands between before and after, and what an answer proves. Pure.

RPM ignores what it does not know and blanks what it does not like without an error (`rpm-api.md` section 3), so nothing
counts as done but a record that says so. Three things are told apart: a value that was not taken, a value that
RPM rewrote, and a change that was never ours.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reconciler.core.field_types import BY_KIND, equal, plain
from reconciler.core.text import MASKED, printable
from reconciler.plan.status import status_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import ObservedCustomer
    from reconciler.plan.model import Change

_SHOWN = 60


def not_taken(changes: Sequence[Change], answer: ObservedCustomer, rules: CompareRules) -> tuple[Change, ...]:
    """The changes that were sent and that the record does not show."""
    position = status_of(changes, answer, rules)
    return (*position.open, *position.moved)


def foreign(
    changes: Sequence[Change], before: ObservedCustomer, answer: ObservedCustomer, rules: CompareRules
) -> tuple[str, ...]:
    """In words, the attributes that were not sent and yet came back different from what was read."""
    sent = {change.attribute for change in changes}
    return tuple(
        f"{printable(path)} {shown(before.values[path], masked=path in rules.mask)} became "
        f"{shown(answer.values[path], masked=path in rules.mask)}"
        for path in before.values
        if path not in sent
        and path in answer.values
        and before.values[path] != answer.values[path]
        and plain(before.values[path]) != plain(answer.values[path])
    )


def mismatch(change: Change, answer: ObservedCustomer, rules: CompareRules) -> str:
    """In words, what became of a change that was not taken, and what to do about it."""
    name, masked = printable(change.attribute), change.masked
    got = answer.values.get(change.attribute)
    if got is None:
        return f"{name}: RPM no longer shows this attribute"
    told = f"{name}: sent {shown(change.after, masked=masked)}, got {shown(got, masked=masked)}"
    if rules.equal(change.attribute, got, change.before):
        return f"{told}: RPM kept the value it had"
    if not got:
        return f"{told}: RPM blanked it; is the text one of the field's options?"
    if change.after.startswith(got) and change.after.strip() != got.strip():
        return f"{told}: RPM cut it to {len(got)} of {len(change.after)} characters"
    if _is_respelt(change, got):
        return f"{told}: RPM rewrote it; write it the way RPM keeps it"
    kinds = [kind for kind, field_type in BY_KIND.items() if equal(field_type(), change.after, got)]
    if kinds and change.attribute.startswith("Fields."):
        advice = f"`{name.removeprefix('Fields.')}: {{type: {kinds[0]}}}` under `fields:` makes the two equal"
        return f"{told}: RPM rewrote it; {advice}"
    return f"{told}: RPM rewrote it, or somebody changed it"


def _is_respelt(change: Change, got: str) -> bool:
    """Whether case and white space alone differ, or a Website got a scheme that was not sent (`rpm-api.md` section 5)."""
    words, kept = (plain(text).casefold().split() for text in (change.after, got))
    scheme, parted, rest = got.partition("://")
    return words == kept or (
        change.attribute == "Website" and bool(scheme and parted) and rest == change.after
    )


def held(moved: Sequence[Change], observed: ObservedCustomer) -> str:
    """In words, why a customer is left alone."""
    parts = []
    for change in moved:
        got = observed.values.get(change.attribute)
        seen = "is gone" if got is None else f"is {shown(got, masked=change.masked)} now"
        parts.append(
            f"{printable(change.attribute)} was {shown(change.before, masked=change.masked)} and {seen}"
        )
    return "changed in RPM since it was read: " + "; ".join(parts)


def overtaken(changes: Sequence[Change], observed: ObservedCustomer) -> str:
    """In words, which attributes were as planned when the edit of the others left, and are not any more."""
    texts = (
        f"{printable(it.attribute)} was as planned and is "
        f"{shown(observed.values.get(it.attribute, ''), masked=it.masked)} now"
        for it in changes
    )
    return f"the other attributes are edited; somebody changed meanwhile: {'; '.join(texts)}"


def shown(text: str, *, masked: bool = False) -> str:
    """A value in quotes, short and safe."""
    if masked:
        return MASKED
    safe = printable(text)
    return f'"{safe if len(safe) <= _SHOWN else safe[:_SHOWN] + "…"}"'


def mask_values(text: str, changes: Sequence[Change]) -> str:
    """The text without the masked values of these changes: RPM's own words may quote what was sent.

    In one pass, the longer of two values first (in reverse order) where one begins the other.
    """
    values = {printable(value) for it in changes if it.masked for value in (it.before, it.after) if value}
    if not values:
        return text
    quoted = "|".join(re.escape(value) for value in sorted(values, reverse=True))
    return re.sub(quoted, MASKED, text)
