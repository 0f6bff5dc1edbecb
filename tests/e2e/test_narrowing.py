"""PATHS and --select narrow plan, apply and drift alike; an empty value narrows nothing, and is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.server import Customer

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Workplace


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """Four customers, each of which differs; two are easily taken for each other."""
    server.seed(
        Customer(7, "Acme [EU]", fields={"Tier": "Silver"}),
        Customer(8, "Acme E", fields={"Tier": "Silver"}),
        Customer(9, "7", fields={"Tier": "Silver"}),
        Customer(10, "Dot", fields={"Tier": "Silver"}),
        fields=("Tier",),
    )
    for customer_id, name, tier in (
        (7, "Acme [EU]", "Gold"),
        (8, "Acme E", "Gold"),
        (9, "7", "Bronze"),
        (10, "Dot", "Gold"),
    ):
        place.customer(
            str(customer_id), f"CustomerID: {customer_id}\nName: '{name}'\nFields:\n  Tier: {tier}\n"
        )
    return place


WORDS = [
    pytest.param(["--select", "Acme [EU]"], [7], id="a name is no pattern"),
    pytest.param(["--select", "7"], [7], id="digits are an id, not a name"),
    pytest.param(["--select", "Name=7"], [9], id="a name of digits"),
    pytest.param(["--select", "Acme*"], [7, 8], id="a pattern"),
    pytest.param(
        ["--select", "Fields.Tier=Gold", "--select", "9"], [7, 8, 9, 10], id="a value, and repeated"
    ),
    pytest.param(["customers/7.yaml", "customers/10.yaml"], [7, 10], id="paths"),
    pytest.param(["customers", "--select", "Dot"], [10], id="a folder and a word"),
]


@pytest.mark.parametrize(("words", "ids"), WORDS)
def test_the_same_words_narrow_every_command(
    words: list[str], ids: list[int], shop: Workplace, server: Server
) -> None:
    """What is planned, audited and edited is what was named, and only that is read."""
    assert [it["customer_id"] for it in shop.run("plan", "--format", "json", *words).json["edits"]] == ids
    before = len(server.calls())
    ran = shop.run("drift", "--format", "json", *words)
    assert ran.code == 2
    assert [it["customer_id"] for it in ran.json["drift"]] == ids
    assert len(server.calls()) - before == 1 + len(ids)
    ran = shop.run("apply", "--yes", *words)
    assert ran.code == 0, ran.err
    assert sorted(it["CustomerID"] for it in server.edits()) == ids


@pytest.mark.row("B104")
@pytest.mark.parametrize(
    "words",
    [
        ["plan", "--base", ""],
        ["plan", "--base="],
        ["plan", "--select", ""],
        ["plan", ""],
        ["plan", "--out", ""],
        ["plan", "--url", ""],
        ["plan", "--customers", ""],
        ["plan", "--mask", ""],
        ["apply", ""],
        ["apply", "--yes", "--expect", ""],
        ["apply", "--yes", "--confirm-identity", ""],
        ["apply", "--yes", "customers", ""],
        ["drift", "--base", ""],
        ["drift", ""],
        ["adopt", ""],
        ["adopt", "--base", ""],
        ["import", ""],
        ["validate", ""],
        ["show", ""],
    ],
    ids=" ".join,
)
def test_an_empty_value_is_a_usage_error(words: list[str], shop: Workplace, server: Server) -> None:
    """A variable that is not set must not be another run than was meant."""
    ran = shop.run(*words)
    assert ran.code == 1
    assert "an empty value" in ran.err or "''" in ran.err
    assert server.calls() == []


def test_an_empty_address_in_the_environment_is_one_too(shop: Workplace, server: Server) -> None:
    """Where the command reads it: neither offline, nor where a flag says another."""
    ran = shop.run("plan", RPM_API_URL="")
    assert ran.code == 1
    assert "RPM_API_URL is set and empty" in ran.err
    assert shop.run("plan", "--url", server.url, RPM_API_URL="").code == 0
    assert shop.run("validate", RPM_API_URL="").code == 0
    assert shop.run("plan", RPM_API_KEY="").code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan.json", "customers"], "give a plan file alone"),
        (["plan.json", "--select", "7"], "carries its own selection"),
        (["plan.json", "--changed"], "carries its own selection"),
    ],
)
def test_a_plan_file_stands_alone(words: list[str], said: str, shop: Workplace, server: Server) -> None:
    """What it permits is not narrowed from outside."""
    assert shop.run("plan", "--out", "plan.json").code == 0
    ran = shop.run("apply", "--yes", *words)
    assert ran.code == 1
    assert said in ran.err
    assert server.edits() == []


def test_a_record_holds_whole_audits(shop: Workplace, server: Server) -> None:
    """Else the history would show the others as without drift."""
    ran = shop.run("drift", "--record", "audits.jsonl", "--select", "7")
    assert ran.code == 1
    assert "--record keeps audits of all customers" in ran.err
    assert server.calls() == []
