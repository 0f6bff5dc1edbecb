"""GitLab's pipeline as `init` writes it, run by gitlab-ci-local with its shell executor, in the checkout as it is.

The runner keeps its folder between jobs and pipelines, as a persistent one does: nothing is cleaned in between.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.kit.forge import TOKEN, Deployment, HeldRequest, HeldRun
from tests.kit.server import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.pipeline import Hub

RUNNER = shlex.split(os.environ.get("RECONCILER_GITLAB") or "")
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Piped:
    """A pipeline that ended: its code, its log, and how each job ended: `PASS`, `WARN` or `FAIL`."""

    code: int
    log: str
    jobs: dict[str, str] = field(default_factory=dict)


@dataclass
class GitLabRunner:
    """A runner for one project."""

    hub: Hub
    home: Path

    def request(self, held: HeldRequest, *, project: str = "3", **more: str) -> Piped:
        """The pipeline of a merge request at its newest commit, compared with main as it is now."""
        hub = self.hub
        hub.git("switch", "--quiet", "--detach", held.head)
        self._begin("merge_request_event", held.head, held.source, held.number)
        about = {
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": str(held.number),
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": hub.git("merge-base", "main", held.head),
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": held.branch,
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": project,
            "CI_MERGE_REQUEST_PROJECT_ID": "3",
        }
        ended = self._run({**about, **more})
        results = hub.folder / "reconciler-results"
        for path in results.rglob("*.json"):
            hub.forge.files[f"{hub.last_run}:{path.relative_to(results).as_posix()}"] = path.read_bytes()
        return ended

    def push(self, before: str, *manual: str, **more: str) -> Piped:
        """The pipeline of a push to main; `manual` are jobs that somebody started."""
        self.hub.git("switch", "--quiet", "main")
        self._begin("push", self.hub.main(), "main")
        about = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": before, "CI_COMMIT_BRANCH": "main"}
        return self._applied(self._run({**about, **more}, *manual))

    def by_hand(self, *manual: str, **more: str) -> Piped:
        """A pipeline that somebody started with variables."""
        self.hub.git("switch", "--quiet", "main")
        self._begin("web", self.hub.main(), "main")
        return self._applied(
            self._run({"CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "main", **more}, *manual)
        )

    def night(self) -> Piped:
        """The pipeline of a schedule."""
        self.hub.git("switch", "--quiet", "main")
        self._begin("schedule", self.hub.main(), "main")
        return self._run({"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"})

    def _begin(self, event: str, head: str, branch: str, request: int = 0) -> None:
        self.hub.last_run += 1
        self.hub.forge.runs[self.hub.last_run] = HeldRun(
            self.hub.last_run, event, head, branch, request=request
        )

    def _applied(self, ended: Piped) -> Piped:
        """A deployment for each job in an environment that applies."""
        for job, environment in (("apply", "rpm"), ("apply-reviewed", "rpm-reviewed")):
            if job in ended.jobs:
                state = "success" if ended.jobs[job] == "PASS" else "failed"
                commit = self.hub.git("rev-parse", "HEAD")
                self.hub.forge.deployments.append(Deployment(environment, commit, self.hub.last_run, state))
        return ended

    def _run(self, about: dict[str, str], *manual: str) -> Piped:
        hub = self.hub
        variables = {
            "GITLAB_CI": "true",  # the runner says that it is not GitLab
            "CI_PIPELINE_ID": str(hub.last_run),
            "CI_PIPELINE_URL": f"https://gitlab.example/acme/customers/-/pipelines/{hub.last_run}",
            "CI_API_V4_URL": hub.forge.url,
            "CI_PROJECT_ID": "3",
            "CI_DEFAULT_BRANCH": "main",
            "RECONCILER_TOKEN": TOKEN,
            "RPM_READ_KEY": KEY,
            "RPM_EDIT_KEY": KEY,
            "RPM_API_URL": hub.server.url,
            **about,
        }
        command = [
            *RUNNER, "--force-shell-executor", "--json-schema-validation=false", "--color=false", "--concurrency", "1", "--ignore-predefined-vars", ",".join(variables),
            *(word for it in manual for word in ("--manual", f"{it}: [.,]")),
            *(word for name, text in variables.items() for word in ("--variable", f"{name}={text}")),
        ]  # fmt: skip
        around = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command, cwd=hub.folder, env=around, capture_output=True, text=True, timeout=600, check=False
        )
        log = _COLOR.sub("", done.stdout + done.stderr)
        found = re.findall(r"^ *(PASS|WARN|FAIL) +([\w-]+)", log, re.MULTILINE)
        return Piped(done.returncode, log, {name: result for result, name in found})
