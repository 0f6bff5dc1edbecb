"""`reconciler ci STEP`: the steps of a pipeline."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from reconciler.cli.failures import told_after_edits
from reconciler.cli.options import confirm_options, confirmed_from, network_options
from reconciler.cli.parameters import Command, Whole
from reconciler.cli.signals import SignalWatch
from reconciler.cli.streams import say, tell, tell_problems
from reconciler.cli.terminal import progress
from reconciler.core.clock import Clock
from reconciler.core.errors import InputError
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.ci.forges.interface import Api
    from reconciler.ci.job import Job
    from reconciler.ci.pipeline import Run
    from reconciler.ci.results import StepResult

_CONFIRMED: Final = ("confirm_edits", "confirm_conflicts", "confirm_identity")
_LIMITS: Final = ("max_edits", "max_percent", "max_calls", "parallel", "timeout", "read_age")
_GIVEN: Final = frozenset((*_CONFIRMED, *_LIMITS))
"""What may be added to an apply that is started by hand: nothing that names another RPM, key or folder."""


@click.group("ci", epilog="Example: reconciler ci plan")
def command() -> None:
    """Run a step of a pipeline on GitHub or GitLab, which finds out from the environment where it is.

    `reconciler init` writes the pipeline that calls them. Each step works in the folder of a reconciler.yaml, and leaves
    its result for later jobs in $RUNNER_TEMP/reconciler-results (GitLab: reconciler-results in the project's folder).
    """


@command.command(
    "folders",
    cls=Command,
    short_help="List the folders that the change touches.",
    epilog="Example: reconciler ci folders",
)
@click.option(
    "--to-apply", is_flag=True, help="Those that `ci approved` let through in this run, from its results."
)
def folders(*, to_apply: bool) -> int:
    """Print as JSON the folders whose reconciler.yaml governs what the change touches.

    Reads the event, git and RECONCILER_FOLDERS (the folders that the pipeline was written for; another is an error), and calls
    no forge. On GitHub it puts out `folders`, and `matrix`: with each folder its name, and what its environments end with. With --to-apply it reads
    this run's results from the forge alone (GITHUB_TOKEN), and puts out a matrix each for `approved` and `reviewed`, which is
    empty where there is nothing for that environment. Exits 0 or 1.
    """
    from reconciler.ci import checkout, github
    from reconciler.ci.folders import allowed_folders, matrix, touched_folders
    from reconciler.ci.job import known_folders
    from reconciler.ci.pipeline import find_run

    run = find_run(os.environ)
    if to_apply:
        known = known_folders(os.environ)
        allowed = allowed_folders(run, _api(run).results(), known)
        found = tuple(folder for some in allowed.values() for folder in some)
        put = {kind: json.dumps(matrix(some, known)) if some else "" for kind, some in allowed.items()}
    else:
        touched = touched_folders(run, checkout.repository(Path.cwd()))
        for folder in touched.removed:
            tell(f"{printable(folder)} has no reconciler.yaml any more; nothing of it is applied")
        found = touched.folders
        known = known_folders(os.environ, unsaid=touched.every)
        put = {"folders": json.dumps(found), "matrix": json.dumps(matrix(found, known))}
    say(json.dumps(found) + "\n")
    github.put_out(os.environ, put)
    return 0


@command.command(
    "plan",
    cls=Command,
    short_help="Plan what merging a request would do.",
    epilog="Example: reconciler ci plan",
)
def plan() -> int:
    """On a request or in a merge queue: plan what merging it would do.

    Reads the event, git, RPM_API_KEY (read rights are enough) and RPM_API_URL; calls no forge. Without a key, as for forks
    and bots, it validates alone. Leaves the plan and its report. Exits 0, 3 if apply would refuse the plan, 1.
    """
    from reconciler.ci.pipeline import find_run
    from reconciler.ci.steps.plan import plan_change

    with progress("Reading RPM") as told:
        return _finish(plan_change(_job(find_run(os.environ), told)))


@command.command(
    "comment",
    cls=Command,
    short_help="Keep the comments of requests current.",
    epilog="Example: reconciler ci comment",
)
def comment() -> int:
    """Keep one comment for each folder under the request; tell a merged request what was applied.

    Reads the results of this run's jobs, FOLDERS (JSON, from `ci folders`) and GITHUB_TOKEN or RECONCILER_TOKEN, which may
    write comments. Needs no key of RPM and no checkout. Exits 0, or 1 where a plan of this run failed or is missing.
    """
    from reconciler.ci.pipeline import find_run
    from reconciler.ci.steps.comment import tell_requests

    run = find_run(os.environ)
    return tell_requests(run, _api(run), _folders(), tell)


@command.command(
    "approved",
    cls=Command,
    short_help="Plan what was merged; check that it was shown.",
    epilog="Example: reconciler ci approved",
)
def approved() -> int:
    """On main: plan what was merged since the last apply, and say whether merged requests have shown all of it.

    Reads the event, git, the forge (GITHUB_TOKEN or RECONCILER_TOKEN) and RPM_API_KEY (read rights are enough). Prints
    `approved`, `review` or `nothing`, and leaves the plan. Exits 0; 3 where a review is needed and the forge has no reviewers
    or does not say, or where the branch has moved on over a planned customer; 1.
    """
    from reconciler.ci import github
    from reconciler.ci.pipeline import find_run
    from reconciler.ci.steps.approved import plan_merged

    run = find_run(os.environ)
    with progress("Reading RPM") as told:
        result = plan_merged(_job(run, told), _api(run))
    say(f"{result.state}\n")
    github.put_out(os.environ, {"state": result.state})
    return _finish(result)


@command.command(
    "apply",
    cls=Command,
    short_help="Apply what ci approved let through.",
    epilog="Example: reconciler ci apply",
)
@click.option(
    "--waiting",
    type=Whole(1, 255),
    default=3,
    metavar="CODE",
    help="End with this code where the plan waits for a review.  [3]",
)
def apply(*, waiting: int) -> int:
    """Apply the plan that `ci approved` let through in this run, or that somebody started by hand.

    Reads the results of this run, the forge (GITHUB_TOKEN or RECONCILER_TOKEN), RPM_API_KEY (it may edit), ENVIRONMENT (on
    GitHub; the environment that the job runs in), and, started by hand, further arguments, one a line (--confirm-edits=N, limits). Exits as `reconciler apply`.
    """
    from reconciler.ci.pipeline import find_run
    from reconciler.ci.steps.apply import Editing, apply_merged
    from reconciler.cli.commands.apply import unwritten

    run = find_run(os.environ)
    flags = _given(run.inputs.arguments)
    signals = SignalWatch()
    editing = Editing(signals.watch, unwritten, lambda: signals.caught, confirmed_from(flags), waiting)
    with told_after_edits(signals), progress("Applying") as told:
        job = replace(_job(run, told), flags=flags)
        return _finish(apply_merged(job, _api(run), editing))


@command.command(
    "drift", cls=Command, short_help="Audit RPM against git.", epilog="Example: reconciler ci drift"
)
def drift() -> int:
    """At night: audit RPM against git, and record it in .reconciler/audits.jsonl.

    Reads git, RPM_API_KEY (read rights are enough), RPM_API_URL and REFRESH (full or modified). Leaves the report and the page with
    the history. In a run that somebody started with customers to adopt, it takes RPM's values into their files instead, and leaves
    these for `ci adopt`; it asks the forge (GITHUB_TOKEN or RECONCILER_TOKEN) what was applied, which is no drift. Exits 0 with or
    without drift, 3 where RPM's list cannot be trusted, 1 where RPM could not be audited otherwise.
    """
    from reconciler.ci.pipeline import find_run
    from reconciler.ci.steps.drift import audit_rpm

    run = find_run(os.environ)
    with progress("Reading RPM") as told:
        return _finish(audit_rpm(_job(run, told), lambda: _api(run)))


@command.command(
    "adopt",
    cls=Command,
    short_help="Open a request with RPM's values.",
    epilog="Example: reconciler ci adopt",
)
def adopt() -> int:
    """Open a request with the values of RPM that `ci drift` took into the files, in a run started with customers to adopt.

    Reads the results of this run's jobs, FOLDERS (JSON, from `ci folders`) and GITHUB_TOKEN or RECONCILER_TOKEN, which may
    write branches and requests. Needs no key of RPM and no checkout. Prints the request's page. Exits 0, or 1 where nothing was
    adopted.
    """
    from reconciler.ci.pipeline import find_run
    from reconciler.ci.steps.adopt import open_requests

    run = find_run(os.environ)
    return open_requests(run, _api(run), _folders(), lambda page: say(f"{page}\n"))


@command.command(
    "issue",
    cls=Command,
    short_help="Keep issues about drift and failed applies.",
    epilog="Example: reconciler ci issue",
)
def issue() -> int:
    """Keep one issue about drift and one about what is not applied, for each folder; close them when all is well.

    Reads the results of this run's jobs, FOLDERS (JSON, from `ci folders`) and GITHUB_TOKEN or RECONCILER_TOKEN, which may
    write issues. Needs no key of RPM and no checkout. Exits 0 or 1.
    """
    from reconciler.ci.pipeline import find_run
    from reconciler.ci.steps.issue import keep_issues

    run = find_run(os.environ)
    keep_issues(run, _api(run), _folders())
    return 0


def _job(run: Run, told: Any) -> Job:
    """This job, in the folder that it was started in."""
    from reconciler.ci import checkout
    from reconciler.ci.job import Job, Voice

    repo = checkout.repository(Path.cwd())
    return Job(run, repo, Path.cwd(), os.environ, Clock(), Voice(tell, tell_problems, told))


def _api(run: Run) -> Api:
    """The forge that runs this."""
    from reconciler.ci.forges.github import GitHub
    from reconciler.ci.forges.gitlab import GitLab
    from reconciler.ci.pipeline import Forge
    from reconciler.ci.results import results_folder

    token = "GITHUB_TOKEN" if run.forge is Forge.GITHUB else "RECONCILER_TOKEN"
    if not os.environ.get(token):
        raise InputError(
            f"asking the forge: {token} is not set", advice="this step needs it in its environment"
        )
    if run.forge is Forge.GITHUB:
        return GitHub.of(os.environ, run)
    return GitLab.of(os.environ, run, results_folder(run, os.environ))


def _folders() -> tuple[str, ...]:
    """The folders that this run is about, or the one that this job of GitLab's is about; all that are known where the job that finds them left none."""
    from reconciler.ci.job import known_folders

    if os.environ.get("FOLDERS"):
        return known_folders(os.environ, "FOLDERS")
    one = os.environ.get("FOLDER")
    return (one,) if one else known_folders(os.environ)


def _finish(result: StepResult) -> int:
    """Show a result, in the log and on the step's page."""
    from reconciler.ci import github
    from reconciler.ci.results import folder_name

    say(result.log or f"{folder_name(result.folder)}: {result.headline}\n")
    github.append_summary(os.environ, lambda: result.report or f"**{result.headline}**\n", tell)
    return result.code


@click.command("arguments")
@confirm_options
@network_options
def _arguments(**flags: Any) -> dict[str, Any]:
    """What is parsed for a start by hand."""
    return flags


def _given(arguments: Sequence[str]) -> dict[str, Any]:
    """The further arguments of a start by hand, each taken literally."""
    parser = click.Command("arguments", params=[it for it in _arguments.params if it.name in _GIVEN])
    with parser.make_context("the further arguments", list(arguments)) as context:
        return dict(context.params)
