"""Everything that is not the API: the page for people and the admin API for tests, one Starlette application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette

from reconciler.sandbox import admin
from reconciler.sandbox.web import page

if TYPE_CHECKING:
    from reconciler.sandbox.service import Sandbox


def application(sandbox: Sandbox) -> Starlette:
    """The application for one sandbox."""
    return Starlette(routes=[*admin.routes(sandbox), *page.routes(sandbox)])
