"""What GitHub's runner gets in addition to a command's output: problems at their lines, the step's summary, a step's outputs.

    ::error file=customers/acme.yaml,line=3,col=9,title=reconciler::"Website" has no value: …

Nothing here happens outside of Actions (`GITHUB_ACTIONS=true`), and nothing here changes stdout or an exit code. Everything that
comes from YAML or RPM is escaped as the runner documents it, so that it reads back the very text and no text becomes a command
or a property of one: `%` and line ends everywhere, `:` and `,` in properties too. A place that the checkout does not have (a
file at another commit, or outside the workspace) is said in the message, because the forge would look for it in vain. GitHub
shows ten errors and ten warnings a step and drops the rest silently, so the rest is counted.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted
from reconciler.repo.settings import FILE, find_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reconciler.core.values import Problem

MOST: Final = 10
"""Annotations of one level that GitHub shows a step."""

TITLE: Final = "reconciler"

SUMMARY_LIMIT: Final = 1024 * 1024
"""Bytes; of a step whose summary is larger, GitHub shows none of it."""

_IN_MESSAGE: Final = re.compile(r"[%\r\n]")
_IN_PROPERTY: Final = re.compile(r"[%\r\n:,]")
_STDOUT: Final = 1
_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC


def in_actions(environment: Mapping[str, str]) -> bool:
    """Whether a runner of GitHub Actions, or one that says it is like it, reads our output."""
    return environment.get("GITHUB_ACTIONS") == "true"


def annotations_of(environment: Mapping[str, str], problems: Sequence[Problem]) -> list[str]:
    """The lines by which GitHub shows the problems, in the pull request too; they belong on stderr."""
    if not problems or not in_actions(environment):
        return []
    return annotation_lines(problems, lambda file: _path_in_repository(environment, file))


def append_summary(
    environment: Mapping[str, str], report: Callable[[], str], tell: Callable[[str], None]
) -> None:
    """Append a Markdown report to the step's summary; a failure is told and changes nothing else."""
    name = environment.get("GITHUB_STEP_SUMMARY")
    if not name or not in_actions(environment):
        return
    path = Path(name)
    try:
        if not _is_stdout(path):
            _append(path, report())
    except OSError as error:
        with suppress(OSError):
            tell(f"the step's summary could not be written: {error.strerror}")


def put_out(environment: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Give later steps and jobs these values; raises `ValueError` for one of several lines."""
    name = environment.get("GITHUB_OUTPUT")
    if not name or not in_actions(environment):
        return
    with Path(name).open("a", encoding="utf-8") as file:
        for key, value in outputs.items():
            if "\n" in value or "\r" in value:
                raise ValueError(f"the output {key} has several lines")
            file.write(f"{key}={value}\n")


def annotation_lines(problems: Iterable[Problem], path_of: Callable[[str], str]) -> list[str]:
    """A line for each problem that GitHub will show, and one that counts the others of its level.

    `path_of` turns a file as people are shown it into its path in the repository, or "" where it has none.
    """
    by_level: dict[str, list[Problem]] = {"error": [], "warning": []}
    for problem in problems:
        by_level["warning" if problem.warning else "error"].append(problem)
    lines = []
    for level, found in by_level.items():
        lines += [
            _annotation(level, it, path_of(it.mark.file) if it.mark.line else "") for it in found[:MOST]
        ]
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


def _path_in_repository(environment: Mapping[str, str], file: str) -> str:
    """The path that the forge knows a file by, or "" for what is not a file of the workspace."""
    here = Path.cwd()
    root = (find_settings(here) or here / FILE).parent
    place = Path(os.path.realpath((root / file).parent), (root / file).name)
    workspace = os.path.realpath(environment.get("GITHUB_WORKSPACE") or root)
    try:
        known = place.is_relative_to(workspace) and not stat.S_ISDIR(place.lstat().st_mode)
    except OSError:
        known = False
    return place.relative_to(workspace).as_posix() if known else ""


def _is_stdout(path: Path) -> bool:
    """Whether the step sends our stdout to its summary already (`>> "$GITHUB_STEP_SUMMARY"`)."""
    return path.exists() and os.path.samestat(path.stat(), os.fstat(_STDOUT))


def _append(path: Path, report: str) -> None:
    """Add a paragraph to the file, whole or not at all."""
    file = os.open(path, _FLAGS, 0o600)
    try:
        size = os.fstat(file).st_size
        content = (f"\n{report}" if size else report).encode()
        if size + len(content) > SUMMARY_LIMIT:
            raise OSError(0, f"with this report it would have more than {SUMMARY_LIMIT:,} bytes")
        if os.write(file, content) < len(content):
            os.ftruncate(file, size)
            raise OSError(0, "the disk is full")
    finally:
        os.close(file)
