"""`reconciler validate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import Command, file_options, settings_from
from reconciler.showing import counted
from reconciler.workflow import load


@click.command("validate", cls=Command, epilog="Example: reconciler validate customers/acme-inc.yaml")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@file_options
def command(paths: tuple[Path, ...], **flags: Any) -> int:
    """Check all customer files offline, and report every problem at once.

    PATHS narrow what is reported; all files are read, because ids and names are unique across them.
    """
    settings = settings_from(flags)
    manifest = load(settings, only=paths)
    for found in sorted(
        (*manifest.problems, *manifest.warnings), key=lambda it: (it.mark.file, it.mark.line)
    ):
        click.echo(str(found))
    if manifest.problems:
        click.echo(f"{counted(len(manifest.problems), 'problem')} in {settings.customers}.")
        return 1
    click.echo(f"{counted(len(manifest.customers), 'customer')} in {settings.customers}: no problems.")
    return 0
