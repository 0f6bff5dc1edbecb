"""GitLab's REST API: what the steps need, with the project access token in `RECONCILER_TOKEN` (a job's own may not write).

A pipeline of a merge request bears the request's number in its ref, so it can be told whose it is. Artifacts of earlier jobs
of a pipeline are files in the job's folder.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from reconciler.ci.forges.http import ForgeError, Http
from reconciler.ci.forges.interface import Posted, Request
from reconciler.ci.forges.issues import Issues
from reconciler.ci.given import address, integer, needed
from reconciler.ci.results import kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from reconciler.ci.pipeline import Run


_MERGING: Final = frozenset({"opened", "locked"})
"""The states of a request that is about to be merged, as GitLab may say for seconds afterwards."""


@dataclass(frozen=True, slots=True)
class GitLab(Issues):
    """One project on GitLab, seen from one pipeline; `left` is the folder with the files of its earlier jobs."""

    CHANGE = "PUT"
    TEXT = "description"
    COMMENTS = "notes"
    CLOSED: ClassVar = {"state_event": "close"}

    http: Http
    run: Run
    left: Path
    account: int
    project: int

    @classmethod
    def of(cls, environment: Mapping[str, str], run: Run, left: Path) -> GitLab:
        """By the variables that GitLab sets, and `RECONCILER_TOKEN`."""
        base, token = address(environment, "CI_API_V4_URL"), needed(environment, "RECONCILER_TOKEN")
        project = integer(environment, "CI_PROJECT_ID")
        http = Http(f"{base}/projects/{project}", "PRIVATE-TOKEN", token)
        account = Http(base, http.header, http.token).get("/user")["id"]
        return cls(http, run, left, account, project)

    def tip(self, branch: str) -> str:
        """By the branch."""
        found: str = self.http.get(f"/repository/branches/{urllib.parse.quote(branch, safe='')}")["commit"][
            "id"
        ]
        return found

    def applied(self, environments: Sequence[str]) -> Iterator[str]:
        """Successful deployments of this branch by a job that applies."""
        rows: list[dict[str, Any]] = []
        for environment in environments:
            name = urllib.parse.quote(environment, safe="")
            query = f"environment={name}&status=success&order_by=id&sort=desc"
            rows += self.http.get(f"/deployments?{query}&per_page=100")
        for row in sorted(rows, key=lambda it: int(it["id"]), reverse=True):
            job = (row.get("deployable") or {}).get("name", "").partition(":")[0]
            if row["ref"] == self.run.branch and job in {"apply", "apply-reviewed"}:
                yield row["sha"]

    def merged(self, commit: str) -> Request | None:
        """By its merge commit, its squash commit or, fast-forwarded, its newest commit; GitLab may take seconds to know it."""
        for number in range(3):
            rows = self.http.get(f"/repository/commits/{commit}/merge_requests")
            for row in rows:
                made = {row["merge_commit_sha"], row["squash_commit_sha"], row["sha"]}
                if row["state"] == "merged" and commit in made:
                    return _request(row)
            settled = bool(rows) and all(row["state"] not in _MERGING for row in rows)
            if settled or commit != self.run.commit or number == 2:
                return None
            self.http.pause(1.0 + number)
        return None

    def planned(self, request: Request, name: str) -> Mapping[str, bytes] | None:
        """The files of the newest finished pipeline of this merge request that was of its head, alone or merged; none of a fork's."""
        prefix = f"refs/merge-requests/{request.number}/"
        for pipeline in self.http.rows(f"/merge_requests/{request.number}/pipelines"):
            if (
                pipeline["project_id"] != self.project
                or pipeline["status"] not in {"success", "failed"}
                or not pipeline["ref"].startswith(prefix)
                or not self._is_of(pipeline["sha"], request.head)
            ):
                continue
            for job in self.http.rows(f"/pipelines/{pipeline['id']}/jobs"):
                if job["name"].partition(":")[0] == "plan":
                    found = self._files(job["id"], name)
                    if found:
                        return found
            return None
        return None

    def _is_of(self, commit: str, head: str) -> bool:
        """Whether a pipeline's commit is the request's newest one, or what merging that makes."""
        return commit == head or head in self.http.get(f"/repository/commits/{commit}")["parent_ids"]

    def _files(self, job: int, name: str) -> dict[str, bytes]:
        files = {}
        for file in ("result.json", "plan.json"):
            path = f"{name}/plan/{file}"
            address = f"/jobs/{job}/artifacts/{urllib.parse.quote(f'{self.left.name}/{path}')}"
            try:
                files[path] = self.http.content("GET", address)
            except ForgeError as error:
                if error.status != 404:
                    raise
        return files

    def results(self) -> Mapping[str, bytes]:
        """The files of this pipeline's earlier jobs."""
        return kept(self.left)

    def has_reviewers(self, environment: str) -> bool | None:
        """A manual job on a protected branch waits for somebody who may merge."""
        return bool(environment)

    def request(self, number: int) -> Request:
        """As it is now."""
        return _request(self.http.get(f"/merge_requests/{number}"))

    def open_request(self, branch: str, start: str, files: Mapping[str, str], title: str, body: str) -> str:
        """By one commit through the API, which needs the role Developer."""
        actions = [{"action": "update", "file_path": path, "content": text} for path, text in files.items()]
        commit = {"branch": branch, "start_sha": start, "commit_message": title, "actions": actions}
        self.http.send("POST", "/repository/commits", commit)
        asked = {
            "source_branch": branch,
            "target_branch": self.run.branch,
            "title": title,
            "description": body,
            "remove_source_branch": True,
        }
        page: str = self.http.send("POST", "/merge_requests", asked)["web_url"]
        return page

    def comments(self, request: int) -> Iterator[Posted]:
        """Those of the token's account; GitLab calls them notes."""
        for row in self.http.rows(f"/merge_requests/{request}/notes?sort=asc"):
            if row["author"]["id"] == self.account:
                yield Posted(row["id"], row["body"] or "")

    def write_comment(self, request: int, body: str, number: int | None) -> None:
        """Write or replace a note."""
        path = f"/merge_requests/{request}/notes"
        if number is None:
            self.http.send("POST", path, {"body": body})
        else:
            self.http.send("PUT", f"{path}/{number}", {"body": body})

    def issues(self) -> Iterator[Posted]:
        """Open ones of the token's account."""
        for row in self.http.rows(f"/issues?state=opened&scope=all&author_id={self.account}"):
            yield Posted(row["iid"], row["description"] or "")


def _request(row: Mapping[str, Any]) -> Request:
    return Request(row["iid"], row["sha"], row["source_branch"], row["target_branch"])
