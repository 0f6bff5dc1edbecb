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


def _is_there(path: Path) -> bool:
    """Whether there is something of this name; raises `GitRefused` where the disk will not say."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise GitRefused(f"looking for {printable(str(path))}: {error.strerror}") from None
    return True
