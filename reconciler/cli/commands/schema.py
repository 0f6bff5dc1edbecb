"""`reconciler schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.options import reading_options, run_environment, settings_from
from reconciler.cli.parameters import Command
from reconciler.cli.streams import say, tell
from reconciler.core.attributes import field_name
from reconciler.core.text import printable

if TYPE_CHECKING:
    from reconciler.repo.settings import Settings


@click.command("schema", cls=Command, epilog="Example: reconciler schema --live")
@click.option("--live", is_flag=True, help="Ask RPM which fields it has, and allow no others; two calls.")
@reading_options
def command(*, live: bool, **flags: Any) -> None:
    """Print the JSON Schema of a customer file, for editors.

    Fields that reconciler.yaml describes are checked by their type. Without --live nothing is asked of RPM.
    """
    from reconciler.customers.schema import customer_schema
    from reconciler.plan.document import dump

    settings = settings_from(flags)
    field_types = settings.rules.field_types
    names = fields_in_rpm(settings, flags) if live else None
    for name in map(field_name, field_types):
        if names is not None and name not in names:
            tell(f'reconciler.yaml describes "{printable(name)}", which RPM does not have')
    say(dump(customer_schema(field_types, names)))


def fields_in_rpm(settings: Settings, flags: dict[str, Any]) -> tuple[str, ...]:
    """The custom fields that RPM shows; without --live nobody pays for importing HTTP."""
    from reconciler.rpm.reader import field_names
    from reconciler.rpm.session import open_session

    with open_session(settings, run_environment(flags)) as session:
        return field_names(session.reads.reader)
