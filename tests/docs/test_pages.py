"""The pages of the docs, done as they say: every command, in order, and every screen that they show."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.console import Printed, Step, complaint, run, steps

ROOT = Path(__file__).parents[2]
BEGIN = "git init --quiet --initial-branch=main && git add . && git commit --quiet --message=Begin"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the example subscription's repository."""
    place = tmp_path / "example"
    shutil.copytree(ROOT / "customers", place / "customers")
    shutil.copy(ROOT / "reconciler.yaml", place)
    return place


def done(page: str, folder: Path, *before: str) -> list[tuple[Step, Printed]]:
    """Each step of a page with what became of it; all of them ran."""
    found = steps((ROOT / page).read_text())
    printed = run([*before, *(step.command for step in found)], folder)[len(before) :]
    assert found
    assert len(printed) == len(found), f"the shell ended at: {found[len(printed)].command}"
    return list(zip(found, printed, strict=True))


@pytest.mark.parametrize("page", sorted((ROOT / "docs/how-to").glob("*.md")), ids=lambda page: page.stem)
def test_how_to_pages_run(page: Path, example: Path) -> None:
    """The `$` lines of a page, in a copy of the example: each ends with the code it says."""
    for step, printed in done(f"docs/how-to/{page.name}", example, BEGIN):
        assert printed.code == step.code, f"$ {step.command}\n" + "\n".join(printed.lines)


def test_the_tutorial_shows_what_is_printed(tmp_path: Path) -> None:
    """From an empty folder, every command of the tutorial prints what the page shows, and nothing else."""
    found = [complaint(step, printed) for step, printed in done("docs/tutorial.md", tmp_path)]
    assert not any(found), "\n\n".join(filter(None, found))


def test_the_readme_shows_the_plan_that_is_made(example: Path) -> None:
    """Its screen is the plan of the example against the subscription that the sandbox begins with."""
    found = [complaint(step, printed) for step, printed in done("README.md", example, BEGIN)]
    assert not any(found), "\n\n".join(filter(None, found))


@pytest.mark.parametrize(
    "page", sorted([ROOT / "docs/tutorial.md", *(ROOT / "docs/how-to").glob("*.md")]), ids=str
)
def test_every_console_block_is_run(page: Path) -> None:
    """A console block of these pages without a command would be run by nobody."""
    text = page.read_text()
    assert text.count("```console\n") == text.count("```console\n$ ")


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("Digest sha256:…", "Digest sha256:93abeef2", True),
        ("Digest sha256:…", "Digest sha256:93abeef2 and more", False),
        ("since …, set by Ada", "since 2026-04-16, set by Ada", True),
        ("since …, set by Ada", "since , set by Ada", False),
        ("1 edit", "2 edits", False),
        ("1.edit", "1xedit", False),
        ("first\n…\nlast", "first\nsecond\nthird\nlast", True),
        ("first\n…\nlast", "first\nsecond", False),
        ("first\n…", "first\nsecond", True),
        ("", "a word too many", False),
    ],
)
def test_what_an_ellipsis_stands_for(shown: str, printed: str, *, same: bool) -> None:
    """Within a line one word, alone any lines; all else is to be the same."""
    step = Step("reconciler plan", 0, tuple(shown.splitlines()))
    assert (complaint(step, Printed(0, tuple(printed.splitlines()))) == "") is same


def test_another_code_is_a_complaint() -> None:
    """The same lines under another exit code are not what the page shows."""
    (step,) = steps("```console\n$ reconciler drift   # exits 2\nNo drift.\n```\n")
    assert step == Step("reconciler drift", 2, ("No drift.",))
    assert "ended with 0, not 2" in complaint(step, Printed(0, ("No drift.",)))
