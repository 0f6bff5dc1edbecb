"""Which folders with a reconciler.yaml a change touches: the unit of work of a pipeline is one subscription.

A folder is touched by a change of its settings or of a file in its customers folder; a change of a pipeline file touches all.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reconciler.ci import checkout
from reconciler.ci.pipeline import Forge, Run, Trigger
from reconciler.ci.results import folder_name, read
from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.repo.settings import FILE, Settings, read_settings
from reconciler.rpm.endpoint import SANDBOX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reconciler.repo.git.repository import Repository

APPLY: Final = "rpm"
REVIEWED: Final = "rpm-reviewed"
"""What the names of the two environments begin with that may edit."""


@dataclass(frozen=True, slots=True)
class Touched:
    """The folders that a run is about of `every` one, and those that its change removes; paths from git's root, `.` for the root."""

    folders: tuple[str, ...]
    every: tuple[str, ...]
    removed: tuple[str, ...] = ()


def touched_folders(run: Run, repo: Repository) -> Touched:
    """Every folder at night, the one that was named on a dispatch, else those that the change touches.

    Which files are governed by settings that cannot be read is not known: each change touches their folder, whose step says why.
    """
    root = repo.root
    every = tuple(
        folder for folder in checkout.settings_folders(repo, run.commit) if not _is_sandbox(root / folder)
    )
    if run.inputs.folder:
        if run.inputs.folder not in every:
            raise InputError(
                f"folder {printable(run.inputs.folder)!r} has no {FILE}", advice=f"one of: {', '.join(every)}"
            )
        return Touched((run.inputs.folder,), every)
    if run.trigger is Trigger.SCHEDULE:
        return Touched(every, every)
    if run.trigger in {Trigger.DISPATCH, Trigger.ADOPT}:
        if len(every) > 1:
            raise InputError("several folders could be meant", advice=f"add folder: {', '.join(every)}")
        return Touched(every, every)
    if not run.base or not checkout.has(repo, run.base):
        return Touched(every, every)
    base = checkout.commit_of(repo, run.base)
    paths = checkout.changed_paths(repo, base, run.commit)
    gone = tuple(it for it in checkout.settings_folders(repo, base) if it not in every)
    removed = tuple(it for it in gone if not (root / it / FILE).exists())
    if pipeline_files(run, repo, paths, base):
        return Touched(every, every, removed)
    touched = (it for it in every if _settings(root / it) is None or touches(paths, it, root))
    return Touched(tuple(touched), every, removed)


def pipeline_files(run: Run, repo: Repository, paths: Sequence[str], base: str) -> list[str]:
    """Those of the paths changed since base that are part of the pipeline: it, what GitLab's may include, and who must review it.

    What is included is not looked up: where there are includes, before or now, any YAML file that is no customer's may be one.
    """
    found = [path for path in paths if checkout.is_pipeline_file(path) or path == run.file]
    if run.forge is not Forge.GITLAB or found:
        return found
    if not any(checkout.includes_others(repo, commit, run.file) for commit in (base, run.commit)):
        return []
    folders = checkout.settings_folders(repo, run.commit)
    return [
        path
        for path in paths
        if path.endswith(".yml")
        or (path.endswith(".yaml") and not any(touches([path], it, repo.root) for it in folders))
    ]


def touches(paths: Sequence[str], folder: str, root: Path) -> bool:
    """Whether one of the changed paths is governed by the folder's settings."""
    settings = settings_path(folder)
    below = posixpath.normpath(posixpath.join(folder, _customers(root / folder))) + "/"
    return any(path == settings or below == "./" or path.startswith(below) for path in paths)


def settings_path(folder: str) -> str:
    """The path of a folder's settings from git's root."""
    return posixpath.normpath(posixpath.join(folder, FILE))


def _customers(folder: Path) -> str:
    """The setting `customers`; settings that cannot be read are told by the step that needs them."""
    found = _settings(folder)
    return "customers" if found is None else found.customers


def _is_sandbox(folder: Path) -> bool:
    found = _settings(folder)
    return found is not None and found.url == SANDBOX


def _settings(folder: Path) -> Settings | None:
    try:
        return read_settings(folder / FILE)
    except (InputError, InvalidFiles):
        return None


def matrix(folders: Sequence[str], known: Sequence[str]) -> dict[str, Any]:
    """The folders as GitHub's matrix: with each its name, and what its environments end with where there are several.

    `known` are those that the workflow was written for. Raises `InputError` for any other, and for two of one name.
    """
    if strange := [folder for folder in folders if folder not in known]:
        advice = "run `reconciler init --update-ci` in it, set up its environments, and commit the workflow"
        raise InputError(f"the workflow does not know the folder {printable(strange[0])!r}", advice=advice)
    names = [folder_name(folder) for folder in known]
    if len(set(names)) < len(names):
        raise InputError(f"two of these folders have one name in a pipeline: {', '.join(known)}")
    include = [{"folder": it, "name": folder_name(it), "suffix": suffix(it, known)} for it in folders]
    return {"include": include}


def allowed_folders(run: Run, files: Mapping[str, bytes], known: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What `ci approved` let through in this run, from its results: the folders for the environment of approved plans, and for the reviewed one."""
    lefts = {folder: read(files, folder_name(folder), "approved", run) for folder in known}
    return {
        kind: tuple(
            folder
            for folder, left in lefts.items()
            if left is not None and not left.code and left.environment == name + suffix(folder, known)
        )
        for kind, name in (("approved", APPLY), ("reviewed", REVIEWED))
    }


def suffix(folder: str, known: Sequence[str]) -> str:
    """What the names of a folder's environments end with: nothing where there is one folder."""
    return "" if len(known) < 2 else f"-{folder_name(folder)}"
