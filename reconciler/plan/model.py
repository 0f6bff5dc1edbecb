"""What a plan is: the edits that make RPM equal to YAML, in working order, and what else was seen.

The plan is the only thing that `apply` executes, that guards judge and that reports show; counts are
computed from its lists. It is pure: no clock, no settings, no I/O. The JSON form is in `plan_document`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import FIELDS
from reconciler.core.text import printable
from reconciler.core.values import UNSET, NotSaid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.core.values import Problem, Target, Unset


SHORT: Final = 8
"""The digits of a commit that a sentence names."""
_HEX: Final = frozenset("0123456789abcdef")


class Class(StrEnum):
    """Who moved, judged by base, desired and observed (the table is in `compare`)."""

    CHANGE = "change"
    DRIFT = "drift"
    CONFLICT = "conflict"
    CONVERGED = "converged"


RULES_EFFECT: Final = "an effect of the changed rules: neither RPM nor YAML was changed, and by the rules of this branch they differ"
"""Why an attribute is a change that neither YAML nor RPM was changed for."""


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute of an edit: what RPM has, what YAML wants, what YAML said at base.

    `base` is `UNSET` where base does not manage the attribute, or there is no base. `masked` keeps the three texts out of every
    report and document; only the request carries one. `rules_effect` says that only the rules of comparing changed.
    """

    attribute: str
    before: str
    after: str
    kind: Class
    base: str | Unset | NotSaid = UNSET
    line: int = 0
    masked: bool = False
    rules_effect: bool = False

    @property
    def reason(self) -> str:
        """Why it is of its class, where base, YAML and RPM alone do not tell; else nothing."""
        if isinstance(self.base, NotSaid):
            return self.base.reason
        return RULES_EFFECT if self.rules_effect else ""

    @property
    def unseen(self) -> bool:
        """Whether its value in RPM can move after the plan was shown and nobody can tell.

        A masked value is in no plan. Only where base said it and RPM had the same does another value show, as a conflict.
        """
        return self.masked and not (self.kind is Class.CHANGE and isinstance(self.base, str))


@dataclass(frozen=True, slots=True)
class Edit:
    """One CustomerEdit. `name` is the name in RPM when the plan was made; `file` and `line` ask for it.

    `needs` are customers whose edits, listed earlier, free the name that this edit takes. A `temporary`
    edit breaks a cycle of renames: it carries a temporary name alone. `masked_hash` covers what is sent of the masked attributes.
    """

    customer_id: int
    name: str
    file: str
    line: int
    changes: tuple[Change, ...]
    needs: tuple[int, ...] = ()
    temporary: bool = False
    masked_hash: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What whoever approves this edit must know of it."""
        unseen = [printable(change.attribute) for change in self.changes if change.unseen]
        if not unseen:
            return ()
        return (
            f"{', '.join(unseen)}: masked, so a change in RPM after this plan was made would not be noticed",
        )

    @property
    def rename(self) -> Change | None:
        """The change of the name, if this edit has one."""
        return next((change for change in self.changes if change.attribute == "Name"), None)


@dataclass(frozen=True, slots=True)
class Missing:
    """A customer of a file that RPM does not have; `hint` says where it may have gone."""

    customer_id: int | None
    name: str
    file: str
    line: int
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Suspicious:
    """An id that looks pasted: its customer in RPM resembles the file in next to nothing."""

    customer_id: int
    name: str
    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Aside:
    """An attribute that the plan only counts or mentions: converged, released or hidden by `ignore`."""

    customer_id: int
    name: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Unpinned:
    """A file without a CustomerID, and the id that its name was found under."""

    customer_id: int
    name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A setting that judges the plan and differs from base: its name (`limits.edits`), before and after as texts, None for none."""

    setting: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Base:
    """The commit that a plan was compared with: the merge base of `ref`, as the person named it, and HEAD.

    `ahead` counts the commits that REF has and HEAD has not; `touched` are the edited customers that they changed. `upstream` is
    the ref that a local REF is `behind` commits behind, some of which HEAD has. `first` says why every attribute counts
    as new, `unreadable` why nothing of base is said, `not_said` what else of it cannot be read.
    """

    ref: str
    commit: str
    ahead: int = 0
    touched: tuple[int, ...] = ()
    upstream: str = ""
    behind: int = 0
    first: str = ""
    unreadable: str = ""
    not_said: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return ref_name(self.ref)


def ref_name(ref: str) -> str:
    """What a REF is called in a sentence: as the person gave it, the name of a commit cut."""
    return ref[:SHORT] if len(ref) in {40, 64} and _HEX.issuperset(ref) else ref


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a comparison of YAML with RPM came to.

    `managed` counts the customers in YAML, `compared` those of them that this plan looked at and found,
    `listed` the customers in RPM. `reads` is what a fresh full reading costs in calls.
    """

    target: Target
    edits: tuple[Edit, ...]
    managed: int
    compared: int
    listed: int
    unmanaged: int
    reads: int
    missing: tuple[Missing, ...] = ()
    problems: tuple[Problem, ...] = ()
    suspicious: tuple[Suspicious, ...] = ()
    converged: tuple[Aside, ...] = ()
    released: tuple[Aside, ...] = ()
    ignored: tuple[Aside, ...] = ()
    unpinned: tuple[Unpinned, ...] = ()
    notes: tuple[str, ...] = ()
    base: Base | None = None
    rules_changed: tuple[RuleChange, ...] = ()

    @property
    def edited_ids(self) -> frozenset[int]:
        """The customers that an edit is planned for, each once."""
        return frozenset(edit.customer_id for edit in self.edits)

    @property
    def cycles(self) -> int:
        """How many cycles of renames there are: each costs one edit more."""
        return sum(edit.temporary for edit in self.edits)

    @property
    def longest_chain(self) -> int:
        """How many edits wait for each other at most, the last one counted."""
        depth: dict[int, int] = {}
        for edit in self.edits:
            depth[edit.customer_id] = 1 + max((depth.get(it, 0) for it in edit.needs), default=0)
        return max(depth.values(), default=0)

    @property
    def renames(self) -> tuple[Edit, ...]:
        """The edits that give a customer its wanted name."""
        return tuple(edit for edit in self.edits if edit.rename and not edit.temporary)

    def count(self, kind: Class) -> int:
        """How many attributes are of a class."""
        if kind is Class.CONVERGED:
            return len(self.converged)
        return sum(
            change.kind is kind for edit in self.edits if not edit.temporary for change in edit.changes
        )

    @property
    def summary(self) -> dict[str, int]:
        """The counts of the plan document: customers, then attributes by class."""
        return {
            "edit": len(self.edited_ids),
            "rename": len(self.renames),
            "unchanged": self.compared - len(self.edited_ids),
            "missing": len(self.missing),
            "unmanaged": self.unmanaged,
            "suspicious": len(self.suspicious),
            **{kind.value: self.count(kind) for kind in Class},
            "ignored": len(self.ignored),
        }


def in_wire_order(attributes: Iterable[str]) -> list[str]:
    """Name first, then the built-in attributes, then custom fields, each group by name."""
    return sorted(attributes, key=lambda path: (path.startswith(FIELDS), path != "Name", path))


def sent_values(edit: Edit) -> Mapping[str, str]:
    """What an edit sends, by attribute."""
    return {change.attribute: change.after for change in edit.changes}
