"""Whether a file could be written in a folder, asked before anything is paid for that would be lost with it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_TRIED: Final = 512


def check_room(folder: Path) -> None:
    """Raise OSError where no file could be made and written in a folder; nothing is left there.

    The file that is tried has no name where the system can do that. Elsewhere only the rights are asked for.
    """
    try:
        number = os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except (AttributeError, OSError):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OSError(errno.EACCES, "no file can be made there") from None
        return
    try:
        os.write(number, bytes(_TRIED))
    finally:
        os.close(number)
