"""One YAML document -> the customer it asks for, with every problem of it.

A document is a mapping in the API's own names. A scalar is the text that is written: nothing here turns it
into a number, a date or null. Knows which keys there are and which of them were probably meant; what a
text may contain is decided in `validation`, and what two customers share is found in `duplicates`. This module is pure.
"""

from __future__ import annotations

import re
from array import array
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import BUILT_IN, CUSTOMER_ID_LIMIT, FIELD, FIELDS, NAME, READ_ONLY, field_path
from reconciler.core.field_types import normalize_name
from reconciler.core.nearest import nearest
from reconciler.core.text import shortened
from reconciler.core.values import DesiredCustomer, Problem, SourceMark
from reconciler.core.yaml.composer import PROBLEMS_LIMIT
from reconciler.core.yaml.reader import Mapping, Rejected, Scalar, Sequence
from reconciler.customers.validation import field_name_findings, value_findings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as MappingType

    from reconciler.core.attributes import Attribute
    from reconciler.core.field_types import FieldType
    from reconciler.core.yaml.reader import Node
    from reconciler.customers.validation import Finding

KEYS: Final = ("CustomerID", *BUILT_IN, "Fields")

_ID: Final = re.compile(r"[1-9][0-9]{0,18}")
_NOTHING: Final = frozenset({"", "~", "null"})
_SWALLOWED: Final = re.compile(r"[ \t]*#(?=[^\s#])")
_READ_ONLY: Final = frozenset(name.casefold() for name in READ_ONLY)


@lru_cache(maxsize=1_000)
def _field(name: str) -> tuple[str, str, tuple[Finding, ...]]:
    """A field's normalized name, its path and what is wrong with the name; many customers share few fields."""
    return normalize_name(name), field_path(name), tuple(field_name_findings(name))


class _Values:
    """The values of a document read so far: texts by path, and the place of each."""

    __slots__ = ("places", "values")

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.places = array("I")


class Document:
    """Reads the documents of one file; `problems` and `warnings` are added to, in the order of the file."""

    __slots__ = ("_field_types", "_file", "_problems", "_text", "_warnings")

    def __init__(
        self,
        file: str,
        field_types: MappingType[str, FieldType],
        problems: list[Problem],
        warnings: list[Problem],
        *,
        text: str,
    ) -> None:
        """Get ready; `text` is the file's own, or empty when it contains no `#`."""
        self._file = file
        self._field_types = field_types
        self._problems = problems
        self._warnings = warnings
        self._text = text

    def customer(self, node: Node) -> DesiredCustomer | None:
        """The customer that the document asks for, or None when it has no name that could be read."""
        if not isinstance(node, Mapping):
            self._no_customer(node)
            return None
        customer_id = None
        read = _Values()
        named = False
        for key, value in node.entries:
            name = key.text
            if kind := BUILT_IN.get(name):
                named = named or name == "Name"
                self._value(read, name, kind, value)
            elif name == "Fields":
                self._fields(read, value)
            elif name == "CustomerID":
                customer_id = self._customer_id(value)
            else:
                self._unknown(key)
        if not named:
            self._problem(node, "`Name` is missing: every customer needs one")
        if "Name" not in read.values:
            return None
        return DesiredCustomer(customer_id, self._file, node.line, node.column, read.values, read.places)

    def _fields(self, read: _Values, node: Node) -> None:
        if not isinstance(node, Mapping):
            if isinstance(node, Scalar) and node.style == "plain" and node.text in _NOTHING:
                self._problem(node, "`Fields` names no field: write some under it, or remove the line")
            elif not isinstance(node, Rejected):
                self._problem(node, "`Fields` takes lines of `field name: value` under it, indented")
            return
        seen: dict[str, Scalar] = {}
        for key, value in node.entries:
            name = key.text
            normalized, path, found = _field(name)
            first = seen.setdefault(normalized, key)
            if first is not key:
                self._problem(
                    key,
                    f'the field "{shortened(name)}" is "{shortened(first.text)}" of line {first.line} again',
                )
            if found:
                self._findings(key, found)
            self._value(read, path, FIELD, value)

    def _value(self, read: _Values, path: str, kind: Attribute, node: Node) -> None:
        """Add the attribute's value, unless it has none that could be read."""
        if type(node) is not Scalar:
            if type(node) is not Rejected:
                self._problem(node, f'"{shortened(path)}" takes a text, not {_form(node)}')
            return
        text = node.text
        if text in _NOTHING and _written_as_nothing(node):
            self._nothing(path, node)
            return
        if self._text and _SWALLOWED.match(self._text, node.end):
            what = f'"{shortened(path)}" ends before the #, which begins a comment'
            self._warning(node, f"{what}: quote the whole text if that belongs to it")
        if found := value_findings(path, kind, text, self._field_types.get(path)):
            self._findings(node, found)
        if text or kind is not NAME:
            read.values[path] = text
            read.places.extend((node.line, node.column))

    def _nothing(self, path: str, node: Scalar) -> None:
        advice = 'write "" to clear it in RPM, or remove the line to leave it alone'
        if path == "Name":
            advice = "write the customer's name"
        if self._text and _SWALLOWED.match(self._text, node.end):
            advice += "; a text that begins with # must be quoted"
        self._problem(node, f'"{shortened(path)}" has no value: {advice}')

    def _customer_id(self, node: Node) -> int | None:
        if isinstance(node, Scalar) and _ID.fullmatch(node.text) and int(node.text) <= CUSTOMER_ID_LIMIT:
            return int(node.text)
        if not isinstance(node, Rejected):
            self._problem(
                node,
                "`CustomerID` is the number RPM shows, only digits and no leading 0; without one, remove the line",
            )
        return None

    def _unknown(self, key: Scalar) -> None:
        name = shortened(key.text)
        if key.text.casefold() in _READ_ONLY:
            self._problem(key, f'"{name}" is set by RPM alone and cannot be set here: remove the line')
        elif key.text.startswith(FIELDS):
            self._problem(key, f'unknown key "{name}": a custom field is indented under `Fields:`')
        else:
            meant = (
                self._nearest(key.text)
                or f"; there are {', '.join(KEYS)}, and custom fields go under `Fields:`"
            )
            self._problem(key, f'unknown key "{name}"{meant}')

    def _nearest(self, text: str) -> str:
        """The nearest key; the search is slow, and past so many problems none is shown."""
        return nearest(text, KEYS) if len(self._problems) < PROBLEMS_LIMIT else ""

    def _no_customer(self, node: Node) -> None:
        if isinstance(node, Scalar) and not node.text:
            self._problem(node, "this document is empty: write a customer (`Name: …`) or remove its `---`")
        elif isinstance(node, Sequence):
            self._problem(node, "a list: write one customer (`Name: …`) a document, with `---` between two")
        elif not isinstance(node, Rejected):
            self._problem(node, "not a customer: write lines of `key: value`, beginning with `Name: …`")

    def _findings(self, node: Scalar, found: Iterable[Finding]) -> None:
        for message, warning in found:
            (self._warning if warning else self._problem)(node, message)

    def _problem(self, node: Node, message: str) -> None:
        self._problems.append(Problem(SourceMark(self._file, node.line, node.column), message))

    def _warning(self, node: Node, message: str) -> None:
        mark = SourceMark(self._file, node.line, node.column)
        self._warnings.append(Problem(mark, message, warning=True))


def _written_as_nothing(node: Scalar) -> bool:
    """Whether a text that could mean null does: not in quotes, always as an empty block."""
    return node.style == "plain" or (not node.text and node.style in {"literal", "folded"})


def _form(node: Node) -> str:
    return "a list" if isinstance(node, Sequence) else "lines of `key: value`"
