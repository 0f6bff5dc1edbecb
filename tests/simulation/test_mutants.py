"""Every planted bug is caught by the simulation within its budget of seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation.mutants import PLANTED
from tests.simulation.oracles import Window
from tests.simulation.test_simulation import live

if TYPE_CHECKING:
    from pathlib import Path

BUDGET = 600


@pytest.mark.parametrize("name", PLANTED)
def test_the_bug_is_caught(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Some seed fails while the bug is in; the same seeds are green without it (`test_simulation`)."""
    PLANTED[name](monkeypatch)
    for seed in range(BUDGET):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            live(seed, folder, Window())
        except (AssertionError, KeyError, RecursionError):
            return
    pytest.fail(f"{name} survived {BUDGET} seeds: an oracle or a scenario is missing")
