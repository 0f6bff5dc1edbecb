"""A listening process: a socket, uvicorn on it, one line on stdout when it accepts connections.

The process ends by SIGTERM (or SIGINT), or, if asked, when stdin closes, because the program that
started it is gone then; it takes no leave of its connections.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Final

from uvicorn.config import Config
from uvicorn.server import Server

from reconciler.sandbox.app import App
from reconciler.sandbox.connection import Connection

if TYPE_CHECKING:
    from reconciler.sandbox.service import Sandbox

ENOUGH: Final = 128
"""Connections; whoever asks for more than this many at once is not told how many there may be."""
_RESERVE: Final = 6
"""Files that are opened on the way: the event loop's, the database's."""


def run(sandbox: Sandbox, *, host: str, port: int, with_stdin: bool) -> None:
    """Serve until told to end; raises `OSError` where this machine allows too few open files for that."""
    connections = _connections()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise ValueError(f"port {port} of {host}: {why}; port 0 is any free one") from None
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
    most = f" for at most {connections} connections" if connections < ENOUGH else ""
    print(f"listening on {url}{most}", flush=True)  # noqa: T201 the line that the parent waits for
    if with_stdin:
        while os.read(sys.stdin.fileno(), 4096):
            pass
    else:
        print(f"  look at the customers and edit them: {url}/", flush=True)  # noqa: T201
        print(f"  connect: export RPM_API_URL={url}/ RPM_API_KEY={sandbox.key}", flush=True)  # noqa: T201
        print("  stop: Ctrl-C", flush=True)  # noqa: T201
        serving.join()
    os._exit(0)  # every answered call is committed; there is nothing to finish


def _connections() -> int:
    """How many connections can be open at once: one more would wait, accepted by nobody, until its caller gives up."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return ENOUGH
    left = allowed - sum(1 for _ in os.scandir("/dev/fd")) - _RESERVE
    if left < 1:
        raise OSError(errno.EMFILE, f"{os.strerror(errno.EMFILE)} (ulimit -n {allowed})")
    return left
