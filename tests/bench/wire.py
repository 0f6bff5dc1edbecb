"""What the wire costs: a full read against bare sockets, plain and with TLS, in seconds and in those of the processor."""

from __future__ import annotations

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
