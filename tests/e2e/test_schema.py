"""`schema` through the installed command: what it prints, what it asks of RPM, and what it then refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.kit.server import Customer

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Workplace


def test_without_live_nothing_is_asked(place: Workplace, server: Server) -> None:
    """The schema of a repository costs no call, and knows the types that reconciler.yaml gives."""
    place.settings("fields:\n  Tier: {type: list, options: [Gold, Silver]}\n")
    ran = place.run("schema")
    assert ran.code == 0
    validator = Draft202012Validator(ran.json)
    assert validator.is_valid({"Name": "A", "Fields": {"Tier": "Gold", "Any": 1}})
    assert not validator.is_valid({"Name": "A", "Fields": {"Tier": "Gld"}})
    assert server.calls() == []


def test_live_asks_twice_and_closes_the_fields(place: Workplace, server: Server) -> None:
    """One list and one customer tell every field, blank ones too; any other is refused from then on."""
    server.seed(Customer(7, "Acme", fields={"Tier": "Gold"}), Customer(8, "Bolt"), fields=("Tier", "Zip"))
    place.settings("fields:\n  Renewal: {type: date}\n")
    ran = place.run("schema", "--live")
    assert ran.code == 0
    assert list(ran.json["properties"]["Fields"]["properties"]) == ["Tier", "Zip"]
    assert not Draft202012Validator(ran.json).is_valid({"Name": "A", "Fields": {"Teir": "Gold"}})
    assert server.calls() == ["Customers", "Customer"]
    assert 'reconciler.yaml describes "Renewal", which RPM does not have' in ran.err


def test_live_without_customers(place: Workplace, server: Server) -> None:
    """Fields are seen on a customer alone; without one the command says what to do."""
    server.seed()
    ran = place.run("schema", "--live")
    assert ran.code == 1
    assert "RPM has no customer that shows them\n  → add one in RPM, or leave out --live" in ran.err
