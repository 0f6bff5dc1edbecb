"""The least that a report of many differences can take, as programs of their own: `python -m tests.bench.floors WHAT …`.

`deepdiff N` compares the one text that differs of so many customers, a thousand at once; `json FILE` reads and writes a document; `write FOLDER`
puts the bytes of every file below a folder into its place again as `adopt` does: written apart, flushed at once, moved.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def deepdiff(customers: int) -> None:
    """DeepDiff alone."""
    from deepdiff import DeepDiff  # noqa: PLC0415 - its import is part of the floor, and of this one only

    for first in range(0, customers, 1_000):
        ids = range(first, min(first + 1_000, customers))
        before, after = (
            {(i, "Website"): f"https://{site}.example/{i}" for i in ids} for site in ("www", "moved")
        )
        DeepDiff(before, after, view="tree")


def document(file: Path) -> None:
    """A document read, and written in C."""
    json.dumps(json.loads(file.read_bytes()))


def write(folder: Path) -> None:
    """Every file written anew."""
    apart = folder.parent / ".apart"
    apart.mkdir(exist_ok=True)
    paths = sorted(folder.rglob("*.yaml"))
    for number, path in enumerate(paths):
        (apart / str(number)).write_bytes(path.read_bytes())
    os.sync()
    for number, path in enumerate(paths):
        (apart / str(number)).replace(path)


if __name__ == "__main__":
    what, said = sys.argv[1:]
    if what == "deepdiff":
        deepdiff(int(said))
    elif what == "json":
        document(Path(said))
    else:
        write(Path(said))
