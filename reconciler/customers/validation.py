"""The text of one attribute -> what is wrong or doubtful about it, and whether a customer file can contain it at all.

Knows limits, lines, white space, characters and the declared type; knows no file, no place and no other
attribute. `unwritable_reason` gives the reader's own reasons before anything is written, so that no command writes a
file that stops the next plan. The sentences name the attribute and never repeat its value, which may be masked; names
of customers and of fields are the exception. This module is pure.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.attributes import (
    FIELD_NAME_LIMIT,
    LIST_OPTION_LIMIT,
    NAME,
    field_name,
    is_field,
    kind_of,
)
from reconciler.core.confusables import compatibility_character, mixed_word
from reconciler.core.field_types import ListOf
from reconciler.core.nearest import nearest
from reconciler.core.temporary_names import is_temporary
from reconciler.core.text import shortened
from reconciler.core.yaml.encoding import character_name, refused_character

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.core.attributes import Attribute
    from reconciler.core.field_types import FieldType

MARKS_LIMIT: Final = 8

_INVISIBLE: Final = r"[\u00ad\u200b-\u200d\u2060\ufeff\U000e0000-\U000e007f]"
_SELECTORS: Final = "".join(map(chr, range(0xFE00, 0xFE10)))
_QUOTES: Final = frozenset({"“”", "„“", "„”", "‘’", "‚‘", "«»", "»«", "‹›", "”“", "””", "’’", "“„"})
_UNKNOWN: Final = {
    "Cn": "is not assigned in Unicode",
    "Co": "is for private use and shows differently everywhere",
}


class Finding(NamedTuple):
    """One sentence about a text, and whether it only warns."""

    message: str
    warning: bool = False


def value_findings(path: str, kind: Attribute, text: str, field_type: FieldType | None) -> list[Finding]:
    """Everything wrong or doubtful with the text of the attribute; most texts have nothing."""
    found = []
    if len(text) > kind.limit:
        found.append(
            Finding(f'"{shortened(path)}" has {len(text):,} characters; RPM keeps at most {kind.limit:,}')
        )
    if "\n" in text and not kind.multiline:
        found.append(Finding(f'"{path}" must be one line'))
    if text != text.strip():
        blank = f'"{shortened(path)}" begins or ends with white space'
        found.append(Finding(f"{blank}: remove it") if kind is NAME else Finding(blank, warning=True))
    if len(text) == 4 and text.lower() == "null":
        found.append(
            Finding(f'"{shortened(path)}" is the text {text}; write "" to clear a value', warning=True)
        )
    if kind is NAME:
        found += _name_findings(text)
    if not text.isascii():
        found += _character_findings(path, text, strict=kind is NAME)
    if field_type is not None and text:
        found += _type_findings(path, text, field_type)
    return found


def field_name_findings(name: str) -> list[Finding]:
    """Everything wrong or doubtful with the name of a custom field."""
    if not name.strip():
        return [Finding("a custom field needs a name")]
    found = []
    if len(name) > FIELD_NAME_LIMIT:
        what = f'the field name "{shortened(name)}" has {len(name):,} characters'
        found.append(Finding(f"{what}; RPM keeps at most {FIELD_NAME_LIMIT}"))
    if "\n" in name:
        found.append(Finding(f'the field name "{shortened(name)}" must be one line'))
    if name != name.strip():
        what = f'the field name "{shortened(name)}" begins or ends with white space'
        found.append(Finding(what, warning=True))
    if not name.isascii():
        found += _character_findings(name, name, strict=True)
    return found


def with_file_line_ends(text: str) -> str:
    """An observed text with the line ends that it has in a file."""
    return text.replace("\r\n", "\n")


def unwritable_reason(path: str, text: str, field_types: Mapping[str, FieldType]) -> str:
    """The first reason why no file can contain this text (with a file's line ends) for the attribute, or `""`."""
    for what, held in (("", text), ("the name of ", field_name(path) if is_field(path) else "")):
        if character := refused_character(held):
            return f'{what}"{shortened(path)}" contains {character}, which is not allowed in a file'
    findings = [*value_findings(path, kind_of(path), text, field_types.get(path))]
    if is_field(path):
        findings += field_name_findings(field_name(path))
    return next((finding.message for finding in findings if not finding.warning), "")


def _name_findings(text: str) -> Iterator[Finding]:
    if not text:
        yield Finding("`Name` cannot be cleared: a customer must have a name")
    if is_temporary(text):
        yield Finding("`Name` looks like the temporary name of an unfinished rename", warning=True)
    if not text.isascii():
        if word := mixed_word(text):
            yield Finding(
                f'"{shortened(word)}" mixes letters of several alphabets that look alike', warning=True
            )
        if character := compatibility_character(text):
            yield Finding(f"`Name` contains {character}, which looks like another character", warning=True)


def _character_findings(path: str, text: str, *, strict: bool) -> Iterator[Finding]:
    """What can be wrong beyond ASCII; an invisible character is an error in a name and a warning elsewhere."""
    if hidden := _hidden(text):
        message = f'"{shortened(path)}" contains {character_name(hidden)}, which is invisible'
        yield Finding(f"{message}: remove it") if strict else Finding(message, warning=True)
    if text[0] + text[-1] in _QUOTES and len(text) > 1:
        which = f"{character_name(text[0])} and {character_name(text[-1])}"
        message = f'"{shortened(path)}" is in typographic quotes ({which}), which are part of the text'
        yield Finding(f"{message}: YAML's own are \" and '", warning=True)
    categories = set(map(unicodedata.category, text))
    if any(category.startswith("M") for category in categories) and _stacked(text):
        yield Finding(f'"{shortened(path)}" stacks more than {MARKS_LIMIT} marks on one letter')
    for category in sorted(categories & _UNKNOWN.keys()):
        odd = next(character for character in text if unicodedata.category(character) == category)
        yield Finding(
            f'"{shortened(path)}" contains {character_name(odd)}, which {_UNKNOWN[category]}', warning=True
        )


def _hidden(text: str) -> str:
    if found := re.search(_INVISIBLE, text):
        return found[0]
    if text[0] in _SELECTORS:
        return text[0]
    # A selector that ends a text is seen only where it chooses how a symbol looks, as in many emoji.
    return text[-1] if text[-1] in _SELECTORS and unicodedata.category(text[-2]) != "So" else ""


def _stacked(text: str) -> bool:
    runs = groupby(text, lambda character: unicodedata.category(character).startswith("M"))
    return any(is_mark and sum(1 for _ in run) > MARKS_LIMIT for is_mark, run in runs)


def _type_findings(path: str, text: str, field_type: FieldType) -> Iterator[Finding]:
    if field_type.parse(text) is None:
        hint = field_type.hint() + (
            nearest(text, field_type.options) if isinstance(field_type, ListOf) else ""
        )
        yield Finding(f'"{shortened(path)}" is not of its type ({field_type.kind}): {hint}')
    elif field_type.kind in {"list", "set"}:
        longest = max(map(len, [text] if field_type.kind == "list" else map(str.strip, text.split(","))))
        if longest > LIST_OPTION_LIMIT:
            yield Finding(
                f'"{shortened(path)}" has an option of {longest} characters; RPM keeps at most {LIST_OPTION_LIMIT}'
            )
