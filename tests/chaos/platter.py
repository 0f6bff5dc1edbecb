"""The operating system as `repo.atomic` meets it: real files, each operation a place to die at or to fail in.

A death is meant: nothing that the code does behind it reaches the disk, whatever its `finally` says.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from reconciler.repo import atomic, output_file, staging
from tests.chaos.baton import Died

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHANGING: Final = {
    "open",
    "write",
    "fsync",
    "sync",
    "fchmod",
    "fchown",
    "replace",
    "link",
    "unlink",
    "ftruncate",
    "mkdir",
    "rmdir",
}
WAYS: Final = (
    "dies before",
    "dies after",
    "dies half way",
    "ENOSPC",
    "EIO",
    "ENOSPC from here on",
    "EIO from here on",
)


@dataclass(slots=True)
class Platter:
    """Stands where `repo.atomic` looks for `os`; strikes at one operation, counted from 1, or at none (0)."""

    at: int = 0
    kind: str = ""
    count: int = 0
    dead: bool = False
    handles: set[int] = field(default_factory=set)

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._struck(name, real) if name in CHANGING else real

    def close(self, number: int) -> None:
        self.handles.discard(number)
        os.close(number)

    def _struck(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*words: Any) -> Any:
            self.count += 1
            if self.dead:
                raise Died
            if self.count == self.at or ("from here on" in self.kind and self.count > self.at):
                return self._strike(name, real, words)
            return self._real(name, real, words)

        return operation

    def _real(self, name: str, real: Callable[..., Any], words: tuple[Any, ...]) -> Any:
        answer = real(*words)
        if name == "open":
            self.handles.add(answer)
        return answer

    def _strike(self, name: str, real: Callable[..., Any], words: tuple[Any, ...]) -> Any:
        if self.kind.startswith("E"):
            number = getattr(errno, self.kind.split()[0])
            if name == "write":  # a full disk takes what it has room for
                real(words[0], words[1][: len(words[1]) // 2])
            raise OSError(number, os.strerror(number))
        if self.kind == "dies after":
            with suppress(OSError):
                self._real(name, real, words)
        elif self.kind == "dies half way" and name == "write":
            real(words[0], words[1][: len(words[1]) // 2])
        self.dead = True
        raise Died

    @contextmanager
    def spinning(self) -> Iterator[None]:
        """Give `repo` this disk; what a dead process had open, and so its locks, end with it."""
        with (
            patch.object(atomic, "os", self),
            patch.object(output_file, "os", self),
            patch.object(staging, "os", self),
        ):
            yield
        for number in self.handles:
            os.close(number)
