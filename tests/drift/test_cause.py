"""Why an attribute differs: the table of `cause`, for every combination of what git said and when RPM changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.drift.cause import Modified, Said, find_cause, read_modified
from reconciler.drift.model import Cause

MOMENTS = st.integers(min_value=0, max_value=30)


def _possible(said: Said) -> Said:
    """The same as history can be: where git managed nothing before, its present value is its first, and no other was said."""
    return replace(said, first=said.came, other=False) if said.nothing_before else said


SAID = st.builds(
    Said,
    came=st.none() | MOMENTS,
    first=st.none() | MOMENTS,
    observed=st.booleans(),
    other=st.booleans(),
    nothing_before=st.booleans(),
).map(_possible)
MODIFIED = st.none() | st.tuples(MOMENTS, st.integers(min_value=0, max_value=5)).map(
    lambda it: Modified(it[0] - it[1], it[0] + it[1])
)


@given(SAID, MODIFIED)
def test_the_table_decides(said: Said, modified: Modified | None) -> None:
    """Said a second time, row by row, in the words of the contract."""
    rpm_is_older = modified is not None and said.came is not None and modified.latest < said.came
    rpm_is_newer = modified is not None and said.first is not None and modified.earliest > said.first
    rows = {
        Cause.NOT_APPLIED: rpm_is_older and (said.observed or said.nothing_before),
        Cause.CHANGED_IN_RPM: not said.observed and (said.other or rpm_is_newer),
    }
    expected = [cause for cause, holds in rows.items() if holds]
    assert len(expected) <= 1
    assert find_cause(said, modified) is (expected[0] if expected else Cause.UNCLEAR)


@given(MODIFIED)
def test_where_git_cannot_tell_nothing_is_claimed(modified: Modified | None) -> None:
    """Neither by the time alone."""
    assert find_cause(None, modified) is Cause.UNCLEAR


@given(SAID, MOMENTS, st.integers(min_value=1, max_value=9))
def test_more_doubt_never_claims_more(said: Said, moment: int, doubt: int) -> None:
    """Where a wider doubt still decides, the narrower one decided alike."""
    wide = find_cause(said, Modified(moment - doubt, moment + doubt))
    if wide is not Cause.UNCLEAR:
        assert find_cause(said, Modified(moment, moment)) is wide


def seconds(text: str) -> float:
    """The moment of an ISO text, in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "moment", "hours"),
    [
        ("2026-11-24", "2026-11-24", 48),
        ("11/24/2026", "2026-11-24", 48),
        ("2026-11-24T08:30:00", "2026-11-24T08:30", 14),
        ("2026-11-24 08:30", "2026-11-24T08:30", 14),
        ("2026-11-24T08:30:15.250Z", "2026-11-24T08:30:15", 14),
        ("11/24/2026 8:30 PM", "2026-11-24T20:30", 14),
        ("11/24/2026 12:05:09 am", "2026-11-24T00:05:09", 14),
        ("11/24/2026 12:05 PM", "2026-11-24T12:05", 14),
        ("2026-11-24 of a strange kind", "2026-11-24", 48),
    ],
)
def test_a_modified_has_a_doubt(text: str, moment: str, hours: int) -> None:
    """Two days around a date, fourteen hours around a time: its zone is unknown."""
    expected = Modified(seconds(moment) - hours * 3600, seconds(moment) + hours * 3600)
    assert read_modified(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "24/11/2026", "1795837082"])
def test_what_is_no_date_has_none(text: str) -> None:
    """RPM documents a text and nothing of its shape."""
    assert read_modified(text) is None
