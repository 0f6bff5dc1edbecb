"""A text observed in RPM -> why no customer file can hold it, or nothing.

Says the reader's own reasons before anything is written, so that no command ever writes a file that stops the
next plan. Reasons name the attribute and never repeat its value. This module is pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.core.attributes import field_name, is_field, kind_of
from reconciler.core.text import shortened
from reconciler.core.yaml.encoding import refused_character
from reconciler.customers.validation import field_name_findings, value_findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.field_types import FieldType


def in_file(text: str) -> str:
    """An observed text as a file says it: with the line ends that files have."""
    return text.replace("\r\n", "\n")


def complaint(path: str, text: str, field_types: Mapping[str, FieldType]) -> str:
    """The first reason why a file cannot hold this text (as `in_file` gives it) for the attribute, or `""`."""
    for what, held in (("", text), ("the name of ", field_name(path) if is_field(path) else "")):
        if character := refused_character(held):
            return f'{what}"{shortened(path)}" holds {character}, which no file may'
    findings = [*value_findings(path, kind_of(path), text, field_types.get(path))]
    if is_field(path):
        findings += field_name_findings(field_name(path))
    return next((finding.message for finding in findings if not finding.warning), "")
