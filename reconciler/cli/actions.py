"""What GitHub Actions gets in addition to the ordinary output of a command; `ci.github` knows its form.

Annotations go to stderr, which the runner reads as it reads stdout: stdout may be a JSON document or a file that becomes a comment.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.core.values import Problem


def annotate(problems: Sequence[Problem]) -> None:
    """Have GitHub show the problems, in the pull request too."""
    if problems and "GITHUB_ACTIONS" in os.environ:
        from reconciler.ci.github import annotations_of

        for line in annotations_of(os.environ, problems):
            click.echo(line, err=True)


def summarize(report: Callable[[], str]) -> None:
    """Append a Markdown report to the step's summary; a failure is told and changes nothing else."""
    if "GITHUB_ACTIONS" in os.environ:
        from reconciler.ci import github

        github.append_summary(os.environ, report, lambda text: click.echo(text, err=True))
