"""No body breaks the service: whatever JSON is sent, there is an answer of the documented kinds."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox import seed
from reconciler.sandbox.service import ENDPOINTS, Sandbox
from reconciler.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = st.sampled_from(
    ["CustomerID", "Customer", "Name", "Website", "Address", "Fields", "Field", "Value", "Aliases", "Alias", "Contact",
     "Contacts", "ContactID", "PhoneNumbers", "PhoneNumberID", "Type", "Number", "Location", "Locations", "LocationID",
     "IsPrimary", "IncludeLocations", "Search"]
)  # fmt: skip
LEAVES = st.sampled_from(
    [10023, "10023", 1010023, 2100230, 0, -1, 1.5, 2**70, True, None, "", "Acme, Inc.", "Tier", "\ud800"]
)
VALUES = st.recursive(
    LEAVES | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with closing(Store(":memory:")) as store:
        seed.fill_if_fresh(store)
        yield Sandbox(store)


@given(st.sampled_from(sorted(ENDPOINTS)), st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_body_has_an_answer(sandbox: Sandbox, endpoint: str, body: dict[str, Any]) -> None:
    """Nothing is raised; the answer is strict UTF-8 JSON with a Result."""
    answer = sandbox.handle(endpoint, json.dumps(body).encode(), {"rpmapikey": "sandbox"})
    assert answer.status == 200
    assert isinstance(json.loads(answer.body.decode("utf-8"))["Result"], dict)


@given(st.binary(max_size=30))
def test_every_text_has_an_answer(sandbox: Sandbox, body: bytes) -> None:
    """What is no JSON object is 400."""
    assert sandbox.handle("Info", body, {"rpmapikey": "sandbox"}).status in {200, 400}
