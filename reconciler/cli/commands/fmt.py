"""`reconciler fmt`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import file_options, settings_from
from reconciler.cli.parameters import Command
from reconciler.cli.streams import say, tell
from reconciler.report.ci_escape import disarmed


@click.command("fmt", cls=Command, epilog="Example: reconciler fmt --check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit 2 when a file would change.")
@file_options
def command(paths: tuple[Path, ...], *, check: bool, **flags: Any) -> int:
    """Put customer files into canonical form: order of keys, quotes, indentation, blank lines.

    Comments stay with their key, and a file's meaning is proven unchanged before it is written. Prints the names of
    the files that change. PATHS (files, folders) narrow it.
    """
    from reconciler.customers.format_files import format_files

    result = format_files(settings_from(flags), paths, check=check)
    left = dict(result.left)
    say(disarmed("".join(f"{file}\n" for file in result.changed if file not in left)))
    for file, reason in result.left:
        tell(f"not formatted: {file}: {reason}")
    if left:
        return 1
    return 2 if check and result.changed else 0
