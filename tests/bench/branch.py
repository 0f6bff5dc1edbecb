"""What a branch costs that touches three files, against what git itself needs to find them, however large the repository."""

from __future__ import annotations

import json
import subprocess
import time
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.repo.stamps import DOUBT
from tests.bench.dataset import Subscription
from tests.bench.measure import PYTHON, TOOL, Run, Spread, in_turn, peak, run, serving
from tests.bench.sections import LARGE, folder_of
from tests.bench.table import Row
from tests.kit.git import GIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.bench.measure import Served

PLAN: Final = ("plan", "--base", "main", "--changed")
SIZES: Final = (10_000, 100_000)


class Branch(NamedTuple):
    """A user's folder on a branch that moved three customers' websites; `files` are theirs."""

    place: Path
    customers: int
    files: tuple[str, ...]


def branch_of(root: Path, customers: int) -> Branch:
    """A repository of so many customers, and a branch of it."""
    place = folder_of(root, Subscription(customers))
    (place / ".gitignore").write_text(".reconciler/\n.bench-output\n*.json\n")
    _git(place, "init", "--quiet", "--initial-branch=main")
    _git(place, "add", "--all")
    _git(place, "commit", "--quiet", "--message", "all")
    _git(place, "switch", "--quiet", "--create", "branch")
    moved = Subscription(customers, moved=1)
    files = []
    for customer_id in (1, customers // 2, customers):
        path = next((place / "customers").glob(f"*/customer-{customer_id}.yaml"))
        path.write_text(moved.manifest(customer_id))
        files.append(str(path.relative_to(place)))
    _git(place, "commit", "--quiet", "--all", "--message", "three")
    return Branch(place, customers, tuple(files))


def _git(place: Path, *words: str) -> None:
    who = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    subprocess.run([GIT, *who, *words], cwd=place, check=True)


def counts(branch: Branch, served: Served) -> dict[str, dict[str, int]]:
    """What a plan and a `validate` of the three files ask of the machine, each once what was read is kept."""
    found = {}
    for name, words in (
        ("plan", (*PLAN, "--url", served.url)),
        ("validate", ("validate", *branch.files)),
    ):
        file = branch.place / f"{name}.json"
        for _ in range(2):
            run([PYTHON, "-m", "tests.bench.counted", str(file), *words], branch.place)
        found[name] = json.loads(file.read_text())
    return found


class Costs(NamedTuple):
    """What a command took, run several times: seconds, and seconds of the processor."""

    wall: Spread
    processor: Spread


def three_of_many(root: Path, largest: int, times: int) -> Iterator[Row]:
    """A plan against main, and a `validate` of the three files."""
    alone = branch_of(root, 3)
    with serving(3, 0) as served:
        start = costs({"plan": [TOOL, *PLAN, "--url", served.url]}, alone.place, times)["plan"]
    for customers in [size for size in SIZES if size <= largest] or [largest]:
        branch = branch_of(root, customers)
        with serving(customers, 0) as served:
            asked = counts(branch, served)["plan"]["git"]
            yield from _rows(branch, served, start, times)
        what = f"`plan --base main --changed`, 3 of {customers:,} files, git processes"
        yield Row(what, f"{asked}", "", asked, 6, unit="processes")


def costs(
    commands: Mapping[str, Sequence[str]], place: Path, times: int, *, cold: bool = False
) -> dict[str, Costs]:
    """Commands run in turn, so that a busy minute of the machine meets them all; `cold` without what was kept."""
    found: dict[str, list[Run]] = {name: [] for name in commands}

    def once(name: str) -> float:
        if cold:
            (place / ".reconciler" / "parsed.sqlite").unlink(missing_ok=True)
        found[name].append(run(commands[name], place))
        return 0.0

    in_turn({name: partial(once, name) for name in commands}, times)
    return {
        name: Costs(
            Spread(tuple(it.wall for it in runs[1:])),
            Spread(tuple(it.processor for it in runs[1:])),
        )
        for name, runs in found.items()
    }


def _rows(branch: Branch, served: Served, start: Costs, times: int) -> Iterator[Row]:
    plan = [TOOL, *PLAN, "--url", served.url]
    run(plan, branch.place)
    time.sleep(2 * DOUBT / 1e9)  # from then on the files are known by their stamps
    warm = costs(
        {
            "git": [GIT, "diff", "--name-only", "main"],
            "bytes": [PYTHON, "-m", "tests.bench.bytes_read", "customers"],
            "plan": plan,
            "validate": [TOOL, "validate", *branch.files],
        },
        branch.place,
        times,
    )
    read = costs({"validate": [TOOL, "validate"], "plan": plan}, branch.place, times, cold=True)
    large = branch.customers >= LARGE
    three = f"3 of {branch.customers:,} files"
    for kind in ("wall", "processor"):
        seconds = "seconds" if kind == "wall" else "seconds of the processor"
        git, every, ours, few, begun = (
            getattr(it, kind) for it in (warm["git"], warm["bytes"], warm["plan"], warm["validate"], start)
        )
        beyond = max(ours.median - begun.median, 0) / git.median
        floor = f"git diff --name-only: {git.shown(3)}; the same of 3 customers: {begun.shown()}"
        what = f"`plan --base main --changed`, {three}, warm, {seconds}"
        yield Row(f"{what} beyond those of 3", ours.shown(), floor, beyond, 12)
        ratio = few.median / every.median
        floor = f"reading and hashing all files: {every.shown()}"
        yield Row(
            f"`validate` of {three}, warm, {seconds}", few.shown(), floor, ratio, 0.3 if large else None
        )
        cold, checked = getattr(read["plan"], kind), getattr(read["validate"], kind)
        floor = f"`validate`, cold: {checked.shown()}"
        ratio = cold.median / checked.median
        yield Row(
            f"`plan --base main --changed`, {three}, cold, {seconds}",
            cold.shown(),
            floor,
            ratio,
            1.1 if large else None,
        )
    most = peak(plan, branch.place)
    what = f"`plan --base main --changed`, {three}, warm, memory"
    yield Row(what, f"{most / 1e6:,.0f} MB", "", most / 1e6, 150, unit="MB")
