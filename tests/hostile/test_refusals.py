"""A refusal is not taken for absence: what git will not say ends a command, and what HEAD lacks is not overwritten."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

import pytest

from tests.hostile.conftest import bolt
from tests.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hostile.conftest import Scene

COMMANDS: Final = {
    "plan": ("plan", "--base", "main"),
    "apply": ("apply", "--yes", "--base", "main"),
    "drift": ("drift",),
    "drift-base": ("drift", "--base", "main"),
    "adopt": ("adopt",),
    "adopt-base": ("adopt", "--base", "main"),
    "check": ("check",),
}


def dubious(scene: Scene) -> None:
    """Somebody else's, as in a container whose user is not that of the checkout."""
    for folder, _, files in os.walk(scene.place.folder / ".git"):
        for name in (folder, *(os.path.join(folder, file) for file in files)):  # noqa: PTH118 - texts
            os.chown(name, 12345, 12345)
    os.chown(scene.place.folder, 12345, 12345)


def broken_config(scene: Scene) -> None:
    """A line that git cannot read."""
    with (scene.place.folder / ".git/config").open("a") as file:
        file.write("[core\n")


def newer(scene: Scene) -> None:
    """Of a git of the future."""
    scene.git.config("core.repositoryFormatVersion", "1")
    scene.git.config("extensions.refStorage2", "other")


def moved_worktree(scene: Scene) -> None:
    """Its repository is not where it says."""
    scene.git("worktree", "add", "--quiet", "--detach", str(scene.home / "worktree"))
    shutil.rmtree(scene.place.folder / ".git")
    shutil.copytree(scene.home / "worktree", scene.place.folder, dirs_exist_ok=True)


def no_git(scene: Scene) -> None:
    """None on the PATH."""
    (scene.home / "bin").mkdir()
    scene.place.environment["PATH"] = str(scene.home / "bin")


def lost_objects(scene: Scene) -> None:
    """A disk that lost what HEAD names."""
    shutil.rmtree(scene.place.folder / ".git/objects")
    (scene.place.folder / ".git/objects").mkdir()


REFUSALS: Final[dict[str, tuple[Callable[[Scene], None], str]]] = {
    "dubious ownership": (dubious, "detected dubious ownership in repository"),
    "a broken config": (broken_config, "bad config line"),
    "a newer repository": (newer, "unknown repository extension"),
    "a moved worktree": (moved_worktree, "repository: "),  # which git words in two ways, by its version
    "no git": (no_git, "there is no git on the PATH"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("what", REFUSALS)
def test_what_git_will_not_say_ends_the_command(what: str, command: str, scene: Scene) -> None:
    """With git's own words, exit 1, no call made and no file written."""
    if what == "dubious ownership" and os.geteuid():
        pytest.skip("only root can give files away")
    break_it, words = REFUSALS[what]
    break_it(scene)
    before = (scene.place.folder / "customers/bolt.yaml").read_bytes()
    ran = scene.place.run(*COMMANDS[command])
    assert ran.code == 1
    assert words in (ran.out if command == "check" else ran.err).replace("\n                  ", " ")
    assert "Traceback" not in ran.err
    assert (scene.place.folder / "customers/bolt.yaml").read_bytes() == before


def test_what_git_advises_is_told(scene: Scene) -> None:
    """Its own command is the next step."""
    if os.geteuid():
        pytest.skip("only root can give files away")
    dubious(scene)
    ran = scene.place.run("plan", "--base", "main")
    assert f"git config --global --add safe.directory {scene.place.folder}" in ran.err
    scene.user_config(f"[safe]\n\tdirectory = {scene.place.folder}\n")
    assert scene.place.run("plan", "--base", "main").code == 0


@pytest.mark.parametrize("command", ["plan", "drift-base", "adopt", "adopt-base"])
def test_objects_that_are_lost_end_the_command(command: str, scene: Scene) -> None:
    """A base that cannot be read is not an empty base."""
    lost_objects(scene)
    ran = scene.place.run(*COMMANDS[command])
    assert ran.code == 1
    assert "names no commit that this clone has" in ran.err or "asking git" in ran.err
    assert (scene.place.folder / "customers/bolt.yaml").read_text() == bolt()


def test_an_audit_of_the_checkout_goes_on_where_history_is_lost(scene: Scene) -> None:
    """It compares two sides that it has; that nobody can be named is told."""
    lost_objects(scene)
    ran = scene.place.run("drift", "--format", "json")
    assert ran.code == 2
    assert ran.json["without_git"].startswith("asking git")


def test_outside_of_git_commands_that_need_none_go_on(scene: Scene) -> None:
    """And one that needs it says so."""
    shutil.rmtree(scene.place.folder / ".git")
    ran = scene.place.run("drift", "--format", "json")
    assert (ran.code, ran.json["without_git"]) == (2, "there is no git repository here")
    assert scene.place.run("plan", "--base", "main").code == 1
    assert scene.place.run("adopt", "8").code == 0
    assert (scene.place.folder / "customers/bolt.yaml").read_text() == bolt("B")


def skip_worktree(scene: Scene) -> None:
    """git is told to look away from the file on disk."""
    scene.git("update-index", "--skip-worktree", "customers/bolt.yaml")


def assume_unchanged(scene: Scene) -> None:
    """git is told that nobody changes it."""
    scene.git("update-index", "--assume-unchanged", "customers/bolt.yaml")


def ignored(scene: Scene) -> None:
    """git was told to forget the file, and to ignore it."""
    scene.git("rm", "--quiet", "--cached", "customers/bolt.yaml")
    scene.git("commit", "--quiet", "-m", "forget")
    (scene.place.folder / ".git/info/exclude").write_text("customers/bolt.yaml\n")


def staged(scene: Scene) -> None:
    """The index has it, and no commit."""
    scene.git("add", "customers/bolt.yaml")


def intended(scene: Scene) -> None:
    """Only that it will be added is known."""
    ignored(scene)
    scene.git("add", "--force", "--intent-to-add", "customers/bolt.yaml")


def nested(scene: Scene) -> None:
    """A repository of its own lies around it."""
    inner = scene.place.folder / "customers" / "eu"
    inner.mkdir()
    (scene.place.folder / "customers/bolt.yaml").rename(inner / "bolt.yaml")
    Git.init(inner)("add", ".")


UNCOMMITTED: Final[dict[str, Callable[[Scene], None]]] = {
    "plainly changed": lambda _: None,
    "skip-worktree": skip_worktree,
    "assume-unchanged": assume_unchanged,
    "ignored": ignored,
    "staged": staged,
    "intent to add": intended,
}


@pytest.mark.parametrize("how", UNCOMMITTED)
def test_what_head_lacks_is_left_alone_unless_its_id_is_given(how: str, scene: Scene) -> None:
    """Whatever `git status` shows or hides."""
    work = bolt() + "Website: half a thought\n"
    if how != "staged":
        UNCOMMITTED[how](scene)
    path = scene.place.customer("bolt", work)
    if how == "staged":
        staged(scene)
    scene.place.run("adopt")
    assert path.read_text() == work
    ran = scene.place.run("adopt", "8")
    assert path.read_text().startswith(bolt("B")), ran.err


def test_line_ends_that_a_checkout_writes_are_committed(scene: Scene) -> None:
    """The disk has CR LF where git keeps LF."""
    scene.git.config("core.autocrlf", "true")
    path = scene.place.folder / "customers/bolt.yaml"
    path.unlink()
    scene.git("checkout", "--quiet", "--", "customers")
    assert b"\r\n" in path.read_bytes()
    assert scene.place.run("adopt", "--base", "main").code == 0
    assert path.read_bytes() == bolt("B").replace("\n", "\r\n").encode()


def test_a_filter_that_a_checkout_applies_is_applied(scene: Scene) -> None:
    """The user's own: the disk has text where git keeps something else."""
    scene.user_config('[filter "shift"]\n\tclean = tr a-y b-z\n\tsmudge = tr b-z a-y\n\trequired = true\n')
    scene.git.environment["GIT_CONFIG_GLOBAL"] = str(scene.home / ".gitconfig")
    (scene.place.folder / ".gitattributes").write_text("*.yaml filter=shift\n")
    scene.git("add", "--renormalize", ".")
    scene.git.commit("encrypted")
    scene.git("branch", "--force", "main", "HEAD")
    assert "Bolt" not in scene.git("cat-file", "blob", "HEAD:customers/bolt.yaml")
    assert scene.place.run("adopt", "--base", "main").code == 0
    assert (scene.place.folder / "customers/bolt.yaml").read_text() == bolt("B")
    scene.place.customer("bolt", bolt() + "Website: half a thought\n")
    scene.place.run("adopt", "--base", "main")
    assert "half a thought" in (scene.place.folder / "customers/bolt.yaml").read_text()


def test_before_the_first_commit_every_file_is_left_alone(scene: Scene) -> None:
    """Nothing is committed yet."""
    shutil.rmtree(scene.place.folder / ".git")
    Git.init(scene.place.folder)
    scene.place.run("adopt")
    assert (scene.place.folder / "customers/bolt.yaml").read_text() == bolt()
