"""Customers as read -> files for those that have none. This module is pure.

A file says all that RPM has but what is blank or ignored, with the id first and custom fields in order of their names.
Each is read again by the strict reader before it is kept: one that would not mean exactly its customer is none.
What no file can contain is left, with the reason; nothing is shortened, escaped away or replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import BUILT_IN, field_name, is_field
from reconciler.core.field_types import normalize_name
from reconciler.core.text import printable
from reconciler.core.yaml import scalars
from reconciler.customers.manifest import read_file
from reconciler.customers.validation import unwritable_reason, with_file_line_ends

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer, ObservedCustomer

SCHEMA: Final = ".vscode/customer.schema.json"
"""Where a repository keeps the schema of a customer file for editors, relative to `reconciler.yaml`."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A customer's file: its text, and the notes about what of the customer is not in it."""

    customer_id: int
    name: str
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotImported:
    """A customer that gets no file, and why."""

    customer_id: int
    name: str
    reason: str


def make_file(customer: ObservedCustomer, rules: CompareRules, modeline: str) -> NewFile | NotImported:
    """The file of a customer, or why there can be none; `modeline` is its first line, or nothing."""
    values, notes = _kept(customer, rules)
    for path, text in values.items():
        if reason := unwritable_reason(path, text, rules.field_types):
            return NotImported(customer.customer_id, customer.name, reason)
    text = modeline + _document(customer.customer_id, values)
    read, problems, _ = read_file(text.encode(), "", rules.field_types)
    if problems or [(it.customer_id, it.values) for it in read] != [(customer.customer_id, values)]:
        reason = problems[0].message if problems else "its file would not say what RPM has"
        return NotImported(customer.customer_id, customer.name, reason)
    return NewFile(customer.customer_id, customer.name, text, notes)


def name_holders(customers: Iterable[DesiredCustomer]) -> dict[str, DesiredCustomer]:
    """The customer of YAML that has each name, by normalized name: two files with one name would stop every plan."""
    return {normalize_name(customer.name): customer for customer in customers}


def _kept(customer: ObservedCustomer, rules: CompareRules) -> tuple[dict[str, str], tuple[str, ...]]:
    """What a file says of the customer, in its order, and notes about fields that cannot be told apart."""
    texts = {path: with_file_line_ends(text) for path, text in customer.values.items()}
    paths = [path for path in BUILT_IN if path in texts]
    paths += sorted(filter(is_field, texts), key=lambda path: (path.casefold(), path))
    kept = [path for path in paths if (texts[path] and path not in rules.ignore) or path == "Name"]
    alike: dict[str, list[str]] = {}
    for path in kept:
        alike.setdefault(normalize_name(path), []).append(path)
    doubled = {path for path in kept if path in customer.ambiguous or len(alike[normalize_name(path)]) > 1}
    notes = [
        f'the field "{printable(field_name(path))}" is in RPM more than once' for path in sorted(doubled)
    ]
    return {path: texts[path] for path in kept if path not in doubled}, tuple(notes)


def _document(customer_id: int, values: Mapping[str, str]) -> str:
    """The document: id, built-in attributes, fields."""
    lines = [f"CustomerID: {customer_id}"]
    lines += [scalars.key_with_text(path, text) for path, text in values.items() if not is_field(path)]
    fields = [
        scalars.key_with_text(field_name(path), text, indent=2)
        for path, text in values.items()
        if is_field(path)
    ]
    return "\n".join([*lines, *(["Fields:", *fields] if fields else [])]) + "\n"
