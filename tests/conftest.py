"""The fixtures that many tests stand on."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.kit import profile as profile  # noqa: PLC0414 - it sets Hypothesis up, before any test is imported
from tests.kit.server import Server, ServerPool
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

signal.signal(
    signal.SIGINT, signal.default_int_handler
)  # nohup, or `&` in a script, makes all children ignore it
os.environ.pop(
    "COLUMNS", None
)  # the workers of pytest-xdist have one: nothing of ours is a terminal of theirs


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerPool]:
    """Where a test gets its server from."""
    with ServerPool(tmp_path_factory.mktemp("rpm")) as pool:
        yield pool


@pytest.fixture
def server(servers: ServerPool) -> Iterator[Server]:
    """An embedded RPM on a real socket, with the example subscription."""
    with servers.server() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, server: Server) -> Workplace:
    """An empty repository of customer files that talks to that server."""
    return Workplace(tmp_path / "repo", server.url)
