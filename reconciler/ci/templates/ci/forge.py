# ruff: noqa: INP001, T201 - a script of its own, which a repository keeps beside its workflows
"""What CI says on GitHub or GitLab: one comment per request, one issue about drift. Needs Python alone.

    forge.py comment FILE    put the plan in FILE under the request NUMBER, whose newest commit is HEAD
    forge.py approved        print the digest of the plan that stood under the merged request of COMMIT
    forge.py drift FILE      open, edit or close the issue about drift; CODE is the exit code of `reconciler drift`

Each text of ours begins with a mark that names the run that wrote it: a run never touches what a newer one wrote,
and only texts of our own account count. No key of RPM is known here.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = re.compile(r"<!-- reconciler (plan|drift) run=(\d+)\.(\d+) head=(\w*) digest=([\w:]*) -->")
TITLE = "RPM has drifted from git"
PAGE = 100


@dataclass(frozen=True)
class Text:
    """A comment or an issue of our own account; `run` is what wrote it."""

    number: int
    kind: str
    run: tuple[int, int]
    head: str
    digest: str


@dataclass(frozen=True)
class Merged:
    """A request that was merged, and its newest commit."""

    number: int
    head: str


class Forge(Protocol):
    """What is needed of a forge."""

    def comments(self, request: int) -> Iterator[Text]:
        """Our texts under a request."""

    def comment(self, request: int, body: str, number: int | None) -> None:
        """Write a comment, or edit the one with a number."""

    def merged(self, commit: str) -> Merged | None:
        """The request whose merging made a commit."""

    def issues(self) -> Iterator[Text]:
        """Our open issues."""

    def issue(self, body: str, number: int | None, *, closed: bool) -> None:
        """Open an issue, or edit or close the one with a number."""


class Http:
    """JSON over HTTP, with the account's token in a header."""

    def __init__(self, base: str, header: str, token: str) -> None:
        """Keep where calls go, and the token for nowhere else."""
        self._base = base
        self._headers = {header: token, "Content-Type": "application/json", "Accept": "application/json"}

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer; ends the script with the forge's own words when it refuses."""
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the base comes from the runner
            self._base + path, content, self._headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.reason}")
        except OSError as error:
            sys.exit(f"{method} {path}: {error}")

    def rows(self, path: str) -> Iterator[dict[str, Any]]:
        """Every row of a list, page by page."""
        page = 0
        while True:
            page += 1
            rows = self.call("GET", f"{path}{'&' if '?' in path else '?'}per_page={PAGE}&page={page}")
            yield from rows
            if len(rows) < PAGE:
                return


class GitHub:
    """GitHub's REST API, with the token that Actions gives a job."""

    ACCOUNT = "github-actions[bot]"

    def __init__(self, environment: dict[str, str]) -> None:
        """Go by the variables that Actions sets."""
        base = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}"
        self._http = Http(base, "Authorization", f"Bearer {environment['GITHUB_TOKEN']}")

    def comments(self, request: int) -> Iterator[Text]:
        """Those of the account that Actions writes with."""
        for row in self._http.rows(f"/issues/{request}/comments"):
            if row["user"]["login"] == self.ACCOUNT:
                yield from text_of(row["id"], row["body"])

    def comment(self, request: int, body: str, number: int | None) -> None:
        """A request's comments are those of the issue with its number."""
        if number is None:
            self._http.call("POST", f"/issues/{request}/comments", {"body": body})
        else:
            self._http.call("PATCH", f"/issues/comments/{number}", {"body": body})

    def merged(self, commit: str) -> Merged | None:
        """By its merge commit, which a squash and the last commit of a rebase are too."""
        for row in self._http.rows(f"/commits/{commit}/pulls"):
            if row["merged_at"] and row["merge_commit_sha"] == commit:
                return Merged(row["number"], row["head"]["sha"])
        return None

    def issues(self) -> Iterator[Text]:
        """GitHub lists pull requests among them, which bear no mark of ours."""
        creator = urllib.parse.quote(self.ACCOUNT)
        for row in self._http.rows(f"/issues?state=open&creator={creator}"):
            if row["user"]["login"] == self.ACCOUNT:
                yield from text_of(row["number"], row["body"])

    def issue(self, body: str, number: int | None, *, closed: bool) -> None:
        """Closed issues keep their last text."""
        if number is None:
            self._http.call("POST", "/issues", {"title": TITLE, "body": body})
        else:
            change = {"body": body, "state": "closed" if closed else "open"}
            self._http.call("PATCH", f"/issues/{number}", change)


class GitLab:
    """GitLab's REST API, with a project access token; a job's own token may not write comments."""

    def __init__(self, environment: dict[str, str]) -> None:
        """Go by the variables that GitLab sets, and RECONCILER_TOKEN."""
        base = environment["CI_API_V4_URL"]
        token = environment["RECONCILER_TOKEN"]
        self._http = Http(f"{base}/projects/{environment['CI_PROJECT_ID']}", "PRIVATE-TOKEN", token)
        self._account = Http(base, "PRIVATE-TOKEN", token).call("GET", "/user")["id"]

    def comments(self, request: int) -> Iterator[Text]:
        """Those of the token's account."""
        for row in self._http.rows(f"/merge_requests/{request}/notes"):
            if row["author"]["id"] == self._account:
                yield from text_of(row["id"], row["body"])

    def comment(self, request: int, body: str, number: int | None) -> None:
        """GitLab calls them notes."""
        path = f"/merge_requests/{request}/notes"
        if number is None:
            self._http.call("POST", path, {"body": body})
        else:
            self._http.call("PUT", f"{path}/{number}", {"body": body})

    def merged(self, commit: str) -> Merged | None:
        """By its merge commit, its squash commit or, fast-forwarded, its newest commit."""
        for row in self._http.rows(f"/repository/commits/{commit}/merge_requests"):
            made = {row["merge_commit_sha"], row["squash_commit_sha"], row["sha"]}
            if row["state"] == "merged" and commit in made:
                return Merged(row["iid"], row["sha"])
        return None

    def issues(self) -> Iterator[Text]:
        """Open ones of the token's account."""
        for row in self._http.rows(f"/issues?state=opened&scope=all&author_id={self._account}"):
            yield from text_of(row["iid"], row["description"])

    def issue(self, body: str, number: int | None, *, closed: bool) -> None:
        """Closed issues keep their last text."""
        if number is None:
            self._http.call("POST", "/issues", {"title": TITLE, "description": body})
        else:
            event = {"state_event": "close"} if closed else {}
            self._http.call("PUT", f"/issues/{number}", {"description": body, **event})


def text_of(number: int, body: str | None) -> Iterator[Text]:
    """The text, if its first line is a mark."""
    if found := MARK.fullmatch((body or "").partition("\n")[0].strip()):
        yield Text(number, found[1], (int(found[2]), int(found[3])), found[4], found[5])


def newest(texts: Iterator[Text], kind: str) -> Text | None:
    """The text of a kind that the newest run wrote."""
    return max((it for it in texts if it.kind == kind), key=lambda it: it.run, default=None)


def comment(forge: Forge, environment: dict[str, str], report: str) -> None:
    """One comment, of the newest run."""
    request = int(environment["NUMBER"])
    status_of = newest(forge.comments(request), "plan")
    if status_of and status_of.run > run_of(environment):
        print("a newer run has commented already; its comment stays")
        return
    mark = marked("plan", environment, environment["HEAD"], environment.get("DIGEST", ""))
    forge.comment(request, mark + report, status_of.number if status_of else None)


def approved(forge: Forge, environment: dict[str, str]) -> None:
    """The digest under the merged request, if the plan is of the very commits that were merged."""
    commit = environment["COMMIT"]
    request = forge.merged(commit)
    if request is None:
        sys.exit(f"{commit} was not made by merging a request, so nobody approved a plan of it")
    status_of = newest(forge.comments(request.number), "plan")
    if status_of is None or not status_of.digest:
        sys.exit(f"request {request.number} holds no plan that could have been approved")
    if status_of.head != request.head:
        sys.exit(
            f"the plan of request {request.number} is of {status_of.head}, but {request.head} was merged"
        )
    print(status_of.digest)


def drift(forge: Forge, environment: dict[str, str], report: str) -> None:
    """One open issue while there is drift, none without."""
    status_of = newest(forge.issues(), "drift")
    if status_of and status_of.run > run_of(environment):
        print("a newer run has looked already; its issue stays")
    elif environment["CODE"] == "2" or status_of:
        body = marked("drift", environment, "", "") + report
        forge.issue(body, status_of.number if status_of else None, closed=environment["CODE"] == "0")


def run_of(environment: dict[str, str]) -> tuple[int, int]:
    """The run and its attempt, which count upwards."""
    run, _, attempt = environment["RUN"].partition(".")
    return int(run), int(attempt)


def marked(kind: str, environment: dict[str, str], head: str, digest: str) -> str:
    """The line that a text of ours begins with."""
    run, attempt = run_of(environment)
    return f"<!-- reconciler {kind} run={run}.{attempt} head={head} digest={digest} -->\n\n"


def main(words: list[str], environment: dict[str, str]) -> None:
    """Do what the first word says."""
    forge: Forge = GitLab(environment) if "GITLAB_CI" in environment else GitHub(environment)
    match words:
        case ["comment", file]:
            comment(forge, environment, Path(file).read_text(encoding="utf-8"))
        case ["approved"]:
            approved(forge, environment)
        case ["drift", file]:
            drift(forge, environment, Path(file).read_text(encoding="utf-8"))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:], dict(os.environ))
