"""The page: what a person sees, and what saving a form does."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from tests.sandbox.conftest import ACME, HARBORVIEW

if TYPE_CHECKING:
    import httpx

    from tests.sandbox.conftest import Rpm


def form_of(rpm: Rpm, customer_id: int) -> dict[str, list[str] | str]:
    """The customer's form as a browser would send it back untouched."""
    text = rpm.http.get(f"/customers/{customer_id}").text
    sent: dict[str, list[str] | str] = {}
    for tag in re.findall(r"<input[^>]*>", text):
        named = {key: html.unescape(value) for key, value in re.findall(r'(name|value|type)="([^"]*)"', tag)}
        if named.get("type") != "checkbox" or " checked" in tag:
            sent[named["name"]] = [*sent.get(named["name"], []), named["value"]]
    for name, inner in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', inner)
        sent[html.unescape(name)] = html.unescape(chosen[1]) if chosen else ""
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', text, re.DOTALL):
        sent[html.unescape(name)] = html.unescape(inner).replace("\n", "\r\n")
    return sent


def save(rpm: Rpm, customer_id: int, **changes: list[str] | str) -> httpx.Response:
    """Send the form with some values changed."""
    changed = {f"is:{name.replace('__', '.').replace('_', ' ')}": value for name, value in changes.items()}
    return rpm.http.post(f"/customers/{customer_id}", data={**form_of(rpm, customer_id), **changed})


def test_all_customers_are_on_the_page(rpm: Rpm) -> None:
    """Every customer is a row, its name escaped."""
    text = rpm.http.get("/").text
    assert text.count('<td class="number">10') == 40
    assert "O&#39;Rourke Freight" in text
    assert "Müller &amp; Söhne Logistics" in text


def test_a_search_narrows_them(rpm: Rpm) -> None:
    """By id, name or website; without case."""
    for wanted in ("KÜHN", "10098", "baeckereikuehn"):
        text = rpm.http.get("/", params={"q": wanted}).text
        assert (text.count('<td class="number">10'), "Bäckerei Kühn" in text) == (1, True)
    assert "No customer matches" in rpm.http.get("/", params={"q": "<nobody>"}).text


def test_the_last_calls_are_on_the_page(rpm: Rpm) -> None:
    """What the API was asked, and what came of it."""
    rpm.refusal("Customer", {"CustomerID": 1})
    text = rpm.http.get("/").text
    assert "Customer not found" in text


def test_every_example_customer_can_be_saved_untouched(rpm: Rpm) -> None:
    """A form sent back as it came changes nothing, multi-line values and choices included."""
    for row in rpm.get("customers")["customers"]:
        assert save(rpm, row["id"]).status_code == 303
    assert rpm.commits() == []


def test_a_saved_form_is_an_edit_by_hand(rpm: Rpm) -> None:
    """Only what the person changed is committed, logged as `hand`; the API shows it, its log does not."""
    answer = save(
        rpm, ACME, Website="https://by-hand.example", Fields__Tier="Bronze", Fields__Services=["", "Voice"]
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/customers/{ACME}")
    assert {row["author"] for row in rpm.get("commits")["commits"]} == {"hand"}
    assert rpm.commits() == [
        ("Website", "https://acme.example", "https://by-hand.example"),
        ("Fields.Tier", "Gold", "Bronze"),
        ("Fields.Services", "Internet, Voice, Colocation", "Voice"),
    ]
    assert rpm.outcomes() == []


def test_an_old_form_does_not_put_back_what_the_api_changed(rpm: Rpm) -> None:
    """A value the person left alone is not sent, though it changed since the page was shown."""
    form = form_of(rpm, ACME)
    rpm.edit(Website="https://api.example")
    rpm.http.post(f"/customers/{ACME}", data={**form, "is:Address": "1 New Road"})
    customer = rpm.customer()
    assert (customer["Website"], customer["Locations"][0]["Address"]) == ("https://api.example", "1 New Road")


def test_a_form_without_its_token_is_refused(rpm: Rpm) -> None:
    """A form that this process did not make saves nothing."""
    data = {**form_of(rpm, ACME), "token": "guessed", "is:Name": "Stolen"}
    assert rpm.http.post(f"/customers/{ACME}", data=data).status_code == 403
    assert rpm.commits() == []


def test_a_taken_name_is_refused_in_words(rpm: Rpm) -> None:
    """The page says who holds it."""
    answer = save(rpm, ACME, Name="Harborview Dental Group")
    assert answer.status_code == 400
    assert f"taken by customer {HARBORVIEW}" in answer.text


def test_hostile_text_stays_text(rpm: Rpm) -> None:
    """Values cannot break out of the page, and the page could run no script anyway."""
    rpm.edit(Name='"><script>alert(1)</script>', Website="</textarea><img src=x>")
    for path in ("/", f"/customers/{ACME}"):
        answer = rpm.http.get(path)
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'nonce-")


def test_nothing_is_fetched_from_elsewhere(rpm: Rpm) -> None:
    """The page is one document: no address of another host in it but customers' own websites, as text."""
    for path in ("/", f"/customers/{ACME}"):
        assert not re.search(r'(src|href|action)="(https?:)?//', rpm.http.get(path).text)


def test_a_customer_that_is_not_there(rpm: Rpm) -> None:
    """A page says so."""
    answer = rpm.http.get("/customers/1")
    assert (answer.status_code, "No customer 1" in answer.text) == (404, True)
