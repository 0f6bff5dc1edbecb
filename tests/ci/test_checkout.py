"""What the steps ask git: a commit that this clone lacks is told apart from a git that does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.ci import checkout
from reconciler.core.errors import InputError
from reconciler.repo.git.process import GitRefused
from tests.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reconciler.repo.git.repository import Repository

NOWHERE = "0123456789" * 4
QUESTIONS: dict[str, Callable[[Repository], object]] = {
    "has": lambda repo: checkout.has(repo, NOWHERE),
    "commit_of": lambda repo: checkout.commit_of(repo, "HEAD"),
    "on_line": lambda repo: checkout.on_line(repo, NOWHERE, "HEAD"),
    "is_ancestor": lambda repo: checkout.is_ancestor(repo, NOWHERE, "HEAD"),
}


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """One commit."""
    made = Git.init(tmp_path)
    made.commit(acme="Name: Acme\n")
    return made


def test_a_commit_that_a_clone_lacks_is_absent(git: Git) -> None:
    """So is a name that no ref has, and everything before the first commit."""
    repo = checkout.repository(git.folder)
    assert checkout.has(repo, "HEAD")
    assert not checkout.has(repo, NOWHERE)
    assert not checkout.has(repo, "refs/remotes/origin/main")
    assert not checkout.is_ancestor(repo, NOWHERE, "HEAD")
    with pytest.raises(InputError, match=f"asking git for {NOWHERE}: this clone lacks it"):
        checkout.commit_of(repo, NOWHERE)
    git("switch", "--quiet", "--orphan", "other")
    assert not checkout.has(repo, "HEAD")


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_git_that_does_not_answer_is_no_absence(question: str, git: Git) -> None:
    """A configuration that broke after the job began: git's own words."""
    repo = checkout.repository(git.folder)
    with (git.folder / ".git/config").open("a") as file:
        file.write("[core\n")
    with pytest.raises(GitRefused, match="bad config line"):
        QUESTIONS[question](repo)


def test_a_ref_whose_commit_is_lost_is_no_absence(git: Git) -> None:
    """What the default branch masks would be shown otherwise."""
    (git.folder / ".git/refs/heads/lost").write_text(f"{NOWHERE}\n")
    repo = checkout.repository(git.folder)
    with pytest.raises(GitRefused, match="asking git for refs/heads/lost: this clone lacks its commit"):
        checkout.has(repo, "refs/heads/lost")
