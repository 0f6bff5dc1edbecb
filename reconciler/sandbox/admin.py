"""The admin API under `/sandbox/`: what a test reads and sets. JSON in, JSON out; a mistake is a 400 that names it.

GET  requests?since=N      the request log after number N
GET  commits?since=N       the commit log after number N
GET  customers             every customer as `seed` writes it; customers/ID: one as the API shows it; neither is logged
GET  knobs                 the table of knobs, with what each is set to
POST knobs                 {name: value, …}
POST faults                {"faults": a fault script (`faults`)}, counting anew
POST edit                  {"customer_id": id, "values": {attribute: text}}, or "delete": true, or "merge_into": id
POST customers             a whole subscription (`seed`) in place of this one; the logs start again
POST reset                 the example subscription, no faults, default knobs
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from reconciler.sandbox import manual_edit, seed, wire
from reconciler.sandbox.knobs import table

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from reconciler.sandbox.service import Sandbox

    Answering = Callable[[Sandbox, Request], Awaitable[Any]]


def routes(sandbox: Sandbox) -> list[Route]:
    """The admin API's routes."""
    return [
        Route(f"/sandbox/{name}", _json(sandbox, function), methods=[method])
        for method, name, function in (
            ("GET", "requests", _requests),
            ("GET", "commits", _commits),
            ("GET", "customers", _customers),
            ("GET", "customers/{customer_id:int}", _customer),
            ("GET", "knobs", _knobs),
            ("POST", "knobs", _turn),
            ("POST", "faults", _faults),
            ("POST", "edit", _edit),
            ("POST", "customers", _replace),
            ("POST", "reset", _reset),
        )
    ]


def _json(sandbox: Sandbox, function: Answering) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        try:
            return JSONResponse(await function(sandbox, request))
        except ValueError as problem:  # also JSON that is none, and every error of ours
            return JSONResponse({"error": str(problem)}, status_code=400)

    return endpoint


def _since(request: Request) -> int:
    return int(request.query_params.get("since", "0"))


async def _requests(sandbox: Sandbox, request: Request) -> Any:
    return {"requests": [_parsed(row) for row in sandbox.store.requests(_since(request))]}


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    """A logged request with its body parsed, null if it is no JSON, and the text that came."""
    try:
        body = json.loads(row["body"]) if row["body"] else None
    except ValueError:
        body = None
    return {**row, "body": body, "text": row["body"]}


async def _commits(sandbox: Sandbox, request: Request) -> Any:
    return {"commits": sandbox.store.commits(_since(request))}


async def _customers(sandbox: Sandbox, request: Request) -> Any:
    del request
    fields = sandbox.store.fields()
    return {"customers": [seed.as_entry(one, fields) for one in sandbox.store.customers()]}


async def _customer(sandbox: Sandbox, request: Request) -> Any:
    customer_id = request.path_params["customer_id"]
    found = sandbox.store.customer(customer_id)
    if found is None:
        raise manual_edit.HandError(f"there is no customer {customer_id}")
    return wire.customer(found, sandbox.store.fields(), sandbox.knobs)


async def _knobs(sandbox: Sandbox, request: Request) -> Any:
    del request
    return {
        "knobs": [
            {"name": row.name, "meaning": row.meaning, "choices": row.choices, "default": row.default,
             "value": str(getattr(sandbox.knobs, row.name))}
            for row in table().values()
        ]
    }  # fmt: skip


async def _turn(sandbox: Sandbox, request: Request) -> Any:
    sandbox.turn(await _object(request))
    return {}


async def _faults(sandbox: Sandbox, request: Request) -> Any:
    sandbox.set_faults((await _object(request)).get("faults"))
    return {}


async def _edit(sandbox: Sandbox, request: Request) -> Any:
    wish = await _object(request)
    customer = wish.get("customer_id")
    if not isinstance(customer, int):
        raise manual_edit.HandError('"customer_id" must be an id')
    wishes, into = wish.get("values", {}), wish.get("merge_into", 0)
    with sandbox.lock:
        changes = manual_edit.act(
            sandbox.store, customer, wishes, delete=wish.get("delete", False), into=into
        )
    return {"changes": [asdict(one) for one in changes]}


async def _replace(sandbox: Sandbox, request: Request) -> Any:
    content = seed.subscription(await _object(request))
    with sandbox.lock:
        seed.reset(sandbox.store, content)
    return {"customers": len(content.customers)}


async def _reset(sandbox: Sandbox, request: Request) -> Any:
    del request
    sandbox.start_over()
    return {}


async def _object(request: Request) -> dict[str, Any]:
    body = await request.json()
    if not isinstance(body, dict):
        raise seed.SeedError("the body must be a JSON object")
    return body
