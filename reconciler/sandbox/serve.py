"""A listening process: a socket, uvicorn on it, one line on stdout when it accepts connections.

The process ends by SIGTERM (or SIGINT), or, if asked, when stdin closes, because the program that
started it is gone then; it takes no leave of its connections.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from uvicorn.config import Config
from uvicorn.server import Server

from reconciler.sandbox.app import App
from reconciler.sandbox.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.sandbox.service import Sandbox


class _Server(Server):
    """Uvicorn that says when it is ready, in one line, and ends without waiting."""

    def __init__(self, config: Config, address: str, *, with_stdin: bool) -> None:
        super().__init__(config)
        self._address = address
        self._with_stdin = with_stdin

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        print(f"listening on {self._address}", flush=True)  # noqa: T201 the line that the parent waits for
        if self._with_stdin:
            threading.Thread(target=_wait_for_end_of_stdin, daemon=True).start()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, os._exit, 0)
        if self._with_stdin:  # a Ctrl-C in the parent's terminal reaches this process too
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        else:
            loop.add_signal_handler(signal.SIGINT, os._exit, 0)
        yield


def _wait_for_end_of_stdin() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)  # every answered call is committed; there is nothing to finish


def run(sandbox: Sandbox, *, host: str, port: int, with_stdin: bool) -> None:
    """Serve until told to end."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=512)
    shown = f"[{host}]" if ":" in host else host
    config = Config(
        App(sandbox),
        http=Connection,
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=False,  # the API's answers carry their own, as the knobs have it
        timeout_keep_alive=75,
    )
    server = _Server(config, f"http://{shown}:{listener.getsockname()[1]}", with_stdin=with_stdin)
    server.run(sockets=[listener])
