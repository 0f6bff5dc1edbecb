"""How two texts of one attribute compare: each field type turns a text into its canonical form.

Two values are equal when their canonical forms are. The hard part is done here, in the conversion,
so that comparing stays plain equality. A text that is not of its type keeps its text as its form, and
so differs from every value that is: doubt is a difference, never swallowed. Facts about what RPM
returns for each type: `rpm-api.md` section 5.

Every type treats CRLF as LF and compares in Unicode's normal form C, because neither is a change that a
person made. This module is pure.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

# Compiled when they are first used (`re` keeps what it compiled): most runs know no date and no number.
_ISO_DATE: Final = r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?Z?)?"
_US_DATE: Final = r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (?:0{1,2}:00(?::00)?|12:00(?::00)? AM))?"
_NUMBER: Final = (
    r"(?P<open>\()?(?P<sign>[+-])?[$€£]?(?P<after>[+-])?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?:\.(?P<part>\d*))?\s?%?(?P<close>\))?"
)
_YES: Final = frozenset({"yes", "y", "true", "on", "1"})
_NO: Final = frozenset({"no", "n", "false", "off", "0"})


def plain(text: str) -> str:
    """The text with what never counts as a change taken out: line ends and Unicode composition."""
    if text.isascii():
        return text.replace("\r\n", "\n") if "\r" in text else text
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def normalize_name(name: str) -> str:
    """A name as RPM's uniqueness sees it: case and outer spaces do not count (`rpm-api.md` section 3)."""
    return unicodedata.normalize("NFC", name).strip().casefold()


class FieldType(Protocol):
    """How a field compares: the name of the type in `fields:`, and the canonical form of a text."""

    @property
    def kind(self) -> str:
        """The `type` in reconciler.yaml."""

    def parse(self, text: str) -> str | None:
        """The canonical form of a non-empty text, or None when the text is not of this type."""

    def hint(self) -> str:
        """How such a value is written, for a person whose text is not one."""


class _Plain:
    """A type of which nothing can be set: any two are equal."""

    __slots__ = ()
    kind: ClassVar[str]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(self.kind)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Text(_Plain):
    """Exact, case and inner spaces included."""

    kind = "text"

    def parse(self, text: str) -> str | None:
        """Any text is one."""
        return plain(text)

    def hint(self) -> str:
        """Any text is one."""
        return "any text"


class Date(_Plain):
    """`2026-04-16` is `4/16/2026`; a midnight after the date is no more than the date."""

    kind = "date"

    def parse(self, text: str) -> str | None:
        """The day in ISO form."""
        stripped = text.strip()
        if match := re.fullmatch(_ISO_DATE, stripped, re.ASCII):
            year, month, day = match.groups()
        elif match := re.fullmatch(_US_DATE, stripped, re.ASCII):
            month, day, year = match.groups()
        else:
            return None
        try:
            return dt.date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            return None

    def hint(self) -> str:
        """The one form without a doubt about which part is the month."""
        return "a date is written YYYY-MM-DD"


class Number(_Plain):
    """`1200` is `$1,200.00`; digits are kept exactly, no float in between."""

    kind = "number"

    def parse(self, text: str) -> str | None:
        """Sign, digits and decimals without the zeros that say nothing."""
        match = re.fullmatch(_NUMBER, text.strip(), re.ASCII)
        if match is None or bool(match["open"]) != bool(match["close"]):
            return None
        signs = [sign for sign in (match["sign"], match["after"], match["open"]) if sign]
        whole, part = match["whole"] or "", match["part"] or ""
        if len(signs) > 1 or not whole + part:
            return None
        digits = whole.replace(",", "").lstrip("0") or "0"
        decimals = part.rstrip("0")
        amount = f"{digits}.{decimals}" if decimals else digits
        return f"-{amount}" if signs and signs[0] in "-(" and amount != "0" else amount

    def hint(self) -> str:
        """Digits; what else is allowed reads the same."""
        return "a number is written with digits, as in 1200 or 1200.50"


class YesNo(_Plain):
    """`Yes` is `1`, `No` is `0`; empty is neither."""

    kind = "yesno"

    def parse(self, text: str) -> str | None:
        """`yes` or `no`."""
        word = text.strip().casefold()
        return "yes" if word in _YES else "no" if word in _NO else None

    def hint(self) -> str:
        """The two words RPM's own clients write."""
        return "write Yes or No"


class SetOf(_Plain):
    """`a,b` is `b, a`: the options chosen, in whatever order."""

    kind = "set"

    def parse(self, text: str) -> str | None:
        """The options in sorted order, each once."""
        return ",".join(sorted({plain(part.strip()) for part in text.split(",")} - {""}))

    def hint(self) -> str:
        """Options with commas between them."""
        return "options are written with commas between them"


@dataclass(frozen=True, slots=True)
class ListOf:
    """One of the options, case included; none named means any text."""

    options: tuple[str, ...] = ()
    kind: str = "list"

    def parse(self, text: str) -> str | None:
        """The option itself."""
        form = plain(text)
        return form if not self.options or form in map(plain, self.options) else None

    def hint(self) -> str:
        """The options."""
        return "the options are " + ", ".join(self.options)


TEXT: Final = Text()
BY_KIND: Final[dict[str, type[Text | Date | Number | YesNo | SetOf | ListOf]]] = {
    "text": Text, "date": Date, "number": Number, "yesno": YesNo, "set": SetOf, "list": ListOf,
}  # fmt: skip


def canonical(field_type: FieldType, text: str) -> str:
    """The form that equality is decided on; empty is empty in every type."""
    if not text:
        return ""
    form = field_type.parse(text)
    return plain(text) if form is None else form


def equal(field_type: FieldType, one: str, other: str) -> bool:
    """Whether two texts of an attribute mean the same."""
    return one == other or canonical(field_type, one) == canonical(field_type, other)


@dataclass(frozen=True, slots=True)
class CompareRules:
    """How attributes compare and show: the ways by path, and the paths to ignore or to mask."""

    field_types: Mapping[str, FieldType] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()
    mask: frozenset[str] = frozenset()

    def field_type(self, attribute: str) -> FieldType:
        """How this attribute compares; text unless said."""
        return self.field_types.get(attribute, TEXT)

    def equal(self, attribute: str, one: str, other: str) -> bool:
        """Whether two texts of the attribute mean the same."""
        return equal(self.field_type(attribute), one, other)
