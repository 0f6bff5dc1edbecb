"""The embedded RPM as its users meet it: a real process, a real socket; each test begins with the example subscription."""

from __future__ import annotations

import ssl
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACME = 10023
HARBORVIEW = 10028
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # httpx would load all authorities for each client


class Rpm:
    """A running embedded RPM and the two ways to talk to it: the API, and the admin API of the tests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = self.client()

    def client(self, *, timeout: float = 10) -> httpx.Client:
        """A client with connections of its own."""
        return httpx.Client(base_url=self.url, timeout=timeout, verify=NO_TLS)

    def reconnect(self) -> None:
        """Drop the kept connections, which a fault at P0 must not find there."""
        self.http.close()
        self.http = self.client()

    def post(self, endpoint: str, body: Any = None, **named: Any) -> httpx.Response:
        """Make an API call on a connection of its own, so that a fault strikes nobody else."""
        headers = named.pop("headers", {"RpmApiKey": "sandbox"})
        service = named.pop("service", "/rpm/api2.svc/")
        with self.client(timeout=named.pop("timeout", 10)) as client:
            return client.post(
                service + endpoint, json={} if body is None else body, headers=headers, **named
            )

    def call(self, endpoint: str, body: Any = None, **named: Any) -> Any:
        """What stands under Result."""
        answer = self.post(endpoint, body, **named)
        assert answer.status_code == 200, answer.text
        return answer.json()["Result"]

    def refusal(self, endpoint: str, body: Any = None, **named: Any) -> str:
        """The message of a call that RPM refuses."""
        message: str = self.call(endpoint, body, **named)["Error"]["Message"]
        return message

    def customer(self, customer_id: int = ACME, **more: Any) -> Any:
        """Read one customer over the API."""
        return self.call("Customer", {"CustomerID": customer_id, **more})

    def edit(self, customer_id: int = ACME, **attributes: Any) -> Any:
        """Edit one customer over the API."""
        return self.call("CustomerEdit", {"Customer": {"CustomerID": customer_id, **attributes}})

    def set_field(self, name: str, value: Any, customer_id: int = ACME) -> Any:
        """Edit one custom field; its value in the answer."""
        return field(self.edit(customer_id, Fields=[{"Field": name, "Value": value}]), name)

    def get(self, path: str) -> Any:
        """Read from the admin API."""
        return self.http.get(f"/sandbox/{path}").raise_for_status().json()

    def set(self, path: str, body: Any) -> Any:
        """Write to the admin API."""
        answer = self.http.post(f"/sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def knob(self, **settings: Any) -> None:
        """Turn knobs."""
        self.set("knobs", settings)

    def faults(self, *entries: dict[str, Any]) -> None:
        """Set a fault script."""
        self.set("faults", {"faults": list(entries)})

    def commits(self) -> list[tuple[str, str, str]]:
        """Attribute, before and after of every commit."""
        return [(row["attribute"], row["before"], row["after"]) for row in self.get("commits")["commits"]]

    def outcomes(self) -> list[str]:
        """The outcome of every logged request."""
        return [row["outcome"] for row in self.get("requests")["requests"]]


def field(customer: Any, name: str) -> Any:
    """A custom field's value in an answer."""
    return next(entry["Value"] for entry in customer["Fields"] if entry["Field"] == name)


@contextmanager
def serving(database: Path, *words: str) -> Iterator[tuple[Rpm, subprocess.Popen[str]]]:
    """A server process for the length of a block; it is ended by its own pid."""
    command = [
        sys.executable,
        "-m",
        "reconciler.sandbox",
        "serve",
        "--db",
        str(database),
        "--exit-with-stdin",
    ]
    with subprocess.Popen(
        [*command, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        rpm = Rpm(line.removeprefix("listening on ").strip())
        try:
            yield rpm, process
        finally:
            rpm.http.close()
            process.terminate()


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rpm]:
    with serving(tmp_path_factory.mktemp("rpm") / "rpm.sqlite") as (rpm, _):
        yield rpm


@pytest.fixture
def rpm(process: Rpm) -> Rpm:
    process.set("reset", {})
    return process
