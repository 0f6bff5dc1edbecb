"""A seed -> a whole story: up to three runs in bad weather, then calm ones until nothing is left to do.

Between two runs some time passes, sometimes not enough for a call that the server still carries out; sometimes the next
run is on another machine, with nothing of what the last one wrote.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.scenario import drawn, generator
from tests.chaos.tool import Ended, Tool
from tests.chaos.weather import CALM, Weather, storm
from tests.chaos.world import Fate, World
from tests.kit.scratch import scratch

if TYPE_CHECKING:
    from random import Random

    from tests.chaos.scenario import Scenario

CHAOTIC_RUNS = 3
CALM_RUNS = 2


@dataclass(frozen=True, slots=True)
class Story:
    """What happened: the runs in bad weather, the calm ones, and the world that saw them.

    `written` is what lies on the disks; `points` counts the moments in the first part at which it could have died.
    """

    world: World
    stormy: tuple[Ended, ...]
    calm: tuple[Ended, ...]
    written: str
    points: int = 0

    @property
    def runs(self) -> tuple[Ended, ...]:
        """All of them."""
        return (*self.stormy, *self.calm)


def told(seed: object, weather: Weather | None = None) -> Story:
    """The story of a seed, in weather of its own unless another is given."""
    scenario = drawn(generator(seed, "scenario"))
    random = generator(seed, "story")
    world = World(scenario, seed)
    with closing(world), scratch() as folder:
        given = storm(random, generator(seed, "limits")) if weather is None else weather
        return _told(world, Path(folder), random, given)


def _told(world: World, folder: Path, random: Random, weather: Weather) -> Story:
    if random.random() < 0.1:
        world.sandbox.turn({"daily_limit": random.randint(1, 20)})
    tools = [Tool(world, folder / "1")]
    stormy = []
    for number in range(random.randint(1, CHAOTIC_RUNS)):
        world.weather = weather
        stormy.append(tools[-1].apply())
        world.weather = CALM
        world.clock.jumped = (
            random.choice((1, -1)) * world.clock.jumped.resolution * random.randint(0, 10**12)
        )
        world.baton.sleep(random.choice((0.0, 1.0, 30.0, 3600.0)))
        if random.random() < 0.3:
            tools.append(Tool(world, folder / f"{number + 2}"))
    points = world.points
    calm = finished(world, tools[-1])
    return Story(world, tuple(stormy), calm, "\n".join(tool.written() for tool in tools), points)


def swept(scenario: Scenario, fate: Fate) -> Story:
    """The story of one run that meets its fate, and the calm ones after it."""
    world = World(scenario, "sweep", fate)
    with closing(world), scratch() as folder:
        tool = Tool(world, Path(folder))
        first, points = tool.apply(), world.points
        world.fate = Fate()
        return Story(world, (first,), finished(world, tool), tool.written(), points)


def finished(world: World, tool: Tool) -> tuple[Ended, ...]:
    """The calm runs: until nothing is left to do, and not more than are allowed."""
    world.clear()
    world.settle()
    calm: list[Ended] = []
    while len(calm) < CALM_RUNS and not (calm and calm[-1].empty):
        calm.append(tool.apply())
        world.settle()
    return tuple(calm)
