"""`reconciler plan`."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

import click

from reconciler.cli.actions import annotate, summarize
from reconciler.cli.options import (
    PAGES,
    format_option,
    invocation_from,
    network_options,
    plan_request,
    run_environment,
    selection_options,
    settings_from,
)
from reconciler.cli.output import open_output, output_of
from reconciler.cli.parameters import Command
from reconciler.cli.streams import say, tell_problems
from reconciler.cli.terminal import progress


@click.command(
    "plan", cls=Command, epilog="Example: reconciler plan --base origin/main --changed --out plan.json"
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@selection_options
@format_option(*PAGES)
@click.option("--out", metavar="FILE", help="Save the plan, for `apply FILE`; - is standard output.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are differences.")
@network_options
def command(output: str, out: str | None, *, detailed_exitcode: bool, **flags: Any) -> int:
    """Show what differs between YAML and RPM, and what apply would send. Makes only read calls.

    PATHS (files, folders) and --select narrow it to some customers.
    """
    from reconciler.plan.run import make_plan
    from reconciler.repo.output_file import is_stdout
    from reconciler.rpm.session import LazySession

    settings, how = settings_from(flags), invocation_from(flags)
    with (
        open_output(out, settings, doing="saving the plan") as file,
        LazySession(settings, run_environment(flags)) as session,
    ):
        with progress("Reading RPM") as told:
            result = make_plan(
                settings, plan_request(flags), session.reads, progress=told, warn=tell_problems
            )
        report = cache(partial(output_of, result, how=how))
        if file is not None:
            file.write(report("json").encode("ascii"))
    if out is None or not is_stdout(out):
        say(report(output))
    summarize(lambda: report("markdown"))
    annotate(result.problems)
    if result.problems:
        return 1
    differs = bool(result.edits or result.plan.missing)
    return 2 if detailed_exitcode and differs else 0
