"""`.reconciler/`: local state, for its owner's eyes alone, that git never lists.

A branch can bring along a folder of this name, or a link. A link is never followed, neither in the folder's place nor
in it; what git tracks there is not believed (`trust`).
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.text import printable

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = ".reconciler"


def private_folder(folder: Path) -> None:
    """Make `.reconciler/` or a folder in it; the file by which it ignores itself is restored where a kill left it empty.

    Raises OSError where that cannot be done, or where a link is in the way.
    """
    root = next((part for part in (folder, *folder.parents) if part.name == NAME), folder)
    _refuse_link(root)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.scandir(root) as entries:
        for entry in entries:
            if entry.is_symlink():
                _refuse_link(root / entry.name)
    _close(root)
    ignore = root / ".gitignore"
    if not ignore.exists() or not ignore.stat().st_size:
        ignore.touch(mode=0o600)
        ignore.write_text("*\n")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        shown = printable(f"{NAME}/{path.name}" if path.name != NAME else NAME)
        raise OSError(errno.ELOOP, f"{shown} is a symbolic link, which is not followed; remove it")


def _close(root: Path) -> None:
    """Take the rights of others away from a folder of ours that something else made, a CI that brings its cache back say."""
    status = root.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and status.st_mode & 0o077:
        with suppress(OSError):
            root.chmod(0o700)


def needed_folder(folder: Path) -> None:
    """The same for a command that cannot do without; raises InputError."""
    try:
        private_folder(folder)
    except OSError as error:
        advice = "the folder must be writable, and the disk not full"
        raise InputError(f"making {printable(str(folder))}: {error.strerror}", advice=advice) from None
