"""`init`: a repository that validates at once, and nothing overwritten."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.kit.programs import GIT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.workplace import Workplace

ALWAYS = {"reconciler.yaml", ".gitignore", ".vscode/settings.json", ".vscode/customer.schema.json"}
GITHUB = {".github/workflows/reconciler.yml", ".github/CODEOWNERS", ".github/dependabot.yml"}
GITLAB = {".gitlab-ci.yml", "CODEOWNERS"}
COMMIT = "a" * 40
SOURCE = ("--from", f"https://github.com/acme/reconciler@{COMMIT}")
WORKFLOW = ".github/workflows/reconciler.yml"


@pytest.fixture
def bare(place: Workplace) -> Workplace:
    """A folder with nothing in it."""
    (place.folder / "customers").rmdir()
    return place


def files(folder: Path) -> dict[str, bytes]:
    """Every file that git could list, by its path."""
    found = {it.relative_to(folder).as_posix(): it for it in folder.rglob("*") if it.is_file()}
    return {path: it.read_bytes() for path, it in found.items() if not path.startswith(".reconciler/")}


def git(folder: Path, *words: str) -> None:
    """Have git do something."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    subprocess.run([GIT, *who, *words], cwd=folder, check=True, capture_output=True)


def below(place: Workplace, name: str) -> Workplace:
    """The same place, a folder further down."""
    (place.folder / name).mkdir(parents=True)
    made = copy.copy(place)
    made.folder = place.folder / name
    return made


@pytest.mark.parametrize(
    ("ci", "more"),
    [("github", GITHUB), ("gitlab", GITLAB), ("both", GITHUB | {".gitlab-ci.yml"}), ("none", set())],
)
def test_what_is_made(bare: Workplace, ci: str, more: set[str]) -> None:
    """Each choice of CI has its files; each file is named on a line, and the whole validates."""
    ran = bare.run("init", "--ci", ci, *SOURCE)
    assert ran.code == 0
    wanted = ALWAYS | more | {"customers/.gitkeep"}
    assert set(files(bare.folder)) == wanted
    assert {line.split()[1] for line in ran.out.splitlines() if line.startswith("made")} == wanted
    assert bare.run("validate").code == 0


def test_a_copy_that_does_not_know_where_it_came_from_writes_no_pipeline(bare: Workplace) -> None:
    """Nothing is installed by a name that somebody else may take; what to do is said."""
    ran = bare.run("init", "--ci", "both")
    assert ran.code == 0
    assert set(files(bare.folder)) == ALWAYS | {"customers/.gitkeep"}
    assert "No pipeline was written" in ran.out
    assert "reconciler init --from https://" in ran.out


@pytest.mark.parametrize(
    "source",
    [
        "https://github.com/acme/reconciler",
        "https://github.com/acme/reconciler@main",
        f"https://github.com/acme/reconciler@{COMMIT[:12]}",
        f"https://ada:CANARY@github.com/acme/reconciler@{COMMIT}",
        f"https://CANARY@github.com/acme/reconciler@{COMMIT}",
        f"http://github.com/acme/reconciler@{COMMIT}",
        f"--upload-pack=CANARY@{COMMIT}",
        f"https://github.com/a'; CANARY@{COMMIT}",
        f"https://github.com/a b@{COMMIT}",
        f"ext::CANARY@{COMMIT}",
        f"https://github.com/../x@{COMMIT}",
        "",
    ],
)
def test_an_address_that_no_pipeline_could_install_from(bare: Workplace, source: str) -> None:
    """A commit in full, no credentials, nothing that git or a shell would take for something else; it is not shown."""
    ran = bare.run("init", "--ci", "github", f"--from={source}")
    assert ran.code == 1
    assert "CANARY" not in ran.out + ran.err
    assert files(bare.folder) == {}


def test_a_pipeline_belongs_to_gits_root(bare: Workplace) -> None:
    """In a folder below it, the forge's files lie where the forge reads them, and name the folder; the branch is origin's."""
    git(bare.folder, "init", "--quiet", "--initial-branch=feature")
    git(bare.folder, "remote", "add", "origin", "git@github.com:acme/customers.git")
    git(bare.folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    crm = below(bare, "sales/crm")
    ran = crm.run("init", *SOURCE)
    assert ran.code == 0
    text = (bare.folder / WORKFLOW).read_text()
    assert "RECONCILER_FOLDERS: '[\"sales/crm\"]'" in text
    assert text.count('branches: ["trunk"]') == 3
    assert f"uses: acme/reconciler@{COMMIT}" in text
    assert "/sales/crm/reconciler.yaml @acme" in (bare.folder / ".github/CODEOWNERS").read_text()
    assert not (crm.folder / ".github").exists()
    assert crm.run("validate").code == 0


@pytest.mark.parametrize("folder", ["it's", "a${{x}}", "a$HOME", "-rf", 'a"b', "a\\b", "a`b"])
def test_a_folder_that_a_pipeline_could_not_name(bare: Workplace, folder: str) -> None:
    """No shell, expression or YAML of a pipeline gets to take it for anything else."""
    git(bare.folder, "init", "--quiet")
    root, bare.folder = bare.folder, bare.folder / folder
    bare.folder.mkdir()
    ran = bare.run("init", "--ci", "both", *SOURCE)
    assert (ran.code, "leave the pipeline out: --ci none" in ran.err) == (1, True)
    assert not (root / WORKFLOW).exists()
    assert bare.run("init", "--ci", "none", *SOURCE).code == 0


def test_two_folders_of_one_name_in_a_pipeline(bare: Workplace) -> None:
    """Their environments, comments and artifacts would be one: refused before anything is written."""
    git(bare.folder, "init", "--quiet")
    root = bare.folder
    for folder, code in (("a b", 0), ("a-b", 1)):
        bare.folder = root / folder
        bare.folder.mkdir()
        ran = bare.run("init", "--ci", "github", *SOURCE, "--update-ci")
        assert ran.code == code, ran.err
    assert "have one name in a pipeline" in ran.err
    assert not (bare.folder / "reconciler.yaml").exists()


@pytest.mark.parametrize(
    ("branch", "pattern"), [("1.10", "1.10"), ("c++", "c\\+\\+"), ("a,b", "a,b"), ("über/x#1", "über/x#1")]
)
def test_a_branch_of_any_name(bare: Workplace, branch: str, pattern: str) -> None:
    """A text in YAML, and no pattern of others to the forge; a folder with a space is one path to CODEOWNERS."""
    git(bare.folder, "init", "--quiet")
    git(bare.folder, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    root, bare.folder = bare.folder, bare.folder / "the east"
    bare.folder.mkdir()
    assert bare.run("init", "--ci", "github", *SOURCE).code == 0
    text = (root / WORKFLOW).read_text()
    assert yaml.safe_load(text)[True]["push"]["branches"] == [pattern]
    assert f"github.ref_name == '{branch}'" in text
    assert "/the\\ east/reconciler.yaml @" in (root / ".github/CODEOWNERS").read_text()


def test_the_forge_is_that_of_origin(bare: Workplace) -> None:
    """Without --ci."""
    git(bare.folder, "init", "--quiet")
    git(bare.folder, "remote", "add", "origin", "https://gitlab.example/acme/customers.git")
    assert bare.run("init", *SOURCE).code == 0
    assert set(files(bare.folder)) >= GITLAB
    assert "git -C" in (bare.folder / ".gitlab-ci.yml").read_text()


def test_an_address_elsewhere_is_fetched_by_git(bare: Workplace) -> None:
    """The forge that runs the workflow could not resolve `uses:`."""
    assert bare.run("init", "--from", f"https://git.example/acme/reconciler@{COMMIT.upper()}").code == 0
    text = (bare.folder / WORKFLOW).read_text()
    assert "uses: acme/reconciler" not in text
    assert text.count(f"git fetch --quiet --depth=1 https://git.example/acme/reconciler {COMMIT}") == 8


def test_a_second_folder_makes_it_a_matrix(bare: Workplace) -> None:
    """Only with --update-ci; each folder has environments of its own; at the root alone nothing but the pipeline is written."""
    git(bare.folder, "init", "--quiet")
    east, west = below(bare, "east"), below(bare, "west")
    east.run("init", "--ci", "both", *SOURCE)
    told = west.run("init", "--ci", "both", *SOURCE)
    assert f"left alone  {WORKFLOW}  differs from what init would write now" in told.out
    assert "--update-ci" in told.out
    assert "RECONCILER_FOLDERS: '[\"east\"]'" in (bare.folder / WORKFLOW).read_text()
    assert f"renewed     {WORKFLOW}" in west.run("init", "--ci", "both", *SOURCE, "--update-ci").out
    assert 'RECONCILER_FOLDERS: \'["east", "west"]\'' in (bare.folder / WORKFLOW).read_text()
    assert 'SUFFIX: "-west"' in (bare.folder / ".gitlab-ci.yml").read_text()
    (bare.folder / WORKFLOW).unlink()
    assert bare.run("init", *SOURCE).code == 0
    assert 'RECONCILER_FOLDERS: \'["east", "west"]\'' in (bare.folder / WORKFLOW).read_text()
    assert not (bare.folder / "reconciler.yaml").exists()


def test_update_renews_what_nobody_changed(bare: Workplace) -> None:
    """A pin that Dependabot moved is kept and is no change of somebody; a line of somebody's is, and stays."""
    bare.run("init", *SOURCE)
    path = bare.folder / WORKFLOW
    newer = re.sub(r"actions/checkout@[0-9a-f]{40}", f"actions/checkout@{'c' * 40}", path.read_text())
    path.write_text(newer)
    again = ("--from", f"https://github.com/acme/reconciler@{'d' * 40}")
    assert "differs" in bare.run("init", *again).out
    assert path.read_text() == newer
    assert f"renewed     {WORKFLOW}" in bare.run("init", *again, "--update-ci").out
    text = path.read_text()
    assert f"acme/reconciler@{'d' * 40}" in text
    assert f"actions/checkout@{'c' * 40}" in text
    path.write_text(text + "# mine\n")
    ran = bare.run("init", *SOURCE, "--update-ci")
    assert f"left alone  {WORKFLOW}  somebody changed it" in ran.out
    assert path.read_text() == text + "# mine\n"


def test_saved_plans_are_ignored(bare: Workplace) -> None:
    """They hold customers' values."""
    git(bare.folder, "init", "--quiet")
    bare.run("init", "--ci", "none")
    for name in ("plan.json", "east.plan.json", ".reconciler/x", "reconciler-results/x"):
        git(bare.folder, "check-ignore", name)


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
    assert "left alone  .gitignore  differs" in ran.out
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
