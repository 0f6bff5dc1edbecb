"""The lines of a record -> the audits they tell of, and how long each open drift has been seen. Pure.

A record is a file that people keep, merge and truncate, so nothing in it is believed before it was looked at: a line that
is no record, or one of a later format, is skipped and counted, and so is one about another subscription. Audits keep the
order of their lines; no clock is compared, because lines of two machines may disagree about the time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reconciler.drift.model import Cause
from reconciler.plan.document import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconciler.core.values import Target

_GRAVEST_FIRST: Final = (Cause.CHANGED_IN_RPM, Cause.UNCLEAR, Cause.NOT_APPLIED)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One line of the record: when (ISO form), and which customers had drifted or were missing, by id as text.

    `causes` has the gravest cause of each drifted customer; a line of an older version names none.
    """

    at: str
    drifted: frozenset[str]
    missing: frozenset[str]
    causes: Mapping[str, Cause]

    def caused_by(self, cause: Cause) -> int | None:
        """How many customers drifted for this cause as their gravest; None where the line does not tell."""
        told = list(self.causes.values())
        return told.count(cause) if len(told) == len(self.drifted) else None

    @property
    def open(self) -> frozenset[str]:
        """The customers that differ from git."""
        return self.drifted | self.missing


@dataclass(frozen=True, slots=True)
class History:
    """The audits of one subscription, first line first, and the lines that told of none."""

    audits: tuple[AuditRecord, ...]
    damaged: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Age:
    """A drift that is still open: in how many audits in a row it was seen, and the time of the first of them."""

    customer_id: str
    audits: int
    since: str
    missing: bool
    cause: Cause | None = None


def history(lines: Iterable[str], target: Target) -> History:
    """The audits of this subscription; empty lines count as nothing."""
    audits: list[AuditRecord] = []
    damaged = elsewhere = 0
    for line in lines:
        if not line.strip():
            continue
        record = _record(line)
        audit = None if record is None else _audit(record)
        if record is None or audit is None:
            damaged += 1
        elif not _is_about(record["target"], target):
            elsewhere += 1
        else:
            audits.append(audit)
    return History(tuple(audits), damaged, elsewhere)


def ages(audits: Sequence[AuditRecord]) -> tuple[Age, ...]:
    """What the last audit found, the oldest first, then by id."""
    if not audits:
        return ()
    last = audits[-1]
    unsettled, length, since = set(last.open), dict.fromkeys(last.open, 0), dict.fromkeys(last.open, last.at)
    for audit in reversed(audits):
        unsettled &= audit.open
        for customer_id in unsettled:
            length[customer_id] += 1
            since[customer_id] = audit.at
        if not unsettled:
            break
    found = [Age(it, length[it], since[it], it in last.missing, last.causes.get(it)) for it in last.open]
    return tuple(sorted(found, key=lambda age: (-age.audits, len(age.customer_id), age.customer_id)))


def _is_about(told: Any, target: Target) -> bool:
    """Whether a record's subscription is this one; a subscriber that one of the two does not name parts nobody."""
    if not isinstance(told, dict) or told.get("url") != target.url:
        return False
    named = told.get("subscriber_id")
    return named is None or target.subscriber_id is None or bool(named == target.subscriber_id)


def _record(line: str) -> dict[str, Any] | None:
    """The line as a record of a format that we know, or nothing."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or "target" not in record:
        return None
    known = str(record.get("format_version")).split(".")[0] == FORMAT_VERSION.split(".", maxsplit=1)[0]
    return record if known else None


def _audit(record: dict[str, Any]) -> AuditRecord | None:
    """The record as an audit, or nothing where a part is not what it should be."""
    at, drifted, missing = (record.get(key) for key in ("at", "drift", "missing"))
    if not isinstance(at, str) or not isinstance(drifted, dict) or not isinstance(missing, list):
        return None
    ids = [*drifted, *(str(it) for it in missing if isinstance(it, int))]
    if not all(it.isascii() and it.isdigit() for it in ids):
        return None
    causes = _causes(record.get("causes"))
    named = {it: causes[it] for it in drifted if it in causes}
    return AuditRecord(at, frozenset(drifted), frozenset(ids[len(drifted) :]), named)


def _causes(told: Any) -> dict[str, Cause]:
    """The gravest cause of each customer that a record names one for; what is none that we know says nothing."""
    found: dict[str, Cause] = {}
    for customer_id, by_attribute in told.items() if isinstance(told, dict) else ():
        words = list(by_attribute.values()) if isinstance(by_attribute, dict) else []
        if known := [cause for cause in _GRAVEST_FIRST if cause in words]:
            found[customer_id] = known[0]
    return found
