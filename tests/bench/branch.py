"""What a branch costs that touches three files, against what git itself needs to find them, however large the repository."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.repo.stamps import DOUBT
from tests.bench.dataset import Subscription
from tests.bench.measure import PYTHON, TOOL, Spread, in_turn, run, serving
from tests.bench.sections import folder_of, tool
from tests.bench.table import Row
from tests.kit.git import GIT

if TYPE_CHECKING:
    from collections.abc import Iterator
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


def three_of_many(root: Path, largest: int, times: int) -> Iterator[Row]:
    """A plan against main, and a `validate` of the three files."""
    alone = branch_of(root, 3)
    with serving(3, 0) as served:
        start = Spread(tuple(tool(alone.place, served, *PLAN).wall for _ in range(times + 1)))
    for customers in [size for size in SIZES if size <= largest] or [largest]:
        branch = branch_of(root, customers)
        with serving(customers, 0) as served:
            asked = counts(branch, served)
            yield from _rows(branch, served, start, times)
        what = f"`plan --base main --changed`, 3 of {customers:,} files, git processes"
        yield Row(what, f"{asked['plan']['git']}", "", asked["plan"]["git"], 6, unit="processes")


def _rows(branch: Branch, served: Served, start: Spread, times: int) -> Iterator[Row]:
    place = branch.place
    cache = place / ".reconciler" / "parsed.sqlite"
    peaks = []

    def plan() -> float:
        done = tool(place, served, *PLAN)
        peaks.append(done.peak)
        return done.wall

    def cold(*words: str) -> float:
        cache.unlink(missing_ok=True)
        return run([TOOL, *words], place).wall

    tool(place, served, *PLAN)
    time.sleep(2 * DOUBT / 1e9)  # from then on the files are known by their stamps
    warm = in_turn(
        {
            "git": lambda: run([GIT, "diff", "--name-only", "main"], place).wall,
            "bytes": lambda: run([PYTHON, "-m", "tests.bench.bytes_read", "customers"], place).wall,
            "plan": plan,
            "validate": lambda: run([TOOL, "validate", *branch.files], place).wall,
        },
        times,
    )
    read = in_turn(
        {"validate": lambda: cold("validate"), "plan": lambda: cold(*PLAN, "--url", served.url)}, times
    )
    what = f"`plan --base main --changed`, 3 of {branch.customers:,} files"
    floor = f"git diff --name-only: {warm['git'].shown(3)}; the same of 3 customers: {start.shown()}"
    beyond = (warm["plan"].median - start.median) / warm["git"].median
    yield Row(f"{what}, warm, seconds beyond those of 3", warm["plan"].shown(), floor, beyond, 12)
    ratio = read["plan"].median / read["validate"].median
    yield Row(
        f"{what}, cold, seconds",
        read["plan"].shown(),
        f"`validate`, cold: {read['validate'].shown()}",
        ratio,
        1.1,
    )
    yield Row(f"{what}, warm, memory", f"{max(peaks) / 1e6:,.0f} MB", "", max(peaks) / 1e6, 150, unit="MB")
    ratio = warm["validate"].median / warm["bytes"].median
    floor = f"reading and hashing all files: {warm['bytes'].shown()}"
    yield Row(
        f"`validate` of 3 of {branch.customers:,} files, warm, seconds",
        warm["validate"].shown(),
        floor,
        ratio,
        0.3,
    )
