"""The long runs, then their figures: `nox -s chaos` with one of

--seeds 20000   so many stories       --crashes   a death at every point of every scenario
--kills 500     so many applies killed over a real socket, each at a byte of its conversation
--files         a strike at every operation by which a command writes a file
--interleavings every schedule of two applies and a person in small worlds
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.chaos.cases import CASES
from tests.chaos.interleavings import WORLDS, Small, judged, schedules
from tests.chaos.kills import Tally, killed
from tests.chaos.oracles import Counts, verdict
from tests.chaos.story import told
from tests.chaos.test_crashes import failures
from tests.chaos.test_files import at_home, struck
from tests.chaos.weather import KINDS, LIMITS, UPSETS
from tests.chaos.writing_commands import COMMANDS
from tests.kit.scratch import scratch
from tests.kit.server import running_server

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 50
KILLS = 5
"""Stories, and kills, that a process takes at a time."""


def stories(first: int, count: int) -> tuple[Counts, list[str]]:
    """The stories of some seeds: what happened, and what was wrong."""
    total, wrong = Counts(), []
    for seed in range(first, first + count):
        complaints, counts = verdict(told(seed))
        total.add(counts)
        wrong += [f"seed {seed}: {it}" for it in complaints]
    return total, wrong


def crashes(name: str) -> tuple[list[str], int]:
    """Every point of one scenario."""
    return failures(name, 1, 1)


def every_schedule(small: Small) -> tuple[list[str], int]:
    """Every schedule of one small world."""
    return judged(schedules(small))


def strikes(name: str) -> tuple[list[str], int]:
    """Every strike at one command."""
    with (
        scratch() as folder,
        running_server(Path(folder) / "rpm") as server,
        pytest.MonkeyPatch.context() as environment,
    ):
        home = at_home(Path(folder), server, environment)
        return struck(COMMANDS[name], home, 0, 1)


def main(words: list[str]) -> int:
    """Do what is asked on all cores, and say what came of it."""
    parser = argparse.ArgumentParser(
        prog="nox -s chaos --", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=2000, help="how many seeds")
    parser.add_argument("--crashes", action="store_true")
    parser.add_argument("--files", action="store_true")
    parser.add_argument("--interleavings", action="store_true")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(words)
    begun = time.monotonic()
    with ProcessPoolExecutor(chosen.processes, initializer=_seldom_collected) as pool:
        figures, wrong = _chosen(chosen)(pool, chosen)
    seconds = f"{len(wrong)} complaints · {time.monotonic() - begun:.0f} s"
    sys.stdout.write("\n".join([figures, *wrong[:20], seconds, ""]))
    return 1 if wrong else 0


def _seldom_collected() -> None:
    """A story makes many small objects and no circles to speak of, and the modules stay."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _chosen(
    chosen: argparse.Namespace,
) -> Callable[[ProcessPoolExecutor, argparse.Namespace], tuple[str, list[str]]]:
    if chosen.crashes:
        return swept_all
    if chosen.files:
        return struck_all
    if chosen.interleavings:
        return scheduled_all
    return killed_all if chosen.kills else told_all


def swept_all(pool: ProcessPoolExecutor, _: argparse.Namespace) -> tuple[str, list[str]]:
    """The crash sweep without gaps: the figures, and the complaints."""
    found = list(pool.map(crashes, CASES))
    points = sum(count for _, count in found)
    return f"{len(CASES)} scenarios · {points} points", [it for wrong, _ in found for it in wrong]


def struck_all(pool: ProcessPoolExecutor, _: argparse.Namespace) -> tuple[str, list[str]]:
    """The strikes at every operation on a file."""
    found = list(pool.map(strikes, COMMANDS))
    count = sum(count for _, count in found)
    return f"{len(COMMANDS)} commands · {count} strikes", [it for wrong, _ in found for it in wrong]


def scheduled_all(pool: ProcessPoolExecutor, _: argparse.Namespace) -> tuple[str, list[str]]:
    """Every schedule of every small world."""
    found = list(pool.map(every_schedule, WORLDS))
    counts = [f"{count} schedules: {small.name}" for small, (_, count) in zip(WORLDS, found, strict=True)]
    total = sum(count for _, count in found)
    return "\n".join([*counts, f"{total} schedules"]), [it for wrong, _ in found for it in wrong]


def killed_all(pool: ProcessPoolExecutor, chosen: argparse.Namespace) -> tuple[str, list[str]]:
    """The kills of all seeds."""
    total, wrong = Tally(), []
    for complaints, tally in pool.map(killed, *_blocks(chosen.first, chosen.kills, KILLS)):
        total.add(tally)
        wrong += complaints
    return _told(total), wrong


def told_all(pool: ProcessPoolExecutor, chosen: argparse.Namespace) -> tuple[str, list[str]]:
    """The stories of all seeds: the figures, and the complaints."""
    total, wrong = Counts(), []
    for counts, complaints in pool.map(stories, *_blocks(chosen.first, chosen.seeds, BLOCK)):
        total.add(counts)
        wrong += complaints
    return f"{_told(total)} · {len((*KINDS, *UPSETS, *LIMITS))} kinds of faults", wrong


def _blocks(first: int, count: int, size: int) -> tuple[range, list[int]]:
    """The first seed of each block, and how many it has."""
    starts = range(first, first + count, size)
    return starts, [min(size, first + count - start) for start in starts]


def _told(figures: Counts | Tally) -> str:
    return " · ".join(f"{number} {name}" for name, number in asdict(figures).items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
