"""What the wire costs: a full read and as many edits against bare sockets, in seconds and in those of the processor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.bench.dataset import Subscription
from tests.bench.measure import PYTHON, TOOL, Run, Served, Spread, in_turn, run, serving
from tests.bench.sections import WARM, folder_of
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARALLEL: Final = 20


class Case(NamedTuple):
    """Milliseconds that a server takes, http or https; what share of bare sockets and what processor time are to be reached."""

    milliseconds: int
    scheme: str
    share: float
    processor: float | None = None


EDITS: Final = ((0, 38), (50, 97))
"""Milliseconds that a server takes for an edit, and what share of bare sockets is to be reached."""
CHAIN_MS: Final = 20
READS: Final = (
    Case(50, "http", 97),
    Case(50, "https", 97),
    Case(5, "http", 75, 250),
    Case(5, "https", 70, 350),
)


@dataclass(frozen=True, slots=True)
class Client:
    """Commands in a folder that talk to a server."""

    place: Path
    served: Served

    def tool(self, *words: str) -> Run:
        """The tool's own command."""
        trusted = [] if self.served.authority is None else ["--ca-file", self.served.authority]
        return run([TOOL, *words, *trusted, "--url", self.served.url], self.place)

    def sockets(self, endpoint: str, count: int) -> Run:
        """Bare `http.client` connections in as many threads."""
        trusted = [] if self.served.authority is None else [self.served.authority]
        words = [str(self.served.port), endpoint, str(count), str(PARALLEL), *trusted]
        return run([PYTHON, "-m", "tests.bench.sockets", *words], self.place)


def reading(root: Path, customers: int, times: int) -> Iterator[Row]:
    """A full read, by the server's clock from the first read to the last."""
    for case in READS:
        count = min(customers, 4_000 if case.milliseconds == 50 else customers)
        place = folder_of(root, Subscription(count))
        with serving(count, case.milliseconds, secure=root if case.scheme == "https" else None) as served:
            yield from _read(Client(place, served), case, count, times)


def _read(client: Client, case: Case, count: int, times: int) -> Iterator[Row]:
    """One server's rows."""
    spent: dict[str, list[float]] = {"ours": [], "sockets": []}

    def rate(name: str, done: Run) -> float:
        spent[name].append(1e6 * done.processor / count)
        return float(count / client.served.taken()["reading"])

    found = in_turn(
        {
            "sockets": lambda: rate("sockets", client.sockets("Customer", count)),
            "ours": lambda: rate("ours", client.tool("plan")),
        },
        times,
    )
    threads = f"http.client, {PARALLEL} threads"
    what = f"{count:,} customers, {case.milliseconds} ms{', TLS' if case.scheme == 'https' else ''}, {PARALLEL} in flight"
    ideal = f"ideal {PARALLEL * 1_000 / case.milliseconds:,.0f}"
    percent = 100 * found["ours"].median / found["sockets"].median
    yield Row(
        f"full read, {what}, reads a second",
        found["ours"].shown(0),
        f"{threads}: {found['sockets'].shown(0)}; {ideal}",
        percent,
        case.share,
        at_least=True,
        unit="%",
    )
    if case.processor is not None:
        whole, floor = (Spread(tuple(spent[name])) for name in ("ours", "sockets"))
        without = in_turn({"": lambda: client.tool(*WARM).processor}, times)[""].median
        shown = f"{whole.shown(0)}; beyond a plan that reads none: {whole.median - 1e6 * without / count:.0f}"
        name = f"processor time of a plan of {what}, µs a read"
        yield Row(name, shown, f"{threads}: {floor.shown(0)}", whole.median, case.processor, unit="µs")


def editing(root: Path, customers: int, times: int) -> Iterator[Row]:
    """An apply that edits every customer, by the server's clock from the first edit to the last; then a chain of renames."""
    place = folder_of(root, Subscription(customers, moved=1))
    for milliseconds, share in EDITS:
        with serving(customers, milliseconds) as served:
            client = Client(place, served)

            def rate(_: Run, served: Served = served) -> float:
                return float(customers / served.taken()["editing"])

            found = in_turn(
                {
                    "sockets": lambda: rate(client.sockets("CustomerEdit", customers)),  # noqa: B023 - called at once
                    "ours": lambda: rate(client.tool("apply", "--yes")),  # noqa: B023 - called at once
                },
                times,
            )
        yield Row(
            f"{customers:,} edits, {milliseconds} ms, {PARALLEL} in flight, edits a second",
            found["ours"].shown(0),
            f"http.client, {PARALLEL} threads: {found['sockets'].shown(0)}",
            100 * found["ours"].median / found["sockets"].median,
            share,
            at_least=True,
            unit="%",
        )
    made = edit_counts(root, customers, PARALLEL)
    name = f"fsyncs of {customers:,} edits, {PARALLEL} in flight"
    yield Row(
        name, f"{made['fsyncs']:,}", "one for each: as many", made["fsyncs"] / customers, 1, unit="an edit"
    )
    yield _chain(root, customers)


def edit_counts(root: Path, customers: int, parallel: int) -> dict[str, int]:
    """What an apply that edits every customer costs, as counts: calls by kind, connections, fsyncs."""
    place = folder_of(root, Subscription(customers, moved=1))
    with serving(customers, 5) as served:
        words = ["apply", "--yes", "--url", served.url, "--parallel", str(parallel)]
        run([PYTHON, "-m", "tests.bench.counted", "counts.json", *words], place)
        said = served.taken()
    fsyncs = json.loads((place / "counts.json").read_text())["fsyncs"]
    return {"fsyncs": fsyncs, **{name: said[name] for name in ("lists", "reads", "edits", "connections")}}


def _chain(root: Path, customers: int) -> Row:
    """Every customer takes the name of the next: one edit at a time, each behind the one before, and reads that grow old."""
    place = folder_of(root, Subscription(customers))
    for path in (place / "customers").glob("*/*.yaml"):
        number = int(path.stem.rpartition("-")[2])
        path.write_text(path.read_text().replace(f"Customer {number} Ltd", f"Customer {number + 1} Ltd"))
    with serving(customers, CHAIN_MS) as served:
        Client(place, served).tool("apply", "--yes", "--max-calls", str(10 * customers))
        said = served.taken()
    again = said["reads"] - customers
    return Row(
        f"a chain of {customers:,} renames, {CHAIN_MS} ms, once: reads beyond one each",
        f"{again:,} in {said['editing']:.1f} s",
        f"one edit after the other: {customers * CHAIN_MS / 1_000:.1f} s; promise 3 allows {customers:,}",
        again / customers,
        1,
        unit="an edit",
    )
