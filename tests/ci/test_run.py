"""The environment of a job -> what its run is: where the change begins, for every event of both forges, and what is missing or broken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.ci.pipeline import Inputs, Run, Trigger, find_run
from reconciler.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

COMMIT, BASE, HEAD, ZEROS = "a" * 40, "b" * 40, "c" * 40, "0" * 40
ASKED = {
    "number": 5,
    "head": {"sha": HEAD, "ref": "x", "repo": {"full_name": "acme/customers"}},
    "base": {"ref": "trunk", "sha": BASE},
}
GROUP = {"base_sha": BASE, "head_sha": COMMIT, "base_ref": "refs/heads/trunk"}
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "acme/customers",
    "GITHUB_RUN_ID": "17",
    "GITHUB_SHA": COMMIT,
    "GITHUB_REF_NAME": "trunk",
    "GITHUB_SERVER_URL": "https://forge.example",
    "GITHUB_WORKFLOW_REF": "acme/customers/.github/workflows/x.yml@refs/heads/trunk",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_PIPELINE_SOURCE": "push",
    "CI_COMMIT_SHA": COMMIT,
    "CI_COMMIT_BRANCH": "trunk",
    "CI_COMMIT_BEFORE_SHA": BASE,
    "CI_DEFAULT_BRANCH": "trunk",
    "CI_PIPELINE_ID": "17",
    "CI_PIPELINE_URL": "https://gitlab.example/acme/customers/-/pipelines/17",
}
MERGE_REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_COMMIT_BRANCH": "",
    "CI_MERGE_REQUEST_IID": "5",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": BASE,
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "trunk",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "3",
    "CI_MERGE_REQUEST_PROJECT_ID": "3",
}


def on_github(folder: Path, name: str, event: object, **more: str) -> Run:
    """A run of GitHub's."""
    file = folder / "event.json"
    file.write_text(event if isinstance(event, str) else json.dumps(event))
    return find_run({**GITHUB, "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(file), **more})


@pytest.mark.parametrize(
    ("name", "event", "trigger", "base", "branch"),
    [
        ("pull_request", {"pull_request": ASKED}, Trigger.REQUEST, f"{COMMIT}^1", "trunk"),
        ("merge_group", {"merge_group": GROUP}, Trigger.QUEUE, BASE, "trunk"),
        ("push", {"before": BASE}, Trigger.PUSH, BASE, "trunk"),
        ("push", {"before": ZEROS}, Trigger.PUSH, "", "trunk"),
        ("schedule", {}, Trigger.SCHEDULE, "", "trunk"),
        ("workflow_dispatch", {"inputs": None}, Trigger.SCHEDULE, "", "trunk"),
        ("workflow_dispatch", {"inputs": {"base": BASE, "digest": "d"}}, Trigger.DISPATCH, BASE, "trunk"),
        ("workflow_dispatch", {"inputs": {"digest": "d"}}, Trigger.DISPATCH, "", "trunk"),
        ("workflow_dispatch", {"inputs": {"adopt": "7,8\n9"}}, Trigger.ADOPT, "", "trunk"),
    ],
)
def test_where_a_change_begins_on_github(
    tmp_path: Path, name: str, event: dict[str, Any], trigger: Trigger, base: str, branch: str
) -> None:
    """As the event says, which a run that is started again gets again: never where a branch is now."""
    run = on_github(tmp_path, name, event)
    assert (run.trigger, run.base, run.branch, run.run_id) == (trigger, base, branch, 17)
    assert run.page == "https://forge.example/acme/customers/actions/runs/17"
    assert run.file == ".github/workflows/x.yml"


@pytest.mark.parametrize(
    ("more", "trigger", "base"),
    [
        ({}, Trigger.PUSH, BASE),
        ({"CI_COMMIT_BEFORE_SHA": ZEROS}, Trigger.PUSH, ""),
        ({"CI_PIPELINE_SOURCE": "schedule", "DIGEST": "d"}, Trigger.SCHEDULE, ""),
        ({"CI_PIPELINE_SOURCE": "web"}, Trigger.SCHEDULE, ""),
        ({"CI_PIPELINE_SOURCE": "web", "BASE": BASE, "DIGEST": "d"}, Trigger.DISPATCH, BASE),
        ({"CI_PIPELINE_SOURCE": "api", "ADOPT": "7"}, Trigger.ADOPT, ""),
        (MERGE_REQUEST, Trigger.REQUEST, BASE),
        ({**MERGE_REQUEST, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": HEAD}, Trigger.REQUEST, HEAD),
    ],
)
def test_where_a_change_begins_on_gitlab(more: dict[str, str], trigger: Trigger, base: str) -> None:
    """Merged results are compared with the target that they were merged with, else with where the branches part."""
    run = find_run({**GITLAB, **more})
    assert (run.trigger, run.base, run.branch) == (trigger, base, "trunk")


def test_a_fork_is_told_by_its_project(tmp_path: Path) -> None:
    """Another repository, or one that is gone."""
    for repo in ({"full_name": "mallory/customers"}, None):
        asked = {**ASKED, "head": {"sha": HEAD, "ref": "x", "repo": repo}}
        assert on_github(tmp_path, "pull_request", {"pull_request": asked}).from_fork
    assert not on_github(tmp_path, "pull_request", {"pull_request": ASKED}).from_fork
    assert find_run({**GITLAB, **MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "99"}).from_fork


def test_arguments_are_lines(tmp_path: Path) -> None:
    """Whatever is in one, it stays one."""
    given = {"base": " x ", "digest": "d", "arguments": "--a b\r\n'\n\n\\$(x)"}
    assert on_github(tmp_path, "workflow_dispatch", {"inputs": given}).inputs == Inputs(
        "x", "d", "", ("--a b", "'", "\\$(x)")
    )


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("pull_request", ""),
        ("pull_request", "{"),
        ("pull_request", "[]"),
        ("pull_request", "null"),
        ("pull_request", {}),
        ("pull_request", {"pull_request": None}),
        ("pull_request", {"pull_request": {**ASKED, "number": "5"}}),
        ("pull_request", {"pull_request": {**ASKED, "number": True}}),
        ("pull_request", {"pull_request": {**ASKED, "head": {"sha": 7}}}),
        ("merge_group", {"merge_group": []}),
        ("push", {}),
        ("issues", {}),
        ("workflow_dispatch", {"inputs": {"base": BASE}}),
        ("workflow_dispatch", {"inputs": {"adopt": "7", "digest": "d"}}),
        ("workflow_dispatch", {"inputs": {"adopt": "7", "arguments": "--x"}}),
        ("workflow_dispatch", {"inputs": {"adopt": "$(id)"}}),
    ],
)
def test_a_broken_event_is_an_error(tmp_path: Path, name: str, event: object) -> None:
    """Named as what it is; nothing is guessed."""
    with pytest.raises(InputError, match=r"event|by hand|adopt"):
        on_github(tmp_path, name, event)


def test_an_event_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """In our words: the file and the system's reason, or that it is no JSON object."""
    gone = tmp_path / "gone.json"
    for event, said in (("x", "it is not a JSON object"), ("[" * 100_000, "it is not a JSON object")):
        with pytest.raises(InputError, match=f"^reading the event of this run: {said}$"):
            on_github(tmp_path, "push", event)
    with pytest.raises(
        InputError, match=f"^reading the event of this run: {gone}: No such file or directory$"
    ):
        find_run({**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(gone)})


@pytest.mark.parametrize(
    "name", ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", *list(GITHUB)[1:4], *list(GITHUB)[5:]]
)
@pytest.mark.parametrize("gone", [True, False])
def test_what_github_promises_is_there(tmp_path: Path, name: str, *, gone: bool) -> None:
    """A variable that is missing or empty is named."""
    file = tmp_path / "event.json"
    file.write_text("{}")
    environment = {**GITHUB, "GITHUB_EVENT_NAME": "schedule", "GITHUB_EVENT_PATH": str(file), name: ""}
    if gone:
        del environment[name]
    with pytest.raises(InputError, match=f"{name} is not set"):
        find_run(environment)


@pytest.mark.parametrize("name", [*list(GITLAB)[1:3], *list(GITLAB)[4:], *list(MERGE_REQUEST)[2:]])
def test_what_gitlab_promises_is_there(name: str) -> None:
    """The same."""
    more = MERGE_REQUEST if name in MERGE_REQUEST else {}
    with pytest.raises(InputError, match=f"{name} is not set"):
        find_run({**GITLAB, **more, name: ""})


@pytest.mark.parametrize(
    ("name", "text"), [("CI_PIPELINE_ID", "x"), ("CI_PIPELINE_ID", "٣"), ("CI_PIPELINE_URL", "nowhere")]
)
def test_what_is_no_number_or_address_is_an_error(name: str, text: str) -> None:
    """As it was given."""
    with pytest.raises(InputError, match=f"{name} is no"):
        find_run({**GITLAB, name: text})
