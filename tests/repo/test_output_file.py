"""What `--out` and `--record` name is made certain first, written whole or as it is, and never through a link."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.core.errors import OutputError
from reconciler.repo.output_file import OutputFile

if TYPE_CHECKING:
    from collections.abc import Iterator

BIG = b"x" * 1_000_000


def opened(name: str | Path, *, timeout: float = 5, **more: Any) -> OutputFile:
    return OutputFile.open(name, doing="saving the plan", timeout=timeout, **more)


@contextmanager
def read(pipe: int | Path) -> Iterator[list[bytes]]:
    """Reads a pipe to its end beside the test; the pieces are there when the block is over."""
    pieces: list[bytes] = []

    def work() -> None:
        number = pipe if isinstance(pipe, int) else os.open(pipe, os.O_RDONLY)
        while piece := os.read(number, 65536):
            pieces.append(piece)
        os.close(number)

    reader = threading.Thread(target=work)
    reader.start()
    yield pieces
    reader.join(timeout=20)
    assert not reader.is_alive()


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    """Until then an earlier one is there, and a new one is beside it; it is for its owner's eyes alone."""
    path = tmp_path / "plan.json"
    path.write_bytes(b"earlier")
    out = opened(path)
    assert path.read_bytes() == b"earlier"
    assert len(list(tmp_path.iterdir())) == 2
    out.write(BIG)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (BIG, 0o600)
    out.discard()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("append", [False, True])
def test_what_is_discarded_leaves_nothing(append: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """By name, or as the context that a failure leaves."""
    earlier = tmp_path / "earlier"
    earlier.write_bytes(b"x\n")
    for name in ("new", "earlier"):
        opened(tmp_path / name, append=append).discard()
        with pytest.raises(ZeroDivisionError), opened(tmp_path / name, append=append):
            raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == [earlier]
    assert earlier.read_bytes() == b"x\n"


def test_what_a_kill_leaves_is_removed_by_the_next_run(tmp_path: Path) -> None:
    """It is not locked any more."""
    code = (
        "import os, sys; from reconciler.repo.output_file import OutputFile\n"
        "out = OutputFile.open(sys.argv[1], doing='x', timeout=1); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "plan")], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    opened(tmp_path / "plan").discard()
    assert list(tmp_path.iterdir()) == []


def test_a_record_gets_lines(tmp_path: Path) -> None:
    """What a kill left of an earlier one stays a line of its own."""
    path = tmp_path / "record"
    for line in (b"one\n", b"two\n"):
        opened(path, append=True).write(line)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"one\ntwo\n", 0o600)
    path.write_bytes(b"one\ntw")
    opened(path, append=True).write(b"three\n")
    assert path.read_bytes() == b"one\ntw\nthree\n"


@pytest.mark.parametrize("append", [False, True])
@pytest.mark.parametrize("leads", ["to a file", "to nothing", "to a folder", "to a pipe"])
def test_a_link_is_refused(leads: str, append: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """Neither followed nor replaced, outside git too."""
    real, link = tmp_path / "real", tmp_path / "link"
    if leads == "to a file":
        real.write_bytes(b"x")
    elif leads == "to a folder":
        real.mkdir()
    elif leads == "to a pipe":
        os.mkfifo(real)
    link.symlink_to(real)
    words = (
        "saving the plan: cannot write .*link: it is a symbolic link, which is neither followed nor replaced"
    )
    with pytest.raises(OutputError, match=words):
        opened(link, append=append)
    assert link.is_symlink()
    assert not real.is_file() or real.read_bytes() == b"x"


def test_a_link_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """What it leads to stays as it is."""
    (tmp_path / "real").write_bytes(b"x")
    out = opened(tmp_path / "plan")
    (tmp_path / "plan").symlink_to("real")
    with pytest.raises(OutputError, match="it is a symbolic link"):
        out.write(b"y")
    assert ((tmp_path / "real").read_bytes(), (tmp_path / "plan").is_symlink()) == (b"x", True)
    assert sorted(it.name for it in tmp_path.iterdir()) == ["plan", "real"]


def test_a_link_among_the_folders_is_refused_inside_git_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout can bring it along; the links of the machine are its own business."""
    root, outside = tmp_path / "repo", tmp_path / "outside"
    (root / "sub").mkdir(parents=True)
    outside.mkdir()
    (tmp_path / "to-repo").symlink_to("repo")
    (root / "out").symlink_to(outside)
    (root / "sub/up").symlink_to("../sub")
    monkeypatch.chdir(root / "sub")
    for name in (
        "../out/plan",
        str(root / "out/plan"),
        "up/plan",
        str(tmp_path / "to-repo/out/plan"),
        "../out/../plan",
    ):
        with pytest.raises(OutputError, match="is a symbolic link inside the repository"):
            opened(name, git_root=root)
    for name in ("../plan", str(tmp_path / "to-repo/plan"), str(tmp_path / "to-repo/sub/../plan")):
        opened(name, git_root=root).write(name.encode())
        assert (root / "plan").read_bytes() == name.encode()
    opened("../out/plan").write(b"outside git")
    assert (outside / "plan").read_bytes() == b"outside git"
    assert list((root / "sub").iterdir()) == [root / "sub/up"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("folder", "it is a folder"),
        ("gone/plan", "there is no folder .*gone"),
        ("file/plan", "there is no folder .*file"),
        ("x" * 300, "File name too long"),
        ("/proc/nothing", "No such file or directory"),
    ],
)
@pytest.mark.parametrize("append", [False, True])
def test_what_cannot_be_written_is_told_before_anything_is_asked(
    name: str,
    words: str,
    append: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    """With what to do about it."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=f"saving the plan: cannot write .*: {words}") as refused:
        opened(tmp_path / name, append=append)
    assert refused.value.advice == "nothing was asked of RPM"


@pytest.mark.parametrize("name", ["pipe", "/dev/fd/{}", "/proc/self/fd/{}", "/dev/../dev//fd/{}"])
def test_a_pipe_is_written_to_as_it_is(name: str, tmp_path: Path) -> None:
    """A named one, and an open stream by its number; more than it holds waits for the reader."""
    if name == "pipe":
        os.mkfifo(tmp_path / "pipe")
        with read(tmp_path / "pipe") as pieces:
            opened(tmp_path / "pipe").write(BIG)
        assert (tmp_path / "pipe").is_fifo()
    else:
        number, writing = os.pipe()
        with read(number) as pieces:
            opened(name.format(writing)).write(BIG)
            os.close(writing)
    assert b"".join(pieces) == BIG


def test_a_pipe_waits_for_its_reader_until_the_timeout(tmp_path: Path) -> None:
    """One that comes later is in time; one that never comes is an error."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OutputError, match=r"cannot write .*pipe: nobody read it for 0.1 s"):
        opened(path, timeout=0.1)
    pieces: list[bytes] = []

    def late() -> None:
        time.sleep(0.2)
        pieces.append(path.read_bytes())

    reader = threading.Thread(target=late)
    reader.start()
    opened(path, timeout=30).write(b"x")
    reader.join()
    assert pieces == [b"x"]


@pytest.mark.parametrize("named", [True, False])
def test_a_reader_that_stops_reading_is_an_error_after_the_timeout(named: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """The pipe is full and stays so."""
    if named:
        os.mkfifo(tmp_path / "pipe")
        reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        out = opened(tmp_path / "pipe", timeout=0.2)
    else:
        reading, writing = os.pipe()
        out = opened(f"/dev/fd/{writing}", timeout=0.2)
        os.close(writing)
    with pytest.raises(OutputError, match=r"nobody read it for 0.2 s"):
        out.write(BIG)
    os.close(reading)


def test_a_reader_that_went_away_is_no_error(tmp_path: Path) -> None:
    """`| head` changes nothing about a run."""
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    out = opened(tmp_path / "pipe")
    os.close(reading)
    out.write(BIG)
    reading, writing = os.pipe()
    out = opened(f"/dev/fd/{writing}")
    os.close(writing)
    os.close(reading)
    out.write(BIG)


@pytest.mark.parametrize("append", [False, True])
def test_devices_are_written_to(append: bool) -> None:  # noqa: FBT001
    """The one that takes all, and the one that is always full; neither is replaced."""
    opened("/dev/null", append=append).write(BIG)
    with pytest.raises(OutputError, match="cannot write /dev/full: No space left on device"):
        opened("/dev/full", append=append).write(b"x")
    assert Path("/dev/null").is_char_device()
    assert Path("/dev/full").is_char_device()


def in_child(code: str, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """A program that opens an output and writes to it; its error text ends its stderr."""
    head = (
        "import os, resource, sys\n"
        "from reconciler.core.errors import OutputError\n"
        "from reconciler.repo.output_file import OutputFile\n"
        "def write(name, content, **more):\n"
        "    try:\n"
        "        OutputFile.open(name, doing='saving', timeout=5, **more).write(content)\n"
        "    except OutputError as error:\n"
        "        os.write(2, str(error).encode())\n"
    )
    return subprocess.run(
        [sys.executable, "-c", head + code, *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        **more,
    )


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_stdout_is_written_to_wherever_it_goes(name: str, tmp_path: Path) -> None:
    """A pipe here; and a file, which keeps what the shell has put into it before."""
    assert in_child(f"write({name!r}, b'x' * 100000)").stdout == "x" * 100000
    with (tmp_path / "file").open("wb") as stream:
        stream.write(b"before ")
        stream.flush()
        code = f"from reconciler.repo.output_file import OutputFile; OutputFile.open({name!r}, doing='', timeout=5).write(b'x')"
        subprocess.run([sys.executable, "-c", code], stdout=stream, check=True)
    assert (tmp_path / "file").read_bytes() == b"before x"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("-", "stdout: Bad file descriptor"),
        ("/dev/fd/77", "/dev/fd/77: Bad file descriptor"),
        ("/dev/fd/0", "it is not open for writing"),
    ],
)
def test_a_stream_that_is_closed_is_told(name: str, words: str) -> None:
    """Before anything is asked."""
    assert words in in_child(f"os.close(1); write({name!r}, b'x')", input="").stderr


@pytest.mark.parametrize("append", [False, True])
def test_a_limit_on_file_sizes_leaves_what_was_there(append: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """Not half a plan, nor half a line."""
    path = tmp_path / "file"
    path.write_bytes(b"x\n")
    code = f"resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); write(sys.argv[1], b'y' * 5000, append={append})"
    said = in_child(code, str(path)).stderr
    assert re.fullmatch(r"saving: cannot write .*file: File too large", said)
    assert path.read_bytes() == b"x\n"
    assert list(tmp_path.iterdir()) == [path]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
