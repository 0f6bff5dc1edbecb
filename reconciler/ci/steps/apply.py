"""`ci apply`: sends the plan that `ci approved` let through, or that somebody started by hand, and no other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.apply.lock import exclusive, lock_identity
from reconciler.apply.result import exit_code
from reconciler.apply.run import apply_plan, check_allowed, check_journal_place
from reconciler.ci import checkout
from reconciler.ci.branch import check_tip, start_by_hand
from reconciler.ci.folders import APPLY, REVIEWED
from reconciler.ci.job import Overtaken
from reconciler.ci.pipeline import Forge
from reconciler.ci.planning import headline_of, plan_log, plan_markdown
from reconciler.ci.results import FOLDER, StepResult, read, results_folder
from reconciler.core.clock import stamp
from reconciler.core.errors import InputError, InvalidFiles, ReconcilerError, Refused
from reconciler.plan.run import PlanRequest, make_plan
from reconciler.report.render import render, view_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from reconciler.apply.run import RunControl
    from reconciler.ci.forges.interface import Api
    from reconciler.ci.job import Job
    from reconciler.plan.guards import Confirmed
    from reconciler.plan.run import PlanResult


@dataclass(frozen=True, slots=True)
class Editing:
    """What the keyboard's `apply` has too: who may stop it, who hears of results that no journal took, what was confirmed.

    `caught` gives the number of a signal that came, or None. `waiting` is the code where the plan waits for a review.
    """

    control: Callable[[RunControl], AbstractContextManager[object]]
    unwritten: Callable[[int, str], None]
    caught: Callable[[], int | None]
    confirmed: Confirmed
    waiting: int = 3


def apply_merged(job: Job, api: Api, editing: Editing) -> StepResult:
    """In the environment `rpm` an approved plan alone; in `rpm-reviewed` what somebody let run."""
    return job.told("apply", lambda: _apply(job, api, editing))


def _apply(job: Job, api: Api, editing: Editing) -> StepResult:
    job.need_key("RPM_EDIT_KEY")
    checkout.check_head(job.repo, job.run.commit)
    allowed = _allowed(job, api)
    if _waits(job, allowed):
        headline = f"The plan waits for the job in the environment {allowed.environment}"
        made = job.result("apply", "waiting", headline, code=editing.waiting)
        return replace(made, requests=allowed.requests, log=f"{headline}; nothing was edited\n")
    if allowed.state == "nothing":
        made = job.result("apply", "nothing", "Nothing to apply")
        return replace(made, requests=allowed.requests)
    settings = job.settings()
    variables = job.given()
    base = allowed.base or None
    request = PlanRequest(base=base, changed=base is not None, confirmed=editing.confirmed)
    with job.session(settings) as session:
        with exclusive(lock_identity(settings), variables, started=stamp(job.clock)):
            check_journal_place(settings)
            result = make_plan(
                settings, request, session.reads, progress=job.voice.progress, warn=job.voice.warn
            )
            try:
                check_tip(job, api, settings, result)
                check_allowed(result, allowed.digest)
            except Overtaken:
                raise
            except ReconcilerError as error:
                return _refused(job, result, allowed, error)
            report = apply_plan(
                result,
                session.open(),
                settings,
                progress=job.voice.progress,
                unwritten=editing.unwritten,
                control=editing.control,
            )
        code = exit_code(report, signal_number=editing.caught())
        state = "applied" if code == 0 else "failed"
        made = job.result(
            "apply", state, view_of(report).headline, code=code, report=render(report, "markdown")
        )
        return replace(
            made,
            requests=allowed.requests,
            digest=result.digest,
            base=allowed.base,
            log=render(report, "text"),
        )


def _allowed(job: Job, api: Api) -> StepResult:
    """What `ci approved` of this very run said, if it let it through for the environment of this job."""
    place = results_folder(job.run, job.variables)
    if place.is_relative_to(job.repo.root) and job.repo.tracks(place):
        raise Refused(
            f"git tracks {FOLDER}, so the files there are not results of this run; nothing was edited"
        )
    found = read(api.results(), job.name, "approved", job.run)
    if found is None:
        raise InputError("this run has no result of `ci approved`", advice="run the jobs in their order")
    if found.state not in {"approved", "review", "nothing"} or found.code:
        raise Refused(f"`ci approved` did not let this plan through ({found.headline}); nothing was edited")
    here = environment_of(job)
    if found.environment != here and not _waits(job, found):
        if found.state == "nothing":
            raise Refused("there is nothing to apply; nothing was edited")
        advice = f"the job in the environment {found.environment} applies this plan"
        raise Refused(
            f"this plan is for the environment {found.environment}, and this job runs in {here or 'none'}; nothing was edited",
            advice=advice,
        )
    if found.state != "nothing" and not found.digest:
        raise InputError("the result of `ci approved` names no plan")
    return found


def _waits(job: Job, found: StepResult) -> bool:
    """Whether this is the job for approved plans, which GitLab starts for any, and the plan is for the reviewed one."""
    here, other = job.environment(APPLY), job.environment(REVIEWED)
    return found.state == "review" and (environment_of(job), found.environment) == (here, other)


def environment_of(job: Job) -> str:
    """The environment that this job runs in, as the forge or the workflow says."""
    name = "ENVIRONMENT" if job.run.forge is Forge.GITHUB else "CI_ENVIRONMENT_NAME"
    return job.variables.get(name, "")


def _refused(job: Job, result: PlanResult, allowed: StepResult, error: ReconcilerError) -> StepResult:
    """The plan as it is now, why it was not applied, and the one start that applies it."""
    job.voice.say(f"Error: {error}")
    if isinstance(error, InvalidFiles):
        job.voice.warn(error.problems)
    following = (
        f"Digest `{result.digest}`\n\n{start_by_hand(job, allowed.base, result.digest, result.refusals)}"
    )
    report = plan_markdown(result, following=following)
    headline = f"Not applied: {headline_of(result)}"
    made = job.result("apply", "failed", headline, code=error.exit_code, report=report)
    return replace(
        made, requests=allowed.requests, base=allowed.base, digest=result.digest, log=plan_log(result)
    )
