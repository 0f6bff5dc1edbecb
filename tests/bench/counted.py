"""What a command asks of the machine, as counts: git processes, customer files that it opens, fsyncs. No clock is in them.

Run as a program in a user's folder: `python -m tests.bench.counted FILE COMMAND …` runs the command in this process and writes the
counts into a file. Files are old from the start here, so that a run need not wait until their stamps say something.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler import cli
from reconciler.repo import stamps

if TYPE_CHECKING:
    from collections.abc import Callable


def main(file: str, words: list[str]) -> None:
    """Run the command and write down what it asked for."""
    counts = Counter({"git": 0, "files": 0})

    def seen(event: str, given: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" and Path(str(given[0])).name == "git":
            counts["git"] += 1
        elif event == "open" and str(given[0]).endswith(".yaml") and "customers" in str(given[0]):
            counts["files"] += 1

    def forced(file: int, fsync: Callable[[int], None] = os.fsync) -> None:
        counts["fsyncs"] += 1
        fsync(file)

    os.fsync = forced  # type: ignore[assignment]
    stamps.DOUBT = -(10**12)  # type: ignore[misc]
    sys.addaudithook(seen)
    code = cli.run(words)
    Path(file).write_text(json.dumps(counts))
    raise SystemExit(code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
