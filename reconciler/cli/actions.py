"""What GitHub Actions gets beside the ordinary output: problems at their file and line, and the step's summary.

Nothing here happens outside of Actions (`GITHUB_ACTIONS=true`), and nothing here changes stdout or an exit code. Annotations
go to stderr, which the runner reads as it reads stdout: stdout may be a JSON document or a file that becomes a comment.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reconciler.repo.settings import FILE, find_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.core.values import Problem

SUMMARY_LIMIT: Final = 1024 * 1024
"""Bytes; of a step whose summary is larger, GitHub shows none of it."""

_STDOUT: Final = 1
_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC


def in_actions() -> bool:
    """Whether a runner of GitHub Actions, or one that says it is like it, reads our output."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotate(problems: Sequence[Problem]) -> None:
    """Have GitHub show the problems, in the pull request too."""
    if problems and in_actions():
        from reconciler.ci.github import annotation_lines  # noqa: PLC0415 - nobody else pays for it

        for line in annotation_lines(problems, _path_in_repository):
            click.echo(line, err=True)


def summarize(report: Callable[[], str]) -> None:
    """Append a Markdown report to the step's summary; a failure is said and changes nothing else."""
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name or not in_actions():
        return
    path = Path(name)
    try:
        if not _is_stdout(path):
            _append(path, report())
    except OSError as error:
        with suppress(OSError):
            click.echo(f"the step's summary could not be written: {error.strerror}", err=True)


def _path_in_repository(file: str) -> str:
    """The path that the forge knows a file by, or "" for what is not a file of the workspace."""
    here = Path.cwd()
    root = (find_settings(here) or here / FILE).parent
    place = Path(os.path.realpath((root / file).parent), (root / file).name)
    workspace = os.path.realpath(os.environ.get("GITHUB_WORKSPACE") or root)
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
