"""A relay between the tool and a server that counts connections and bytes, and strikes when so many bytes have passed."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Relay:
    """Passes bytes both ways until `limit` of them have gone by, then calls `strike` and passes nothing more."""

    def __init__(self, port: int, limit: int, strike: Callable[[], None]) -> None:
        """`port` is the server's; a limit of 0 is none."""
        self.passed = 0
        self.connections = 0
        self.struck = False
        self._port = port
        self._limit = limit
        self._strike = strike
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                self.connections += 1
                theirs = socket.create_connection(("127.0.0.1", self._port))
                for ends in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        """Pass what comes from one end to the other until one of them is gone; then the other goes too."""
        with suppress(OSError):
            while piece := source.recv(65536):
                sink.sendall(self._allowed(piece))
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()

    def _allowed(self, piece: bytes) -> bytes:
        """As much of the piece as may pass; with the last byte of it the strike falls, before anything moves on."""
        with self._lock:
            if self.struck:
                return b""
            room = self._limit - self.passed if self._limit else len(piece) + 1
            self.passed += len(piece)
            if room <= len(piece):
                self.struck = True
                self._strike()
            return piece[:room]


@contextmanager
def relayed(url: str, limit: int, strike: Callable[[], None]) -> Iterator[tuple[Relay, str]]:
    """A relay before the server of a url, and the url by which it is reached."""
    head, _, tail = url.partition("//")[2].partition("/")
    relay = Relay(int(head.rpartition(":")[2]), limit, strike)
    try:
        yield relay, f"http://127.0.0.1:{relay.port}/{tail}"
    finally:
        relay.close()
