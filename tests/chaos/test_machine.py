"""A Hypothesis state machine over the same world: whatever is done in whatever order, every oracle holds after every run.

Where the seeds draw whole stories, Hypothesis looks for a short one that goes wrong, and shrinks it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from reconciler.sandbox import manual_edit
from tests.chaos.oracles import complaints_about
from tests.chaos.scenario import NAMES, VALUES, File, Record, Scenario
from tests.chaos.story import finished
from tests.chaos.tool import Ended, Tool
from tests.chaos.weather import KINDS
from tests.chaos.world import Fate, World
from tests.kit.profile import tries
from tests.kit.scratch import scratch

IDS = (101, 102, 103)
FREE = NAMES[: len(IDS) + 1]
PATHS = ("Website", "Fields.Tier", "Fields.Renewal date", "Fields.Remarks")
ANY_ID = st.sampled_from(IDS)
ANY_VALUE = st.sampled_from(PATHS).flatmap(
    lambda path: st.tuples(st.just(path), st.sampled_from(VALUES[path]))
)
ENDPOINTS = st.sampled_from(("Customers", "Customer", "CustomerEdit"))


def by_hand(world: World, customer: int, value: tuple[str, str]) -> None:
    """Somebody sets one attribute."""
    manual_edit.edit(world.sandbox.store, customer, dict([value]))


class Subscription(RuleBasedStateMachine):
    """Three customers, two of them with files; YAML, people, the network and the machine do as they like."""

    def __init__(self) -> None:
        super().__init__()
        records = tuple(Record(i, name, {"Fields.Tier": "Gold"}) for i, name in zip(IDS, FREE, strict=False))
        files = tuple(File(i, {"Name": name}) for i, name in zip(IDS[:2], FREE, strict=False))
        self.world = World(Scenario(records, files, parallel=2), "machine")
        self.scratch = scratch()
        self.folder = Path(self.scratch.name)
        self.machines = 1
        self.faults: dict[tuple[str, int], str] = {}

    def teardown(self) -> None:
        self.world.close()
        self.scratch.cleanup()

    @rule(customer=st.sampled_from(IDS[:2]), value=ANY_VALUE)
    def yaml_says(self, customer: int, value: tuple[str, str]) -> None:
        """A line of a file is written."""
        path, text = value
        self._rewrite(customer, {path: text})

    @rule(customer=st.sampled_from(IDS[:2]), path=st.sampled_from(PATHS))
    def yaml_lets_go(self, customer: int, path: str) -> None:
        """A line of a file is removed."""
        self._rewrite(customer, {path: None})

    @rule(names=st.permutations(FREE))
    def yaml_renames(self, names: list[str]) -> None:
        """The files want other names, each another one."""
        for customer, name in zip(IDS[:2], names, strict=False):
            self._rewrite(customer, {"Name": name})

    def _rewrite(self, customer: int, lines: dict[str, str | None]) -> None:
        files = []
        for file in self.world.scenario.files:
            values = {**file.values, **lines} if file.customer_id == customer else file.values
            files.append(replace(file, values={path: it for path, it in values.items() if it is not None}))
        self.world.scenario = replace(self.world.scenario, files=tuple(files))

    @rule(customer=ANY_ID, value=ANY_VALUE)
    def hand_edits(self, customer: int, value: tuple[str, str]) -> None:
        """Somebody edits a customer in RPM."""
        by_hand(self.world, customer, value)

    @rule(endpoint=ENDPOINTS, nth=st.integers(1, 4), customer=ANY_ID, value=ANY_VALUE)
    def hand_will_edit(self, endpoint: str, nth: int, customer: int, value: tuple[str, str]) -> None:
        """Somebody will, just before one of the next run's calls."""
        deeds = {**self.world.fate.deeds, (endpoint, nth): lambda world: by_hand(world, customer, value)}
        self.world.fate = replace(self.world.fate, deeds=deeds)

    @rule(endpoint=ENDPOINTS, nth=st.integers(1, 4), kind=st.sampled_from(KINDS))
    def network_will_fail(self, endpoint: str, nth: int, kind: str) -> None:
        """One of the next run's calls goes wrong."""
        self.world.fate = replace(self.world.fate, faults={**self.world.fate.faults, (endpoint, nth): kind})

    @rule(point=st.integers(1, 40))
    def process_will_die(self, point: int) -> None:
        """The next run dies on its way."""
        self.world.fate = replace(self.world.fate, die_at=point)

    @rule()
    def another_machine(self) -> None:
        """What was written on this one is not there any more."""
        self.machines += 1

    @rule(seconds=st.sampled_from((0.0, 5.0, 600.0)))
    def time_passes(self, seconds: float) -> None:
        """Nobody does anything."""
        self.world.baton.sleep(seconds)

    @rule()
    def apply(self) -> None:
        """One run, held against every oracle of a run."""
        self.world.begin_anew()
        self._check(self._tool().apply())
        self.world.fate = Fate()

    @rule()
    def quiet_day(self) -> None:
        """Nothing goes wrong, and two runs leave nothing to do but what YAML and RPM cannot both have."""
        self.world.fate = Fate()
        calm = finished(self.world, self._tool())
        for ended in calm:
            self._check(ended)
        last = calm[-1].plan
        assert last is not None
        assert last.problems or not last.edits, last.edits

    def _tool(self) -> Tool:
        return Tool(self.world, self.folder / str(self.machines))

    def _check(self, ended: Ended) -> None:
        complaints = complaints_about(self.world, ended)
        assert not complaints, "\n".join(complaints)

    @invariant()
    def nobody_touched_the_third(self) -> None:
        """The customer without a file is as people left it."""
        commits = self.world.ledger.commits
        assert all(it.author == "hand" for it in commits if it.customer_id == IDS[2])


Subscription.TestCase.settings = settings(
    max_examples=tries(short=50, long=300),
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestSubscription = Subscription.TestCase
