"""`reconciler drift`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from reconciler import putfile
from reconciler.cli.drifting import audit
from reconciler.cli.options import FORMATS, network_options, settings_from
from reconciler.cli.printing import drift_output, say
from reconciler.drift import record_line


@click.command(
    "drift", epilog="Example: reconciler drift --base origin/main --record audits.jsonl --format html"
)
@click.option("--base", metavar="REF", help="Compare the YAML of this commit, instead of the checkout's.")
@click.option("--format", "output", type=FORMATS, default="text", help="What to print.")
@click.option(
    "--record", type=click.Path(path_type=Path), help="Append one JSON line about this audit to a file."
)
@network_options
def command(base: str | None, output: str, record: Path | None, **flags: Any) -> int:
    """Show what RPM has that git did not say: since when, and who set the YAML line. Exits 2 when there is any.

    Made for schedules. Read calls alone; the HTML report draws the history that --record keeps.
    """
    found = audit(settings_from(flags), flags, base)
    if record is not None:
        line = record_line(found.drift, created=found.created, calls_made=found.calls_made)
        putfile.append(record, json.dumps(line).encode("ascii") + b"\n", doing="recording the audit")
    say(drift_output(found, output, record))
    if found.drift.plan.problems:
        return 1
    return 2 if found.drift.found else 0
