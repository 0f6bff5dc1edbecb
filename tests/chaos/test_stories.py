"""Stories from seeds, each held against every oracle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.baton import Baton
from tests.chaos.cases import TASKS
from tests.chaos.oracles import verdict
from tests.chaos.story import Story, swept, told
from tests.chaos.weather import KINDS, NO_CONNECTION, READ, UPSETS
from tests.chaos.world import Fate
from tests.kit.profile import tries

STORIES = tries(short=100, long=1000)
BLOCK = 20
FOUND = (461, 1000409, 1204783, 1205934, 1208948, 1508327, 1520264, 1532180)
"""Seeds whose stories, or whose judge, were wrong once."""
STRUCK = (
    ("Info", 1),
    ("Customers", 1),
    ("Customer", 1),
    ("Customer", 2),
    ("CustomerEdit", 1),
    ("CustomerEdit", 2),
)
"""The calls of the sweep below, by endpoint."""
SWAP = replace(TASKS["a swap with values"], subscriber=1207, parallel=2)


def complaint(seed: object, complaints: list[str]) -> str:
    """What failed, and how to see it again."""
    return "\n".join([f"seed {seed}; again: nox -s chaos -- --first {seed} --seeds 1", *complaints])


@pytest.mark.parametrize("first", range(0, STORIES, BLOCK))
def test_every_oracle_holds_for_every_seed(first: int) -> None:
    """Whatever goes wrong, nothing is lost, nobody is overwritten, and nothing is claimed that is not so."""
    for seed in range(first, first + BLOCK):
        complaints, _ = verdict(told(seed))
        assert not complaints, complaint(seed, complaints)


@pytest.mark.parametrize("seed", FOUND)
def test_a_story_that_was_wrong_once_is_right(seed: int) -> None:
    """What a long run found stays found."""
    complaints, _ = verdict(told(seed))
    assert not complaints, complaint(seed, complaints)


def fingerprint(story: Story) -> tuple[object, ...]:
    """Everything that could differ when a story is told again."""
    return story.world.ledger.trace(), [(it.code, it.report) for it in story.runs], story.world.baton.now


def test_a_seed_tells_the_same_story_twice() -> None:
    """With several workers too, and whatever was told before: the same calls and commits at the same times, the same reports."""
    once = [told(seed) for seed in range(12)]
    again = [told(seed) for seed in reversed(range(12))]
    assert [fingerprint(it) for it in once] == [fingerprint(it) for it in reversed(again)]
    assert sum(it.world.scenario.parallel > 1 for it in once) >= 4


def test_the_seed_decides_who_goes_on() -> None:
    """Two workers that do the same take turns in an order that the seed picks, and no order is impossible."""

    def order(seed: int) -> str:
        baton, steps = Baton(str(seed)), []

        def work(name: str) -> None:
            for _ in range(3):
                baton.sleep(1.0)
                steps.append(name)

        tasks = [baton.start(lambda: work("a")), baton.start(lambda: work("b"))]
        baton.sleep(100.0, lambda: all(task.over for task in tasks))
        baton.bury()
        return "".join(steps)

    assert [order(seed) for seed in range(20)] == [order(seed) for seed in range(20)]
    assert {order(seed)[:2] for seed in range(20)} == {"ab", "ba"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_oracle_holds_for_every_kind_of_fault(kind: str) -> None:
    """Each kind strikes the first call of each endpoint for which it means anything, and the second one where there is one.

    Two calm runs finish the work.
    """
    for endpoint, nth in STRUCK:
        if kind not in READ and kind != NO_CONNECTION and endpoint != "CustomerEdit":
            continue
        story = swept(SWAP, Fate(faults={(endpoint, nth): kind}))
        complaints, counts = verdict(story)
        assert not complaints, "\n".join([f"{kind}, {endpoint} {nth}", *complaints])
        assert counts.struck, f"{kind} struck no call to {endpoint}"


@pytest.mark.row("F127")
@pytest.mark.parametrize("kind", UPSETS)
def test_every_oracle_holds_wherever_the_machine_is_upset(kind: str) -> None:
    """It sleeps, or its clock is set, at one point of an apply after the other: an edit rests on a young read all the same."""
    points = swept(SWAP, Fate()).points
    for point in range(1, points + 1):
        complaints, _ = verdict(swept(SWAP, Fate(upset_at=(point, kind))))
        assert not complaints, "\n".join([f"{kind}, at point {point} of {points}", *complaints])
