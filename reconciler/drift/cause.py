"""Why an attribute differs, judged by what git said of it along the branch and by when RPM's customer changed. Pure.

`Modified` is of the whole customer, has no zone, and often only a date; so it tells for certain only what is further
away than its doubt. Who changed what is decided by values first, by times only where values leave it open:

| git said RPM's value | git, before its present value | `Modified`, beyond doubt | cause |
|---|---|---|---|
| yes | anything | older than when the present value came | not_applied |
| no | managed none, ever | older than when the present value came | not_applied |
| no | said another value | anything | changed_in_rpm |
| no | anything | newer than when git's first value came | changed_in_rpm |
| everything else | | | unclear |
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from reconciler.drift.model import Cause
from reconciler.rpm.modified import day_of

_DAY: Final = dt.timedelta(days=2)
_ZONE: Final = dt.timedelta(hours=14)
_TIME: Final = re.compile(
    r"\S+?(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([AP]M)?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Said:
    """What git said of one attribute along the branch.

    `came` and `first` are when its present and its first value came there, in seconds since 1970 by committer dates; None
    where that is not known. `observed` is whether it ever said what RPM has, `other` whether it said another value before
    the present one, `nothing_before` whether it is certain that it managed none before.
    """

    came: int | None
    first: int | None
    observed: bool
    other: bool
    nothing_before: bool


@dataclass(frozen=True, slots=True)
class Modified:
    """Between which moments (seconds since 1970) a customer was last changed in RPM."""

    earliest: float
    latest: float


def read_modified(text: str) -> Modified | None:
    """The doubt around a `Modified`: two days where it has only a date, else 14 hours; None for what is no date."""
    day = day_of(text)
    if day is None:
        return None
    moment, doubt = day, _DAY
    if match := _TIME.match(text):
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        if match[4]:
            hour = hour % 12 + 12 * (match[4].upper() == "PM")
        moment, doubt = day + dt.timedelta(hours=hour, minutes=minute, seconds=second), _ZONE
    return Modified((moment - doubt).timestamp(), (moment + doubt).timestamp())


def find_cause(said: Said | None, modified: Modified | None) -> Cause:
    """Why an attribute differs, by the table above; `said` is None where git cannot tell."""
    if said is None:
        return Cause.UNCLEAR
    older = modified is not None and said.came is not None and modified.latest < said.came
    newer = modified is not None and said.first is not None and modified.earliest > said.first
    if older and (said.observed or said.nothing_before):
        return Cause.NOT_APPLIED
    if not said.observed and (said.other or newer):
        return Cause.CHANGED_IN_RPM
    return Cause.UNCLEAR
