"""What a renderer of an audit gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.drift import Drift


@dataclass(frozen=True, slots=True)
class DriftSheet:
    """An audit, when it was made (ISO form), the calls it took, and by which version."""

    drift: Drift
    created: str
    calls_made: int
    tool_version: str
