"""Carrying out a plan under signals: what `apply` does between the permission and the report."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

from reconciler.apply.executor import Executor
from reconciler.apply.interfaces import Tools
from reconciler.apply.journal import Journal
from reconciler.apply.result import ApplyReport, Outcome, Result
from reconciler.cli.terminal import progress
from reconciler.core.errors import Interrupted, Unreported
from reconciler.core.text import printable
from reconciler.rpm.editor import Editor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

    from reconciler.cli.planning import Run
    from reconciler.repo.settings import Settings


def lock_identity(settings: Settings) -> str:
    """What one apply at a time is about: the subscription, or the sandbox's own database."""
    if settings.url == "sandbox:":
        return f"sandbox: in {settings.local.resolve()}"
    return f"{settings.url.rstrip('/').lower()} (subscriber {settings.subscriber or 'not pinned'})"


def execute(run: Run) -> tuple[ApplyReport, int | None]:
    """Apply the plan of a run; the number of the signal that cut it short, if one did."""
    plan, connection = run.planned.plan, run.connection
    if not plan.edits:
        return ApplyReport((), plan.missing, connection.reader.calls, 0), None
    head = {"created": run.created, "url": plan.target.url, "customers": sorted(plan.edited_ids)}
    stamp = run.created.replace(":", "").replace("-", "")
    path = run.settings.local / "journal" / f"{stamp}-{secrets.token_hex(4)}.jsonl"
    journal = Journal(path, connection.clock, head)
    try:
        with progress("Editing") as told:
            done = 0

            def one_more(count: int) -> None:
                nonlocal done
                done += count
                told(done, len(plan.edits))

            tools = Tools(
                reader=connection.reader,
                editor=Editor(connection.client, connection.clock),
                journal=journal,
                retries=connection.retries,
                clock=connection.clock,
                stop=connection.stop,
                progress=one_more,
                unwritten=_unwritten,
            )
            work = Executor(
                plan, run.planned.observed, run.settings.rules, tools, read_age=run.settings.read_age
            )
            with stopping(work, tools, journal.path) as caught:
                report = work.run(parallel=run.settings.parallel)
    finally:
        journal.close()
    return report, caught[0] if caught else None


@contextmanager
def stopping(work: Executor, tools: Tools, journal: Path) -> Iterator[list[int]]:
    """A first signal lets calls in flight end, a second ends the waiting too; yields the signals caught.

    Once an edit was sent, a later signal, in the middle of the report say, must not be told as if nothing had been.
    """
    caught: list[int] = []

    def catch(number: int, frame: FrameType | None) -> None:
        del frame
        caught.append(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)
        tools.stop.set()
        if len(caught) > 1:
            work.hurry()

    def late(number: int, frame: FrameType | None) -> NoReturn:
        del frame
        told = f"interrupted after the edits; the journal {printable(str(journal))} says what became of each"
        raise Interrupted(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM, told)

    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {number: signal.signal(number, catch) for number in numbers}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, late if tools.editor.calls else handler)


@contextmanager
def truthful(run: Run) -> Iterator[None]:
    """An error of ours behind the first edit, of the report say, must not be told as if nothing had been edited."""
    try:
        yield
    except Interrupted:
        raise
    except Exception as error:
        if not run.connection.client.count("CustomerEdit"):
            raise
        if os.environ.get("RECONCILER_DEBUG"):
            traceback.print_exc()
        folder = printable(str(run.settings.local / "journal"))
        text = (
            f"an internal error after the edits, and our fault: {type(error).__name__}: {str(error)[:200]!r}"
        )
        advice = f"the newest file in {folder} says what became of each edit; running apply again finishes the work"
        raise Unreported(text, advice=advice) from error


def nothing_tried(run: Run, why: str) -> ApplyReport:
    """The report of an apply that was not allowed to begin."""
    plan = run.planned.plan
    chosen = {edit.customer_id: edit for edit in plan.edits}
    outcomes = tuple(
        Outcome(edit.customer_id, edit.name, edit.file, edit.line, Result.NOT_TRIED, why)
        for edit in chosen.values()
    )
    return ApplyReport(outcomes, plan.missing, run.calls_made, 0, stopped=why)


def _unwritten(customer_id: int, outcome: str) -> None:
    """A result that the journal could not take goes to stderr, one JSON line."""
    click.echo(json.dumps({"unwritten_result": customer_id, "outcome": outcome}), file=sys.stderr)
