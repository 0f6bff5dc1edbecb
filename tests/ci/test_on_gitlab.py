"""What GitLab does otherwise: a job for approved plans that always starts, a button, files that a pipeline includes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.kit.pipeline import Hub, running_hub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace


@pytest.fixture
def hub(server: Server, place: Workplace) -> Iterator[Hub]:
    """Main says Gold of three customers, as RPM does; one commit that no request made says Silver of one."""
    with running_hub(place, server) as made:
        made.place.file(".git/info/exclude", "reconciler-results/\n")
        made.forge.tips["main"] = made.commit("Past any request", acme="Silver")
        made.last_run += 1
        yield made


def titles(hub: Hub) -> list[tuple[str, bool]]:
    """The issues, and whether each is open."""
    return [(it.title, it.open) for it in hub.forge.issues]


def told(hub: Hub) -> None:
    """The jobs at the end of a pipeline."""
    for step in ("comment", "issue"):
        assert hub.on_gitlab(step, RPM_API_KEY="").code == 0


def test_a_plan_that_waits_is_told_from_one_that_is_refused(hub: Hub) -> None:
    """Another code, so that the forge can show a warning for the one and red for the other; an issue of its own, closed by the button."""
    ran = hub.on_gitlab("approved")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "review")
    waits = hub.on_gitlab("apply", "--waiting", "75", CI_ENVIRONMENT_NAME="rpm")
    assert (waits.code, hub.server.edits()) == (75, [])
    assert "waits for the job in the environment rpm-reviewed; nothing was edited" in waits.out
    told(hub)
    assert titles(hub) == [("A plan waits for a review", True)]
    assert "that no merged request has shown" in hub.forge.issues[0].body
    assert hub.on_gitlab("apply", CI_ENVIRONMENT_NAME="rpm").code == 3, "without the option it is a refusal"
    hub.server.by_hand(7, {"Fields.Tier": "Bronze"})
    refused = hub.on_gitlab("apply", "--waiting", "75", CI_ENVIRONMENT_NAME="rpm-reviewed")
    assert (refused.code, hub.server.edits()) == (3, [])
    told(hub)
    assert titles(hub) == [("What was merged is not applied", True)]
    hub.server.by_hand(7, {"Fields.Tier": "Gold"})
    done = hub.on_gitlab("apply", CI_ENVIRONMENT_NAME="rpm-reviewed")
    assert (done.code, len(hub.server.edits())) == (0, 1)
    told(hub)
    assert titles(hub) == [("What was merged is not applied", False)]


def test_the_merged_request_is_told_that_its_plan_waits(hub: Hub) -> None:
    """No issue: whoever merged it reads it there."""
    held = hub.request(5, "silver", bolt="Silver")
    hub.merge(held)
    hub.on_gitlab("approved")
    assert hub.on_gitlab("apply", "--waiting", "75", CI_ENVIRONMENT_NAME="rpm").code == 75
    told(hub)
    (comment,) = hub.forge.under(5)
    assert "**Merged, not applied yet**" in comment.body
    assert hub.forge.issues == []


@pytest.mark.parametrize(
    ("what", "approved"),
    [
        ("head", True),
        ("merged result", True),
        ("an older commit", False),
        ("a fork", False),
        ("unfinished", False),
    ],
)
def test_whose_pipeline_approves(hub: Hub, what: str, *, approved: bool) -> None:
    """That of the request's newest commit, alone or as merging it makes; files of an older one may claim to be of any."""
    hub.git("revert", "--no-edit", "main")
    hub.forge.tips["main"] = hub.main()
    hub.forge.deployments[0].commit = hub.main()
    held = hub.request(5, "silver", bolt="Silver")
    hub.begin("merge_request_event", held.head, "silver", 5)
    about = {
        "CI_MERGE_REQUEST_IID": "5",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": hub.main(),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_PROJECT_ID": "3",
    }
    assert hub.on_gitlab("plan", source="merge_request_event", **about).code == 0
    for path in (hub.folder / "reconciler-results/root/plan").iterdir():
        hub.forge.files[f"{hub.last_run}:root/plan/{path.name}"] = path.read_bytes()
    hub.end()
    run = hub.forge.runs[hub.last_run]
    if what != "head":
        run.head = "d" * 40
    if what == "merged result":
        hub.forge.parents["d" * 40] = [hub.main(), held.head]
    if what == "a fork":
        run.head, run.repository = held.head, "mallory/customers"
    if what == "unfinished":
        run.head, run.status = held.head, "running"
    hub.merge(held)
    hub.last_run += 1
    ran = hub.on_gitlab("approved")
    assert (ran.code, ran.out.startswith("approved\n")) == (0, approved), ran.out + ran.err


def test_the_button_refuses_where_nothing_waits(hub: Hub) -> None:
    """It is in every pipeline of the branch."""
    hub.server.by_hand(7, {"Fields.Tier": "Silver"})
    assert hub.on_gitlab("approved").out.startswith("nothing\n")
    ran = hub.on_gitlab("apply", CI_ENVIRONMENT_NAME="rpm-reviewed")
    assert (ran.code, "there is nothing to apply" in ran.err) == (3, True)


def test_each_row_of_a_matrix_is_its_own_folder_whatever_was_given(hub: Hub) -> None:
    """FOLDER is the job's own variable there, so the command to start by hand names the button and not a folder."""
    ran = hub.on_gitlab("folders", source="web", DIGEST="sha256:0", FOLDER="elsewhere")
    assert (ran.code, json.loads(ran.out)) == (0, ["."])


@pytest.mark.parametrize(
    ("included", "file", "doubt"),
    [
        ("include: ci/more.yml\n", "ci/more.yml", True),
        ('"include" : [{local: ci/more.yaml}]\n', "ci/more.yaml", True),
        ("include: ci/more.yml\n", "notes.txt", False),
        ("job: {script: [true]}\n", "ci/more.yml", False),
    ],
)
def test_what_a_pipeline_includes_is_part_of_it(hub: Hub, included: str, file: str, *, doubt: bool) -> None:
    """A request that changes it could have shown anything, and touches every folder."""
    hub.place.file(".gitlab-ci.yml", included)
    base = hub.commit("Pipeline")
    hub.place.file(file, "job: {script: [false]}\n")
    hub.forge.tips["main"] = hub.commit("More", bolt="Silver")
    hub.forge.deployments[0].commit = base
    hub.on_gitlab("approved")
    left = json.loads((hub.folder / "reconciler-results/root/approved/result.json").read_text())
    assert (f"{file}" in left["report"].replace("&#46;", ".").replace("&#47;", "/")) is doubt
    hub.place.file("other/reconciler.yaml", "")
    hub.forge.tips["main"] = hub.commit("Another folder")
    ran = hub.on_gitlab("folders", CI_COMMIT_BEFORE_SHA=base, RECONCILER_FOLDERS='[".", "other"]')
    assert json.loads(ran.out) == [".", "other"]
