"""`ci plan`: on a request or in a merge queue, what merging it would do in RPM. Calls no forge, and makes read calls alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.ci import checkout
from reconciler.ci.pipeline import Trigger
from reconciler.ci.planning import (
    after_merge,
    changes_nothing,
    headline_of,
    plan_json,
    plan_log,
    plan_markdown,
    steps_after_merge,
)
from reconciler.core.errors import InputError
from reconciler.core.text import counted
from reconciler.customers.load import load_sound
from reconciler.plan.run import PlanRequest, make_plan

if TYPE_CHECKING:
    from reconciler.ci.job import Job
    from reconciler.ci.results import StepResult
    from reconciler.plan.run import PlanResult


def plan_change(job: Job) -> StepResult:
    """Validate, and plan where there is a key and the change touches a customer or the settings."""
    if job.run.trigger not in {Trigger.REQUEST, Trigger.QUEUE}:
        raise InputError("`ci plan` is for requests and merge queues", advice="on main it is `ci approved`")
    return job.told("plan", lambda: _plan(job))


def _plan(job: Job) -> StepResult:
    checkout.check_head(job.repo, job.run.commit)
    settings = job.settings()
    if job.run.from_fork or not job.variables.get("RPM_API_KEY"):
        manifest = load_sound(settings)
        job.voice.warn(manifest.warnings)
        files = counted(len(manifest.customers), "customer")
        said = f"{files} checked; no plan, because the forge gave this run no key"
        return job.result("plan", "validated", said)
    base = checkout.commit_of(job.repo, job.run.base)
    if changes_nothing(job, settings, base):
        return job.result("plan", "nothing", "No customer is touched; nothing to apply")
    request = PlanRequest(base=base, changed=True, masked_by=_tips_as_fetched(job))
    with job.session(settings) as session:
        result = make_plan(settings, request, session.reads, progress=job.voice.progress, warn=job.voice.warn)
    job.voice.warn(result.problems)
    report = plan_markdown(result, following=after_merge(result))
    made = job.result("plan", "planned", headline_of(result), code=_code(result), report=report)
    log = plan_log(result, *steps_after_merge(result))
    return replace(made, base=base, digest=result.digest, files={"plan.json": plan_json(result)}, log=log)


def _tips_as_fetched(job: Job) -> tuple[str, ...]:
    """The branch that the request is for and the default branch, where this clone has them: what they mask by now is masked too."""
    tips = dict.fromkeys(f"refs/remotes/origin/{it}" for it in (job.run.branch, job.run.default) if it)
    return tuple(tip for tip in tips if checkout.has(job.repo, tip))


def _code(result: PlanResult) -> int:
    """1 for problems, 3 where `apply` would refuse, else 0."""
    if result.problems:
        return 1
    return 3 if result.refusals else 0
