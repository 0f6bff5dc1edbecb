"""`reconciler set`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.options import file_options, select_option, settings_from
from reconciler.cli.output import say_lines
from reconciler.cli.parameters import Command
from reconciler.cli.streams import say, tell, tell_problems
from reconciler.core.errors import InputError
from reconciler.core.text import counted, printable
from reconciler.report.ci_escape import disarmed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.customers.set_values import SetResult
    from reconciler.report.styled import Line


@click.command(
    "set", cls=Command, epilog="Example: reconciler set Fields.Tier=Gold --select 'Acme*' --dry-run"
)
@click.argument("words", nargs=-1, metavar="[ATTRIBUTE=VALUE]...")
@select_option
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Take the values from a spreadsheet: CustomerID and attributes in the first row, then one customer per row.",
)
@click.option(
    "--clear", metavar="WORD", help='The value or cell that clears an attribute, as in --clear "-".'
)
@click.option("--dry-run", is_flag=True, help="Write nothing; show the difference of the files.")
@file_options
def command(
    words: tuple[str, ...],
    select: tuple[str, ...],
    file: Path | None,
    clear: str | None,
    *,
    dry_run: bool,
    **flags: Any,
) -> None:
    """Write values into the YAML of many customers, offline, touching only those values' characters.

    Every value is checked first; where one is wrong, nothing is written. An empty cell leaves the attribute alone, and one
    that a file does not manage yet is added. `reconciler list --format csv` writes such a spreadsheet.
    """
    from reconciler.customers.set_values import SheetRequest, WordsRequest, set_values

    if bool(words) == (file is not None):
        raise click.UsageError("give ATTRIBUTE=VALUE words or --from FILE.csv" + ", not both" * bool(words))
    for word in words:
        if word.partition("=")[1:] == ("=", ""):
            name = printable(word)
            raise click.UsageError(f"{name} has no text; to clear it, name a word: --clear - {name}-")
    if words and not select:
        raise click.UsageError("--select names the customers; --select '*' takes all")
    if file is not None and select:
        raise click.UsageError("the file of --from names the customers; --select goes with ATTRIBUTE=VALUE")
    request = (
        WordsRequest(words, select, clear)
        if file is None
        else SheetRequest(_read(file), printable(str(file)), clear)
    )
    result = set_values(settings_from(flags), request, dry_run=dry_run)
    tell_problems(result.warnings)
    if dry_run:
        say(disarmed(result.diff))
        tell(f"{_count(result, 'would be set')}. Nothing was written.")
    else:
        say_lines(_lines(result))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"reading {printable(str(file))}: {error.strerror}") from None


def _count(result: SetResult, done: str) -> str:
    """How much was set, and how much was so before."""
    if not result.values:
        return f"Nothing to set: {counted(result.unchanged, 'value')} already as asked"
    files = len({it.customer.file for it in result.values})
    already = f"; {counted(result.unchanged, 'value')} already as asked" if result.unchanged else ""
    return f"{counted(len(result.values), 'value')} {done} in {counted(files, 'file')}{already}"


def _lines(result: SetResult) -> Iterator[Line]:
    """The count first, then each value."""
    from reconciler.report.styled import Line

    yield Line(f"{_count(result, 'set')}.")
    for it in result.values:
        if it.masked:
            change = "added" if it.before is None else "changed"
        elif it.before is None:
            change = f"added: {_shown(it.after)}"
        else:
            change = f"{_shown(it.before)} → {_shown(it.after)}"
        said = f": {printable(it.attribute)}: {change}"
        yield Line().append(f"{it.customer.file}:{it.line}", "dim").append(said)


def _shown(text: str) -> str:
    return printable(text) or '""'
