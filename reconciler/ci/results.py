"""What a step leaves for later jobs: `NAME/STEP/result.json`, `plan.json` and pages, in a folder that is made new.

On GitHub the folder becomes an artifact, on GitLab the artifacts of the job. It is read back from bytes that a forge hands out,
so what does not fit is an error and never half a result.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconciler.ci.given import needed
from reconciler.ci.pipeline import Forge
from reconciler.core.errors import InputError
from reconciler.repo import atomic
from reconciler.repo.git.root import find_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.ci.pipeline import Run

FORMAT_VERSION: Final = "1.0"
FOLDER: Final = "reconciler-results"
_SIGNS: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of a step for one folder.

    `state` is one of planned, validated, nothing, failed (plan); approved, review, nothing, overtaken, failed (approved);
    applied, nothing, waiting, overtaken, failed (apply); clean, drift, failed (drift); adopted, nothing, failed (adopt). `headline` is one line for people, `report` Markdown; `requests` are
    the merged requests that an apply is for, `mark` a hash of what has drifted. `files` and `log`, what the job's own log shows,
    are not written into it.
    """

    step: str
    folder: str
    state: str
    code: int
    headline: str
    report: str = ""
    head: str = ""
    request: int = 0
    branch: str = ""
    base: str = ""
    digest: str = ""
    environment: str = ""
    requests: tuple[int, ...] = ()
    mark: str = ""
    page: str = ""
    format_version: str = FORMAT_VERSION
    files: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    log: str = field(default="", compare=False, repr=False)


def folder_name(folder: str) -> str:
    """A folder's name where a path cannot stand: an artifact, an environment. `.` is `root`."""
    return _SIGNS.sub("-", folder.lower()).strip("-") or "root"


def results_folder(run: Run, environment: Mapping[str, str]) -> Path:
    """Where a job leaves its results: in the job's temporary folder on GitHub, in the project's on GitLab."""
    if run.forge is Forge.GITHUB:
        return Path(needed(environment, "RUNNER_TEMP"), FOLDER)
    here = Path.cwd()
    return (find_root(here) or here) / FOLDER


def make_place(place: Path) -> None:
    """Make sure that results can be left; a link or a file that the checkout brought in its place is removed."""
    with atomic.named("leaving results", place):
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            place.unlink()
        place.mkdir(parents=True, exist_ok=True)
        if not os.access(place, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def leave(place: Path, result: StepResult) -> None:
    """Write a step's files into a new folder; whatever the checkout or an earlier job has put there is removed."""
    folder = place / folder_name(result.folder) / result.step
    for part in (place, folder.parent):
        if part.is_symlink() or (part.exists() and not part.is_dir()):
            part.unlink()
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    written = asdict(result)
    del written["files"], written["log"]
    texts = {"result.json": json.dumps(written, indent=2) + "\n", **result.files}
    for name, text in texts.items():
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor
            stream.write(text)


def kept(place: Path) -> dict[str, bytes]:
    """The files in a folder of results, by path; a link is not followed."""
    if place.is_symlink():
        return {}
    files = [path for path in sorted(place.rglob("*")) if path.is_file() and not path.is_symlink()]
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def read(files: Mapping[str, bytes], name: str, step: str, run: Run | None = None) -> StepResult | None:
    """The result of a step for a folder's name, or None where it left none; raises `InputError` for one that is broken.

    With `run`, one that another run has left, on a machine that keeps its folders, counts as none.
    """
    content = files.get(f"{name}/{step}/result.json")
    if content is None:
        return None
    try:
        found: dict[str, Any] = json.loads(content)
        result = StepResult(**{**found, "requests": tuple(found["requests"])})
        texts = (result.state, result.headline, result.report, result.head, result.digest, result.base)
        fits = result.step == step and all(isinstance(text, str) for text in texts)
    except (ValueError, TypeError, KeyError):
        fits = False
    if not fits:
        raise InputError(f"reading what the step {step} left for {name}: it is not a result of this tool")
    return None if run is not None and result.page != run.page else result
