"""git, asked read-only: found by its `.git`, run through one door, answering in values.

`root` finds the folder that holds `.git`, `process` alone runs git there, `repository` is what the other rooms use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.repo.git.model import EntryKind
from reconciler.repo.git.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path


def files_at(folder: Path, commit: str, below: str) -> list[tuple[str, bytes]]:
    """The `*.yaml` files below a path (relative to the folder) as of a commit, in order of their names."""
    repository = Repository.find(folder)
    if repository is None:
        raise InputError(f"{folder} is in no git repository")
    inside = repository.path(folder)
    prefix = "" if inside == "." else f"{inside}/"
    entries = [
        it
        for it in repository.tree(commit, f"{prefix}{below}")
        if it.kind is EntryKind.FILE and it.path.endswith(".yaml")
    ]
    paths = [it.path.removeprefix(prefix) for it in entries]
    return sorted(zip(paths, repository.blobs(entries), strict=True))


def resolve(folder: Path, ref: str) -> str:
    """The full name of the commit that a ref means."""
    repository = Repository.find(folder)
    if repository is None:
        advice = "--base needs the history of git: run this in a clone, or leave --base out"
        raise InputError(f"reading base {printable(ref)}: {folder} is in no git repository", advice=advice)
    return repository.resolve(ref).commit
