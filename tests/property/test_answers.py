"""Whatever comes back over the wire, or lies in a plan file, ends in a declared error or a value; nothing else."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.clock import LONG_AGO
from reconciler.core.errors import InputError, Refused
from reconciler.plan.document import dump, fingerprint
from reconciler.plan.saved import plan_of, read_document
from reconciler.rpm.customer_list import read_list
from reconciler.rpm.errors import CallError
from reconciler.rpm.payload import read_customer
from reconciler.rpm.response import Answer, bounded, result_of

KEYS = st.sampled_from(
    ["Result", "Error", "Message", "Customers", "Customer", "CustomerID", "Name", "Website", "Fields", "Field",
     "Value", "Locations", "IsPrimary", "Address", "Aliases", "Alias", "Modified"],
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.just("7")
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@given(st.dictionaries(KEYS, JSON, max_size=6))
def test_any_answer_is_a_value_or_a_call_error(result: dict[str, Any]) -> None:
    """Reading a list, a customer, or the result of any shape raises nothing but a CallError."""
    content = json.dumps({"Result": result}).encode()
    with suppress(CallError):
        result_of("x", content)
    with suppress(CallError):
        read_list("x", Answer(result, None), LONG_AGO)
    with suppress(CallError):
        read_customer("x", Answer(result, None), 7, LONG_AGO)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_a_call_error(content: bytes) -> None:
    """As an answer, and as a compressed body."""
    with suppress(CallError):
        result_of("x", content)
    for encoding in ("", "gzip", "deflate", "br"):
        with suppress(ValueError):
            bounded([content], encoding, 1000, lambda: False)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_no_plan(content: bytes) -> None:
    """A plan file of whatever content is refused, never a crash."""
    with suppress(Refused, InputError):
        plan_of(read_document(content, "x"), "x")


PARTS = st.sampled_from(
    ["target", "summary", "calls", "coverage", "edits", "refusals", "missing", "problems", "suspicious", "unpinned",
     "converged", "released", "ignored", "notes", "digest"],
)  # fmt: skip


@given(st.dictionaries(PARTS, JSON, min_size=8))
def test_a_document_with_right_sums_and_wrong_parts_is_refused(parts: dict[str, Any]) -> None:
    """Sums are no proof of shape."""
    body = {"format_version": "1.0", **parts}
    meta = {"created": "", "tool_version": "", "calls_made": 0}
    document = {**body, "checksum": fingerprint(body), "meta": {**meta, "checksum": fingerprint(meta)}}
    with suppress(Refused):
        plan_of(read_document(dump(document).encode(), "x"), "x")
