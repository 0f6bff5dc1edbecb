"""The fault catalogue over a real socket: each row that the API's side can cause, by its id.

Two customers, one of them to be edited. After each faulty run the faults are taken away, and what is left must be
finished by one clean apply, with nothing touched that the plan did not name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.kit.catalogue import ROWS, script_for
from tests.kit.server import Customer, read_slowly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

EDITED = 10028
OTHER = 10023
FIELDS = ("Tier", "Zip")
FILE = "CustomerID: 10028\nName: Acme\nWebsite: https://new.example\nFields:\n  Tier: Gold\n"


@dataclass(frozen=True)
class Row:
    """What a row must come to: exit code, the edited customer's outcome, edits sent, and words to be said."""

    id: str
    code: int
    outcome: str = ""
    edits: int = 0
    says: str = ""
    flags: tuple[str, ...] = ()
    knobs: Mapping[str, str] = field(default_factory=dict)
    script: tuple[Mapping[str, Any], ...] = ()
    left: bool = True


def hand(endpoint: str, nth: int, **values: str) -> dict[str, Any]:
    """Somebody edits the customer at the nth call of an endpoint."""
    action = {"do": "hand", "customer": EDITED, "values": values}
    return {"endpoint": endpoint, "customer": EDITED, "nth": nth, "point": "P2", "action": action}


def says(endpoint: str, error: str, *, point: str = "P3", **when: int) -> dict[str, Any]:
    """RPM answers with an error: `P2` before the commit, `P3` behind it."""
    action = {
        "do": "reply",
        "headers": {"Content-Type": "application/json"},
        "body": f'{{"Result":{{"Error":{error}}}}}',
    }
    return {"endpoint": endpoint, "point": point, "action": action, **when}


def odd(endpoint: str, path: list[str | int], value: Any, **when: int) -> dict[str, Any]:
    """An answer in which one part is not what it must be."""
    action = {"do": "rewrite", "set": [[["Result", *path], value]]}
    return {"endpoint": endpoint, "point": "P5", "action": action, **when}


SHORT = ("--timeout", "1")
REREAD = ("--read-age", "1")
APPLIES = [
    Row("F08", 0, "edited", 2),
    Row("F09", 0, "edited", 2),
    Row("F10", 0, "edited", 1, "confirmed by reading back"),
    Row("F11", 0, "edited", 1, "confirmed by reading back"),
    Row("F12", 0, "edited", 1, "confirmed by reading back"),
    Row("F13", 0, "edited", 1, "confirmed by reading back"),
    Row("F14", 0, "edited", 1, "confirmed by reading back"),
    Row("F15", 0, "edited", 1, "no whole answer within 1 s", SHORT),
    Row("F16", 0, "edited", 2, flags=SHORT),
    Row("F17", 0, "edited", 2, flags=SHORT),
    Row("F19", 0, "edited", 1),
    Row("F31", 0, "edited", 2),
    Row("F33", 0, "edited", 1, "confirmed by reading back"),
    Row("F36", 0, "edited", 2),
    Row("F44", 0, "edited", 2),
    Row("F44-for-ever", 4, "failed", 3, "RPM says: Der Vorgang ist fehlgeschlagen; a read shows that it was not carried out",
        script=(says("CustomerEdit", '{"Message":"Der Vorgang ist fehlgeschlagen"}', point="P2"),)),
    Row("F44-timeout", 0, "edited", 1, "confirmed by reading back (RPM says: Timeout expired)",
        script=(says("CustomerEdit", '"Timeout expired"'),)),
    Row("F44-deadlock", 0, "edited", 1, "confirmed by reading back (RPM says: Transaction was deadlocked)",
        script=(says("CustomerEdit", '{"Message":"Transaction was deadlocked"}'),)),
    Row("F44-location", 0, "edited", 1, "confirmed by reading back (RPM says: Location not found)",
        script=(says("CustomerEdit", '"Location not found"'),)),
    Row("F45", 0, "edited", 2),
    Row("F45-null", 0, "edited", 1, "confirmed by reading back (RPM answers with an error without a text)",
        script=(says("CustomerEdit", "null"),)),
    Row("F46", 0, "edited", 1, "both a record and an error"),
    Row("F47", 4, "failed", 1, "API daily limit reached", knobs={"daily_limit": "3"}),
    Row("F49-edit", 0, "edited", 2, script=(says("CustomerEdit", '"Customer not found"', point="P2", nth=1),)),
    Row("F49-edit-committed", 0, "edited", 1, "confirmed by reading back (RPM says: Customer not found)",
        script=(says("CustomerEdit", '"Customer not found"'),)),
    Row("F49-edit-gone", 4, "held", 1, "the customer is no longer in RPM", left=False, script=(
        {"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "hand", "customer": EDITED, "delete": True}},)),
    Row("F49-lost-and-gone", 4, "unknown", 1, "reading the customer failed too", left=False, script=(
        {"endpoint": "CustomerEdit", "point": "P3", "action": {"do": "hand", "customer": EDITED, "delete": True}},
        {"endpoint": "CustomerEdit", "point": "P3", "action": "reset"})),
    Row("F51", 0, "edited", 2),
    Row("F51-documented", 4, "failed", 1, "RPM says: A customer with that name already exists",
        script=(says("CustomerEdit", '{"Message":"A customer with that name already exists"}', point="P2"),)),
    Row("F51-required", 4, "failed", 1, "RPM says: A customer name is required",
        script=(says("CustomerEdit", '"A customer name is required."', point="P2"),)),
    Row("F36-committed", 0, "edited", 1, "confirmed by reading back (RPM asks for fewer calls (429))", script=(
        {"endpoint": "CustomerEdit", "point": "P3", "action": {"do": "reply", "status": 429, "headers": {"Retry-After": "0"}}},)),
    Row("F38-too-long", 4, "unknown", 1, "RPM asks to wait 3600 s; run again after that", script=(
        {"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "reply", "status": 429, "headers": {"Retry-After": "3600"}}},)),
    Row("F53", 0, "edited", 1, "confirmed by reading back"),
    Row("F59", 0, "edited", 1, "$.Result.CustomerID is not an id"),
    Row("F59-primary", 0, "edited", 1, "$.Result.Locations[0].IsPrimary is neither yes nor no",
        script=(odd("CustomerEdit", ["Locations", 0, "IsPrimary"], []),)),
    Row("F60", 4, "edited", 1, "asked for customer 10028, got 71"),
    Row("F61", 4, "not_taken", 1, "RPM kept the value it had"),
    Row("F62", 0, "edited", 1),
    Row("F65", 4, "not_taken", 1, 'Website: sent "https://new.example", got "https://old.example"'),
    Row("F66", 0, "edited", 1, "changed by somebody else meanwhile"),
    Row("F69", 4, "not_taken", 1, "RPM kept the value it had", flags=("--ignore", "Website")),
    Row("F70", 0, "edited", 1),
    Row("F73", 4, "failed", 1, "A customer with that name already exists", left=False),
    Row("F81", 3, "held", 0, "changed in RPM since it was read", REREAD, script=(read_slowly(EDITED), hand("Customer", 2, Website="x"))),
    Row("F82", 0, "edited", 1, flags=REREAD, script=(read_slowly(EDITED), hand("Customer", 2, Address="theirs"))),
    Row("F83", 0, "edited", 1, script=(hand("CustomerEdit", 1, Address="theirs"),)),
    Row("F86", 0, "edited", 1),
    Row("F87", 0, "edited", 1),
]  # fmt: skip
PLANS = [
    Row("F21", 1, says="is not JSON"),
    Row("F22", 1, says="redirected to http://elsewhere.invalid/rpm/api2.svc/Customer, which is not followed"),
    Row("F23", 1, says="which is not followed"),
    Row("F24", 1, says="which is not followed"),
    Row("F25", 1, says="more than 33554432 bytes"),
    Row("F26", 1, says="the answer is unusable"),
    Row("F27", 1, says="Customers: the connection broke"),
    Row("F28", 1, says="Customers: the connection broke"),
    Row("F29", 1, says="HTTP status 204"),
    Row("F30", 1, says="HTTP status 999"),
    Row("F32", 1, says="HTTP status 500: <!DOCTYPE html>"),
    Row("F34", 1, says="Customer 10028: HTTP status 500"),
    Row("F35", 0),
    Row("F37", 0),
    Row("F38", 0),
    Row("F39", 0),
    Row("F40", 1, says="RPM asks for fewer calls (429)"),
    Row("F41", 1, says="Valid key required"),
    Row("F42", 1, says="Key not found."),
    Row("F49", 0, says="is gone since"),
    Row("F52", 0),
    Row(
        "F52-for-ever",
        1,
        says="RPM says: Kunde nicht gefunden",
        script=(says("Customer", '{"Message":"Kunde nicht gefunden"}', point="P2"),),
    ),
    Row("F45-read", 0, script=(says("Customer", "null", point="P2", nth=1),)),
    Row(
        "F59-read",
        1,
        says="Customer 10028: the answer cannot be trusted: $.Result.Locations[0].IsPrimary is neither yes nor no",
        script=(odd("Customer", ["Locations", 0, "IsPrimary"], [], customer=EDITED),),
    ),
    Row("F59-read-once", 0, script=(odd("Customer", ["Locations", 0, "IsPrimary"], [], nth=1),)),
    Row(
        "F21-once",
        0,
        script=(
            {
                "endpoint": "Customers",
                "nth": 1,
                "point": "P2",
                "action": {"do": "reply", "status": 200, "body": "<html>Sign in</html>"},
            },
        ),
    ),
    Row(
        "F29-once",
        0,
        script=(
            {"endpoint": "Customers", "nth": 1, "point": "P2", "action": {"do": "reply", "status": 204}},
        ),
    ),
    Row(
        "F54-once",
        0,
        script=(
            {"endpoint": "Customers", "nth": 1, "point": "P5", "action": {"do": "garble", "kind": "empty"}},
        ),
    ),
    Row(
        "F57-once",
        0,
        script=(
            {
                "endpoint": "Customer",
                "nth": 2,
                "point": "P5",
                "action": {"do": "garble", "kind": "truncated"},
            },
        ),
    ),
    Row(
        "F58-once",
        0,
        script=(
            {
                "endpoint": "Customer",
                "nth": 2,
                "point": "P5",
                "action": {"do": "garble", "kind": "duplicate key"},
            },
        ),
    ),
    Row("F54", 1, says="it is empty"),
    Row("F55", 1, says="no Result object at its top"),
    Row("F56", 1, says="CustomersResult"),
    Row("F57", 1, says="is not JSON"),
    Row("F58", 1, says="not strict JSON"),
    Row("F74", 3, says="RPM lists no customers, but YAML names 2 by id"),
    Row("F77", 0),
    Row("F78", 0, says="the record counts"),
]


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """One customer that differs in two attributes, one that does not."""
    server.seed(
        Customer(EDITED, "Acme", website="https://old.example", address="1 Main", fields={"Tier": "Silver", "Zip": "1"}),
        Customer(OTHER, "Bolt", fields={"Tier": "Silver"}),
        fields=FIELDS,
    )  # fmt: skip
    place.customer("acme", FILE)
    place.customer("bolt", "CustomerID: 10023\nName: Bolt\nFields:\n  Tier: Silver\n")
    return place


def break_it(server: Server, row: Row) -> None:
    """Set the row's faults and knobs."""
    known = ROWS[row.id.partition("-")[0]]
    server.faults(*(row.script or script_for(known, EDITED)))
    if knobs := {**({} if row.script else known.knobs), **row.knobs}:
        server.knobs(**knobs)


def mend(server: Server) -> None:
    """A clean day again."""
    server.faults()
    server.knobs(daily_limit="0", blank="clears", duplicate_rows="no", modified="second")


def finish(shop: Workplace) -> None:
    """What is left is finished by one apply, and then nothing is left."""
    assert shop.run("apply", "--yes").code == 0
    assert shop.run("plan", "--detailed-exitcode").code == 0


def assert_nothing_else_touched(server: Server) -> None:
    """No edit of ours carried anything but what the plan named, on the customer it named."""
    for body in server.edits():
        assert body["CustomerID"] == EDITED
        assert body.keys() <= {"CustomerID", "Name", "Website", "Fields"}
        assert [entry["Field"] for entry in body.get("Fields", [])] in ([], ["Tier"])


@pytest.mark.parametrize("row", APPLIES, ids=lambda row: row.id)
def test_apply_under_a_fault(row: Row, shop: Workplace, server: Server) -> None:
    """The outcome is true, nothing else is touched, and the next clean run finishes the work."""
    if row.id == "F69":
        shop.customer("acme", FILE.replace("Gold", '""'))
    if row.id == "F73":
        shop.customer("bolt", "CustomerID: 10023\nName: Taken meanwhile\n")
        shop.customer("acme", "CustomerID: 10028\nName: Acme\n")
    break_it(server, row)
    ran = shop.run("apply", "--yes", "--format", "json", *row.flags)
    assert ran.code == row.code, ran.out + ran.err
    (customer,) = ran.json["customers"]
    assert customer["outcome"] == row.outcome, customer
    assert row.says in customer["detail"], customer
    assert server.count("CustomerEdit") == row.edits
    if row.left:
        assert_nothing_else_touched(server)
        mend(server)
        if row.id == "F81":
            assert server.values()[EDITED]["Website"] == "x", "their edit stays"
        finish(shop)
        if row.id in {"F82", "F83"}:
            assert server.values()[EDITED]["Address"] == "theirs", "their edit stays"


@pytest.mark.parametrize("row", PLANS, ids=lambda row: row.id)
def test_plan_under_a_fault(row: Row, shop: Workplace, server: Server) -> None:
    """No fault makes a plan edit, believe half of the truth, or print a traceback."""
    break_it(server, row)
    ran = shop.run("plan", *row.flags)
    assert ran.code == row.code, ran.out + ran.err
    assert row.says in ran.out + ran.err
    assert "Traceback" not in ran.err
    assert server.edits() == []
    if row.code == 1:
        assert len(server.calls()) <= 7, "three attempts at each call that was begun"
    if row.id in {"F22", "F23", "F24", "F41"}:
        assert len(server.calls()) == 1


def test_every_row_is_one_of_the_catalogues() -> None:
    """Each list names rows of the sandbox's catalogue, each once."""
    ids = [row.id for row in (*APPLIES, *PLANS)]
    assert len(ids) == len(set(ids))
    assert {it.partition("-")[0] for it in ids} <= set(ROWS)
