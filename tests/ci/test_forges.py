"""A forge's API over HTTP: busy, slow to know, and never told anything twice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reconciler.ci.forges.github import GitHub
from reconciler.ci.forges.gitlab import GitLab
from reconciler.ci.forges.http import ForgeError, Http
from reconciler.ci.pipeline import find_run
from tests.ci.test_run import GITLAB
from tests.kit.forge import TOKEN, Forge, HeldRequest, running_forge

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def forge() -> Iterator[Forge]:
    """A forge alone."""
    with running_forge() as made:
        yield made


def http(forge: Forge, pauses: list[float]) -> Http:
    """Its API, and how long each wait was to be."""
    return Http(f"{forge.url}/repos/acme/customers", "Authorization", f"Bearer {TOKEN}", pauses.append)


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        pytest.param(403, {"Retry-After": "7"}, 7.0, id="F136-secondary-limit"),
        (403, {"X-RateLimit-Remaining": "0"}, 1.0),
        (429, {"Retry-After": "86400"}, 60.0),
        (502, {}, 1.0),
    ],
)
def test_a_busy_forge_is_asked_again(
    forge: Forge, status: int, headers: dict[str, str], pause: float
) -> None:
    """Retry-After is obeyed up to a minute; a rate limit refuses before anything is written, so a comment is sent again too."""
    forge.trouble = {"branches|heads|comments": [(status, headers)]}
    forge.tips["main"] = "a" * 40
    pauses: list[float] = []
    if status in {403, 429}:
        forge.requests.clear()
        http(forge, pauses).send("POST", "/issues/5/comments", {"body": "x"})
        assert len(forge.comments) == 1
    else:
        assert http(forge, pauses).get("/git/ref/heads/main")["object"]["sha"] == "a" * 40
    assert pauses == [pause]


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("gitlab", [False, True])
def test_a_merge_that_the_forge_knows_later(forge: Forge, *, gitlab: bool, listed: bool) -> None:
    """A push may run before the forge has noted which request made its commit, or lists it as open: it is asked again, for the run's own commit alone."""
    commit = "c" * 40
    forge.requests[5] = HeldRequest(5, commit if listed else "a" * 40)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        forge.requests[5].merged_as = commit

    run = find_run({**GITLAB, "CI_COMMIT_SHA": commit})
    base = f"{forge.url}/projects/3" if gitlab else f"{forge.url}/repos/acme/customers"
    api = Http(base, "PRIVATE-TOKEN", TOKEN, pause)
    asked = GitLab(api, run, Path(), 41, 3) if gitlab else GitHub(api, "acme/customers", run)
    assert asked.merged("d" * 40) is None
    assert pauses == []
    found = asked.merged(commit)
    assert (found is not None and found.number, len(pauses)) == (5, 1)


def test_three_tries_and_what_may_be_written_twice_is_not(forge: Forge) -> None:
    """A refusal that is no limit is final; a comment is not sent again when it may have arrived."""
    pauses: list[float] = []
    forge.trouble = {"heads": [(503, {})] * 3}
    with pytest.raises(ForgeError, match="503 trouble"):
        http(forge, pauses).get("/git/ref/heads/main")
    assert len(pauses) == 2
    forge.trouble = {"comments": [(502, {})], "pulls": [(403, {})]}
    with pytest.raises(ForgeError, match="502"):
        http(forge, pauses).send("POST", "/issues/5/comments", {"body": "x"})
    with pytest.raises(ForgeError, match="lacks a right"):
        http(forge, pauses).get("/pulls/5")
    assert len(pauses) == 2
    assert TOKEN not in repr(http(forge, pauses))
