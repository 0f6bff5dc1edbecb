"""`reconciler drift`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from reconciler.cli.actions import annotate, summarize
from reconciler.cli.options import (
    PAGES,
    format_option,
    invocation_from,
    reading_options,
    run_environment,
    select_option,
    selection_from,
    settings_from,
)
from reconciler.cli.output import open_output, output_of, recorded_lines
from reconciler.cli.parameters import Command
from reconciler.cli.streams import say, tell_problems
from reconciler.cli.terminal import progress


@click.command("drift", cls=Command, epilog="Example: reconciler drift --record audits.jsonl --format html")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--base", metavar="REF", help="Compare the YAML of this commit, not the checkout's.")
@select_option
@format_option(*PAGES)
@click.option("--record", metavar="FILE", help="Append one JSON line about this audit.")
@reading_options
def command(base: str | None, output: str, record: str | None, **flags: Any) -> int:
    """Show where RPM differs from git: since when, why, and who set the YAML line.

    Made for schedules: exits 2 when there is drift. Makes only read calls. PATHS (files, folders) and --select narrow it to
    some customers. The HTML report draws the history that --record keeps.
    """
    from reconciler.customers.selection import EVERYBODY
    from reconciler.drift.audit import AuditRequest, find_drift
    from reconciler.report.documents import record_line
    from reconciler.rpm.session import LazySession

    selection = selection_from(flags)
    if record is not None and selection != EVERYBODY:
        raise click.UsageError("--record keeps audits of all customers; leave out PATHS and --select")
    settings, how = settings_from(flags), invocation_from({**flags, "base": base})
    with (
        open_output(record, settings, doing="recording the audit", append=True) as file,
        LazySession(settings, run_environment(flags)) as session,
    ):
        with progress("Reading RPM") as told:
            request = AuditRequest(base, selection)
            found = find_drift(settings, request, session.reads, progress=told, warn=tell_problems)
        if file is not None:
            file.write(json.dumps(record_line(found)).encode("ascii") + b"\n")
    say(output_of(found, output, how, recorded_lines(record)))
    summarize(lambda: output_of(found, "markdown", how))
    annotate(found.drift.plan.problems)
    if found.drift.plan.problems:
        return 1
    return 2 if found.drift.found else 0
