"""`reconciler fmt`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconciler.cli.options import Command, file_options, settings_from
from reconciler.cli.output import say
from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.customers.discovery import read_folder
from reconciler.customers.formatter import format_file
from reconciler.repo import atomic
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
    settings = settings_from(flags)
    contents, errors, _ = read_folder(settings.root / settings.customers, settings.customers)
    chosen = _chosen(contents, settings.root, paths)
    problems = [problem for problem in errors if not paths or problem.mark.file in dict(chosen)]
    changed = {}
    for file, content in chosen:
        try:
            after = format_file(content, file)
        except InvalidFiles as refused:
            problems += refused.problems
        else:
            if after != content:
                changed[file] = after
    if problems:
        raise InvalidFiles(problems)
    if not check:
        for file, after in changed.items():
            atomic.replace(settings.root / file, after, local=settings.local)
    say(disarmed("".join(f"{file}\n" for file in changed)))
    return 2 if check and changed else 0


def _chosen(
    contents: list[tuple[str, bytes]], root: Path, paths: tuple[Path, ...]
) -> list[tuple[str, bytes]]:
    """The files that the paths mean; each path must mean some."""
    places = {file: (root / file).resolve() for file, _ in contents}
    found = set()
    for path in paths:
        inside = {file for file, place in places.items() if place.is_relative_to(path.resolve())}
        if not inside:
            what = "holds no customer file" if path.exists() else "does not exist"
            raise InputError(
                f"formatting: {printable(str(path))} {what}",
                advice="name files or folders of customers, or none for all",
            )
        found |= inside
    return [(file, content) for file, content in contents if not paths or file in found]
