"""The workflow that `init` wrote, run by `act` in host mode, with stand-ins for the actions of others and a forge of our own.

act hands every job a workspace of its own. What the network would bring is stood in for: `actions/checkout` fetches the commit of the
run from a bare origin, `actions/upload-artifact` gives the forge the files, `actions/cache` keeps a folder next to the origin.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.kit.forge import REPOSITORY, TOKEN, Deployment, HeldRun
from tests.kit.pipeline import WORKFLOW
from tests.kit.server import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.pipeline import Hub

ACT = os.environ.get("RECONCILER_ACT") or shutil.which("act") or ""
ACTIONS = ("actions/checkout", "actions/upload-artifact", "actions/cache")

CHECKOUT = """\
name: checkout
description: What actions/checkout does, from a bare origin
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +
        git init --quiet --initial-branch=work .
        git remote add origin "$STAND_IN_ORIGIN"
        git fetch --quiet origin "+refs/heads/*:refs/remotes/origin/*" "+refs/pull/*:refs/pull/*"
        git checkout --quiet --detach "$GITHUB_SHA"
"""

UPLOAD = """\
name: upload
description: What actions/upload-artifact does, to a forge on this machine
inputs: {name: {}, path: {}, overwrite: {}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", PLACE: "${{ inputs.path }}"}
      run: |
        [ -d "$PLACE" ] || exit 0
        python3 - <<'END'
        import io, os, pathlib, urllib.request, zipfile
        place = pathlib.Path(os.environ["PLACE"])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(place.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(place).as_posix())
        address = os.environ["STAND_IN_FORGE"] + "/stand-in/artifacts/%s/%s" % (os.environ["GITHUB_RUN_ID"], os.environ["NAME"])
        urllib.request.urlopen(urllib.request.Request(address, packed.getvalue(), method="POST")).read()
        END
"""

CACHE = """\
name: cache
description: What actions/cache does, with a folder on this machine
inputs: {path: {}, key: {}, restore-keys: {}}
runs: {using: node20, main: main.js, post: post.js}
"""
MAIN = """\
const fs = require('fs'), path = require('path');
const from = process.env.STAND_IN_CACHE + '/' + process.env['INPUT_RESTORE-KEYS'].trim();
if (fs.existsSync(from)) fs.cpSync(from, process.env.INPUT_PATH, {recursive: true});
"""
POST = """\
const fs = require('fs');
const to = process.env.STAND_IN_CACHE + '/' + process.env['INPUT_RESTORE-KEYS'].trim();
fs.rmSync(to, {recursive: true, force: true});
if (fs.existsSync(process.env.INPUT_PATH)) fs.cpSync(process.env.INPUT_PATH, to, {recursive: true});
"""


@dataclass
class Ended:
    """A run of the workflow: its code, its log, and how each job ended by its name."""

    code: int
    log: str
    jobs: dict[str, str] = field(default_factory=dict)


@dataclass
class Act:
    """A runner for one repository; `source` stands in for the repository of reconciler, at the commit that the workflow names."""

    hub: Hub
    home: Path
    origin: Path

    def push(self) -> None:
        """Bring the branches, and what merging each request would make, to the origin."""
        self.hub.git("push", "--quiet", "--force", str(self.origin), "refs/heads/*:refs/heads/*")

    def run(self, event: str, about: dict[str, Any], **secrets: str) -> Ended:
        """One run for an event, of the commit that is checked out."""
        hub = self.hub
        self.push()
        commit = hub.git("rev-parse", "HEAD")
        hub.git("push", "--quiet", "--force", str(self.origin), f"{commit}:refs/pull/0/merge")
        event_file = hub.place.file("home/act.json", json.dumps(about))
        given = {"RPM_READ_KEY": KEY, "RPM_EDIT_KEY": KEY, "GITHUB_TOKEN": TOKEN, **secrets}
        environment = {
            "GITHUB_RUN_ID": str(hub.last_run),
            "GITHUB_API_URL": hub.forge.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/{WORKFLOW}@refs/heads/main",
            "STAND_IN_ORIGIN": str(self.origin),
            "STAND_IN_FORGE": hub.forge.url,
            "STAND_IN_CACHE": str(self.home / "cache"),
        }
        command = [
            ACT, event, "--eventpath", str(event_file), "--platform", "ubuntu-latest=-self-hosted", "--no-cache-server",
            "--no-skip-checkout", "--var", f"RPM_API_URL={hub.server.url}", "--concurrent-jobs", "2",
            *(word for name in self._pins() for word in ("--local-repository", f"{name}={self._action(name)}")),
            *(word for name, text in given.items() for word in ("--secret", f"{name}={text}")),
            *(word for name, text in environment.items() for word in ("--env", f"{name}={text}")),
        ]  # fmt: skip
        around = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command, cwd=hub.folder, env=around, capture_output=True, text=True, timeout=600, check=False
        )
        log = done.stdout + done.stderr
        self._deploy(commit)
        hub.end()
        return Ended(done.returncode, log, _jobs(log))

    def _deploy(self, commit: str) -> None:
        """A forge notes a deployment for each job in an environment that applies; act knows none."""
        artifacts = self.hub.forge.runs[self.hub.last_run].artifacts
        names = [it.removeprefix("reconciler-apply-") for it in artifacts if "-apply-" in it]
        for name in names:
            where = self.hub.result("approved", name)["environment"]
            state = "failure" if self.hub.result("apply", name)["code"] else "success"
            self.hub.forge.deployments.append(Deployment(where, commit, self.hub.last_run, state))

    def _pins(self) -> list[str]:
        """The actions of others that the workflow names, with their commits."""
        text = (self.hub.folder / ".github/workflows/reconciler.yml").read_text()
        return sorted(set(re.findall(r"uses: (actions/[\w-]+@[0-9a-f]{40})", text)))

    def _action(self, pin: str) -> Path:
        """The stand-in for one of them."""
        name = pin.partition("@")[0]
        folder = self.home / "stand-ins" / name
        if not folder.exists():
            folder.mkdir(parents=True)
            text = {"checkout": CHECKOUT, "upload-artifact": UPLOAD, "cache": CACHE}[name.partition("/")[2]]
            (folder / "action.yml").write_text(text)
            (folder / "main.js").write_text(MAIN)
            (folder / "post.js").write_text(POST)
        return folder

    def begin(self, event: str, head: str, branch: str, request: int = 0) -> None:
        """A new run, as the forge will know it."""
        self.hub.last_run += 1
        self.hub.forge.runs[self.hub.last_run] = HeldRun(
            self.hub.last_run, event, head, branch, status="in_progress", request=request
        )


def _jobs(log: str) -> dict[str, str]:
    """How each job ended; act numbers the rows of a matrix."""
    return {
        found[1].strip(): found[2]
        for found in re.finditer(r"^\[[^/\]]*/([^\]]*?)\s*\] .*Job (succeeded|failed)", log, re.MULTILINE)
    }
