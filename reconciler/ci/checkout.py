"""git, as the steps ask it: which files a change touches, which commits it has, where settings are. It only reads."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.repo.git.model import EntryKind
from reconciler.repo.git.process import run_git
from reconciler.repo.git.repository import Repository
from reconciler.repo.settings import FILE

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE_FILES: Final = (".github/", ".gitlab-ci.yml", ".gitlab/", "CODEOWNERS", "docs/CODEOWNERS")
"""What a pipeline is made of, and who must look at a change of it; a name that ends with a slash is a folder."""

_INCLUDE: Final = re.compile(rb"^[\"']?include[\"']?\s*:", re.MULTILINE)


def repository(folder: Path) -> Repository:
    """The repository of a job."""
    found = Repository.find(folder)
    if found is None:
        raise InputError(
            "asking git: the job has no checkout", advice="check the repository out before this step"
        )
    return found


def commit_of(repo: Repository, ref: str) -> str:
    """The full name of a commit; raises `InputError` where this clone does not have it."""
    found = repo.commit(ref)
    if found is None:
        advice = "the job's checkout needs the whole history (GitHub: fetch-depth: 0, GitLab: GIT_DEPTH: 0)"
        raise InputError(f"asking git for {printable(ref)}: this clone lacks it", advice=advice)
    return found


def has(repo: Repository, commit: str) -> bool:
    """Whether this clone has a commit."""
    return repo.commit(commit) is not None


def check_head(repo: Repository, commit: str) -> None:
    """Raise `InputError` unless the commit of the run is what is checked out."""
    head = commit_of(repo, "HEAD")
    if head != commit:
        advice = "leave `ref:` out of the checkout: what is planned must be what the run is of"
        raise InputError(f"the checkout is at {head[:12]}, but this run is of {commit[:12]}", advice=advice)


def changed_paths(repo: Repository, base: str, head: str) -> list[str]:
    """The files that differ between two commits, by path from git's root; a rename is both of its paths."""
    output = run_git(repo.root, "diff-tree", "-r", "--name-only", "--no-renames", "-z", base, head)
    return [os.fsdecode(path) for path in output.split(b"\0") if path]


def first_parents(repo: Repository, base: str, head: str) -> list[str]:
    """The commits of the branch after base up to head along first parents, newest first."""
    return run_git(repo.root, "rev-list", "--first-parent", head, f"^{base}").decode("ascii").split()


def on_line(repo: Repository, commit: str, head: str) -> bool:
    """Whether a commit is head or one of its ancestors along first parents."""
    return has(repo, commit) and commit in (
        run_git(repo.root, "rev-list", "--first-parent", head).decode("ascii").split()
    )


def is_ancestor(repo: Repository, commit: str, head: str) -> bool:
    """Whether a commit is head or an ancestor of it, as far as this clone has both."""
    known = has(repo, commit) and has(repo, head)
    return known and not run_git(repo.root, "rev-list", "--max-count=1", commit, f"^{head}")


def settings_folders(repo: Repository, commit: str) -> list[str]:
    """The folders in which a commit has a reconciler.yaml, by path from git's root; none that begins with a dot."""
    paths = [PurePosixPath(entry.path) for entry in repo.tree(commit) if entry.kind is EntryKind.FILE]
    return sorted(
        path.parent.as_posix()
        for path in paths
        if path.name == FILE and not any(part.startswith(".") for part in path.parts)
    )


def is_pipeline_file(path: str) -> bool:
    """Whether a changed path is part of a pipeline, or says who must review one."""
    return any(path.startswith(named) if named.endswith("/") else path == named for named in PIPELINE_FILES)


def includes_others(repo: Repository, commit: str, file: str) -> bool:
    """Whether GitLab's pipeline file includes others at a commit; one whose content cannot be had does."""
    try:
        return any(
            map(_INCLUDE.search, repo.blobs([it for it in repo.tree(commit, file) if it.path == file]))
        )
    except InputError:
        return True
