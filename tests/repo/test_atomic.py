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
from reconciler.repo import atomic

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
        atomic.replace(link, b"y", local=local)
    with pytest.raises(InputError, match=r"writing .*link: File exists"):
        atomic.create(link, b"y", local=local)
    with pytest.raises(InputError, match=r"adding: cannot write .*link: Too many levels of symbolic links"):
        atomic.append(link, b"y\n", doing="adding")
    assert (real.read_bytes(), link.is_symlink()) == (b"x", True)


def test_a_file_is_exchanged_in_one_step(folder: Path, local: Path) -> None:
    """Whoever has the earlier file open goes on reading it whole; its mode goes over to the one in its place."""
    path = folder / "a.yaml"
    path.write_bytes(b"x")
    path.chmod(0o640)
    with path.open("rb") as stream:
        atomic.replace(path, b"yy", local=local)
        assert stream.read() == b"x"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"yy", 0o640)
    assert list(folder.iterdir()) == [path]


def test_what_is_there_is_not_created_again(folder: Path, local: Path) -> None:
    """And nothing is left beside it."""
    path = folder / "a.yaml"
    atomic.create(path, b"x", local=local)
    with pytest.raises(InputError, match="File exists"):
        atomic.create(path, b"y", local=local)
    assert [(it.name, it.read_bytes()) for it in folder.iterdir()] == [("a.yaml", b"x")]


def test_what_is_not_there_is_not_replaced(folder: Path, local: Path) -> None:
    """A file that went away meanwhile stays away."""
    with pytest.raises(InputError, match="No such file"):
        atomic.replace(folder / "a.yaml", b"y", local=local)
    assert list(folder.iterdir()) == []


def test_a_pipe_is_not_replaced(folder: Path, local: Path) -> None:
    """Nor any other thing that is no file: `--out /dev/null` leaves the device alone."""
    os.mkfifo(folder / "pipe")
    with pytest.raises(InputError, match=r"saving: cannot write .*pipe: it is not a regular file"):
        atomic.save(folder / "pipe", b"y", local=local, doing="saving")
    assert (folder / "pipe").is_fifo()


@pytest.mark.parametrize("trouble", ["another disk", "a file in its place", "read-only"])
def test_without_local_state_the_content_waits_beside_its_place(
    trouble: str, folder: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And moves from there in one step too."""
    places: list[Path] = []

    def moved(passing: Path, path: Path) -> None:
        places.append(passing.parent)
        if passing.parent != folder and trouble != "a file in its place":
            raise OSError(errno.EXDEV if trouble == "another disk" else errno.EROFS, "no")
        passing.rename(path)

    if trouble == "a file in its place":
        local.write_text("")
    monkeypatch.setattr(os, "replace", moved)
    path = folder / "a.yaml"
    path.write_bytes(b"x")
    atomic.replace(path, b"yy", local=local)
    assert path.read_bytes() == b"yy"
    assert list(folder.iterdir()) == [path]
    assert places == ([folder] if trouble == "a file in its place" else [local / "passing", folder])


def test_what_a_kill_left_is_swept_and_what_another_writes_is_not(folder: Path, local: Path) -> None:
    """A passing file is locked while its writer lives."""
    atomic.save(folder / "first", b"x", local=local, doing="saving")
    left = local / "passing" / ".reconciler-0123456789abcdef.tmp"
    left.write_bytes(b"half")
    theirs, number = atomic._opened(local / "passing", 0o600)
    atomic.save(folder / "second", b"y", local=local, doing="saving")
    assert list((local / "passing").iterdir()) == [theirs]
    os.close(number)
    atomic.save(folder / "third", b"z", local=local, doing="saving")
    assert list((local / "passing").iterdir()) == []


def test_a_file_that_was_swept_before_its_lock_is_made_anew(
    folder: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one moment at which a living writer's file looks like a dead one's."""
    atomic.save(folder / "first", b"x", local=local, doing="saving")
    flock, swept = fcntl.flock, list[int]()

    def late(number: int, how: int) -> Any:
        if not swept:
            swept.append(number)
            atomic._sweep(local / "passing")
        return flock(number, how)

    monkeypatch.setattr(fcntl, "flock", late)
    atomic.save(folder / "second", b"y", local=local, doing="saving")
    assert swept
    assert (folder / "second").read_bytes() == b"y"
    assert list((local / "passing").iterdir()) == []


def test_many_writers_at_once(folder: Path, local: Path) -> None:
    """None sweeps another's file away, every file is whole, and no line of the record is lost."""

    def work(worker: int) -> None:
        for turn in range(25):
            atomic.save(folder / "plan.json", f"{worker} {turn}".encode() * 500, local=local, doing="saving")
            atomic.create(folder / f"{worker}-{turn}.yaml", b"Name: A\n", local=local)
            atomic.append(folder / "record", json.dumps([worker, turn]).encode() + b"\n", doing="recording")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len({*(folder / "plan.json").read_bytes().split(b" ")}) <= 51
    assert len(list(folder.glob("*.yaml"))) == 100
    lines = (folder / "record").read_text().splitlines()
    assert sorted(map(json.loads, lines)) == [[worker, turn] for worker in range(4) for turn in range(25)]
    assert list((local / "passing").iterdir()) == []


def test_half_a_line_stays_alone(folder: Path) -> None:
    """The audit behind a kill is not glued to what the kill left."""
    path = folder / "record"
    path.write_bytes(b"whole\nhal")
    atomic.append(path, b"next\n", doing="recording")
    assert path.read_bytes() == b"whole\nhal\nnext\n"


def test_local_state_is_ignored_by_git_again_after_a_kill(folder: Path, local: Path) -> None:
    """The file by which it ignores itself was made, and the process died before it was written."""
    local.mkdir()
    (local / ".gitignore").touch()
    atomic.save(folder / "plan.json", b"", local=local, doing="saving")
    assert (local / ".gitignore").read_text() == "*\n"
