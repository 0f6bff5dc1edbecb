"""What the time of a command is made of: the processor's seconds in some functions, each without those inside it.

Run as a program in a user's folder: `python -m tests.bench.parts KIND FILE COMMAND …` runs the command in this process
and writes the seconds by part into a file. The functions are replaced by others that look at the clock of their thread
before and after, so what is measured runs a little slower than what is timed elsewhere.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

WARM: Final = {
    "listing the folders": ("reconciler.customers.load", "find_files"),
    "what files were read into: asking SQLite": ("reconciler.customers.parse_cache", "ParseCache.__init__"),
    "looking whether each file is as it was, and making its customers": (
        "reconciler.customers.load",
        "combine",
    ),
    "looking for equal ids and names": ("reconciler.customers.collection", "Customers.are_distinct"),
    "the customer list: the wire and its JSON": ("reconciler.rpm.client", "Client.call"),
    "the customer list: its rows": ("reconciler.rpm.reader", "read_list"),
    "kept reads: asking SQLite, and judging each": ("reconciler.rpm.snapshot", "Snapshot.trusted"),
    "comparing and planning": ("reconciler.plan.run", "build_plan"),
}
FULL: Final = {
    "httpx, the socket and HTTP": ("reconciler.rpm.client", "Client._send"),
    "JSON of the answer": ("reconciler.rpm.client", "result_of"),
    "its shape, and the customer": ("reconciler.rpm.reader", "read_customer"),
    "counting, retrying, logging of the call": ("reconciler.rpm.reader", "Reader.customer"),
}
KINDS: Final = {"warm": WARM, "full": FULL}
REST: Final = "everything else, starting Python among it"


class Meter:
    """Seconds by part."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inside = threading.local()
        self._lock = threading.Lock()

    def measure(self, part: str, module: str, name: str) -> None:
        """Have a function of a module, or a method of a class in it, measured from now on."""
        *path, last = name.split(".")
        owner = functools.reduce(getattr, path, importlib.import_module(module))
        setattr(owner, last, self._measured(part, getattr(owner, last)))

    def _measured(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def measured(*positional: Any, **named: Any) -> Any:
            outside = getattr(self._inside, "seconds", 0.0)
            self._inside.seconds = 0.0
            start = time.thread_time()
            try:
                return function(*positional, **named)
            finally:
                whole = time.thread_time() - start
                with self._lock:
                    self.seconds[part] += whole - self._inside.seconds
                self._inside.seconds = outside + whole

        return measured


def main(kind: str, file: str, words: list[str]) -> None:
    """Run the command and write down where its time went."""
    from reconciler import cli  # noqa: PLC0415 - what it imports is part of the time

    importlib.import_module("reconciler.cli.commands.plan")
    gc.set_threshold(1_000_000, 20, 100)
    meter = Meter()
    for part, (module, name) in KINDS[kind].items():
        meter.measure(part, module, name)
    if code := cli.run(words):
        raise SystemExit(code)
    seconds = {part: meter.seconds[part] for part in KINDS[kind]}
    rest = time.process_time() - sum(seconds.values())
    Path(file).write_text(json.dumps({**seconds, REST: rest}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
