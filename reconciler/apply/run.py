"""`apply_plan`: a plan that may be applied -> one outcome per customer. The only place that makes an editor."""

from __future__ import annotations

import hmac
import secrets
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.apply.executor import Executor
from reconciler.apply.interfaces import Tools
from reconciler.apply.journal import Journal, check_writable, remove_old_journals
from reconciler.apply.result import ApplyReport, EditResult, Result, outcomes
from reconciler.core.errors import InvalidFiles, Refused
from reconciler.rpm.editor import Editor

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from reconciler.plan.run import PlanResult
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import Session


_FOLDER: Final = "journal"


@dataclass(frozen=True, slots=True)
class RunControl:
    """What may be asked of a running apply from outside, by a signal handler say; safe from any thread.

    `stop` lets edits in flight end and starts no other; `hurry` ends the waiting for those too. `edits_sent` counts.
    """

    stop: threading.Event
    hurry: Callable[[], None]
    edits_sent: Callable[[], int]
    journal: Path


def apply_plan(
    result: PlanResult,
    session: Session,
    settings: Settings,
    *,
    progress: Callable[[int, int], None],
    unwritten: Callable[[int, str], None],
    control: Callable[[RunControl], AbstractContextManager[object]] = nullcontext,
) -> ApplyReport:
    """Send the plan's edits, verify each answer, and report. Nothing is sent that the plan does not name.

    `progress` is told how many edits of how many are done, `unwritten` of results that the journal could not take.
    Raises what `check_allowed` raises, before the first edit; after it, it always returns a report.
    """
    check_allowed(result)
    plan, reads = result.plan, session.reads
    if not plan.edits:
        return ApplyReport((), plan.missing, reads.reader.calls, 0)
    journal = _journal(result, session, settings, unwritten)
    done = 0

    def one_more(count: int) -> None:
        nonlocal done
        done += count
        progress(done, len(plan.edits))

    try:
        tools = Tools(
            reader=reads.reader,
            editor=Editor(session.client, reads.clock),
            journal=journal,
            retries=session.retries,
            clock=reads.clock,
            stop=session.stop,
            progress=one_more,
            notice=reads.announce,
        )
        work = Executor(plan, result.observed, result.rules, tools, read_age=settings.read_age)
        with control(RunControl(session.stop, work.hurry, lambda: tools.editor.calls, journal.path)):
            return work.run(parallel=settings.parallel)
    finally:
        journal.close()


def check_journal_place(settings: Settings) -> None:
    """Raise `JournalError` where no journal could be written, for whoever has the reads of a plan still to pay for."""
    check_writable(settings.local / _FOLDER)


def check_allowed(result: PlanResult, expect: str | None = None) -> None:
    """Raise `InvalidFiles` or `Refused` where this plan must not be applied, or is not the one of the digest `expect`."""
    plan = result.plan
    if plan.problems:
        raise InvalidFiles(plan.problems)
    if result.refusals:
        reasons = "\n".join(
            f"refused: {refusal.message}" + (f"\n  → {refusal.flag}" if refusal.flag else "")
            for refusal in result.refusals
        )
        raise Refused(f"{reasons}\nnothing was edited")
    made = result.digest
    if expect is not None and plan.edits and not hmac.compare_digest(made.encode(), expect.strip().encode()):
        advice = "look at the plan as it is now, and have that one approved"
        said = f"refused: this plan is {made}, not {expect[:80]!r}; nothing was edited"
        raise Refused(said, advice=advice)


def nothing_tried(result: PlanResult, why: str) -> ApplyReport:
    """The report of an apply that was not allowed to begin."""
    ended = dict.fromkeys(range(len(result.plan.edits)), EditResult(Result.NOT_TRIED, why))
    found = outcomes(result.plan, ended, result.observed)
    return ApplyReport(found, result.plan.missing, result.calls_made, 0, stopped=why, refused=result)


def _journal(
    result: PlanResult, session: Session, settings: Settings, unwritten: Callable[[int, str], None]
) -> Journal:
    """A new journal, named by the moment of the plan."""
    plan = result.plan
    head = {"created": result.created, "url": plan.target.url, "customers": sorted(plan.edited_ids)}
    moment = result.created.replace(":", "").replace("-", "")
    path = settings.local / _FOLDER / f"{moment}-{secrets.token_hex(4)}.jsonl"
    journal = Journal(path, session.reads.clock, head, unwritten)
    remove_old_journals(path.parent, session.reads.clock.now().wall)
    return journal
