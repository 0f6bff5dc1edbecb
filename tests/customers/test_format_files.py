"""`fmt` over a folder: which files it writes, which it leaves, and why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.customers.format_files import format_files
from reconciler.customers.formatter import format_file
from reconciler.repo.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

MESSY = b"Name:   'a%d'\n"
NEAT = b"Name: a%d\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Writes a customer file."""

    def write(name: str, content: bytes) -> Path:
        path = tmp_path / "customers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return write


def test_a_file_that_was_saved_while_fmt_worked_is_left_and_named(
    write: Callable[[str, bytes], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `adopt` leaves it: both replace a file only while it holds what they read."""
    paths = [write(f"{number}.yaml", MESSY % number) for number in range(3)]
    fsync = os.fsync

    def saving(number: int) -> None:
        fsync(number)
        paths[1].write_bytes(b"Name: saved\n")

    monkeypatch.setattr(os, "fsync", saving)
    result = format_files(Settings(root=tmp_path), (), check=False)
    assert result.changed == ("customers/0.yaml", "customers/1.yaml", "customers/2.yaml")
    assert [file for file, _ in result.left] == ["customers/1.yaml"]
    assert "saved by another program meanwhile" in result.left[0][1]
    assert [path.read_bytes() for path in paths] == [NEAT % 0, b"Name: saved\n", NEAT % 2]


def test_a_name_that_cannot_be_shown_is_formatted_all_the_same(
    write: Callable[[str, bytes], Path], tmp_path: Path
) -> None:
    """The path on the disk is not what stands in messages."""
    names = ["a\nb.yaml", os.fsdecode(b"c\xff.yaml"), "d\u202e.yaml"]
    paths = [write(name, MESSY % number) for number, name in enumerate(names)]
    result = format_files(Settings(root=tmp_path), [paths[0], paths[1].parent], check=False)
    assert result.changed == ("customers/a\\nb.yaml", "customers/c\\xff.yaml", "customers/d\\u202e.yaml")
    assert [path.read_bytes() for path in paths] == [NEAT % number for number in range(3)]


def test_paths_narrow_files_and_their_problems(write: Callable[[str, bytes], Path], tmp_path: Path) -> None:
    """Through a link to the folder too; a path without a customer file is an error."""
    paths = [write(name, MESSY % 1) for name in ("a/1.yaml", "ab/1.yaml", "b.yaml")]
    write("broken.yaml", b"Nam: x\n")
    (tmp_path / "link").symlink_to("customers/a")
    (tmp_path / "empty").mkdir()
    settings = Settings(root=tmp_path)
    with pytest.raises(InvalidFiles):
        format_files(settings, (), check=False)
    assert format_files(settings, [tmp_path / "link"], check=True).changed == ("customers/a/1.yaml",)
    format_files(settings, [paths[0].parent, paths[2]], check=False)
    assert [path.read_bytes() for path in paths] == [NEAT % 1, MESSY % 1, NEAT % 1]
    for path, what in ((Path("empty"), "contains no customer file"), (Path("gone"), "does not exist")):
        with pytest.raises(InputError, match=f"formatting: .*{path} {what}"):
            format_files(settings, [paths[0], tmp_path / path], check=False)


def test_a_hard_link_is_left_with_the_reason(write: Callable[[str, bytes], Path], tmp_path: Path) -> None:
    """Replacing it would part it from its other name."""
    path = write("a.yaml", MESSY % 1)
    (tmp_path / "other").hardlink_to(path)
    ((file, reason),) = format_files(Settings(root=tmp_path), (), check=False).left
    assert (file, "hard link" in reason, path.read_bytes()) == ("customers/a.yaml", True, MESSY % 1)


def test_unchanged_files_of_a_large_folder_are_not_read_again(
    write: Callable[[str, bytes], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large by their number or by their bytes; one that was saved since is read, and nothing is kept of the young."""
    large = b"Name: large\nAddress: |\n" + b"  line\n" * 5
    paths = [write(f"{number}.yaml", large.replace(b"large", b"a%d" % number)) for number in range(5)]
    for path in paths:
        os.utime(path, (1, 1))
    read: list[str] = []

    def counting(content: bytes, file: str) -> bytes:
        read.append(file)
        return format_file(content, file)

    monkeypatch.setattr("reconciler.customers.format_files.format_file", counting)
    monkeypatch.setattr("reconciler.customers.load.CACHED_BYTES", 4 * len(large))
    settings = Settings(root=tmp_path)
    assert format_files(settings, (), check=True).changed == ()
    assert len(read) == 5
    monkeypatch.setattr("reconciler.repo.stamps.DOUBT", -(10**10))  # their change times are a moment old
    for count in (5, 0):
        read.clear()
        assert format_files(settings, (), check=True).changed == ()
        assert len(read) == count
    paths[2].write_bytes(MESSY % 2 + b"# " + b"x" * len(large))
    assert format_files(settings, (), check=False).changed == ("customers/2.yaml",)
    assert read == ["customers/2.yaml"]
    assert format_files(settings, (), check=True).changed == ()
    assert read == ["customers/2.yaml"] * 2
    (tmp_path / ".reconciler/canonical.sqlite").write_bytes(b"damaged")
    assert format_files(settings, (), check=True).changed == ()
    assert len(read) == 7
