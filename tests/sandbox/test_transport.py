"""The API's transport: spellings, keys, methods, envelopes, escapes, and what the log keeps of a call."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import ACME

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm


@pytest.mark.parametrize("service", ["/rpm/api2.svc/", "/api2.svc/", "/Rpm/Api2.svc/", "/API2.SVC/"])
@pytest.mark.parametrize("endpoint", ["Info", "info", "INFO/"])
def test_the_service_is_found_under_every_spelling(rpm: Rpm, service: str, endpoint: str) -> None:
    """With and without /rpm/, in any case."""
    assert rpm.call(endpoint, service=service)["SubscriberID"] == 1207


def test_an_empty_body_will_do(rpm: Rpm) -> None:
    """RPM's own client posts nothing where there are no parameters."""
    answer = rpm.http.post("/rpm/api2.svc/Info", headers={"RpmApiKey": "sandbox"})
    assert answer.json()["Result"]["SubscriberID"] == 1207


def test_only_post_is_an_api_call(rpm: Rpm) -> None:
    """Other methods are 405, in HTML."""
    assert rpm.http.get("/rpm/api2.svc/Info").status_code == 405


def test_an_unknown_endpoint_is_404_in_html(rpm: Rpm) -> None:
    """The API has no delete, and says so as a web server would."""
    answer = rpm.post("CustomerDelete")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_400(rpm: Rpm, body: bytes) -> None:
    """The service cannot read it."""
    headers = {"RpmApiKey": "sandbox"}
    assert rpm.http.post("/rpm/api2.svc/Info", content=body, headers=headers).status_code == 400


def test_a_body_beyond_measure_is_413(rpm: Rpm) -> None:
    """The server keeps no body larger than its limit."""
    answer = rpm.http.post("/rpm/api2.svc/Info", content=b" " * 4_000_001, headers={"RpmApiKey": "sandbox"})
    assert answer.status_code == 413


BROKEN: list[Any] = [
    {"point": "P2", "action": {"do": "reply", "status": 503}},
    {"point": "P2", "action": {"do": "reply", "status": 999, "reason": "odd"}},
    {"point": "P5", "action": {"do": "frame", "framing": "chunked"}},
    {"point": "P5", "action": {"do": "garble", "kind": "bom"}},
]


def test_every_answer_of_the_api_has_a_date(rpm: Rpm) -> None:
    """Errors, refusals and answers that a fault made or spoilt too; a fault may bring a date of its own."""
    get, foreign = rpm.http.get("/rpm/api2.svc/Info"), {"Host": "evil.example", "RpmApiKey": "sandbox"}
    answers = [get, rpm.post("CustomerDelete"), rpm.post("Info", headers=foreign)]
    for fault in BROKEN:
        rpm.faults(fault)
        answers.append(rpm.post("Info"))
    now = dt.datetime.now(dt.UTC)
    for answer in answers:
        assert abs(now - parsedate_to_datetime(answer.headers["Date"])) < dt.timedelta(seconds=10)
    own = {"Date": "Wed, 01 Apr 2026 12:00:00 GMT"}
    rpm.faults({"point": "P2", "action": {"do": "reply", "status": 503, "headers": own}})
    assert rpm.post("Info").headers.get_list("Date") == list(own.values())


@pytest.mark.parametrize("headers", [{}, {"RpmApiKey": ""}, {"RpmApiKey": "badkey"}])
def test_a_missing_or_malformed_key_has_its_message(rpm: Rpm, headers: dict[str, str]) -> None:
    """The answer is HTTP 200 with an error, an object; a key is a GUID."""
    answer = rpm.post("Info", headers=headers)
    assert (answer.status_code, answer.json()) == (
        200,
        {"Result": {"Error": {"Message": "Valid key required"}}},
    )


def test_a_wrong_key_has_its_message(rpm: Rpm) -> None:
    """Two spaces after the full stop."""
    message = rpm.refusal("Info", headers={"RpmApiKey": "0fe1f7a2-1b2c-4d3e-8f40-00c0ffee0000"})
    assert message == 'Key not found.  A valid "Key" must appear as the first input data item.'


def test_the_log_keeps_the_call_and_not_the_key(rpm: Rpm) -> None:
    """A line has endpoint, body, outcome, customer, and whether the key was right."""
    rpm.refusal("Info", headers={"RpmApiKey": "canary-key"})
    rpm.edit(Website="https://new.example")
    wrong, right = rpm.get("requests")["requests"]
    assert (wrong["endpoint"], wrong["key_right"], right["key_right"]) == ("Info", 0, 1)
    assert right["body"] == {"Customer": {"CustomerID": ACME, "Website": "https://new.example"}}
    assert (right["status"], right["outcome"], right["customer_id"]) == (200, "ok", ACME)
    assert "canary-key" not in rpm.http.get("/sandbox/requests").text
    assert rpm.get(f"requests?since={wrong['seq']}")["requests"] == [right]


def test_quotes_and_ampersands_are_escaped_as_aspnet_does(rpm: Rpm) -> None:
    """An apostrophe and an ampersand come as escapes; other letters as they are."""
    rpm.edit(Name="Kühn's & Söhne")
    raw = rpm.post("Customer", {"CustomerID": ACME}).content
    assert "Kühn\\u0027s \\u0026 Söhne".encode() in raw


def test_the_pattern_of_rpms_own_client(rpm: Rpm) -> None:
    """Probe, list, read by id and by name, edit, compare each sent field, read again, ask what was modified."""
    assert rpm.call("Info")["Subscriber"]
    rows = rpm.call("Customers")["Customers"]
    assert len({int(row["CustomerID"]) for row in rows}) == len(rows)
    by_id = rpm.call("Customer", {"CustomerID": rows[0]["CustomerID"]})
    assert rpm.call("Customer", {"Customer": by_id["Name"]}) == by_id
    sent = [{"Field": "Contract term", "Value": "48 months"}, {"Field": "Monthly spend", "Value": "1250.75"}]
    answer = rpm.edit(by_id["CustomerID"], Fields=sent)
    got = {entry["Field"]: entry["Value"] for entry in answer["Fields"]}
    assert all(got[entry["Field"]] == entry["Value"] for entry in sent)
    assert rpm.customer(by_id["CustomerID"]) == answer
    assert rpm.call("Modified")["Modified"][0]["Age"] == answer["Age"]
