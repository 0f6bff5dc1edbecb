"""The environment of a pipeline -> what this run is: of which forge, for which event, of which commits. Reads the event file alone.

GitHub's file of the event says what a run is about; GitLab says it in variables. A re-run gets the same ones as the first
run, so nothing here asks where a branch is now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from reconciler.ci.given import address, integer, needed, part, read_event, text_or_none
from reconciler.core.errors import InputError
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADS: Final = "refs/heads/"


class Forge(StrEnum):
    """Whose pipeline it is; what speaks GitHub's language counts as GitHub."""

    GITHUB = "github"
    GITLAB = "gitlab"


class Trigger(StrEnum):
    """Why a pipeline runs."""

    REQUEST = "request"
    QUEUE = "queue"
    PUSH = "push"
    DISPATCH = "dispatch"
    ADOPT = "adopt"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What somebody gave who started a run by hand; `arguments` are taken literally, one a line; `adopt` are ids of customers."""

    base: str = ""
    digest: str = ""
    folder: str = ""
    arguments: tuple[str, ...] = ()
    adopt: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a pipeline.

    `commit` is checked out, `base` is where the change begins ("" where the forge does not say), `head` the newest
    commit of the request. `branch` is where the change goes or went. `request` is the request's number, 0 without one.
    `file` is the path of the pipeline's own file, `page` where people find the run, `default` the repository's default branch
    ("" where the forge does not say).
    """

    forge: Forge
    trigger: Trigger
    commit: str
    base: str
    head: str
    branch: str
    request: int
    from_fork: bool
    run_id: int
    page: str
    file: str
    inputs: Inputs = Inputs()
    default: str = ""

    @property
    def short(self) -> str:
        """The request's newest commit as people read it."""
        return (self.head or self.commit)[:7]


def find_run(environment: Mapping[str, str]) -> Run:
    """This run; raises `InputError` outside of a pipeline, or where the forge left out what it promises."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(environment)
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(environment)
    advice = "at the keyboard: `reconciler plan`, `apply`, `drift`"
    raise InputError(
        "a step of `reconciler ci` runs in a pipeline of GitHub or GitLab, and this is none", advice=advice
    )


def _github(environment: Mapping[str, str]) -> Run:
    name = needed(environment, "GITHUB_EVENT_NAME")
    trigger = _GITHUB_TRIGGERS.get(name)
    if trigger is None:
        raise InputError(f"reading the event: this pipeline does not handle {printable(name)!r}")
    event = read_event(environment)
    repository, run_id = needed(environment, "GITHUB_REPOSITORY"), integer(environment, "GITHUB_RUN_ID")
    commit = needed(environment, "GITHUB_SHA")
    base, head, request, fork = "", commit, 0, False
    branch = environment.get("GITHUB_REF_NAME", "")
    if trigger is Trigger.REQUEST:
        base, head = f"{commit}^1", part(event, "pull_request.head.sha", str)
        branch, request = part(event, "pull_request.base.ref", str), part(event, "pull_request.number", int)
        fork = text_or_none(event, "pull_request.head.repo.full_name") != repository
    elif trigger is Trigger.QUEUE:
        base, head = part(event, "merge_group.base_sha", str), part(event, "merge_group.head_sha", str)
        branch = part(event, "merge_group.base_ref", str).removeprefix(_HEADS)
    elif trigger is Trigger.PUSH:
        base = _known(part(event, "before", str))
    given = _inputs({name: text_or_none(event, f"inputs.{name}") for name in _INPUTS})
    if trigger is Trigger.DISPATCH:
        trigger = _by_hand(given)
    return Run(
        Forge.GITHUB,
        trigger,
        commit,
        base or given.base,
        head,
        branch,
        request,
        fork,
        run_id,
        f"{address(environment, 'GITHUB_SERVER_URL')}/{repository}/actions/runs/{run_id}",
        needed(environment, "GITHUB_WORKFLOW_REF").partition("@")[0].removeprefix(f"{repository}/"),
        given,
        text_or_none(event, "repository.default_branch"),
    )


_GITHUB_TRIGGERS: Final = {
    "pull_request": Trigger.REQUEST,
    "merge_group": Trigger.QUEUE,
    "push": Trigger.PUSH,
    "workflow_dispatch": Trigger.DISPATCH,
    "schedule": Trigger.SCHEDULE,
}


def _gitlab(environment: Mapping[str, str]) -> Run:
    source, commit = needed(environment, "CI_PIPELINE_SOURCE"), needed(environment, "CI_COMMIT_SHA")
    default = needed(environment, "CI_DEFAULT_BRANCH")
    base, head, request, fork = "", commit, 0, False
    branch = environment.get("CI_COMMIT_BRANCH") or default
    # FOLDER is each job's own: one of the rows of its matrix.
    given = _inputs({name: environment.get(name.upper()) or "" for name in _INPUTS if name != "folder"})
    if source == "merge_request_event":
        trigger = Trigger.REQUEST
        base = environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA") or needed(
            environment, "CI_MERGE_REQUEST_DIFF_BASE_SHA"
        )
        head = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or commit
        branch = needed(environment, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
        request = integer(environment, "CI_MERGE_REQUEST_IID")
        projects = ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID")
        fork = len({integer(environment, it) for it in projects}) > 1
    elif source == "push":
        trigger, base = Trigger.PUSH, _known(needed(environment, "CI_COMMIT_BEFORE_SHA"))
    elif source == "schedule":
        trigger = Trigger.SCHEDULE
    else:
        trigger, base = _by_hand(given), given.base
    return Run(
        Forge.GITLAB,
        trigger,
        commit,
        base,
        head,
        branch,
        request,
        fork,
        integer(environment, "CI_PIPELINE_ID"),
        address(environment, "CI_PIPELINE_URL"),
        environment.get("CI_CONFIG_PATH") or ".gitlab-ci.yml",
        given,
        default,
    )


_INPUTS: Final = ("base", "digest", "folder", "arguments", "adopt")
_SEPARATOR: Final = re.compile(r"[\s,]+")
_ID: Final = re.compile(r"[0-9]{1,18}")


def _inputs(given: Mapping[str, str]) -> Inputs:
    """What was given by hand; each line of `arguments` is one argument, and no quote or backslash means anything."""
    arguments = [line.removesuffix("\r") for line in given["arguments"].split("\n")]
    ids = [word for word in _SEPARATOR.split(given["adopt"]) if word]
    if wrong := [word for word in ids if not _ID.fullmatch(word)]:
        raise InputError(
            f"reading the ids to adopt: {printable(wrong[0])[:40]!r} is no CustomerID",
            advice="give them as in 10023 10057",
        )
    return Inputs(
        given["base"].strip(),
        given["digest"].strip(),
        given.get("folder", "").strip(),
        tuple(line for line in arguments if line),
        tuple(dict.fromkeys(map(int, ids))),
    )


def _by_hand(given: Inputs) -> Trigger:
    """What a run is for that somebody started: a plan that was refused, values to adopt, or the audit."""
    if given.adopt and (given.digest or given.arguments):
        raise InputError(
            "adopt takes neither a digest nor further arguments", advice="start one run for each"
        )
    if given.adopt:
        return Trigger.ADOPT
    if given.base and not given.digest:
        raise InputError(
            "a start by hand for a base needs the digest of its plan too",
            advice="the refused run says the whole command",
        )
    return Trigger.DISPATCH if given.digest else Trigger.SCHEDULE


def _known(commit: str) -> str:
    """The commit, or "" for the zeros by which a forge says that there was none."""
    return commit if commit.strip("0") else ""
