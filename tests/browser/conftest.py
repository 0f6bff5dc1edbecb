"""A browser for a module, and pages in it that are watched while they are open."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.shop import audited, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

QUIETLY: Final = (
    "--no-sandbox",  # CI is root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Watched:
    """A page, and everything that it asked for or complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("dialog", self._dialog)

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


class Window:
    """Opens pages as a reader would have them; each is watched, and closed with its block."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def open(self, url: str, *, width: int = 1200, **options: Any) -> Iterator[Watched]:
        """The page at an address, in a profile of its own."""
        with self._browser.new_context(viewport={"width": width, "height": 900}, **options) as context:
            watched = Watched(context.new_page())
            watched.page.goto(url)
            yield watched


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's command; where there is none, no test, but in CI a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        absent = "no chromium on this machine (apt-get install chromium)"
        (pytest.fail if os.environ.get("RECONCILER_BROWSER") == "required" else pytest.skip)(absent)
    return found


@pytest.fixture(scope="module")
def window(chromium: str) -> Iterator[Window]:
    """A browser for a module, no longer: its event loop would be in the way of other tests' loops."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=QUIETLY)
        yield Window(browser)
        browser.close()


@pytest.fixture(scope="session")
def plan_and_drift(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The addresses of two pages with one of everything: a branch's plan, and the last of four audits of what it began from."""
    with opened(tmp_path_factory.mktemp("shop")) as shop:
        plan = shop.page("plan.html", "plan", "--base", "HEAD")
        return plan.as_uri(), audited(shop).as_uri()
