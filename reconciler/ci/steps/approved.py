"""`ci approved`: on main, the plan of everything that was merged since the last apply, and whether requests showed all of it.

It is approved if each of its edits, by its `approval` hash, stands in the plan that a merged request's own last run left. What
else there is waits for a reviewer of the environment `rpm-reviewed`, or for somebody who starts it by hand.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.ci import checkout
from reconciler.ci.approval import find_approval
from reconciler.ci.branch import applied_since, check_tip, merged_since, start_by_hand
from reconciler.ci.folders import APPLY, REVIEWED
from reconciler.ci.pipeline import Trigger
from reconciler.ci.planning import changes_nothing, headline_of, plan_json, plan_log, plan_markdown
from reconciler.ci.results import StepResult, read
from reconciler.core.errors import InputError, InvalidFiles, Refused
from reconciler.core.text import counted
from reconciler.plan.run import PlanRequest, make_plan
from reconciler.report.markdown_escape import code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.ci.approval import Approval
    from reconciler.ci.branch import Merged, Since
    from reconciler.ci.forges.interface import Api
    from reconciler.ci.job import Job
    from reconciler.plan.run import PlanResult


def plan_merged(job: Job, api: Api) -> StepResult:
    """Its state is `approved`, `review` or `nothing`, its environment the one that the apply runs in; code 3 where nobody can approve."""
    concerned: list[int] = []
    return job.told("approved", lambda: _approved(job, api, concerned), concerned)


def _approved(job: Job, api: Api, concerned: list[int]) -> StepResult:
    job.need_key("RPM_READ_KEY")
    if job.run.trigger not in {Trigger.PUSH, Trigger.DISPATCH}:
        raise InputError("`ci approved` is for what was merged", advice="on a request it is `ci plan`")
    checkout.check_head(job.repo, job.run.commit)
    since = applied_since(job, api)
    job.voice.say(f"planning {since.why}")
    if job.run.trigger is Trigger.DISPATCH:
        return _by_hand(job, api, since)
    settings = job.settings()
    merged = merged_since(job, api, since.base)
    if api.tip(job.run.branch) == job.run.commit:  # else another run has more to say about them
        concerned += [it.number for it in merged.requests]
    if since.base and changes_nothing(job, settings, since.base):
        return _nothing(job, since, merged, "No customer is touched; nothing to apply")
    request = PlanRequest(base=since.base or None, changed=bool(since.base))
    with job.session(settings) as session:
        result = make_plan(settings, request, session.reads, progress=job.voice.progress, warn=job.voice.warn)
    if result.problems:
        raise InvalidFiles(result.problems)
    if not result.edits:
        return _nothing(job, since, merged, headline_of(result))
    check_tip(job, api, settings, result)
    document = plan_json(result)
    doubts = (*merged.doubts, *_judging(result))
    approval = find_approval(json.loads(document), _shown(job, api, merged), doubts)
    return replace(
        _judged(job, api, result, since, approval),
        base=since.base,
        digest=result.digest,
        requests=tuple(it.number for it in merged.requests),
        files={"plan.json": document},
        log=plan_log(result),
    )


def _by_hand(job: Job, api: Api, since: Since) -> StepResult:
    """Started by hand: whoever did has looked at the plan of this digest; what was not applied before it must be in it."""
    given = job.run.inputs
    base = checkout.commit_of(job.repo, given.base) if given.base else ""
    if (
        base
        and since.base
        and since.base != job.run.base
        and not checkout.is_ancestor(job.repo, base, since.base)
    ):
        raise Refused(
            f"base {base[:7]} is not an ancestor of {since.base[:7]}, the last commit that was applied: what was merged between them would not be applied",
            advice=f"base={since.base}",
        )
    environment = job.environment(REVIEWED)
    made = job.result("approved", "review", "Started by hand for the plan of a digest")
    merged = merged_since(job, api, base)
    numbers = tuple(it.number for it in merged.requests)
    return replace(made, environment=environment, base=base, digest=given.digest, requests=numbers)


def _nothing(job: Job, since: Since, merged: Merged, headline: str) -> StepResult:
    """An empty plan: it is applied all the same, so that the next run begins after it."""
    numbers = tuple(it.number for it in merged.requests)
    made = job.result("approved", "nothing", headline)
    return replace(made, environment=job.environment(APPLY), base=since.base, requests=numbers)


def _judged(job: Job, api: Api, result: PlanResult, since: Since, approval: Approval) -> StepResult:
    """What becomes of a plan with edits."""
    headline = headline_of(result)
    if approval.given:
        report = plan_markdown(
            result, following=f"Digest `{result.digest}`\n\nEvery edit was approved by merging it."
        )
        return replace(
            job.result("approved", "approved", headline, report=report), environment=job.environment(APPLY)
        )
    reviewed = job.environment(REVIEWED)
    reviewers = api.has_reviewers(reviewed)
    if reviewers:
        following = f"Next: a reviewer of the environment `{reviewed}` lets this plan run, or rejects the job"
    else:
        following = start_by_hand(job, since.base, result.digest, result.refusals)
        if reviewers is None:
            following = (
                f"The forge does not say whether the environment `{reviewed}` has reviewers.\n\n{following}"
            )
    reasons = "\n".join(f"- {reason}" for reason in _reasons(approval))
    report = plan_markdown(
        result,
        following=f"Not approved by merging alone:\n{reasons}\n\nDigest `{result.digest}`\n\n{following}",
    )
    made = job.result("approved", "review", headline, code=0 if reviewers else 3, report=report)
    return replace(made, environment=reviewed if reviewers else "")


def _judging(result: PlanResult) -> Iterator[str]:
    """Which settings that judge a plan were changed since base."""
    changed = [it.setting for it in result.plan.rules_changed]
    if changed:
        yield f"the settings that judge the plan were changed ({', '.join(changed)})"


def _reasons(approval: Approval) -> Iterator[str]:
    """Why a plan was not approved, in words."""
    for doubt in approval.doubts:
        yield code(doubt, 200)
    if approval.edits:
        more = f" and {len(approval.edits) - 5} more" if len(approval.edits) > 5 else ""
        named = ", ".join(code(it, 80) for it in approval.edits[:5])
        yield f"{counted(len(approval.edits), 'edit')} that no merged request has shown: {named}{more}"


def _shown(job: Job, api: Api, merged: Merged) -> Iterator[bytes]:
    """The plans that merged requests showed, each of the request's own newest commit and branch."""
    for request in merged.requests:
        files = api.planned(request, job.name)
        if files is None:
            job.voice.say(f"request {request.number} left no plan that is certainly its own")
            continue
        left = read(files, job.name, "plan")
        content = files.get(f"{job.name}/plan/plan.json")
        if left is None or content is None:
            continue
        if (left.request, left.head, left.branch) == (request.number, request.head, request.branch):
            yield content
        else:
            job.voice.say(f"request {request.number} left a plan of another commit or branch")
