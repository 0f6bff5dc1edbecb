"""Where a repository is: the nearest folder that has a `.git` of any kind. git itself is not asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from reconciler.core.text import printable
from reconciler.repo.git.process import GitRefused

GIT: Final = ".git"


def find_root(folder: Path) -> Path | None:
    """The nearest folder, here or above, that has a `.git` of any kind; its absolute path without links."""
    start = Path(os.path.realpath(folder))
    return next((at for at in (start, *start.parents) if _is_there(at / GIT)), None)


def may_be_sparse(folder: Path) -> bool:
    """Whether a folder is in a checkout for which somebody chose, now or once, what of it is on disk.

    Looks at the disk alone, so that whoever has no sparse checkout needs no git for it.
    """
    root = find_root(folder)
    if root is None:
        return False
    place = root / GIT
    if place.is_file():  # a worktree's, or a submodule's
        named = place.read_bytes()[:4096].decode("utf-8", "surrogateescape").partition("gitdir:")[2].strip()
        place = root / named
    return (place / "info" / "sparse-checkout").exists()


def may_have_submodules(folder: Path) -> bool:
    """Whether a folder is in a repository that names submodules. Looks at the disk alone, as `may_be_sparse` does."""
    root = find_root(folder)
    return root is not None and (root / ".gitmodules").exists()


def _is_there(path: Path) -> bool:
    """Whether there is something of this name; raises `GitRefused` where the disk will not say."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise GitRefused(f"looking for {printable(str(path))}: {error.strerror}") from None
    return True
