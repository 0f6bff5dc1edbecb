"""What a connection is told to do, one step after another: the words between `exchange` and whoever carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.sandbox.faults import script

if TYPE_CHECKING:
    from reconciler.sandbox.service import Answer


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Send:
    """Send a whole, well-formed answer."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Bytes:
    """Send these bytes as they are."""

    content: bytes


Ending = script.Reset | script.Close | script.Hang
ENDINGS = (script.Reset, script.Close, script.Hang)
Step = Pause | Send | Bytes | Ending
