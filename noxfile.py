"""The project's tasks. `nox -l` lists them; `nox -s NAME -- WORDS` runs one and hands it the words.

They run with the tools of the `.venv` that dev.py keeps equal to requirements.lock; `test_on` makes an environment for each
Python, and `mutation` one for its own tool.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import nox

if TYPE_CHECKING:
    from collections.abc import Sequence

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "test"]
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"

SLOW = ("bench", "browser", "chaos", "docs", "pipeline", "property")
QUICK = [f"--ignore=tests/{folder}" for folder in SLOW]
PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)  # from the classifiers; one that a machine lacks is skipped
LOCK = "requirements.lock"
RUNTIME = "runtime.lock"  # what a pipeline installs: the same versions, without the development's own
MUTATION = "mutation.lock"  # what one task needs beside requirements.lock
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
if pyenv := shutil.which("pyenv"):  # it hides the Pythons that were not asked for
    have = subprocess.run([pyenv, "versions", "--bare"], capture_output=True, text=True, check=True)
    named = [it for it in have.stdout.split() if it.rpartition(".")[0] in PYTHONS]
    os.environ.setdefault("PYENV_VERSION", ":".join(named))


@nox.session
def lint(session: nox.Session) -> None:
    """Style, formatting, and who may import whom."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache", "--no-logo")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.run("mypy")


@nox.session
def test(session: nox.Session) -> None:
    """Every test, or what pytest makes of the words."""
    session.run("pytest", *workers(), *session.posargs)


def workers() -> list[str]:
    """One more process than cores: a test of a fault or a signal waits more than it computes."""
    return ["-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal"]


@nox.session
def test_long(session: nox.Session) -> None:
    """The tests that try many cases, with many more of them."""
    tried = session.posargs or ["tests/chaos", "tests/property", "tests/sandbox", "tests/e2e/test_calls.py"]
    session.run("pytest", *workers(), *tried, env={"RECONCILER_TESTS": "long"})


@nox.session
def coverage(session: nox.Session) -> None:
    """Every test, with the branches measured that run: `coverage` in pyproject.toml has the figure to reach."""
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *workers(), *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def docs(session: nox.Session) -> None:
    """The pages, done as they say: each command run, each screen and each help text compared."""
    session.run("pytest", *workers(), "tests/docs", *session.posargs)


@nox.session
def architecture(session: nox.Session) -> None:
    """Draw the rooms from the imports; `--write` puts the drawing into docs/architecture.md."""
    session.run("python", "-m", "tests.docs.architecture", *session.posargs)


@nox.session
def captures(session: nox.Session) -> None:
    """The screens under docs/captures: say which are out of date; `--write` takes them anew."""
    session.run("python", "-m", "tests.docs.captures", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Plan, apply and plan again on the embedded RPM."""
    for words in (["sandbox", "reset"], ["plan"], ["apply", "--yes"], ["plan", "--detailed-exitcode"]):
        session.run("reconciler", *words)


@nox.session
def chaos(session: nox.Session) -> None:
    """The long simulation: `--seeds 20000`, `--crashes`, `--kills 500` or `--files`."""
    session.run("python", "-m", "tests.chaos", *session.posargs)


@nox.session(python=PYTHONS[0], venv_backend="virtualenv")
def mutation(session: nox.Session) -> None:
    """Small changes to what decides, which its tests must see: all of it, or `compare order` alone."""
    install(session, LOCK)
    session.install("--quiet", "--require-hashes", "-r", MUTATION)
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Time and calls beside the floors and the rivals; `--largest 10000 --times 3` is the short run."""
    session.run("python", "-m", "tests.bench", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Write the locks anew from pyproject.toml: versions and hashes, no addresses."""
    compiled(session, LOCK, nox.project.dependency_groups(PROJECT, "dev"))
    compiled(session, RUNTIME, PROJECT["build-system"]["requires"], constrained=True)
    compiled(session, MUTATION, nox.project.dependency_groups(PROJECT, "mutation"), constrained=True)


def compiled(session: nox.Session, lock: str, needs: Sequence[str], *, constrained: bool = False) -> None:
    """A lock of what the package and these requirements need; constrained, with the versions of requirements.lock."""
    options = "--generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate --quiet"
    quiet = "--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options"
    with tempfile.TemporaryDirectory() as folder:
        group, constraint = Path(folder) / "group.in", Path(folder) / "constraint.txt"
        group.write_text("\n".join(needs))
        pins = [line.split(" ")[0] for line in Path(LOCK).read_text().splitlines() if "==" in line]
        constraint.write_text("\n".join(pins))
        more = ["--constraint", str(constraint)] if constrained else session.posargs
        sources = ["--output-file", lock, "pyproject.toml", str(group)]
        session.run("pip-compile", *options.split(), *quiet.split(), *more, *sources)


@nox.session(python=PYTHONS, venv_backend="virtualenv")
def test_on(session: nox.Session) -> None:
    """The quick tests, or those of the words, on one Python: `nox -s test_on-3.13`."""
    if session.python == f"{sys.version_info.major}.{sys.version_info.minor}" and not session.posargs:
        session.skip("`test` runs all of them on this Python")
    install(session, LOCK)
    session.run("pytest", *workers(), *(session.posargs or QUICK))


def install(session: nox.Session, lock: str) -> None:
    """What a lock has, by hash, and this project, in an environment that is not `.venv`."""
    session.install("--quiet", "--require-hashes", "-r", lock)
    session.install("--quiet", "--no-deps", "--no-build-isolation", "-e", ".")
