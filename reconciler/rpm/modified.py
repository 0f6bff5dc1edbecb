"""RPM's `Modified`, as far as a text of unknown precision and zone can be understood (`rpm-api.md` section 5). Pure."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_US: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", re.ASCII)


@lru_cache(maxsize=4096)
def day_seconds(beginning: str) -> int | None:
    """The beginning of the day that a `Modified` names, in seconds since 1970; None for what is no date."""
    day = day_of(beginning)
    return None if day is None else int(day.timestamp())


def day_of(modified: str) -> dt.datetime | None:
    """The beginning of the day that a `Modified` names, in UTC; None for what is no date."""
    if match := _ISO.match(modified):
        year, month, day = match.groups()
    elif match := _US.match(modified):
        month, day, year = match.groups()
    else:
        return None
    try:
        return dt.datetime(int(year), int(month), int(day), tzinfo=dt.UTC)
    except ValueError:
        return None
