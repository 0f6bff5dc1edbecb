"""What the steps that plan share: whether a change touches anything that RPM would see, and a plan's words in a pipeline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.ci import checkout
from reconciler.ci.folders import settings_path
from reconciler.core.text import counted
from reconciler.customers.load import load_sound
from reconciler.customers.revision import CommittedYaml, read_commit
from reconciler.plan.document import dump
from reconciler.report.markdown import markdown
from reconciler.report.next_command import NextStep
from reconciler.report.render import view_of
from reconciler.report.text import text

if TYPE_CHECKING:
    from reconciler.ci.job import Job
    from reconciler.plan.run import PlanResult
    from reconciler.repo.settings import Settings


def changes_nothing(job: Job, settings: Settings, base: str) -> bool:
    """Whether the change since base leaves the settings and every customer as they were; the files are checked for it."""
    manifest = load_sound(settings)
    paths = checkout.changed_paths(job.repo, base, job.run.commit)
    if settings_path(job.folder) in paths:
        return False
    then = read_commit(job.repo, checkout.commit_of(job.repo, base), settings, shown=base)
    if not isinstance(then, CommittedYaml) or any(map(then.said.differs, manifest.customers)):
        return False
    job.voice.warn(manifest.warnings)
    return True


def plan_json(result: PlanResult) -> str:
    """The plan document, as `plan --out` saves it."""
    return dump(result.document)


def plan_markdown(result: PlanResult, *, following: str) -> str:
    """The plan for a request or a job's page, with what comes next in this pipeline for the keyboard's next command."""
    view = view_of(result)
    if result.problems:
        view = replace(view, next=(), digest="", ending=f"Next: {_fix(result)}")
    elif result.edits:
        view = replace(view, next=(), digest="", ending=following)
    return markdown(view)


def plan_log(result: PlanResult, *following: NextStep) -> str:
    """The plan for the job's log, with what comes next in this pipeline."""
    return text(replace(view_of(result), next=following), width=None, color=False)


def headline_of(result: PlanResult) -> str:
    """The plan in one line."""
    return view_of(result).headline


def after_merge(result: PlanResult) -> str:
    """What comes next where a plan is shown in a request: merging it, or what stands in the way."""
    if result.refusals:
        reasons = "\n".join(f"- {it.message}" for it in result.refusals)
        return f"Digest {result.digest}<br>\nNext: apply would refuse this plan:\n{reasons}\n\n{_lifted(result)}".rstrip()
    return f"Digest {result.digest}<br>\nNext: {_merge(result)}"


def steps_after_merge(result: PlanResult) -> tuple[NextStep, ...]:
    """The same for the log, which names the reasons above."""
    if result.problems:
        return (NextStep(before=_fix(result)),)
    if not result.edits:
        return ()
    if result.refusals:
        return (NextStep(before=f"apply would refuse this plan. {_lifted(result)}".rstrip()),)
    return (NextStep(before=_merge(result)),)


def _merge(result: PlanResult) -> str:
    return f"merge; the pipeline applies this plan, {result.digest}"


def _fix(result: PlanResult) -> str:
    return f"fix {counted(len(result.problems), 'problem')} and push; until then the pipeline applies nothing"


def _lifted(result: PlanResult) -> str:
    """Which flags lift what is in the way, if any do."""
    flags = " ".join(sorted({it.flag for it in result.refusals if it.flag}))
    return (
        f"If all this is meant, the apply on main is to be started with {flags}, added by hand."
        if flags
        else ""
    )
