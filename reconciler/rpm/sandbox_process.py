"""`url: sandbox:`: the embedded RPM as a child process, for the length of a command.

It is a program apart, spoken to over a real socket. It ends when our end of its standard input closes, so it outlives
no command, however that ends; signals of the terminal do not reach it, so that calls in flight can be finished.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import ReconcilerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATABASE: Final = "sandbox.sqlite"
_READY: Final = "listening on "


@contextmanager
def embedded_rpm(database: Path) -> Iterator[str]:
    """Start the embedded RPM on a free loopback port; yields its URL."""
    command = [sys.executable, "-m", "reconciler.sandbox", "serve", "--db", str(database)]
    with subprocess.Popen(
        [*command, "--port", "0", "--exit-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=os.name == "posix",
    ) as child:
        try:
            line = child.stdout.readline() if child.stdout else ""
            if not line.startswith(_READY):
                said = (child.stderr.read() if child.stderr else "").strip().splitlines()
                raise ReconcilerError(
                    f"starting the embedded RPM on {database}: {said[-1] if said else 'it ended at once'}",
                    advice="where the database is damaged, `reconciler sandbox reset` makes it anew",
                )
            yield line.removeprefix(_READY).strip()
        finally:
            child.kill()
