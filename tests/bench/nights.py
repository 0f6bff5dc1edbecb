"""What a month of nightly audits costs in calls: `python -m tests.bench.nights --customers 20000 --daily-percent 1`.

One subscription is simulated, because subscriptions share nothing: no quota, no lock, no file. The server is the sandbox
with a clock of its own, in this process; what reads it is the product's, with `refresh: modified` and its snapshot on disk.
Each day people edit so many percent of the customers at random; each night an audit reads the list, and what it must.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import random
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from reconciler.core.clock import Clock
from reconciler.core.values import Target
from reconciler.customers.manifest import read_files
from reconciler.plan.refresh import read_sides
from reconciler.repo.settings import Limits, Settings
from reconciler.rpm.client import Bounds, Client
from reconciler.rpm.endpoint import settle
from reconciler.rpm.key import ApiKey
from reconciler.rpm.reader import Reader
from reconciler.rpm.retry import RetryPolicy
from reconciler.rpm.session import ReadSession
from reconciler.sandbox import manual_edit
from reconciler.sandbox import seed as seeding
from reconciler.sandbox.service import Sandbox
from reconciler.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

URL: Final = "http://localhost:8080/rpm/api2.svc/"
KEY: Final = "nights"
BEGIN: Final = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)
CALLS: Final = 10**9


@dataclass(slots=True)
class Calendar:
    """The server's clock."""

    now: dt.datetime = BEGIN

    def read(self) -> dt.datetime:
        """The moment."""
        return self.now


class InProcess(httpx.BaseTransport):
    """A transport whose other end is a sandbox in this process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self._sandbox.handle(request.url.path.rpartition("/")[2], request.read(), headers)
        answer = self._sandbox.dated(answer)
        return httpx.Response(
            answer.status, headers=list(answer.headers), stream=httpx.ByteStream(answer.body)
        )


@dataclass(frozen=True, slots=True)
class Night:
    """One audit: what was edited on the day before, the calls it made, and its seconds on the processor."""

    edited: int
    calls: int
    seconds: float


def nights(customers: int, daily: int, count: int, folder: Path) -> Iterator[Night]:
    """So many nights of one subscription, of whose customers `daily` are edited each day."""
    calendar, draw = Calendar(), random.Random(customers)
    store = Store(":memory:", clock=calendar.read)
    try:
        seeding.reset(store, seeding.subscription(_subscription(customers)))
        sandbox = Sandbox(store, key=KEY)
        files = [(f"customers/{i}.yaml", _yaml(i)) for i in range(1, customers + 1)]
        manifest = read_files(files, {})
        settings = Settings(root=folder, url=URL, refresh="modified", parallel=1, limits=Limits(calls=CALLS))
        calendar.now += dt.timedelta(days=30)  # the customers were last edited long ago
        for _ in range(count):
            calendar.now += dt.timedelta(hours=12)
            edited = draw.sample(range(1, customers + 1), daily)
            for customer_id in edited:
                manual_edit.edit(
                    store, customer_id, {"Fields.Tier": draw.choice(("Gold", "Silver", "Bronze"))}
                )
            calendar.now += dt.timedelta(hours=12)
            before = time.process_time()
            reads = _reads(sandbox)
            read_sides(reads, manifest, manifest.customers, settings, lambda *_: None)
            yield Night(len(edited), reads.reader.calls, time.process_time() - before)
    finally:
        store.close()


def _reads(sandbox: Sandbox) -> ReadSession:
    clock, stop = Clock(), threading.Event()
    client = Client(settle(URL, from_file=False), ApiKey(KEY), InProcess(sandbox), Bounds(60.0, CALLS), clock)
    reader = Reader(client, RetryPolicy(clock, stop, random.SystemRandom()), clock)
    return ReadSession(Target(URL, None), reader, clock)


def _subscription(customers: int) -> Mapping[str, Any]:
    return {
        "fields": [{"name": "Tier"}],
        "customers": [
            {"id": i, "name": f"Customer {i}", "fields": {"Tier": "Gold"}} for i in range(1, customers + 1)
        ],
    }


def _yaml(customer_id: int) -> bytes:
    return f"CustomerID: {customer_id}\nName: Customer {customer_id}\nFields:\n  Tier: Gold\n".encode()


def main() -> None:
    """Simulate, and print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.nights", description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--daily-percent", type=float, default=1.0)
    parser.add_argument("--nights", type=int, default=14)
    said = parser.parse_args()
    logging.disable(logging.CRITICAL)
    daily = round(said.customers * said.daily_percent / 100)
    with tempfile.TemporaryDirectory() as folder:
        found = list(nights(said.customers, daily, said.nights, Path(folder)))
    told = {
        "customers": said.customers,
        "edited_a_day": daily,
        "calls": [night.calls for night in found],
        "processor_seconds": [round(night.seconds, 1) for night in found],
    }
    print(json.dumps(told))  # noqa: T201 - the figures are the result


if __name__ == "__main__":
    main()
