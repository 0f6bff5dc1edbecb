"""`reconciler apply`."""

from __future__ import annotations

import hmac
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.apply.closing import exit_code
from reconciler.apply.lock import exclusive
from reconciler.cli.actions import summarize
from reconciler.cli.applying import execute, lock_identity, nothing_tried, truthful
from reconciler.cli.options import PAGES, Command, format_option, network_options, settings_from
from reconciler.cli.output import plan_output, report_output, say
from reconciler.cli.planning import confirm_options, plan_run, read_plan, selection_options
from reconciler.core.clock import Clock, stamp
from reconciler.core.errors import InvalidFiles, ReconcilerError, Refused
from reconciler.plan.document import digest

if TYPE_CHECKING:
    from reconciler.plan.model import Plan
    from reconciler.workflow import Planned


@click.command("apply", cls=Command, epilog="Example: reconciler apply --yes --confirm-edits 12")
@click.argument("plan_file", metavar="[PLAN.json]", required=False, type=click.Path(path_type=Path))
@selection_options
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@click.option("--expect", metavar="DIGEST", help="Refuse any plan but that of this digest.")
@format_option(*PAGES)
@confirm_options
@network_options
def command(plan_file: Path | None, output: str, expect: str | None, *, yes: bool, **flags: Any) -> int:
    """Plan, show the plan, ask, send the edits, verify each answer, and report.

    With PLAN.json, saved by `plan --out`, only what that plan permits is sent. Exits 3 when the plan is refused, 4
    when edits were sent and not all is done: the report says of each customer what became of it.
    """
    settings = settings_from(flags)
    saved = None if plan_file is None else read_plan(plan_file)
    if saved is not None and flags["select"]:
        raise click.UsageError("--select does not go with a plan file, which carries its own selection")
    lock = exclusive(lock_identity(settings), os.environ, started=stamp(Clock()))
    with lock, plan_run(settings, flags, saved) as run:
        plan = run.planned.plan
        if output == "text":
            say(plan_output(run, output))
        try:
            permit(run.planned, expect, digest(plan if saved is None else saved.plan))
            if plan.edits and not yes:
                ask(plan)
        except ReconcilerError as error:
            report = nothing_tried(run, error.what)
            if output != "text":
                say(report_output(report, output))
            summarize(lambda: report_output(report, "markdown"))
            raise
        with truthful(run):
            report, signal_number = execute(run)
    with truthful(run):  # the lock is free again: a reader who pages through the report keeps nobody waiting
        if plan.edits or output != "text" or not report.done:
            say(report_output(report, output))
        summarize(lambda: report_output(report, "markdown"))
    return exit_code(report, signal_number=signal_number)


def permit(planned: Planned, expect: str | None, made: str) -> None:
    """Raise what forbids to apply this plan, if anything does."""
    plan = planned.plan
    if plan.problems:
        raise InvalidFiles(plan.problems)
    if planned.refusals:
        reasons = "\n".join(
            f"refused: {refusal.message}" + (f"\n  → {refusal.flag}" if refusal.flag else "")
            for refusal in planned.refusals
        )
        raise Refused(f"{reasons}\nnothing was edited")
    if expect is not None and plan.edits and not hmac.compare_digest(made.encode(), expect.strip().encode()):
        advice = "look at the plan as it is now, and have that one approved"
        said = f"refused: this plan is {made}, not {expect[:80]!r}; nothing was edited"
        raise Refused(said, advice=advice)


def ask(plan: Plan) -> None:
    """Wait for the word; anything but `yes` is a no."""
    if not sys.stdin.isatty():
        advice = "--yes applies without asking; --expect DIGEST makes sure that it is this plan"
        raise Refused("nobody can be asked, because there is no terminal; nothing was edited", advice=advice)
    count = len(plan.edited_ids)
    click.echo(
        f"Edit {count} {'customer' if count == 1 else 'customers'} in RPM? Only yes is a yes: ",
        nl=False,
        err=True,
    )
    if sys.stdin.readline().removesuffix("\n") != "yes":
        raise Refused("not confirmed; nothing was edited")
