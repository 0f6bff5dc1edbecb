"""What a run on the branch that is applied must know: since when nothing was applied, what was merged since, where the tip is."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.ci import checkout
from reconciler.ci.folders import APPLY, REVIEWED, pipeline_files, settings_path
from reconciler.ci.job import Overtaken
from reconciler.ci.pipeline import Forge
from reconciler.core.text import counted
from reconciler.customers.revision import CommittedYaml, read_commit
from reconciler.customers.said import say_the_same
from reconciler.report.markdown_escape import code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.ci.forges.interface import Api, Request
    from reconciler.ci.job import Job
    from reconciler.customers.revision import CommitYaml
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Edit
    from reconciler.plan.run import PlanResult
    from reconciler.repo.settings import Settings

_MOST_COMMITS: Final = 200
"""Merged commits that a forge is asked about, a call each; for more of them somebody looks."""


@dataclass(frozen=True, slots=True)
class Since:
    """Where the plan of a run on main begins: a commit, or "" for all customers; and why, in words."""

    base: str
    why: str


def applied_since(job: Job, api: Api) -> Since:
    """The commit of the last apply that ended with 0; else the push's first; else all customers."""
    run = job.run
    for commit in api.applied([job.environment(APPLY), job.environment(REVIEWED)]):
        if checkout.on_line(job.repo, commit, run.commit):
            return Since(commit, f"everything since {commit[:7]}, the last commit that was applied")
    if run.base and checkout.has(job.repo, run.base):
        return Since(
            run.base, f"everything since {run.base[:7]}: the forge knows no earlier apply that succeeded"
        )
    return Since("", "all customers: the forge knows no earlier apply and no commit before this one")


@dataclass(frozen=True, slots=True)
class Merged:
    """The requests merged since base, and what keeps every edit of theirs from being approved by itself."""

    requests: tuple[Request, ...]
    doubts: tuple[str, ...]


def merged_since(job: Job, api: Api, base: str) -> Merged:
    """Ask the forge who made each commit of the branch since base; git, whether one touched what judges a plan."""
    run = job.run
    start = base or run.base
    if not start or not checkout.has(job.repo, start):
        return Merged((), ("it is not known what was merged",))
    commits = checkout.first_parents(job.repo, start, run.commit)
    doubts = []
    if len(commits) > _MOST_COMMITS:
        doubts.append(f"{counted(len(commits), 'commit')} were merged, too many to ask the forge about")
    paths = checkout.changed_paths(job.repo, start, run.commit)
    if files := pipeline_files(run, job.repo, paths, start):
        doubts.append(f"the pipeline itself was changed ({files[0]})")
    if not base:
        doubts.append("no earlier apply is known")
    found = [api.merged(commit) for commit in commits[:_MOST_COMMITS]]
    requests = {it.number: it for it in found if it is not None and it.branch == run.branch}
    return Merged(tuple(requests.values()), tuple(doubts))


def check_tip(job: Job, api: Api, settings: Settings, result: PlanResult) -> None:
    """Raise `Overtaken` where the branch has moved on and a later commit touches a customer that this plan edits."""
    run = job.run
    tip = api.tip(run.branch)
    if tip == run.commit or not result.edits:
        return
    advice = f"the run of {tip[:7]}, the newest commit of {run.branch}, applies for all"
    if not checkout.is_ancestor(job.repo, run.commit, tip):
        raise Overtaken(
            f"{run.branch} is at {tip[:7]}, which this job's checkout does not have as a descendant of {run.commit[:7]}; nothing was edited",
            advice=advice,
        )
    then, now = (read_commit(job.repo, it, settings, shown=it[:7]) for it in (run.commit, tip))
    touched = [edit for edit in result.edits if not _untouched(edit, then, now)]
    if touched or settings_path(job.folder) in checkout.changed_paths(job.repo, run.commit, tip):
        named = f"customer {touched[0].customer_id} ({touched[0].name})" if touched else "reconciler.yaml"
        raise Overtaken(
            f"{run.branch} has moved on to {tip[:7]}, and a later commit touches {named}; nothing was edited",
            advice=advice,
        )


def _untouched(edit: Edit, then: CommitYaml, now: CommitYaml) -> bool:
    """Whether two commits say the same of an edited customer; what cannot be read counts as touched."""
    if not isinstance(then, CommittedYaml) or not isinstance(now, CommittedYaml):
        return False
    return say_the_same(then.said, now.said, edit.customer_id, edit.name)


def start_by_hand(job: Job, base: str, digest: str, refusals: Sequence[Refusal] = ()) -> str:
    """The one thing to start that applies this plan, and apart from it what must be added by hand to lift a refusal."""
    run = job.run
    several = len(job.known) > 1
    flags = list(dict.fromkeys(it.flag for it in refusals if it.flag))
    lines = ["=".join(flag.split(" ", 1)) for flag in flags]
    if run.forge is Forge.GITHUB:
        fields = [f"base={base}", f"digest={digest}", *([f"folder={job.folder}"] if several else [])]
        words = ["gh", "workflow", "run", run.file.rpartition("/")[2], "--ref", run.branch]
        command = shlex.join([*words, *(word for it in fields for word in ("--field", it))])
        more = "".join(f"\n- {line}" for line in lines)
        apart = f"\nIf that is meant, add as lines of the input `arguments`:{more}" if lines else ""
    else:
        variables = [f"BASE:{base}", f"DIGEST:{digest}"]
        words = ["glab", "ci", "run", "--branch", run.branch]
        command = shlex.join([*words, *(word for it in variables for word in ("--variables", it))])
        more = "".join(f"\n- {line}" for line in lines)
        apart = f"\nIf that is meant, add as lines of the variable `ARGUMENTS`:{more}" if lines else ""
        apart += f"\nand there the job `apply-reviewed` of {code(job.folder)}" if several else ""
    return f"Next: look at this plan, then start\n`{command}`{apart}"
