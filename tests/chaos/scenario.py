"""A seed -> a subscription, the YAML files about a part of it, and the temper of its server.

The vocabulary is small on purpose: values and names meet often, so that a hand writes by chance what YAML wants, and
what was there before. Nothing here is random but by the generator that is handed in.
"""

from __future__ import annotations

import json
import random as random_module
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.field_types import CompareRules, Date, ListOf, Number, SetOf, YesNo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

SECRET: Final = "canary-masked"

FIELDS: Final[list[dict[str, Any]]] = [
    {"name": "Tier", "kind": "list", "options": ["Gold", "Silver", "Bronze"]},
    {"name": "Renewal date", "kind": "date"},
    {"name": "Monthly spend", "kind": "money"},
    {"name": "Active", "kind": "yesno"},
    {"name": "Services", "kind": "multi", "options": ["Voice", "Data", "Mobile"]},
    {"name": "Remarks", "kind": "paragraph"},
    {"name": "Tax id"},
    {"name": "Last contacted"},
]
VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "Website": (
        "",
        f"https://{SECRET}-4.example",
        f"https://{SECRET}-5.example",
        f"{SECRET}-6.example/ü?a=1",
    ),
    "Address": ("", "742 Green Terrace", "1 Pier Road, Floor 2"),
    "Fields.Tier": ("", "Gold", "Silver", "Bronze"),
    "Fields.Renewal date": ("", "2026-04-16", "4/16/2026", "2027-01-02"),
    "Fields.Monthly spend": ("", "1200", "1,200.00", "80.5"),
    "Fields.Active": ("", "Yes", "No", "1"),
    "Fields.Services": ("", "Voice, Data", "Data,Voice", "Mobile"),
    "Fields.Remarks": ("", "NO", 'two lines\nand "quotes": yes', "01234"),
    "Fields.Tax id": ("", f"{SECRET}-1", f"{SECRET}-2", f"{SECRET}-3"),
    "Fields.Last contacted": ("", "Monday", "Tuesday"),
}
NAMES: Final = (
    "Acme, Inc.", "Borealis Foods", "Cobalt Tools", "Delta Freight", "Elm Street Dental", "Fjord Optics",
    "Glacier Bank", "Harbor View", "Iris Labs", "Juniper Café", "Kestrel Air", "Lumen Works", "Mesa Grill", "North Star",
)  # fmt: skip
RULES: Final = CompareRules(
    field_types={
        "Fields.Tier": ListOf(("Gold", "Silver", "Bronze")),
        "Fields.Renewal date": Date(),
        "Fields.Monthly spend": Number(),
        "Fields.Active": YesNo(),
        "Fields.Services": SetOf(),
    },
    ignore=frozenset({"Fields.Last contacted"}),
    mask=frozenset({"Fields.Tax id", "Website"}),
)
MANNERS: Final[Mapping[str, tuple[str, ...]]] = {
    "errors": ("object", "string"),
    "ids": ("number", "string"),
    "uid": ("yes", "no"),
    "age": ("yes", "no"),
    "modified": ("day", "second", "missing"),
    "alias_shape": ("object", "text"),
    "edit_answer": ("fresh", "stale"),
    "empty_list": ("error", "list"),
    "duplicate_rows": ("yes", "no"),
    "list_order": ("id", "name"),
    "list_dates": ("yes", "no"),
    "yes_no": ("words", "digits"),
    "dates": ("iso", "us", "as sent"),
    "money": ("as sent", "places", "symbol"),
    "unicode": ("as sent", "NFC", "NFD"),
    "line_ends": ("as sent", "lf", "crlf"),
    "trim": ("yes", "no"),
    "aliases_taken": ("yes", "no"),
    "lookup_alias": ("yes", "no"),
    "blank": ("clears", "clears", "clears", "ignored"),
    "case_rename": ("allowed", "allowed", "allowed", "refused", "ignored"),
    "latency": ("0", "0", "0.4", "3"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """A customer of RPM; one without a place has no primary location."""

    customer_id: int
    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    placed: bool = True


@dataclass(frozen=True, slots=True)
class File:
    """What YAML says of one customer, by path; `customer_id` None is found by its name."""

    customer_id: int | None
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Both sides, and how the tool and the server are set up."""

    records: tuple[Record, ...]
    files: tuple[File, ...]
    knobs: Mapping[str, str] = field(default_factory=dict)
    parallel: int = 1
    read_age: float = 10.0
    subscriber: int | None = None

    def document(self) -> dict[str, Any]:
        """The subscription as the sandbox is seeded with it."""
        return {"fields": FIELDS, "customers": [_entry(record) for record in self.records]}

    def yaml(self) -> list[tuple[str, bytes]]:
        """The customer files: path and content."""
        return [(f"customers/{n:02}.yaml", _yaml(it).encode()) for n, it in enumerate(self.files)]

    def managed(self, ids: Mapping[str, int]) -> dict[int, Mapping[str, str]]:
        """What YAML says, by id; a file without one is about whoever bears its name, by `ids`, if anybody does."""
        return {
            ids.get(it.values["Name"], 0) if it.customer_id is None else it.customer_id: it.values
            for it in self.files
        }


def _entry(record: Record) -> dict[str, Any]:
    values = record.values
    return {
        "id": record.customer_id,
        "name": record.name,
        "website": values.get("Website", ""),
        "address": values.get("Address", ""),
        "aliases": list(record.aliases),
        "fields": {path[7:]: text for path, text in values.items() if path.startswith("Fields.")},
        **({} if record.placed else {"locations": False}),
    }


def _yaml(file: File) -> str:
    lines = [] if file.customer_id is None else [f"CustomerID: {file.customer_id}"]
    fields = {path[7:]: text for path, text in file.values.items() if path.startswith("Fields.")}
    lines += [f"{path}: {json.dumps(it)}" for path, it in file.values.items() if path[7:] not in fields]
    if fields:
        lines += ["Fields:", *(f"  {name}: {json.dumps(text)}" for name, text in fields.items())]
    return "\n".join(lines) + "\n"


def drawn(random: Random) -> Scenario:
    """A scenario."""
    count = random.randint(1, 12)
    names = list(NAMES)
    random.shuffle(names)
    records = tuple(_record(random, 10_001 + n, names[n]) for n in range(count))
    managed = [it for it in records if random.random() < 0.8] or [records[0]]
    wanted = _names(random, managed, names[count:])
    files = tuple(_file(random, record, wanted[record.customer_id]) for record in managed)
    knobs = {name: random.choice(values) for name, values in MANNERS.items() if random.random() < 0.25}
    return Scenario(
        _with_aliases(random, records, managed, names[-1]),
        files,
        knobs,
        parallel=random.choice((1, 2, 4)),
        read_age=random.choice((1.0, 1.0, 10.0)),
        subscriber=random.choice((None, 1207)),
    )


def _record(random: Random, customer_id: int, name: str) -> Record:
    values = {path: random.choice(texts) for path, texts in VALUES.items() if random.random() < 0.7}
    placed = random.random() < 0.9
    return Record(customer_id, name, values if placed else {**values, "Address": ""}, placed=placed)


def _with_aliases(
    random: Random, records: tuple[Record, ...], managed: list[Record], name: str
) -> tuple[Record, ...]:
    """Sometimes an unmanaged customer has an alias."""
    others = [it for it in records if it not in managed]
    if not others or random.random() < 0.5:
        return records
    chosen = random.choice(others)
    alias = f"{name} (Holding)"
    return tuple(replace(it, aliases=(alias,)) if it is chosen else it for it in records)


def _names(random: Random, managed: list[Record], free: list[str]) -> dict[int, str]:
    """The wanted names: some stay, some trade places, some move to a name that nobody has, some change case."""
    wanted = {record.customer_id: record.name for record in managed}
    circle = [it for it in managed if random.random() < 0.35]
    for record, follower in zip(circle, circle[1:] + circle[:1], strict=True):
        wanted[record.customer_id] = follower.name
    if circle and free and random.random() < 0.4:
        wanted[circle[-1].customer_id] = free[0]
    for record in managed:
        if record not in circle and random.random() < 0.1:
            wanted[record.customer_id] = record.name.upper()
    return wanted


def _file(random: Random, record: Record, name: str) -> File:
    """YAML about a customer: some attributes, about half of them as they are."""
    values = {"Name": name}
    if random.random() < 0.85:
        for path, texts in VALUES.items():
            if random.random() < 0.4:
                same = random.random() < 0.5
                values[path] = record.values.get(path, "") if same else random.choice(texts)
    nameless = name == record.name and random.random() < 0.15
    return File(None if nameless else record.customer_id, values)


def generator(seed: object, purpose: str) -> Random:
    """A stream of its own for each purpose, so that a draw more in one place moves nothing in another."""
    return random_module.Random(f"{seed}/{purpose}")
