"""The long run: `python3 dev.py chaos --seeds 20000` tells those stories, `--crashes` dies at every point, `--files` strikes every operation on a file, `--kills 500` kills so many applies; then the figures."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict

from tests.chaos.cases import CASES
from tests.chaos.oracles import Counts, verdict
from tests.chaos.story import told
from tests.chaos.test_crashes import failures
from tests.chaos.weather import KINDS

BLOCK = 50


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


def main(words: list[str]) -> int:
    """Tell the stories on all cores, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python3 dev.py chaos", description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=2000, help="how many seeds")
    parser.add_argument("--crashes", action="store_true", help="die at every point of every scenario instead")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(words)
    begun = time.monotonic()
    with ProcessPoolExecutor(chosen.processes) as pool:
        figures, wrong = swept_all(pool) if chosen.crashes else told_all(pool, chosen.first, chosen.seeds)
    seconds = f"{len(wrong)} complaints · {time.monotonic() - begun:.0f} s"
    sys.stdout.write("\n".join([figures, *wrong[:20], seconds, ""]))
    return 1 if wrong else 0


def swept_all(pool: ProcessPoolExecutor) -> tuple[str, list[str]]:
    """The crash sweep without gaps: the figures, and the complaints."""
    found = list(pool.map(crashes, CASES))
    points = sum(count for _, count in found)
    return f"{len(CASES)} scenarios · {points} points", [it for wrong, _ in found for it in wrong]


def told_all(pool: ProcessPoolExecutor, first: int, count: int) -> tuple[str, list[str]]:
    """The stories of all seeds: the figures, and the complaints."""
    starts = range(first, first + count, BLOCK)
    sizes = [min(BLOCK, first + count - start) for start in starts]
    total, wrong = Counts(), []
    for counts, complaints in pool.map(stories, starts, sizes):
        total.add(counts)
        wrong += complaints
    figures = [f"{number} {name}" for name, number in asdict(total).items()]
    return " · ".join([*figures, f"{len(KINDS)} kinds of faults"]), wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
