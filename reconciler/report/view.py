"""The one model that every format shows: values alone.

A customer is shown once, with its changes; equal changes are equal `Shown` values, so that grouping them is a dictionary and
nothing else. What goes to what is named by `Sides`. There is no judgment in it (that is the guard's work) and no sentence (those
are in `summaries`, `remarks` and `sections`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from reconciler.core.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.core.values import Unset
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Plan
    from reconciler.report.next_command import NextStep


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A plan, and what is known of the run that made it: when (ISO form), the calls that it took, and those that doubt asked for.

    `kept` are the customers to edit that were not read in that run, since the snapshot has them: each is read before its edit.
    """

    plan: Plan
    refusals: tuple[Refusal, ...]
    digest: str
    calls_made: int
    created: str
    tool_version: str
    reads_in_doubt: int = 0
    kept: int = 0


class Kind(IntEnum):
    """What a change does, as far as a reader must not miss it; the lowest comes first and is left out last."""

    CONFLICT = 0
    RENAME = 1
    CLEAR = 2
    FILL = 3
    DRIFT = 4
    CHANGE = 5


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence of ours with one place, `{}`, for a text of YAML, RPM or git, which each format makes safe its own way."""

    words: str
    text: str = ""

    def said(self, safe: Callable[[str], str]) -> str:
        """The sentence, its text made safe."""
        return self.words.replace("{}", safe(self.text), 1)


@dataclass(frozen=True, slots=True)
class KindWords:
    """What a report calls a kind: over a list of it, and on the filter that shows it alone."""

    title: Remark
    label: str


@dataclass(frozen=True, slots=True)
class Sides:
    """What the two values of a change are called, and the third, base; `labelled` says whether a terminal must name them too."""

    before: str
    after: str
    labelled: bool = False
    base: str = "base"


@dataclass(frozen=True, slots=True)
class Shown:
    """One change as reports may show it; of a masked one, `before`, `after` and `base` are empty.

    `drift` says that RPM was changed outside of git and that this change, whatever its kind, puts that back; `unsaid`
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

    A customer's `place` is after it, that of anything else before it. What is said of many is said once, with the many
    `below`.
    """

    text: str
    place: str = ""
    advice: str = ""
    customer: bool = False
    below: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A titled list; `urgent` says that somebody must see to it, `repeats` that the plan, shown just before, says it too.

    `about` is the text of git in the title, for its `{}`.
    """

    title: str
    items: tuple[Item, ...]
    urgent: bool = False
    repeats: bool = False
    about: str = ""

    def heading(self, safe: Callable[[str], str]) -> str:
        """The title with the number of items, those below others counted instead of what they have in common."""
        number = sum(len(item.below) or 1 for item in self.items)
        return f"{Remark(self.title, self.about).said(safe)} ({number:,})"


@dataclass(frozen=True, slots=True)
class View:
    """What every format shows of a result, in reading order.

    `second` is the second line, `opening` and `counts` are sentences below the headline and above the end, `heading` stands
    over the customers, `closing` gives a reason of git's, `made` tells of the run; `second`, `opening`, `closing` and `made` have texts to make safe. `next` are the answers to it,
    `ending` is Markdown that a pipeline says in their place and in that of the digest.
    """

    title: str
    headline: str
    second: Remark | None = None
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
    def sentences(self) -> tuple[Remark, ...]:
        """What stands below the headline where that is one line, however long."""
        return (*([self.second] if self.second else ()), *self.opening)

    @property
    def customers(self) -> tuple[Customer, ...]:
        """The customers of all parts; one that has changes in two is in both."""
        return tuple(customer for part in self.parts for customer in part.customers)
