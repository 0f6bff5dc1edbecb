"""An empty folder for as long as a block lasts: in memory where the system has a place for that, so that no disk is waited for."""

from __future__ import annotations

import os
import tempfile
from typing import Final

_IN_MEMORY: Final = "/dev/shm"  # noqa: S108 - the folder in it has a name that nobody guesses, and is its owner's alone


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A context that gives the folder's path."""
    return tempfile.TemporaryDirectory(dir=_IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None)
