"""Whether what is kept in `.reconciler/` is ours: a branch can bring files along, and what they say would be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.core.text import printable
from reconciler.repo.git.process import GitRefused
from reconciler.repo.git.repository import Repository
from reconciler.repo.state_dir import NAME

if TYPE_CHECKING:
    from pathlib import Path


def brought_along(root: Path) -> str:
    """Why what is kept in `.reconciler/` may have come with a branch, and is not to be believed; or nothing.

    `root` is the folder that holds it. A git that cannot say is a reason too.
    """
    folder = root / NAME
    if folder.is_symlink():
        return f"{NAME} is a symbolic link"
    if not folder.exists():
        return ""
    try:
        repository = Repository.find(root)
        tracked = repository is not None and repository.tracks(folder)
    except GitRefused as error:
        return error.what
    return f"git has files of {printable(str(folder))}" if tracked else ""
