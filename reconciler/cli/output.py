"""Values -> what a command prints or saves, in the format that was asked for."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reconciler.apply.result import Result
from reconciler.cli.terminal import screen
from reconciler.core.errors import InputError, Interrupted, Unreported
from reconciler.core.text import printable
from reconciler.core.version import __version__
from reconciler.drift.model import drift_document
from reconciler.plan.document import digest, dump, plan_document, report_document
from reconciler.repo import atomic
from reconciler.report.drift_sheet import DriftSheet
from reconciler.report.view import PlanSheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconciler.apply.result import ApplyReport
    from reconciler.drift.audit import AuditResult
    from reconciler.plan.run import PlanResult
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import LazySession


def say(text: str) -> None:
    """Print a result; a reader that went away (`| head`) changes nothing about the run or its exit code."""
    try:
        click.echo(text, nl=False)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def plan_output(result: PlanResult, output: str) -> str:
    """The plan in a format."""
    return dump(_document(result)) if output == "json" else render(plan_sheet(result), output)


def render(sheet: PlanSheet, output: str) -> str:
    """A plan for people, for the terminal at hand, a pull request or a browser; each format is imported alone."""
    if output == "markdown":
        from reconciler.report.markdown import plan_markdown  # noqa: PLC0415

        return plan_markdown(sheet)
    if output == "html":
        from reconciler.report.html import plan_html  # noqa: PLC0415

        return plan_html(sheet)
    from reconciler.report.text import plan_text  # noqa: PLC0415

    look = screen()
    return plan_text(sheet, width=look.width, color=look.color)


def plan_sheet(result: PlanResult) -> PlanSheet:
    """What the renderers of a plan get."""
    return PlanSheet(
        result.plan, result.refusals, digest(result.plan), result.calls_made, result.created, __version__
    )


def report_output(report: ApplyReport, output: str) -> str:
    """The closing report in a format."""
    if output == "json":
        return dump(report_document(report, {result.value: len(report.of(result)) for result in Result}))
    if output == "markdown":
        from reconciler.report.markdown import apply_markdown  # noqa: PLC0415

        return apply_markdown(report)
    if output == "html":
        from reconciler.report.html import apply_html  # noqa: PLC0415

        return apply_html(report)
    from reconciler.report import text  # noqa: PLC0415

    look = screen()
    return text.apply_text(report, width=look.width, color=look.color)


def drift_output(audit: AuditResult, output: str, record: Path | None) -> str:
    """An audit in a format; the HTML page draws the history of the record."""
    if output == "json":
        return dump(drift_document(audit.drift, created=audit.created, calls_made=audit.calls_made))
    sheet = DriftSheet(audit.drift, audit.created, audit.calls_made, __version__)
    if output == "markdown":
        from reconciler.report.drift_markdown import drift_markdown  # noqa: PLC0415

        return drift_markdown(sheet)
    if output == "html":
        from reconciler.report.drift_html import drift_html  # noqa: PLC0415

        return drift_html(sheet, [] if record is None else record.read_text(errors="replace").splitlines())
    from reconciler.report.drift_text import drift_text  # noqa: PLC0415

    look = screen()
    return drift_text(sheet, width=look.width, color=look.color)


def check_place(path: Path | None, *, doing: str) -> None:
    """Refuse a file to write that could not be written, before any call is paid for."""
    if path is None or (path.parent.is_dir() and not path.is_dir()):
        return
    what = f"{path} is a folder" if path.is_dir() else f"there is no folder {path.parent}"
    raise InputError(
        f"{doing}: {what}", advice="name a file in a folder that exists; nothing was asked of RPM"
    )


def save_plan(path: Path, result: PlanResult, settings: Settings) -> None:
    """Write the plan document: whole or not at all, for its owner's eyes alone."""
    content = dump(_document(result)).encode("ascii")
    atomic.save(path, content, local=settings.local, doing="saving the plan")


def _document(result: PlanResult) -> dict[str, object]:
    """The plan document."""
    return plan_document(result.plan, result.refusals, created=result.created, calls_made=result.calls_made)


@contextmanager
def told_after_edits(session: LazySession, settings: Settings) -> Iterator[None]:
    """An error of ours behind the first edit, in the report say, must not be told as if nothing had been edited."""
    try:
        yield
    except Interrupted:
        raise
    except Exception as error:
        if not session.open().client.count("CustomerEdit"):
            raise
        if os.environ.get("RECONCILER_DEBUG"):
            traceback.print_exc()
        folder = printable(str(settings.local / "journal"))
        text = (
            f"an internal error after the edits, and our fault: {type(error).__name__}: {str(error)[:200]!r}"
        )
        advice = f"the newest file in {folder} says what became of each edit; running apply again finishes the work"
        raise Unreported(text, advice=advice) from error
