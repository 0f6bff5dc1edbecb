"""A repository with customer files, and the installed command run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.kit.forks import forks
from tests.kit.server import KEY

_UTF8 = ("LC_ALL", "C.UTF-8")
COMMAND = str(Path(sysconfig.get_path("scripts")) / "reconciler")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON, and nothing but JSON."""
        return json.loads(self.out)


def _is_for_python(variable: tuple[str, str]) -> bool:
    """Whether Python, or what it is linked to, reads a variable when it starts."""
    return variable[0].startswith(("PYTHON", "LANG", "LC_", "LD_")) and variable != _UTF8


def _text(printed: bytes) -> str:
    """What was printed, its line ends as `\\n`."""
    return printed.decode().replace("\r\n", "\n").replace("\r", "\n")


class Workplace:
    """A folder with `customers/`, an environment of its own, and the address of a server."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        (folder / "customers").mkdir(parents=True, exist_ok=True)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "RPM_API_URL": url,
            "RPM_API_KEY": KEY,
            **dict([_UTF8]),
            **{name: text for name, text in os.environ.items() if name.startswith("COVERAGE_")},
        }

    def file(self, name: str, text: str) -> Path:
        """Write a file of the repository."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
        return path

    def customer(self, name: str, text: str) -> Path:
        """Write a customer file."""
        return self.file(f"customers/{name}.yaml", text)

    def settings(self, text: str) -> Path:
        """Write reconciler.yaml."""
        return self.file("reconciler.yaml", text)

    def run(self, *words: str, stdin: str | None = None, **environment: str) -> Ran:
        """Run the installed command to its end, as a fork where nothing is asked of Python's own start."""
        surroundings = {**self.environment, **environment}
        if stdin is None and not any(map(_is_for_python, surroundings.items())):
            code, out, err = forks().run([COMMAND, *words], str(self.folder), surroundings)
            return Ran(code, _text(out), _text(err))
        done = subprocess.run(
            [COMMAND, *words],
            cwd=self.folder,
            env=surroundings,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(
        self, *words: str, stdout: IO[bytes] | int = subprocess.PIPE, **environment: str
    ) -> subprocess.Popen[str]:
        """Start the installed command and let it run."""
        return subprocess.Popen(
            [COMMAND, *words],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )
