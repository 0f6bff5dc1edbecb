"""`make_plan`: settings and a request -> a plan, why it must not be applied as it is, and the reads that it rests on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reconciler.core.clock import stamp
from reconciler.core.errors import InputError
from reconciler.customers.load import load_at, load_sound
from reconciler.customers.selection import Selection, changed_since, selected
from reconciler.plan.builder import build_plan
from reconciler.plan.document import digest
from reconciler.plan.guards import Confirmed, find_refusals
from reconciler.plan.identity import identify
from reconciler.plan.masking import masked_hash
from reconciler.plan.refresh import read_sides
from reconciler.plan.remaining import check_remaining
from reconciler.plan.saved import check_target
from reconciler.rpm.session import target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reconciler.core.values import DesiredCustomer, ObservedCustomer, Problem
    from reconciler.customers.manifest import Manifest
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Edit, Plan
    from reconciler.plan.saved import SavedPlan
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import ReadSession


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Which plan is wanted: of which customers, against which commit, and what its user has confirmed.

    With `saved`, only the customers of that plan are read, and what they need now must be what it permits.
    """

    base: str | None = None
    changed: bool = False
    selection: Selection = field(default_factory=Selection)
    saved: SavedPlan | None = None
    confirmed: Confirmed = field(default_factory=Confirmed)


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A plan as made just now.

    `observed` are the reads that it rests on, by id; `created` is the moment at which making it began (UTC, ISO form);
    `calls_made` counts the calls that making it took.
    """

    plan: Plan
    refusals: tuple[Refusal, ...]
    observed: Mapping[int, ObservedCustomer]
    created: str
    calls_made: int
    request: PlanRequest

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What `apply` would send, in working order."""
        return self.plan.edits

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What must be fixed in the files before anything is sent."""
        return self.plan.problems

    @property
    def digest(self) -> str:
        """What an approval is bound to: that of the saved plan, where there is one."""
        return digest(self.plan if self.request.saved is None else self.request.saved.plan)


def make_plan(
    settings: Settings,
    request: PlanRequest,
    connect: Callable[[], ReadSession],
    *,
    progress: Callable[[int, int], None],
    warn: Callable[[Sequence[Problem]], None],
) -> PlanResult:
    """Load the files, read RPM, compare, and judge the plan. Makes read calls alone, and none before the files are sound.

    `progress` is told how many reads of how many are done, `warn` of what is doubtful in the files. Raises
    `InvalidFiles`, `InputError`, `Refused` (a list that cannot be trusted, a saved plan that is stale), `RemoteError`.
    """
    manifest = load_sound(settings)
    warn(manifest.warnings)
    base = load_at(settings, request.base) if request.base else None
    chosen = _chosen(manifest, request, base, settings)
    if request.saved is not None:
        check_target(request.saved.document, target_of(settings), request.saved.name)
        # Its customers are few, and whatever it sets is looked for in all that RPM says of them.
        settings = replace(settings, refresh="full")
    session = connect()
    created = stamp(session.clock)
    plan, observed = compare_with_rpm(session, manifest, chosen, settings, progress, base)
    if request.saved is not None:
        check_remaining(request.saved.plan, plan, observed, settings.rules, request.saved.name)
    calls_made = session.reader.calls
    refusals = find_refusals(plan, settings.limits, request.confirmed, calls_made)
    return PlanResult(plan, refusals, observed, created, calls_made, request)


def compare_with_rpm(
    session: ReadSession,
    manifest: Manifest,
    chosen: Sequence[DesiredCustomer],
    settings: Settings,
    progress: Callable[[int, int], None],
    base: Manifest | None = None,
) -> tuple[Plan, Mapping[int, ObservedCustomer]]:
    """Read RPM and plan; the reads are returned beside the plan. `base` is the third side."""
    sides = read_sides(session, manifest, chosen, settings, progress)
    if base is not None:
        sides = replace(sides, base=_by_id(base, sides.listed))
    return _with_masked_hashes(build_plan(sides, settings.rules, session.target)), sides.observed


def _with_masked_hashes(plan: Plan) -> Plan:
    """The plan with the hash of what each edit sends masked; side by side, because each takes some 40 ms of a core."""
    masked = [edit for edit in plan.edits if any(change.masked for change in edit.changes)]
    if not masked:
        return plan
    with ThreadPoolExecutor() as threads:
        hashes = dict(zip(masked, threads.map(_masked_hash, masked), strict=True))
    return replace(
        plan, edits=tuple(replace(it, masked_hash=hashes[it]) if it in hashes else it for it in plan.edits)
    )


def _masked_hash(edit: Edit) -> str:
    """The hash of what an edit sends masked."""
    return masked_hash(edit.customer_id, {it.attribute: it.after for it in edit.changes if it.masked})


def _chosen(
    manifest: Manifest, request: PlanRequest, base: Manifest | None, settings: Settings
) -> Sequence[DesiredCustomer]:
    """The customers that the request is about."""
    if request.saved is not None:
        chosen = _of_saved(manifest, request.saved.plan)
    else:
        chosen = selected(manifest, request.selection, settings)
    if not request.changed:
        return chosen
    if base is None:
        raise InputError(
            "--changed needs --base REF, to know what changed", advice="as in --base origin/main --changed"
        )
    return changed_since(base, chosen)


def _of_saved(manifest: Manifest, saved: Plan) -> tuple[DesiredCustomer, ...]:
    """The customers that a saved plan edits; one without an id goes by its name, which cannot change."""
    names = {edit.name for edit in saved.edits}
    ids = saved.edited_ids
    return tuple(
        it
        for it in manifest.customers
        if it.customer_id in ids or (it.customer_id is None and it.name in names)
    )


def _by_id(base: Manifest, listed: Mapping[int, ObservedCustomer]) -> dict[int, DesiredCustomer]:
    """The customers of base by id; one without goes by its name in RPM."""
    pinned = {it.customer_id: it for it in base.customers if it.customer_id is not None}
    return {**identify(base.customers, listed).found, **pinned}
