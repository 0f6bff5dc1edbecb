"""The hooks that the project offers, run by pre-commit as it installs them, at a commit of somebody's repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.programs import GIT
from tests.pipeline.conftest import git

if TYPE_CHECKING:
    from tests.kit.workplace import Workplace

ROOT = Path(__file__).parents[2]
PRE_COMMIT = os.environ.get("RECONCILER_PRE_COMMIT") or shutil.which("pre-commit") or ""
ACME = "CustomerID: 7\nName: Acme\n"
UGLY = "Name:   'Acme'\nCustomerID: 7\n"
EAST, WEST = "the east/kunden/7.yaml", "west/customers/9.yaml"


def test_folders_of_any_name_and_number(place: Workplace, tmp_path: Path) -> None:
    """A commit with an ugly file is stopped and the file put right; twins of one folder are told; the other folder is left alone."""
    if not PRE_COMMIT:
        pytest.skip("pre-commit is not installed (RECONCILER_PRE_COMMIT names it)")
    git(tmp_path, "clone", "--quiet", "--bare", str(ROOT), "reconciler.git")
    commit = git(tmp_path / "reconciler.git", "rev-parse", "HEAD")
    shutil.rmtree(place.folder / "customers")
    hooks = "[{id: reconciler-validate}, {id: reconciler-fmt}, {id: reconciler-fmt-check, stages: [manual]}]"
    repo = f"{{repo: {tmp_path}/reconciler.git, rev: {commit}, hooks: {hooks}}}"
    for path, text in (
        (".pre-commit-config.yaml", f"repos: [{repo}]\n"),
        ("the east/reconciler.yaml", "customers: kunden\n"),
        ("west/reconciler.yaml", ""),
        (WEST, "Name:   Cord\n"),
        ("notes.yaml", "Name:   'no customer'\n"),
        (EAST, ACME),
    ):
        place.file(path, text)
    git(place.folder, "init", "--quiet")
    git(place.folder, "add", ".")
    git(place.folder, "commit", "--quiet", "--message=Begin")
    around = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "PRE_COMMIT_COLOR": "never"}

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            words, cwd=place.folder, env=around, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def committed() -> tuple[int, str]:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
        git(place.folder, "add", ".")
        return run(GIT, *who, "commit", "--message=More")

    assert run(PRE_COMMIT, "install")[0] == 0
    place.file(EAST, UGLY)
    code, said = run(PRE_COMMIT, "run", "--hook-stage", "manual", "reconciler-fmt-check", "--files", EAST)
    assert (code != 0, (place.folder / EAST).read_text()) == (True, UGLY), said
    place.file("notes.yaml", "Name:   'still none'\n")
    code, said = committed()
    assert (code != 0, (place.folder / EAST).read_text()) == (True, ACME), said
    code, said = committed()
    assert code == 0, said
    assert ((place.folder / WEST).read_text(), (place.folder / "notes.yaml").read_text()) == (
        "Name:   Cord\n",
        "Name:   'still none'\n",
    )
    place.file("the east/kunden/again/7.yaml", ACME)
    code, said = committed()
    assert code != 0
    assert ("kunden/7.yaml" in said, "kunden/again/7.yaml" in said) == (True, True), said
    git(place.folder, "reset", "--quiet", "--hard")
    place.file("west/reconciler.yaml", "limits: {edits: many}\n")
    code, said = committed()
    assert (code != 0, "reconciler.yaml:1" in said) == (True, True), said
