"""A seed -> an apply over a real socket, killed when so many bytes of its conversation have passed; then judged.

Twelve customers to be edited with four in flight, three of them in a circle of names, four that nobody manages, and a
person who edits whatever the seed says. Judged by the server's log of calls and commits alone.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.kit.relay import relayed
from tests.kit.scratch import scratch
from tests.kit.server import Customer, running_server
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server

MANAGED: Final = range(101, 113)
OTHERS: Final = range(201, 205)
CIRCLE: Final = {101: 102, 102: 103, 103: 101}
FIELDS: Final = ("Tier", "Zip", "Remarks")
PARALLEL: Final = 4
YES: Final = ("apply", "--yes", "--parallel", str(PARALLEL), "--max-percent", "100")
SLACK: Final = 1.1
"""How much longer than the measured conversation one may be: a person's edits cost reads."""


@dataclass(slots=True)
class Tally:
    """What some kills came to."""

    kills: int = 0
    in_edits: int = 0
    finished_before: int = 0
    by_hand: int = 0

    def add(self, other: Tally) -> None:
        """Take in the figures of others."""
        self.kills += other.kills
        self.in_edits += other.in_edits
        self.finished_before += other.finished_before
        self.by_hand += other.by_hand


def wanted(customer: int) -> dict[str, str]:
    """What YAML says of a customer."""
    return {
        "Name": f"Customer {CIRCLE.get(customer, customer)}",
        "Fields.Tier": "Gold",
        "Fields.Zip": "01234",
    }


def killed(first: int, count: int) -> tuple[list[str], Tally]:
    """The kills of some seeds, one after the other before one server: what was wrong, and what happened."""
    wrong, tally = [], Tally()
    with scratch() as folder, running_server(Path(folder) / "rpm") as server:
        shop = _shop(Path(folder) / "repo", server.url)
        age = random.Random(f"kills from {first}").choice(("1", "10"))
        slow = "0.3" if age == "1" else "0"  # the first reads are more than a second old when all are there
        server.knobs(latency=slow)
        whole = int(_conversation(shop, server, age) * SLACK)
        for seed in range(first, first + count):
            chance = random.Random(f"kill {seed}")
            _seeded(server)
            server.faults(*(_by_hand(chance) for _ in range(chance.choice((0, 3, 8)))))
            complaints = _one(shop, server, chance.randint(1, whole), age, tally)
            wrong += [f"seed {seed}: {it}" for it in complaints]
    return wrong, tally


def _shop(folder: Path, url: str) -> Workplace:
    place = Workplace(folder, url)
    for i in MANAGED:
        name = wanted(i)["Name"]
        place.customer(str(i), f"CustomerID: {i}\nName: {name}\nFields:\n  Tier: Gold\n  Zip: 01234\n")
    return place


def _seeded(server: Server) -> None:
    customers = [
        Customer(i, f"Customer {i}", fields={"Tier": "Silver", "Zip": "1"}) for i in (*MANAGED, *OTHERS)
    ]
    server.seed(*customers, fields=FIELDS)
    server.faults()


def _by_hand(chance: random.Random) -> dict[str, Any]:
    """Somebody edits a customer just before a call is carried out; a managed one loses a value that we want."""
    customer = chance.choice((*MANAGED, *OTHERS))
    values = {chance.choice(FIELDS): f"by hand {chance.randint(1, 99)}"}
    action = {"do": "hand", "customer": customer, "values": values}
    endpoint, nth = chance.choice((("Customer", 12), ("CustomerEdit", 13)))
    return {"endpoint": endpoint, "nth": chance.randint(1, nth), "point": "P2", "action": action}


def _conversation(shop: Workplace, server: Server, age: str) -> int:
    """How many bytes an apply takes that nobody disturbs."""
    _seeded(server)
    with relayed(server.url, 0, lambda: None) as (relay, url):
        done = shop.run(*YES, "--confirm-edits", "12", "--read-age", age, RPM_API_URL=url)
        assert done.code == 0, done.err
        return relay.passed


def _one(shop: Workplace, server: Server, limit: int, age: str, tally: Tally) -> Iterator[str]:
    """One apply that dies at a byte, one that finishes its work, and a plan that finds nothing left."""
    started = threading.Event()

    def strike() -> None:
        started.wait()
        child.kill()

    with relayed(server.url, limit, strike) as (relay, url):
        child = shop.start(*YES, "--confirm-edits", "12", "--read-age", age, RPM_API_URL=url)
        started.set()
        child.communicate(timeout=120)
    tally.kills += relay.struck
    tally.finished_before += not relay.struck
    tally.in_edits += relay.struck and server.count("CustomerEdit") > 0
    if relay.struck and child.returncode != -9:
        yield f"it was killed at byte {limit}, and ended with {child.returncode}"
    server.faults()
    again = shop.run(*YES)
    if again.code != 0:
        yield f"dead at byte {limit}, the next run ended with {again.code}: {again.err}"
    if (plan := shop.run("plan", "--detailed-exitcode")).code != 0:
        yield f"dead at byte {limit}, two runs left something: {plan.out}{plan.err}"
    tally.by_hand += sum(it["author"] == "hand" for it in server.commits())
    yield from (f"dead at byte {limit}: {it}" for it in complaints(server))


def complaints(server: Server) -> Iterator[str]:
    """What the server's own log objects to."""
    requests = server.requests()
    yield from _undeclared(requests)
    yield from _repeated(requests)
    for commit in server.commits():
        if commit["author"] == "api" and commit["customer_id"] not in MANAGED:
            yield f"a customer without a file was edited: {commit}"
    final = server.values()
    for i in MANAGED:
        if not wanted(i).items() <= final[i].items():
            yield f"customer {i} is {final[i]}"
    by_hand = {
        (it["customer_id"], it["attribute"]): it["after"] for it in server.commits() if it["author"] == "hand"
    }
    for (i, path), text in by_hand.items():
        if (i in OTHERS or path not in wanted(i)) and final[i][path] != text:
            yield f"somebody set {path} of {i} to {text!r}, and it is {final[i][path]!r}"


def _undeclared(requests: list[dict[str, Any]]) -> Iterator[str]:
    """Each edit names a customer of ours, and carries what its file says, or a temporary name.

    A body that is no JSON is one that the kill cut in two, and there are no more of them than calls in flight.
    """
    bodies = [it["body"] for it in requests if it["endpoint"] == "CustomerEdit" and it["text"]]
    if bodies.count(None) > PARALLEL:
        yield f"{bodies.count(None)} edits were no JSON"
    for body in filter(None, bodies):
        edit = body["Customer"]
        customer = edit["CustomerID"]
        if body.keys() != {"Customer"}:
            yield f"an edit of {customer} carries {sorted(body)}"
        if customer not in MANAGED:
            yield f"an edit of {customer}, which has no file"
            continue
        sent = {key: text for key, text in edit.items() if key not in {"CustomerID", "Fields"}}
        sent |= {f"Fields.{it['Field']}": it["Value"] for it in edit.get("Fields", ())}
        temporary = sent.get("Name", "").endswith(f" (renaming {customer})")
        if (
            not {**sent, **({"Name": wanted(customer)["Name"]} if temporary else {})}.items()
            <= wanted(customer).items()
        ):
            yield f"an edit of {customer} sends {sent}"


def _repeated(requests: list[dict[str, Any]]) -> Iterator[str]:
    """No edit goes out twice without a read of its customer, or of the list, in between."""
    for i in MANAGED:
        ours = [it for it in requests if it["endpoint"] == "Customers" or it["customer_id"] == i]
        for once, again in pairwise(ours):
            if once["endpoint"] == again["endpoint"] == "CustomerEdit" and once["text"] == again["text"]:
                yield f"call {again['seq']} repeats call {once['seq']} without a read in between"
