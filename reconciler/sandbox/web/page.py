"""The page at `/`: customers, and one customer to edit by hand as someone in RPM would; HTML out, forms in.

A form carries what each value was when it was shown, and only what the person changed is saved, so an
open page never puts back what the API changed meanwhile. A form without this process's token is refused.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from reconciler.sandbox import manual_edit
from reconciler.sandbox.records import folded
from reconciler.sandbox.web.form import entries, wishes_of
from reconciler.sandbox.web.seen import seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from reconciler.sandbox.service import Sandbox

_CALLS_SHOWN: Final = 25
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["seen"] = seen


def routes(sandbox: Sandbox) -> list[Route]:
    """The page's routes."""
    pages = _Pages(sandbox)
    return [
        Route("/", pages.customers, methods=["GET"]),
        Route("/customers/{customer_id:int}", pages.customer, methods=["GET"]),
        Route("/customers/{customer_id:int}", pages.save, methods=["POST"]),
    ]


class _Pages:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store
        self._token = secrets.token_urlsafe(32)

    async def customers(self, request: Request) -> Response:
        """All customers, or those whose id, name or website contains the searched text."""
        wanted = request.query_params.get("q", "").strip()
        rows = list(self._store.customers())
        found = [
            one for one in rows if folded(wanted) in folded(f"{one.customer_id} {one.name} {one.website}")
        ]
        calls = self._store.latest_requests(_CALLS_SHOWN)
        return self._page("customers.html", customers=found, total=len(rows), q=wanted, calls=calls)

    async def customer(self, request: Request) -> Response:
        """One customer as a form, with its history."""
        return self._shown(request.path_params["customer_id"])

    async def save(self, request: Request) -> Response:
        """Save what the person changed."""
        customer_id = request.path_params["customer_id"]
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        if not secrets.compare_digest(form.get("token", [""])[0], self._token):
            return self._shown(customer_id, problem="This page is out of date; please try again.", status=403)
        wishes = wishes_of(form)
        try:
            with self._sandbox.lock:
                manual_edit.edit(self._store, customer_id, wishes)
        except manual_edit.HandError as problem:
            return self._shown(customer_id, problem=str(problem), status=400, wishes=wishes)
        return RedirectResponse(f"/customers/{customer_id}", status_code=303)

    def _shown(
        self,
        customer_id: int,
        *,
        problem: str = "",
        status: int = 200,
        wishes: Mapping[str, str] = MappingProxyType({}),
    ) -> Response:
        found = self._store.customer(customer_id)
        if found is None:
            return self._page("missing.html", status=404, customer_id=customer_id)
        return self._page(
            "customer.html",
            status=status,
            customer=found,
            entries=entries(found, self._store.fields(), wishes),
            history=list(reversed(self._store.commits(customer_id=customer_id)))[:_CALLS_SHOWN],
            token=self._token,
            problem=problem,
        )

    def _page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        nonce = secrets.token_urlsafe(16)
        text = _TEMPLATES.get_template(template).render(nonce=nonce, **values)
        policy = f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        headers = {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return HTMLResponse(text, status_code=status, headers=headers)
