"""A seed -> a subscription, the YAML that is wanted of it, and what goes wrong; and one run of the tool in that world."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from reconciler import guard
from reconciler.apply import Apply, exit_code
from reconciler.connection import Connection
from reconciler.errors import ReconcilerError
from reconciler.guard import Confirmed
from reconciler.journal import Journal
from reconciler.manifest import Manifest, read_customers
from reconciler.model import Target
from reconciler.rpm.address import settle
from reconciler.rpm.client import Bounds, Client
from reconciler.rpm.editor import Editor
from reconciler.rpm.key import ApiKey
from reconciler.rpm.reader import Reader
from reconciler.rpm.retry import RetryPolicy
from reconciler.settings import Settings
from reconciler.tools import Tools
from reconciler.workflow import survey
from tests.simulation.world import HOST, InProcess, World

if TYPE_CHECKING:
    from reconciler.outcome import Report
    from reconciler.plan import Plan

FIELDS = ("Tier", "Notes", "Zip")
TEXTS = ("", "a", "b", "NO", "01234", "two words", "Größe")
CONFIRM = Confirmed(identities=frozenset(range(1, 100)))


@dataclass
class Scenario:
    """What a seed stands for."""

    seed: int
    customers: dict[int, dict[str, str]]
    desired: dict[int, dict[str, str]]
    unmanaged: frozenset[int] = frozenset()

    def manifest(self) -> Manifest:
        """The customer files, read by the real reader."""
        files = []
        for i, values in sorted(self.desired.items()):
            lines = [f"CustomerID: {i}"]
            lines += [f'{key}: "{values[key]}"' for key in ("Name", "Website", "Address") if key in values]
            fields = [f'  {key}: "{values["Fields." + key]}"' for key in FIELDS if "Fields." + key in values]
            text = "\n".join([*lines, *(["Fields:", *fields] if fields else [])])
            files.append((f"customers/{i}.yaml", text.encode()))
        manifest = read_customers(files, {})
        assert not manifest.problems, manifest.problems
        return manifest

    def world(self) -> World:
        """A fresh RPM."""
        document = {
            "fields": [{"name": name, "kind": "text"} for name in FIELDS],
            "customers": [
                {
                    "id": i,
                    "name": values["Name"],
                    "website": values["Website"],
                    "address": values["Address"],
                    "fields": {name: values[f"Fields.{name}"] for name in FIELDS},
                }
                for i, values in self.customers.items()
            ],
        }
        return World(Random(self.seed), document)


def scenario(seed: int) -> Scenario:
    """Up to eight customers: renames, swaps, cycles, changes, clears, name-only files, customers without a file."""
    random = Random(f"scenario {seed}")
    count = random.randint(1, 8)
    customers = {
        i: {
            "Name": f"Customer {i}",
            "Website": random.choice(TEXTS).replace(" ", ""),
            "Address": random.choice(TEXTS),
            **{f"Fields.{name}": random.choice(TEXTS) for name in FIELDS},
        }
        for i in range(1, count + 1)
    }
    managed = [i for i in customers if random.random() < 0.85] or [1]
    movers = [i for i in managed if random.random() < 0.5]
    names = [customers[i]["Name"] for i in movers]
    random.shuffle(names)
    renamed = dict(zip(movers, names, strict=True))
    desired = {}
    for i in managed:
        name = renamed.get(i, customers[i]["Name"])
        if random.random() < 0.15:
            name = f"Firm {i}"
        desired[i] = {"Name": name}
        for attribute in customers[i]:
            if attribute != "Name" and random.random() < 0.4:
                same = random.random() < 0.4
                text = customers[i][attribute] if same else random.choice(TEXTS)
                desired[i][attribute] = text.replace(" ", "") if attribute == "Website" else text
    taken = [values["Name"] for values in desired.values()]
    for i in managed:
        if taken.count(desired[i]["Name"]) > 1:
            desired[i]["Name"] = f"Only {i}"
    return Scenario(seed, customers, desired, frozenset(customers) - frozenset(desired))


@dataclass
class Ran:
    """What one run came to."""

    number: int
    plan: Plan | None = None
    report: Report | None = None
    error: ReconcilerError | None = None
    code: int = 0
    first_call: int = 0
    journal: str = ""
    read_age: float = 10.0


@dataclass
class Machine:
    """Where the tool runs: a folder for its journal, and how it is set."""

    folder: Path
    parallel: int = 1
    read_age: float = 10.0
    runs: list[Ran] = field(default_factory=list)


def run_apply(world: World, wanted: Scenario, machine: Machine, *, key: str = "sandbox") -> Ran:
    """One `apply --yes` of the real code in this world."""
    world.run += 1
    ran = Ran(world.run, first_call=len(world.calls), read_age=machine.read_age)
    machine.runs.append(ran)
    stop = threading.Event()
    world.stop = None
    connection = connect(world, stop, key)
    settings = replace(
        Settings(root=machine.folder), url="https://x", parallel=machine.parallel, read_age=machine.read_age
    )
    world.journal = machine.folder / f"{world.run}.jsonl"
    try:
        manifest = wanted.manifest()
        planned = survey(connection, manifest, manifest.customers, settings, lambda _done, _total: None)
        ran.plan = planned.plan
        refused = guard.refusals(planned.plan, settings.limits, CONFIRM, connection.client.calls)
        if planned.plan.problems or refused or not planned.plan.edits:
            ran.code = 1 if planned.plan.problems else 3 if refused else 4 if planned.plan.missing else 0
            return ran
        journal = Journal(world.journal, world.clock, {"run": world.run})
        tools = Tools(
            connection.reader,
            Editor(connection.client, world.clock),
            journal,
            connection.retries,
            world.clock,
            stop,
            lambda _count: None,
            lambda _id, _outcome: None,
        )
        work = Apply(planned.plan, planned.observed, settings.rules, tools, read_age=machine.read_age)
        world.stop = stop
        ran.report = work.run(parallel=machine.parallel)
        journal.close()
        ran.code = exit_code(ran.report, signal_number=2 if stop.is_set() else None)
    except ReconcilerError as error:
        ran.error, ran.code = error, error.exit_code
    finally:
        ran.journal = world.journal.read_text() if world.journal.exists() else ""
    return ran


def connect(world: World, stop: threading.Event, key: str) -> Connection:
    """The real client over the world's network."""
    address = settle(f"http://{HOST}/", from_file=False)
    retries = RetryPolicy(world.clock, stop, world.random)
    client = Client(address, ApiKey(key), InProcess(world), Bounds(60.0, 10_000), world.clock)
    reader = Reader(client, retries, world.clock)
    return Connection(Target("sandbox:", None), reader, client, retries, stop, world.clock)


FAULTS: tuple[Any, ...] = (
    {"point": "P1", "action": "reset"},
    {"point": "P2", "action": "close"},
    {"point": "P2", "action": "hang"},
    {"point": "P3", "action": "reset"},
    {"point": "P3", "action": "hang"},
    {"point": "P4", "action": "reset"},
    {"point": "P5", "action": "close"},
    {"point": "P2", "action": {"do": "reply", "status": 500, "body": "<html>"}},
    {"point": "P3", "action": {"do": "reply", "status": 503, "body": "<html>"}},
    {"point": "P2", "action": {"do": "reply", "status": 429, "headers": {"Retry-After": "7"}}},
    {"point": "P3", "action": {"do": "reply", "body": "null"}},
    {"point": "P5", "action": {"do": "garble", "kind": "truncated"}},
    {"point": "P5", "action": {"do": "garble", "kind": "empty"}},
    {"point": "P2", "action": {"do": "delay", "seconds": 45}},
    {"point": "P2", "action": {"do": "later", "seconds": 90}},
    {"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "retain"}},
    {"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "retain", "attributes": ["Website"]}},
    {
        "point": "P2",
        "action": {"do": "reply", "status": 302, "headers": {"Location": "http://evil.localhost/x"}},
    },
    {
        "endpoint": "Customers",
        "point": "P3",
        "action": {"do": "reply", "body": '{"Result":{"Customers":[]}}'},
    },
    {
        "point": "P2",
        "action": {"do": "reply", "body": '{"Result":{"Error":{"Message":"Valid key required"}}}'},
    },
)


def faults(random: Random) -> list[dict[str, Any]]:
    """A few faults of the catalogue's kinds, each at some call."""
    chosen = []
    for _ in range(random.randint(0, 3)):
        fault = dict(random.choice(FAULTS))
        if "endpoint" not in fault and random.random() < 0.6:
            fault["endpoint"] = random.choice(["Customer", "CustomerEdit", "CustomerEdit"])
        fault["nth"] = random.randint(1, 4)
        chosen.append(fault)
    return chosen


def busy_human(wanted: Scenario, chance: float) -> Any:
    """Somebody who edits any attribute of any customer at any call."""
    attributes = ["Website", "Address", *(f"Fields.{name}" for name in FIELDS)]

    def act(world: World) -> None:
        if world.random.random() < chance:
            customer = world.random.choice(sorted(wanted.customers))
            if world.random.random() < 0.1:
                world.by_hand(customer, "Name", f"By hand {world.random.randint(1, 99)}")
            else:
                world.by_hand(customer, world.random.choice(attributes), f"hand {world.random.randint(1, 9)}")

    return act
