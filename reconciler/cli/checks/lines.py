"""What a check comes to. Values alone."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Level(enum.StrEnum):
    """How a check ended; only a failure keeps the command from ending well."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check: what it is about, how it ended, what was found, and what to do if that is not well."""

    subject: str
    level: Level
    found: str
    advice: str = ""


def ok(subject: str, found: str) -> CheckLine:
    """It works."""
    return CheckLine(subject, Level.OK, found)


def warn(subject: str, found: str, advice: str) -> CheckLine:
    """It works, and may not do so for long."""
    return CheckLine(subject, Level.WARN, found, advice)


def fail(subject: str, found: str, advice: str) -> CheckLine:
    """It does not work."""
    return CheckLine(subject, Level.FAIL, found, advice)
