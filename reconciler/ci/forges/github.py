"""GitHub's REST API, and of those who speak it: what the steps need, with the token that Actions gives a job.

Which run planned a request, GitHub does not say outright: a run names its event, its workflow file, its head commit and its
head branch, not its request nor the request's base. So a run counts only if no other request had the same head branch in this
repository, and if the request's base branch was not changed after the run began. What cannot be told apart counts for nothing.
"""

from __future__ import annotations

import io
import itertools
import re
import urllib.parse
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from reconciler.ci.forges.http import LARGEST, ForgeError, Http
from reconciler.ci.forges.interface import Posted, Request
from reconciler.ci.forges.issues import Issues
from reconciler.ci.given import address, needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reconciler.ci.pipeline import Run

ARTIFACT: Final = "reconciler-"
_ACCOUNT: Final = "github-actions[bot]"
_RUN: Final = re.compile(r"/actions/runs/(\d+)(?:/|$)")
_LOOKED_AT: Final = 200
"""Deployments of an environment that are looked at before the search is given up."""


@dataclass(frozen=True, slots=True)
class GitHub(Issues):
    """One repository on GitHub, seen from one run."""

    CHANGE = "PATCH"
    TEXT = "body"
    COMMENTS = "comments"
    CLOSED: ClassVar = {"state": "closed"}

    http: Http
    repository: str
    run: Run

    @classmethod
    def of(cls, environment: Mapping[str, str], run: Run) -> GitHub:
        """By the variables that Actions sets, and `GITHUB_TOKEN`."""
        repository = needed(environment, "GITHUB_REPOSITORY")
        base = f"{address(environment, 'GITHUB_API_URL')}/repos/{repository}"
        token = needed(environment, "GITHUB_TOKEN")
        return cls(Http(base, "Authorization", f"Bearer {token}"), repository, run)

    def tip(self, branch: str) -> str:
        """By the branch's reference."""
        found: str = self.http.get(f"/git/ref/heads/{urllib.parse.quote(branch)}")["object"]["sha"]
        return found

    def applied(self, environments: Sequence[str]) -> Iterator[str]:
        """A deployment counts if it succeeded at some time and its job belongs to a run of this workflow on this branch.

        A later deployment makes an earlier one `inactive`, so all of its statuses are looked at.
        """
        rows: list[dict[str, Any]] = []
        for environment in environments:
            name = urllib.parse.quote(environment, safe="")
            rows += itertools.islice(self.http.rows(f"/deployments?environment={name}"), _LOOKED_AT)
        for row in sorted(rows, key=lambda it: int(it["id"]), reverse=True):
            if self._succeeded(row):
                yield row["sha"]

    def _succeeded(self, deployment: Mapping[str, Any]) -> bool:
        for status in self.http.rows(f"/deployments/{deployment['id']}/statuses"):
            place = _RUN.search(status.get("log_url") or status.get("target_url") or "")
            if status["state"] == "success" and place:
                run = self.http.get_or_none(f"/actions/runs/{place[1]}")
                return bool(
                    run
                    and _file(run) == self.run.file
                    and run["event"] in {"push", "workflow_dispatch"}
                    and run["head_branch"] == self.run.branch
                    and run["head_sha"] == deployment["sha"]
                )
        return False

    def merged(self, commit: str) -> Request | None:
        """By its merge commit, which a squash and the last commit of a rebase are too; GitHub may take seconds to know it."""
        for number in range(3):
            rows = self.http.get(f"/commits/{commit}/pulls")
            for row in rows:
                if row["merged_at"] and row["merge_commit_sha"] == commit:
                    return _request(row)
            settled = bool(rows) and all(row["merged_at"] for row in rows)
            if settled or commit != self.run.commit or number == 2:
                return None
            self.http.pause(1.0 + number)
        return None

    def planned(self, request: Request, name: str) -> Mapping[str, bytes] | None:
        """The artifact of the newest finished run that can only be this request's."""
        owner = self.repository.partition("/")[0]
        branch = urllib.parse.quote(f"{owner}:{request.source}", safe="")
        same = {row["number"] for row in self.http.rows(f"/pulls?state=all&head={branch}")}
        if same != {request.number}:
            return None
        moved = [
            row["created_at"]
            for row in self.http.rows(f"/issues/{request.number}/events")
            if row["event"] == "base_ref_changed"
        ]
        file = urllib.parse.quote(self.run.file.rpartition("/")[2])
        query = f"event=pull_request&status=completed&head_sha={request.head}"
        runs = [
            row
            for row in self.http.rows(f"/actions/workflows/{file}/runs?{query}", "workflow_runs")
            if _file(row) == self.run.file
            and row["event"] == "pull_request"
            and row["head_sha"] == request.head
            and row["head_branch"] == request.source
            and (row.get("head_repository") or {}).get("full_name") == self.repository
            and all(row["created_at"] > moment for moment in moved)
        ]
        if not runs:
            return None
        return self._artifact(max(row["id"] for row in runs), f"{ARTIFACT}plan-{name}")

    def results(self) -> Mapping[str, bytes]:
        """Every artifact of this run that is ours."""
        files: dict[str, bytes] = {}
        for row in self._artifacts(self.run.run_id):
            files |= self._unpacked(row["id"])
        return files

    def _artifact(self, run_id: int, name: str) -> Mapping[str, bytes] | None:
        found = [row for row in self._artifacts(run_id) if row["name"] == name]
        return self._unpacked(max(row["id"] for row in found)) if found else None

    def _artifacts(self, run_id: int) -> list[dict[str, Any]]:
        rows = self.http.rows(f"/actions/runs/{run_id}/artifacts", "artifacts")
        ours = [row for row in rows if row["name"].startswith(ARTIFACT) and not row["expired"]]
        return sorted(ours, key=lambda row: int(row["id"]))

    def _unpacked(self, artifact: int) -> dict[str, bytes]:
        content = self.http.content("GET", f"/actions/artifacts/{artifact}/zip")
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                    raise ForgeError(f"artifact {artifact} unpacks to more than {LARGEST:,} bytes")
                return {
                    entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()
                }
        except zipfile.BadZipFile:
            raise ForgeError(f"artifact {artifact} is no archive") from None

    def has_reviewers(self, environment: str) -> bool | None:
        """By the environment's rules; where there are no environments, GitHub says 404."""
        found = self.http.get_or_none(f"/environments/{urllib.parse.quote(environment, safe='')}")
        if found is None:
            return None
        rules = found.get("protection_rules") or []
        return any(rule["type"] == "required_reviewers" and rule.get("reviewers") for rule in rules)

    def request(self, number: int) -> Request:
        """As it is now."""
        return _request(self.http.get(f"/pulls/{number}"))

    def open_request(self, branch: str, start: str, files: Mapping[str, str], title: str, body: str) -> str:
        """By git's own objects: a tree, a commit and a branch."""
        tree = [
            {"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in files.items()
        ]
        base = self.http.get(f"/git/commits/{start}")["tree"]["sha"]
        made = self.http.send("POST", "/git/trees", {"base_tree": base, "tree": tree})["sha"]
        commit = self.http.send("POST", "/git/commits", {"message": title, "tree": made, "parents": [start]})[
            "sha"
        ]
        self.http.send("POST", "/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit})
        asked = {"title": title, "head": branch, "base": self.run.branch, "body": body}
        page: str = self.http.send("POST", "/pulls", asked)["html_url"]
        return page

    def comments(self, request: int) -> Iterator[Posted]:
        """Those of the account that Actions writes with."""
        for row in self.http.rows(f"/issues/{request}/comments"):
            if row["user"]["login"] == _ACCOUNT:
                yield Posted(row["id"], row["body"] or "")

    def write_comment(self, request: int, body: str, number: int | None) -> None:
        """A request's comments are those of the issue with its number."""
        if number is None:
            self.http.send("POST", f"/issues/{request}/comments", {"body": body})
        else:
            self.http.send("PATCH", f"/issues/comments/{number}", {"body": body})

    def issues(self) -> Iterator[Posted]:
        """GitHub lists pull requests among them, which bear no mark of ours."""
        creator = urllib.parse.quote(_ACCOUNT, safe="")
        for row in self.http.rows(f"/issues?state=open&creator={creator}"):
            if row["user"]["login"] == _ACCOUNT and "pull_request" not in row:
                yield Posted(row["number"], row["body"] or "")


def _request(row: Mapping[str, Any]) -> Request:
    return Request(row["number"], row["head"]["sha"], row["head"]["ref"], row["base"]["ref"])


def _file(run: Mapping[str, Any]) -> str:
    """The path of a run's workflow file; GitHub may add the ref that it was read at."""
    path: str = run.get("path") or ""
    return path.partition("@")[0]
