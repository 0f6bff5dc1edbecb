"""Comparing a customer, against the truth table applied to one attribute at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import CompareRules, Date, Number
from reconciler.core.packed import PackedValues, as_texts
from reconciler.core.values import DesiredCustomer, ObservedCustomer
from reconciler.plan.compare import compare
from reconciler.plan.model import Class

if TYPE_CHECKING:
    from collections.abc import Mapping

PATHS = ("Website", "Fields.a", "Fields.date", "Fields.number")
TEXTS = st.sampled_from(["", "x", "y", "2026-01-02", "1/2/2026", "1200", "$1,200.00"])
# One attribute on three sides: what RPM has, then what YAML and base say; None says nothing, "same" as RPM.
SIDES = st.tuples(TEXTS, st.none() | st.just("same") | TEXTS, st.none() | st.just("same") | TEXTS)
WAYS: dict[str, Date | Number] = {"Fields.date": Date(), "Fields.number": Number()}


def with_name(values: Mapping[str, str], *, kept: bool) -> Mapping[str, str]:
    """A customer's values, as they were parsed or as they were kept."""
    named = {"Name": "A", **values}
    return PackedValues("A", *as_texts(named)) if kept else named


def customer(values: Mapping[str, str], *, kept: bool) -> DesiredCustomer:
    return DesiredCustomer(1, "f", 1, 1, with_name(values, kept=kept), [1] * 2 * (1 + len(values)))


def judged(base: str | None, desired: str, observed: str, path: str) -> Class | None:
    """The table of `compare`, read aloud."""
    rules = CompareRules(WAYS)
    if rules.equal(path, desired, observed):
        moved = base is not None and not rules.equal(path, base, observed)
        return Class.CONVERGED if moved else None
    if base is None or rules.equal(path, base, observed):
        return Class.CHANGE
    return Class.DRIFT if rules.equal(path, base, desired) else Class.CONFLICT


@given(
    sides=st.fixed_dictionaries(dict.fromkeys(PATHS, SIDES)),
    with_base=st.booleans(),
    ignore=st.sets(st.sampled_from(PATHS), max_size=1),
    twice=st.sets(st.sampled_from(["Fields.a"])),
    kept=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_every_attribute_is_judged_by_the_table(
    sides: dict[str, tuple[str, str | None, str | None]],
    with_base: bool,  # noqa: FBT001 - Hypothesis passes it by name
    ignore: set[str],
    twice: set[str],
    kept: tuple[bool, bool, bool],
) -> None:
    """Whichever way a customer is settled, by one look or by all: nothing is missed, nothing made up."""
    observed = {path: side[0] for path, side in sides.items()}
    desired, base = (
        {
            path: side[0] if side[at] == "same" else side[at] or ""
            for path, side in sides.items()
            if side[at] is not None
        }
        for at in (1, 2)
    )
    found = compare(
        customer(desired, kept=kept[0]),
        ObservedCustomer(
            1, with_name(observed, kept=kept[1]), LONG_AGO, whole=True, ambiguous=frozenset(twice)
        ),
        customer(base, kept=kept[2]) if with_base else None,
        CompareRules(WAYS, frozenset(ignore)),
    )
    clear = [path for path in desired if path not in ignore and path not in twice]
    classes = {
        path: judged(base.get(path) if with_base else None, desired[path], observed[path], path)
        for path in clear
    }
    converged = {path for path, kind in classes.items() if kind is Class.CONVERGED}
    changed = {path: kind for path, kind in classes.items() if kind not in {None, Class.CONVERGED}}
    assert {change.attribute: change.kind for change in found.changes} == changed
    assert set(found.converged) == converged
    hidden = {path for path in ignore - twice if path in desired}
    assert set(found.ignored) == {
        path for path in hidden if not CompareRules(WAYS).equal(path, desired[path], observed[path])
    }
    assert len(found.problems) == len(twice & desired.keys() - ignore)
