"""The operating system as the journal meets it: real files, each operation a point to die at, no wait for a platter.

What counts as on the disk is a line that was written *and* forced out: `intents` counts those of each customer, so that
an edit without its journal line is seen by whoever looks when the edit arrives.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from reconciler.apply import journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Disk:
    """Stands where the journal looks for `os`."""

    def __init__(self, point: Callable[[str], None]) -> None:
        """`point` is told before and after each operation, and may end the process or raise OSError."""
        self._point = point
        self._pending: list[bytes] = []
        self.intents: Counter[int] = Counter()

    def open(self, path: str, flags: int, mode: int) -> int:
        self._point("before open")
        number = os.open(path, flags, mode)
        self._point("after open")
        return number

    def write(self, file: int, content: bytes) -> int:
        self._point("before write")
        count = os.write(file, content)
        self._pending.append(content)
        self._point("after write")
        return count

    def fsync(self, file: int) -> None:
        self._point("before fsync")
        os.fstat(file)
        for line in map(json.loads, self._pending):
            if "intent" in line:
                self.intents[line["intent"]] += 1
        self._pending.clear()
        self._point("after fsync")

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    @contextmanager
    def spinning(self) -> Iterator[None]:
        """Give the journal this disk."""
        with patch.object(journal, "os", self):
            yield
