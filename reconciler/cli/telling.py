"""What is said beside a result, on stderr: words for people, and for GitHub the problems at their lines.

No CI runner command comes out of data: all words are looked at last, as the reports are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler.cli.actions import annotate
from reconciler.report.ci_escape import disarmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.core.values import Problem


def tell(text: str) -> None:
    """Say something to people."""
    click.echo(disarmed(text), err=True)


def tell_problems(problems: Sequence[Problem]) -> None:
    """Say each problem, a line each, and have GitHub show it where it is."""
    for problem in problems:
        tell(str(problem))
    annotate(problems)
