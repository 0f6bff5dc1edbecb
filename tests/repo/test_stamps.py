"""What a file's stamp says where its times are odd."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from reconciler.repo.stamps import settled, size_in, stamp_of, stamps_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seconds", [13_569_465_600, -2_000_000_000])
def test_times_that_64_bits_of_nanoseconds_do_not_hold(seconds: int, tmp_path: Path) -> None:
    """The year 2400, which ext4 and XFS can say, ended every command with an internal error; such a file is read each time."""
    path = tmp_path / "a.yaml"
    path.write_text("Name: A\n")
    os.utime(path, (seconds, seconds))
    stamp = stamp_of(str(path))
    assert stamps_in(str(tmp_path), ["a.yaml"]) == [stamp]
    assert size_in(stamp) == 8
    an_hour_from_now = time.time_ns() + 3_600_000_000_000
    assert settled(stamp, an_hour_from_now) is (seconds < 0)
