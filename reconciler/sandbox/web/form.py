"""One customer -> what its form asks for, and a form that was sent -> what the person wants changed.

The form has each value twice: `is:` is what the person leaves there, `was:` what the form showed; only where they differ was
something changed. A browser has its own ideas of line ends, spaces and the order of boxes, so `was:` says what comes back
when nobody touched it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.sandbox.manual_edit import BUILT_IN
from reconciler.sandbox.records import flattened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.sandbox.records import Customer, FieldDefinition


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the form: how it is asked for, what is stored, and what a refused form had instead."""

    name: str
    label: str
    kind: str
    options: tuple[str, ...]
    stored: str
    value: str

    @property
    def chosen(self) -> list[str]:
        """The options that are chosen, where several may be."""
        return _parts(self.value)

    @property
    def offered(self) -> list[str]:
        """The options to choose from, and after them what is or was chosen without being one."""
        others = dict.fromkeys([*_parts(self.stored), *self.chosen])
        return [*self.options, *(text for text in others if text not in self.options)]

    @property
    def shown(self) -> str:
        """What the form sends back when nobody touched it; boxes come in the order of the page."""
        if self.kind != "multi":
            return self.stored
        stored = _parts(self.stored)
        return ", ".join(text for text in self.offered if text in stored)

    @property
    def tall(self) -> bool:
        """Whether it takes several lines: a field of one line would drop the line ends, and they would count as an edit."""
        return self.kind == "paragraph" or not {"\n", "\r"}.isdisjoint(self.value)


def entries(customer: Customer, fields: Sequence[FieldDefinition], wishes: Mapping[str, str]) -> list[Entry]:
    """Every value of a customer; `wishes` are what a refused form had instead."""
    values = flattened(customer, fields)
    built_in = [
        Entry(name, name, "text", (), values[name], wishes.get(name, values[name])) for name in BUILT_IN
    ]
    return [*built_in, *(_entry(customer, one, wishes) for one in fields)]


def _entry(customer: Customer, field: FieldDefinition, wishes: Mapping[str, str]) -> Entry:
    name, stored = f"Fields.{field.name}", customer.values.get(field.uid, "")
    return Entry(name, field.name, field.kind, field.options, stored, wishes.get(name, stored))


def wishes_of(form: dict[str, list[str]]) -> dict[str, str]:
    """The attributes that the person changed: `was:` is what the form showed, line ends as LF."""
    wishes = {}
    for key, (was, *_) in form.items():
        name = key.removeprefix("was:")
        if name != key:
            sent = ", ".join(
                text for text in form.get(f"is:{name}", []) if text or len(form[f"is:{name}"]) == 1
            )
            if _plain(sent) != _plain(was):
                wishes[name] = _plain(sent)
    return wishes


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _plain(text: str) -> str:
    """The text with line feeds for its line ends, all of which a browser sends as CRLF."""
    return text.replace("\r\n", "\n")
