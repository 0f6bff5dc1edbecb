"""`reconciler show`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.options import PAGES, format_option
from reconciler.cli.output import output_of
from reconciler.cli.parameters import Command
from reconciler.cli.streams import say


@click.command("show", cls=Command, epilog="Example: reconciler show plan.json --format markdown")
@click.argument("plan_file", metavar="PLAN.json", type=click.Path(path_type=Path))
@format_option(*PAGES)
def command(plan_file: Path, output: str) -> None:
    """Show a saved plan in any format, without any call."""
    from reconciler.plan.saved import read_plan
    from reconciler.report.next_command import Invocation

    say(output_of(read_plan(plan_file), output, Invocation(plan_file=str(plan_file))))
