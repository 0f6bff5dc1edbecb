"""Comparing a customer, against the truth table applied to one attribute at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import CompareRules, Date, Number
from reconciler.core.packed import PackedValues, as_texts
from reconciler.core.values import UNSET, DesiredCustomer, NotSaid, ObservedCustomer
from reconciler.plan.base import NO_BASE, BaseSide, PartlySaid
from reconciler.plan.model import Class
from tests.kit.compared import compared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.base import SaidCustomer

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


def judged(
    base: str | NotSaid | None, desired: str, observed: str, path: str, base_rules: CompareRules
) -> Class | None:
    """The table of `compare`, read aloud."""
    rules = CompareRules(WAYS)
    equal = rules.equal(path, desired, observed)
    if isinstance(base, NotSaid):
        return None if equal else Class.CONFLICT
    if base is None:
        return None if equal else Class.CHANGE
    moved = (not base_rules.equal(path, base, observed), not rules.equal(path, base, desired))
    if equal:
        return Class.CONVERGED if moved == (True, True) else None
    return {
        (False, True): Class.CHANGE,
        (True, False): Class.DRIFT,
        (True, True): Class.CONFLICT,
        (False, False): Class.CHANGE,
    }[moved]


@given(
    sides=st.fixed_dictionaries(dict.fromkeys(PATHS, SIDES)),
    base_side=st.tuples(
        st.booleans(),
        st.sampled_from([WAYS, {}, {"Fields.a": Date()}]),
        st.none() | st.sets(st.sampled_from(PATHS)),
    ),
    ignore=st.sets(st.sampled_from(PATHS), max_size=1),
    twice=st.sets(st.sampled_from(["Fields.a"])),
    kept=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_every_attribute_is_judged_by_the_table(
    sides: dict[str, tuple[str, str | None, str | None]],
    base_side: tuple[bool, dict[str, Date | Number], set[str] | None],
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
    with_base, base_ways, unsaid = (
        base_side  # whether there is one, its field types, and what of it cannot be read
    )
    base_rules = CompareRules(base_ways)
    reasons = {path: NotSaid(f"{path} cannot be read") for path in unsaid or ()}
    said: SaidCustomer = customer(base, kept=kept[2])
    if unsaid is not None:
        said = PartlySaid(customer(base, kept=kept[2]), reasons) if unsaid else NotSaid("nothing can be read")
    found = compared(
        customer(desired, kept=kept[0]),
        ObservedCustomer(
            1, with_name(observed, kept=kept[1]), LONG_AGO, whole=True, ambiguous=frozenset(twice)
        ),
        CompareRules(WAYS, frozenset(ignore)),
        BaseSide(base_rules, {1: said}) if with_base else NO_BASE,
    )

    def side(path: str) -> str | NotSaid | None:
        if not with_base:
            return None
        return said if isinstance(said, NotSaid) else reasons.get(path, base.get(path))

    clear = [path for path in desired if path not in ignore and path not in twice]
    classes = {path: judged(side(path), desired[path], observed[path], path, base_rules) for path in clear}
    for change in found.changes:
        then = side(change.attribute)
        assert change.base == (UNSET if then is None else then)
        same = isinstance(then, str) and base_rules.equal(change.attribute, then, change.before)
        assert change.rules_effect == (
            same and CompareRules(WAYS).equal(change.attribute, str(then), change.after)
        )
        assert bool(change.reason) == (change.rules_effect or isinstance(then, NotSaid))
    converged = {path for path, kind in classes.items() if kind is Class.CONVERGED}
    changed = {path: kind for path, kind in classes.items() if kind not in {None, Class.CONVERGED}}
    assert {change.attribute: change.kind for change in found.changes} == changed
    assert set(found.converged) == converged
    hidden = {path for path in ignore - twice if path in desired}
    assert set(found.ignored) == {
        path for path in hidden if not CompareRules(WAYS).equal(path, desired[path], observed[path])
    }
    assert len(found.problems) == len(twice & desired.keys() - ignore)
