"""Values -> what a command prints or saves, in the format that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.terminal import screen
from reconciler.core.errors import InputError
from reconciler.repo import atomic
from reconciler.report.render import render

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.plan.run import PlanResult
    from reconciler.repo.settings import Settings
    from reconciler.report.render import Result


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
