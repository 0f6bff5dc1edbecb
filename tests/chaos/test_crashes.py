"""Die before and after each call and each operation of the journal's file, in every named scenario; then finish.

Every day every seventh point is tried, beginning at another one in each scenario, and every second one in the long profile;
`nox -s chaos -- --crashes` tries all.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.cases import CASES
from tests.chaos.oracles import verdict
from tests.chaos.story import swept
from tests.kit.profile import tries

STEP = tries(short=7, long=2)


def failures(name: str, first: int, step: int) -> tuple[list[str], int]:
    """What went wrong in one scenario, and how many points were tried."""
    scenario, fate = CASES[name]
    alive = swept(scenario, fate)
    wrong = [f"{name}, alive: {it}" for it in verdict(alive)[0]]
    points = range(first, alive.points + 1, step)
    for point in points:
        story = swept(scenario, replace(fate, die_at=point))
        assert story.stormy[0].code is None, f"{name} did not die at point {point}"
        wrong += [f"{name}, dead at point {point} of {alive.points}: {it}" for it in verdict(story)[0]]
    return wrong, len(points)


@pytest.mark.parametrize("name", CASES)
def test_two_runs_finish_what_a_dead_one_began(name: str) -> None:
    """Wherever it dies, the next run does what is left, the one after it finds nothing to do, and no oracle objects."""
    first = 1 + list(CASES).index(name) % STEP
    wrong, points = failures(name, first, STEP)
    assert not wrong, "\n".join(wrong)
    assert points


def test_there_are_fifty_scenarios() -> None:
    """The sweep is as wide as it says."""
    assert len(CASES) >= 50
