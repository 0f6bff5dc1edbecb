"""Whether a folder has room for a file, asked before anything is paid for."""

from __future__ import annotations

import os
import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from reconciler.repo.room import check_room

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_room_is_looked_for_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a file without a name, or by the rights alone where the system has none."""
    folder = tmp_path
    check_room(folder)
    assert list(folder.iterdir()) == []
    with pytest.raises(OSError, match="too large"), limited_files(0):
        check_room(folder)
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    check_room(folder)
    monkeypatch.setattr(os, "access", lambda _path, _rights: False)
    with pytest.raises(OSError, match="no file can be made there"):
        check_room(folder)


@contextmanager
def limited_files(size: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
