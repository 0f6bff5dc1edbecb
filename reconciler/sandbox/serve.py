"""A listening process: a socket, uvicorn on it, one line on stdout when it accepts connections.

The process ends by SIGTERM (or SIGINT), or, if asked, when stdin closes, because the program that
started it is gone then; it takes no leave of its connections.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

from uvicorn.config import Config
from uvicorn.server import Server

from reconciler.sandbox.app import App
from reconciler.sandbox.connection import Connection

if TYPE_CHECKING:
    from reconciler.sandbox.service import Sandbox


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
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    if with_stdin:  # a Ctrl-C in the parent's terminal reaches this process too
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Off the main thread uvicorn leaves signals alone: it would wait for connections that nobody ends.
    serving = threading.Thread(target=Server(config).run, kwargs={"sockets": [listener]}, daemon=True)
    serving.start()
    url = f"http://{shown}:{listener.getsockname()[1]}"
    print(f"listening on {url}", flush=True)  # noqa: T201 the line that the parent waits for
    if with_stdin:
        while os.read(sys.stdin.fileno(), 4096):
            pass
    else:
        print(f"  look at the customers and edit them: {url}/", flush=True)  # noqa: T201
        print(f"  connect: export RPM_API_URL={url}/ RPM_API_KEY={sandbox.key}", flush=True)  # noqa: T201
        print("  stop: Ctrl-C", flush=True)  # noqa: T201
        serving.join()
    os._exit(0)  # every answered call is committed; there is nothing to finish
