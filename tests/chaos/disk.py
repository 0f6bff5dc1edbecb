"""The operating system as the journal meets it: real files, each operation a point to die at, no wait for a platter.

What counts as on the disk is a line that was written before an `fsync` began that has ended: `intents` counts those of each
customer, so that an edit without its journal line is seen by whoever looks when the edit arrives. Other threads go on meanwhile.
"""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from reconciler.apply import journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_FSYNC: Final = 0.005
"""Seconds that the disk takes."""


class Disk:
    """Stands where the journal looks for `os`."""

    def __init__(
        self,
        point: Callable[[str], None],
        full: Callable[[bytes], bool],
        wait: Callable[[float], None],
    ) -> None:
        """`point` is told before and after each operation, and may end the process; `full` says whether a line finds no room.

        `wait` lets time pass.
        """
        self._point = point
        self._full = full
        self._wait = wait
        self._pending: list[bytes] = []
        self.intents: Counter[int] = Counter()

    def open(self, path: str, flags: int, mode: int) -> int:
        self._point("before open")
        self._make_room(b"{}")
        number = os.open(path, flags, mode)
        self._point("after open")
        return number

    def write(self, file: int, content: bytes) -> int:
        self._point("before write")
        self._make_room(content)
        count = os.write(file, content)
        self._pending.append(content)
        self._point("after write")
        return count

    def _make_room(self, line: bytes) -> None:
        if self._full(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fsync(self, file: int) -> None:
        self._point("before fsync")
        os.fstat(file)
        forced, self._pending = self._pending, []
        self._wait(_FSYNC)
        for line in map(json.loads, forced):
            if "intent" in line:
                self.intents[line["intent"]] += 1
        self._point("after fsync")

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    @contextmanager
    def spinning(self) -> Iterator[None]:
        """Give the journal this disk."""
        with patch.object(journal, "os", self):
            yield
