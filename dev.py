"""Sets up `.venv` from the lock and runs one of the project's errands in it.

Needs Python 3.11 or later with its `venv` module and nothing else. Run without arguments for the list.
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
    """Run the errand that the first word names."""
    if not words or words[0] not in ERRANDS:
        print("usage: python3 dev.py ERRAND [ARGUMENTS]\n")
        for name, errand in ERRANDS.items():
            print(f"  {name:6} {errand.__doc__}")
        return 0 if not words or words[0] in {"-h", "--help"} else 1
    install()
    return ERRANDS[words[0]](words[1:])


def install() -> None:
    """Make `.venv` hold exactly what the lock says, by hash; do nothing if it does already."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("setting up .venv from requirements.lock …", file=sys.stderr, flush=True)
    venv.create(VENV, with_pip=True, clear=True)
    pip = [python(), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], check=True)
    STAMP.write_text(wanted)


def fingerprint() -> str:
    """What an installed `.venv` depends on."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode()]
    return hashlib.sha256(b"\0".join([*parts, str(ROOT).encode()])).hexdigest()


def python() -> str:
    """The interpreter of `.venv`."""
    return str(BIN / "python")


def run(*command: str) -> int:
    """Run one command of `.venv` in the repository and say which."""
    print("$", *command, flush=True)
    return subprocess.run([str(BIN / command[0]), *command[1:]], check=False, cwd=ROOT).returncode


def demo(words: list[str]) -> int:
    """Plan, apply and plan again on the embedded RPM."""
    del words
    steps = [
        ["sandbox", "reset"],
        ["plan"],
        ["apply", "--yes"],
        ["plan", "--detailed-exitcode"],
    ]
    return next((code for step in steps if (code := run("reconciler", *step))), 0)


def test(words: list[str]) -> int:
    """Lint, types and tests; further words go to pytest."""
    checks = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]]
    if not words and any([run(*check) for check in checks]):
        return 1
    workers = (os.cpu_count() or 1) + 1  # a test of a fault or a signal waits more than it computes
    return run("pytest", "-n", str(workers), "--dist", "loadgroup", *words)


def chaos(words: list[str]) -> int:
    """Tell many stories of faults, people and crashes, and judge them: `--seeds 20000`, `--crashes`, `--kills 500`, `--files`."""
    return run("python", "-m", "tests.chaos", *words)


def bench(words: list[str]) -> int:
    """Measure the tool beside its floors and its rivals: `--largest 10000 --times 3` is the short run."""
    return run("python", "-m", "tests.bench", *words)


def lock(words: list[str]) -> int:
    """Write requirements.lock anew from pyproject.toml: versions and hashes, no addresses."""
    options = "--generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate --quiet"
    quiet = "--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options"
    sources = ["--extra", "dev", "--output-file", LOCK.name, "pyproject.toml"]
    return run("pip-compile", *options.split(), *quiet.split(), *words, *sources)


ERRANDS = {"demo": demo, "test": test, "chaos": chaos, "bench": bench, "lock": lock}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
