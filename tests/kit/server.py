"""The embedded RPM as a child process, driven over its admin API and asserted on by its own logs."""

from __future__ import annotations

import os
import ssl
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

from tests.kit.forks import forks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = "sandbox"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # httpx would load all authorities for each client


@dataclass
class Customer:
    """A customer to be there when a test starts."""

    customer_id: int
    name: str
    website: str = ""
    address: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


def read_slowly(customer_id: int) -> dict[str, Any]:
    """A fault: the first read of a customer takes so long that with `--read-age 1` its edit reads it once more."""
    delay = {"do": "delay", "seconds": 1.1}
    return {"endpoint": "Customer", "customer": customer_id, "nth": 1, "point": "P3", "action": delay}


class Server:
    """A running embedded RPM."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.reusable = True
        self._http = httpx.Client(base_url=url, timeout=60, verify=NO_TLS)

    def seed(self, *customers: Customer, fields: tuple[str | dict[str, Any], ...] = ()) -> None:
        """Hold these customers and no others; a field given by name alone is a text."""
        body = {
            "fields": [it if isinstance(it, dict) else {"name": it, "kind": "text"} for it in fields],
            "customers": [
                {
                    "id": it.customer_id,
                    "name": it.name,
                    "website": it.website,
                    "address": it.address,
                    "fields": dict(it.fields),
                    "aliases": list(it.aliases),
                }
                for it in customers
            ],
        }
        self._post("customers", body)

    def requests(self) -> list[dict[str, Any]]:
        """Every API request since the seeding, as the server saw it."""
        entries: list[dict[str, Any]] = self._get("requests")
        return entries

    def calls(self) -> list[str]:
        """The endpoints called, in order."""
        return [entry["endpoint"] for entry in self.requests()]

    def count(self, endpoint: str) -> int:
        """How often an endpoint was called."""
        return self.calls().count(endpoint)

    def edits(self) -> list[dict[str, Any]]:
        """What the CustomerEdit calls carried, in order; a body has `Customer` and nothing else.

        A call that a fault cut off before its body was read is not among them.
        """
        bodies = [it["body"] for it in self.requests() if it["endpoint"] == "CustomerEdit" and it["text"]]
        assert all(list(body) == ["Customer"] for body in bodies)
        return [body["Customer"] for body in bodies]

    def commits(self) -> list[dict[str, Any]]:
        """Every change that was committed, by the API or by hand."""
        entries: list[dict[str, Any]] = self._get("commits")
        return entries

    def by_hand(self, customer_id: int, values: Mapping[str, str]) -> None:
        """Somebody edits a customer in RPM's web page."""
        self._post("edit", {"customer_id": customer_id, "values": dict(values)})

    def by_another_program(self, customer_id: int, **values: str) -> None:
        """Somebody else's program sends a CustomerEdit; it is in the log too."""
        body = {"Customer": {"CustomerID": customer_id, **values}}
        self._http.post(
            "/rpm/api2.svc/CustomerEdit", json=body, headers={"RpmApiKey": KEY}
        ).raise_for_status()

    def delete(self, customer_id: int) -> None:
        """Somebody trashes a customer."""
        self._post("edit", {"customer_id": customer_id, "delete": True})

    def merge(self, customer_id: int, into: int) -> None:
        """Somebody merges a customer into another, which erases it and keeps its name as an alias."""
        self._post("edit", {"customer_id": customer_id, "merge_into": into})

    def faults(self, *entries: Mapping[str, Any]) -> None:
        """Fail as this script says; what hangs may strike later, so no other test gets this server."""
        self.reusable = False
        self._post("faults", {"faults": list(entries)})

    def knobs(self, **values: Any) -> None:
        """Behave otherwise; a call may still be under way when the test ends."""
        self.reusable = False
        self._post("knobs", values)

    def values(self) -> dict[int, dict[str, str]]:
        """Every customer's attributes by path, past the API and its log."""
        return {
            row["id"]: {
                "Name": row["name"],
                "Website": row.get("website", ""),
                "Address": row.get("address", ""),
                **{f"Fields.{name}": text for name, text in row.get("fields", {}).items()},
            }
            for row in self._get("customers")
        }

    def names(self) -> dict[int, str]:
        """Every customer's name, past the API and its log."""
        return {customer_id: row["Name"] for customer_id, row in self.values().items()}

    def _get(self, what: str) -> Any:
        return self._http.get(f"/sandbox/{what}").raise_for_status().json()[what]

    def _post(self, path: str, body: Any) -> None:
        self._http.post(f"/sandbox/{path}", json=body).raise_for_status()

    def reset(self) -> None:
        """Hold the example subscription again, with empty logs."""
        self._post("reset", {})

    def close(self) -> None:
        """Drop the connections to it."""
        self._http.close()


@contextmanager
def running_server(folder: Path, *words: str) -> Iterator[Server]:
    """Start an embedded RPM on a free port; it ends with the block, or with the process of tests."""
    command = ["sandbox", "serve", "--db", str(folder / "rpm.sqlite"), "--exit-with-stdin", *words]
    (stdin, hold), (printed, stdout) = os.pipe(), os.pipe()
    ended = forks().start("sandbox", command, (stdin, stdout, 2), str(Path.cwd()), dict(os.environ))
    os.close(stdin)
    os.close(stdout)
    with os.fdopen(printed, encoding="utf-8") as lines, os.fdopen(ended, "rb") as end:
        line = lines.readline()
        assert line.startswith("listening on "), line
        server = Server(line.removeprefix("listening on ").strip())
        try:
            yield server
        finally:
            server.close()
            os.close(hold)
            end.read()


class ServerPool:
    """One server for many tests, one after the other: a start costs ten times what a reset does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = 0
        self._idle: Server | None = None
        self._running = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @contextmanager
    def server(self) -> Iterator[Server]:
        """A server as new, for the length of a block."""
        server, self._idle = self._idle or self._start(), None
        yield server
        if server.reusable:
            server.reset()
            self._idle = server
        else:
            self._running.close()

    def _start(self) -> Server:
        self._started += 1
        return self._running.enter_context(running_server(self._folder / str(self._started)))
