"""Makes `.venv` hold what requirements.lock says, then runs a task of noxfile.py in it.

Needs Python 3.11 or later with its `venv` module and nothing else.

    python3 dev.py demo              plan, apply and plan again on the embedded RPM
    python3 dev.py test              lint, types and every test
    python3 dev.py test WORDS …      pytest, with these words
    python3 dev.py WORDS …           nox, with these words: `-l` lists the tasks, `-s chaos -- --seeds 2000` runs one
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "installed-from"


def main(words: list[str]) -> int:
    """Run the task that the words name; its exit code."""
    if not words or words[0] in {"-h", "--help"}:
        print(__doc__)
        return 0
    install()
    nox = [str(BIN / "nox"), "--noxfile", str(ROOT / "noxfile.py")]
    return subprocess.run([*nox, *arguments(words)], check=False).returncode


def arguments(words: list[str]) -> list[str]:
    """The same in nox's words: its default tasks are what `test` alone means."""
    match words:
        case ["test"]:
            return []
        case ["demo" | "test" as task, *rest]:
            return ["-s", task, "--", *rest]
        case _:
            return words


def install() -> None:
    """Make `.venv` hold exactly what the lock says, by hash; nothing is downloaded if it does already."""
    fingerprint = installed_from()
    if not STAMP.exists() or STAMP.read_text() != fingerprint:
        set_up(fingerprint)
    # pip compiles what it copies, and this project is not copied. Where Python may not write bytecode
    # (PYTHONDONTWRITEBYTECODE), every start would compile it again, which takes longer than most commands do.
    subprocess.run([str(BIN / "python"), "-m", "compileall", "-qq", str(ROOT / "reconciler")], check=False)


def set_up(fingerprint: str) -> None:
    """Make `.venv` anew."""
    print("setting up .venv from requirements.lock …", file=sys.stderr, flush=True)
    venv.create(VENV, with_pip=True, clear=True)
    pip = [str(BIN / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], check=True)
    STAMP.write_text(fingerprint)


def installed_from() -> str:
    """A hash of what an installed `.venv` depends on."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode()]
    return hashlib.sha256(b"\0".join([*parts, str(ROOT).encode()])).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
