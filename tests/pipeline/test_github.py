"""GitHub's workflow as `init` writes it, run by act: from a request to RPM and through the nights."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.server import Customer
from tests.pipeline.conftest import git, settled

if TYPE_CHECKING:
    from tests.kit.act import Act, Ended
    from tests.kit.forge import HeldRequest
    from tests.kit.pipeline import Hub

ROOT = Path(__file__).parents[2]


def request(act: Act, held: HeldRequest, repository: str = "acme/customers", **secrets: str) -> Ended:
    """The run of a request at its newest commit."""
    act.hub.merge_ref(held)
    act.begin("pull_request", held.head, held.source, held.number)
    return act.run("pull_request", act.hub.about(held, repository), **secrets)


def push(act: Act, before: str) -> Ended:
    """The run of a push to main."""
    act.hub.git("switch", "--quiet", "--detach", "main")
    act.begin("push", act.hub.main(), "main")
    return act.run("push", {"before": before, "after": act.hub.main(), "ref": "refs/heads/main"})


def dispatch(act: Act, **inputs: str) -> Ended:
    """A run that somebody started."""
    act.hub.git("switch", "--quiet", "--detach", "main")
    act.begin("workflow_dispatch", act.hub.main(), "main")
    return act.run("workflow_dispatch", {"inputs": inputs, "ref": "refs/heads/main"})


def night(act: Act) -> Ended:
    """The run of a night."""
    act.hub.git("switch", "--quiet", "--detach", "main")
    act.begin("schedule", act.hub.main(), "main")
    return act.run("schedule", {"ref": "refs/heads/main"})


def tier(hub: Hub, customer: int = 7) -> str:
    """What RPM has."""
    return hub.server.values()[customer]["Fields.Tier"]


def issues(hub: Hub) -> list[bool]:
    """Which issues are open."""
    return [it.open for it in hub.forge.issues]


def test_planned_pushed_again_broken_merged_and_applied(act: Act) -> None:
    """One comment, always of the newest commit; a plan that failed says so; then what was merged is in RPM."""
    hub = act.hub
    held = hub.request(5, "silver", acme="Silver")
    assert request(act, held).code == 0
    (shown,) = hub.forge.under(5)
    assert f"Plan of {held.head[:7]}" in shown.body
    hub.git("switch", "--quiet", "silver")
    hub.place.customer("bad", "Nam: Bad\n")
    hub.push(held, acme="Bronze")
    assert request(act, held).jobs["Result"] == "failed"
    assert f"The plan for {held.head[:7]} failed: 2 problems" in hub.forge.under(5)[0].body
    assert "Silver" not in hub.forge.under(5)[0].body
    hub.git("switch", "--quiet", "silver")
    (hub.folder / "customers/bad.yaml").unlink()
    hub.push(held)
    assert request(act, held).code == 0
    before = hub.main()
    hub.merge(held)
    ran = push(act, before)
    assert (ran.code, tier(hub)) == (0, "Bronze"), ran.log
    assert [it.body.splitlines()[1][:11] for it in hub.forge.under(5)] == ["**1 custome", "**Applied**"]


def test_stale_refused_and_started_by_hand(act: Act) -> None:
    """RPM moved after the plan was shown; arguments with quotes stop it; the command that the run said applies it."""
    hub = act.hub
    held = hub.request(5, "silver", acme="Silver")
    request(act, held)
    hub.server.by_hand(7, {"Fields.Tier": "Bronze"})
    before = hub.main()
    hub.merge(held)
    ran = push(act, before)
    assert (ran.code, ran.jobs["Plan"], tier(hub)) == (1, "failed", "Bronze")
    assert not [job for job in ran.jobs if job.startswith("Apply")]
    digest = hub.result("approved")["digest"]
    assert f"--field base={before} --field digest={digest}" in hub.forge.issues[0].body
    quote = '--confirm-conflicts=1 "--expect sha256:0000'
    assert dispatch(act, base=before, digest=digest, arguments=quote).code == 1
    assert hub.server.edits() == []
    ran = dispatch(act, base=before, digest=digest, arguments="--confirm-conflicts=1\n")
    assert (ran.code, ran.jobs["Apply reviewed"], "Apply" in ran.jobs) == (0, "succeeded", False), ran.log
    assert (tier(hub), issues(hub)) == ("Silver", [False])
    assert hub.forge.deployments[-1].environment == "rpm-reviewed"


def test_failed_caught_up_two_merges_and_an_old_job_again(act: Act) -> None:
    """The first apply cannot reach RPM; two more merges come in one push and one apply does all three; the old job puts nothing back."""
    hub = act.hub
    first, second, third = (
        hub.request(number, f"silver-{name}", **{name: "Silver"})
        for number, name in ((5, "acme"), (6, "bolt"), (7, "cord"))
    )
    assert request(act, first).code == 0
    before = hub.main()
    old = hub.merge(first)
    down = {"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "reply", "status": 503}}
    hub.server.faults(down)
    assert push(act, before).jobs["Apply"] == "failed"
    assert issues(hub) == [True]
    hub.server.faults()
    for held in (second, third):
        assert hub.planned(held).code == 0
    between = hub.main()
    hub.merge(second)
    hub.merge(third)
    ran = push(act, between)
    assert ran.code == 0, ran.log
    assert [tier(hub, it) for it in (7, 8, 9)] == ["Silver"] * 3
    assert issues(hub) == [False]
    later = hub.request(8, "bronze", acme="Bronze")
    hub.planned(later)
    before_later = hub.main()
    hub.merge(later)
    assert push(act, before_later).code == 0
    hub.git("switch", "--quiet", "--detach", old)
    act.begin("push", old, "main")
    act.run("push", {"before": before, "after": old, "ref": "refs/heads/main"})
    assert tier(hub) == "Bronze"


@pytest.mark.parametrize("repository", ["mallory/customers", "acme/customers"])
def test_forks_and_bots_get_no_key_and_are_green(act: Act, repository: str) -> None:
    """The forge withholds the secrets: the files are checked, RPM is not asked."""
    held = act.hub.request(5, "silver", acme="Silver")
    ran = request(act, held, repository, RPM_READ_KEY="", RPM_EDIT_KEY="")
    assert (ran.code, act.hub.server.calls()) == (0, []), ran.log
    assert "no plan, because the forge gave this run no key" in ran.log
    assert len(act.hub.forge.under(5)) == (repository == "acme/customers")


def test_drift_is_opened_changed_and_closed_and_rpm_down_reaches_somebody(act: Act) -> None:
    """One issue through the nights; the reads and the history of earlier nights come back from the cache."""
    hub = act.hub
    hub.server.by_hand(7, {"Fields.Tier": "Bronze"})
    assert night(act).code == 0
    (issue,) = hub.forge.issues
    assert (issue.title, "Bronze" in issue.body) == ("RPM has drifted from git", True)
    hub.server.by_hand(8, {"Fields.Tier": "Bronze"})
    assert night(act).code == 0
    assert "What has drifted changed: 2 customers" in hub.forge.comments[-1].body
    hub.server.faults({"endpoint": "Customers", "point": "P2", "action": {"do": "reply", "status": 403}})
    assert night(act).code == 1
    assert issue.title == "RPM could not be audited"
    hub.server.faults()
    hub.server.by_hand(7, {"Fields.Tier": "Gold"})
    hub.server.by_hand(8, {"Fields.Tier": "Gold"})
    assert night(act).code == 0
    assert issues(hub) == [False]
    history = next((act.home / "cache").rglob("audits.jsonl")).read_text()
    assert len(history.splitlines()) == 3


def test_adopted_by_a_request(act: Act) -> None:
    """Somebody names a customer that drifted: a request gives its file RPM's values, and nothing is edited."""
    hub = act.hub
    hub.server.by_hand(7, {"Fields.Tier": "Bronze"})
    ran = dispatch(act, adopt="7")
    assert (ran.code, ran.jobs["Adopt"], ran.jobs["Result"]) == (0, "succeeded", "succeeded"), ran.log
    (opened,) = hub.forge.opened
    acme = (hub.folder / "customers/acme.yaml").read_text()
    assert opened.files == {"customers/acme.yaml": acme.replace("Gold", "Bronze")}
    assert (opened.into, opened.start, opened.title) == ("main", hub.main(), "Adopt 1 value from RPM")
    assert (hub.server.edits(), hub.forge.issues) == ([], [])


POISON = "import os\nopen('/tmp/owned-by-the-checkout', 'w')\nraise SystemExit('owned')\n"


def test_a_poisoned_checkout_is_not_run(act: Act) -> None:
    """Modules of the names that Python, pip and the steps look for, a hook, a results folder and a link: none is obeyed."""
    hub = act.hub
    held = hub.request(5, "silver", acme="Silver")
    for name in ("sitecustomize", "pip", "venv", "click", "reconciler/__init__", "install", "tomllib"):
        hub.place.file(f"{name}.py", POISON)
    hub.place.file("reconciler-results/root/plan/result.json", "{}")
    hub.push(held)
    ran = request(act, held)
    assert ran.code == 0, ran.log
    assert "owned" not in ran.log
    assert not Path("/tmp/owned-by-the-checkout").exists()  # noqa: S108 - what the poison would write
    assert "Silver" in hub.forge.under(5)[0].body


def test_five_folders_are_five_jobs(act: Act, source: str) -> None:
    """Each with a comment of its own, and one that fails stops no other; the folder that nothing touches has no job."""
    hub = act.hub
    names = ("a", "b", "c", "d", "e")
    hub.git("switch", "--quiet", "main")
    ids = dict(zip(names, range(21, 26), strict=True))
    hub.server.seed(
        *(Customer(it, name, fields={"Tier": "Gold"}) for name, it in ids.items()), fields=("Tier",)
    )
    shutil.rmtree(hub.folder / "customers")
    (hub.folder / "reconciler.yaml").unlink()
    (hub.folder / ".github/workflows/reconciler.yml").unlink()
    for name, number in ids.items():
        hub.place.file(f"{name}/reconciler.yaml", "limits: {percent: 100}\n")
        hub.place.file(
            f"{name}/customers/x.yaml", f"CustomerID: {number}\nName: {name}\nFields:\n  Tier: Gold\n"
        )
    assert hub.place.run("init", "--ci", "github", "--from", source).code == 0
    hub.folders = names
    settled(hub)
    held = hub.request(5, "silver")
    for name, number in list(ids.items())[:4]:
        broken = (
            "Nam: x\n" if name == "b" else f"CustomerID: {number}\nName: {name}\nFields:\n  Tier: Silver\n"
        )
        hub.place.file(f"{name}/customers/x.yaml", broken)
    hub.push(held)
    ran = request(act, held)
    assert ran.jobs["Result"] == "failed"
    bodies = [it.body for it in hub.forge.under(5)]
    assert [body.split()[3] for body in bodies] == ["a", "b", "c", "d"]
    assert ["Silver" in body for body in bodies] == [True, False, True, True]
    hub.git("switch", "--quiet", "silver")
    hub.place.file("b/customers/x.yaml", "CustomerID: 22\nName: b\nFields:\n  Tier: Silver\n")
    hub.push(held)
    assert request(act, held).code == 0
    before = hub.main()
    hub.merge(held)
    ran = push(act, before)
    assert ran.code == 0, ran.log
    assert [tier(hub, it) for it in ids.values()] == ["Silver"] * 4 + ["Gold"]


def test_a_folder_below_the_root_another_branch_and_the_real_installer(act: Act, tmp_path: Path) -> None:
    """`init` in a folder of a repository whose branch is trunk, from a commit of this repository: installed as users have it."""
    hub = act.hub
    commit = git(ROOT, "rev-parse", "HEAD")
    git(tmp_path, "clone", "--quiet", "--bare", str(ROOT), "reconciler.git")
    git(tmp_path / "reconciler.git", "config", "uploadpack.allowAnySHA1InWant", "true")
    hub.git("switch", "--quiet", "main")
    hub.git("branch", "--quiet", "--move", "main", "trunk")
    (hub.folder / ".github/workflows/reconciler.yml").unlink()
    shutil.move(hub.folder / "customers", hub.folder / "sales/crm/customers")
    shutil.move(hub.folder / "reconciler.yaml", hub.folder / "sales/crm/reconciler.yaml")
    root, hub.place.folder = hub.folder, hub.folder / "sales/crm"
    assert (
        hub.place.run("init", "--ci", "github", "--from", f"file://{tmp_path}/reconciler.git@{commit}").code
        == 0
    )
    hub.place.folder = root
    hub.commit("Move")
    hub.git("switch", "--quiet", "--create", "silver")
    hub.place.file("sales/crm/customers/acme.yaml", "CustomerID: 7\nName: Acme\nFields:\n  Tier: Silver\n")
    head = hub.commit("Silver")
    hub.git("switch", "--quiet", "--detach", "trunk")
    hub.git("merge", "--quiet", "--no-ff", "--message=Merge ref", head)
    act.begin("pull_request", head, "silver", 5)
    about = {
        "pull_request": {
            "number": 5,
            "head": {"sha": head, "ref": "silver", "repo": {"full_name": "acme/customers"}},
            "base": {"ref": "trunk", "sha": hub.git("rev-parse", "trunk")},
        }
    }
    ran = act.run("pull_request", about)
    assert ran.jobs["Plan"] == "succeeded", ran.log
    assert hub.result("plan", "sales-crm")["state"] == "planned"
