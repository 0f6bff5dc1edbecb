"""git answers the same to everybody: nothing in a person's configuration, environment or history changes what is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.hostile.conftest import acme, bolt
from tests.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.hostile.conftest import Scene


def check_answers(scene: Scene) -> None:
    """What base said, who set what, and what is committed."""
    planned = scene.place.run("plan", "--base", "main", "--format", "json")
    assert planned.code == 0, planned.err
    told = {
        edit["customer_id"]: [(it["base"], it["after"], it["class"]) for it in edit["changes"]]
        for edit in planned.json["edits"]
    }
    assert told == {7: [("Gold", "Silver", "change")], 8: [("A", "A", "drift")]}
    audit = scene.place.run("drift", "--format", "json")
    assert (audit.code, audit.json["without_git"]) == (2, "")
    assert {
        it["customer_id"]: [(change["set_by"]["author"], change["cause"]) for change in it["changes"]]
        for it in audit.json["drift"]
    } == {7: [("Ada", "not_applied")], 8: [("Ada", "unclear")]}
    adopted = scene.place.run("adopt", "--base", "main")
    assert adopted.code == 0, adopted.err
    assert (scene.place.folder / "customers/bolt.yaml").read_text() == bolt("B")


SURROUNDINGS: Final[dict[str, Callable[[Path], dict[str, str]]]] = {
    "the git of a hook": lambda other: {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_PREFIX": "customers/",
        "GIT_QUARANTINE_PATH": str(other),
    },
    "objects of elsewhere": lambda other: {
        "GIT_OBJECT_DIRECTORY": str(other / ".git/objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(other / ".git/objects"),
        "GIT_COMMON_DIR": str(other / ".git"),
        "GIT_NAMESPACE": "other",
        "GIT_SHALLOW_FILE": str(other / "shallow"),
        "GIT_GRAFT_FILE": str(other / "grafts"),
        "GIT_REPLACE_REF_BASE": "refs/heads/",
    },
    "other ways to read": lambda other: {
        "GIT_GLOB_PATHSPECS": "1",
        "GIT_ICASE_PATHSPECS": "1",
        "GIT_NOGLOB_PATHSPECS": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_DIFF_OPTS": "--unified=0",
        "GIT_DEFAULT_HASH": "sha256",
        "GIT_ATTR_SOURCE": "HEAD~1",
        "GIT_CEILING_DIRECTORIES": str(other.parent / "repository"),
        "GIT_FLUSH": "0",
    },
    "noise": lambda _: {
        "GIT_TRACE": "1",
        "GIT_TRACE2": "1",
        "GIT_TRACE_SETUP": "2",
        "GIT_CURL_VERBOSE": "1",
        "LANGUAGE": "de",
        "LC_ALL": "de_DE.UTF-8",
    },
    "no configuration at all": lambda other: {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "XDG_CONFIG_HOME": str(other),
    },
}


@pytest.mark.parametrize("what", SURROUNDINGS)
def test_surroundings_do_not_count(what: str, scene: Scene, tmp_path: Path) -> None:
    """Those of a hook, of another repository, of another way to read."""
    other = Git.init(tmp_path / "other")
    other.commit(acme=acme("Lead"), bolt=bolt("Z"))
    scene.place.environment |= SURROUNDINGS[what](other.folder)
    check_answers(scene)


SETTINGS: Final = """
[core]
	quotePath = true
	abbrev = 4
	pager = cat
	ignoreCase = true
	attributesFile = /nowhere
	commentChar = ";"
[log]
	showSignature = true
	date = relative
	follow = true
	showRoot = false
	diffMerges = off
	mailmap = true
[diff]
	renames = copies
	relative = true
	noprefix = true
	orderFile = /nowhere
	ignoreSubmodules = all
[blame]
	ignoreRevsFile = /nowhere
	showEmail = true
[format]
	pretty = oneline
[color]
	ui = always
[column]
	ui = always
[i18n]
	logOutputEncoding = UTF-16
	commitEncoding = ISO-8859-1
[status]
	short = true
	relativePaths = true
	showUntrackedFiles = no
[mailmap]
	file = .mailmap
[submodule]
	recurse = true
[grep]
	lineNumber = true
[alias]
	cat-file = status
"""


@pytest.mark.parametrize("where", ["the user's", "the repository's"])
def test_settings_of_a_person_do_not_count(where: str, scene: Scene) -> None:
    """What people like to see is theirs; a mailmap comes along with the checkout."""
    (scene.place.folder / ".mailmap").write_text("Mallory <mallory@acme.example> <ada@acme.example>\n")
    if where == "the user's":
        scene.user_config(SETTINGS)
    else:
        with (scene.place.folder / ".git/config").open("a") as file:
            file.write(SETTINGS)
    check_answers(scene)


def replaced(scene: Scene) -> None:
    """A ref that puts another content, and another commit, in place of those that were reviewed."""
    other = scene.git("hash-object", "-w", "--stdin", given=acme("Lead").encode())
    scene.git("replace", scene.git("rev-parse", "main:customers/acme.yaml"), other)
    scene.git("replace", "--graft", "branch")


def grafted(scene: Scene) -> None:
    """A file that gives a commit other parents."""
    (scene.place.folder / ".git/info").mkdir(exist_ok=True)
    (scene.place.folder / ".git/info/grafts").write_text(scene.git("rev-parse", "branch") + "\n")


def garbled(scene: Scene) -> None:
    """Names of files that git quotes, and that are no UTF-8."""
    for name in (
        "sch\u00f6n.txt",
        "two\nlines.txt",
        'q"uote.txt',
        "tab\t.txt",
        "\udcff.txt",
        ":(glob)**.txt",
    ):
        (scene.place.folder / "customers" / name).write_text("x")
    scene.git.commit("names")


def ambiguous(scene: Scene) -> None:
    """Folders and files that are called like the branch."""
    (scene.place.folder / "main").mkdir()
    (scene.place.folder / "main" / "customers").write_text("x")
    (scene.place.folder / "HEAD").write_text("x")
    scene.git.commit("names")


def stashed(scene: Scene) -> None:
    """Somebody's unfinished merge, rebase and bisect are in `.git`."""
    for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "ORIG_HEAD"):
        (scene.place.folder / ".git" / name).write_text(scene.git("rev-parse", "main") + "\n")
    (scene.place.folder / ".git" / "main").write_text(scene.git("rev-parse", "HEAD") + "\n")


def packed(scene: Scene) -> None:
    """Packed refs and objects, a commit graph, an index that is split and one that watches no file."""
    scene.git("gc", "--quiet")
    scene.git("commit-graph", "write", "--reachable")
    scene.git("update-index", "--split-index", "--untracked-cache")


HISTORIES: Final[dict[str, Callable[[Scene], None]]] = {
    it.__name__: it for it in (replaced, grafted, garbled, ambiguous, stashed, packed)
}


@pytest.mark.parametrize("how", HISTORIES)
def test_a_repository_with_odd_things_in_it(how: str, scene: Scene) -> None:
    """What base says is what was committed."""
    HISTORIES[how](scene)
    check_answers(scene)


def test_a_tag_does_not_take_the_place_of_a_branch(scene: Scene) -> None:
    """An error that names both, before the first call."""
    scene.git("tag", "main", "branch")
    for command in ("plan", "apply", "drift", "adopt"):
        ran = scene.place.run(command, "--base", "main", *(["--yes"] if command == "apply" else []))
        assert ran.code == 1
        assert "reading base main: it names refs/heads/main and refs/tags/main" in ran.err
    assert scene.place.run("plan", "--base", "refs/heads/main").code == 0


def test_a_worktree_and_a_submodule_are_repositories(scene: Scene, tmp_path: Path) -> None:
    """Their `.git` is a file that says where it is."""
    origin = f"file://{scene.place.folder}"
    scene.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "worktree"))
    outer = Git.init(tmp_path / "outer")
    outer("submodule", "--quiet", "add", "--branch", "branch", origin, "inner")
    inner = Git(outer.folder / "inner")
    inner("branch", "main", "origin/main")
    outer.commit("a submodule")
    for folder in (tmp_path / "worktree", inner.folder):
        scene.place.folder = folder
        check_answers(scene)


def test_a_path_with_anything_in_it(scene: Scene, tmp_path: Path) -> None:
    """Colons part lists of folders, and line ends part what git prints."""
    folder = tmp_path / "a:b\nc \u2028d"
    scene.place.folder.rename(folder)
    scene.place.folder = folder
    check_answers(scene)


FORGED: Final = (
    "a subject\n\nauthor Mallory\n\tauthor Mallory\ncommitter Mallory <m@x> 1 +0000\n\u2028author Mallory"
)


def test_nobody_forges_an_author(scene: Scene) -> None:
    """Neither by a subject, nor by a name that ends lines in other alphabets."""
    scene.git.commit(FORGED, author="Eve\u2028\u2029author Mallory\x1c\x85", acme=acme("Platinum"))
    audit = scene.place.run("drift", "--format", "json")
    assert audit.code == 2
    setters = {it["customer_id"]: it["set_by"]["author"] for it in audit.json["drift"]}
    assert setters == {7: "Eve\u2028\u2029author Mallory\x1c\x85", 8: "Ada"}
    assert scene.place.run("drift").code == 2
    assert scene.place.run("drift", "--format", "markdown").code == 2


def test_a_sha256_repository(scene: Scene, tmp_path: Path) -> None:
    """Names of objects are of any length."""
    git = Git.init(tmp_path / "sha256", "--object-format=sha256")
    git.commit(acme=acme("Gold"), bolt=bolt())
    git("switch", "--quiet", "--create", "branch")
    git.commit(acme=acme("Silver"))
    scene.place.folder = git.folder
    check_answers(scene)


def test_past_the_edge_of_a_shallow_clone_nobody_is_named(scene: Scene, tmp_path: Path) -> None:
    """The person who made the commit at the edge is not the one who wrote all of it."""
    origin = f"file://{scene.place.folder}"
    Git(tmp_path)("clone", "--quiet", "--depth=1", "--branch=branch", origin, "clone")
    scene.place.folder = tmp_path / "clone"
    audit = scene.place.run("drift", "--format", "json")
    told = {(it["set_by"], it["set_by_unknown"]) for found in audit.json["drift"] for it in found["changes"]}
    assert told == {(None, "the clone is shallow")}
    assert "the clone is shallow" in scene.place.run("drift").out.replace("\n", " ")
    ran = scene.place.run("plan", "--base", "origin/main")
    assert ran.code == 1
    command = ran.err.split("→ ")[1].split(" (")[0]
    Git(tmp_path / "clone")(*command.split()[1:])
    assert scene.place.run("plan", "--base", "origin/main").code == 0
