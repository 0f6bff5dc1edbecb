"""The ASGI side: bytes of HTTP in, the service's answers out, and the faults' steps carried out.

API calls take the short way below; the page and the admin API are a Starlette application that is
loaded when first asked for, so that a command which only talks to the API starts sooner.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, assert_never

from reconciler.sandbox.connection import KEY
from reconciler.sandbox.faults import script
from reconciler.sandbox.faults.exchange import exchange, unread
from reconciler.sandbox.faults.steps import Bytes, Pause
from reconciler.sandbox.faults.steps import Send as SendAnswer
from reconciler.sandbox.origin_check import refusal
from reconciler.sandbox.service import Answer, error_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, MutableMapping

    from reconciler.sandbox.connection import Connection
    from reconciler.sandbox.faults.steps import Step
    from reconciler.sandbox.service import Sandbox

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY: Final = 4_000_000
_SERVICE: Final = ("rpm/api2.svc/", "api2.svc/")


def endpoint_of(path: str) -> str | None:
    """The endpoint that a path names, or None when it is not the API's; any case."""
    plain = path.strip("/")
    start = next((one for one in _SERVICE if plain.lower().startswith(one)), None)
    return None if start is None else plain[len(start) :]


class App:
    """The sandbox as an ASGI application."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Serve this sandbox."""
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        proxied = scope["method"] == "CONNECT"
        reason = refusal(headers.get("host", ""), headers.get("origin"))
        endpoint = "CONNECT" if proxied else endpoint_of(scope["path"])
        if reason is not None and not proxied:
            answer = Answer(403, (("Content-Type", "text/plain"),), reason.encode())
            await reply(send, self.sandbox.dated(answer))
        elif endpoint is None:
            await self._pages(scope, receive, send)
        else:
            await self._call(scope, endpoint, headers, receive, send)

    async def _call(
        self, scope: Scope, endpoint: str, headers: dict[str, str], receive: Receive, send: Send
    ) -> None:
        wire = _Wire(scope[KEY], receive, send)
        if await wire.carry_out(unread(self.sandbox, endpoint, headers)):
            return
        if scope["method"] != "POST":
            await reply(send, self.sandbox.dated(error_page(405)))
            return
        body = await body_of(receive)
        if len(body) > LARGEST_BODY:
            await reply(send, self.sandbox.dated(error_page(413)))
            return
        await wire.carry_out(exchange(self.sandbox, endpoint, body, headers))

    @cached_property
    def _pages(self) -> Any:
        from reconciler.sandbox.pages import application  # noqa: PLC0415 see the module's docstring

        return application(self.sandbox)


class _Wire:
    """The two ways to a client: an ASGI answer, or bytes past it."""

    def __init__(self, connection: Connection, receive: Receive, send: Send) -> None:
        self._connection = connection
        self._receive = receive
        self._send = send

    async def carry_out(self, steps: Iterator[Step]) -> bool:
        """Take the steps; whether any of them was seen by the client."""
        answered = broken = False
        for step in steps:
            match step:
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case SendAnswer(answer):
                    await reply(self._send, answer)
                    answered = True
                case Bytes(content):
                    if not self._connection.transport.is_closing():
                        self._connection.transport.write(content)
                    broken = True
                case script.Reset():
                    self._connection.reset()
                    broken = True
                case script.Close():
                    self._connection.transport.close()
                    broken = True
                case script.Hang():
                    broken = True
                case _:
                    assert_never(step)
        if broken:  # uvicorn must not add an answer of its own
            await self._connection.lost.wait()
        return answered or broken


async def body_of(receive: Receive) -> bytes:
    """The whole body of a request, or as much of it as shows that it is too large."""
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if not message.get("more_body") or size > LARGEST_BODY:
            return b"".join(parts)


async def reply(send: Send, answer: Answer) -> None:
    """Send an answer with its length."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    names = {name.lower() for name, _ in headers}
    if b"content-length" not in names and answer.status not in {204, 304}:
        headers.append((b"Content-Length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
