"""Installs this checkout of reconciler for a pipeline, in a new virtual environment, and puts the command on the PATH.

    python3 -I install.py            the folder to put on the PATH is the only line of standard output

Needs Python 3.11 or later with its `venv` module. Dependencies are those of runtime.lock, by hash and as wheels; the package
itself is built from this checkout without an index. The folder is a fresh one, so nothing that an earlier job left on a machine
is used, and nothing on the PATH is believed. What looks like a credential in the environment is kept from pip. On GitHub the
folder goes to the file that GITHUB_PATH names, for the steps that follow.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PIP = ("pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps", "--no-compile")
# Not compiled: a job runs a command or two, and what these import compiles in less time than all that is there.
_ELSEWHERE = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON"}
_CREDENTIAL = re.compile(r"RPM_|KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)


def main() -> None:
    """Install, and say where."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it is for the machines that have another one
        sys.exit(f"reconciler needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}")
    folder = Path(tempfile.mkdtemp(prefix="reconciler-", dir=os.environ.get("RUNNER_TEMP") or None))
    venv.create(folder)
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    run(binaries, "ensurepip")
    run(binaries, *PIP, "--only-binary=:all:", "--require-hashes", "-r", str(ROOT / "runtime.lock"))
    run(binaries, *PIP, "--no-index", "--no-build-isolation", str(ROOT))
    if path_file := os.environ.get("GITHUB_PATH"):
        with Path(path_file).open("a", encoding="utf-8") as file:
            file.write(f"{binaries}\n")
    print(binaries)


def run(binaries: Path, *words: str) -> None:
    """Run a module of Python without credentials, far from the checkout's folder; its words go to stderr."""
    environment = {name: text for name, text in os.environ.items() if _kept(name)} | {"PIP_USER": "0"}
    command = [str(binaries / "python"), "-I", "-m", *words]
    done = subprocess.run(command, check=False, env=environment, cwd=binaries, stdout=sys.stderr)
    if done.returncode:
        sys.exit(done.returncode)


def _kept(name: str) -> bool:
    """Whether pip gets a variable: all but credentials, and what would put packages elsewhere; pip's own, a mirror's say, are for it."""
    return name not in _ELSEWHERE and (name.startswith("PIP_") or not _CREDENTIAL.search(name))


if __name__ == "__main__":
    main()
