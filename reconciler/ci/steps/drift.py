"""`ci drift`: the nightly audit. Its history is kept in `.reconciler/`, which the pipeline carries from night to night."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reconciler.ci import checkout
from reconciler.ci.pipeline import Trigger
from reconciler.ci.steps.adopt import adopt_values
from reconciler.core.clock import stamp
from reconciler.core.errors import InputError
from reconciler.drift.audit import AuditRequest, find_drift
from reconciler.plan.document import fingerprint
from reconciler.repo.bounds import REFRESH
from reconciler.repo.output_file import OutputFile
from reconciler.repo.state_dir import needed_folder
from reconciler.report.documents import record_line
from reconciler.report.render import render, view_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.ci.forges.interface import Api
    from reconciler.ci.job import Job
    from reconciler.ci.results import StepResult
    from reconciler.drift.audit import AuditResult
    from reconciler.repo.settings import Settings

RECORD: Final = "audits.jsonl"


def audit_rpm(job: Job, forge: Callable[[], Api]) -> StepResult:
    """Compare all of RPM with the checkout; 0 with or without drift. In a run that names customers to adopt, `adopt_values`."""
    if job.run.trigger is not Trigger.ADOPT:
        return job.told("drift", lambda: _drift(job))
    job.need_key("RPM_READ_KEY")
    checkout.check_head(job.repo, job.run.commit)
    return job.told("adopt", lambda: adopt_values(job, forge()))


def _drift(job: Job) -> StepResult:
    job.need_key("RPM_READ_KEY")
    checkout.check_head(job.repo, job.run.commit)
    settings = replace(job.settings(), refresh=refresh(job))
    with job.session(settings) as session:
        found = find_drift(
            settings, AuditRequest(), session.reads, progress=job.voice.progress, warn=job.voice.warn
        )
    problems = found.drift.plan.problems
    job.voice.warn(problems)
    history = _record(settings, job, found)
    state = "failed" if problems else ("drift" if found.drift.found else "clean")
    made = job.result(
        "drift",
        state,
        view_of(found).headline,
        code=1 if problems else 0,
        report=render(found, "markdown"),
    )
    return replace(
        made,
        mark=_mark(found),
        log=render(found, "text"),
        files={"drift.html": render(found, "html", record=history), "drift.json": render(found, "json")},
    )


def refresh(job: Job) -> str:
    """What REFRESH says; else everything is read on Sundays (UTC), and on other days what may have moved since the last reading."""
    if job.variables.get("REFRESH") in REFRESH:
        return job.variables["REFRESH"]
    today = dt.datetime.fromisoformat(stamp(job.clock))
    return "full" if today.isoweekday() == 7 else "modified"


def _record(settings: Settings, job: Job, found: AuditResult) -> list[str]:
    """Append this audit to the record that is carried from night to night; one that a branch brought along is refused."""
    path = settings.local / RECORD
    if path.exists() and job.repo.tracks(path):
        raise InputError(
            f"git tracks {RECORD} of .reconciler; this record is not used",
            advice="remove it from git (git rm)",
        )
    needed_folder(settings.local)
    with OutputFile.open(path, doing="recording the audit", timeout=settings.timeout, append=True) as record:
        record.write(json.dumps(record_line(found)).encode("ascii") + b"\n")
    return path.read_text(errors="replace").splitlines()


def _mark(found: AuditResult) -> str:
    """A hash of what has drifted: customers, attributes and RPM's values; masked ones by name alone."""
    plan = found.drift.plan
    drifted = {
        str(edit.customer_id): {it.attribute: None if it.masked else it.before for it in edit.changes}
        for edit in plan.edits
    }
    return fingerprint({"drift": drifted, "missing": [it.customer_id for it in plan.missing]})
