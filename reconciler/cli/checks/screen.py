"""Lines of a check -> one screen of text, or JSON. Pure; decides nothing."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.checks.lines import Level
from reconciler.report.ci_escape import disarmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.cli.checks.lines import CheckLine

_COLORS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def passed(lines: Sequence[CheckLine]) -> bool:
    """Whether nothing failed."""
    return all(line.level is not Level.FAIL for line in lines)


def check_text(lines: Sequence[CheckLine], *, width: int, color: bool) -> str:
    """A line each, its advice below it, and a closing line with the counts."""
    return disarmed(
        "".join(f"{text}\n" for line in lines for text in _shown(line, width, color=color))
    ) + _closing(lines)


def _shown(line: CheckLine, width: int, *, color: bool) -> list[str]:
    """Level, subject and what was found; long texts go on below where they began."""
    level = f"{line.level:<6}"
    head = f"{click.style(level, fg=_COLORS[line.level]) if color else level}{line.subject:<12}"
    indent = " " * 18
    found = textwrap.wrap(line.found, max(width - 18, 20), break_on_hyphens=False) or [""]
    advice = textwrap.wrap(line.advice, max(width - 20, 20), break_on_hyphens=False)
    return [
        head + found[0],
        *(indent + text for text in found[1:]),
        *(indent + ("→ " if number == 0 else "  ") + text for number, text in enumerate(advice)),
    ]


def _closing(lines: Sequence[CheckLine]) -> str:
    """The counts, computed from the lines."""
    counts = {level: sum(line.level is level for line in lines) for level in Level}
    return ", ".join(f"{count} {level}" for level, count in counts.items() if count) + "\n"


def check_document(lines: Sequence[CheckLine], *, calls_made: int) -> dict[str, Any]:
    """The same for programs."""
    return {
        "format_version": "1.0",
        "ok": passed(lines),
        "calls_made": calls_made,
        "checks": [
            {"subject": it.subject, "level": it.level.value, "found": it.found, "advice": it.advice}
            for it in lines
        ],
    }
