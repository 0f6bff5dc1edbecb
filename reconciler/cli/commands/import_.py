"""`reconciler import`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.options import format_option, reading_options, run_environment, settings_from
from reconciler.cli.output import say_lines
from reconciler.cli.parameters import Command, Whole
from reconciler.cli.streams import say
from reconciler.cli.terminal import progress
from reconciler.core.attributes import CUSTOMER_ID_LIMIT
from reconciler.core.text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.adopt.importer import ImportResult
    from reconciler.report.styled import Line


@click.command("import", cls=Command, epilog="Example: reconciler import --all")
@click.argument("ids", nargs=-1, type=Whole(1, CUSTOMER_ID_LIMIT))
@click.option("--all", "everything", is_flag=True, help="Every customer that has no file.")
@format_option()
@reading_options
def command(ids: tuple[int, ...], output: str, *, everything: bool, **flags: Any) -> int:
    """Write YAML files for customers that have none, as RPM has them now.

    IDS are CustomerIDs. Makes only read calls. Run it again to finish an interrupted import: a customer with a file is not read. Exits 4 when a
    customer cannot be written as YAML; it is listed with the reason.
    """
    from reconciler.adopt.importer import import_customers
    from reconciler.rpm.session import LazySession

    if bool(ids) == everything:
        both = ", not both" if ids else ""
        raise click.UsageError(f"give CustomerIDs, or --all for every customer that has no file{both}")
    settings = settings_from(flags)
    asked = None if everything else frozenset(ids)
    with LazySession(settings, run_environment(flags)) as session, progress("Importing") as told:
        result = import_customers(settings, asked, session.reads, progress=told)
    if output == "json":
        say(_document(result))
    else:
        say_lines(_lines(result))
    return 4 if result.left else 0


def _document(result: ImportResult) -> str:
    """The result as JSON."""
    from reconciler.plan.document import FORMAT_VERSION, dump

    return dump(
        {
            "format_version": FORMAT_VERSION,
            "summary": {"imported": len(result.imported), "left": len(result.left)},
            "calls": {"read": result.calls_made},
            "imported": [
                {"customer_id": it.customer_id, "name": it.name, "file": it.file, "notes": list(it.notes)}
                for it in result.imported
            ],
            "left": [
                {"customer_id": it.customer_id, "name": it.name, "reason": it.reason} for it in result.left
            ],
        }
    )


def _lines(result: ImportResult) -> Iterator[Line]:
    """The result for people: the sum first, then what was left, then the files."""
    from reconciler.report.styled import Line

    left = f", {len(result.left)} left" if result.left else ""
    made = f"{counted(len(result.imported), 'customer')} imported{left}"
    yield Line(f"{made} ({counted(result.calls_made, 'call')}).")
    for one in result.left:
        yield Line(f"left: customer {one.customer_id} ({printable(one.name)}): {one.reason}")
    for it in result.managed:
        yield Line(f"customer {it.customer_id} already has a file: ").append(str(it.mark()), "dim")
    for new in result.imported:
        yield Line().append(new.file, "dim").append(f": customer {new.customer_id} ({printable(new.name)})")
        for note in new.notes:
            yield Line().append(new.file, "dim").append(f": note: {note}, so it is left out")
    if result.proposals:
        yield from (Line(), Line("For reconciler.yaml, where the evidence convinces you:"))
        yield from (
            Line(said, no_wrap=True) for said in ("# fields:", *map(printable, map(str, result.proposals)))
        )
