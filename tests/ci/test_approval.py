"""From a request to RPM: what is planned, what approves it, what is applied, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.kit.forge import HeldRequest, HeldRun
from tests.kit.pipeline import Hub, running_hub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace


@pytest.fixture
def hub(server: Server, place: Workplace) -> Iterator[Hub]:
    """Main says Gold of three customers, as RPM does."""
    with running_hub(place, server) as made:
        yield made


def tier(hub: Hub, customer: int = 7) -> str:
    """What RPM has."""
    return hub.server.values()[customer]["Fields.Tier"]


def test_a_merged_request_is_applied_as_it_was_shown(hub: Hub) -> None:
    """Planned under the request, merged, planned anew on main, applied; the request is told."""
    held = hub.request(5, "silver", acme="Silver")
    before = hub.main()
    assert hub.planned(held).code == 0
    (shown,) = hub.forge.under(5)
    assert "Silver" in shown.body
    assert f"Plan of {held.head[:7]}" in shown.body
    assert hub.result("plan")["digest"] in shown.body
    calls = len(hub.server.calls())
    hub.merge(held)
    approved, applied = hub.pushed(before)
    assert approved.out.startswith("approved\n")
    assert applied is not None
    assert (approved.code, applied.code, tier(hub)) == (0, 0, "Silver")
    assert [it.body.partition("\n")[2][:11] for it in hub.forge.under(5)] == ["**1 custome", "**Applied**"]
    assert hub.forge.issues == []
    assert len(hub.server.calls()) - calls == 5  # twice the list and the customer, and the edit


def test_a_squash_is_a_merge(hub: Hub) -> None:
    """The commit on main is another one than any of the request's."""
    held = hub.request(5, "silver", acme="Silver")
    hub.planned(held)
    before = hub.main()
    hub.merge(held, squash=True)
    assert hub.pushed(before)[0].out.startswith("approved\n")
    assert tier(hub) == "Silver"


def test_two_merges_in_one_push_are_one_plan(hub: Hub) -> None:
    """A merge queue or a fast hand pushes several at once."""
    before = hub.main()
    for number, name in ((5, "acme"), (6, "bolt")):
        held = hub.request(number, f"silver-{name}", **{name: "Silver"})
        hub.planned(held)
        hub.git("switch", "--quiet", "main")
        hub.merge(held)
    assert hub.pushed(before)[0].out.startswith("approved\n")
    assert (tier(hub, 7), tier(hub, 8)) == ("Silver", "Silver")
    assert all("Applied" in hub.forge.under(number)[-1].body for number in (5, 6))


def test_an_apply_that_failed_is_caught_up_by_the_next_merge(hub: Hub) -> None:
    """The first run is cancelled before it applies: the second run's plan has both, and both are approved."""
    before = hub.main()
    first = hub.request(5, "silver-acme", acme="Silver")
    hub.planned(first)
    hub.merge(first)
    hub.pushed(before, apply=False)
    (issue,) = hub.forge.issues
    assert (issue.title, issue.open) == ("What was merged is not applied", True)
    second = hub.request(6, "silver-bolt", bolt="Silver")
    hub.planned(second)
    before = hub.main()
    hub.merge(second)
    approved, applied = hub.pushed(before)
    assert applied is not None
    assert (approved.out[:9], applied.code) == ("approved\n", 0)
    assert (tier(hub, 7), tier(hub, 8)) == ("Silver", "Silver")
    assert not issue.open


def test_what_moved_in_rpm_since_the_plan_was_shown_needs_a_review(hub: Hub) -> None:
    """Another before-value is another edit; nothing is sent, and one start by hand applies the plan as it is now."""
    held = hub.request(5, "silver", acme="Silver")
    hub.planned(held)
    hub.server.by_hand(7, {"Fields.Tier": "Bronze"})
    before = hub.main()
    hub.merge(held)
    approved, applied = hub.pushed(before)
    assert (approved.code, applied, tier(hub)) == (3, None, "Bronze")
    digest = hub.result("approved")["digest"]
    command = f"gh workflow run reconciler.yml --ref main --field base={before} --field digest={digest}"
    report = hub.result("approved")["report"]
    assert command in report
    assert "--confirm-conflicts=1" in report.partition(command)[2]
    assert command in hub.forge.issues[0].body
    assert "Merged, not applied yet" in hub.forge.under(5)[-1].body
    refused = hub.by_hand(base=before, digest=digest)
    assert refused[1] is not None
    assert (refused[1].code, tier(hub)) == (3, "Bronze")
    done = hub.by_hand(base=before, digest=digest, arguments="--confirm-conflicts=1\n")
    assert done[1] is not None
    assert (done[1].code, tier(hub)) == (0, "Silver")
    assert "**Applied**" in hub.forge.under(5)[-1].body


@pytest.mark.parametrize(("reviewers", "code"), [(True, 0), (False, 3), (None, 3)])
def test_who_may_review(hub: Hub, *, reviewers: bool | None, code: int) -> None:
    """With required reviewers the plan waits for one; without, or where the forge does not say, the run ends with 3."""
    if reviewers is not None:
        hub.forge.reviewers["rpm-reviewed"] = reviewers
    before = hub.main()
    hub.git("switch", "--quiet", "main")
    hub.forge.tips["main"] = hub.commit("Past any request", acme="Silver")
    approved, applied = hub.pushed(before)
    assert (approved.code, applied is None) == (code, code == 3)
    assert "that no merged request has shown" in hub.result("approved")["report"]
    assert tier(hub) == ("Silver" if reviewers else "Gold")


def evil(hub: Hub, held: HeldRequest) -> HeldRun:
    """The newest run of a request, to be made one of something else."""
    hub.planned(held)
    return hub.forge.runs[hub.last_run]


@pytest.mark.parametrize(
    "what", ["request", "base", "event", "file", "head", "repository", "unfinished", "mark"]
)
def test_a_run_of_something_else_approves_nothing(hub: Hub, what: str) -> None:
    """Another request of the same branch, a base that was changed, another event, file, commit or repository; a comment."""
    held = hub.request(5, "silver", acme="Silver")
    run = evil(hub, held)
    if what == "request":
        hub.forge.requests[6] = HeldRequest(6, held.head, held.source, "evil")
    elif what == "base":
        held.moved_at = "2026-04-16T11:00:00Z"
    elif what == "event":
        run.event = "workflow_dispatch"
    elif what == "file":
        run.path = ".github/workflows/mine/reconciler.yml"
    elif what == "head":
        hub.push(held, acme="Silver", bolt="Silver")
    elif what == "repository":
        run.repository = "mallory/customers"
    elif what == "unfinished":
        run.status = "in_progress"
    else:
        run.artifacts.clear()
        hub.forge.comments[0].body += hub.main()
    before = hub.main()
    hub.merge(held)
    approved, _ = hub.pushed(before)
    assert (approved.code, hub.server.edits()) == (3, [])


@pytest.mark.parametrize("file", [".github/workflows/other.yml", "CODEOWNERS", "reconciler.yaml"])
def test_a_request_that_changes_what_judges_it_is_not_approved_by_itself(hub: Hub, file: str) -> None:
    """Whoever may write that could have shown anything."""
    hub.git("switch", "--quiet", "main")
    held = hub.request(5, "silver", acme="Silver")
    hub.place.file(file, "limits:\n  percent: 99\n")
    hub.push(held)
    hub.planned(held)
    before = hub.main()
    hub.merge(held)
    approved, _ = hub.pushed(before)
    assert (approved.code, hub.server.edits()) == (3, [])
    assert "changed" in hub.result("approved")["report"]


def test_a_rerun_of_an_older_job_puts_nothing_back(hub: Hub) -> None:
    """Main has moved on over the customer: the run of the tip applies for all, and the old one refuses."""
    before = hub.main()
    held = hub.request(5, "silver", acme="Silver")
    hub.planned(held)
    old = hub.merge(held)
    later = hub.request(6, "bronze", acme="Bronze")
    hub.planned(later)
    hub.merge(later)
    hub.git("switch", "--quiet", "--detach", old)
    hub.begin("push", old, "main")
    about = {"before": before}
    approved = hub.step("approved", "push", about)
    assert (approved.code, hub.server.edits()) == (3, [])
    assert "a later commit touches customer 7" in approved.err
    assert f"the run of {hub.main()[:7]}" in approved.err
    told = [it.body for it in hub.forge.comments]
    for step in ("comment", "issue"):
        assert hub.step(step, "push", about, RPM_API_KEY="").code == 0
    assert ([it.body for it in hub.forge.comments], hub.forge.issues) == (told, []), "the newest run tells"


def test_a_tip_that_the_clone_does_not_have_yet(hub: Hub) -> None:
    """Somebody merged while the job was checking out: what that commit touches is not known, and its own run applies for all."""
    before = hub.main()
    held = hub.request(5, "silver", acme="Silver")
    hub.planned(held)
    hub.merge(held)
    hub.forge.tips["main"] = "a" * 40
    approved, applied = hub.pushed(before)
    assert (approved.code, applied, hub.server.edits()) == (3, None, [])
    assert "main is at aaaaaaa, which this job's checkout does not have" in approved.err


def test_a_merged_request_is_told_that_its_plan_failed_on_main(hub: Hub) -> None:
    """With the problem at its place, in lines that are lines; the issue says the same."""
    held = hub.request(5, "teir", acme="Silver")
    hub.place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Teir: x\n")
    hub.push(held)
    assert hub.planned(held).code == 1
    assert "fix 1 problem and push" in hub.forge.under(5)[0].body
    before = hub.main()
    hub.merge(held)
    assert hub.pushed(before)[0].code == 1
    told, issue = hub.forge.under(5)[-1].body, hub.forge.issues[0].body
    assert "**Merged, not applied: the plan on <code>main</code> failed**" in told
    assert all("did you mean &#34;Tier&#34;" in text for text in (told, issue))
    hub.server.faults({"endpoint": "Customers", "point": "P2", "action": {"do": "reply", "status": 403}})
    assert hub.pushed(before)[0].code == 1
    issue = hub.forge.issues[0].body
    assert "check the key and its rights" in issue
    assert "&#92;n" not in issue


def test_a_rerun_of_a_plan_after_main_moved_shows_the_request_alone(hub: Hub) -> None:
    """The merge commit's first parent is what the run was compared with; other people's merges are not shown reversed."""
    held = hub.request(5, "silver", acme="Silver")
    commit = hub.merge_ref(held)
    other = hub.request(6, "bronze", bolt="Bronze")
    hub.merge(other)
    hub.server.by_hand(8, {"Fields.Tier": "Bronze"})
    hub.git("switch", "--quiet", "--detach", commit)
    hub.begin("pull_request", held.head, "silver", 5)
    assert hub.step("plan", "pull_request", hub.about(held)).code == 0
    report = hub.result("plan")["report"]
    assert "Silver" in report
    assert "Bronze" not in report


def test_nothing_to_apply_counts_as_applied(hub: Hub) -> None:
    """A merge that touches no customer costs no call, and the next plan begins behind it."""
    before = hub.main()
    hub.git("switch", "--quiet", "main")
    hub.place.file("README.md", "Hello\n")
    hub.forge.tips["main"] = hub.commit("Readme")
    calls = len(hub.server.calls())
    approved, applied = hub.pushed(before)
    assert applied is not None
    assert (approved.out[:8], applied.code, len(hub.server.calls())) == ("nothing\n", 0, calls)
    assert hub.forge.deployments[-1].commit == hub.main()
    held = hub.request(5, "silver", acme="Silver")
    hub.planned(held)
    hub.merge(held)
    hub.pushed(before)
    assert hub.result("approved")["base"] == hub.forge.deployments[1].commit


def test_a_start_by_hand_forgets_nothing(hub: Hub) -> None:
    """A base that lies behind the last apply would leave merges in between unapplied for ever."""
    hub.git("switch", "--quiet", "main")
    behind = hub.commit("Past any request", acme="Silver")
    hub.forge.tips["main"] = hub.commit("More", bolt="Silver")
    approved, applied = hub.by_hand(base=behind, digest="sha256:0")
    assert (approved.code, applied, hub.server.edits()) == (3, None, [])
    assert "would not be applied" in approved.err


@pytest.mark.parametrize(
    "arguments",
    [
        '--confirm-edits "1',
        "--url=http://127.0.0.1:9/",
        "--api-key-file=/etc/passwd",
        "--expect=x",
        "$(true)",
    ],
)
def test_arguments_are_taken_literally(hub: Hub, arguments: str) -> None:
    """No quote, no shell: what is no argument for this is refused, and nothing is dropped in silence."""
    hub.git("switch", "--quiet", "main")
    before = hub.main()
    hub.forge.tips["main"] = hub.commit("Past any request", acme="Silver")
    hub.pushed(before)
    digest = hub.result("approved")["digest"]
    applied = hub.by_hand(base=before, digest=digest, arguments=arguments)[1]
    assert applied is not None
    assert (applied.code, hub.server.edits()) == (1, [])


def test_a_wrong_digest_edits_nothing(hub: Hub) -> None:
    """The plan of main is another one: refused, and what would apply it is said."""
    hub.git("switch", "--quiet", "main")
    before = hub.main()
    hub.forge.tips["main"] = hub.commit("Past any request", acme="Silver")
    applied = hub.by_hand(base=before, digest="sha256:" + "0" * 64)[1]
    assert applied is not None
    assert (applied.code, hub.server.edits()) == (3, [])
    assert f"--field digest={hub.result('apply')['digest']}" in hub.result("apply")["report"]


def test_settings_that_judge_nothing_need_no_review(hub: Hub) -> None:
    """A request may say how many calls run at once."""
    held = hub.request(5, "silver", acme="Silver")
    hub.place.settings("limits:\n  percent: 100\nparallel: 3\n")
    hub.push(held)
    hub.planned(held)
    before = hub.main()
    hub.merge(held)
    assert hub.pushed(before)[0].out.startswith("approved\n")


def test_what_the_branch_masks_by_now_is_masked(hub: Hub) -> None:
    """Main masked an attribute after the request was made from it: no comment shows what main hides."""
    held = hub.request(5, "silver", acme="Silver")
    commit = hub.merge_ref(held)
    hub.git("switch", "--quiet", "main")
    hub.place.settings("limits:\n  percent: 100\nmask: [Fields.Tier]\n")
    hub.commit("Mask")
    hub.git("update-ref", "refs/remotes/origin/main", "main")
    hub.git("switch", "--quiet", "--detach", commit)
    hub.begin("pull_request", held.head, "silver", 5)
    ran = hub.step("plan", "pull_request", hub.about(held))
    assert ran.code == 0, ran.err
    assert "Silver" not in ran.out + hub.result("plan")["report"]
    assert "Fields.Tier is masked, because origin/main masks it, until that is merged\n" in ran.out


@pytest.mark.parametrize("default", ["main", ""])
def test_what_the_default_branch_masks_is_hidden_from_a_request_to_another(default: str, hub: Hub) -> None:
    """An old branch does not know the mask; without a default branch named, only its own settings hold."""
    hub.git("branch", "release", "main")
    held = hub.request(5, "silver", acme="Silver")
    held.branch = "release"
    hub.git("switch", "--quiet", "main")
    settings = (hub.folder / "reconciler.yaml").read_text()
    hub.place.settings(f"{settings}\nmask: [Fields.Tier]\n")
    hub.commit("Mask")
    hub.git("update-ref", "refs/remotes/origin/main", "main")
    hub.git("switch", "--quiet", "--detach", "release")
    hub.git("merge", "--quiet", "--no-ff", "--message=Merge ref", held.head)
    hub.begin("pull_request", held.head, held.source, held.number)
    about = {**hub.about(held), "repository": {"default_branch": default}}
    ran = hub.step("plan", "pull_request", about)
    assert ran.code == 0, ran.err
    told = json.dumps(hub.result("plan")) + ran.out + ran.err
    assert ("Silver" in told) is not bool(default)
    assert ("(masked)" in told) is bool(default)
