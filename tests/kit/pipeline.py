"""A pipeline's jobs without a runner: a clone, the environment that a forge gives a job, the installed command, its results kept.

What a job leaves becomes an artifact of its run, a job in an environment a deployment: as the generated files have it.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.kit.forge import REPOSITORY, TOKEN, Deployment, Forge, HeldRequest, HeldRun, running_forge
from tests.kit.programs import GIT
from tests.kit.server import KEY, Customer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kit.server import Server
    from tests.kit.workplace import Ran, Workplace


WORKFLOW = ".github/workflows/reconciler.yml"


@dataclass
class Hub:
    """A repository on a forge, its main branch, and the runs of its pipeline; each run has a number of its own."""

    place: Workplace
    forge: Forge
    server: Server
    folders: tuple[str, ...] = (".",)
    last_run: int = 100
    more: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The checkout."""
        return self.place.folder

    def git(self, *words: str) -> str:
        """What git says."""
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
        command = [GIT, *who, *words]
        done = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, message: str = "More", **tiers: str) -> str:
        """Have these customers' Tiers so, on the branch that is checked out: `acme="Gold"`."""
        ids = {"acme": 7, "bolt": 8, "cord": 9}
        for name, tier in tiers.items():
            text = f"CustomerID: {ids[name]}\nName: {name.title()}\nFields:\n  Tier: {tier}\n"
            self.place.customer(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, **tiers: str) -> str:
        """A branch from main with these customers changed; its newest commit."""
        self.git("switch", "--quiet", "--force-create", name, "main")
        return self.commit(name, **tiers)

    def request(self, number: int, source: str, **tiers: str) -> HeldRequest:
        """Open a request from a new branch."""
        held = HeldRequest(number, self.branch(source, **tiers), source)
        self.forge.requests[number] = held
        return held

    def push(self, held: HeldRequest, **tiers: str) -> None:
        """Push another commit to a request."""
        self.git("switch", "--quiet", held.source)
        held.head = self.commit("Again", **tiers)

    def merge_ref(self, held: HeldRequest) -> str:
        """Check out what merging the request would make, as a forge does for its run."""
        self.git("switch", "--quiet", "--detach", "main")
        self.git("merge", "--quiet", "--no-ff", "--message=Merge ref", held.head)
        return self.git("rev-parse", "HEAD")

    def merge(self, held: HeldRequest, *, squash: bool = False) -> str:
        """Merge a request into main; the commit that this made."""
        self.git("switch", "--quiet", "main")
        if squash:
            self.git("merge", "--quiet", "--squash", held.source)
            self.git("commit", "--quiet", f"--message=Squashed {held.number}")
        else:
            self.git("merge", "--quiet", "--no-ff", f"--message=Merge {held.number}", held.source)
        held.merged_as = self.forge.tips["main"] = self.git("rev-parse", "main")
        return held.merged_as

    def main(self) -> str:
        """The newest commit of main."""
        return self.git("rev-parse", "main")

    def step(self, name: str, event: str, about: dict[str, Any], *words: str, **more: str) -> Ran:
        """One step of this run in the checkout as it is; what it leaves becomes an artifact of the run."""
        ran = self.place.run("ci", name, *words, **self.variables(event, about, **more))
        self.keep(name)
        return ran

    def variables(self, event: str, about: dict[str, Any], **more: str) -> dict[str, str]:
        """What GitHub gives a job of this run, in a new temporary folder."""
        temporary = self.folder / "home/temp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.forge.url,
            "GITHUB_SERVER_URL": "https://forge.example",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": str(self.last_run),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self.place.file("home/event.json", json.dumps(about))),
            "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/{WORKFLOW}@refs/heads/main",
            "GITHUB_SHA": self.git("rev-parse", "HEAD"),
            "GITHUB_REF_NAME": "main",
            "GITHUB_WORKSPACE": str(self.folder),
            "GITHUB_OUTPUT": str(self.place.file("home/output", "")),
            "GITHUB_STEP_SUMMARY": str(self.place.file("home/summary", "")),
            "RUNNER_TEMP": str(temporary),
            "GITHUB_TOKEN": TOKEN,
            "RECONCILER_FOLDERS": json.dumps(self.folders),
            "FOLDERS": json.dumps(self.folders),
            **self.more,
            **more,
        }

    def on_gitlab(self, *words: str, source: str = "push", **more: str) -> Ran:
        """One step of a pipeline of GitLab's, whose results stay in the project's folder, in the checkout as it is."""
        given = {
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": source,
            "CI_PIPELINE_ID": str(self.last_run),
            "CI_PIPELINE_URL": f"https://gitlab.example/acme/customers/-/pipelines/{self.last_run}",
            "CI_API_V4_URL": self.forge.url,
            "CI_PROJECT_ID": "3",
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_BRANCH": "main",
            "CI_COMMIT_SHA": self.git("rev-parse", "HEAD"),
            "CI_COMMIT_BEFORE_SHA": "0" * 40,
            "RECONCILER_TOKEN": TOKEN,
            "RECONCILER_FOLDERS": json.dumps(self.folders),
            "FOLDERS": json.dumps(self.folders),
            **more,
        }
        return self.place.run("ci", *words, **given)

    def keep(self, step: str) -> None:
        """Make artifacts of what a step left, one a folder."""
        results = self.folder / "home/temp/reconciler-results"
        run = self.forge.runs.get(self.last_run)
        for left in results.iterdir() if results.is_dir() and run else ():
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                for path in left.rglob("*"):
                    if path.is_file():
                        archive.write(path, path.relative_to(results).as_posix())
            assert run is not None
            run.artifacts[f"reconciler-{step}-{left.name}"] = packed.getvalue()

    def result(self, step: str, name: str = "root") -> dict[str, Any]:
        """What a step of the newest run left."""
        found: dict[str, Any] = json.loads(self.left(f"{name}/{step}/result.json"))
        return found

    def left(self, path: str) -> bytes:
        """A file that the steps of the newest run left; KeyError where there is none."""
        for content in self.forge.runs[self.last_run].artifacts.values():
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if path in archive.namelist():
                    return archive.read(path)
        raise KeyError(path)

    def outputs(self) -> dict[str, str]:
        """What the last step put out."""
        lines = (self.folder / "home/output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def begin(self, event: str, head: str, branch: str, request: int = 0) -> int:
        """A new run."""
        self.last_run += 1
        self.forge.runs[self.last_run] = HeldRun(
            self.last_run, event, head, branch, status="in_progress", request=request
        )
        return self.last_run

    def end(self) -> None:
        """The newest run has ended."""
        self.forge.runs[self.last_run].status = "completed"

    def planned(self, held: HeldRequest, *, comment: bool = True, **more: str) -> Ran:
        """A whole run of a request: plan and comment."""
        self.merge_ref(held)
        self.begin("pull_request", held.head, held.source, held.number)
        about = self.about(held)
        ran = self.step("plan", "pull_request", about, **more)
        if comment:
            self.step("comment", "pull_request", about, RPM_API_KEY="")
        self.end()
        return ran

    def about(self, held: HeldRequest, repository: str = REPOSITORY) -> dict[str, Any]:
        """The event of a request."""
        return {
            "pull_request": {
                "number": held.number,
                "head": {"sha": held.head, "ref": held.source, "repo": {"full_name": repository}},
                "base": {"ref": held.branch, "sha": self.main()},
            }
        }

    def pushed(self, before: str, *, apply: bool = True) -> tuple[Ran, Ran | None]:
        """A whole run of a push to main: approved, and apply where something was let through."""
        self.git("switch", "--quiet", "--detach", "main")
        self.begin("push", self.main(), "main")
        about = {"before": before, "after": self.main()}
        return self.on_main("push", about, apply=apply)

    def by_hand(self, **inputs: str) -> tuple[Ran, Ran | None]:
        """A whole run that somebody started."""
        self.git("switch", "--quiet", "--detach", "main")
        self.begin("workflow_dispatch", self.main(), "main")
        return self.on_main("workflow_dispatch", {"inputs": inputs})

    def on_main(self, event: str, about: dict[str, Any], *, apply: bool = True) -> tuple[Ran, Ran | None]:
        """approved, folders --to-apply, apply, comment and issue in the checkout as it is, for the newest run."""
        approved = self.step("approved", event, about)
        self.step("folders", event, about, "--to-apply", RPM_API_KEY="")
        applied = None
        for output, name in (("approved", "rpm"), ("reviewed", "rpm-reviewed")) if apply else ():
            rows = self.outputs().get(output)
            for row in json.loads(rows)["include"] if rows else ():
                environment = name + row["suffix"]
                applied = self.step("apply", event, about, ENVIRONMENT=environment)
                state = "success" if applied.code == 0 else "failure"
                commit = self.git("rev-parse", "HEAD")
                self.forge.deployments.append(Deployment(environment, commit, self.last_run, state))
        self.step("comment", event, about, RPM_API_KEY="")
        self.step("issue", event, about, RPM_API_KEY="")
        self.end()
        return approved, applied

    def night(self, **more: str) -> Ran:
        """A whole run of a night: drift and issue."""
        self.git("switch", "--quiet", "--detach", "main")
        self.begin("schedule", self.main(), "main")
        ran = self.step("drift", "schedule", {}, **more)
        self.step("issue", "schedule", {}, RPM_API_KEY="")
        self.end()
        return ran


@contextmanager
def running_hub(place: Workplace, server: Server) -> Iterator[Hub]:
    """Main says Gold of three customers, as RPM does, and the forge knows one apply of it."""
    names = {7: "Acme", 8: "Bolt", 9: "Cord"}
    server.seed(
        *(Customer(it, name, fields={"Tier": "Gold"}) for it, name in names.items()), fields=("Tier",)
    )
    place.environment |= {"RPM_API_KEY": KEY}
    place.settings("limits:\n  percent: 100\n")
    place.file(".gitignore", ".reconciler/\nhome/\n")
    with running_forge() as forge:
        hub = Hub(place, forge, server)
        hub.git("init", "--quiet", "--initial-branch=main")
        forge.tips["main"] = hub.commit("Begin", acme="Gold", bolt="Gold", cord="Gold")
        forge.runs[100] = HeldRun(100, "push", hub.main(), "main")
        forge.deployments.append(Deployment("rpm", hub.main(), 100))
        yield hub
