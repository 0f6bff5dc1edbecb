"""The Python API: what `plan`, `apply`, `drift`, `adopt` and `import` do, as methods that return values and print nothing.

A `Project` is one repository and one RPM. It opens a session when it first needs one and closes it at the end of `with`.
The commands call the same use cases (`make_plan`, `apply_plan`, `find_drift`, …), so both obey the same rules: nothing is
sent that the plan does not name, and what `apply` refuses is refused here.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from reconciler.core.arguments import (
    checked_callback,
    checked_flag,
    checked_ids,
    checked_instance,
    checked_number,
    checked_paths,
    checked_text,
    checked_texts,
)
from reconciler.core.clock import LONG_AGO, Clock, stamp
from reconciler.core.errors import InputError, Refused
from reconciler.core.text import printable
from reconciler.repo.settings import load_settings
from reconciler.rpm.session import LazySession, RunEnvironment, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reconciler.adopt.adopt import AdoptResult
    from reconciler.adopt.importer import ImportResult
    from reconciler.apply.result import ApplyReport
    from reconciler.core.clock import Moment
    from reconciler.core.values import ObservedCustomer
    from reconciler.customers.manifest import Manifest
    from reconciler.customers.selection import Selection
    from reconciler.drift.audit import AuditResult
    from reconciler.plan.guards import Confirmed
    from reconciler.plan.run import PlanResult
    from reconciler.repo.settings import Settings


def open(  # noqa: A001 - as in `reconciler.open(…)`; this module opens no file
    path: str | Path = ".",
    *,
    api_key: str | None = None,
    api_key_file: str | Path | None = None,
    ca_file: str | Path | None = None,
    announce: Callable[[str], None] | None = None,
    **settings: Any,
) -> Project:
    """Open the project of a folder, or of a path to its `reconciler.yaml`; nothing is read of RPM yet.

    `settings` are the commands' global flags by name and type: `url`, `subscriber`, `customers`, `parallel`, `timeout`,
    `read_age`, `refresh`, `max_edits`, `max_percent`, `max_calls`, `ignore`, `mask`. What is not given comes from
    `reconciler.yaml` and from `RPM_API_URL`, `RPM_API_KEY` and `RPM_CA_FILE`. `announce` is told what a command would say on stderr (a
    proxy in use, a snapshot thrown away). Raises `InputError` for settings that are wrong.
    """
    unknown = settings.keys() - _FLAGS
    if unknown:
        raise TypeError(f"open() got unknown settings: {', '.join(sorted(unknown))}")
    checked_text("api_key", api_key)
    checked_callback("announce", announce)
    for name in ("url", "customers"):
        checked_text(name, settings.get(name))
    for name in ("ignore", "mask"):
        if settings.get(name) is not None:
            settings[name] = checked_texts(name, settings[name])
    start = Path(os.path.realpath(_path("path", path)))
    if not start.exists():
        raise InputError(
            f"opening {printable(str(path))}: there is no such folder",
            advice="name the folder of reconciler.yaml",
        )
    variables: Mapping[str, str] = os.environ
    if api_key is not None:
        variables = {**os.environ, "RPM_API_KEY": api_key}
    key_file = None if api_key_file is None else _path("api_key_file", api_key_file)
    told = announce or _ignore
    trusted = None if ca_file is None else _path("ca_file", ca_file)
    environment = RunEnvironment(variables, key_file, Clock(), told, trusted)
    folder = start if start.is_dir() else start.parent
    return Project(load_settings(folder, settings, os.environ), environment)


_FLAGS = frozenset(
    {
        "url", "subscriber", "customers", "parallel", "timeout", "read_age", "refresh",
        "max_edits", "max_percent", "max_calls", "ignore", "mask",
    }
)  # fmt: skip


class Project:
    """One repository of customer files and the RPM it is about; use it in a `with` statement, from one thread."""

    def __init__(self, settings: Settings, environment: RunEnvironment) -> None:
        """`open` makes one; nothing is read or called yet."""
        self.settings = settings
        self._environment = environment
        self._session = LazySession(settings, environment)
        self._edited: dict[int, Moment] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.__exit__()

    def validate(self) -> Manifest:
        """Read every customer file, offline: the customers, and every problem and warning with its place."""
        from reconciler.customers.load import load  # noqa: PLC0415 - each use case is imported when it is used

        return load(self.settings)

    def plan(
        self,
        *,
        base: str | None = None,
        changed: bool = False,
        select: str | Iterable[str] = (),
        paths: str | Path | Iterable[str | Path] = (),
        confirm: Confirmed | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> PlanResult:
        """Compare YAML with RPM; makes read calls alone, by construction. The flags of `reconciler plan`.

        `confirm` lifts refusals as the `--confirm-…` flags do. `progress` is told (reads done, of how many), from any
        thread. Raises `InvalidFiles`, `InputError`, `Refused` (a list that cannot be trusted), `RemoteError`.
        """
        from reconciler.plan.run import PlanRequest, make_plan  # noqa: PLC0415

        checked_text("base", base)
        checked_flag("changed", changed)
        checked_callback("progress", progress)
        request = PlanRequest(base, changed, _selection(select, paths))
        if confirm is not None:
            request = replace(request, confirmed=_confirmed(confirm))
        self._session.count_anew()
        return make_plan(
            self.settings, request, self._session.reads, progress=progress or _ignore, warn=_ignore
        )

    def apply(
        self,
        plan: PlanResult,
        *,
        confirm: Confirmed | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> ApplyReport:
        """Send the edits of a plan that this project made, verify each answer, and report.

        Raises `Refused` (another apply runs, a limit, a conflict, a plan for another target, …) and `InvalidFiles` before the first edit; from the
        first edit on there is always a report, after a Ctrl-C too: it lets edits in flight end. A read older than `read_age` is made again first, so a plan may be kept
        for as long as it takes to review it.
        """
        from reconciler.apply.lock import exclusive, lock_identity  # noqa: PLC0415
        from reconciler.apply.run import apply_plan  # noqa: PLC0415
        from reconciler.plan.guards import find_refusals  # noqa: PLC0415
        from reconciler.plan.run import PlanResult  # noqa: PLC0415

        checked_instance("plan", plan, PlanResult, "a plan that this project made")
        checked_callback("progress", progress)
        if plan.plan.target != target_of(self.settings):
            advice = "apply it with the project that made it; nothing was edited"
            raise Refused("refused: this plan was made for another target", advice=advice)
        if confirm is not None:
            confirmed = _confirmed(confirm)
            found = find_refusals(plan.plan, self.settings.limits, confirmed, plan.calls_made)
            plan = replace(plan, refusals=found)
        clock = self._environment.clock
        plan = replace(plan, observed=self._still_valid(plan.observed))
        with exclusive(lock_identity(self.settings), self._environment.variables, started=stamp(clock)):
            session = self._session.open()
            self._session.count_anew(plan.calls_made)
            try:
                return apply_plan(
                    plan, session, self.settings, progress=progress or _ignore, unwritten=_ignore
                )
            finally:
                self._edited.update(dict.fromkeys(plan.plan.edited_ids, clock.now()))

    def _still_valid(self, observed: Mapping[int, ObservedCustomer]) -> dict[int, ObservedCustomer]:
        """The reads of a plan; one from before this project's own edit of that customer is too old at any age."""
        return {
            customer_id: read._replace(read_at=LONG_AGO)
            if customer_id in self._edited and read.read_at.running <= self._edited[customer_id].running
            else read
            for customer_id, read in observed.items()
        }

    def drift(
        self,
        *,
        base: str | None = None,
        select: str | Iterable[str] = (),
        paths: str | Path | Iterable[str | Path] = (),
        blame: bool = True,
        progress: Callable[[int, int], None] | None = None,
    ) -> AuditResult:
        """Compare the YAML of the checkout, or of the commit `base`, with RPM: every difference is drift.

        With `blame`, git is asked who set each line. Makes read calls alone. Raises as `plan` does.
        """
        from reconciler.drift.audit import AuditRequest, find_drift  # noqa: PLC0415

        checked_text("base", base)
        checked_flag("blame", blame)
        checked_callback("progress", progress)
        request = AuditRequest(base, _selection(select, paths), blame)
        self._session.count_anew()
        return find_drift(
            self.settings, request, self._session.reads, progress=progress or _ignore, warn=_ignore
        )

    def adopt(
        self,
        ids: Iterable[int] = (),
        *,
        base: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> AdoptResult:
        """Write drifted values of RPM into the YAML files, of these customers or of all. Makes read calls alone."""
        from reconciler.adopt.adopt import adopt_drift  # noqa: PLC0415

        asked = checked_ids("ids", ids)
        checked_text("base", base)
        checked_callback("progress", progress)
        self._session.count_anew()
        return adopt_drift(
            self.settings, asked, self._session.reads, base=base, progress=progress or _ignore, warn=_ignore
        )

    def import_customers(
        self,
        ids: Iterable[int] | None = None,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportResult:
        """Write a file for each of these customers that has none, or (None) for every one that RPM lists."""
        from reconciler.adopt.importer import import_customers  # noqa: PLC0415

        asked = None if ids is None else checked_ids("ids", ids)
        checked_callback("progress", progress)
        self._session.count_anew()
        return import_customers(self.settings, asked, self._session.reads, progress=progress or _ignore)


def _selection(select: str | Iterable[str], paths: str | Path | Iterable[str | Path]) -> Selection:
    """What narrows a run, a single text being one word; paths are taken from the working folder, as a command's are."""
    from reconciler.customers.selection import Selection  # noqa: PLC0415

    chosen = checked_texts("select", select)
    return Selection(tuple(Path(it).absolute() for it in checked_paths("paths", paths)), chosen)


def _path(name: str, value: str | Path) -> Path:
    """A single path."""
    checked_instance(name, value, (str, Path), "a path (a text or a pathlib.Path)")
    (path,) = checked_paths(name, value)
    return Path(path)


def _confirmed(confirm: Confirmed) -> Confirmed:
    """What was confirmed, as the guards compare it."""
    from reconciler.plan.guards import Confirmed  # noqa: PLC0415

    checked_instance("confirm", confirm, Confirmed, "a reconciler.Confirmed")
    for name, number in (("edits", confirm.edits), ("conflicts", confirm.conflicts)):
        if number is not None:
            checked_number(f"confirm.{name}", number)
    return replace(confirm, identities=frozenset(checked_ids("confirm.identities", confirm.identities)))


def _ignore(*_: object) -> None:
    """Nobody listens."""
