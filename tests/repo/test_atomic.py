"""A file is written whole or not at all, in its own place alone, and what a kill leaves troubles nobody."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.core.errors import InputError
from reconciler.repo import atomic, staging
from reconciler.repo.atomic import Replacement
from reconciler.repo.output_file import OutputFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files are written."""
    made = tmp_path / "repo"
    made.mkdir()
    return made


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """Local state."""
    return tmp_path / ".reconciler"


def test_a_link_is_not_followed(folder: Path, local: Path) -> None:
    """What it leads to stays as it is."""
    real, link = folder / "real", folder / "link"
    real.write_bytes(b"x")
    link.symlink_to(real)
    with pytest.raises(InputError, match=r"writing .*link: it is not a regular file"):
        atomic.replace([Replacement(link, b"x", b"y")], local=local)
    with pytest.raises(InputError, match=r"writing .*link: File exists"):
        atomic.create({link: b"y"}, local=local)
    assert (real.read_bytes(), link.is_symlink()) == (b"x", True)


def test_a_file_is_exchanged_in_one_step(folder: Path, local: Path) -> None:
    """Whoever has the earlier file open goes on reading it whole; its mode goes over to the one in its place."""
    path = folder / "a.yaml"
    path.write_bytes(b"x")
    path.chmod(0o640)
    with path.open("rb") as stream:
        assert atomic.replace([Replacement(path, b"x", b"yy")], local=local) == {}
        assert stream.read() == b"x"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"yy", 0o640)
    assert list(folder.iterdir()) == [path]


def test_a_file_that_was_saved_meanwhile_is_left_as_it_is(folder: Path, local: Path) -> None:
    """The others are replaced; nothing is, where all were asked for or none."""
    one, other = folder / "one", folder / "other"
    one.write_bytes(b"saved")
    other.write_bytes(b"x")
    files = [Replacement(one, b"read", b"y"), Replacement(other, b"x", b"y")]
    left = atomic.replace(files, local=local, all_or_none=True)
    assert left == {one: "it was saved by another program meanwhile; run this again"}
    assert (one.read_bytes(), other.read_bytes()) == (b"saved", b"x")
    assert atomic.replace(files, local=local) == left
    assert (one.read_bytes(), other.read_bytes()) == (b"saved", b"y")


def test_the_last_look_comes_right_before_the_move(
    folder: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is saved while the new one is written under its temporary name is seen."""
    path = folder / "a"
    path.write_bytes(b"x")
    fsync = os.fsync

    def saving(number: int) -> None:
        fsync(number)
        path.write_bytes(b"s")

    monkeypatch.setattr(os, "fsync", saving)
    assert list(atomic.replace([Replacement(path, b"x", b"y")], local=local)) == [path]
    assert path.read_bytes() == b"s"
    assert list(atomic.replace([Replacement(path, b"s", b"y")], local=local, all_or_none=True)) == []


def test_a_hard_link_is_not_torn_apart(folder: Path, local: Path) -> None:
    """Its other name would keep the earlier content in silence."""
    path = folder / "a"
    path.write_bytes(b"x")
    (folder / "b").hardlink_to(path)
    (reason,) = atomic.replace([Replacement(path, b"x", b"y")], local=local).values()
    assert "has another name (a hard link)" in reason
    assert path.read_bytes() == (folder / "b").read_bytes() == b"x"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_owner_and_group_stay(folder: Path, local: Path) -> None:
    """Root writes a file of somebody else's, who still owns it."""
    path = folder / "a"
    path.write_bytes(b"x")
    os.chown(path, 1234, 1235)
    assert atomic.replace([Replacement(path, b"x", b"y")], local=local) == {}
    assert (path.stat().st_uid, path.stat().st_gid, path.read_bytes()) == (1234, 1235, b"y")


@pytest.mark.parametrize(("user", "groups", "left"), [(0, [], 0), (1, [], 1), (None, [1], 0), (None, [], 1)])
def test_a_file_that_could_not_be_given_back_is_left(
    user: int | None, groups: list[int], left: int, folder: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user's, or one of a group that the user is not in; root can give back any."""
    path = folder / "a"
    path.write_bytes(b"x")
    status = path.stat()
    monkeypatch.setattr(os, "geteuid", lambda: (status.st_uid or 4321) if user is None else user)
    monkeypatch.setattr(os, "getegid", lambda: status.st_gid + 1)
    monkeypatch.setattr(os, "getgroups", lambda: [status.st_gid, *groups] if groups else [])
    if user is None:
        monkeypatch.setattr(
            os, "lstat", lambda _: os.stat_result([*status[:4], status.st_uid or 4321, *status[5:]])
        )
        monkeypatch.setattr(os, "fchown", lambda *_: None)
    reasons = atomic.replace([Replacement(path, b"x", b"y")], local=local)
    assert len(reasons) == left
    assert all("it belongs to another user or group" in reason for reason in reasons.values())


def test_what_is_there_is_not_created_again(folder: Path, local: Path) -> None:
    """And nothing is left beside it."""
    path = folder / "a.yaml"
    atomic.create({path: b"x"}, local=local)
    with pytest.raises(InputError, match="File exists"):
        atomic.create({path: b"y"}, local=local)
    assert [(it.name, it.read_bytes()) for it in folder.iterdir()] == [("a.yaml", b"x")]


def test_what_is_not_there_is_not_replaced(folder: Path, local: Path) -> None:
    """A file that went away meanwhile stays away."""
    with pytest.raises(InputError, match="No such file"):
        atomic.replace([Replacement(folder / "a.yaml", b"x", b"y")], local=local)
    assert list(folder.iterdir()) == []


def test_a_disk_that_fills_up_changes_nothing(
    folder: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All new bytes are on the disk before the first file is replaced."""
    paths = [folder / str(number) for number in range(30)]
    for path in paths:
        path.write_bytes(b"x")
    write, count = os.write, 0

    def full(number: int, content: bytes) -> int:
        nonlocal count
        count += 1
        if count == 30:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(number, content)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(InputError, match=r"writing .*29: No space left on device"):
        atomic.replace([Replacement(path, b"x", b"y") for path in paths], local=local)
    assert {path.read_bytes() for path in paths} == {b"x"}
    assert list((local / staging.STAGING).iterdir()) == []


def test_many_files_are_flushed_at_once(folder: Path, local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand cost one flush of the system and one of the folder, and one look into local state."""
    flushes: list[str] = []
    fsync = os.fsync

    def one(number: int) -> None:
        flushes.append("file")
        fsync(number)

    monkeypatch.setattr(os, "fsync", one)
    monkeypatch.setattr(os, "sync", lambda: flushes.append("all"))
    contents = {folder / str(number): b"x" for number in range(1000)}
    atomic.create(contents, local=local)
    assert flushes == ["all", "file"]
    files = [Replacement(path, b"x", b"y") for path in contents]
    assert atomic.replace(files, local=local) == {}
    assert flushes == ["all", "file"] * 2
    assert {path.read_bytes() for path in folder.iterdir()} == {b"y"}
    assert atomic.replace([Replacement(files[0].path, b"y", b"z")], local=local) == {}
    assert flushes[4:] == ["file"] * 2


def test_a_pipe_is_not_replaced(folder: Path, local: Path) -> None:
    """Nor any other thing that is no file."""
    os.mkfifo(folder / "pipe")
    with pytest.raises(InputError, match=r"writing .*pipe: it is not a regular file"):
        atomic.replace([Replacement(folder / "pipe", b"", b"y")], local=local)
    assert (folder / "pipe").is_fifo()


@pytest.mark.parametrize("trouble", ["another disk", "a file in its place", "read-only"])
def test_without_local_state_the_content_waits_beside_its_place(
    trouble: str, folder: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And moves from there in one step too."""
    places: list[Path] = []

    def moved(temporary: Path, path: Path) -> None:
        places.append(temporary.parent)
        if temporary.parent != folder:
            raise OSError(errno.EXDEV if trouble == "another disk" else errno.EROFS, "no")
        temporary.rename(path)

    if trouble == "a file in its place":
        local.write_text("")
    monkeypatch.setattr(os, "replace", moved)
    path = folder / "a.yaml"
    path.write_bytes(b"x")
    atomic.replace([Replacement(path, b"x", b"yy")], local=local)
    assert path.read_bytes() == b"yy"
    assert list(folder.iterdir()) == [path]
    assert places[-1:] == [folder]
    assert [it.parent for it in places[:-1]] == (
        [] if trouble == "a file in its place" else [local / staging.STAGING]
    )


@pytest.mark.parametrize("where", ["local state", "beside"])
def test_what_a_kill_left_is_swept_and_what_another_writes_is_not(
    where: str, folder: Path, local: Path
) -> None:
    """A temporary file, or the folder of a run's, is locked while its writer lives."""
    if where == "beside":
        local.write_text("")
    waiting = folder if where == "beside" else local / staging.STAGING
    atomic.create({folder / "first": b"x"}, local=local)
    left = waiting / ".reconciler-0123456789abcdef.tmp"
    if where == "beside":
        left.write_bytes(b"half")
        theirs, number = staging._locked(lambda: staging._new_file(folder, 0o600))
    else:
        left.mkdir()
        (left / "0.tmp").write_bytes(b"half")
        theirs, number = staging._locked(lambda: staging._new_folder(waiting))
        (theirs / "0.tmp").write_bytes(b"half")
    atomic.create({folder / "second": b"y"}, local=local)
    assert list(waiting.glob(".reconciler-*")) == [theirs]
    os.close(number)
    atomic.create({folder / "third": b"z"}, local=local)
    assert list(waiting.glob(".reconciler-*")) == []


@pytest.mark.parametrize("where", ["local state", "beside"])
def test_what_was_swept_before_its_lock_is_made_anew(
    where: str, folder: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one moment at which a living writer's file looks like a dead one's."""
    if where == "beside":
        local.write_text("")
    waiting = folder if where == "beside" else local / staging.STAGING
    atomic.create({folder / "first": b"x"}, local=local)
    flock, swept = fcntl.flock, list[int]()

    def late(number: int, how: int) -> Any:
        if not swept:
            swept.append(number)
            staging._sweep(waiting)
        return flock(number, how)

    monkeypatch.setattr(fcntl, "flock", late)
    atomic.create({folder / "second": b"y"}, local=local)
    assert swept
    assert (folder / "second").read_bytes() == b"y"
    assert list(waiting.glob(".reconciler-*")) == []


def test_many_writers_at_once(folder: Path, local: Path) -> None:
    """None sweeps another's file away, every file is whole, and no line of the record is lost."""

    def work(worker: int) -> None:
        for turn in range(25):
            path = folder / f"{worker}-{turn}.yaml"
            atomic.create({path: b"Name: A\n"}, local=local)
            atomic.replace([Replacement(path, b"Name: A\n", path.name.encode() * 500)], local=local)
            with OutputFile.open(folder / "plan.json", doing="saving", timeout=1) as plan:
                plan.write(path.name.encode() * 500)
            with OutputFile.open(folder / "record", doing="recording", timeout=1, append=True) as record:
                record.write(json.dumps([worker, turn]).encode() + b"\n")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    files = {path.name: path.read_bytes() for path in folder.glob("*.yaml")}
    assert len(files) == 100
    assert all(content == name.encode() * 500 for name, content in files.items())
    assert (folder / "plan.json").read_bytes() in files.values()
    assert list(folder.glob(".reconciler-*")) == []
    lines = (folder / "record").read_text().splitlines()
    assert sorted(map(json.loads, lines)) == [[worker, turn] for worker in range(4) for turn in range(25)]
    assert list((local / staging.STAGING).iterdir()) == []


def test_local_state_is_ignored_by_git_again_after_a_kill(folder: Path, local: Path) -> None:
    """The file by which it ignores itself was made, and the process died before it was written."""
    local.mkdir()
    (local / ".gitignore").touch()
    atomic.create({folder / "a.yaml": b""}, local=local)
    assert (local / ".gitignore").read_text() == "*\n"
