"""`url: sandbox:`: the embedded RPM as a child process, for the length of a command.

It is a program apart, spoken to over a real socket. It ends when our end of its standard input closes, so it outlives
no command, however that ends; signals of the terminal do not reach it, so that calls in flight can be finished.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.errors import ReconcilerError
from reconciler.core.machine import limit_told_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATABASE: Final = "sandbox.sqlite"
_READY: Final = re.compile(r"listening on (\S+)(?: for at most (\d+) connections)?\n")


class Embedded(NamedTuple):
    """Where it listens, and to how many connections at once; None is as many as anybody opens."""

    url: str
    connections: int | None


@contextmanager
def embedded_rpm(database: Path) -> Iterator[Embedded]:
    """Start the embedded RPM on a free loopback port; raises `MachineLimit` where this machine gives too little for it."""
    with subprocess.Popen(
        sandbox_command("serve", database, "--port", "0", "--exit-with-stdin"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: text for name, text in os.environ.items() if name != "RPM_API_KEY"},
        start_new_session=os.name == "posix",
    ) as child:
        try:
            line = child.stdout.readline() if child.stdout else ""
            ready = _READY.fullmatch(line)
            if ready is None:
                raise _not_started(database, child)
            yield Embedded(ready[1], None if ready[2] is None else int(ready[2]))
        finally:
            child.kill()


def sandbox_command(verb: str, database: Path, *words: str) -> list[str]:
    """The command line of the program; without `-P`, Python would look for modules in the checkout first, and run them."""
    return [sys.executable, "-P", "-m", "reconciler.sandbox", verb, "--db", str(database), *words]


def _not_started(database: Path, child: subprocess.Popen[str]) -> ReconcilerError:
    """Why it ended before it listened, in the words of its last line."""
    said = (child.stderr.read() if child.stderr else "").strip().splitlines()
    last = said[-1] if said else "it ended at once"
    doing = f"starting the embedded RPM on {database}"
    if limit := limit_told_by(last):
        return type(limit)(f"{doing}: {limit.what}", advice=limit.advice)
    return ReconcilerError(
        f"{doing}: {last}", advice="where the database is damaged, `reconciler sandbox reset` makes a new one"
    )
