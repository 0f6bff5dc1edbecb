"""How many calls are made and what they carry, asserted from the server's own log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.cli import run
from tests.kit.relay import relayed
from tests.kit.server import Customer

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

NAMES = [f"Customer {letter}" for letter in "ABCDEFGH"]
VALUES = st.sampled_from(["", "a", "b", "NO", "01234", "x: y", "#1", "  spaced  ", "Ünïcode", "line\none"])
FIELDS = ("Tier", "Notes: all", "Zip")


@st.composite
def subscriptions(draw: DrawFn) -> tuple[list[Customer], dict[int, dict[str, str]]]:
    """A handful of customers as RPM has them, and what YAML wants of some: renames, swaps, cycles, values."""
    count = draw(st.integers(1, 7))
    names = NAMES[:count]
    customers = [
        Customer(
            100 + i,
            names[i],
            website=draw(VALUES).strip().replace("\n", ""),
            fields={field: draw(VALUES) for field in FIELDS},
        )
        for i in range(count)
    ]
    managed = draw(st.lists(st.sampled_from(customers), unique_by=lambda it: it.customer_id, min_size=1))
    goal = draw(st.permutations([it.name for it in managed]))
    goal = [name.upper() if draw(st.integers(0, 5)) == 0 else name for name in goal]
    desired = {}
    for customer, name in zip(managed, goal, strict=True):
        values = {"Name": name}
        for attribute in draw(st.sets(st.sampled_from(["Website", *FIELDS]))):
            text = draw(VALUES)
            values[attribute] = text.strip().replace("\n", "") if attribute == "Website" else text
        desired[customer.customer_id] = values
    return customers, desired


def yaml_of(customer_id: int, values: dict[str, str]) -> str:
    """A customer file, every value in double quotes."""

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    lines = [f"CustomerID: {customer_id}"]
    lines += [f"{key}: {quoted(values[key])}" for key in ("Name", "Website") if key in values]
    fields = [f"  {quoted(key)}: {quoted(values[key])}" for key in FIELDS if key in values]
    return "\n".join([*lines, *(["Fields:", *fields] if fields else [])]) + "\n"


def cycles(before: dict[int, str], after: dict[int, str]) -> int:
    """How many cycles of names the wanted renames form, found by walking."""
    holder = {name.casefold(): i for i, name in before.items()}
    moves = {i: holder.get(name.casefold(), i) for i, name in after.items()}
    moves = {i: to for i, to in moves.items() if to != i}
    found, seen = 0, set()
    for start in moves:
        at, path = start, []
        while at in moves and at not in seen:
            seen.add(at)
            path.append(at)
            at = moves[at]
        found += at in path
    return found


@settings(suppress_health_check=list(HealthCheck))  # one server for all examples: each seeds it anew
@given(case=subscriptions())
@pytest.mark.row("F134")
def test_promise_3_for_random_subscriptions(
    case: tuple[list[Customer], dict[int, dict[str, str]]], server: Server, place: Workplace
) -> None:
    """1 + (N - M) reads, one edit a changed customer and one a cycle, nothing undeclared, and then nothing left."""
    customers, desired = case
    server.seed(*customers, fields=FIELDS)
    for path in (place.folder / "customers").iterdir():
        path.unlink()
    for i, values in desired.items():
        place.customer(str(i), yaml_of(i, values))
    before = {it.customer_id: {"Name": it.name, "Website": it.website, **it.fields} for it in customers}
    differing = {
        i: {key for key, text in values.items() if before[i][key] != text} for i, values in desired.items()
    }
    changed = {i for i, keys in differing.items() if keys}
    wanted_names = {i: values["Name"] for i, values in desired.items()}
    edits = len(changed) + cycles({i: before[i]["Name"] for i in before}, wanted_names)
    reads = 1 + sum(len(values) > 1 for values in desired.values())

    confirmed = ",".join(str(it.customer_id) for it in customers)
    assert in_place(place, "apply", "--yes", "--confirm-identity", confirmed) == 0

    assert server.count("CustomerEdit") == edits
    assert len(server.calls()) == reads + edits
    for body in server.edits():
        i = body["CustomerID"]
        sent = {key for key in body if key not in {"CustomerID", "Fields"}}
        sent |= {entry["Field"] for entry in body.get("Fields", [])}
        assert sent
        assert sent <= differing[i] | {"Name"}
    for i, values in server.values().items():
        assert values["Name"] == desired.get(i, before[i])["Name"]
        for key in ("Website", *FIELDS):
            attribute = key if key == "Website" else f"Fields.{key}"
            assert values.get(attribute, "") == desired.get(i, {}).get(key, before[i][key])

    made = len(server.calls())
    assert in_place(place, "apply", "--yes") == 0
    assert len(server.calls()) == made + reads, "a second apply edits nothing"


def in_place(place: Workplace, *words: str) -> int:
    """The command line inside this process: the same code, without an interpreter's start for each example."""
    here = Path.cwd()
    saved = dict(os.environ)
    os.chdir(place.folder)
    os.environ.update(place.environment)
    try:
        return run(list(words))
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(saved)


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_an_edit_carries_the_id_and_what_differs_alone(
    command: str, server: Server, place: Workplace
) -> None:
    """The plan's JSON and the wire agree to the byte on what is sent."""
    server.seed(
        Customer(
            7, "Acme", website="https://a.example", address="1 Main", fields={"Tier": "Gold", "Zip": "1"}
        ),
        fields=("Tier", "Zip"),
    )
    place.customer(
        "acme",
        "CustomerID: 7\nName: Acme\nWebsite: https://a.example\nAddress: 2 Main\nFields:\n  Tier: Gold\n  Zip: 01234\n",
    )
    wanted = {"CustomerID": 7, "Address": "2 Main", "Fields": [{"Field": "Zip", "Value": "01234"}]}
    if command == "plan":
        assert place.run("plan", "--format", "json").json["edits"][0]["request"] == {"Customer": wanted}
        assert server.calls() == ["Customers", "Customer"]
    else:
        assert place.run("apply", "--yes").code == 0
        assert server.edits() == [wanted]


def test_connections_are_kept(server: Server, place: Workplace) -> None:
    """Sixty reads, four in flight: four connections carry the list, the reads and the edit, unless a stalled machine lets some idle out."""
    server.seed(*(Customer(i, f"Customer {i}", website="w") for i in range(100, 160)))
    for i in range(100, 160):
        website = "moved" if i == 130 else "w"
        place.customer(str(i), f"CustomerID: {i}\nName: Customer {i}\nWebsite: {website}\n")
    with relayed(server.url, 0, lambda: None) as (relay, url):
        assert place.run("apply", "--yes", "--parallel", "4", "--url", url).code == 0
    assert len(server.calls()) == 62
    assert 1 <= relay.connections <= 12
