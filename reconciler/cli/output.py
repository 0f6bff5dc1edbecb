"""Values -> what a command prints or saves, in the format that was asked for."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reconciler.cli.terminal import screen
from reconciler.core.errors import InputError, Interrupted, Unreported
from reconciler.core.text import printable
from reconciler.repo import atomic
from reconciler.report.render import render

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconciler.plan.run import PlanResult
    from reconciler.repo.settings import Settings
    from reconciler.report.render import Result
    from reconciler.rpm.session import LazySession


def say(text: str) -> None:
    """Print a result; a reader that went away (`| head`) changes nothing about the run or its exit code."""
    try:
        click.echo(text, nl=False)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def output_of(result: Result, output: str, record: Path | None = None) -> str:
    """A result in a format: for the terminal at hand, a program, a pull request or a browser.

    The HTML page of an audit draws the history that its record holds.
    """
    look = screen()
    kept = [] if record is None or output != "html" else record.read_text(errors="replace").splitlines()
    return render(result, output, width=look.width, color=look.color, record=kept)


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
    content = render(result, "json").encode("ascii")
    atomic.save(path, content, local=settings.local, doing="saving the plan")


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
