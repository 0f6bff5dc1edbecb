"""Observed values -> the customer files, each rewritten once, whole or not at all.

Reads the files again before editing them: a customer that says something else than what was compared is left alone, and so,
unless its id was given, is one whose file has changes that are not committed. Nothing is written before all the
files that would come out were read together and found without a problem.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reconciler.adopt.candidates import (
    Candidate,
    NotAdopted,
    conflicts_of,
    find_candidates,
    judge,
)
from reconciler.core.errors import InputError
from reconciler.customers.edit_files import read_current, replace_files, rewrite_files
from reconciler.customers.load import load_sound
from reconciler.plan.run import YamlSides, compare_with_rpm
from reconciler.plan.third_side import read_third_side
from reconciler.repo.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from reconciler.core.values import CustomerKey, DesiredCustomer, Problem
    from reconciler.customers.edit_files import CurrentFile, Rewritten
    from reconciler.customers.manifest import Manifest
    from reconciler.plan.model import Missing
    from reconciler.plan.run import Compared
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import ReadSession

_NOTHING_WRITTEN: Final = "nothing was written; `reconciler drift` lists what has drifted"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A value that a file says now, and the line on which it does."""

    candidate: Candidate
    line: int


@dataclass(frozen=True, slots=True)
class AdoptResult:
    """What adopting came to; `problems` are what kept attributes from being compared at all."""

    adopted: tuple[Adopted, ...]
    left: tuple[NotAdopted, ...]
    missing: tuple[Missing, ...]
    problems: tuple[Problem, ...]
    calls_made: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing is left: no drifted value, no customer that RPM lacks, nothing that could not be compared."""
        return not (self.missing or self.problems or self.left)


def chosen_by(manifest: Manifest, asked: Collection[int]) -> Sequence[DesiredCustomer]:
    """The customers to read: those asked for, and any that has no id yet; all when none is asked for."""
    if not asked:
        return manifest.customers
    ids = {it.customer_id for it in manifest.customers}
    if None not in ids and (unknown := sorted(set(asked) - ids)):
        raise InputError(f"adopting: no file has CustomerID {_several(unknown)}", advice=_NOTHING_WRITTEN)
    return [it for it in manifest.customers if it.customer_id in asked or it.customer_id is None]


def adopt_drift(
    settings: Settings,
    asked: Collection[int],
    connect: Callable[[], ReadSession],
    *,
    base: str | None = None,
    progress: Callable[[int, int], None],
    warn: Callable[[Sequence[Problem]], None],
) -> AdoptResult:
    """Write the drifted values of the customers asked for, or of all, into their files. Makes read calls alone.

    With `base`, only what RPM changed since its merge base with HEAD and the checkout did not. Raises `InvalidFiles`, `InputError`,
    `Refused` (a list that cannot be trusted), `RemoteError`; then nothing was written.
    """
    third = None if base is None else read_third_side(settings, base)
    manifest = load_sound(settings, narrowed=bool(asked))
    warn(manifest.warnings)
    if third is not None:
        warn(third.warnings)
    chosen = chosen_by(manifest, asked)
    session = connect()
    if third is not None and third.first:
        session.announce(f"{third.first}, so every difference counts as this branch's and none as drift")
    yaml = YamlSides(manifest, chosen, third)
    compared = compare_with_rpm(session, yaml, settings, progress=progress, warn=warn)
    adopted = _adopt(compared, manifest, asked, settings, three_sides=third is not None)
    return replace(adopted, calls_made=session.reader.calls)


def _adopt(
    compared: Compared,
    manifest: Manifest,
    asked: Collection[int],
    settings: Settings,
    *,
    three_sides: bool,
) -> AdoptResult:
    """Write the drifted values of the customers asked for, or of all, into their files."""
    found = find_candidates(compared, manifest.customers, three_sides=three_sides)
    _check_asked(asked, found, compared.plan.missing)
    found = [it for it in found if not asked or it.customer_id in asked]
    files = read_current({it.customer.file for it in found}, settings)
    found, uncommitted = (found, []) if asked else _committed(found, files, settings)
    changed: list[NotAdopted] = []
    while True:
        kept, left = judge(found, manifest.customers, settings.rules, conflicts_of(compared.plan), asked)
        rewritten = rewrite_files(files, kept, manifest, settings)
        if not rewritten.changed:
            break
        found, others = _unchanged(found, rewritten.changed)
        changed += others
    adopted, unwritten = _written(kept, rewritten, files, settings)
    settled = {it.candidate.customer.mark("Name") for it in adopted if it.candidate.attribute == "Name"}
    return AdoptResult(
        adopted=tuple(adopted),
        left=(*uncommitted, *changed, *left, *unwritten),
        missing=() if asked else compared.plan.missing,
        problems=tuple(it for it in compared.plan.problems if it.mark not in settled),
    )


def _check_asked(asked: Collection[int], found: Sequence[Candidate], missing: Sequence[Missing]) -> None:
    """Raise for an id that has not drifted: whoever asked for it believes something else."""
    gone = sorted({it.customer_id for it in missing if it.customer_id} & set(asked))
    if gone:
        raise InputError(f"adopting: RPM has no customer {_several(gone)}", advice=_NOTHING_WRITTEN)
    if equal := sorted(set(asked) - {it.customer_id for it in found}):
        what = f"adopting: RPM and YAML do not differ by drift for customer {_several(equal)}"
        raise InputError(what, advice=_NOTHING_WRITTEN)


def _several(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids))


def _committed(
    found: Sequence[Candidate], files: Mapping[str, CurrentFile], settings: Settings
) -> tuple[list[Candidate], list[NotAdopted]]:
    """The candidates whose files' bytes HEAD has, and the others; outside git, all of them.

    Raises `GitRefused` where git does not say what HEAD has.
    """
    repository = Repository.find(settings.root / settings.customers) if found else None
    if repository is None:
        return list(found), []
    paths = {file: repository.path(path) for file, (path, _) in files.items()}
    uncommitted = repository.uncommitted({paths[file]: content for file, (_, content) in files.items()})
    touched = {file for file, path in paths.items() if path in uncommitted}
    reason = "its file has uncommitted changes; commit them, or give the id"
    return (
        [it for it in found if it.customer.file not in touched],
        [NotAdopted(it, reason) for it in found if it.customer.file in touched],
    )


def _unchanged(
    found: Sequence[Candidate], changed: Collection[tuple[str, CustomerKey]]
) -> tuple[list[Candidate], list[NotAdopted]]:
    """The candidates whose files still ask for what was compared, and the others."""
    kept, left = [], []
    for it in found:
        if (it.customer.file, it.customer.key) in changed:
            left.append(NotAdopted(it, "its file was changed meanwhile; run adopt again"))
        else:
            kept.append(it)
    return kept, left


def _written(
    kept: Sequence[Candidate], rewritten: Rewritten, files: Mapping[str, CurrentFile], settings: Settings
) -> tuple[list[Adopted], list[NotAdopted]]:
    """Replace the files of the candidates: what was written, and what could not be."""
    reasons = replace_files(files, rewritten.contents, settings)
    adopted, left = [], []
    for it in kept:
        if reason := reasons.get(it.customer.file):
            left.append(NotAdopted(it, reason))
        else:
            place = rewritten.places[it.customer.file, it.customer.key]
            adopted.append(Adopted(it, place.mark(it.attribute).line))
    return adopted, left
