"""`init`: a repository that validates at once, and nothing overwritten."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.workplace import Workplace

ALWAYS = {"reconciler.yaml", ".gitignore", ".vscode/settings.json", ".vscode/customer.schema.json"}
SHARED = {"ci/forge.py", "ci/install.sh", "ci/requirements.txt"}


@pytest.fixture
def bare(place: Workplace) -> Workplace:
    """A folder with nothing in it."""
    (place.folder / "customers").rmdir()
    return place


def files(folder: Path) -> dict[str, bytes]:
    """Every file that git could list, by its path."""
    found = {it.relative_to(folder).as_posix(): it for it in folder.rglob("*") if it.is_file()}
    return {path: it.read_bytes() for path, it in found.items() if not path.startswith(".reconciler/")}


@pytest.mark.parametrize(
    ("ci", "more"),
    [
        ("github", SHARED | {".github/workflows/reconciler.yml"}),
        ("gitlab", SHARED | {".gitlab-ci.yml"}),
        ("both", SHARED | {".github/workflows/reconciler.yml", ".gitlab-ci.yml"}),
        ("none", set()),
    ],
)
def test_what_is_made(bare: Workplace, ci: str, more: set[str]) -> None:
    """Each choice of CI has its files; each file is named on a line, and the whole validates."""
    ran = bare.run("init", "--ci", ci)
    assert ran.code == 0
    wanted = ALWAYS | more | {"customers/.gitkeep"}
    assert set(files(bare.folder)) == wanted
    assert {line.split()[1] for line in ran.out.splitlines() if line.startswith("made")} == wanted
    assert bare.run("validate").code == 0


def test_a_disk_that_refuses_is_named(bare: Workplace) -> None:
    """With the path, and without a traceback; what was made before stays."""
    bare.file(".vscode", "a file where a folder is needed\n")
    ran = bare.run("init", "--ci", "none")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: writing ")
    assert ran.err.rstrip().endswith(".vscode: File exists")


def test_nothing_is_overwritten(bare: Workplace) -> None:
    """A second run changes no byte, and a file that was there keeps its own; both are said."""
    bare.file(".gitignore", "mine\n")
    ran = bare.run("init")
    assert "left alone  .gitignore" in ran.out
    assert "\nNext: set RPM_API_KEY, then reconciler check, then" in ran.out
    before = files(bare.folder)
    again = bare.run("init", "--subscriber", "5", "--url", "sandbox:")
    assert again.code == 0
    assert "made" not in again.out
    assert files(bare.folder) == before
    assert before[".gitignore"] == b"mine\n"


def test_a_link_is_left_alone(bare: Workplace, tmp_path: Path) -> None:
    """A link that leads nowhere is not written through."""
    (bare.folder / "reconciler.yaml").symlink_to(tmp_path / "elsewhere")
    assert "left alone  reconciler.yaml" in bare.run("init").out
    assert not (tmp_path / "elsewhere").exists()


def test_customers_that_are_there_get_no_placeholder(place: Workplace) -> None:
    """A folder that git holds anyway needs no file to hold it."""
    place.customer("acme", "Name: Acme\n")
    place.run("init")
    assert not (place.folder / "customers/.gitkeep").exists()


def test_sandbox_and_subscriber(bare: Workplace) -> None:
    """The values given are in reconciler.yaml, which the tool reads as they were meant."""
    del bare.environment["RPM_API_URL"]
    begun = bare.run("init", "--url", "sandbox:", "--subscriber", "1207")
    assert begun.out.endswith("\nNext: reconciler check, then reconciler import --all\n")
    ran = bare.run("check", "--format", "json")
    found = {it["subject"]: it["found"] for it in ran.json["checks"]}
    assert found["url"] == "sandbox: (the embedded RPM)"
    assert found["subscriber"].endswith("as pinned")


def test_a_url_that_the_file_may_not_name(bare: Workplace) -> None:
    """Another host is refused before anything is written: it would be refused on every run."""
    ran = bare.run("init", "--url", "https://elsewhere.example/rpm/")
    assert ran.code == 1
    assert "may only name a known RPM host" in ran.err
    assert files(bare.folder) == {}


def test_the_editor_finds_the_schema(bare: Workplace) -> None:
    """What the settings name is there, and it is what `schema` prints."""
    bare.run("init", "--ci", "none")
    (schema,) = json.loads((bare.folder / ".vscode/settings.json").read_text())["yaml.schemas"]
    assert json.loads((bare.folder / schema).read_text()) == bare.run("schema").json
