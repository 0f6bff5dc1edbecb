"""(base, desired, observed) -> what differs for one customer, and who moved. Pure; DeepDiff lives here.

The truth table, an attribute at a time; `=` is equality by a field's own type:

    base → observed   base → desired   desired = observed   class
    same              same             yes                  nothing to do
    same              different        no                   change     what this branch wants
    different         same             no                   drift      RPM was changed; applying puts it back
    different         different        no                   conflict   both were changed, to different values
    different         different        yes                  converged  both were changed, to the same value
    same              same             no                   change     an effect of the changed rules, and named so
    not said          not said         no                   conflict   base has it and cannot be read: who moved is not known

Base → observed goes by base's rules, the other two by those of the checkout; so a branch that changes only how a field
compares changes nobody's class in silence. An attribute that base does not manage counts as *same* on the observed side, and
without a base every difference is a change. So does an observed name that is this id's temporary name (`base`).

What is not ours is settled before comparing: ignored attributes, fields that RPM does not show, and fields it shows
twice are taken out first, and so is what both sides say to the letter. What is left becomes canonical text under equal keys,
and one equality test answers. Only where it fails does DeepDiff say which attributes differ. It takes 60 µs to start and 16 µs for
every key that it is given, equal or not, so it is given few keys, of many customers at once. In front of all that, a customer of
which RPM says every managed text just as YAML does is settled in a microsecond, whatever the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from reconciler.core.attributes import field_name, is_field
from reconciler.core.field_types import canonical, normalize_name
from reconciler.core.nearest import nearest
from reconciler.core.packed import PackedValues
from reconciler.core.temporary_names import is_temporary
from reconciler.core.text import printable
from reconciler.core.values import UNSET, NotSaid, Problem, Unset
from reconciler.plan.base import NO_BASE
from reconciler.plan.model import Change, Class, in_wire_order

if TYPE_CHECKING:
    from collections.abc import Container, Hashable, Iterable, Mapping, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer, ObservedCustomer
    from reconciler.plan.base import BaseSide


_Key = TypeVar("_Key", bound="Hashable")


@dataclass(frozen=True, slots=True)
class Difference:
    """What comparing one customer came to: changes in wire order, and the other attributes."""

    changes: tuple[Change, ...] = ()
    converged: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    suspicious: str = ""


_TOGETHER: Final = 1_000
"""Customers that are compared at once: what DeepDiff keeps of them takes 2 MB then, and more would save nothing."""


class _Look(NamedTuple):
    """A customer with what is to be compared of it, in which the texts of some attributes are unlike: RPM's, then YAML's."""

    desired: DesiredCustomer
    observed: ObservedCustomer
    comparable: list[str]
    unlike: dict[str, tuple[str, str]]
    ignored: list[str]
    problems: list[Problem]


def compare(
    desired: Mapping[int, DesiredCustomer],
    observed: Mapping[int, ObservedCustomer],
    rules: CompareRules,
    base: BaseSide = NO_BASE,
) -> dict[int, Difference]:
    """Compare customers, by the id that RPM has, on their three sides; whoever has nothing to say of is left out."""
    found = {}
    ids = iter(desired)
    while some := tuple(islice(ids, _TOGETHER)):
        looks = [
            _looked_at(desired[i], observed[i], rules)
            for i in some
            if not _settled(desired[i], observed[i], base)
        ]
        differ = _differ(looks, rules)
        for look in looks:
            found[look.observed.customer_id] = _difference(look, differ, rules, base)
    return found


def _settled(desired: DesiredCustomer, observed: ObservedCustomer, base: BaseSide) -> bool:
    """Whether one look shows that nothing is to be said."""
    return (
        not observed.ambiguous
        and _said(desired.values, observed.values)
        and not base.says_otherwise(desired, observed)
    )


def _looked_at(desired: DesiredCustomer, observed: ObservedCustomer, rules: CompareRules) -> _Look:
    """Sort the managed attributes of a customer."""
    wanted, held = dict(desired.values.items()), dict(observed.values.items())  # kept texts are decoded once
    look = _Look(desired, observed, [], {}, [], [])
    for attribute, text in wanted.items():
        if attribute in observed.ambiguous or attribute not in held:
            if attribute not in rules.ignore:
                look.problems.append(_unusable(attribute, desired, observed))
        elif attribute in rules.ignore:
            if not rules.equal(attribute, text, held[attribute]):
                look.ignored.append(attribute)
        else:
            look.comparable.append(attribute)
            if text != held[attribute]:
                look.unlike[attribute] = held[attribute], text
    return look


def _differ(looks: Iterable[_Look], rules: CompareRules) -> set[tuple[int, str]]:
    """The attributes that differ by their types, each with the id of its customer."""
    before, after = {}, {}
    for look in looks:
        for path, (held, wanted) in look.unlike.items():
            key, kind = (look.observed.customer_id, path), rules.field_type(path)
            before[key], after[key] = canonical(kind, held), canonical(kind, wanted)
    return differing(before, after)


def _difference(
    look: _Look, differ: Container[tuple[int, str]], rules: CompareRules, base: BaseSide
) -> Difference:
    """What is to be said of one customer, where these attributes of some customers differ."""
    desired, observed = look.desired, look.observed
    unlike = {path for path in look.unlike if (observed.customer_id, path) in differ}
    changes = tuple(_change(path, look, rules, base) for path in in_wire_order(unlike))
    at_base = () if base.of(observed.customer_id) is UNSET else look.comparable
    return Difference(
        changes,
        tuple(
            path
            for path in at_base
            if path not in unlike and _converged(path, desired, observed, rules, base)
        ),
        tuple(look.ignored),
        tuple(look.problems),
        _suspicion(look.comparable, changes, observed, base),
    )


def _said(desired: Mapping[str, str], observed: Mapping[str, str]) -> bool:
    """Whether RPM says all that YAML says, to the letter; where both are texts of the same attributes, that is one look."""
    if desired is observed:
        return True
    if isinstance(desired, PackedValues) and isinstance(observed, PackedValues):
        if desired.paths == observed.paths:
            return desired.texts == observed.texts
    elif type(desired) is type(observed) and desired == observed:
        return True
    return desired.items() <= observed.items()


def differing(before: Mapping[_Key, str], after: Mapping[_Key, str]) -> set[_Key]:
    """The keys whose texts differ; both mappings have the same keys."""
    if before == after:
        return set()
    from deepdiff import DeepDiff  # noqa: PLC0415 - 90 ms to import, and most runs find nothing that differs

    return set(DeepDiff(before, after, view="tree").affected_root_keys)


def _change(path: str, look: _Look, rules: CompareRules, base: BaseSide) -> Change:
    """One attribute that differs, classed."""
    before, after = look.unlike[path]
    text = base.text(path, look.observed)
    kind, by_rules = Class.CHANGE, False
    if isinstance(text, NotSaid):
        kind = Class.CONFLICT
    elif not isinstance(text, Unset):
        moved_in_rpm = not base.rules.equal(path, text, before)
        moved_in_yaml = not rules.equal(path, text, after)
        if moved_in_rpm:
            kind = Class.CONFLICT if moved_in_yaml else Class.DRIFT
        by_rules = not moved_in_rpm and not moved_in_yaml
    line = look.desired.mark(path).line
    return Change(path, before, after, kind, text, line, path in rules.mask, by_rules)


def _converged(
    path: str, desired: DesiredCustomer, observed: ObservedCustomer, rules: CompareRules, base: BaseSide
) -> bool:
    """Whether YAML and RPM, equal now, were both changed since base."""
    text = base.text(path, observed)
    return (
        isinstance(text, str)
        and not base.rules.equal(path, text, observed.values[path])
        and not rules.equal(path, text, desired.values[path])
    )


def _suspicion(
    comparable: Sequence[str], changes: Sequence[Change], observed: ObservedCustomer, base: BaseSide
) -> str:
    """Why the id looks pasted, or nothing: another name, and most of what can be compared differs too.

    The name that the id had at base vouches for it, unless the wanted name was another id's: two files may have swapped ids.
    """
    differ = {change.attribute: change for change in changes}
    name = differ.get("Name")
    if name is None or normalize_name(name.before) == normalize_name(name.after):
        return ""
    if is_temporary(observed.name, observed.customer_id):
        return ""
    if base.named_as_observed(observed) and not base.names_somebody(name.after):
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
