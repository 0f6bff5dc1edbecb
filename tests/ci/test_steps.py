"""What steps do beside approving: no key, no calls, comments, issues, folders, places to run."""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.forge import TOKEN, Kept
from tests.kit.pipeline import Hub, running_hub
from tests.kit.programs import GIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace


@pytest.fixture
def hub(server: Server, place: Workplace) -> Iterator[Hub]:
    """Main says Gold of three customers, as RPM does."""
    with running_hub(place, server) as made:
        yield made


def test_without_a_key_it_validates_alone(hub: Hub) -> None:
    """What a fork and a bot get; on main the secret that is empty is named."""
    held = hub.request(5, "silver", acme="Silver")
    ran = hub.planned(held, RPM_API_KEY="")
    assert (ran.code, hub.server.calls(), hub.result("plan")["state"]) == (0, [], "validated")
    hub.place.customer("bad", "Nam: Bad\n")
    hub.push(held)
    assert hub.planned(held, RPM_API_KEY="").code == 1
    hub.merge(held)
    hub.git("switch", "--quiet", "--detach", "main")
    hub.begin("push", hub.main(), "main")
    ran = hub.step("approved", "push", {"before": hub.main()}, RPM_API_KEY="")
    assert (ran.code, "the secret RPM_READ_KEY is empty" in ran.err) == (1, True)
    ran = hub.step("apply", "push", {"before": hub.main()}, RPM_API_KEY="")
    assert (ran.code, "the secret RPM_EDIT_KEY is empty" in ran.err) == (1, True)


def test_a_request_that_touches_no_customer_costs_no_call(hub: Hub) -> None:
    """Nor a comment; one that stops touching any says so."""
    held = hub.request(5, "silver")
    hub.place.file("README.md", "Hello\n")
    hub.push(held)
    assert hub.planned(held).code == 0
    assert (hub.server.calls(), hub.forge.comments) == ([], [])
    hub.push(held, acme="Silver")
    hub.planned(held)
    hub.push(held, acme="Gold")
    hub.planned(held)
    (comment,) = hub.forge.under(5)
    assert "No customer is touched" in comment.body


def test_settings_alone_are_planned_in_full(hub: Hub) -> None:
    """What changes how values compare is a change of every customer."""
    hub.server.by_hand(8, {"Fields.Tier": "Bronze"})
    held = hub.request(5, "ignoring")
    hub.place.settings("limits:\n  percent: 100\nfields:\n  Tier: {type: set}\n")
    hub.push(held)
    assert hub.planned(held).code in {0, 3}
    assert hub.server.count("Customer") == 3


def test_a_plan_that_would_be_refused_is_red(hub: Hub) -> None:
    """What will stop the apply stops the request, with the argument that lifts it apart."""
    hub.place.settings("limits:\n  edits: 0\n")
    hub.commit("Limit")
    held = hub.request(5, "silver", acme="Silver")
    assert hub.planned(held).code == 3
    body = hub.forge.under(5)[0].body
    assert ("apply would refuse this plan" in body, "--confirm-edits 1" in body) == (True, True)


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(403, id="F136-403"),
        pytest.param(404, id="F136-404"),
        pytest.param(422, id="F136-422"),
        pytest.param(500, id="F136-500"),
    ],
)
def test_a_comment_that_the_forge_refuses(status: int, hub: Hub) -> None:
    """The plan keeps its code and its report, and the step that comments is red, with the forge's status."""
    held = hub.request(5, "silver", acme="Silver")
    assert hub.planned(held, comment=False).code == 0
    hub.forge.trouble = {"issues/5/comments": [(status, {})] * 9}
    ran = hub.step("comment", "pull_request", hub.about(held), RPM_API_KEY="")
    assert ran.code == 1
    assert str(status) in ran.err
    assert TOKEN not in ran.out + ran.err
    assert hub.forge.comments == []
    assert hub.result("plan")["code"] == 0


@pytest.mark.row("F138-deleted")
def test_a_comment_that_somebody_deleted_is_written_again(hub: Hub) -> None:
    """The request has the plan of its newest commit, whatever became of the comment before."""
    held = hub.request(5, "silver", acme="Silver")
    hub.planned(held)
    hub.forge.comments.clear()
    hub.push(held, acme="Bronze")
    hub.planned(held)
    (comment,) = hub.forge.under(5)
    assert "Bronze" in comment.body


@pytest.mark.row("F138-strangers")
@pytest.mark.row("F138-edited")
def test_a_forged_comment_is_replaced_and_a_strangers_left_alone(hub: Hub) -> None:
    """Whatever run a mark claims to be of, the newest commit's plan takes its place."""
    held = hub.request(5, "silver", acme="Silver")
    hub.forge.comments += [
        Kept(1, "<!-- reconciler plan root -->\nnothing to see", author="mallory"),
        Kept(2, "<!-- reconciler plan root -->\n0 customers to edit, run=999999"),
    ]
    hub.planned(held)
    assert [("Silver" in it.body) for it in hub.forge.comments] == [False, True]


def test_an_older_run_leaves_the_newer_commits_comment(hub: Hub) -> None:
    """The forge says which commit is the newest."""
    held = hub.request(5, "silver", acme="Silver")
    old = hub.about(held)
    hub.push(held, acme="Bronze")
    hub.planned(held)
    written = hub.forge.comments[0].body
    hub.begin("pull_request", old["pull_request"]["head"]["sha"], "silver", 5)
    ran = hub.step("comment", "pull_request", old, RPM_API_KEY="")
    assert "has a newer commit" in ran.err
    assert [it.body for it in hub.forge.comments] == [written]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("limits: {edits: many}\n", "failed: 1 problem"),
        ("customers: nowhere\n", "there is no folder nowhere"),
    ],
)
def test_settings_that_cannot_be_read_are_told(hub: Hub, settings: str, said: str) -> None:
    """What stands in the way is in the comment, as of a customer file."""
    held = hub.request(5, "silver", acme="Silver")
    hub.place.settings(settings)
    hub.push(held)
    ran = hub.planned(held)
    assert (ran.code, said in hub.forge.under(5)[0].body) == (1, True)
    assert ran.err.count("::error") == (settings[0] == "l"), "each problem once"


def test_a_list_that_cannot_be_trusted_is_refused(hub: Hub) -> None:
    """An empty list is no "all is well": each step that reads RPM ends with 3, and the issue says so at night."""
    held = hub.request(5, "silver", acme="Silver")
    hub.server.seed(fields=("Tier",))
    assert hub.planned(held).code == 3
    assert "RPM lists no customers" in hub.forge.under(5)[0].body
    before = hub.main()
    hub.merge(held)
    assert hub.pushed(before)[0].code == 3
    assert hub.night().code == 3
    assert [it.title for it in hub.forge.issues] == [
        "What was merged is not applied",
        "RPM could not be audited",
    ]


def test_an_apply_that_is_not_all_done_ends_with_4(hub: Hub) -> None:
    """The request and the issue say what became of each customer; the next run finishes it."""
    held = hub.request(5, "silver", acme="Silver", bolt="Silver")
    hub.planned(held)
    before = hub.main()
    hub.merge(held)
    down = {"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "reply", "status": 503}}
    hub.server.faults({**down, "customer": 8})
    _, applied = hub.pushed(before)
    assert applied is not None
    assert applied.code == 4, applied.out + applied.err
    assert all("Bolt" in it.body for it in (hub.forge.under(5)[-1], hub.forge.issues[0]))
    hub.server.faults()
    _, applied = hub.pushed(before)
    assert applied is not None
    assert (applied.code, hub.forge.issues[0].open) == (0, False)
    assert "**Applied**" in hub.forge.under(5)[-1].body


def test_an_apply_that_is_cancelled_finishes_its_call_and_is_told(hub: Hub) -> None:
    """A forge that cancels a job sends SIGTERM: no new edit starts, and what became of each customer is left for the jobs behind."""
    held = hub.request(5, "silver", acme="Silver", bolt="Silver", cord="Silver")
    hub.place.settings("limits:\n  percent: 100\nparallel: 1\n")
    hub.push(held)
    hub.planned(held)
    before = hub.main()
    hub.merge(held)
    hub.git("switch", "--quiet", "--detach", "main")
    hub.begin("push", hub.main(), "main")
    about = {"before": before}
    assert hub.step("approved", "push", about).code == 0
    hub.server.faults({"endpoint": "CustomerEdit", "point": "P3", "action": {"do": "delay", "seconds": 1.5}})
    process = hub.place.start(
        "ci", "apply", stdout=subprocess.PIPE, **hub.variables("push", about, ENVIRONMENT="rpm")
    )
    while not hub.server.count("CustomerEdit"):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    hub.keep("apply")
    assert process.returncode == 143, err
    assert len(hub.server.edits()) == 1
    for step in ("comment", "issue"):
        assert hub.step(step, "push", about, RPM_API_KEY="").code == 0
    assert "**Not all applied**" in hub.forge.under(5)[-1].body
    assert "1 of 3 customers edited" in hub.forge.issues[0].body


def test_nothing_is_begun_where_no_result_can_be_left(hub: Hub) -> None:
    """No call of RPM, and no edit that nobody could be told of."""
    held = hub.request(5, "silver", acme="Silver")
    hub.planned(held)
    before = hub.main()
    hub.merge(held)
    hub.git("switch", "--quiet", "--detach", "main")
    hub.begin("push", hub.main(), "main")
    assert hub.step("approved", "push", {"before": before}).code == 0
    calls = len(hub.server.calls())
    for place, said in (("", "RUNNER_TEMP is not set"), ("/dev/null", "leaving results")):
        for step in ("approved", "apply"):
            ran = hub.step(step, "push", {"before": before}, ENVIRONMENT="rpm", RUNNER_TEMP=place)
            assert (ran.code, said in ran.err) == (1, True)
    assert len(hub.server.calls()) == calls


@pytest.mark.parametrize("step", ["comment", "approved", "apply", "issue", "adopt"])
def test_a_token_that_is_missing_is_named(hub: Hub, step: str) -> None:
    """Of the forge that runs this."""
    ran = hub.step(step, "push", {"before": hub.main()}, GITHUB_TOKEN="")
    assert (ran.code, "GITHUB_TOKEN is not set" in ran.err) == (1, True)
    ran = hub.on_gitlab(step, RECONCILER_TOKEN="")
    assert (ran.code, "RECONCILER_TOKEN is not set" in ran.err) == (1, True)


def test_a_run_that_could_not_find_its_folders_is_red_and_told(hub: Hub) -> None:
    """The required check must not be green because nothing was looked at: every folder that is known has no result."""
    held = hub.request(5, "silver", acme="Silver")
    hub.planned(held)
    hub.push(held, acme="Bronze")
    hub.begin("pull_request", held.head, "silver", 5)
    assert hub.step("comment", "pull_request", hub.about(held), RPM_API_KEY="", FOLDERS="").code == 1
    assert f"for {held.head[:7]} did not end" in hub.forge.comments[0].body
    hub.begin("push", hub.main(), "main")
    assert hub.step("issue", "push", {"before": hub.main()}, RPM_API_KEY="", FOLDERS="").code == 0
    assert [it.title for it in hub.forge.issues] == ["What was merged is not applied"]


def test_a_plan_that_left_nothing_is_told(hub: Hub) -> None:
    """A job that was killed, or could not install: no older plan stands for this commit."""
    held = hub.request(5, "silver", acme="Silver")
    hub.planned(held)
    hub.push(held, acme="Bronze")
    hub.begin("pull_request", held.head, "silver", 5)
    assert hub.step("comment", "pull_request", hub.about(held), RPM_API_KEY="").code == 1
    assert f"for {held.head[:7]} did not end" in hub.forge.comments[0].body


def test_a_merge_queue_is_planned_and_told_by_its_check_alone(hub: Hub) -> None:
    """Compared with what the queue says it starts from."""
    held = hub.request(5, "silver", acme="Silver")
    commit = hub.merge_ref(held)
    hub.begin("merge_group", commit, "gh-readonly-queue/main/pr-5")
    about = {"merge_group": {"base_sha": hub.main(), "head_sha": commit, "base_ref": "refs/heads/main"}}
    assert hub.step("plan", "merge_group", about).code == 0
    assert "Silver" in hub.result("plan")["report"]
    assert hub.step("comment", "merge_group", about, RPM_API_KEY="").code == 0
    assert hub.forge.comments == []


def test_nights_keep_one_issue(hub: Hub) -> None:
    """Opened, its text kept current, a comment for each change of what has drifted, and closed."""
    assert hub.night().code == 0
    assert hub.forge.issues == []
    for customer in (7, 7, 8):
        hub.server.by_hand(customer, {"Fields.Tier": "Bronze"})
        assert hub.night().code == 0
    (issue,) = hub.forge.issues
    assert (issue.title, issue.open) == ("RPM has drifted from git", True)
    assert "gh workflow run reconciler.yml --ref main --field folder=. --field 'adopt=ID ID'" in issue.body
    assert len(hub.forge.under(-1)) == 1
    hub.server.faults({"endpoint": "Customers", "point": "P2", "action": {"do": "reply", "status": 403}})
    assert hub.night().code == 1
    assert (issue.title, len(hub.forge.issues)) == ("RPM could not be audited", 1)
    hub.server.faults()
    assert hub.night().code == 0
    assert (issue.title, len(hub.forge.under(-1))) == ("RPM has drifted from git", 1)
    for customer in (7, 8):
        hub.server.by_hand(customer, {"Fields.Tier": "Gold"})
    assert hub.night().code == 0
    assert not issue.open
    record = (hub.folder / ".reconciler/audits.jsonl").read_text().splitlines()
    assert len(record) == 6
    assert len(hub.forge.runs[hub.last_run].artifacts) == 1


def test_a_quiet_night_costs_one_call(hub: Hub) -> None:
    """REFRESH beats the weekday; without it, Sundays read everything."""
    hub.night(REFRESH="full")
    calls = len(hub.server.calls())
    hub.night(REFRESH="full")
    assert len(hub.server.calls()) - calls == 4
    sunday = dt.datetime.now(dt.UTC).isoweekday() == 7
    hub.night()
    calls = len(hub.server.calls())
    hub.night()
    assert len(hub.server.calls()) - calls == (4 if sunday else 1)


def test_folders(hub: Hub) -> None:
    """Those that the change touches; a pipeline file touches all; sandbox, hidden and removed ones are none of them."""
    hub.git("switch", "--quiet", "main")
    for name in ("a", "b", "c", ".hidden", "toys"):
        hub.place.file(
            f"{name}/reconciler.yaml", 'url: "sandbox:"\n' if name == "toys" else "customers: x/y\n"
        )
        hub.place.file(f"{name}/x/y/one.yaml", "Name: One\n")
    hub.folders = (".", "a", "b", "c")
    before = hub.commit("Folders")

    def found(event: str = "push", **about: object) -> list[str]:
        """What the step says of the newest commit."""
        ran = hub.step("folders", event, {"before": before, "inputs": about}, RPM_API_KEY="")
        assert ran.code == 0, ran.err
        assert json.loads(hub.outputs()["folders"]) == json.loads(ran.out)
        listed: list[str] = json.loads(ran.out)
        return listed

    for path, touched in (
        ("a/x/y/two.yaml", ["a"]),
        ("b/reconciler.yaml", ["b"]),
        ("a/x/notes.md", []),
        ("toys/x/y/one.yaml", []),
        (".github/workflows/any.yml", [".", "a", "b", "c"]),
    ):
        hub.place.file(path, "customers: x/y # again\n")
        hub.commit("More")
        assert found() == touched, path
        before = hub.git("rev-parse", "HEAD")
    hub.place.file("c/reconciler.yaml", "customers: [\n")
    before = hub.commit("Broken")
    hub.place.file("c/x/y/one.yaml", "Name: Another\n")
    hub.commit("Whose file it is cannot be known")
    assert found() == ["c"]
    hub.place.file("c/reconciler.yaml", "customers: x/y\n")
    before = hub.commit("Repaired")
    assert found("schedule") == [".", "a", "b", "c"]
    assert found("workflow_dispatch", base=before, digest="sha256:0", folder="b") == ["b"]
    hub.git("rm", "--quiet", "-r", "c")
    hub.commit("Remove")
    ran = hub.step("folders", "push", {"before": before}, RPM_API_KEY="")
    assert (json.loads(ran.out), "c has no reconciler.yaml any more" in ran.err) == ([], True)
    hub.place.file("new/reconciler.yaml", "")
    hub.commit("New")
    ran = hub.step("folders", "push", {"before": before}, RPM_API_KEY="")
    assert (ran.code, "init --update-ci" in ran.err) == (1, True)
    ran = hub.step("folders", "push", {"before": before}, RPM_API_KEY="", RECONCILER_FOLDERS="")
    assert (ran.code, json.loads(ran.out)) == (0, ["new"]), "a pipeline that says no folders knows all"


def test_a_shallow_clone_is_told(hub: Hub, tmp_path: Path) -> None:
    """What the history would say is not known, and no plan is made without it."""
    held = hub.request(5, "silver", acme="Silver")
    commit, about = hub.merge_ref(held), hub.about(held)
    subprocess.run(
        [GIT, "clone", "--quiet", "--depth=1", f"file://{hub.folder}", "shallow"], cwd=tmp_path, check=True
    )
    hub.place.folder = tmp_path / "shallow"
    ran = hub.step("plan", "pull_request", about, GITHUB_SHA=commit)
    assert (ran.code, "needs the whole history (GitHub: fetch-depth: 0" in ran.err) == (1, True)
    ran = hub.step("drift", "schedule", {}, GITHUB_SHA=commit)
    assert (ran.code, "is not known: the clone is shallow" in ran.out) == (0, True)


def test_the_checkout_must_be_what_the_run_is_of(hub: Hub) -> None:
    """A checkout with a `ref:` of its own would be planned as something that nobody merges."""
    held = hub.request(5, "silver", acme="Silver")
    hub.begin("pull_request", held.head, "silver", 5)
    ran = hub.step("plan", "pull_request", hub.about(held), GITHUB_SHA=hub.main())
    assert (ran.code, "leave `ref:` out" in ran.err) == (1, True)


@pytest.mark.parametrize("step", ["folders", "plan", "comment", "approved", "apply", "drift", "issue"])
def test_outside_of_a_pipeline(place: Workplace, step: str) -> None:
    """What to run instead is said; without a token, which one."""
    ran = place.run("ci", step)
    assert (ran.code, "this is none" in ran.err) == (1, True)


def test_empty_address_and_certificates_count_as_not_given(hub: Hub) -> None:
    """A forge puts an empty text where a variable is not set; which address is used is said."""
    held = hub.request(5, "silver", acme="Silver")
    ran = hub.planned(held, RPM_CA_FILE="")
    assert ran.code == 0
    digest = ran.out.split("Digest ")[1].split()[0]
    assert ran.out.endswith(f"Digest {digest}\nNext: merge; the pipeline applies this plan, {digest}\n")
    assert f"RPM is {hub.server.url}" in ran.err
    hub.place.settings("url: https://secure.rpmtelco.com/rpm/\nparallel: 1\ntimeout: 1\n")
    hub.push(held)
    ran = hub.planned(held, comment=False, RPM_API_URL="")
    assert "RPM is https://secure.rpmtelco.com/rpm/api2.svc/, as reconciler.yaml says" in ran.err
