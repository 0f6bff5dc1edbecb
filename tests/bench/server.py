"""RPM's calls from memory, as fast as Python can: what is measured is the client, so the server must be nothing.

Run as a program: `python -m tests.bench.server CUSTOMERS MILLISECONDS [PEM]` prints its port, answers (by TLS where it is
given a certificate and its key) until its standard input ends, and answers `GET /` with what its `Meter` counted since the last time. Bare asyncio streams, HTTP/1.1, one
answer a request after a delay; no logging, no routing, no parsing but of the id. An edit is answered as done and
forgotten, so that the next run finds as much to do.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import sys
import time
from dataclasses import dataclass, field, fields
from email.utils import formatdate
from typing import Any, Final

from tests.bench.dataset import Subscription, answer

_ID: Final = re.compile(rb"CustomerID\D+(\d+)")
_DATE: Final = formatdate(usegmt=True).encode()
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Meter:
    """What was asked of the server, for one measurement: calls by kind, connections, and seconds from the first call to the last."""

    lists: int = 0
    reads: int = 0
    edits: int = 0
    connections: int = 0
    reading: float = 0.0
    editing: float = 0.0
    _begun: dict[str, float] = field(default_factory=dict)

    def begin(self, kind: str) -> None:
        """A call has come."""
        setattr(self, kind, getattr(self, kind) + 1)
        self._begun.setdefault(kind, time.perf_counter())

    def end(self, kind: str) -> None:
        """It is about to be answered."""
        if kind == "edits":
            self.editing = time.perf_counter() - self._begun[kind]
        elif kind == "reads":
            self.reading = time.perf_counter() - self._begun[kind]

    def taken(self) -> bytes:
        """What it says; the next measurement begins."""
        said = {it.name: getattr(self, it.name) for it in fields(self) if it.name != "_begun"}
        self.__init__()  # type: ignore[misc]
        return json.dumps(said).encode()


class Rpm:
    """Answers one connection after the other."""

    def __init__(self, customers: int, delay: float) -> None:
        """Prepare every answer."""
        self._list = _whole(Subscription(customers).listed())
        self._records = [_whole(answer(i)) for i in range(1, customers + 1)]
        self._delay = delay
        self._meter = Meter()

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the client goes away."""
        self._meter.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                writer.write(await self._answered(head, body))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    async def _answered(self, head: bytes, body: bytes) -> bytes:
        if head.startswith(b"GET"):
            return _whole(self._meter.taken())
        found = _ID.search(body)
        kind = "lists" if found is None else "edits" if b"CustomerEdit " in head else "reads"
        self._meter.begin(kind)
        await asyncio.sleep(self._delay)
        self._meter.end(kind)
        if found is None:
            return self._list
        record = self._records[int(found[1]) - 1]
        return record if kind == "reads" else _edited(record, json.loads(body)["Customer"])


def _edited(whole: bytes, sent: dict[str, Any]) -> bytes:
    """The record of an answer with what was sent in it."""
    record = json.loads(whole.partition(b"\r\n\r\n")[2])["Result"]
    texts = {it["Field"]: it["Value"] for it in sent.pop("Fields", ())}
    shown = [{**it, "Value": texts.get(it["Field"], it["Value"])} for it in record["Fields"]]
    return _whole(json.dumps({"Result": {**record, **sent, "Fields": shown}}).encode())


def _whole(body: bytes) -> bytes:
    """An answer with its head; its date is that of the start, which is near enough."""
    head = b"HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (_DATE, len(body)) + body


async def serve(customers: int, delay: float, pem: str | None = None) -> None:
    """Serve on a free port of loopback until standard input ends."""
    rpm = Rpm(customers, delay)
    tls = None
    if pem is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem)
    server = await asyncio.start_server(rpm.connection, "127.0.0.1", 0, ssl=tls)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the port is what the parent waits for
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) / 1000, *sys.argv[3:]))
