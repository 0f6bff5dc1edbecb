"""Plans, audits and reports of apply -> the one model that every format shows. Pure.

A customer is shown once, with its changes; equal changes are equal `Shown` values, so that grouping them is a dictionary and
nothing else. A plan's change goes from RPM's value to YAML's, an audit's from YAML's to RPM's: `Sides` names the two.
Masking is done here, once: a masked change becomes a `Shown` without any text, so that no renderer holds what it must not
print, and two masked changes of one attribute are alike, whatever their values. This module orders and regroups; it must
not judge (that is the guard's work) and holds no sentence (those are in `summaries` and `sections`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from reconciler.core.text import MASKED, counted
from reconciler.core.values import UNSET, NotSaid
from reconciler.plan.model import Class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reconciler.core.values import Unset
    from reconciler.drift.model import Cause, Drift
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Change, Edit, Plan
    from reconciler.report.next_command import NextStep


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A plan, and what is known of the run that made it: when (ISO form), and the calls that it took."""

    plan: Plan
    refusals: tuple[Refusal, ...]
    digest: str
    calls_made: int
    created: str
    tool_version: str


SHARED_FROM: Final = 4
"""As many customers with an equal change are shown together."""


class Kind(IntEnum):
    """What a change does, as far as a reader must not miss it; the lowest comes first and is left out last."""

    CONFLICT = 0
    RENAME = 1
    CLEAR = 2
    FILL = 3
    DRIFT = 4
    CHANGE = 5


@dataclass(frozen=True, slots=True)
class KindWords:
    """What a report calls a kind: over a list of it, and on the filter that shows it alone."""

    title: str
    label: str


@dataclass(frozen=True, slots=True)
class Sides:
    """What the two values of a change are called; `labelled` says whether a terminal must name them too."""

    before: str
    after: str
    labelled: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence of ours with one place, `{}`, for a text of YAML, RPM or git, which each format makes safe its own way."""

    words: str
    text: str = ""

    def said(self, safe: Callable[[str], str]) -> str:
        """The sentence, its text made safe."""
        return self.words.replace("{}", safe(self.text), 1)


@dataclass(frozen=True, slots=True)
class Shown:
    """One change as reports may show it; of a masked one, `before`, `after` and `base` are empty.

    `drift` says that RPM was changed behind git's back and that this change, whatever its kind, puts that back; `unsaid`
    that base has the attribute and cannot be read.
    """

    attribute: str
    before: str
    after: str
    kind: Kind
    base: str | Unset = UNSET
    masked: bool = False
    drift: bool = False
    unsaid: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer with its changes. `since` is RPM's own text, "" where it gave none or nobody asked.

    `remarks` go by attribute: what is to be said of this customer's change and not of an equal one's. `elsewhere` says how
    many changes of this customer stand in other parts of the report.
    """

    customer_id: int
    name: str
    place: str
    changes: tuple[Shown, ...]
    remarks: Mapping[str, tuple[Remark, ...]] = field(default_factory=dict)
    since: str = ""
    elsewhere: str = ""

    @property
    def kind(self) -> Kind:
        """A renamed customer stands among the renames, which are read in working order; else its gravest change."""
        if any(change.attribute == "Name" for change in self.changes):
            return Kind.RENAME
        return min((change.kind for change in self.changes), default=Kind.CHANGE)


@dataclass(frozen=True, slots=True)
class Part:
    """Customers under a title; a plan has one part and no title, an audit one for each cause."""

    title: str
    customers: tuple[Customer, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Equal changes: the change once, and the customers that get it, in working order."""

    change: Shown
    customers: tuple[Customer, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a notice: what is said, at which place, and what to do about it; a line break in a text is a real one.

    A customer's `place` stands behind it, that of anything else before it. What is said of many is said once, with the many
    `below`.
    """

    text: str
    place: str = ""
    advice: str = ""
    customer: bool = False
    below: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A titled list; `urgent` says that somebody must see to it, `repeats` that the plan, shown just before, says it too."""

    title: str
    items: tuple[Item, ...]
    urgent: bool = False
    repeats: bool = False

    @property
    def heading(self) -> str:
        """The title with the number of items, those below others counted instead of what they have in common."""
        return f"{self.title} ({sum(len(item.below) or 1 for item in self.items):,})"


@dataclass(frozen=True, slots=True)
class View:
    """What every format shows of a result, in reading order.

    `opening` and `counts` are sentences below the headline and above the end, `heading` stands over the customers, `closing`
    gives a reason of git's, `made` tells of the run; `opening`, `closing` and `made` hold texts to make safe. `next` are the answers to it,
    `ending` is Markdown that a pipeline says in their place and in that of the digest.
    """

    title: str
    headline: str
    opening: tuple[Remark, ...] = ()
    heading: str = ""
    parts: tuple[Part, ...] = ()
    kinds: Mapping[Kind, KindWords] = field(default_factory=dict)
    sides: Sides = Sides("before", "after")
    notices: tuple[Notice, ...] = ()
    counts: tuple[str, ...] = ()
    closing: Remark | None = None
    digest: str = ""
    next: tuple[NextStep, ...] = ()
    ending: str = ""
    made: str = ""

    @property
    def customers(self) -> tuple[Customer, ...]:
        """The customers of all parts; one that has changes in two is in both."""
        return tuple(customer for part in self.parts for customer in part.customers)


def planned_customers(
    plan: Plan,
    order: Callable[[Edit, str], tuple[Remark, ...]],
    reason: Callable[[Change], tuple[Remark, ...]],
) -> tuple[Customer, ...]:
    """The customers to edit, gravest first, then in working order; a temporary rename joins its customer.

    `order` words why a rename runs when it does, from its edit and the temporary name that it goes through ("" for none);
    `reason` what the values of a change do not tell.
    """
    temporary = {edit.customer_id: edit.rename for edit in plan.edits if edit.temporary}
    shown = []
    for edit in plan.edits:
        if not edit.temporary:
            via = temporary.get(edit.customer_id)
            name = "" if via is None else MASKED if via.masked else via.after
            changes = tuple(_planned(change, edit.name) for change in edit.changes)
            place = f"{edit.file}:{edit.line}"
            remarks = {change.attribute: told for change in edit.changes if (told := reason(change))}
            if edit.rename:
                remarks["Name"] = (*order(edit, name), *remarks.get("Name", ()))
            shown.append(Customer(edit.customer_id, _name(edit), place, changes, remarks))
    return tuple(sorted(shown, key=lambda customer: customer.kind))


def drifted_customers(
    drift: Drift, cause: Cause, origin: Callable[[int, Change], tuple[Remark, ...]]
) -> tuple[Customer, ...]:
    """The customers with drift of a cause, and of that alone; gravest first, then by id.

    `origin` words what git knows of an attribute.
    """
    shown = []
    for edit in drift.plan.edits:
        changes = [it for it in edit.changes if drift.origin(edit.customer_id, it).cause is cause]
        others = len(edit.changes) - len(changes)
        if changes:
            customer = Customer(
                edit.customer_id,
                _name(edit),
                f"{edit.file}:{edit.line}",
                tuple(map(_drifted, changes)),
                {change.attribute: origin(edit.customer_id, change) for change in changes},
                drift.since.get(edit.customer_id, ""),
                f"{counted(others, 'attribute')} of another cause" if others else "",
            )
            shown.append(customer)
    return tuple(sorted(shown, key=lambda customer: (customer.kind, customer.customer_id)))


def groups(among: Iterable[Customer]) -> tuple[Group, ...]:
    """The changes of these customers, equal ones together, gravest first, then the most customers."""
    holders: dict[Shown, list[Customer]] = {}
    for customer in among:
        for change in customer.changes:
            holders.setdefault(change, []).append(customer)
    found = [Group(change, tuple(those)) for change, those in holders.items()]
    return tuple(sorted(found, key=lambda group: (group.change.kind, -len(group.customers))))


def shared_and_own(among: Sequence[Customer]) -> tuple[tuple[tuple[Group, ...], ...], tuple[Customer, ...]]:
    """What many customers share, once, all that the very same customers share together; then who has more, with that alone."""
    common = [group for group in groups(among) if len(group.customers) >= SHARED_FROM]
    together: dict[tuple[int, ...], list[Group]] = {}
    for group in common:
        together.setdefault(tuple(it.customer_id for it in group.customers), []).append(group)
    shared = {group.change for group in common}
    own = []
    for customer in among:
        left = tuple(change for change in customer.changes if change not in shared)
        above = len(customer.changes) - len(left)
        said = [f"{counted(above, 'attribute')} shown above"] if above else []
        elsewhere = " and ".join([*said, *([customer.elsewhere] if customer.elsewhere else [])])
        if left:
            own.append(replace(customer, changes=left, elsewhere=elsewhere))
    return tuple(map(tuple, together.values())), tuple(own)


def shown_changes(plan: Plan) -> list[Shown]:
    """The changes of a plan, temporary names aside."""
    return [
        _planned(change, edit.name) for edit in plan.edits if not edit.temporary for change in edit.changes
    ]


def _name(edit: Edit) -> str:
    """What to call a customer in a heading: its name in RPM, unless the change of that is masked."""
    return MASKED if edit.rename is not None and edit.rename.masked else edit.name


def _planned(change: Change, name: str) -> Shown:
    """One change of a plan without what must stay hidden; a rename starts from the name that RPM has."""
    kind = _planned_kind(change.attribute, MASKED if change.masked else change.after, change.kind)
    drift, unsaid = change.kind is Class.DRIFT, isinstance(change.base, NotSaid)
    if change.masked:
        return Shown(change.attribute, "", "", kind, masked=True, drift=drift, unsaid=unsaid)
    before = name if change.attribute == "Name" else change.before
    base = change.base if isinstance(change.base, str) else UNSET
    return Shown(change.attribute, before, change.after, kind, base, drift=drift, unsaid=unsaid)


def _planned_kind(attribute: str, after: str, judged: Class) -> Kind:
    """What a planned change does; whether a masked value is being cleared is not told."""
    if judged is Class.CONFLICT:
        return Kind.CONFLICT
    if attribute == "Name":
        return Kind.RENAME
    if not after:
        return Kind.CLEAR
    return Kind.DRIFT if judged is Class.DRIFT else Kind.CHANGE


def _drifted(change: Change) -> Shown:
    """One drifted attribute without what must stay hidden; an audit's `after` is YAML, its `before` RPM."""
    git, rpm = (MASKED, MASKED) if change.masked else (change.after, change.before)
    kind = _drifted_kind(change.attribute, git, rpm)
    if change.masked:
        return Shown(change.attribute, "", "", kind, masked=True)
    return Shown(change.attribute, git, rpm, kind)


def _drifted_kind(attribute: str, git: str, rpm: str) -> Kind:
    """What happened to an attribute in RPM; whether a masked value was emptied is not told."""
    if attribute == "Name":
        return Kind.RENAME
    if git and rpm:
        return Kind.CHANGE
    return Kind.FILL if rpm else Kind.CLEAR
