"""Lines of a check -> one screen of text, or JSON. Pure; decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reconciler.cli.checks.lines import Level
from reconciler.report.styled import Line, broken, printed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconciler.cli.checks.lines import CheckLine

_STYLES: Final = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}
_LEVEL: Final = 6
_SUBJECT: Final = 12
_FOUND: Final = _LEVEL + _SUBJECT


def passed(lines: Sequence[CheckLine]) -> bool:
    """Whether nothing failed."""
    return all(line.level is not Level.FAIL for line in lines)


def check_text(lines: Sequence[CheckLine], *, width: int | None, color: bool) -> str:
    """A line each, its advice below it, and a closing line with the counts; wrapped where there is a width."""
    rows = (row for line in lines for row in _shown(line))
    if width is not None:
        rows = (part for row in rows for part in broken(row, width, _hanging(row)))
    return printed([*rows, Line(_closing(lines))], width=None, color=color)


def _shown(line: CheckLine) -> Iterator[Line]:
    """Level, subject and what was found; what to do about it below."""
    head = Line().append(f"{line.level:<{_LEVEL}}", _STYLES[line.level])
    yield head.append(f"{line.subject:<{_SUBJECT}}{_on_one_line(line.found)}")
    if line.advice:
        yield Line(f"{' ' * _FOUND}→ {_on_one_line(line.advice)}", "italic")


def _on_one_line(said: str) -> str:
    """A text, which may be git's own, without its line breaks."""
    return " ".join(said.splitlines())


def _hanging(row: Line) -> int:
    """Where a row goes on: below the text, also below that of an advice."""
    return _FOUND if row.plain[:_FOUND].strip() else _FOUND + 2


def _closing(lines: Sequence[CheckLine]) -> str:
    """The counts, computed from the lines."""
    counts = {level: sum(line.level is level for line in lines) for level in Level}
    return ", ".join(f"{count} {level}" for level, count in counts.items() if count)


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
