"""The workflow for GitHub that `init` writes, run: every `run:` step by bash, against the embedded RPM and a forge of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.forge import Kept
from tests.kit.repository import Repository, begun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace


@pytest.fixture
def repository(server: Server, place: Workplace) -> Iterator[Repository]:
    """Main says Gold, as RPM does; the branch says Silver."""
    with begun(place, server) as made:
        yield made


def test_plan_becomes_one_comment(repository: Repository) -> None:
    """The first run writes the comment; the next one edits it, with the plan and its digest of then."""
    plan = repository.plan()
    assert plan.code == 0
    assert repository.comment(plan, run="9").code == 0
    (first,) = repository.forge.comments
    assert "Silver" in first.body
    assert f"digest={plan.outputs['digest']} -->\n" in first.body
    assert (repository.place.folder / "home/summary").read_text().count(plan.outputs["digest"]) == 1
    repository.commit("Bronze")
    assert repository.comment(repository.plan(), run="10").code == 0
    (second,) = repository.forge.comments
    assert "Bronze" in second.body
    assert repository.server.edits() == []


@pytest.mark.parametrize(("run", "attempt"), [("9", "3"), ("10", "1")])
def test_an_older_run_does_not_overwrite_a_newer(repository: Repository, run: str, attempt: str) -> None:
    """Runs count as numbers, not as texts, and an attempt counts within its run alone."""
    plan = repository.plan()
    repository.comment(plan, run="10", attempt="2")
    written = repository.forge.comments[0].body
    ran = repository.comment(plan, run=run, attempt=attempt)
    assert (ran.code, len(repository.forge.comments)) == (0, 1)
    assert repository.forge.comments[0].body == written
    assert "a newer run has commented already" in ran.printed


def test_a_plan_with_problems_is_shown_and_fails(repository: Repository) -> None:
    """A field that RPM does not have is in the comment, and the job is red."""
    acme = "CustomerID: 7\nName: Acme\nFields:\n  Teir: Silver\n"
    repository.place.customer("acme", acme)
    plan = repository.plan()
    assert plan.code == 1
    assert repository.comment(plan, run="1").code == 0
    assert "Teir" in repository.forge.comments[0].body


def test_the_approved_plan_is_applied(repository: Repository) -> None:
    """Merged as approved, the edit is sent; the digest comes from our comment under the merged request."""
    repository.comment(repository.plan(), run="1")
    head = repository.git("rev-parse", "HEAD")
    repository.forge.merged[head] = (5, head)
    approved = repository.approved(head)
    assert approved.code == 0
    ran = repository.apply(approved.outputs["digest"], repository.git("rev-parse", "main"))
    assert ran.code == 0
    assert repository.server.values()[7]["Fields.Tier"] == "Silver"


def test_what_moved_since_the_approval_is_refused(repository: Repository) -> None:
    """RPM was edited after the plan was approved: another plan, another digest, nothing sent."""
    plan = repository.plan()
    repository.server.by_hand(7, {"Fields.Tier": "Bronze"})
    ran = repository.apply(plan.outputs["digest"], repository.git("rev-parse", "main"))
    assert ran.code == 3
    assert repository.server.edits() == []


def test_no_digest_no_edit(repository: Repository) -> None:
    """Should the approval ever come out empty, the step ends before the command is run."""
    ran = repository.apply("", repository.git("rev-parse", "main"))
    assert ran.code != 0
    assert "no approved plan" in ran.printed
    assert repository.server.calls() == []


def test_nothing_is_approved_without_a_merged_request(repository: Repository) -> None:
    """A push past any request has no plan that somebody could have looked at."""
    repository.comment(repository.plan(), run="1")
    ran = repository.approved(repository.git("rev-parse", "HEAD"))
    assert ran.code != 0
    assert "was not made by merging a request" in ran.printed


def test_the_plan_must_be_of_what_was_merged(repository: Repository) -> None:
    """A commit that was pushed after the plan was made is not covered by it."""
    repository.comment(repository.plan(), run="1", head="a" * 40)
    head = repository.git("rev-parse", "HEAD")
    repository.forge.merged[head] = (5, head)
    ran = repository.approved(head)
    assert ran.code != 0
    assert f"is of {'a' * 40}, but {head} was merged" in ran.printed


def test_a_comment_of_somebody_else_approves_nothing(repository: Repository) -> None:
    """Whoever can comment can write our mark; only our own account's count."""
    head = repository.git("rev-parse", "HEAD")
    repository.forge.merged[head] = (5, head)
    mark = f"<!-- reconciler plan run=99.1 head={head} digest=sha256:0 -->"
    repository.forge.comments.append(Kept(1, mark, author="mallory"))
    ran = repository.approved(head)
    assert ran.code != 0
    assert "holds no plan" in ran.printed


def test_by_hand_with_a_digest(repository: Repository) -> None:
    """Started by hand, the job takes the digest and the number of edits that its starter gives."""
    digest = repository.plan().outputs["digest"]
    approved = repository.approved(repository.git("rev-parse", "HEAD"), digest)
    assert approved.outputs["digest"] == digest
    before = repository.git("rev-parse", "main")
    assert repository.apply(digest, before, edits="2").code == 3
    assert repository.apply(digest, before, edits="1").code == 0


def test_validate_needs_no_key(repository: Repository) -> None:
    """What a fork's pull request gets: every file checked, and nothing asked of RPM."""
    assert repository.jobs.run("validate", {}).code == 0
    repository.place.customer("bad", "Nam: Bad\n")
    assert repository.jobs.run("validate", {}).code == 1
    assert repository.server.calls() == []


def test_drift_opens_edits_and_closes_one_issue(repository: Repository) -> None:
    """Clean: none. Drift: opened, then edited. Clean again: closed. Drift again: another one."""
    forge = repository.forge
    repository.commit("Gold")
    assert repository.drift("1").code == 0
    assert forge.issues == []
    repository.server.by_hand(7, {"Fields.Tier": "Bronze"})
    assert repository.drift("2").code == 0
    repository.server.by_hand(7, {"Fields.Tier": "Silver"})
    assert repository.drift("3").code == 0
    (issue,) = forge.issues
    assert (issue.title, issue.open) == ("RPM has drifted from git", True)
    assert "Silver" in issue.body
    assert "Bronze" not in issue.body.partition("was")[0]
    repository.drift("2")
    assert "run=3.1" in forge.issues[0].body
    repository.server.by_hand(7, {"Fields.Tier": "Gold"})
    assert repository.drift("4").code == 0
    assert [it.open for it in forge.issues] == [False]
    repository.server.by_hand(7, {"Fields.Tier": "Bronze"})
    assert repository.drift("5").code == 0
    assert [it.open for it in forge.issues] == [False, True]


def test_a_quiet_night_costs_one_call(repository: Repository) -> None:
    """The last reads stay between the nights, as the forge's cache keeps them; on Sundays everybody is read."""
    repository.commit("Gold")
    server = repository.server
    nights = []
    for refresh in ("modified", "modified", "full", "modified"):
        before = len(server.calls())
        assert repository.drift("1", refresh).code == 0
        nights.append(server.calls()[before:])
    quiet = ["Info", "Customers"]
    assert nights == [[*quiet, "Customer"], quiet, [*quiet, "Customer"], quiet]


def test_a_failed_audit_says_nothing_on_the_forge(repository: Repository) -> None:
    """When RPM cannot be read, no issue is opened and none is closed."""
    repository.server.faults(
        {"endpoint": "Customers", "point": "P2", "action": {"do": "reply", "status": 403}}
    )
    assert repository.drift("1").code == 1
    assert repository.forge.writes == []
