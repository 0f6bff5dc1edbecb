"""The embedded RPM's page in a browser, as somebody in RPM would use it, and what `reconciler` then finds."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.browser.reading import cut, elements, faint
from tests.browser.shop import HOSTILE
from tests.kit.server import Customer, Server, running_server
from tests.kit.workplace import COMMAND, Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.conftest import Window

CACHE_ERRORS = "one\rtwo \u202e end"
NASTY = tuple(text for text in HOSTILE if len(text) < 200)
PATHS = ("/", "/?q=nobody", "/customers/7", "/customers/9", "/customers/123", "/customers/1")
CHOICES = (
    {"name": "Tier", "kind": "list", "options": ["Gold", "Silver"]},
    {"name": "Services", "kind": "multi", "options": ["Voice", "Internet"]},
    {"name": "Active", "kind": "yesno"},
    {"name": "Notes", "kind": "paragraph"},
)


@pytest.fixture(scope="module")
def rpm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Customers with every kind of field, and others with other people's texts."""
    with running_server(tmp_path_factory.mktemp("rpm")) as running:
        values = {"Tier": "Gold", "Services": "Internet,Voice", "Active": "Yes", "Notes": "a\nb", "Text": "x"}
        odd = {
            "Tier": " Tin  foil ",
            "Services": "Telex,Voice",
            "Active": "1",
            "Notes": CACHE_ERRORS,
            "Text": CACHE_ERRORS,
        }
        names = [Customer(100 + number, f"{text[:50]} {number}", text) for number, text in enumerate(HOSTILE)]
        known = [Customer(7, "Acme", fields=values), Customer(8, "Odd & Sons", fields=odd)]
        nasty = Customer(9, HOSTILE[0], fields={text: text for text in NASTY})
        running.seed(*known, nasty, *names, fields=(*CHOICES, "Text", *NASTY))
        yield running


def test_what_somebody_edits_by_hand_is_exactly_the_drift(
    window: Window, rpm: Server, tmp_path: Path
) -> None:
    """From the list to the customer, a few values changed and saved there; drift sees those, and the page its calls."""
    place = Workplace(tmp_path, rpm.url)
    place.customer(
        "acme", "CustomerID: 7\nName: Acme\nWebsite: ''\nFields:\n  Tier: Gold\n  Notes: |-\n    a\n    b\n"
    )
    assert place.run("drift").code == 0
    with window.open(rpm.url) as watched:
        page = watched.page
        page.get_by_role("link", name="Acme").click()
        page.get_by_label("Website").fill("https://by-hand.example")
        page.get_by_label("Tier").select_option("Silver")
        page.get_by_role("button", name="Save").click()
        assert page.get_by_label("Website").input_value() == "https://by-hand.example"
        assert "Gold → Silver" in page.locator("section", has_text="History").last.inner_text()
        found = {
            it["attribute"]: it["before"]
            for it in place.run("drift", "--format", "json").json["drift"][0]["changes"]
        }
        assert found == {"Website": "https://by-hand.example", "Fields.Tier": "Silver"}
        page.get_by_role("link", name="All customers").click()
        calls = page.locator("section", has_text="Last API calls").locator("tbody tr").all_inner_texts()
        assert calls[0].split("\t")[1:] == ["Customer 7", "ok"]
        assert watched.complaints == []


def test_a_refused_form_keeps_what_was_typed(window: Window, rpm: Server) -> None:
    """A taken name is refused in words; corrected, everything else is saved as it was typed."""
    with window.open(f"{rpm.url}/customers/9") as watched:
        page = watched.page
        page.get_by_label("Name", exact=True).fill("odd & sons")
        page.get_by_label("Address").fill("1 Harbour Road")
        page.get_by_label("Internet").check()
        page.get_by_role("button", name="Save").click()
        assert "taken by customer 8" in page.get_by_role("alert").inner_text()
        page.get_by_label("Name", exact=True).fill("Nasty")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("heading", name="Nasty").wait_for()
    saved = rpm.values()[9]
    assert (saved["Name"], saved["Address"], saved["Fields.Services"]) == (
        "Nasty",
        "1 Harbour Road",
        "Internet",
    )


@pytest.mark.parametrize("customer_id", [8, 9])
def test_saving_what_nobody_touched_changes_nothing(customer_id: int, window: Window, rpm: Server) -> None:
    """A browser has its own ideas of line ends and spaces; none of them is an edit."""
    commits = rpm.commits()
    with window.open(f"{rpm.url}/customers/{customer_id}") as watched:
        watched.page.get_by_role("button", name="Save").click()
        watched.page.wait_for_load_state()
    assert rpm.commits() == commits


def test_a_search_narrows_the_customers_by_key_alone(window: Window, rpm: Server) -> None:
    """Tab to the search, type, Enter; and the way back."""
    with window.open(rpm.url) as watched:
        page = watched.page
        page.get_by_label("Search customers").focus()
        page.keyboard.type("odd &")
        page.keyboard.press("Enter")
        page.wait_for_url("**/?q=*")
        assert page.locator(".customers tbody tr").count() == 1
        page.get_by_label("Search customers").fill("nobody")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Show all").click()
        assert page.locator(".customers tbody tr").count() == 27


def test_no_text_is_more_than_text_on_any_page(window: Window, rpm: Server) -> None:
    """No element, request, error or dialog comes of a name or a value, and what hides is spelled."""
    with window.open(rpm.url) as watched:
        for path in PATHS:
            watched.page.goto(rpm.url + path)
            assert elements(watched.page, "img, iframe, script, base, object, svg, a:not([href^='/'])") == []
            assert len(elements(watched.page, "form")) <= 1
        assert {url.removeprefix(rpm.url) for url in watched.requests} == set(PATHS)
        assert [it for it in watched.complaints if "404" not in it] == []
        watched.page.goto(rpm.url)
        assert r"gnp\u202eexe 20" in watched.page.locator(".customers").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_can_be_read_on_a_phone_and_in_the_dark(scheme: str, window: Window, rpm: Server) -> None:
    """Nothing past the edge but tables in their own frame; every text stands out."""
    with window.open(rpm.url, width=390, color_scheme=scheme) as watched:
        for path in ("/", "/customers/7", "/customers/123"):
            watched.page.goto(rpm.url + path)
            assert cut(watched.page) == []
            assert faint(watched.page) == []


def test_the_served_page_is_the_one_that_the_command_announces(window: Window, tmp_path: Path) -> None:
    """`sandbox serve` shows the example's forty customers at the address that it prints."""
    command = [COMMAND, "sandbox", "serve"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        line = serving.stdout.readline()
        try:
            with window.open("http://" + line.split("http://")[1].split()[0]) as watched:
                assert watched.page.locator(".customers tbody tr").count() == 40
        finally:
            serving.terminate()
