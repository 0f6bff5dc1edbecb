"""What every step stands on: the run, the checkout, the folder, the variables; and how its result is left for later jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from reconciler.ci.folders import suffix
from reconciler.ci.results import StepResult, folder_name, leave, make_place, results_folder
from reconciler.core.errors import InputError, InvalidFiles, ReconcilerError, Refused
from reconciler.core.text import counted
from reconciler.repo.settings import Settings, find_settings, load_settings
from reconciler.report.markdown_escape import code
from reconciler.rpm.session import LazySession, RunEnvironment, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from reconciler.ci.pipeline import Run
    from reconciler.core.clock import Clock
    from reconciler.core.values import Problem
    from reconciler.repo.git.repository import Repository

OVERTAKEN: Final = "overtaken"
_OPTIONAL: Final = ("RPM_API_URL", "RPM_CA_FILE")


class Overtaken(Refused):
    """The branch has moved on over what this run is about; the run of its newest commit is for that too."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How a step is heard while it works: `say` for people, `warn` for problems of files, `progress` for a count."""

    say: Callable[[str], None]
    warn: Callable[[Sequence[Problem]], None]
    progress: Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a run, in the folder of one reconciler.yaml; `folder` is its path from git's root."""

    run: Run
    repo: Repository
    here: Path
    variables: Mapping[str, str]
    clock: Clock
    voice: Voice
    flags: Mapping[str, object] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The folder that this job is about, whatever its settings say."""
        found = find_settings(self.here)
        return self.repo.path(self.here if found is None else found.parent)

    @property
    def known(self) -> tuple[str, ...]:
        """The folders that the pipeline was written for."""
        return known_folders(self.variables)

    def environment(self, name: str) -> str:
        """An environment of this folder."""
        return name + suffix(self.folder, self.known)

    def settings(self) -> Settings:
        """The settings of the folder; an empty RPM_API_URL or RPM_CA_FILE is one that was not given."""
        return load_settings(self.here, dict(self.flags), self.given())

    def given(self) -> dict[str, str]:
        """The variables without optional ones that are empty."""
        return {name: text for name, text in self.variables.items() if text or name not in _OPTIONAL}

    def session(self, settings: Settings) -> LazySession:
        """A session with RPM; which address that is, is said."""
        source = "reconciler.yaml" if settings.url_from_file else "RPM_API_URL"
        self.voice.say(f"RPM is {target_of(settings).url}, as {source} says")
        return LazySession(settings, RunEnvironment(self.given(), None, self.clock, self.voice.say))

    def need_key(self, secret: str) -> None:
        """Raise `InputError` without a key, and name the secret that is empty."""
        if not self.variables.get("RPM_API_KEY"):
            advice = f"set the secret {secret} of the environment that this job runs in"
            raise InputError(f"reading the API key: the secret {secret} is empty", advice=advice)

    def result(self, step: str, state: str, headline: str, *, code: int = 0, report: str = "") -> StepResult:
        """A result with everything in it that the run knows."""
        run = self.run
        return StepResult(
            step=step,
            folder=self.folder,
            state=state,
            code=code,
            headline=headline,
            report=report,
            head=run.head,
            request=run.request,
            branch=run.branch,
            page=run.page,
        )

    def leave(self, result: StepResult) -> StepResult:
        """Put a result where later jobs find it."""
        leave(results_folder(self.run, self.variables), result)
        return result

    def told(self, step: str, work: Callable[[], StepResult], requests: Sequence[int] = ()) -> StepResult:
        """Do a step's work and leave its result, also where it fails; the failure goes on. Where nothing can be left, nothing is begun.

        `requests` may grow while the work is done: the merged ones that a failure concerns.
        """
        make_place(results_folder(self.run, self.variables))
        try:
            return self.leave(work())
        except ReconcilerError as error:
            self.leave(replace(self.failed(step, error), requests=tuple(requests)))
            raise

    def failed(self, step: str, error: ReconcilerError) -> StepResult:
        """What is left of a step that failed."""
        if isinstance(error, InvalidFiles):
            headline = counted(len(error.problems), "problem")
            lines = [f"- {code(str(problem), 300)}" for problem in error.problems[:50]]
            more = [f"- … {len(error.problems) - 50} more in the log"] if len(error.problems) > 50 else []
            report = "\n".join([*lines, *more])
        else:
            headline = "an error"
            report = "\n".join(f"- {code(it, 600)}" for it in (error.what, error.advice) if it)
        state = OVERTAKEN if isinstance(error, Overtaken) else "failed"
        return self.result(step, state, headline, code=error.exit_code, report=report)

    @property
    def name(self) -> str:
        """The folder's name where no path can stand."""
        return folder_name(self.folder)


def known_folders(
    variables: Mapping[str, str], name: str = "RECONCILER_FOLDERS", unsaid: Sequence[str] = (".",)
) -> tuple[str, ...]:
    """The folders that the pipeline was written for, or those of another variable; `unsaid` where it says none."""
    try:
        found = json.loads(variables.get(name) or json.dumps(unsaid))
        ok = isinstance(found, list) and all(isinstance(it, str) for it in found)
    except ValueError:
        ok = False
    if not ok:
        raise InputError(f"reading {name}: a JSON list of folders is needed", advice='as in ["crm"]')
    return tuple(found)
