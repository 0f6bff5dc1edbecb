"""The store: nothing half done, nothing lost in writing down, and a clock that a simulation may turn."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox.records import (
    Contact,
    Customer,
    FieldDefinition,
    Location,
    Phone,
    Subscription,
    from_document,
    to_document,
)
from reconciler.sandbox.service import Sandbox
from reconciler.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = st.text(max_size=8)
CUSTOMERS = st.builds(
    Customer,
    customer_id=st.just(7),
    name=TEXT,
    website=TEXT,
    added=TEXT,
    modified=TEXT,
    aliases=st.lists(TEXT, max_size=2).map(tuple),
    values=st.dictionaries(TEXT, TEXT, max_size=3),
    locations=st.lists(st.builds(Location), max_size=2).map(tuple),
    contacts=st.lists(
        st.builds(Contact, phones=st.lists(st.builds(Phone), max_size=2).map(tuple)), max_size=2
    ).map(tuple),
    accounts=st.just([]),
    notes=st.just([]),
)


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store(":memory:", clock=lambda: dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC))) as opened:
        opened.replace_all(Subscription((), (Customer(7, "Seven"),)))
        yield opened


@given(CUSTOMERS)
def test_a_record_survives_being_written_down(customer: Customer) -> None:
    """Whatever a customer holds, reading its document gives the same record."""
    times = (customer.added, customer.modified)
    assert from_document(7, customer.name, times, to_document(customer)) == customer


def test_a_broken_transaction_leaves_nothing(store: Store) -> None:
    """An error inside undoes what came before it, names and log included."""

    def rename_and_fail() -> None:
        with store.transaction():
            store.save(store.customer(7), Customer(7, "Eight"), author="api")
            raise KeyError

    with pytest.raises(KeyError):
        rename_and_fail()
    assert store.customer(7) == Customer(7, "Seven", accounts=[], notes=[])
    assert (store.holders("eight"), store.holders("SEVEN"), store.commits()) == ([], [(7, False)], [])


def test_a_dream_leaves_nothing(store: Store) -> None:
    """What is saved inside is seen inside, and never was."""
    with store.dream():
        store.save(store.customer(7), None, author="undo")
        assert store.customer(7) is None
    assert store.customer(7) is not None


def test_ids_are_never_given_twice(store: Store) -> None:
    """A number is new even when the record it was for is gone."""
    first = store.fresh_id()
    store.save(None, Customer(first + 10, "Later"), author="api")
    store.save(store.customer(first + 10), None, author="hand")
    assert store.fresh_id() > first


def test_fields_replaced_by_another_process_are_seen(tmp_path: Path) -> None:
    """What is kept in memory is dropped when the file moved on."""
    path = tmp_path / "rpm.sqlite"
    with closing(Store(path)) as one, closing(Store(path)) as other:
        assert one.fields() == ()
        other.replace_all(Subscription((FieldDefinition("u", "Tier"),), ()))
        assert one.fields() == (FieldDefinition("u", "Tier"),)


def test_the_clock_is_the_callers(store: Store) -> None:
    """Modified, the logs and the day of a limit follow the clock that the store was given."""
    sandbox = Sandbox(store)
    body = b'{"Customer": {"CustomerID": 7, "Website": "x"}}'
    assert b'"Modified":"2030-01-02"' in sandbox.handle("CustomerEdit", body, {"rpmapikey": "sandbox"}).body
    assert store.commits()[0]["at"] == store.requests()[0]["at"] == "2030-01-02T03:04:05+00:00"
