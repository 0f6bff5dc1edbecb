"""(base, desired, observed) -> what differs for one customer, and who moved. Pure; DeepDiff lives here.

The truth table, an attribute at a time; `=` is equality in the attribute's own way (`comparison`):

    base → observed   base → desired   desired = observed   class
    same              same             yes                  nothing to do
    same              different        no                   change     what this branch wants
    different         same             no                   drift      RPM was changed; applying puts it back
    different         different        no                   conflict   both moved, to different values
    different         different        yes                  converged  both moved, to the same value

An attribute that base does not manage counts as *same* on the observed side, so without a base every difference
is a change. So does an observed name that is this id's passing name: our own unfinished rename is nobody's drift.

What is not ours is settled before comparing: ignored attributes, fields that RPM does not show, and fields it shows
twice are taken out first; then both sides become canonical text under equal keys, and one equality test answers.
Only where it fails does DeepDiff (some 300 times slower) say which attributes differ. In front of all that, a customer
of which RPM says every managed text just as YAML does is settled in a microsecond, whatever the ways of comparing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import field_name, is_field
from reconciler.core.field_types import canonical, normalize_name
from reconciler.core.nearest import nearest
from reconciler.core.temporary_names import is_temporary
from reconciler.core.text import printable
from reconciler.core.values import UNSET, Problem
from reconciler.plan.model import Change, Class, in_wire_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer, ObservedCustomer, Unset


@dataclass(frozen=True, slots=True)
class Difference:
    """What comparing one customer came to: changes in wire order, and the attributes beside them."""

    changes: tuple[Change, ...] = ()
    converged: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    suspicious: str = ""


NOTHING: Final = Difference()


def compare(
    desired: DesiredCustomer, observed: ObservedCustomer, base: DesiredCustomer | None, rules: CompareRules
) -> Difference:
    """Compare one customer on its three sides."""
    two_sides = base is None or base.values == desired.values
    if two_sides and not observed.ambiguous and _said(desired.values, observed.values):
        return NOTHING
    ignored, comparable, problems = [], [], []
    for attribute in desired.values:
        if attribute in observed.ambiguous or attribute not in observed.values:
            if attribute not in rules.ignore:
                problems.append(_unusable(attribute, desired, observed))
        elif attribute in rules.ignore:
            if not rules.equal(attribute, desired.values[attribute], observed.values[attribute]):
                ignored.append(attribute)
        else:
            comparable.append(attribute)
    after = {path: canonical(rules.field_type(path), desired.values[path]) for path in comparable}
    before = {path: canonical(rules.field_type(path), observed.values[path]) for path in comparable}
    changes = tuple(
        _change(path, desired, observed, _base_text(base, path, observed), rules)
        for path in in_wire_order(differing(before, after))
    )
    return Difference(
        changes,
        tuple(_converged(comparable, changes, base, observed, rules)),
        tuple(ignored),
        tuple(problems),
        _suspicion(comparable, changes, base, observed),
    )


def _said(desired: Mapping[str, str], observed: Mapping[str, str]) -> bool:
    """Whether RPM says all that YAML says, to the letter; where both are kept texts, that is one look."""
    if type(desired) is type(observed) and desired == observed:
        return True
    return desired.items() <= observed.items()


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """The keys whose texts differ; both mappings have the same keys."""
    if before == after:
        return set()
    from deepdiff import DeepDiff  # noqa: PLC0415 - 90 ms to import, and most runs find nothing that differs

    tree = DeepDiff(before, after, view="tree", verbose_level=0)
    return {level.path(output_format="list")[0] for levels in tree.values() for level in levels}


def _base_text(base: DesiredCustomer | None, path: str, observed: ObservedCustomer) -> str | Unset:
    """What base said of the attribute; nothing where our own passing name stands in RPM."""
    if base is None or path not in base.values:
        return UNSET
    if path == "Name" and is_temporary(observed.name, observed.customer_id):
        return UNSET
    return base.values[path]


def _change(
    path: str, desired: DesiredCustomer, observed: ObservedCustomer, base: str | Unset, rules: CompareRules
) -> Change:
    """One attribute that differs, classed."""
    before, after = observed.values[path], desired.values[path]
    if base is UNSET or rules.equal(path, base, before):
        kind = Class.CHANGE
    elif rules.equal(path, base, after):
        kind = Class.DRIFT
    else:
        kind = Class.CONFLICT
    return Change(path, before, after, kind, base, desired.mark(path).line, path in rules.mask)


def _converged(
    comparable: list[str],
    changes: tuple[Change, ...],
    base: DesiredCustomer | None,
    observed: ObservedCustomer,
    rules: CompareRules,
) -> list[str]:
    """The attributes that YAML and RPM both moved away from base, to the same value."""
    if base is None:
        return []
    differ = {change.attribute for change in changes}
    return [
        path
        for path in comparable
        if path not in differ
        and (text := _base_text(base, path, observed)) is not UNSET
        and not rules.equal(path, text, observed.values[path])
    ]


def _suspicion(
    comparable: list[str],
    changes: tuple[Change, ...],
    base: DesiredCustomer | None,
    observed: ObservedCustomer,
) -> str:
    """Why the id looks pasted, or nothing: another name, and most of what can be compared differs too."""
    differ = {change.attribute: change for change in changes}
    name = differ.get("Name")
    if name is None or normalize_name(name.before) == normalize_name(name.after):
        return ""
    if is_temporary(observed.name, observed.customer_id) or (base and base.name == observed.name):
        return ""
    others = [path for path in comparable if path != "Name" and observed.values[path]]
    unlike = [path for path in others if path in differ]
    if len(others) < 3 or 2 * len(unlike) <= len(others):
        return ""
    return f"the name and {len(unlike)} of {len(others)} other attributes differ"


def _unusable(attribute: str, desired: DesiredCustomer, observed: ObservedCustomer) -> Problem:
    """A field that RPM does not show for this customer, or shows twice."""
    who = f"customer {observed.customer_id} ({printable(observed.name)})"
    name = printable(field_name(attribute))
    if attribute in observed.ambiguous:
        text = f'{who} has more than one field "{name}" in RPM, and nothing tells them apart; remove it here'
        return Problem(desired.mark(attribute), text)
    fields = [field_name(path) for path in observed.values if is_field(path)]
    text = f'RPM shows no field "{name}" for {who}{nearest(field_name(attribute), fields)}'
    return Problem(desired.mark(attribute), text)
