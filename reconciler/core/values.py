"""The values that everything else passes around. No I/O, no settings, no behaviour beyond their own text.

An attribute is named by its path: `Name`, `Website`, `Address`, or `Fields.` and the custom field's
name exactly as RPM spells it. A value is always text; `""` is a value (empty), and an attribute
that is not managed is not in the mapping at all.

A customer is a named tuple, because a hundred thousand of them on two sides are made in a second; the others, of which
there are few, are frozen dataclasses, which take three to four times as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.core.clock import Moment


class Unset(Enum):
    """The type of `UNSET`: no value, which is not the empty value."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class NotSaid:
    """What a side has and cannot be read: not absent, so nothing may be compared with it. `reason` says why and where."""

    reason: str


@dataclass(frozen=True, slots=True)
class SourceMark:
    """A place in a file: the path as shown to people, line and column from 1; a flag of the command line has line 0."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong (or, as a warning, doubtful) at a place in a file."""

    mark: SourceMark
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.mark}: {'warning: ' if self.warning else ''}{self.message}"


CustomerKey = int | str
"""What tells customers of YAML apart wherever they stand: the `CustomerID`, or the name of one that has no id."""


class DesiredCustomer(NamedTuple):
    """One customer as a file says it should be.

    `values` are the managed attributes alone, `Name` always among them. `line` and `column` are
    those of the document's first key; `places` holds line and column of each value, one after the other in
    the order of `values`. They are kept apart because there are a million values and few are ever shown.
    """

    customer_id: int | None
    file: str
    line: int
    column: int
    values: Mapping[str, str]
    places: Sequence[int]

    @property
    def name(self) -> str:
        """The wanted name."""
        return self.values["Name"]

    @property
    def key(self) -> CustomerKey:
        """The id, or the name where the file gives none; a place in a file is no key, because files move on."""
        return self.values["Name"] if self.customer_id is None else self.customer_id

    @property
    def name_only(self) -> bool:
        """Whether the file manages nothing but the name, so that the list's row is its read."""
        return len(self.values) == 1

    def mark(self, attribute: str | None = None) -> SourceMark:
        """Where the attribute's value stands, or the customer's first line."""
        if attribute is None:
            return SourceMark(self.file, self.line, self.column)
        index = 2 * list(self.values).index(attribute)
        return SourceMark(self.file, self.places[index], self.places[index + 1])


class ObservedCustomer(NamedTuple):
    """One customer as a read of RPM said it is.

    `whole` is false for a row of the customer list, which knows the name alone. `read_at` is the moment at which the
    read was *sent*: an age counted from it never flatters. `answered_at` is when RPM says that it answered: seconds since
    1970 by the `Date` of that answer, None where it had none.
    `ambiguous` are attributes that the answer carried twice and that nothing can tell apart.
    """

    customer_id: int
    values: Mapping[str, str]
    read_at: Moment
    whole: bool
    modified: str = ""
    aliases: tuple[str, ...] = ()
    ambiguous: frozenset[str] = frozenset()
    answered_at: int | None = None

    @property
    def name(self) -> str:
        """The name in RPM."""
        return self.values["Name"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a plan is made for: the service's address as settled, and the pinned subscriber."""

    url: str
    subscriber_id: int | None


NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})
