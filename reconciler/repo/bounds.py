"""The least and the most of each number that can be set, in `reconciler.yaml` and as a flag alike. Values alone, quick to import."""

from __future__ import annotations

from typing import Final

DIGITS: Final = 9
_MOST: Final = 10**DIGITS - 1
BOUNDS: Final = {
    "subscriber": (1, _MOST),
    "parallel": (1, 100),
    "timeout": (1, 600),
    "read_age": (1, 300),
    "edits": (0, _MOST),
    "percent": (0, 100),
    "calls": (1, _MOST),
}
"""The least and the most of each number, in the file and as a flag."""
REFRESH: Final = ("full", "modified")
