"""The values of custom fields as read -> the types that `fields:` of reconciler.yaml could give them, with the evidence. Pure.

Nothing is decided by it: the lines are printed commented out, for a person to judge. A field of a few values says too little to
propose anything; digits with a leading zero are a code, not a number; a masked field's values are shown nowhere.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import FIELDS, field_name
from reconciler.core.field_types import Date, Number, YesNo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.core.field_types import CompareRules, FieldType

_LEAST: Final = 5
"""Values that a field must have before anything is said of it."""
_SHARE: Final = 0.95
"""The part of them that must be of a type; the rest is what the person is to look at."""
_OPTIONS: Final = 8
_REPEATED: Final = 4
"""A list has at most so many options, each seen this often on average."""
_CODE: Final = re.compile(r"0\d")
_BARE: Final = re.compile(r"[A-Za-z][A-Za-z0-9 _-]*[A-Za-z0-9]|[A-Za-z]")
_WORDS: Final = {"yes", "no", "true", "false", "on", "off", "null"}


@dataclass(frozen=True, slots=True)
class TypeProposal:
    """A field, the type proposed in YAML, how many of its values that are not empty fit, and of how many."""

    field: str
    type: str
    looks_like: str
    fitting: int
    values: int

    def __str__(self) -> str:
        evidence = f"{self.fitting:,} of {self.values:,} values look like {self.looks_like}"
        return f"#   {_yaml(self.field)}: {self.type}  # {evidence}"


def propose_types(customers: Iterable[Mapping[str, str]], rules: CompareRules) -> tuple[TypeProposal, ...]:
    """The types to think about, by field name; none for a field that has a type, is ignored or is masked."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for values in customers:
        for attribute, text in values.items():
            if attribute.startswith(FIELDS) and text:
                seen[attribute][text] += 1
    decided = rules.field_types.keys() | rules.ignore | rules.mask
    proposals = [_propose(field_name(it), seen[it]) for it in sorted(seen.keys() - decided)]
    return tuple(it for it in proposals if it is not None)


def _propose(field: str, seen: Counter[str]) -> TypeProposal | None:
    """The first type that the values fit."""
    total = seen.total()
    if total < _LEAST:
        return None
    types: tuple[tuple[FieldType, str], ...] = (
        (Date(), "dates"),
        (YesNo(), "yes or no"),
        (Number(), "numbers"),
    )
    for field_type, looks_like in types:
        fitting = sum(count for text, count in seen.items() if _fits(field_type, text))
        if fitting >= _SHARE * total:
            return TypeProposal(field, f"{{type: {field_type.kind}}}", looks_like, fitting, total)
    if (
        len(seen) <= _OPTIONS
        and total >= _REPEATED * len(seen)
        and not any("," in it or "\n" in it for it in seen)
    ):
        options = ", ".join(map(_yaml, sorted(seen)))
        words = f"one of {len(seen)} options"
        return TypeProposal(field, f"{{type: list, options: [{options}]}}", words, total, total)
    return None


def _fits(field_type: FieldType, text: str) -> bool:
    """Whether a text speaks for a type: a 1 is no yes, and a code no number."""
    if text.isdigit() and (field_type.kind == "yesno" or _CODE.match(text)):
        return False
    return field_type.parse(text) is not None


def _yaml(text: str) -> str:
    """A text as YAML, with quotes where it needs them."""
    plain = _BARE.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)
