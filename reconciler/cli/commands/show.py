"""`reconciler show`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.options import PAGES, Command, format_option
from reconciler.cli.output import render, say
from reconciler.plan.document import dump
from reconciler.plan.saved import read_plan
from reconciler.report.view import PlanSheet


@click.command("show", cls=Command, epilog="Example: reconciler show plan.json --format markdown")
@click.argument("plan_file", metavar="PLAN.json", type=click.Path(path_type=Path))
@format_option(*PAGES)
def command(plan_file: Path, output: str) -> None:
    """Show a saved plan in any format, without a single call."""
    saved = read_plan(plan_file)
    if output == "json":
        say(dump(saved.document))
        return
    meta = saved.document["meta"]
    say(
        render(
            PlanSheet(
                saved.plan,
                saved.refusals,
                saved.document["digest"],
                meta["calls_made"],
                meta["created"],
                meta["tool_version"],
            ),
            output,
        )
    )
