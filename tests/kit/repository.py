"""A repository that `init` began, on a forge, before RPM: what the tests of CI files stand on."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.kit.ci import GitHubRunner, Job, parsed, shell
from tests.kit.forge import TOKEN, Forge, running_forge
from tests.kit.server import KEY, Customer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

GIT = shutil.which("git") or "git"


@dataclass
class Repository:
    """A repository after `init --ci both`, with one customer on main and a branch that changes it."""

    place: Workplace
    forge: Forge
    server: Server

    def git(self, *words: str) -> str:
        """What git says."""
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
        command = [GIT, *who, *words]
        done = subprocess.run(command, cwd=self.place.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, tier: str) -> str:
        """Have the customer's Tier so, in a commit."""
        self.place.customer("acme", f"CustomerID: 7\nName: Acme\nFields:\n  Tier: {tier}\n")
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", f"--message={tier}")
        return self.git("rev-parse", "HEAD")

    @property
    def jobs(self) -> GitHubRunner:
        """The workflow for GitHub."""
        text = (self.place.folder / ".github/workflows/reconciler.yml").read_text()
        given = {"GITHUB_API_URL": self.forge.url, "GITHUB_REPOSITORY": "acme/customers"}
        return GitHubRunner(self.place, parsed(text), given)

    def plan(self) -> Job:
        """The job `plan` on a pull request against main."""
        return self.jobs.run("plan", {"github.base_ref": "main", "secrets.RPM_READ_KEY": KEY})

    def comment(self, plan: Job, *, run: str, attempt: str = "1", head: str = "") -> Job:
        """The job `comment` behind it."""
        return self.jobs.run(
            "comment",
            {
                "github.token": TOKEN,
                "github.event.pull_request.number": "5",
                "github.event.pull_request.head.sha": head or self.git("rev-parse", "HEAD"),
                "github.run_number": run,
                "github.run_attempt": attempt,
                "needs.plan.outputs.digest": plan.outputs["digest"],
                "needs.plan.outputs.plan": plan.outputs["plan"],
            },
        )

    def approved(self, commit: str, given: str = "") -> Job:
        """The job `approved` on a push of a commit, or on a dispatch with a digest."""
        return self.jobs.run(
            "approved", {"github.token": TOKEN, "inputs.digest": given, "github.sha": commit}
        )

    def apply(self, digest: str, before: str, edits: str = "") -> Job:
        """The job `apply` behind it."""
        return self.jobs.run(
            "apply",
            {
                "inputs.base || github.event.before": before,
                "needs.approved.outputs.digest": digest,
                "inputs.confirm_edits": edits,
                "inputs.confirm_conflicts": "",
                "secrets.RPM_EDIT_KEY": KEY,
            },
        )

    def drift(self, run: str, refresh: str = "modified") -> Job:
        """The jobs `drift` and `issue` of a night; Sundays read everything."""
        expression = "github.event.schedule == '17 3 * * 0' && 'full' || 'modified'"
        found = self.jobs.run("drift", {"secrets.RPM_READ_KEY": KEY, expression: refresh})
        if found.code:
            return found
        return self.jobs.run(
            "issue",
            {
                "github.token": TOKEN,
                "github.run_number": run,
                "github.run_attempt": "1",
                "needs.drift.outputs.code": found.outputs["code"],
                "needs.drift.outputs.drift": found.outputs["drift"],
            },
        )


@dataclass
class GitLabJobs:
    """The jobs of .gitlab-ci.yml, run with the variables that GitLab sets."""

    repository: Repository

    def run(self, name: str, **variables: str) -> tuple[int, str]:
        """One job: its lines are one script."""
        place = self.repository.place
        job = parsed((place.folder / ".gitlab-ci.yml").read_text())[name]
        given = {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": self.repository.forge.url,
            "CI_PROJECT_ID": "3",
            "CI_PIPELINE_IID": "1",
            "CI_JOB_ID": "1",
            "CI_COMMIT_SHA": self.repository.git("rev-parse", "HEAD"),
            "CI_COMMIT_BEFORE_SHA": self.repository.git("rev-parse", "main"),
            "CI_MERGE_REQUEST_IID": "5",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.repository.git("rev-parse", "main"),
            "RECONCILER_TOKEN": TOKEN,
            "RPM_READ_KEY": KEY,
            "RPM_EDIT_KEY": KEY,
        }
        return shell(place, "\n".join(job["script"]), {**given, **variables})


@contextmanager
def begun(place: Workplace, server: Server) -> Iterator[Repository]:
    """Main says Gold, as RPM does; the branch says Silver."""
    server.seed(Customer(7, "Acme", fields={"Tier": "Gold"}), fields=("Tier",))
    (place.folder / "customers").rmdir()
    assert place.run("init", "--ci", "both", "--subscriber", "1207").code == 0
    place.file(".git/info/exclude", "home/\nplan.*\ndrift.md\n")
    with running_forge() as forge:
        made = Repository(place, forge, server)
        made.git("init", "--quiet", "--initial-branch=main")
        made.git("update-ref", "refs/remotes/origin/main", made.commit("Gold"))
        made.git("switch", "--quiet", "--create", "silver")
        made.commit("Silver")
        yield made
