"""What has passed between two moments, by clocks that each have a way of being wrong."""

from __future__ import annotations

import datetime as dt
import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.clock import LONG_AGO, Clock, Moment, stamp

SECONDS = st.floats(0, 1e9)
START = Moment(10.0, 20.0, 1.8e9)


def later(running: float, boot: float, wall: float) -> Moment:
    """A moment, by what each clock says has passed."""
    return Moment(START.running + running, START.boot + boot, START.wall + wall)


@given(SECONDS, SECONDS, SECONDS)
def test_the_most_that_any_clock_says_has_passed(running: float, boot: float, wall: float) -> None:
    """A clock that stood still, or was set back by less than has passed, hides nothing."""
    assert later(running, boot, wall).since(START) == pytest.approx(
        max(running, boot, wall), rel=1e-6, abs=1e-6
    )


@pytest.mark.row("F127")
@pytest.mark.parametrize("clock", ["running", "boot", "wall"])
def test_a_clock_that_went_back_says_nothing(clock: str) -> None:
    """Whatever the others say, an unknown time has passed."""
    assert math.isinf(later(5, 5, 5)._replace(**{clock: getattr(START, clock) - 0.25}).since(START))


def test_since_long_ago() -> None:
    """No read is as old."""
    assert math.isinf(START.since(LONG_AGO))


def test_the_clocks_of_this_machine() -> None:
    """All three go on while it is awake, each about as fast as the others."""
    clock, before = Clock(), Clock().now()
    clock.pause(0.05, threading.Event())
    passed = [now - then for now, then in zip(clock.now(), before, strict=True)]
    assert all(0.02 < it < 30 for it in passed)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        pytest.param(dt.datetime(1970, 1, 1, tzinfo=dt.UTC), "1970-01-01T00:00:00Z", id="F127-1970"),
        pytest.param(dt.datetime(2038, 1, 19, 3, 14, 8, tzinfo=dt.UTC), "2038-01-19T03:14:08Z", id="F127-2038"),
        pytest.param(dt.datetime(2026, 3, 29, 1, 30, 0, 999, tzinfo=dt.UTC), "2026-03-29T01:30:00Z", id="F127-dst"),
    ],
)  # fmt: skip
def test_a_stamp_is_in_utc(moment: dt.datetime, shown: str) -> None:
    """Whatever the year is, and in the hour that a zone leaves out or has twice."""

    class Set(Clock):
        def utc(self) -> dt.datetime:
            return moment

    assert stamp(Set()) == shown
