"""One `reconciler apply --yes`, from the files to the exit code, with the real code and this world's edges.

It wires what `connection` and the command line wire: client, reader, retries, lock, survey, guards, permission, journal,
apply, report. The clock, the network, the disk and the scheduler are the world's; everything between them is the product,
but that the hash of a masked value is quick to make here, and would be quick to guess.
"""

from __future__ import annotations

import io
import os
import signal
import threading
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from reconciler.apply.lock import exclusive, lock_identity
from reconciler.apply.result import exit_code
from reconciler.apply.run import apply_plan, check_allowed
from reconciler.cli.commands.apply import unwritten
from reconciler.cli.failures import failure_text
from reconciler.cli.signals import SignalWatch
from reconciler.core.clock import stamp
from reconciler.core.values import Target
from reconciler.customers.manifest import read_files
from reconciler.plan import masking
from reconciler.plan.document import dump
from reconciler.plan.guards import Confirmed, find_refusals
from reconciler.plan.run import PlanRequest, PlanResult, YamlSides, compare_with_rpm
from reconciler.repo.settings import Limits, Settings
from reconciler.report.documents import report_document
from reconciler.report.render import render
from reconciler.rpm import client
from reconciler.rpm.client import Bounds, Client
from reconciler.rpm.endpoint import settle
from reconciler.rpm.key import ApiKey
from reconciler.rpm.reader import Reader
from reconciler.rpm.retry import RetryPolicy
from reconciler.rpm.session import ReadSession, Session, check_subscriber
from tests.chaos.baton import Died
from tests.chaos.network import Wire
from tests.chaos.scenario import RULES
from tests.chaos.weather import CANARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.customers.manifest import Manifest
    from reconciler.plan.model import Plan
    from tests.chaos.world import World

URL: Final = "http://localhost:8080/rpm/api2.svc/"
TIMEOUT: Final = 60.0
_ADDRESS: Final = settle(URL, from_file=False)


@lru_cache(maxsize=1)
def _sound(*files: tuple[str, bytes]) -> Manifest:
    """What the files say; every machine of a story, and every story of a sweep, has the same."""
    manifest = read_files(files, RULES.field_types)
    assert not manifest.problems, manifest.problems
    return manifest


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, as its user sees it: exit code, plan, report (JSON), and all that was said or written.

    A run that died has no code. `committed` is how many commits there were when it ended.
    """

    run: int
    code: int | None
    plan: Plan | None
    report: dict[str, Any] | None
    said: str
    committed: int

    @property
    def empty(self) -> bool:
        """Whether there was nothing to do, and everything was there to be looked at."""
        return self.code == 0 and self.plan is not None and not self.plan.edits


class Tool:
    """The tool on one machine: what it keeps there outlives a run, and is gone on another machine."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self.folder = folder
        self.settings = Settings(
            root=folder,
            url=URL,
            subscriber=world.scenario.subscriber,
            parallel=world.scenario.parallel,
            timeout=TIMEOUT,
            read_age=world.scenario.read_age,
            limits=Limits(edits=1000, percent=100),
            rules=RULES,
        )
        self._manifest = _sound(*world.scenario.yaml())
        self._lock = lock_identity(self.settings)

    def apply(self) -> Ended:
        """One run; whatever it left behind in threads dies with it."""
        world = self._world
        world.ledger.run += 1
        world.ledger.allowed[world.ledger.run] = calls = world.weather.calls
        self.settings = replace(self.settings, limits=replace(self.settings.limits, calls=calls))
        errors, log = io.StringIO(), _Log()
        with (
            _own_signals(),
            redirect_stderr(errors),
            patch.object(client, "log", log),
            world.baton.conducting(),
            world.disk.spinning(),
            _quick_hashes(),
        ):
            ended = self._run()
            world.baton.bury()
        return replace(ended, said="\n".join([ended.said, errors.getvalue(), *log.lines]))

    def _run(self) -> Ended:
        """The exit code and what was said, or neither where the process died."""
        plan, report, said, code = None, None, "", None
        try:
            with self._planned() as (result, session):
                plan = result.plan
                self._world.ledger.planned[self._world.ledger.run] = len(self._world.ledger.calls)
                said = self._shown(result)
                check_allowed(result)
                signals = SignalWatch()
                outcome = apply_plan(
                    result,
                    session,
                    self.settings,
                    progress=lambda *_: None,
                    unwritten=unwritten,
                    control=signals.watch,
                )
                self._world.ledger.reported[self._world.ledger.run] = self._world.baton.now
                code = exit_code(outcome, signal_number=signals.caught)
                report = report_document(outcome)
                said += dump(report) + render(outcome, "text", width=100)
        except Died:
            said += "(died)"
        except Exception as error:  # noqa: BLE001 - as the command line meets it
            told, code = failure_text(error)
            said += told
        return Ended(self._world.ledger.run, code, plan, report, said, self._world.committed)

    @contextmanager
    def _planned(self) -> Iterator[tuple[PlanResult, Session]]:
        """The lock, a session and a plan."""
        created = stamp(self._world.clock)
        place = {"XDG_STATE_HOME": str(self.folder / "state")}
        with exclusive(self._lock, place, started=created):
            session = self._session()
            try:
                if self.settings.subscriber is not None:
                    check_subscriber(session.reads.reader, self.settings.subscriber)
                customers = self._manifest.customers
                plan, observed, rules, _ = compare_with_rpm(
                    session.reads,
                    YamlSides(self._manifest, customers),
                    self.settings,
                    progress=lambda *_: None,
                    warn=lambda *_: None,
                )
                ids = frozenset(it.customer_id for it in customers if it.customer_id is not None)
                made = session.client.calls
                found = find_refusals(plan, self.settings.limits, Confirmed(identities=ids), made)
                yield PlanResult(plan, found, observed, created, made, PlanRequest(), rules), session
            finally:
                session.client.close()

    def _session(self) -> Session:
        """The parts, wired as `open_session` wires them."""
        world, settings, stop = self._world, self.settings, threading.Event()
        retries = RetryPolicy(world.clock, stop, world.retry_random)
        bounds = Bounds(settings.timeout, settings.limits.calls)
        calls = Client(_ADDRESS, ApiKey(CANARY), Wire(world), bounds, world.clock)
        reader = Reader(calls, retries, world.clock)
        reads = ReadSession(Target(URL, settings.subscriber), reader, world.clock)
        return Session(reads, calls, retries, stop)

    def _shown(self, result: PlanResult) -> str:
        """The plan as it is saved, and in every fourth story as it is shown too: to lay text out costs more than to plan."""
        return render(result, "json") + (render(result, "text", width=100) if self._world.laid_out else "")

    def written(self) -> str:
        """Everything that lies on this machine's disk."""
        files = [Path(folder, name) for folder, _, names in os.walk(self.folder) for name in names]
        return "\n".join(path.read_text() for path in sorted(files))


class _Log:
    """What `--verbose` logs of each call: `logging.Logger`, as far as it is used."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, line: str, *values: object) -> None:
        self.lines.append(line % values)


@contextmanager
def _own_signals() -> Iterator[None]:
    """What a run sets up for signals ends with its process, and does not meet the next run."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _quick_hashes() -> Iterator[None]:
    """scrypt at its least cost: what it takes to guess a hash is nothing that a story could tell of."""
    with patch.object(masking, "_COST", 2):
        yield
