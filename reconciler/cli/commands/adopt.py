"""`reconciler adopt`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.options import format_option, reading_options, run_environment, settings_from
from reconciler.cli.output import say_lines
from reconciler.cli.parameters import Command, Whole
from reconciler.cli.streams import say, tell_problems
from reconciler.cli.terminal import progress
from reconciler.core.attributes import CUSTOMER_ID_LIMIT
from reconciler.core.text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.adopt.adopt import Adopted, AdoptResult
    from reconciler.adopt.candidates import NotAdopted
    from reconciler.report.styled import Line


@click.command("adopt", cls=Command, epilog="Example: reconciler adopt 10023 10057")
@click.argument("ids", nargs=-1, type=Whole(1, CUSTOMER_ID_LIMIT))
@click.option(
    "--base", metavar="REF", help="Only what RPM changed since this commit and this branch did not."
)
@format_option()
@reading_options
def command(ids: tuple[int, ...], base: str | None, output: str, **flags: Any) -> int:
    """Write drifted values of RPM into the YAML, touching only those values' characters.

    IDS are CustomerIDs; without them, all that drifted is adopted, but files with uncommitted changes are left
    alone. Makes only read calls. Exits 4 when something is left, a conflict with --base too; it is listed with the
    reason.
    """
    from reconciler.adopt.adopt import adopt_drift
    from reconciler.rpm.session import LazySession

    settings = settings_from(flags)
    with LazySession(settings, run_environment(flags)) as session, progress("Reading RPM") as told:
        result = adopt_drift(settings, ids, session.reads, base=base, progress=told, warn=tell_problems)
    if output == "json":
        say(_document(result))
    else:
        say_lines(_lines(result))
    return 0 if result.complete else 4


def _document(result: AdoptResult) -> str:
    """The result as JSON; a masked value is null."""
    from reconciler.plan.document import FORMAT_VERSION, dump, problem_object

    return dump(
        {
            "format_version": FORMAT_VERSION,
            "summary": {"adopted": len(result.adopted), "left": len(result.left)},
            "calls": {"read": result.calls_made},
            "adopted": [
                {
                    **_placed(it),
                    "line": it.line,
                    "before": None if it.candidate.masked else it.candidate.before,
                    "after": None if it.candidate.masked else it.candidate.text,
                    "masked": it.candidate.masked,
                }
                for it in result.adopted
            ],
            "left": [
                {
                    **_placed(it),
                    "line": it.candidate.customer.mark(it.candidate.attribute).line,
                    "reason": it.reason,
                }
                for it in result.left
            ],
            "missing": [
                {
                    "customer_id": it.customer_id,
                    "name": it.name,
                    "file": it.file,
                    "line": it.line,
                    "hint": it.hint,
                }
                for it in result.missing
            ],
            "problems": [problem_object(it) for it in result.problems],
        }
    )


def _placed(it: Adopted | NotAdopted) -> dict[str, object]:
    """Whose value it is, and in which file."""
    candidate = it.candidate
    return {
        "customer_id": candidate.customer_id,
        "file": candidate.customer.file,
        "attribute": candidate.attribute,
    }


def _lines(result: AdoptResult) -> Iterator[Line]:
    """The result for people: the sum first, then what was left, then what was written."""
    from reconciler.report.styled import Line

    calls = counted(result.calls_made, "call")
    if result.complete and not result.adopted:
        yield Line(f"Nothing has drifted; no file was changed ({calls}).")
        return
    files = len({it.candidate.customer.file for it in result.adopted})
    yield Line(f"{counted(len(result.adopted), 'value')} adopted in {counted(files, 'file')} ({calls}).")
    for left in result.left:
        mark = left.candidate.customer.mark(left.candidate.attribute)
        said = f": {printable(left.candidate.attribute)}: {left.reason}"
        yield Line("left: ").append(f"{mark.file}:{mark.line}", "dim").append(said)
    for gone in result.missing:
        hint = f"; {gone.hint}" if gone.hint else ""
        said = f": {printable(gone.name)} is not in RPM{hint}"
        yield Line("left: ").append(f"{gone.file}:{gone.line}", "dim").append(said)
    for problem in result.problems:
        yield Line("left: ").append(str(problem.mark), "dim").append(f": {problem.message}")
    for it in result.adopted:
        before, after = _shown(it.candidate.before), _shown(it.candidate.text)
        change = "changed" if it.candidate.masked else f"{before} → {after}"
        said = f": {printable(it.candidate.attribute)}: {change}"
        yield Line().append(f"{it.candidate.customer.file}:{it.line}", "dim").append(said)


def _shown(text: str) -> str:
    return printable(text) or '""'
