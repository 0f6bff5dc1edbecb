"""`.reconciler/`: local state, for its owner's eyes alone, that git never lists."""

from __future__ import annotations

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
    """Make `.reconciler/` or a folder in it; the file by which it ignores itself is mended where a kill left it empty."""
    root = next((part for part in (folder, *folder.parents) if part.name == NAME), folder)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    _close(root)
    ignore = root / ".gitignore"
    if not ignore.exists() or not ignore.stat().st_size:
        ignore.write_text("*\n")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


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
