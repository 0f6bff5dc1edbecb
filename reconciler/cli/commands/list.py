"""`reconciler list`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.options import file_options, select_option, selection_from, settings_from
from reconciler.cli.parameters import Command
from reconciler.cli.streams import say, say_bytes, tell, tell_problems
from reconciler.cli.terminal import screen
from reconciler.core.text import counted
from reconciler.report.ci_escape import disarmed


@click.command("list", cls=Command, epilog="Example: reconciler list --select Fields.Tier=Gold --format csv")
@select_option
@click.option(
    "--columns",
    multiple=True,
    metavar="ATTRIBUTE,…",
    help="Only these attributes, as in Website,Fields.Tier; repeatable. One whose name has a comma stands alone. Id and name come first.",
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    metavar="FORMAT",
    help="Print text, json or csv.  [text]",
)
@file_options
def command(columns: tuple[str, ...], output: str, **flags: Any) -> None:
    """List the customers in YAML with their managed attributes, offline.

    `reconciler set --from` reads what --format csv writes. Masked values are not shown; in csv, their
    columns are left out.
    """
    from reconciler.customers.attribute_names import known_attributes
    from reconciler.customers.listing import customer_table, parse_columns, table_csv
    from reconciler.customers.load import load_sound
    from reconciler.customers.mask_names import check_mask_offline
    from reconciler.customers.selection import selected

    settings = settings_from(flags)
    manifest = load_sound(settings, may_be_empty=True)
    check_mask_offline(settings, manifest)
    tell_problems(manifest.warnings)
    chosen = selected(manifest, selection_from(flags), settings)
    named = parse_columns(columns, known_attributes(manifest.customers, settings.rules)) if columns else ()
    table = customer_table(chosen, settings.rules, named)
    if output == "csv":
        if hidden := table.masked & set(table.attributes):
            tell(f"{counted(len(hidden), 'masked attribute')} left out")
        say_bytes(table_csv(table))
    elif output == "json":
        from reconciler.plan.document import dump
        from reconciler.report.customer_list import list_document

        say(dump(list_document(table)))
    else:
        from reconciler.report.customer_list import list_text

        say(disarmed(list_text(table, screen().width or 80)))
