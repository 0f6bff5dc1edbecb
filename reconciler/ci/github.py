"""Problems -> the workflow commands by which GitHub shows them at their file and line. Pure.

    ::error file=customers/acme.yaml,line=3,col=9,title=reconciler::"Website" has no value: …

Everything that comes from YAML or RPM is escaped as the runner documents it, so that it reads back the very text and no
text becomes a command or a property of one: `%` and line ends everywhere, `:` and `,` in properties too. A place that the
checkout does not have (a file at another commit, or outside the workspace) is said in the message, because the forge would
look for it in vain. GitHub shows ten errors and ten warnings a step and drops the rest silently, so the rest is counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reconciler.core.values import Problem

MOST: Final = 10
"""Annotations of one level that GitHub shows a step."""

TITLE: Final = "reconciler"

_IN_MESSAGE: Final = re.compile(r"[%\r\n]")
_IN_PROPERTY: Final = re.compile(r"[%\r\n:,]")


def annotation_lines(problems: Iterable[Problem], path_of: Callable[[str], str]) -> list[str]:
    """A line for each problem that GitHub will show, and one that counts the others of its level.

    `path_of` turns a file as people are shown it into its path in the repository, or "" where it has none.
    """
    by_level: dict[str, list[Problem]] = {"error": [], "warning": []}
    for problem in problems:
        by_level["warning" if problem.warning else "error"].append(problem)
    lines = []
    for level, found in by_level.items():
        lines += [_annotation(level, problem, path_of(problem.mark.file)) for problem in found[:MOST]]
        if len(found) > MOST:
            more = f"{counted(len(found) - MOST, f'more {level}')} in this step's log; GitHub shows {MOST} a step"
            lines.append(f"::notice title={TITLE}::{more}")
    return lines


def _annotation(level: str, problem: Problem, path: str) -> str:
    """One problem as a workflow command."""
    mark = problem.mark
    where = f"file={_escaped(path, _IN_PROPERTY)},line={mark.line},col={mark.column}," if path else ""
    message = problem.message if path else f"{mark}: {problem.message}"
    return f"::{level} {where}title={TITLE}::{_escaped(message, _IN_MESSAGE)}"


def _escaped(text: str, unsafe: re.Pattern[str]) -> str:
    """The text with its unsafe characters as the runner reads them back: per cent and two hexadecimal digits."""
    return unsafe.sub(lambda found: f"%{ord(found[0]):02X}", text)
