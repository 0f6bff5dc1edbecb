"""One subscription in four forms: customer files, RPM's answers, and octoDNS's zone and configuration.

A customer is what `customers/` holds on average: an id, a name, a website, an address and a dozen fields, about
400 bytes of YAML; RPM's answer shows three times as many fields and takes about 1.8 KB. Everything follows from the
customer's number, so that two runs measure the same.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MANAGED: Final = 12
SHOWN: Final = 36
FOLDER: Final = 1_000


@dataclass(frozen=True, slots=True)
class Subscription:
    """So many customers, whose files manage so many fields; the website of every `moved`th one is another in YAML than in RPM."""

    customers: int
    moved: int = 0
    managed: int = MANAGED

    def ids(self) -> range:
        """The ids, from 1."""
        return range(1, self.customers + 1)

    def manifest(self, customer_id: int) -> str:
        """The customer's file."""
        site = "moved" if self.moved and customer_id % self.moved == 0 else "www"
        fields = "".join(f"  {name}: {value}\n" for name, value in _fields(customer_id)[: self.managed])
        return (
            f"CustomerID: {customer_id}\nName: {_name(customer_id)}\nWebsite: https://{site}.example/{customer_id}\n"
            f"Address: {customer_id} Green Terrace\nFields:\n{fields}"
        )

    def write(self, root: Path) -> None:
        """Lay out the folder of a user: settings, and a thousand customer files a folder."""
        root.mkdir(parents=True, exist_ok=True)
        limits = f"limits: {{edits: {self.customers}, percent: 100, calls: {2 * self.customers + 100}}}\n"
        (root / "reconciler.yaml").write_text(limits)
        for customer_id in self.ids():
            folder = root / "customers" / f"{customer_id // FOLDER:03}"
            if customer_id % FOLDER in {0, 1}:
                folder.mkdir(parents=True, exist_ok=True)
            (folder / f"customer-{customer_id}.yaml").write_text(self.manifest(customer_id))

    def listed(self) -> bytes:
        """RPM's answer to `Customers`."""
        rows = [
            {"CustomerID": i, "Customer": _name(i), "Aliases": [], "Modified": _modified(i)}
            for i in self.ids()
        ]
        return json.dumps({"Result": {"Customers": rows}}).encode()

    def write_zone(self, folder: Path) -> None:
        """Write as many records as octoDNS plans from one YAML folder to another."""
        for side in ("wanted", "held"):
            (folder / side).mkdir(parents=True, exist_ok=True)
            records = (
                f"customer-{i}:\n  type: TXT\n  value: {_name(i)}, {i} Green Terrace\n" for i in self.ids()
            )
            (folder / side / "bench.example.yaml").write_text("---\n" + "".join(records))
        (folder / "octodns.yaml").write_text(
            "\n".join(
                [
                    "manager: {max_workers: 2}",
                    "providers:",
                    *(
                        f"  {side}: {{class: octodns.provider.yaml.YamlProvider, enforce_order: false,"
                        f" directory: {folder / side}}}"
                        for side in ("wanted", "held")
                    ),
                    "zones:",
                    "  bench.example.: {sources: [wanted], targets: [held]}",
                    "",
                ]
            )
        )


def answer(customer_id: int) -> bytes:
    """RPM's answer to `Customer`."""
    record = {
        "CustomerID": customer_id,
        "Name": _name(customer_id),
        "Website": f"https://www.example/{customer_id}",
        "Modified": _modified(customer_id),
        "Aliases": [],
        "Contacts": [],
        "Locations": [
            {"LocationID": customer_id, "IsPrimary": True, "Address": f"{customer_id} Green Terrace"}
        ],
        "Fields": [{"Field": name, "Value": value} for name, value in _fields(customer_id)],
    }
    return json.dumps({"Result": record}).encode()


def _name(customer_id: int) -> str:
    return f"Customer {customer_id} Ltd"


def _modified(customer_id: int) -> str:
    """When somebody last changed the customer; hardly two are the same."""
    days, seconds = customer_id % 2_000, customer_id * 7_919 % 86_400
    return (dt.datetime(2019, 1, 1) + dt.timedelta(days, seconds)).isoformat()  # noqa: DTZ001 - RPM names no zone


def _fields(customer_id: int) -> list[tuple[str, str]]:
    """Every custom field that RPM shows; a file manages the first ones."""
    return [(f"Field {number:02}", f"value {customer_id % (97 + number)}") for number in range(SHOWN)]
