"""The jobs of a CI file, run step by step with bash as a runner would, and what they put out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from tests.kit.workplace import COMMAND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.kit.workplace import Workplace

BASH = shutil.which("bash") or "bash"
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")


@dataclass
class Job:
    """How a job ended: its code, all that it printed, and its outputs."""

    code: int = 0
    printed: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GitHubRunner:
    """Runs the `run:` steps of a workflow; `given` are variables of the runner itself."""

    place: Workplace
    workflow: dict[str, Any]
    given: Mapping[str, str]

    def run(self, name: str, expressions: Mapping[str, str]) -> Job:
        """One job; each `${{ … }}` in an `env:` must be among the expressions."""
        job = Job()
        known = dict(expressions)
        for step in self.workflow["jobs"][name]["steps"]:
            if "run" not in step:
                continue
            environment = {
                key: EXPRESSION.sub(lambda it: known[it[1]], str(value))
                for key, value in step.get("env", {}).items()
            }
            job = self._step(step["run"], environment, job)
            known.update({f"steps.{step.get('id')}.outputs.{key}": it for key, it in job.outputs.items()})
            if job.code:
                break
        wanted = self.workflow["jobs"][name].get("outputs", {})
        put = {key: EXPRESSION.sub(lambda it: known.get(it[1], ""), value) for key, value in wanted.items()}
        return Job(job.code, job.printed, put)

    def _step(self, script: str, environment: Mapping[str, str], before: Job) -> Job:
        """One step, in the shell that `shell: bash` means."""
        output = self.place.file("home/output", "")
        given = {
            **self.given,
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(output),
            "GITHUB_PATH": str(self.place.file("home/path", "")),
            "GITHUB_STEP_SUMMARY": str(self.place.folder / "home" / "summary"),
        }
        code, printed = shell(self.place, script, {**given, **environment})
        lines = [line.partition("=") for line in output.read_text().splitlines()]
        outputs = {**before.outputs, **{key: value for key, _, value in lines}}
        return Job(code, before.printed + printed, outputs)


def shell(place: Workplace, script: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """The code and the output of a script, with `reconciler` on the PATH and no key but those given."""
    inherited = {key: value for key, value in place.environment.items() if key != "RPM_API_KEY"}
    inherited["PATH"] = os.pathsep.join([os.path.dirname(COMMAND), inherited["PATH"]])  # noqa: PTH120
    done = subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=place.folder,
        env={**inherited, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def parsed(text: str) -> dict[str, Any]:
    """A CI file; YAML 1.1 takes the key `on` for a boolean, which is put right here."""
    document = yaml.safe_load(text)
    return {"on" if key is True else key: value for key, value in document.items()}
