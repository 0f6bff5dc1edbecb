"""GitLab's pipeline as `init` writes it, run by gitlab-ci-local on a runner that keeps its folder."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.kit.forge import Deployment
from tests.pipeline.conftest import settled

if TYPE_CHECKING:
    from tests.kit.gitlab import GitLabRunner
    from tests.kit.pipeline import Hub


def tier(hub: Hub, customer: int = 7) -> str:
    """What RPM has."""
    return hub.server.values()[customer]["Fields.Tier"]


def issues(hub: Hub) -> list[bool]:
    """Which issues are open."""
    return [it.open for it in hub.forge.issues]


def test_planned_pushed_again_merged_and_applied(gitlab: GitLabRunner) -> None:
    """One note, of the newest commit; merged, main's plan is approved and applied, and the request is told."""
    hub = gitlab.hub
    held = hub.request(5, "silver", acme="Silver")
    ran = gitlab.request(held)
    assert ran.code == 0, ran.log
    hub.push(held, acme="Bronze")
    assert gitlab.request(held).code == 0
    (shown,) = hub.forge.under(5)
    assert ("Bronze" in shown.body, f"Plan of {held.head[:7]}" in shown.body) == (True, True)
    before = hub.main()
    hub.merge(held)
    ran = gitlab.push(before)
    assert (ran.code, tier(hub)) == (0, "Bronze"), ran.log
    assert "**Applied**" in hub.forge.under(5)[-1].body


def test_two_folders_are_two_rows(gitlab: GitLabRunner, source: str) -> None:
    """Each with a note, an environment and an apply of its own; the one that nothing touches applies nothing, and that counts."""
    hub = gitlab.hub
    hub.git("switch", "--quiet", "main")
    for path in (".gitlab-ci.yml", "reconciler.yaml"):
        (hub.folder / path).unlink()
    (hub.folder / "west").mkdir()
    shutil.move(hub.folder / "customers", hub.folder / "west/customers")
    acme = (hub.folder / "west/customers/acme.yaml").read_text()
    (hub.folder / "west/customers/acme.yaml").unlink()
    for name in ("the east", "west"):
        hub.place.file(f"{name}/reconciler.yaml", "limits: {percent: 100}\n")
    hub.place.file("the east/customers/acme.yaml", acme)
    assert hub.place.run("init", "--ci", "gitlab", "--from", source).code == 0
    settled(hub)
    hub.forge.deployments[:] = [Deployment(f"rpm-{it}", hub.main(), 100) for it in ("the-east", "west")]
    held = hub.request(5, "silver")
    hub.place.file("the east/customers/acme.yaml", acme.replace("Gold", "Silver"))
    hub.push(held)
    assert gitlab.request(held).code == 0
    assert [it.body.split()[3] for it in hub.forge.under(5)] == ["the-east"]
    before = hub.main()
    hub.merge(held)
    ran = gitlab.push(before)
    assert (ran.code, tier(hub), len(hub.server.edits())) == (0, "Silver", 1), ran.log
    assert "west: Nothing to apply" in ran.log


def test_what_no_request_has_shown_is_a_button(gitlab: GitLabRunner) -> None:
    """`apply` ends with a warning, an issue says that a plan waits; the manual job applies and tells."""
    hub = gitlab.hub
    hub.git("switch", "--quiet", "main")
    before = hub.main()
    hub.forge.tips["main"] = hub.commit("Past any request", acme="Silver")
    ran = gitlab.push(before)
    assert (ran.jobs["approved"], ran.jobs["apply"], tier(hub)) == ("PASS", "WARN", "Gold"), ran.log
    assert [(it.title, it.open) for it in hub.forge.issues] == [("A plan waits for a review", True)]
    assert "The plan waits for the job in the environment rpm-reviewed" in ran.log
    ran = gitlab.push(before, "apply-reviewed")
    assert (ran.jobs["apply-reviewed"], tier(hub)) == ("PASS", "Silver"), ran.log
    assert issues(hub) == [False]


def test_started_by_hand_with_arguments_taken_literally(gitlab: GitLabRunner) -> None:
    """After a refusal, a pipeline with base and digest; a quote in the arguments stops it."""
    hub = gitlab.hub
    held = hub.request(5, "silver", acme="Silver")
    gitlab.request(held)
    hub.server.by_hand(7, {"Fields.Tier": "Bronze"})
    before = hub.main()
    hub.merge(held)
    ran = gitlab.push(before, "apply-reviewed")
    assert ("FAIL" in ran.jobs.values() or "WARN" in ran.jobs.values(), tier(hub)) == (True, "Bronze"), (
        ran.log
    )
    assert "glab ci run --branch main --variables BASE:" in ran.log + "".join(
        it.body for it in hub.forge.issues
    )
    digest = next(word for word in hub.forge.issues[0].body.split("`") if word.startswith("sha256:"))
    quote = '--confirm-conflicts=1 "--expect'
    gitlab.by_hand("apply-reviewed", BASE=before, DIGEST=digest, ARGUMENTS=quote)
    assert hub.server.edits() == []
    done = gitlab.by_hand("apply-reviewed", BASE=before, DIGEST=digest, ARGUMENTS="--confirm-conflicts=1")
    assert tier(hub) == "Silver", done.log


def test_a_fork_gets_neither_plan_nor_note(gitlab: GitLabRunner) -> None:
    """Its pipeline runs in the fork: the files are checked, RPM is not asked, nobody is told."""
    held = gitlab.hub.request(5, "silver", acme="Silver")
    ran = gitlab.request(held, project="99")
    assert (ran.code, gitlab.hub.server.calls(), gitlab.hub.forge.writes) == (0, [], []), ran.log
    assert "comment" not in ran.jobs


def test_nights(gitlab: GitLabRunner) -> None:
    """Drift opened, a request to adopt it on demand, RPM down told, all well again closed."""
    hub = gitlab.hub
    hub.server.by_hand(7, {"Fields.Tier": "Bronze"})
    ran = gitlab.night()
    assert (ran.code, issues(hub)) == (0, [True]), ran.log
    assert gitlab.by_hand(ADOPT="7").code == 0
    (opened,) = hub.forge.opened
    assert "Tier: Bronze" in opened.files["customers/acme.yaml"]
    hub.git("restore", ".")  # as GitLab's own runner does before each job
    hub.server.faults({"endpoint": "Customers", "point": "P2", "action": {"do": "reply", "status": 403}})
    assert gitlab.night().code != 0
    assert hub.forge.issues[0].title == "RPM could not be audited"
    hub.server.faults()
    hub.server.by_hand(7, {"Fields.Tier": "Gold"})
    assert gitlab.night().code == 0
    assert issues(hub) == [False]


def test_a_workspace_that_was_poisoned_before(gitlab: GitLabRunner) -> None:
    """What an earlier job has left under the names of results, settings of the shell and commands is neither believed nor run."""
    hub = gitlab.hub
    hub.git("switch", "--quiet", "main")
    before = hub.main()
    hub.forge.tips["main"] = hub.commit("Past any request", acme="Silver")
    forged = '{"step": "approved", "state": "approved", "environment": "rpm", "digest": "sha256:0", "requests": []}'
    hub.place.file("reconciler-results/root/approved/result.json", forged)
    hub.place.file("bin/reconciler", "#!/bin/sh\necho owned\n").chmod(0o755)
    hub.place.file("sitecustomize.py", "print('owned')\n")
    ran = gitlab.push(before)
    assert (ran.jobs["apply"], tier(hub)) == ("WARN", "Gold"), ran.log
    assert "owned" not in ran.log
