"""Names stay unique, whatever is asked in whatever order: the service against a model of a dozen lines."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox.records import Customer, Subscription
from reconciler.sandbox.service import Sandbox
from reconciler.sandbox.store import Store

NAMES = st.sampled_from(["a", "A", "b", "B ", "c", "straße", "STRASSE", " a", "é", "e\u0301"])
KEY = {"rpmapikey": "sandbox"}


@dataclass(frozen=True)
class Rename:
    """Customer `id` asks for `name`."""

    id: int
    name: str


@dataclass(frozen=True)
class Add:
    """A customer of that name, with an alias."""

    name: str
    alias: str


def plain(name: str) -> str:
    """The model's own idea of equal names: casefold, outer spaces, and composed accents."""
    return name.strip().casefold().replace("e\u0301", "é")


def call(sandbox: Sandbox, endpoint: str, customer: dict[str, Any]) -> Any:
    answer = sandbox.handle(endpoint, json.dumps({"Customer": customer}).encode(), KEY)
    return json.loads(answer.body)["Result"]


@given(st.lists(st.builds(Rename, st.integers(1, 4), NAMES) | st.builds(Add, NAMES, NAMES), max_size=12))
def test_no_name_is_ever_held_twice(steps: list[Rename | Add]) -> None:
    """A rename or an add succeeds exactly when nobody else holds the name, as a name or as an alias."""
    with closing(Store(":memory:")) as store:
        _held_once(store, steps)


def _held_once(store: Store, steps: list[Rename | Add]) -> None:
    store.replace_all(Subscription((), tuple(Customer(n, f"start {n}") for n in range(1, 5))))
    sandbox = Sandbox(store)
    held: dict[int, list[str]] = {n: [f"start {n}"] for n in range(1, 5)}
    for step in steps:
        if isinstance(step, Rename):
            result = call(sandbox, "CustomerEdit", {"CustomerID": step.id, "Name": step.name})
            others = {plain(name) for holder, names in held.items() if holder != step.id for name in names}
            assert ("Error" in result) == (plain(step.name) in others)
            if "Error" not in result:
                held[step.id][0] = step.name
        else:
            everyone = {plain(name) for names in held.values() for name in names}
            result = call(sandbox, "CustomerAdd", {"Name": step.name, "Aliases": [{"Alias": step.alias}]})
            assert ("Error" in result) == (plain(step.name) in everyone)
            if "Error" not in result:
                free = plain(step.alias) not in everyone | {plain(step.name)}
                assert [entry["Alias"] for entry in result["Aliases"]] == ([step.alias] if free else [])
                held[result["CustomerID"]] = [step.name, *([step.alias] if free else [])]
        for number, names in held.items():
            customer = store.customer(number)
            assert customer is not None
            assert [customer.name, *customer.aliases] == names
