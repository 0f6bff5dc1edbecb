"""Whether what is kept in `.reconciler/` is ours: a branch can bring files along, and what they say would be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reconciler.core.text import printable
from reconciler.repo.git.process import GitRefused
from reconciler.repo.git.repository import Repository
from reconciler.repo.state_dir import NAME

if TYPE_CHECKING:
    from pathlib import Path


class Trust(NamedTuple):
    """Why what is kept may have come with a branch and is not to be believed, or nothing; and how git names contents here."""

    why: str
    hash_name: str = "sha1"


def brought_along(root: Path) -> str:
    """Why what is kept in `.reconciler/` may have come with a branch, and is not to be believed; or nothing.

    `root` is the folder that it is in. A git that cannot say is a reason too.
    """
    folder = root / NAME
    return look(root).why if folder.is_symlink() or folder.exists() else ""


def look(root: Path, repository: Repository | None = None) -> Trust:
    """The same with what else is to be known of the repository that `root` is in, which may have been found already."""
    folder = root / NAME
    if folder.is_symlink():
        return Trust(f"{NAME} is a symbolic link")
    try:
        repository = repository or Repository.find(root)
        if repository is None:
            return Trust("")
        tracked = folder.exists() and repository.tracks(folder)
    except GitRefused as error:
        return Trust(error.what)
    return Trust(f"git has files of {printable(str(folder))}" if tracked else "", repository.hash)
