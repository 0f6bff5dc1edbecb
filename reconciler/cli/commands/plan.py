"""`reconciler plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconciler.cli.actions import annotate, summarize
from reconciler.cli.options import PAGES, Command, format_option, network_options, settings_from
from reconciler.cli.output import check_place, plan_output, save_plan, say
from reconciler.cli.planning import plan_run, selection_options


@click.command(
    "plan", cls=Command, epilog="Example: reconciler plan --base origin/main --changed --out plan.json"
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@selection_options
@format_option(*PAGES)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan, for `apply FILE`."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are differences.")
@network_options
def command(output: str, out: Path | None, *, detailed_exitcode: bool, **flags: Any) -> int:
    """Show what differs between YAML and RPM, and what apply would send. Makes read calls alone.

    PATHS (files, folders) and --select narrow it to some customers.
    """
    check_place(out, doing="saving the plan")
    with plan_run(settings_from(flags), flags) as run:
        planned = run.planned
    if out is not None:
        save_plan(out, run)
    say(plan_output(run, output))
    summarize(lambda: plan_output(run, "markdown"))
    annotate(planned.plan.problems)
    if planned.plan.problems:
        return 1
    differs = bool(planned.plan.edits or planned.plan.missing)
    return 2 if detailed_exitcode and differs else 0
