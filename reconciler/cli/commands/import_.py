"""`reconciler import`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reconciler.adopt.importer import import_customers, load_folder
from reconciler.cli.options import Command, Whole, format_option, reading_options, settings_from
from reconciler.cli.output import say
from reconciler.cli.planning import run_environment
from reconciler.cli.terminal import progress
from reconciler.core.text import counted, printable
from reconciler.plan.document import FORMAT_VERSION, dump
from reconciler.report.ci_escape import disarmed
from reconciler.rpm.session import connect

if TYPE_CHECKING:
    from reconciler.adopt.importer import ImportResult


@click.command("import", cls=Command, epilog="Example: reconciler import --all")
@click.argument("ids", nargs=-1, type=Whole(1, 10**11 - 1))
@click.option("--all", "everything", is_flag=True, help="Every customer that has no file.")
@format_option()
@reading_options
def command(ids: tuple[int, ...], output: str, *, everything: bool, **flags: Any) -> int:
    """Write YAML files for customers that have none, as RPM has them now.

    IDS are CustomerIDs. Makes read calls alone. A run that was cut short is finished by running it again: a customer with a file is not read. Exits 4 when a
    customer cannot be written as YAML; it is listed with the reason.
    """
    if bool(ids) == everything:
        both = ", not both" if ids else ""
        raise click.UsageError(f"give CustomerIDs, or --all for every customer that has no file{both}")
    settings = settings_from(flags)
    manifest = load_folder(settings)
    with connect(settings, run_environment(flags)) as connection, progress("Importing") as told:
        intake = import_customers(
            connection, manifest, settings, None if everything else frozenset(ids), told
        )
        calls = connection.client.calls
    say(_document(intake, calls) if output == "json" else disarmed(_text(intake, calls)))
    return 4 if intake.left else 0


def _document(intake: ImportResult, calls: int) -> str:
    """The result as JSON."""
    return dump(
        {
            "format_version": FORMAT_VERSION,
            "summary": {"imported": len(intake.imported), "left": len(intake.left)},
            "calls": {"read": calls},
            "imported": [
                {"customer_id": it.customer_id, "name": it.name, "file": it.file, "notes": list(it.notes)}
                for it in intake.imported
            ],
            "left": [
                {"customer_id": it.customer_id, "name": it.name, "reason": it.reason} for it in intake.left
            ],
        }
    )


def _text(intake: ImportResult, calls: int) -> str:
    """The result for people: the sum first, then what was left, then the files."""
    left = f", {len(intake.left)} left" if intake.left else ""
    made = f"{counted(len(intake.imported), 'customer')} imported{left}"
    lines = [f"{made} ({counted(calls, 'call')})."]
    lines += [f"left: customer {it.customer_id} ({printable(it.name)}): {it.reason}" for it in intake.left]
    lines += [f"customer {it.customer_id} has a file: {it.mark()}" for it in intake.managed]
    for it in intake.imported:
        lines.append(f"{it.file}: customer {it.customer_id} ({printable(it.name)})")
        lines += [f"{it.file}: note: {note}, so it is left out" for note in it.notes]
    return "\n".join(lines) + "\n"
