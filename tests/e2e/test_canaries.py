"""The key in no sink: not on screen, in a file, a log, a plan, a journal or an error, even when RPM echoes it."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest

from tests.kit.server import Customer, running_server
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kit.server import Server

KEY = "c4nary+k3y/of=RPM"
SPELLINGS = {
    KEY,
    urllib.parse.quote(KEY, safe=""),
    json.dumps(KEY)[1:-1],
    base64.b64encode(KEY.encode()).decode().rstrip("="),
    base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
}
ECHOES: list[Any] = [
    pytest.param(
        {"do": "reply", "body": json.dumps({"Result": {"Error": {"Message": f"bad key {KEY}"}}})},
        id="message",
    ),
    pytest.param({"do": "reply", "body": json.dumps({"Result": {"Error": f"bad key {KEY}"}})}, id="text"),
    pytest.param({"do": "reply", "body": json.dumps({KEY: 1})}, id="wrapper"),
    pytest.param({"do": "reply", "status": 500, "body": f"RpmApiKey: {KEY}"}, id="page"),
    pytest.param({"do": "reply", "body": f"<html>RpmApiKey: {KEY}"}, id="html"),
    pytest.param({"do": "reply", "body": " " * 70 + KEY}, id="cut"),
    pytest.param(
        {"do": "reply", "status": 302, "headers": {"Location": f"http://x.example/?k={KEY}"}}, id="location"
    ),
    pytest.param({"do": "reply", "status": 403, "body": KEY}, id="forbidden"),
    pytest.param({"do": "raw", "text": f"{KEY}\r\n\r\n"}, id="raw"),
]


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Server]:
    """A server that knows the canary for its key."""
    with running_server(tmp_path / "rpm", "--key", KEY) as server:
        yield server


@pytest.fixture
def shop(keyed: Server, tmp_path: Path) -> Workplace:
    """Two customers, one to be edited; the canary is the key."""
    keyed.seed(Customer(7, "Acme", fields={"Tier": "A"}), Customer(8, "Bolt"), fields=("Tier",))
    place = Workplace(tmp_path / "repo", keyed.url)
    place.environment["RPM_API_KEY"] = KEY
    place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: B\n")
    place.customer("bolt", 'CustomerID: 8\nName: Bolt\nWebsite: ""\n')
    return place


def leaks(shop: Workplace, *texts: str) -> list[str]:
    """Where the key can be found: in these texts, or in any file below the folder."""
    found = [f"text {number}" for number, text in enumerate(texts) if any(it in text for it in SPELLINGS)]
    files = [path for path in shop.folder.rglob("*") if path.is_file()]
    return found + [str(path) for path in files if any(it.encode() in path.read_bytes() for it in SPELLINGS)]


@pytest.mark.parametrize("output", ["text", "json", "markdown", "html"])
def test_on_a_good_day(output: str, shop: Workplace) -> None:
    """Plan, drift, saved plan, snapshot, journal, record, lock, debug log."""
    texts = []
    for words in (
        ["plan", "--out", "plan.json", "--refresh", "modified"],
        ["drift", "--record", "audits.jsonl"],
        ["apply", "--yes", "-v"],
    ):
        ran = shop.run(*words, "--format", output, RECONCILER_DEBUG="1")
        assert ran.code in {0, 2}, ran.err
        texts += [ran.out, ran.err]
    assert leaks(shop, *texts) == []


@pytest.mark.parametrize("action", ECHOES)
@pytest.mark.parametrize("endpoint", ["Customers", "CustomerEdit"])
def test_when_it_is_echoed(endpoint: str, action: dict[str, Any], shop: Workplace, keyed: Server) -> None:
    """An error that quotes RPM never quotes the key."""
    keyed.faults({"endpoint": endpoint, "nth": 1, "point": "P2", "action": action})
    ran = shop.run("apply", "--yes", "-v", "--format", "json")
    assert "Traceback" not in ran.err
    assert leaks(shop, ran.out, ran.err) == []


def test_when_it_is_wrong(shop: Workplace) -> None:
    """A refused key is not shown either."""
    wrong = KEY[::-1]
    ran = shop.run("plan", "-v", RPM_API_KEY=wrong)
    assert ran.code == 1
    assert wrong not in ran.out + ran.err


def test_a_masked_value_that_rpm_quotes(keyed: Server, shop: Workplace) -> None:
    """RPM's own words may repeat what was sent; the report and the log do not."""
    secret = "s3cret-option"
    options = {"name": "Tier", "kind": "list", "options": ["A", "B"]}
    keyed.seed(Customer(7, "Acme", fields={"Tier": "A"}), Customer(8, "Bolt"), fields=(options,))
    keyed.knobs(bad_option="error")
    shop.customer("acme", f"CustomerID: 7\nName: Acme\nFields:\n  Tier: {secret}\n")
    ran = shop.run("apply", "--yes", "-v", "--mask", "Fields.Tier")
    assert ran.code == 4
    assert secret in str(keyed.edits())
    assert secret not in ran.out + ran.err
