"""What reading, rewriting and attributing texts costs, where there are many in a file, many files, or a long history."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from typing import TYPE_CHECKING

from tests.bench.dataset import Subscription
from tests.bench.measure import PYTHON, TOOL, in_turn, run, serving
from tests.bench.sections import folder_of
from tests.bench.table import Row, against
from tests.kit.git import GIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DOCUMENTS = 100
"""Documents a file, where there are many."""


def texts(root: Path, largest: int, times: int) -> Iterator[Row]:
    """Rewriters beside `validate`, files of many documents beside PyYAML, and a history beside none."""
    yield from _one_file(root, min(largest, 2_000), times)
    yield from _many_files(root, min(largest, 10_000), times)
    yield from _many_documents(root, min(largest, 20_000), times)
    yield from _history(root, min(largest, 1_000), min(largest, 500), times)


def _one_file(root: Path, customers: int, times: int) -> Iterator[Row]:
    place = _joined(root / "one-file", customers, customers)
    found = in_turn(
        {
            name: partial(_processor, [TOOL, *words], place)
            for name, words in {"validate": ["validate"], "fmt": ["fmt", "--check"]}.items()
        },
        times,
    )
    what = f"`fmt --check` of one file with {customers:,} documents, seconds of the processor"
    yield against(what, found["fmt"], "`validate`", found["validate"], 3)


def _many_files(root: Path, customers: int, times: int) -> Iterator[Row]:
    place = folder_of(root, Subscription(customers))
    kept = place / ".reconciler"

    def cold(command: Sequence[str]) -> float:
        for file in kept.glob("*.sqlite"):
            file.unlink()
        return _processor([TOOL, *command], place)

    run([TOOL, "fmt"], place)
    found = in_turn(
        {
            "validate": partial(cold, ["validate"]),
            "fmt": partial(cold, ["fmt", "--check"]),
            "again": partial(_processor, [TOOL, "fmt", "--check"], place),
        },
        times,
    )
    what = f"`fmt --check` of {customers:,} files, seconds of the processor"
    yield against(what, found["fmt"], "`validate`, cold", found["validate"], 1.3)
    yield against("the same again, nothing changed", found["again"], "the first", found["fmt"], None)


def _many_documents(root: Path, customers: int, times: int) -> Iterator[Row]:
    place = _joined(root / "many-documents", customers, DOCUMENTS)
    load = "import sys, pathlib, yaml\nfor it in pathlib.Path('customers').iterdir(): list(yaml.load_all(it.read_bytes(), yaml.CSafeLoader))"
    run([TOOL, "validate"], place)
    found = in_turn(
        {
            "PyYAML": partial(_processor, [PYTHON, "-c", load], place),
            "start": partial(_processor, [TOOL, "validate", "--help"], place),
            "again": partial(_processor, [TOOL, "validate"], place),
        },
        times,
    )
    yield Row(
        f"`validate` of {-(-customers // DOCUMENTS):,} files of {DOCUMENTS} documents, unchanged, seconds of the processor",
        found["again"].shown(),
        f"CSafeLoader: {found['PyYAML'].shown()}; starting: {found['start'].shown()}",
        (found["again"].median - found["start"].median) / found["PyYAML"].median,
        0.12,
    )


def _history(root: Path, customers: int, commits: int, times: int) -> Iterator[Row]:
    """All drifted; every commit changes one file, so that the last change of each lies somewhere in the history."""
    place = folder_of(root, Subscription(customers, moved=1))
    (place / ".gitignore").write_text(".reconciler/\n.bench-output\n*.json\n")
    with serving(customers, 0) as served:
        words = ["drift", "--url", served.url]
        plain = in_turn({"": partial(_processor, [TOOL, *words], place, code=2)}, times)[""]
        _committed(place, Subscription(customers, moved=1), commits)
        told = in_turn({"": partial(_processor, [TOOL, *words], place, code=2)}, times)[""]
        run([PYTHON, "-m", "tests.bench.counted", str(place / "counts.json"), *words], place, code=2)
    asked = json.loads((place / "counts.json").read_text())["git"]
    what = f"`drift` of {customers:,} drifted files, {commits:,} commits"
    yield Row(
        f"{what}, seconds of the processor",
        told.shown(),
        f"without a history: {plain.shown()}",
        told.median - plain.median,
        0.5,
        unit="s more",
    )
    yield Row(f"{what}, git processes", f"{asked}", "", asked, 12, unit="processes")


def _committed(place: Path, subscription: Subscription, commits: int) -> None:
    """A history as a clone has it: packed."""
    git = [GIT, "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "gc.auto=0"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], cwd=place, check=True)
    subprocess.run([*git, "add", "--all"], cwd=place, check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "all"], cwd=place, check=True)
    for number in range(1, commits):
        customer_id = number % subscription.customers + 1
        path = next((place / "customers").glob(f"*/customer-{customer_id}.yaml"))
        path.write_text(subscription.manifest(customer_id).replace("Green Terrace", f"Terrace {number}"))
        message = f"change {number}"
        subprocess.run([*git, "commit", "--quiet", "--all", "--message", message], cwd=place, check=True)
    subprocess.run([*git, "gc", "--quiet"], cwd=place, check=True)


def _joined(place: Path, customers: int, each: int) -> Path:
    """A folder of files that have so many documents each."""
    folder = place / "customers"
    folder.mkdir(parents=True)
    (place / "reconciler.yaml").write_text("limits: {percent: 100}\n")
    made = Subscription(customers)
    for first in range(1, customers + 1, each):
        last = min(first + each, customers + 1)
        documents = (made.manifest(customer_id) for customer_id in range(first, last))
        (folder / f"customers-{first}.yaml").write_text("---\n".join(documents))
    return place


def _processor(words: Sequence[str], place: Path, *, code: int = 0) -> float:
    return run(words, place, code=code).processor
