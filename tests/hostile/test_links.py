"""What counts is where a path leads: no command reads settings, customers or local state from outside of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.conftest import acme
from tests.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.conftest import Scene

READING = ("plan", "validate", "drift", "adopt", "check")


@pytest.mark.parametrize("command", READING)
def test_settings_above_the_root_of_git_are_not_found(command: str, scene: Scene, tmp_path: Path) -> None:
    """Anybody may own the folder above; a subscriber that is not ours would end the command."""
    (tmp_path / "reconciler.yaml").write_text("subscriber: 1\ncustomers: elsewhere\n")
    ran = scene.place.run(command)
    assert ran.code == (2 if command == "drift" else 0), ran.err


def test_settings_above_are_found_in_git_and_outside_of_it(scene: Scene, tmp_path: Path) -> None:
    """From a folder below them."""
    scene.place.settings("customers: customers\n")
    scene.place.folder = scene.place.folder / "customers"
    assert scene.place.run("validate").code == 0
    outside = tmp_path / "outside"
    (outside / "deep" / "deeper").mkdir(parents=True)
    (outside / "people").mkdir()
    (outside / "people" / "acme.yaml").write_text(acme("Gold"))
    (outside / "reconciler.yaml").write_text("customers: people\n")
    scene.place.folder = outside / "deep" / "deeper"
    assert scene.place.run("validate").code == 0


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize("what", ["a folder", "a link to nothing", "a link out of the repository"])
def test_settings_that_cannot_be_read_are_an_error(
    what: str, command: str, scene: Scene, tmp_path: Path
) -> None:
    """Nothing of what the link leads to is shown, and no other file is taken instead."""
    (tmp_path / "secrets.yaml").write_text("hunter2: 1\n")
    path = scene.place.folder / "reconciler.yaml"
    if what == "a folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere" if what == "a link to nothing" else "../secrets.yaml")
    ran = scene.place.run(command)
    assert ran.code == 1
    assert "reading " in ran.err
    assert "hunter2" not in ran.out + ran.err


@pytest.mark.parametrize(
    "command", ["plan", "adopt 7", "check", "import --all", "fmt", "set Website=x --select 7"]
)
def test_a_customers_folder_outside_is_not_read(command: str, scene: Scene, tmp_path: Path) -> None:
    """Nothing there is shown, and nothing is written."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("Name:   Hunter2\nCustomerID: 7\n")
    (scene.place.folder / "customers").rename(scene.place.folder / "earlier")
    (scene.place.folder / "customers").symlink_to("../outside")
    ran = scene.place.run(*command.split())
    assert ran.code == 1
    assert "leads out of the repository" in ran.err
    assert "Hunter2" not in ran.out + ran.err
    assert [it.name for it in outside.iterdir()] == ["secret.yaml"]
    assert "Name:   Hunter2" in (outside / "secret.yaml").read_text()


def test_a_customers_folder_inside_is_read_however_it_is_spelt(scene: Scene, tmp_path: Path) -> None:
    """A link that stays inside, and `..` on the way; `--customers` names one outside."""
    (scene.place.folder / "customers").rename(scene.place.folder / "data")
    (scene.place.folder / "customers").symlink_to("data")
    assert scene.place.run("plan", "--format", "json").json["summary"]["edit"] == 2
    scene.place.settings(f"customers: data/../../{scene.place.folder.name}/data\n")
    assert scene.place.run("plan", "--format", "json").json["summary"]["edit"] == 2
    (scene.place.folder / "data").rename(tmp_path / "outside")
    flags = ("--customers", "../outside", "--format", "json")
    assert scene.place.run("plan", *flags).json["summary"]["edit"] == 2


@pytest.mark.row("B77")
@pytest.mark.parametrize("words", ["plan loop", "fmt loop/x", "plan --customers loop"])
def test_a_link_that_leads_in_a_circle(words: str, scene: Scene) -> None:
    """It is no file of ours, and no fault of ours."""
    (scene.place.folder / "loop").symlink_to("loop")
    ran = scene.place.run(*words.split())
    assert ran.code == 1
    assert "loop" in ran.err
    assert "internal error" not in ran.err


@pytest.mark.parametrize("link", [".github/workflows", "customers"])
def test_a_first_file_is_not_written_through_a_link_out_of_the_repository(
    link: str, scene: Scene, tmp_path: Path
) -> None:
    """Nothing is written at all; inside of the repository a link is followed."""
    inside, outside = scene.place.folder / "elsewhere", tmp_path / "outside"
    path = scene.place.folder / link
    if link == "customers":
        path.rename(inside)
    else:
        inside.mkdir()
    outside.mkdir()
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(outside)
    words = ("init", "--ci", "github", "--from", f"https://git.example/x@{'a' * 40}")
    ran = scene.place.run(*words)
    assert ran.code == 1
    assert f"leads out of the repository, to {outside}" in ran.err
    assert (list(outside.iterdir()), (scene.place.folder / "reconciler.yaml").exists()) == ([], False)
    path.unlink()
    path.symlink_to(inside)
    assert scene.place.run(*words).code == 0


@pytest.mark.parametrize("place", [".reconciler", ".reconciler/journal", ".reconciler/staging"])
def test_a_link_in_the_place_of_local_state_is_not_followed(place: str, scene: Scene, tmp_path: Path) -> None:
    """Nothing is written where it leads, and nothing is believed that lies there."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path = scene.place.folder / place
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(elsewhere)
    scene.git("add", "--force", place)
    scene.git("commit", "--quiet", "-m", "a link")
    for words in (
        ("plan", "--refresh", "modified"),
        ("drift",),
        ("adopt", "8"),
        ("fmt",),
        ("import", "--all"),
        ("apply", "--yes"),
        ("plan", "--url", "sandbox:"),
        ("sandbox", "reset"),
    ):
        ran = scene.place.run(*words)
        assert "Traceback" not in ran.err, words
        assert not list(elsewhere.iterdir()), words
    ran = scene.place.run("plan", "--url", "sandbox:")
    assert ran.code == 1
    assert "is a symbolic link, which is not followed; remove it" in ran.err


def test_local_state_that_a_branch_brings_is_not_believed(scene: Scene) -> None:
    """Whoever commits a snapshot would say what RPM has."""
    assert scene.place.run("plan", "--refresh", "modified").code == 0
    scene.git("add", "--force", ".reconciler/snapshot.sqlite")
    scene.git("commit", "--quiet", "-m", "a snapshot")
    ran = scene.place.run("plan", "--refresh", "modified")
    assert ran.code == 0
    assert "the reads that are kept there are not used" in ran.err


@pytest.mark.parametrize("by", ["its own path", "a link to it"])
def test_a_key_that_git_tracks_is_refused(by: str, scene: Scene, tmp_path: Path) -> None:
    """Everybody who has the repository has it."""
    key = scene.place.file("key", "sandbox\n")
    key.chmod(0o600)
    (tmp_path / "link").symlink_to(key)
    given = str(key if by == "its own path" else tmp_path / "link")
    assert scene.place.run("plan", "--api-key-file", given).code == 0
    scene.git("add", "key")
    ran = scene.place.run("plan", "--api-key-file", given)
    assert ran.code == 1
    assert "git tracks" in ran.err
    scene.git.config("core.repositoryFormatVersion", "99")
    ran = scene.place.run("plan", "--api-key-file", given)
    assert ran.code == 1
    assert "whether git tracks" in ran.err
    assert "Expected git repo version" in ran.err


def test_the_customers_of_an_inner_repository_are_its_own(scene: Scene) -> None:
    """A `.git` below is not the one above: its files are in no commit of this repository."""
    Git.init(scene.place.folder / "customers")
    scene.place.run("adopt")
    assert "Tier: B" not in (scene.place.folder / "customers/bolt.yaml").read_text()
