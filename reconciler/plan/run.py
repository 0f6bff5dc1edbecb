"""`make_plan`: settings and a request -> a plan, why it must not be applied as it is, and the reads that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from reconciler.core.clock import stamp
from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.customers.load import load_sound
from reconciler.customers.mask_names import attributes_of
from reconciler.customers.selection import EVERYBODY, Selection, selected
from reconciler.plan.builder import build_plan
from reconciler.plan.document import approvals, plan_document
from reconciler.plan.guards import Confirmed, find_refusals
from reconciler.plan.masking import masked_hash
from reconciler.plan.names import check_names
from reconciler.plan.refresh import read_sides
from reconciler.plan.remaining import check_base, check_remaining
from reconciler.plan.saved import check_target
from reconciler.rpm.session import target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer, ObservedCustomer, Problem
    from reconciler.customers.manifest import Manifest
    from reconciler.plan.document import Approvals
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Edit, Plan
    from reconciler.plan.saved import SavedPlan
    from reconciler.plan.third_side import ThirdSide
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import ReadSession


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Which plan is wanted: of which customers, against which commit, and what its user has confirmed.

    `base` is a ref; the plan is compared with its merge base with HEAD. `masked_by` are further refs whose masks hold. With
    `saved`, only the customers of that plan are read, what they need now must be what it permits, and its base is the base.
    """

    base: str | None = None
    changed: bool = False
    selection: Selection = field(default_factory=Selection)
    saved: SavedPlan | None = None
    confirmed: Confirmed = field(default_factory=Confirmed)
    masked_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanResult:
    """A plan as made just now.

    `observed` are the reads that it rests on, by id; `created` is the moment at which making it began (UTC, ISO form);
    `calls_made` counts the calls that making it took, `reads_in_doubt` those of them that were made although RPM's list told
    nothing new; `rules` are those by which it was compared and masked.
    """

    plan: Plan
    refusals: tuple[Refusal, ...]
    observed: Mapping[int, ObservedCustomer]
    created: str
    calls_made: int
    request: PlanRequest
    rules: CompareRules
    reads_in_doubt: int = 0

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
        saved = self.request.saved
        return self.approved.digest if saved is None else str(saved.document["digest"])

    @cached_property
    def approved(self) -> Approvals:
        """What an approval of this plan is bound to, and of each of its edits; spelled once, however often it is asked for."""
        return approvals(self.plan)

    @property
    def document(self) -> dict[str, Any]:
        """The plan as it is saved."""
        return plan_document(
            self.plan,
            self.approved,
            self.refusals,
            created=self.created,
            calls_made=self.calls_made,
            reads_in_doubt=self.reads_in_doubt,
        )


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
    manifest, third = _load(settings, request)
    warn(manifest.warnings)
    if third is not None:
        warn(third.warnings)
    chosen = _chosen(manifest, request, third, settings)
    if request.saved is not None:
        check_target(request.saved.document, target_of(settings), request.saved.name)
        # Its customers are few, and whatever it sets is looked for in all that RPM says of them.
        settings = replace(settings, refresh="full")
    session = connect()
    created = stamp(session.clock)
    yaml = YamlSides(manifest, chosen, third)
    compared = compare_with_rpm(session, yaml, settings, progress=progress, warn=warn)
    plan = compared.plan
    if third is not None:
        notes = third.notes(settings, changed=request.changed)
        plan = replace(plan, notes=(*plan.notes, *notes))
    if request.saved is not None:
        check_remaining(request.saved.plan, plan, compared.observed, compared.rules, request.saved.name)
    calls_made = session.reader.calls
    refusals = find_refusals(plan, settings.limits, request.confirmed, calls_made)
    return PlanResult(
        plan, refusals, compared.observed, created, calls_made, request, compared.rules, compared.in_doubt
    )


class YamlSides(NamedTuple):
    """What YAML says: every customer of the checkout, those of them that the run is about, and base where there is one."""

    manifest: Manifest
    chosen: Sequence[DesiredCustomer]
    third: ThirdSide | None = None


class Compared(NamedTuple):
    """A plan, the reads that it rests on by id, the rules by which it was made, and how many reads doubt alone asked for."""

    plan: Plan
    observed: Mapping[int, ObservedCustomer]
    rules: CompareRules
    in_doubt: int


def compare_with_rpm(
    session: ReadSession,
    yaml: YamlSides,
    settings: Settings,
    *,
    progress: Callable[[int, int], None],
    warn: Callable[[Sequence[Problem]], None],
) -> Compared:
    """Read RPM and plan. Raises `InputError` for a mask that would hide nothing because of its spelling."""
    manifest, chosen, third = yaml
    reading = settings if third is None else third.keeping(settings)
    sides = read_sides(session, manifest, chosen, reading, progress)
    rules = check_names(settings, manifest, sides.fields, warn=warn)
    if third is None:
        plan = build_plan(sides, rules, session.target)
        return Compared(_with_masked_hashes(plan), sides.observed, rules, sides.in_doubt)
    rules = third.masked(rules, lambda: sides.fields | attributes_of(manifest))
    sides = replace(sides, base=third.side(sides.listed, manifest))
    plan = _with_masked_hashes(build_plan(sides, rules, session.target))
    return Compared(third.told(plan, sides, manifest), sides.observed, rules, sides.in_doubt)


def _with_masked_hashes(plan: Plan) -> Plan:
    """The plan with the hash of what each edit sends masked; side by side, because each takes some 40 ms of a core."""
    masked = [edit for edit in plan.edits if any(change.masked for change in edit.changes)]
    if not masked:
        return plan
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - few plans have masked edits

    with ThreadPoolExecutor() as threads:
        hashes = dict(zip(masked, threads.map(_masked_hash, masked), strict=True))
    return replace(
        plan, edits=tuple(replace(it, masked_hash=hashes[it]) if it in hashes else it for it in plan.edits)
    )


def _masked_hash(edit: Edit) -> str:
    """The hash of what an edit sends masked."""
    return masked_hash(edit.customer_id, {it.attribute: it.after for it in edit.changes if it.masked})


def _load(settings: Settings, request: PlanRequest) -> tuple[Manifest, ThirdSide | None]:
    """What the files say, and base where the request has one: git is looked for first, because an error there is known at once."""
    ref = _base_of(request)
    narrowed = request.saved is not None or request.selection != EVERYBODY
    if ref is None:
        return load_sound(settings, narrowed=narrowed), None
    from reconciler.plan import third_side  # noqa: PLC0415 - what asks git takes long to import

    repository = third_side.repository_of(settings, ref)
    manifest = load_sound(settings, narrowed=narrowed, repository=repository)
    checkout = third_side.Checkout(repository, manifest)
    third = third_side.read_third_side(settings, ref, checkout, masked_by=request.masked_by)
    if request.saved is not None:
        check_base(request.saved.plan, third.merge.commit, request.saved.name)
    return manifest, third


def _base_of(request: PlanRequest) -> str | None:
    """The ref that the request, or its saved plan, names for its base; None where it has none."""
    if request.saved is not None:
        saved = request.saved.plan.base
        if request.base is not None and (saved is None or printable(request.base) != saved.ref):
            made = "without a base" if saved is None else f"with --base {saved.ref}"
            raise InputError(
                f"reading the plan {request.saved.name}: it was made {made}, and that cannot be changed",
                advice="leave --base out",
            )
        return None if saved is None else saved.ref
    if request.base is None and request.changed:
        raise InputError(
            "--changed needs --base REF, to know what changed",
            advice="as in --base origin/main --changed",
        )
    return request.base


def _chosen(
    manifest: Manifest, request: PlanRequest, third: ThirdSide | None, settings: Settings
) -> Sequence[DesiredCustomer]:
    """The customers that the request is about."""
    if request.saved is not None:
        return _of_saved(manifest, request.saved.plan)
    chosen = selected(manifest, request.selection, settings)
    return third.changed(chosen) if third is not None and request.changed else chosen


def _of_saved(manifest: Manifest, saved: Plan) -> tuple[DesiredCustomer, ...]:
    """The customers that a saved plan edits; one without an id goes by its name, which cannot change."""
    names = {edit.name for edit in saved.edits}
    ids = saved.edited_ids
    return tuple(
        it
        for it in manifest.customers
        if it.customer_id in ids or (it.customer_id is None and it.name in names)
    )
