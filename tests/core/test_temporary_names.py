"""The temporary name of a rename cycle has one form, and whoever meets one recognises it."""

from __future__ import annotations

import pytest

from reconciler.core.attributes import NAME
from reconciler.core.temporary_names import is_temporary, temporary_name, without_suffix
from reconciler.customers.validation import value_findings


@pytest.mark.parametrize(
    ("observed", "taken", "made"),
    [
        ("Acme", set(), "Acme (renaming 7)"),
        ("Acme", {"acme (renaming 7)"}, "Acme (renaming 7) 2"),
        ("Acme", {"acme (renaming 7)", "acme (renaming 7) 2"}, "Acme (renaming 7) 3"),
        (
            "Acme",
            {"acme (renaming 7)", *(f"acme (renaming 7) {i}" for i in range(2, 12))},
            "Acme (renaming 7) 12",
        ),
        ("Acme (renaming 7)", {"acme (renaming 7)"}, "Acme (renaming 7) 2"),
        ("Acme (renaming 7) 2", set(), "Acme (renaming 7)"),
        ("Acme (renaming 8)", set(), "Acme (renaming 8) (renaming 7)"),
        ("x" * 64, set(), "x" * 51 + " (renaming 7)"),
        ("y" * 50 + "e\u0301" * 7, set(), "y" * 50 + " (renaming 7)"),
    ],
)
def test_a_temporary_name_is_made_and_recognised_by_every_reader(
    observed: str, taken: set[str], made: str
) -> None:
    """It carries the id, fits 64 characters, repeats no older suffix of its own, and is free; validation warns of each."""
    name = temporary_name(observed, 7, taken)
    assert name == made
    assert len(name) <= 64
    assert is_temporary(name)
    assert is_temporary(name, 7)
    assert not is_temporary(name, 70)
    assert [
        it.warning for it in value_findings("Name", NAME, name, None) if "temporary name" in it.message
    ] == [True]


@pytest.mark.parametrize(
    "name",
    [
        "Acme", "Acme (renaming 7) 1", "Acme (renaming 7) 02", "Acme (renaming 07)", "Acme (renaming 0)",
        "Acme (renaming ٧)", "Acme (renaming 7) now", "Acme (renaming 7)\n", "Acme(renaming 7)", "(renaming 7)",
    ],
)  # fmt: skip
def test_what_is_never_made_is_no_temporary_name(name: str) -> None:
    """Neither for planning nor for validation, which told such names differently once."""
    assert not is_temporary(name)
    assert not is_temporary(name, 7)
    assert without_suffix(name, 7) == name
    assert not any("temporary name" in it.message for it in value_findings("Name", NAME, name, None))


def test_every_suffix_of_the_customer_is_taken_off_and_no_other() -> None:
    """What several cut runs left behind in an earlier version."""
    assert without_suffix("Acme (renaming 7) (renaming 7) 2", 7) == "Acme"
    assert without_suffix("Acme (renaming 8) (renaming 7)", 7) == "Acme (renaming 8)"
