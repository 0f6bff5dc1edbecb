"""An exception -> what is told of it, and the exit code. One sentence and its advice; a traceback only where it is asked for."""

from __future__ import annotations

import os
import signal
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reconciler.cli.streams import check_streams
from reconciler.core.errors import Interrupted, InvalidFiles, ReconcilerError, Unreported
from reconciler.core.machine import machine_limit
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.cli.signals import SignalWatch


def failure_text(error: BaseException) -> tuple[str, int]:
    """The text for standard error, and the exit code."""
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return "interrupted; nothing was edited", 128 + signal.SIGINT
    if isinstance(error, click.UsageError):
        return _misused(error), ReconcilerError.exit_code
    if isinstance(error, click.ClickException):
        return f"Error: {error.format_message()}", ReconcilerError.exit_code
    if isinstance(error, InvalidFiles):
        return str(error), error.exit_code
    if isinstance(error, ReconcilerError):
        return f"Error: {error}", error.exit_code
    if os.environ.get("RECONCILER_DEBUG"):
        traceback.print_exception(error)
    what, advice = _unexpected(error)
    debug = "" if advice else "\n  → RECONCILER_DEBUG=1 shows where; nothing was edited"
    return f"Error: {ReconcilerError(what, advice=advice)}{debug}", ReconcilerError.exit_code


@contextmanager
def told_after_edits(signals: SignalWatch) -> Iterator[None]:
    """From the first edit sent, an error (a report that cannot be written, say) is told with the journal's place and exit code 4."""
    try:
        yield
        check_streams()
    except Interrupted:
        raise
    except Exception as error:
        control = signals.control
        if control is None or not control.edits_sent():
            raise
        if os.environ.get("RECONCILER_DEBUG"):
            traceback.print_exc()
        what = error.what if isinstance(error, ReconcilerError) else _unexpected(error)[0]
        journal = printable(str(control.journal))
        advice = f"the journal {journal} says what became of each edit; running apply again finishes the work"
        raise Unreported(f"edits were sent, then: {what}", advice=advice) from error


def _unexpected(error: BaseException) -> tuple[str, str]:
    """What happened, and advice, for an exception that no room of ours has named: a limit of the machine, the system, or us."""
    if limit := machine_limit(error):
        return limit.what, limit.advice
    if isinstance(error, OSError) and error.errno is not None:
        where = (
            f" ({printable(os.fsdecode(error.filename))})" if isinstance(error.filename, str | bytes) else ""
        )
        return f"the operating system refused: {error.strerror}{where}", ""
    return f"an internal error, and our fault: {type(error).__name__}: {str(error)[:200]!r}", ""


def _misused(error: click.UsageError) -> str:
    """What was wrong with the words, and where to read on; without any words, the help itself."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    where = error.ctx.command_path if error.ctx else "reconciler"
    return f"Error: {error.format_message()}\n  → {where} --help"
