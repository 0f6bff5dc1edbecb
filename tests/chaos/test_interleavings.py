"""Small worlds, every schedule: nobody's edit is overwritten that could be seen, and every report is true."""

from __future__ import annotations

import pytest

from tests.chaos.interleavings import OLD, WORLDS, Small, judged, samples
from tests.chaos.mutants import planted

EVERYDAY = 60
"""Schedules of each world in the everyday run; `python3 dev.py chaos --interleavings` runs them all."""


@pytest.mark.parametrize("small", WORLDS, ids=lambda small: small.name)
def test_every_schedule_of_a_small_world(small: Small) -> None:
    """Two applies and a person, one call at a time, in every order there is."""
    wrong, count = judged(samples(small, EVERYDAY))
    assert not wrong
    assert count == EVERYDAY


@pytest.mark.parametrize(
    "bug", ["what moved is overwritten", "every customer is reported as edited", "an old read is good enough"]
)
def test_a_planted_bug_is_caught(bug: str) -> None:
    """Each of these breaks what the schedules are judged by, in some world."""
    with planted(bug):
        assert any(judged(samples(small, EVERYDAY))[0] for small in OLD)
