"""The fixtures that many tests stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.server import Server, running_server
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """An embedded RPM on a real socket, with the example subscription."""
    with running_server(tmp_path / "rpm") as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, server: Server) -> Workplace:
    """An empty repository of customer files that talks to that server."""
    return Workplace(tmp_path / "repo", server.url)
