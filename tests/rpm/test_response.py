"""Bytes of an answer -> a record, or what its error means for this very call."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.clock import LONG_AGO
from reconciler.rpm.customer_list import read_list
from reconciler.rpm.errors import (
    CallError,
    CustomerNotFound,
    Denied,
    KeyRefused,
    Lost,
    NoCustomers,
    QuotaSpent,
    Unexplained,
    WrongCustomer,
)
from reconciler.rpm.payload import read_customer
from reconciler.rpm.response import Answer, result_of


def refused(doing: str, error: Any) -> CallError:
    """What an error in an answer comes to."""
    with pytest.raises(CallError) as caught:
        result_of(doing, json.dumps({"Result": {"Error": error}}).encode())
    return caught.value


DOCUMENTED: list[Any] = [
    ("Customers", "No customers", NoCustomers),
    ("Customer 7", "Customer not found", CustomerNotFound),
    ("CustomerEdit 7", "Customer name or ID must be specified", Denied),
    ("CustomerEdit 7", "A customer with that name already exists", Denied),
    ("CustomerEdit 7", "A customer name is required", Denied),
    ("CustomerEdit 7", 'Call requires parameter: "Customer" which was not found', Denied),
    ("CustomerEdit 7", "Valid key required", KeyRefused),
    ("Info", 'Key not found.  A valid "Key" must appear as the first input data item.', KeyRefused),
    ("Customer 7", "Permission denied", KeyRefused),
    ("CustomerEdit 7", "API daily limit reached", QuotaSpent),
]


@pytest.mark.row("F43")
@pytest.mark.parametrize(("doing", "text", "kind"), DOCUMENTED)
def test_what_rpm_documents_for_a_call_was_not_done(doing: str, text: str, kind: type[Denied]) -> None:
    """In either shape of an error, in any case, with or without a full stop; it is never tried again."""
    for error in (text, {"Message": text}, {"Message": text.upper(), "Code": 3}, f"{text}."):
        denied = refused(doing, error)
        assert type(denied) is kind
        assert not denied.retryable
        assert denied.ends_run is (kind in {KeyRefused, QuotaSpent})
        assert denied.what == f"{doing}: RPM says: {denied.message}"


@pytest.mark.row("F44")
@pytest.mark.parametrize(
    ("doing", "text"),
    [
        ("CustomerEdit 7", "Customer not found"),
        ("CustomerEdit 7", "No customers"),
        ("CustomerEdit 7", "A unique customer name is required"),
        (
            "CustomerEdit 7",
            "A customer with that name already exists in the archive; timeout while committing",
        ),
        ("CustomerEdit 7", "Timeout expired"),
        ("CustomerEdit 7", "Transaction (Process ID 52) was deadlocked"),
        ("Customers", "Customer not found"),
        ("Customer 7", "Kunde nicht gefunden"),
        ("Info", "A customer name is required"),
    ],
)
def test_any_other_text_says_nothing(doing: str, text: str) -> None:
    """It may come from behind the commit; a read may be tried again, and an edit is settled by one."""
    unexplained = refused(doing, {"Message": text})
    assert type(unexplained) is Unexplained
    assert unexplained.retryable
    assert unexplained.what == f"{doing}: RPM says: {text}"


@pytest.mark.row("F45")
@pytest.mark.parametrize(
    "error", [{}, None, "", 0, False, [], ["x"], 404, {"Message": None}, {"Message": ["x"]}, {"Code": -2}]
)
def test_an_error_without_a_text_says_nothing(error: Any) -> None:
    """Whatever stands under the key `Error`, the call did not succeed, and whether it was done is not known."""
    unexplained = refused("CustomerEdit 7", error)
    assert type(unexplained) is Unexplained
    assert unexplained.what == "CustomerEdit 7: RPM answers with an error without a text"


@pytest.mark.row("F46")
def test_an_error_beside_a_record_is_no_answer() -> None:
    """Neither is believed, not even a documented one."""
    content = b'{"Result":{"CustomerID":7,"Error":"A customer name is required"}}'
    with pytest.raises(Lost, match="both a record and an error") as caught:
        result_of("CustomerEdit 7", content)
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param('{"Result":{"Name":"Caf\xe9"}}'.encode("latin-1"), "the answer is not UTF-8", id="F57-latin-1"),
        pytest.param(
            b'{"Result":{"Age":%s}}' % (b"9" * 5_000), "not strict JSON (Exceeds the limit", id="F59-long"
        ),
        pytest.param(b'{"Result":{"Age":1e400}}', "not strict JSON (1e400 is no number)", id="F58-exponent"),
        pytest.param(b'{"Result":{"Age":-1e400}}', "not strict JSON (-1e400 is no number)", id="F58-exponent"),
        pytest.param(b'{"Result":{"Na', "not JSON (Unterminated string starting at character 11)", id="F57-cut"),
    ],
)  # fmt: skip
def test_what_python_would_bend_is_no_answer(content: bytes, says: str) -> None:
    """Another encoding, numbers that no float holds, and an end that is missing."""
    with pytest.raises(Lost) as caught:
        result_of("Info", content)
    assert says in caught.value.what


RECORD: dict[str, Any] = {
    "CustomerID": 7,
    "Name": "Acme",
    "Website": "w",
    "Modified": "2026-01-01",
    "Aliases": [{"Alias": "A"}, "B"],
    "Locations": [{"IsPrimary": False, "Address": "x"}, {"IsPrimary": True, "Address": "1 Main"}],
    "Fields": [{"Field": "Tier", "Uid": "u", "Format": 1, "Value": "Gold"}, {"Field": "Zip", "Value": None}],
}


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The record with another value at one place."""
    record = json.loads(json.dumps(RECORD))
    holder = record
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return dict(record)


def test_a_record_as_rpm_writes_it() -> None:
    """Names, fields by path, the address of the primary location, both shapes of an alias, and the time of the answer."""
    read = read_customer("Customer 7", Answer(RECORD, 1_790_000_000), 7, LONG_AGO)
    assert read.values == {
        "Name": "Acme",
        "Website": "w",
        "Address": "1 Main",
        "Fields.Tier": "Gold",
        "Fields.Zip": "",
    }
    assert (read.aliases, read.modified, read.answered_at) == (("A", "B"), "2026-01-01", 1_790_000_000)


@pytest.mark.parametrize("primary", [True, 1, "1", "true", "True"])
def test_spellings_of_yes(primary: Any) -> None:
    """A location may say in any of these that it is the primary one."""
    read = read_customer("x", Answer(changed(("Locations", 0, "IsPrimary"), primary), None), 7, LONG_AGO)
    assert read.values["Address"] == "x"


@pytest.mark.parametrize(("key", "attribute"), [("Locations", "Address"), ("Website", "Website")])
def test_what_an_answer_leaves_out_is_not_empty(key: str, attribute: str) -> None:
    """RPM leaves locations out where it is asked to (`rpm-api.md` section 2.2); none in the list is another thing."""
    record = {name: value for name, value in RECORD.items() if name != key}
    assert attribute not in read_customer("x", Answer(record, None), 7, LONG_AGO).values
    if key == "Locations":
        assert attribute not in read_customer("x", Answer(changed((key,), None), None), 7, LONG_AGO).values
    nothing: Any = [] if key == "Locations" else ""
    assert read_customer("x", Answer(changed((key,), nothing), None), 7, LONG_AGO).values[attribute] == ""


ODD: list[Any] = [
    pytest.param(("CustomerID",), [7], "CustomerID is not an id", id="F59-id-list"),
    pytest.param(("CustomerID",), 7.0, "CustomerID is not an id", id="F59-id-decimal"),
    pytest.param(("CustomerID",), True, "CustomerID is not an id", id="F59-id-true"),
    pytest.param(("CustomerID",), "9" * 5_000, "CustomerID is not an id", id="F59-id-long"),
    pytest.param(("Name",), None, "Name is missing", id="F59-name-null"),
    pytest.param(("Name",), {"Text": "Acme"}, "Name is not a text", id="F59-name-object"),
    pytest.param(("Website",), 7, "Website is not a text", id="F59-website"),
    pytest.param(("Fields",), {"Tier": "Gold"}, "Fields is not a list of objects", id="F59-fields"),
    pytest.param(("Fields",), [None], "Fields is not a list of objects", id="F59-fields-null"),
    pytest.param(("Fields", 0, "Value"), 7, "Fields[0].Value is not a text", id="F59-value-number"),
    pytest.param(("CustomerID",), 2**63, "CustomerID is not an id", id="F59-id-63-bits"),
    pytest.param(("Fields", 0, "Field"), ["Tier"], "Fields[0].Field is not a text", id="F59-field"),
    pytest.param(("Fields", 0, "Field"), "", "Fields[0].Field is empty", id="F59-field-empty"),
    pytest.param(("Fields", 0, "Value"), ["Gold"], "Fields[0].Value is not a text", id="F59-value"),
    pytest.param(("Locations",), "none", "Locations is not a list of objects", id="F59-locations"),
    pytest.param(("Locations", 0, "IsPrimary"), [], "Locations[0].IsPrimary is neither yes nor no", id="F59-primary-list"),
    pytest.param(("Locations", 0, "IsPrimary"), {}, "Locations[0].IsPrimary is neither yes nor no", id="F59-primary-object"),
    pytest.param(("Locations", 0, "IsPrimary"), "maybe", "Locations[0].IsPrimary is neither yes nor no", id="F59-primary-word"),
    pytest.param(("Locations", 0, "IsPrimary"), 1.0, "Locations[0].IsPrimary is neither yes nor no", id="F59-primary-decimal"),
    pytest.param(("Locations", 1, "Address"), [], "Locations[1].Address is not a text", id="F59-address"),
    pytest.param(("Aliases",), {"Alias": "x"}, "Aliases is not a list", id="F59-aliases"),
    pytest.param(("Aliases",), [7], "Aliases[0] is neither a text nor an object", id="F59-alias"),
    pytest.param(("Modified",), 1, "Modified is not a text", id="F59-modified"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "says"), ODD)
def test_a_strange_shape_is_no_answer(path: tuple[str | int, ...], value: Any, says: str) -> None:
    """The place is named; a read may be tried again, and an edit with such an answer is settled by a read."""
    with pytest.raises(Lost) as caught:
        read_customer("Customer 7", Answer(changed(path, value), None), 7, LONG_AGO)
    assert caught.value.what == f"Customer 7: the answer cannot be trusted: $.Result.{says}"
    assert caught.value.retryable


@pytest.mark.row("F60")
def test_another_customer_ends_the_run() -> None:
    """Nothing that follows could be trusted."""
    with pytest.raises(WrongCustomer, match="asked for customer 7, got 71") as caught:
        read_customer("Customer 7", Answer(changed(("CustomerID",), 71), None), 7, LONG_AGO)
    assert caught.value.ends_run


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PLACES: st.SearchStrategy[tuple[str | int, ...]] = st.sampled_from(
    [(name,) for name in RECORD]
    + [("Locations", n, name) for n in (0, 1) for name in ("IsPrimary", "Address", "Other")]
    + [("Fields", n, name) for n in (0, 1) for name in ("Field", "Value", "Uid", "Format")]
    + [("Aliases", 0), ("Aliases", 0, "Alias"), ("Locations", 0), ("Fields", 1)]
)


@given(PLACES, ANYTHING)
def test_anything_anywhere_in_a_record_is_a_value_or_no_answer(
    path: tuple[str | int, ...], value: Any
) -> None:
    """No part of a record can end a run as an error of ours."""
    with suppress(CallError):
        read_customer("x", Answer(changed(path, value), None), 7, LONG_AGO)


@given(st.sampled_from(["Customer", "CustomerID", "Modified", "Added"]), ANYTHING)
def test_anything_anywhere_in_a_row_is_a_value_or_no_answer(name: str, value: Any) -> None:
    """Nor can a row of the list."""
    row = {"Customer": "Acme", "CustomerID": 7, "Modified": "2026-01-01", name: value}
    with suppress(CallError):
        read_list("Customers", Answer({"Customers": [row]}, None), LONG_AGO)
