"""`reconciler validate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.actions import annotate
from reconciler.cli.options import file_options, settings_from
from reconciler.cli.parameters import Command
from reconciler.cli.streams import problem_text, say
from reconciler.cli.terminal import screen
from reconciler.core.text import counted, printable
from reconciler.report.ci_escape import disarmed

if TYPE_CHECKING:
    from reconciler.customers.manifest import Manifest


@click.command("validate", cls=Command, epilog="Example: reconciler validate customers/acme-inc.yaml")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@file_options
def command(paths: tuple[Path, ...], **flags: Any) -> int:
    """Check all customer files offline, and report every problem at once.

    PATHS narrow what is reported; all files are read, because ids and names are unique across them.
    """
    from reconciler.customers.load import load

    settings = settings_from(flags)
    manifest = load(settings, only=paths)
    found = sorted((*manifest.problems, *manifest.warnings), key=lambda it: (it.mark.file, it.mark.line))
    width = screen().width
    lines = [*(problem_text(it, width) for it in found), _closing(manifest, printable(settings.customers))]
    say(disarmed("\n".join(lines) + "\n"))
    annotate(found)
    return 1 if manifest.problems else 0


def _closing(manifest: Manifest, folder: str) -> str:
    """How many problems there are, or else how many customers."""
    if manifest.problems:
        return f"{counted(len(manifest.problems), 'problem')} in {folder}."
    return f"{counted(len(manifest.customers), 'customer')} in {folder}: no problems."
