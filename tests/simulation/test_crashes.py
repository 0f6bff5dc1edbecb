"""Die before and after every call and every file operation of the journal, in fifty scenarios; then finish.

A crash leaves RPM as it is and the journal on disk. The next run may be on another machine, without it. At most two
runs later the plan is empty, and nothing was sent that YAML does not say.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.simulation.oracles import Window
from tests.simulation.scenario import Machine, run_apply, scenario
from tests.simulation.test_simulation import settle_down
from tests.simulation.world import Died, DyingFiles

if TYPE_CHECKING:
    from tests.simulation.world import World

SCENARIOS = int(os.environ.get("RECONCILER_CRASHES", "50"))


def crash(seed: int, at: int | None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """One run that dies at a point, or lives; the world as it was left."""
    world = scenario(seed).world()
    world.die_at = None if at is None else (at, "")
    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr("reconciler.journal.os", DyingFiles(world))
        with suppress(Died):
            run_apply(world, scenario(seed), Machine(folder))
    world.die_at, world.dead = None, False
    return world


@pytest.mark.row("F108")
@pytest.mark.parametrize("seed", range(SCENARIOS))
def test_every_point_of_a_run(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it died, two runs finish it, with the journal or without."""
    wanted = scenario(seed)
    points = crash(seed, None, tmp_path / "alive", monkeypatch).points
    for at in range(1, points + 1):
        world = crash(seed, at, tmp_path / str(at), monkeypatch)
        assert world.points >= at
        elsewhere = tmp_path / f"elsewhere {at}"
        elsewhere.mkdir()
        settle_down(world, wanted, Machine(elsewhere), Window())
    print(f"seed {seed}: {points} points")  # noqa: T201 - `-s` shows the count
