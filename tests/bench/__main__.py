"""Measures the tool beside its floors and its rivals, in one run, and prints a table of ratios.

`nox -s bench` takes about half an hour on two cores; `--largest 10000 --times 3` a few minutes, `--only PART` that part's
rows alone. `--write` puts the table into `docs/performance.md`. Nothing here passes or fails: a figure that misses what it should reach is
printed as missing it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench.branch import three_of_many
from tests.bench.differing import differing
from tests.bench.measure import ROOT
from tests.bench.memory import memory
from tests.bench.sections import calls, folders, growth, made_of, rivals
from tests.bench.starting import starting
from tests.bench.table import parts_as_markdown, rows_as_markdown
from tests.bench.texts import texts
from tests.bench.wire import editing, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.bench.table import Row

PAGE: Final = ROOT / "docs" / "performance.md"
MARKS: Final = ("<!-- the bench's table -->", "<!-- end of the table -->")
VERSIONS: Final = ("httpx", "h11", "pyyaml", "deepdiff", "click", "octodns")


PARTS: Final[dict[str, Callable[[Path, int, int], Iterable[Row]]]] = {
    "calls": lambda folder, largest, _: calls(folder, min(largest, 1_000)),
    "starting": lambda folder, _, times: starting(folder, times),
    "reading": lambda folder, largest, times: reading(folder, min(largest, 10_000), times),
    "editing": lambda folder, largest, times: editing(folder, min(largest, 1_000), times),
    "rivals": lambda folder, largest, _: rivals(folder, min(largest, 2_000)),
    "folders": folders,
    "memory": lambda folder, largest, _: memory(folder, largest),
    "growth": lambda folder, largest, times: growth(folder, min(largest, 8_000), times),
    "branch": three_of_many,
    "texts": texts,
    "differing": differing,
}
"""Each part's rows, by the folder to work in, how many customers are the most, and how often each figure is measured."""


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--largest", type=int, default=300_000, help="customers in the largest folder")
    parser.add_argument("--times", type=int, default=5, help="measurements of each figure")
    measured = parser.add_mutually_exclusive_group()
    measured.add_argument("--only", choices=PARTS, help="this part alone")
    measured.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if said.only:
            text = rows_as_markdown(PARTS[said.only](Path(folder), said.largest, said.times))
        else:
            text = table(Path(folder), said.largest, said.times)
    print(text)  # noqa: T201 - the table is the result
    if said.write:
        before, _, rest = PAGE.read_text().partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        PAGE.write_text(f"{before}{MARKS[0]}\n\n{text}\n{MARKS[1]}{after}")


def table(folder: Path, largest: int, times: int) -> str:
    """Everything measured, as Markdown."""
    rows = [row for part in PARTS.values() for row in part(folder, largest, times)]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    command = f"nox -s bench -- --largest {largest} --times {times}"
    day = dt.datetime.now(dt.UTC).date()
    tables = [
        rows_as_markdown(rows),
        *(parts_as_markdown(parts) for parts in made_of(folder, min(largest, 100_000))),
    ]
    return f"`{command}`, {day}, {machine}; {versions}.\n\n" + "\n".join(tables)


if __name__ == "__main__":
    main()
