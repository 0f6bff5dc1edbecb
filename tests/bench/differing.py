"""What it costs to say of every customer that it differs: a plan, a saved plan, an audit and `adopt`, each beside its floor.

Times are those of the processor, which a busy machine does not change. Run as a program in a user's folder, `python -m
tests.bench.differing FILE COMMAND …` runs the command in this process and writes down how often the costly things are done.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.bench.branch import costs
from tests.bench.dataset import Subscription
from tests.bench.measure import PYTHON, TOOL, Spread, run, serving
from tests.bench.sections import WARM, folder_of
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.measure import Served

FORMATS: Final = ("text", "json", "markdown", "html")
COUNTED: Final = {
    "documents": ("reconciler.plan.document", "indented"),
    "parts": ("reconciler.plan.document", "compact"),
    "comparisons": ("deepdiff", "DeepDiff"),
    "rows": ("reconciler.report.markdown", "_row"),
}
"""A whole document in its indented spelling, one part of it in the compact one, a DeepDiff, a row of Markdown."""


def differing(root: Path, largest: int, times: int) -> Iterator[Row]:
    """The rows of ten thousand customers of whom every website differs."""
    customers = min(largest, 10_000)
    same = folder_of(root / "same", Subscription(customers))
    place = folder_of(root / "moved", Subscription(customers, moved=1))
    with serving(customers, 0) as served:
        at = ("--url", served.url)
        for folder in (same, place):
            for _ in range(2):
                run([TOOL, *WARM, *at], folder)
        run([TOOL, *WARM, *at, "--out", "plan.json"], place)
        found = costs(
            {
                "deepdiff": [PYTHON, "-m", "tests.bench.floors", "deepdiff", str(customers)],
                "json": [PYTHON, "-m", "tests.bench.floors", "json", "plan.json"],
                **{f"plan {it}": [TOOL, *WARM, *at, "--format", it] for it in FORMATS},
                "plan --out": [TOOL, *WARM, *at, "--out", "again.json"],
                **{f"show {it}": [TOOL, "show", "plan.json", "--format", it] for it in FORMATS},
            },
            place,
            times,
        )
        found |= costs({"same": [TOOL, *WARM, *at]}, same, times)
        seconds = {name: it.processor for name, it in found.items()}
        yield from _planned(seconds, customers)
        yield from _written(place, served, customers, times)


def _planned(seconds: dict[str, Spread], customers: int) -> Iterator[Row]:
    """A plan beyond one that finds nothing and DeepDiff alone; a saved plan beside reading and writing its JSON."""
    what = f"{customers:,} customers that differ, seconds of the processor"
    least = seconds["same"].median + seconds["deepdiff"].median
    floor = f"none differs: {seconds['same'].shown()}; DeepDiff alone: {seconds['deepdiff'].shown()}"
    for name in (*(f"plan {it}" for it in FORMATS), "plan --out"):
        beyond = seconds[name].median - least
        yield Row(f"`{name}`, {what}", seconds[name].shown(), floor, beyond, 1, unit="s more")
    floor = f"`json.loads` and `json.dumps` of the file: {seconds['json'].shown()}"
    for name in (f"show {it}" for it in FORMATS):
        yield Row(f"`{name}`, {what}", seconds[name].shown(), floor, seconds[name].median, 1.2, unit="s")


def _written(place: Path, served: Served, customers: int, times: int) -> Iterator[Row]:
    """An audit against a plan, and `adopt` against writing the files; both without git."""
    at, what = ("--url", served.url), f"{customers:,} customers that differ, seconds of the processor"
    moved = Subscription(customers, moved=1)
    found: dict[str, list[float]] = {"plan": [], "drift": [], "adopt": [], "write": []}
    for _ in range(times):
        found["plan"].append(run([TOOL, *WARM, *at], place).processor)
        found["drift"].append(run([TOOL, "drift", "--refresh", "modified", *at], place, code=2).processor)
        found["adopt"].append(run([TOOL, "adopt", "--refresh", "modified", *at], place).processor)
        found["write"].append(
            run([PYTHON, "-m", "tests.bench.floors", "write", "customers"], place).processor
        )
        moved.write(place)
        run([TOOL, *WARM, *at], place)
    spreads = {name: Spread(tuple(values)) for name, values in found.items()}
    for name, floor, reach in (("drift", "plan", 1.5), ("adopt", "write", 3)):
        against = "`plan`" if floor == "plan" else "writing the files"
        ratio = spreads[name].median / spreads[floor].median
        yield Row(
            f"`{name}`, {what}", spreads[name].shown(), f"{against}: {spreads[floor].shown()}", ratio, reach
        )


def spelled(root: Path, customers: int) -> dict[str, dict[str, int]]:
    """How often each of `COUNTED` is done, by command, where every customer differs."""
    place = folder_of(root, Subscription(customers, moved=1))
    found = {}
    with serving(customers, 0) as served:
        for name, words in (
            ("plan", ("plan", "--url", served.url, "--out", "plan.json")),
            ("json", ("plan", "--url", served.url, "--out", "plan.json", "--format", "json")),
            ("show", ("show", "plan.json", "--format", "json")),
            ("markdown", ("show", "plan.json", "--format", "markdown")),
        ):
            file = place / f"{name}-counts.json"
            run([PYTHON, "-m", "tests.bench.differing", str(file), *words], place)
            found[name] = json.loads(file.read_text())
    return found


def main(file: str, words: list[str]) -> None:
    """Run the command, and write down what it did how often."""
    from reconciler import cli  # noqa: PLC0415 - the bench needs it only here

    counts = Counter(dict.fromkeys(COUNTED, 0))

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*positional: Any, **named: Any) -> Any:
            counts[name] += 1
            return function(*positional, **named)

        return called

    for name, (module, function) in COUNTED.items():
        owner = importlib.import_module(module)
        setattr(owner, function, counted(name, getattr(owner, function)))
    code = cli.run(words)
    Path(file).write_text(json.dumps(counts))
    raise SystemExit(code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
