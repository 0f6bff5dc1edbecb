"""A file is written whole or not at all, in its own place alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler import putfile
from reconciler.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """What it leads to stays as it is."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"x")
    link.symlink_to(real)
    with pytest.raises(InputError, match=r"writing .*link: it is not a regular file"):
        putfile.replace(link, b"y")
    with pytest.raises(InputError, match=r"writing .*link: File exists"):
        putfile.create(link, b"y")
    assert (real.read_bytes(), link.is_symlink()) == (b"x", True)


def test_a_file_is_exchanged_in_one_step(tmp_path: Path) -> None:
    """Whoever has the earlier file open goes on reading it whole; its mode goes over to the one in its place."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"x")
    path.chmod(0o640)
    with path.open("rb") as stream:
        putfile.replace(path, b"yy")
        assert stream.read() == b"x"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"yy", 0o640)
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_there_is_not_created_again(tmp_path: Path) -> None:
    """And nothing is left beside it."""
    path = tmp_path / "a.yaml"
    putfile.create(path, b"x")
    with pytest.raises(InputError, match="File exists"):
        putfile.create(path, b"y")
    assert [(it.name, it.read_bytes()) for it in tmp_path.iterdir()] == [("a.yaml", b"x")]


def test_what_is_not_there_is_not_replaced(tmp_path: Path) -> None:
    """A file that went away meanwhile stays away."""
    with pytest.raises(InputError, match="No such file"):
        putfile.replace(tmp_path / "a.yaml", b"y")
    assert list(tmp_path.iterdir()) == []
