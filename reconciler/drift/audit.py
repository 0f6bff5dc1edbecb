"""`find_drift`: the YAML of the checkout, or of a commit, compared with RPM. Two sides, so each difference is drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.core.clock import stamp
from reconciler.core.text import printable
from reconciler.customers.load import load_sound
from reconciler.customers.selection import EVERYBODY, Selection, selected
from reconciler.drift.blame import Drifted, find_origins
from reconciler.drift.model import Drift
from reconciler.plan.builder import build_audit
from reconciler.plan.names import check_names
from reconciler.plan.refresh import read_sides
from reconciler.plan.third_side import read_revision
from reconciler.repo.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reconciler.core.values import Problem
    from reconciler.drift.model import Origin
    from reconciler.plan.builder import PlanSides
    from reconciler.plan.model import Plan
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import ReadSession


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Drift as found just now: `created` is the moment (UTC, ISO form), `calls_made` what finding it took.

    `reads_in_doubt` counts the calls that were made although RPM's list told nothing new.
    """

    drift: Drift
    created: str
    calls_made: int
    reads_in_doubt: int = 0


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """Which audit is wanted: of which YAML (the checkout's, or a commit's), of which customers, and whether git is asked who set it."""

    base: str | None = None
    selection: Selection = EVERYBODY
    blame: bool = True


def find_drift(
    settings: Settings,
    request: AuditRequest,
    connect: Callable[[], ReadSession],
    *,
    progress: Callable[[int, int], None],
    warn: Callable[[Sequence[Problem]], None],
) -> AuditResult:
    """Load the files, read RPM, compare, and ask git who set what drifted. Makes read calls alone.

    Raises `InvalidFiles`, `InputError`, `Refused` (a list that cannot be trusted), `RemoteError`.
    """
    repository = Repository.find(settings.root) if request.blame else None
    commit, place = None, settings
    if request.base is None:
        manifest = load_sound(settings, narrowed=request.selection != EVERYBODY)
        warn(manifest.warnings)
    else:
        manifest, settings, place, commit = read_revision(settings, request.base)
    chosen = selected(manifest, request.selection, settings)
    session = connect()
    created = stamp(session.clock)
    sides = read_sides(session, manifest, chosen, settings, progress)
    rules = check_names(settings, manifest, sides.fields, warn=warn)
    plan = build_audit(sides, rules, session.target)
    calls_made = session.reader.calls
    since = {edit.customer_id: sides.observed[edit.customer_id].modified for edit in plan.edits}
    origins, trouble = _origins(repository, plan, sides, place, commit) if request.blame else ({}, "")
    return AuditResult(Drift(plan, since, origins, trouble), created, calls_made, sides.in_doubt)


def _origins(
    repository: Repository | None,
    plan: Plan,
    sides: PlanSides,
    settings: Settings,
    commit: str | None,
) -> tuple[Mapping[tuple[int, str], Origin], str]:
    """What git knows of the drifted attributes, or why it knows nothing."""
    if repository is None:
        return {}, "there is no git repository here"
    try:
        folder = repository.path(settings.root / settings.customers)
    except ValueError:
        return {}, "the customers folder is outside the git repository"
    since = {edit.customer_id: sides.observed[edit.customer_id].modified for edit in plan.edits}
    found = sides.identities.found
    shown = printable(settings.customers.rstrip("/"))
    return find_origins(repository, Drifted(plan.edits, found, since, settings.rules, commit, folder, shown))
