"""Texts that stand for values: a mapping like any other, and equal only where paths and values are."""

from __future__ import annotations

from array import array

import pytest

from reconciler.core.packed import (
    CUSTOMERS,
    FILES,
    VALUES,
    PackedPlaces,
    PackedValues,
    UnpackableError,
    as_texts,
    joined,
    places_text,
)


def kept(**values: str) -> PackedValues:
    return PackedValues(values["Name"], *as_texts(values))


def test_kept_values_are_a_mapping_like_any_other() -> None:
    """Asked one by one or together, in the order they were given in."""
    values = {"Website": "", "Name": "A", "Fields.a": "two\nlines"}
    one = PackedValues("A", *as_texts(values))
    assert one == values == dict(one.items())
    assert (list(one), len(one), one["Fields.a"], one.get("Fields.b")) == (
        list(values),
        3,
        "two\nlines",
        None,
    )
    assert as_texts(one) == as_texts(values)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (kept(Name="A", Website="x"), True),
        (kept(Website="x", Name="A"), True),
        (kept(Name="A", Address="x"), False),
        (kept(Name="A", Website="y"), False),
        (kept(Name="A"), False),
        ({"Name": "A", "Website": "x"}, True),
        ({"Name": "A", "Website": "y"}, False),
        ("Name", False),
    ],
)
def test_equal_are_the_same_values_under_the_same_paths(other: object, *, same: bool) -> None:
    """The order does not count, and texts that are equal under other paths are not."""
    assert (kept(Name="A", Website="x") == other) is same


def test_kept_places_are_a_list_like_any_other() -> None:
    """Equal to the array that they were made of."""
    places = array("I", [1, 7, 2, 10])
    one = PackedPlaces(places_text(places))
    assert one == places
    assert places == one
    assert one != array("I", [1, 7])
    assert (one[2], list(one[2:]), len(one), places_text(one)) == (2, [2, 10], 4, places_text(places))


@pytest.mark.parametrize("sign", [VALUES, CUSTOMERS, FILES])
def test_what_could_not_be_told_apart_again_is_not_joined(sign: str) -> None:
    """A text may hold the signs of smaller things, never its own or a larger one."""
    signs = (VALUES, CUSTOMERS, FILES)
    for inner in signs:
        if signs.index(inner) < signs.index(sign):
            assert joined(sign, [f"a{inner}b", "c"]).split(sign) == [f"a{inner}b", "c"]
        else:
            with pytest.raises(UnpackableError):
                joined(sign, [f"a{inner}b", "c"])
