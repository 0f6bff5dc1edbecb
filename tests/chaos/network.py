"""The steps of the sandbox -> what httpx would make of them on a socket, in virtual time.

The server's side of a call is a string of events of its own: it goes on when the client has lost interest, timed out or
died. Bytes that the script sends past HTTP are parsed by h11, as the real transport parses what is not plain, and become the same errors.
"""

from __future__ import annotations

import errno
import gzip
import json
import os
import zlib
from itertools import chain
from typing import TYPE_CHECKING, Any

import h11
import httpx

from reconciler.sandbox.faults import script
from reconciler.sandbox.faults.exchange import exchange, unread
from reconciler.sandbox.faults.steps import Bytes, Pause, Send, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconciler.sandbox.service import Answer
    from tests.chaos.ledger import Call, EditResult
    from tests.chaos.world import World


class Wire(httpx.BaseTransport):
    """A transport whose other end is the sandbox of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One call, from the moment before it leaves to the moment after its answer is here or lost."""
        world, baton = self._world, self._world.baton
        call = world.leaving(request.url, request.read())
        fault = world.fault_for(call)
        if fault is None and call.fault:
            call.ending = "not sent"
            raise httpx.ConnectError(call.fault)
        if world.limited("no more files"):
            call.ending, call.fault = "not sent", "no more files"
            refused = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            raise httpx.ConnectError(str(refused)) from refused
        far_side = _FarSide(world, call, request, fault)
        baton.after(world.latency(), far_side.begin)
        baton.sleep(request.extensions["deadline"] - world.clock.monotonic(), lambda: far_side.over)
        call.ended_at, call.took = baton.now, world.clock.monotonic() - call.took
        if not far_side.over:
            world.point("after a call")
            raise httpx.ReadTimeout("no answer")
        if world.limited("no more memory"):
            call.fault = "no more memory"
            world.point("after a call")
            raise MemoryError
        answer = far_side.result()
        result = _result(answer)
        call.ending = ending_of(answer, result, call.endpoint, spoilt=far_side.spoilt)
        call.rows = rows_of(result) if call.endpoint == "Customers" else None
        call.error = error_of(result)
        world.point("after a call")
        if isinstance(answer, httpx.TransportError):
            raise answer
        return httpx.Response(answer[0], headers=answer[1], stream=httpx.ByteStream(answer[2]))


Heard = tuple[int, list[tuple[str, str]], bytes] | httpx.TransportError


class _FarSide:
    """One call as the server lives it."""

    def __init__(self, world: World, call: Call, request: httpx.Request, fault: script.Fault | None) -> None:
        self._world = world
        self._call = call
        self._request = request
        self._fault = fault
        self._answer: Answer | None = None
        self._raw = b""
        self._ending: type = script.Close
        self._steps: Iterator[Step] = iter(())
        self.over = False
        self.spoilt = fault is not None and isinstance(fault.action, (script.Garble, script.Rewrite))

    def begin(self) -> None:
        """The request arrives."""
        self._world.arriving(self._call)
        sandbox = self._world.sandbox
        sandbox.script = script.Script([self._fault or _NONE])
        headers = {name.lower(): value for name, value in self._request.headers.items()}
        endpoint = self._call.endpoint
        self._steps = chain(
            unread(sandbox, endpoint, headers), exchange(sandbox, endpoint, self._request.read(), headers)
        )
        self._go_on()

    def _go_on(self) -> None:
        """Take the server's steps up to the next pause; the rest follows when that is over."""
        for step in self._steps:
            self._enter()
            if isinstance(step, Pause):
                self._world.baton.after(step.seconds, self._go_on)
                return
            if self._take(step):
                return
        self._enter()

    def _enter(self) -> None:
        """Note what the server did: this call's doing up to its answer, nobody's after it."""
        self._world.entered(self._call if self._answer is None else None)

    def _take(self, step: Step) -> bool:
        """One step; whether the rest is nobody's business (a call that ended before its body was read)."""
        if isinstance(step, Send):
            self._answer = step.answer
            self._arrive()
        elif isinstance(step, Bytes):
            if self._call.served < 0:
                self._call.served = self._world.committed
            self._raw += step.content
        elif isinstance(step, (script.Reset, script.Close)) and not self._answer:
            self._ending = type(step)
            self._arrive()
            return self._fault is not None and self._fault.point == "P1"
        elif isinstance(step, script.Hang):
            return self._fault is not None and self._fault.point == "P1"
        return False

    def _arrive(self) -> None:
        """What there is to hear has been sent, and reaches the client a moment later."""
        if self._call.served < 0:
            self._call.served = self._world.committed
        self._world.baton.after(self._world.latency(), self._reach)

    def _reach(self) -> None:
        self.over = True

    def result(self) -> Heard:
        """What the client hears."""
        if self._answer is not None:
            headers = [(name, value) for name, value in self._answer.headers]
            return self._answer.status, headers, self._answer.body
        if self._ending is script.Reset:
            return httpx.ReadError("Connection reset by peer")
        return parsed(self._raw)


_NONE = script.Fault("P0", script.Close())


def parsed(raw: bytes) -> Heard:
    """Bytes of a connection that was then closed -> the answer in them, or what the transport says of them."""
    reading = h11.Connection(h11.CLIENT)
    reading.send(
        h11.Request(method="POST", target="/", headers=[("Host", "localhost"), ("Content-Length", "0")])
    )
    reading.send(h11.EndOfMessage())
    status, headers, body = 0, [], b""
    try:
        reading.receive_data(raw)
        reading.receive_data(b"")
        while not isinstance(event := reading.next_event(), (h11.EndOfMessage, h11.ConnectionClosed)):
            if isinstance(event, h11.Response):
                status = event.status_code
                headers = [(name.decode(), value.decode()) for name, value in event.headers]
            if isinstance(event, h11.Data):
                body += bytes(event.data)
    except h11.RemoteProtocolError as error:
        return httpx.RemoteProtocolError(str(error))
    if not status:
        return httpx.RemoteProtocolError("Server disconnected without sending a response.")
    return status, headers, body


def rows_of(result: dict[str, Any] | None) -> int | None:
    """How many customers a list has, if the answer is one; RPM's words for none are none."""
    if result is None:
        return None
    if result.get("Error") in ("No customers", {"Message": "No customers"}):
        return 0
    return len(result["Customers"]) if "Customers" in result else None


def error_of(result: dict[str, Any] | None) -> str:
    """RPM's words for what was wrong, if it has any."""
    error = None if result is None else result.get("Error")
    said = error.get("Message") if isinstance(error, dict) else error
    return said if isinstance(said, str) else ""


def ending_of(answer: Heard, result: dict[str, Any] | None, endpoint: str, *, spoilt: bool) -> EditResult:
    """What an answer, with the `Result` in it, says to whoever reads it with good will; `doubtful` where a strict reader may refuse.

    An error that no page of RPM lists for the call says nothing: it may come from behind the commit.
    """
    if isinstance(answer, httpx.TransportError):
        return "lost"
    if answer[0] == 429:
        return "throttled"
    if answer[0] in {401, 403}:
        return "denied"
    if result is None or answer[0] != 200:
        return "lost"
    if "Error" in result and not spoilt:
        listed = (*_LISTED[""], *_LISTED.get(endpoint, ()))
        return "denied" if error_of(result).startswith(listed) else "lost"
    return "doubtful" if spoilt else "answer"


_LISTED: dict[str, tuple[str, ...]] = {
    "": ("Valid key required", "Key not found.", "Permission denied", "API daily limit reached"),
    "Customers": ("No customers",),
    "Customer": ("Customer not found",),
    "CustomerEdit": (
        "Customer name or ID must be specified",
        "A customer with that name already exists",
        "A customer name is required",
        'Call requires parameter: "Customer" which was not found',
    ),
}
"""The errors that RPM's pages list for any call, and for each."""


def _result(answer: Heard) -> dict[str, Any] | None:
    """The `Result` of an answer, as far as one can be read."""
    if isinstance(answer, httpx.TransportError):
        return None
    for unpack in _UNPACKINGS:
        try:
            document = json.loads(unpack(answer[2]))
        except (ValueError, OSError, EOFError, RecursionError, zlib.error):
            continue
        if isinstance(document, dict) and isinstance(document.get("Result"), dict):
            return dict(document["Result"])
    return None


_UNPACKINGS: tuple[Callable[[bytes], str], ...] = (
    lambda body: body.decode("utf-8-sig"),
    lambda body: gzip.decompress(body).decode("utf-8-sig"),
    lambda body: body.decode("utf-16"),
)
