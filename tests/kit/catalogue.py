"""The known ways in which the API side fails, each as data: a fault script, knobs to turn, or what to do by hand.

Row ids are those of the fault catalogue that the tests are written from (its F08 to F90: what happens
before a connection stands, F01 to F07, is no server's doing, and what happens in the client's process,
F91 on, is not the API's). `CUSTOMER` stands for the customer that a test is about; `script_for` puts its id in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOMER: Final = "customer"
_HTML: Final = {"Content-Type": "text/html"}
_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
_PAGE: Final = "<!DOCTYPE html><html><body><h1>Runtime Error</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Row:
    """One fault: a script, knobs, or words on what a test seeds or does; often one of several forms of it."""

    id: str
    fault: str
    script: tuple[dict[str, Any], ...] = ()
    knobs: Mapping[str, str] = field(default_factory=dict)
    by_hand: str = ""


def script_for(row: Row, customer_id: int) -> list[dict[str, Any]]:
    """The row's script, about that customer."""
    return [{**one, CUSTOMER: customer_id} if one.get(CUSTOMER) == CUSTOMER else one for one in row.script]


def _edit(point: str, action: Any, **when: Any) -> dict[str, Any]:
    return {"endpoint": "CustomerEdit", "point": point, "action": action, **(when or {"nth": 1})}


def _any(point: str, action: Any, **when: Any) -> dict[str, Any]:
    return {"point": point, "action": action, **when}


def _at(endpoint: str, point: str, action: Any, **when: Any) -> dict[str, Any]:
    return {"endpoint": endpoint, "point": point, "action": action, **when}


def _status(status: int, headers: Mapping[str, str] = _HTML, body: str = _PAGE) -> dict[str, Any]:
    return {"do": "reply", "status": status, "headers": headers, "body": body}


def _says(body: str) -> dict[str, Any]:
    return {"do": "reply", "headers": _JSON, "body": body}


def _refuses(message: str) -> dict[str, Any]:
    return _says(f'{{"Result":{{"Error":{{"Message":"{message}"}}}}}}')


def _rewrites(*path: str | int, to: Any) -> dict[str, Any]:
    return {"do": "rewrite", "set": [[list(path), to]]}


def _hand(**attributes: str) -> dict[str, Any]:
    return {"do": "hand", "values": attributes}


_TRANSPORT: Final = (
    Row("F08", "reset before the request is read", (_edit("P1", "reset"),)),
    Row("F09", "closed after reading, nothing committed", (_edit("P2", "close"),)),
    Row("F10", "reset after the commit, before any byte", (_edit("P3", "reset"),)),
    Row("F11", "cut inside the headers after the commit", (_edit("P4", "reset"),)),
    Row("F12", "cut inside the body, length known", (_edit("P5", "close"),)),
    Row(
        "F13",
        "cut inside a chunked body",
        (_edit("P5", {"do": "frame", "framing": "chunked"}), _edit("P5", "close")),
    ),
    Row(
        "F14",
        "cut body whose end is the connection's",
        (_edit("P5", {"do": "frame", "framing": "close"}), _edit("P5", "close")),
    ),
    Row("F15", "slow drip", (_edit("P5", {"do": "drip", "seconds": 0.5}),)),
    Row("F16", "request swallowed, no answer", (_edit("P2", "hang"),)),
    Row("F17", "answer lost, committed much later", (_edit("P2", {"do": "later", "seconds": 30}),)),
    Row("F18", "an earlier edit carried out again", (_edit("P6", {"do": "replay", "back": 1}, nth=2),)),
    Row("F19", "pooled connection closed by the server", (_any("P6", "close", every=2),)),
    Row("F20", "a proxy refuses CONNECT", (_at("CONNECT", "P1", _status(407)),)),
    Row("F21", "captive portal", (_any("P2", _status(200)),)),
    Row(
        "F22",
        "redirect to another host",
        (_any("P2", _status(302, {"Location": "http://elsewhere.invalid/rpm/api2.svc/Customer"}, "")),),
    ),
    Row(
        "F23", "redirect to plain http", (_any("P2", _status(301, {"Location": "http://localhost:1/"}, "")),)
    ),
    Row("F24", "redirect loop", (_any("P2", _status(307, {"Location": "/rpm/api2.svc/Info"}, "")),)),
    Row("F25", "gzip bomb", (_any("P5", {"do": "garble", "kind": "gzip bomb"}),)),
    Row("F26", "broken gzip", (_any("P5", {"do": "garble", "kind": "broken gzip"}),)),
    Row(
        "F27",
        "malformed framing",
        (_any("P3", {"do": "raw", "text": "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"}),),
    ),
    Row("F28", "1xx flood", (_any("P3", {"do": "raw", "text": "HTTP/1.1 100 Continue\r\n\r\n" * 50}),)),
    Row("F29", "no content", (_any("P2", _status(204, {}, "")),)),
    Row(
        "F30",
        "a status that HTTP does not have, and an escape in its reason",
        (_any("P3", {"do": "reply", "status": 999, "reason": "\x1b[31mred"}),),
    ),
)

_ANSWERS: Final = (
    Row("F31", "500 once before the commit", (_edit("P2", _status(500)),)),
    Row("F32", "500 for ever on the list and Info", (_at("Customers", "P2", _status(500)), _at("Info", "P2", _status(500)))),
    Row("F33", "500 after the commit", (_edit("P3", _status(500)),)),
    Row("F34", "500 for ever on one customer", (_any("P2", _status(500), customer=CUSTOMER),)),
    Row("F35", "503 with HTML", (_any("P2", _status(503), nth=1),)),
    Row("F36", "429 with Retry-After", (_edit("P2", _status(429, {"Retry-After": "5"})),)),
    Row(
        "F37",
        "429 until an hour of a clock that is wrong",
        (
            _any(
                "P2",
                _status(
                    429,
                    {"Date": "Wed, 01 Apr 2026 12:00:00 GMT", "Retry-After": "Wed, 01 Apr 2026 12:00:05 GMT"},
                ),
                nth=1,
            ),
        ),
    ),
    Row("F38", "429 with a Retry-After that is none", (_any("P2", _status(429, {"Retry-After": "soon"}), nth=1),)),
    Row("F39", "429 without Retry-After", (_any("P2", _status(429, {}), nth=1),)),
    Row("F40", "429 on everything", (_any("P2", _status(429)),)),
    Row("F41", "key refused on the first call", (_any("P2", _refuses("Valid key required"), nth=1),)),
    Row("F42", "key revoked on the way", (_any("P2", _refuses("Key not found."), **{"from": 3}),)),
    Row("F43", "Error is a text", knobs={"errors": "string"}, by_hand="call with a wrong key"),
    Row("F44", "an unknown message", (_edit("P2", _refuses("Der Vorgang ist fehlgeschlagen")),)),
    Row("F45", "Error without a message", (_edit("P2", _says('{"Result":{"Error":{}}}')),)),
    Row("F46", "an error and a record in one answer", (_edit("P5", _rewrites("Result", "Error", to={"Message": "?"})),)),
    Row("F47", "the daily limit on the way", knobs={"daily_limit": "5"}, by_hand="make more calls than that"),
    Row("F48", "no limit ever", by_hand="nothing to do: the default never refuses, the request log counts"),
    Row("F49", "trashed before the read", (_at("Customer", "P2", {"do": "hand", "delete": True}, nth=1),)),
    Row("F50", "a customer hidden from this key, its name taken", knobs={"hidden_customers": "10028"}),
    Row("F51", "name in use", (_edit("P2", _refuses("A unique customer name is required")),)),
    Row("F52", "a known error in other words", (_at("Customer", "P2", _refuses("Kunde nicht gefunden"), nth=1),)),
    Row("F53", "HTML with status 200 after the commit", (_edit("P3", _status(200)),)),
    Row("F54", "an empty body on the list", (_at("Customers", "P5", {"do": "garble", "kind": "empty"}),)),
    Row("F55", "null for an answer", (_any("P3", _says("null")),)),
    Row("F56", "another wrapper key", knobs={"wrapper": "legacy"}),
    Row("F57", "truncated JSON", (_any("P5", {"do": "garble", "kind": "truncated"}),)),
    Row("F58", "JSON that is not strict", (_any("P5", {"do": "garble", "kind": "nan"}),)),
    Row("F59", "wrong types", (_edit("P5", _rewrites("Result", "CustomerID", to=True)),)),
    Row("F60", "the answer is another customer", (_edit("P5", _rewrites("Result", "CustomerID", to=71)),)),
    Row("F61", "silent non-update", (_edit("P2", {"do": "retain"}),)),
    Row("F62", "a field is dropped from the answer", (
        _edit("P5", {"do": "rewrite", "remove": [["Result", "Fields", "Field=Tier"]]}),
    )),
    Row("F63", "values are rewritten", knobs={"trim": "yes", "dates": "us", "entities": "yes", "line_ends": "crlf"}),
    Row("F64", "values are cut at the column's width", knobs={"too_long": "cut"}),
    Row("F65", "only some of the sent is stored", (_edit("P2", {"do": "retain", "attributes": ["Website"]}),)),
    Row("F66", "another attribute changes with the edit", (_edit("P2", _hand(Address="changed by a rule")),)),
    Row("F67", "the answer says updated, and nothing was", (_edit("P2", {"do": "retain", "lie": True}),)),
    Row("F68", "a read that lags behind", (_at("Customer", "P2", {"do": "stale", "commits": 1}),)),
    Row("F69", "empty does not clear", knobs={"blank": "ignored"}),
)  # fmt: skip

_READS: Final = (
    Row("F70", "an id twice in the list", knobs={"duplicate_rows": "yes"}),
    Row("F71", "two customers with one name", by_hand="seed them: POST customers takes equal names"),
    Row("F72", "a row vanishes between list and read", (_at("Customer", "P1", {"do": "hand", "customer": 10028, "delete": True}, nth=1),)),
    Row("F73", "a wanted name appears", (_edit("P2", {"do": "hand", "customer": 10028, "values": {"Name": "Taken meanwhile"}}),)),
    Row("F74", "an empty list", (_at("Customers", "P3", _says('{"Result":{"Customers":[]}}')),)),
    Row("F75", "a shrunken list", by_hand="seed fewer customers: POST customers"),
    Row("F76", "a list without end", by_hand="the API has no pages; seed as many rows as needed"),
    Row("F77", "another order each time", knobs={"list_order": "shuffled"}),
    Row("F78", "the list's name is not the record's", (_at("Customers", "P5", _rewrites("Result", "Customers", 0, "Customer", to="Else")),)),
    Row("F79", "a merged id reads as its master", knobs={"merged_read": "master"}, by_hand="POST edit with merge_into"),
    Row("F80", "renamed by a person before the edit", (_at("Customer", "P1", {"do": "hand", "customer": 10028, "values": {"Name": "By hand"}}, nth=1),)),
    Row("F81", "a planned attribute edited before the read", (_at("Customer", "P2", _hand(Website="https://by-hand.example"), nth=1),)),
    Row("F82", "another attribute edited before the read", (_at("Customer", "P2", _hand(Address="by hand"), nth=1),)),
    Row("F83", "edited between read and edit", (_edit("P2", _hand(Website="https://by-hand.example")),)),
    Row("F84", "already set by a person", by_hand="POST edit with the wanted value"),
    Row("F85", "put back right after the edit", (_edit("P6", _hand(Website="https://by-hand.example")),)),
    Row("F86", "Modified too coarse to see", knobs={"modified": "day"}),
    Row("F87", "Modified missing", knobs={"modified": "missing"}),
    Row("F88", "two clients at once", by_hand="start two; the commit log says who did what"),
    Row("F89", "reads during an edit", (_edit("P2", {"do": "delay", "seconds": 1}),)),
    Row("F90", "another automation flips a value", (
        _at("Customers", "P1", {"do": "hand", "customer": 10028, "values": {"Website": "a"}}, **{"from": 1, "every": 2}),
        _at("Customers", "P1", {"do": "hand", "customer": 10028, "values": {"Website": "b"}}, **{"from": 2, "every": 2}),
    )),
)  # fmt: skip

ROWS: Final = {row.id: row for row in (*_TRANSPORT, *_ANSWERS, *_READS)}
