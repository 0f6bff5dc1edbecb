"""`reconciler apply`."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.actions import summarize
from reconciler.cli.failures import told_after_edits
from reconciler.cli.options import (
    PAGES,
    confirm_options,
    format_option,
    invocation_from,
    network_options,
    plan_request,
    run_environment,
    selection_options,
    settings_from,
)
from reconciler.cli.output import output_of
from reconciler.cli.parameters import Command
from reconciler.cli.signals import SignalWatch
from reconciler.cli.streams import check_streams, say, tell, tell_problems
from reconciler.cli.terminal import progress
from reconciler.core.clock import stamp
from reconciler.core.errors import ReconcilerError, Refused
from reconciler.core.text import counted

if TYPE_CHECKING:
    from reconciler.plan.run import PlanResult
    from reconciler.plan.saved import SavedPlan
    from reconciler.report.next_command import Invocation


@click.command("apply", cls=Command, epilog="Example: reconciler apply --yes --confirm-edits 12")
@click.argument("paths", metavar="[PLAN.json|PATHS]", nargs=-1, type=click.Path(path_type=Path))
@selection_options
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@click.option("--expect", metavar="DIGEST", help="Refuse a plan with another digest.")
@format_option(*PAGES)
@confirm_options
@network_options
def command(output: str, expect: str | None, *, yes: bool, **flags: Any) -> int:
    """Plan, show the plan, ask, send the edits, verify each answer, and report.

    With PLAN.json, saved by `plan --out`, only what that plan permits is sent. PATHS (customer files, folders) and --select
    narrow it to some customers. Exits 3 when the plan is refused, 4 when edits were sent and not all is done: the report
    lists the outcome of each customer.
    """
    from reconciler.apply.lock import exclusive, lock_identity
    from reconciler.apply.result import exit_code
    from reconciler.apply.run import apply_plan, check_journal_place, nothing_tried
    from reconciler.plan.run import make_plan
    from reconciler.rpm.session import LazySession

    settings = settings_from(flags)
    saved, file = saved_plan(flags)
    how = invocation_from(flags, file)
    request, environment = plan_request(flags, saved), run_environment(flags)
    signals = SignalWatch()
    lock = exclusive(lock_identity(settings), os.environ, started=stamp(environment.clock))
    with told_after_edits(signals), LazySession(settings, environment) as session:
        with lock:
            check_journal_place(settings)
            with progress("Reading RPM") as told:
                result = make_plan(settings, request, session.reads, progress=told, warn=tell_problems)
            refusal = reason_not_to_begin(result, expect, how, yes=yes)
            if output == "text":
                say(output_of(result, output, replace(how, asking=refusal is None)))
            try:
                if refusal is not None:
                    raise refusal
                if result.edits and not yes:
                    ask(len(result.plan.edited_ids))
            except ReconcilerError as error:
                report = nothing_tried(result, error.what)
                if output != "text":
                    say(output_of(report, output, how))
                summarize(lambda: output_of(report, "markdown", how))
                raise
            with progress("Editing") as told:
                report = apply_plan(
                    result,
                    session.open(),
                    settings,
                    progress=told,
                    unwritten=unwritten,
                    control=signals.watch,
                )
        # The lock is free again: a reader of the report keeps nobody waiting.
        if result.edits or output != "text" or not report.done:
            say(output_of(report, output, how))
        summarize(lambda: output_of(report, "markdown", how))
    return exit_code(report, signal_number=signals.caught)


def saved_plan(flags: dict[str, Any]) -> tuple[SavedPlan | None, Path | None]:
    """The plan that the one path names, which then is no path any more; nothing where PATHS are customer files and folders."""
    from reconciler.plan.saved import read_plan

    named = [path for path in flags["paths"] if not path.is_dir() and path.suffix not in {".yaml", ".yml"}]
    if not named:
        return None, None
    if len(flags["paths"]) > 1:
        raise click.UsageError(f"{named[0]} is not a customer file; give a plan file alone")
    for name in ("select", "changed"):
        if flags[name]:
            raise click.UsageError(f"--{name} does not go with a plan file, which carries its own selection")
    flags["paths"] = ()
    return read_plan(named[0]), named[0]


def unwritten(customer_id: int, outcome: str) -> None:
    """A result that the journal could not take goes to stderr, one JSON line."""
    tell(json.dumps({"unwritten_result": customer_id, "outcome": outcome}))


def reason_not_to_begin(
    result: PlanResult, expect: str | None, how: Invocation, *, yes: bool
) -> ReconcilerError | None:
    """What forbids this plan, or the asking about it; None where apply goes on."""
    from reconciler.apply.run import check_allowed

    try:
        check_allowed(result, expect)
    except ReconcilerError as error:
        return error
    if yes or not result.edits or (sys.stdin is not None and sys.stdin.isatty()):
        return None
    why = "standard input is closed" if sys.stdin is None else "there is no terminal"
    from reconciler.report.next_command import after_plan

    (step,) = after_plan(result.plan, (), result.digest, how)
    advice = f"to apply this plan without being asked, add --yes: {step.said}"
    return Refused(f"cannot ask for confirmation: {why}; nothing was edited", advice=advice)


def ask(count: int) -> None:
    """Wait for the word; anything but `yes` is a no."""
    tell(f'Edit {counted(count, "customer")} in RPM? Type "yes" to continue:', end=" ")
    check_streams()  # who did not see the question has not answered it
    if answer() != b"yes":
        raise Refused("not confirmed; nothing was edited")


def answer() -> bytes:
    """The line that was typed, without its end; a terminal that went away has said nothing."""
    try:
        return sys.stdin.buffer.readline().removesuffix(b"\n")
    except OSError:
        return b""
