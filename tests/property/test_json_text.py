"""The two spellings of a JSON value are those of `json`, to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.json_text import compact, indented

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_they_are_what_json_writes(value: Any) -> None:
    """Empty containers, tuples, numbers that JSON does not know, halves of characters: whatever the value."""
    assert indented(value) == json.dumps(value, indent=2)
    assert compact(value) == json.dumps(value, sort_keys=True, separators=(",", ":"))


def test_a_value_too_deep_for_json_is_too_deep_here() -> None:
    """Whoever reads a file of brackets is told, and does not crash."""
    value: list[Any] = []
    for _ in range(5_000):
        value = [value]
    with pytest.raises(RecursionError):
        indented(value)
