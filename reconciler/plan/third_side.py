"""git -> the third side of a comparison: the YAML of the merge base, what REF says by now, and what they hide.

Read by the settings of each commit. Makes no call to RPM; raises `InputError` where git cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.field_types import CompareRules
from reconciler.core.text import MASKED, printable
from reconciler.core.values import NotSaid, Problem
from reconciler.core.yaml.composer import PROBLEMS_LIMIT
from reconciler.customers.commit_settings import UnreadableSettings
from reconciler.customers.manifest import Manifest
from reconciler.customers.mask_names import same_but_for_spelling
from reconciler.customers.revision import CommitReader, CommittedYaml, NothingYet, read_commit
from reconciler.plan.base import NO_BASE, BaseSide, base_side, touched_since
from reconciler.plan.model import Base, ref_name
from reconciler.plan.rules import rule_changes, unknown_rules, widens
from reconciler.repo.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from reconciler.core.values import DesiredCustomer, ObservedCustomer
    from reconciler.customers.revision import CommitYaml
    from reconciler.plan.builder import PlanSides
    from reconciler.plan.model import Plan, RuleChange
    from reconciler.repo.git.model import MergeBase
    from reconciler.repo.settings import Settings


@dataclass(frozen=True, slots=True)
class ThirdSide:
    """What base says, and REF by now (the same where REF has not moved on). `masks` are what each commit hides, by its name in a sentence."""

    merge: MergeBase
    base: CommitYaml
    tip: CommitYaml
    rules_changed: tuple[RuleChange, ...]
    masks: tuple[tuple[str, frozenset[str] | NotSaid], ...]

    @property
    def mask(self) -> frozenset[str] | NotSaid:
        """The attributes that any of them hides; `NotSaid` where a settings file of theirs cannot be read: then they are not known."""
        return _union(mask for _, mask in self.masks)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What base has and does not say."""
        if isinstance(self.base, UnreadableSettings):
            return tuple(replace(it, warning=True) for it in self.base.problems)
        if isinstance(self.base, CommittedYaml):
            return tuple(replace(it, warning=True) for it in self.base.said.problems[:PROBLEMS_LIMIT])
        return ()

    def changed(self, customers: Sequence[DesiredCustomer]) -> Sequence[DesiredCustomer]:
        """The customers whose YAML differs from base's; all of them where the settings differ by which base is read."""
        if self.widened or not isinstance(self.base, CommittedYaml):
            return customers
        return self.base.said.changed(customers)

    @property
    def first(self) -> str:
        """Why this branch is the first, so that every attribute counts as new; nothing where base has customers."""
        return self.base.reason if isinstance(self.base, NothingYet) else ""

    @property
    def widened(self) -> tuple[str, ...]:
        """The changed settings because of which `--changed` narrows nothing."""
        return widens(self.rules_changed)

    def masked(self, rules: CompareRules, known: Callable[[], Collection[str]]) -> CompareRules:
        """The rules with what base and REF mask masked too: a branch cannot unmask, nor by writing a name otherwise.

        `known` gives the attributes of both sides.
        """
        mask = frozenset() if isinstance(self.mask, NotSaid) else self.mask
        if mask <= rules.mask:
            return rules
        return replace(rules, mask=rules.mask | mask | same_but_for_spelling(mask - rules.mask, known()))

    def keeping(self, settings: Settings) -> Settings:
        """The settings by which RPM is read: what base and REF mask is not kept on disk either.

        Everything is read, and nothing kept, where it is not known what must be masked, or base compares a masked attribute otherwise.
        """
        if isinstance(self.mask, NotSaid) or isinstance(self.base, UnreadableSettings):
            return replace(settings, refresh="full")
        rules = replace(settings.rules, mask=settings.rules.mask | self.mask)
        before = self.base.settings
        if before is not None and any(
            before.rules.field_type(it) != rules.field_type(it) for it in rules.mask
        ):
            return replace(settings, refresh="full")
        return replace(settings, rules=rules)

    def side(self, listed: Mapping[int, ObservedCustomer], manifest: Manifest) -> BaseSide:
        """What base says, by id."""
        return _side(self.base, listed, manifest)

    def told(self, plan: Plan, sides: PlanSides, manifest: Manifest) -> Plan:
        """The plan with what is to be said of its base."""
        behind = self.merge.behind
        touched: tuple[int, ...] = ()
        if self.merge.tip != self.merge.commit and plan.edits:
            tip = _side(self.tip, sides.listed, manifest)
            touched = touched_since(plan.edited_ids, sides.base, tip, sides.identities.found)
        base = Base(
            printable(self.merge.ref),
            self.merge.commit,
            self.merge.ahead,
            touched,
            "" if behind is None else printable(behind.upstream),
            0 if behind is None else behind.commits,
            self.first,
            str(self.base.problems[0]) if isinstance(self.base, UnreadableSettings) else "",
            self.base.said.problems[:PROBLEMS_LIMIT] if isinstance(self.base, CommittedYaml) else (),
        )
        told = replace(plan, base=base, rules_changed=self.rules_changed)
        return _without_before(told) if isinstance(self.mask, NotSaid) else told

    def notes(self, settings: Settings, *, changed: bool) -> Iterable[str]:
        """What the plan says of masks that the branch took away, and of `--changed` that narrowed nothing."""
        if isinstance(self.mask, NotSaid):
            yield f"what must be masked is not known, so no value of RPM is shown: {self.mask.reason}"
        else:
            masking = {
                path: name
                for name, mask in reversed(self.masks)
                if not isinstance(mask, NotSaid)
                for path in mask
            }
            for path in sorted(self.mask - settings.rules.mask):
                yield f"{printable(path)} is masked, because {masking[path]} masks it, until that is merged"
        if changed and self.widened:
            several = ", ".join(self.widened)
            yield f"--changed narrows nothing here: {several} of reconciler.yaml {'differ' if len(self.widened) > 1 else 'differs'} from {ref_name(printable(self.merge.ref))}"


class Checkout(NamedTuple):
    """What a commit is compared with: the repository, and the manifest of its files on disk, if they were read already."""

    repository: Repository
    manifest: Manifest | None


def read_third_side(
    settings: Settings, ref: str, checkout: Checkout | None = None, *, masked_by: Sequence[str] = ()
) -> ThirdSide:
    """Read the merge base of REF and HEAD, and REF; `masked_by` are further refs whose masks hold.

    Of files that are in the manifest of the `checkout`, what base has too is not read again.
    """
    repository, manifest = checkout or Checkout(repository_of(settings, ref), None)
    with CommitReader(repository, settings, manifest) as commits:
        merge = commits.merge_base(ref)
        base = tip = commits.read(merge.commit, shown=ref)
        if merge.tip != merge.commit:
            tip = commits.read(merge.tip, shown=ref, like=base)
        name = ref_name(printable(ref))
        masks = [(name, _mask(base)), (name, _mask(tip))]
        for other in masked_by:
            commit = repository.resolve(other).commit
            if commit not in {merge.commit, merge.tip}:
                theirs = printable(other.removeprefix("refs/remotes/"))
                masks.append((theirs, _mask(commits.read(commit, shown=other, like=tip))))
    if isinstance(base, UnreadableSettings):
        changes = unknown_rules(settings.file, repository.root)
    else:
        now = settings.file or _defaults(settings, base.settings)
        changes = rule_changes(base.settings, now, repository.root)
    return ThirdSide(merge, base, tip, changes, tuple(masks))


class AuditedYaml(NamedTuple):
    """The YAML of a commit as the one side of an audit: its customers, the settings of the run, its own settings, its name."""

    manifest: Manifest
    settings: Settings
    own: Settings
    commit: str


def read_revision(settings: Settings, ref: str) -> AuditedYaml:
    """The YAML of REF itself, not of the merge base.

    The settings of the run get REF's rules of comparing; what either masks is masked, and what a flag ignores is ignored.
    Raises `InvalidFiles` with every problem at its place, and `InputError` where REF has no customers.
    """
    repository = repository_of(settings, ref)
    commit = repository.resolve(ref).commit
    yaml = read_commit(repository, commit, settings, shown=ref)
    if isinstance(yaml, UnreadableSettings):
        raise InvalidFiles(yaml.problems)
    if isinstance(yaml, NothingYet):
        raise InputError(f"reading base: {yaml.reason}", advice="name a commit that has customer files")
    if yaml.said.problems:
        raise InvalidFiles(yaml.said.problems)
    theirs, ours = yaml.settings.rules, settings.rules
    by_flag = ours.ignore - (settings.file.rules.ignore if settings.file else frozenset())
    rules = CompareRules(theirs.field_types, theirs.ignore | by_flag, theirs.mask | ours.mask)
    places = {**settings.places, **yaml.settings.places}
    manifest = Manifest(tuple(yaml.said.customers.values()), (), ())
    own = replace(yaml.settings, rules=rules)
    return AuditedYaml(manifest, replace(settings, rules=rules, places=places), own, commit)


def repository_of(settings: Settings, ref: str) -> Repository:
    """The repository that has REF."""
    repository = Repository.find(settings.root)
    if repository is None:
        what = f"reading base {printable(ref)}: {printable(str(settings.root))} is in no git repository"
        advice = "--base needs the history of git: run this in a clone, or leave --base out"
        raise InputError(what, advice=advice)
    return repository


def _defaults(settings: Settings, base: Settings | None) -> Settings | None:
    """What the checkout goes by where it has no settings file and base has none either: the same defaults."""
    return None if base is None else type(settings)(root=settings.root)


def _mask(yaml: CommitYaml) -> frozenset[str] | NotSaid:
    """What a commit masks."""
    if isinstance(yaml, UnreadableSettings):
        return NotSaid(str(yaml.problems[0]))
    return yaml.mask if isinstance(yaml, NothingYet) else yaml.settings.rules.mask


def _union(masks: Iterable[frozenset[str] | NotSaid]) -> frozenset[str] | NotSaid:
    """All of them; `NotSaid` if one is not known."""
    found: frozenset[str] = frozenset()
    for mask in masks:
        if isinstance(mask, NotSaid):
            return mask
        found |= mask
    return found


def _side(yaml: CommitYaml, listed: Mapping[int, ObservedCustomer], manifest: Manifest) -> BaseSide:
    """What a commit says, by id."""
    if isinstance(yaml, UnreadableSettings):
        return BaseSide(otherwise=NotSaid(str(yaml.problems[0])))
    if isinstance(yaml, NothingYet):
        return NO_BASE
    return base_side(yaml.said, yaml.settings.rules, listed, manifest.customers)


def _without_before(plan: Plan) -> Plan:
    """The plan without any value of RPM but names, which no mask can hide."""
    return replace(
        plan,
        edits=tuple(
            replace(
                edit,
                changes=tuple(
                    it if it.attribute == "Name" else replace(it, before=MASKED) for it in edit.changes
                ),
            )
            for edit in plan.edits
        ),
    )
