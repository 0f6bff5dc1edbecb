"""Observed values -> the customer files, each rewritten once, whole or not at all.

Reads the files again before editing them: one that says something else than what was compared is left alone, and so,
unless its customers were asked for, is one with changes that git has not seen. Nothing is written before all the
files that would come out were read together and found without a problem.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reconciler.adopt.candidates import Candidate, Compared, NotAdopted, find_candidates, in_conflict, judged
from reconciler.core.errors import InputError, InvalidFiles
from reconciler.core.text import printable
from reconciler.customers.discovery import read_folder
from reconciler.customers.load import load_at, load_sound
from reconciler.customers.manifest import read_files
from reconciler.customers.rewrite import edited
from reconciler.plan.run import compare_with_rpm
from reconciler.repo import atomic, git

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from reconciler.core.values import DesiredCustomer, Problem
    from reconciler.customers.manifest import Manifest
    from reconciler.plan.model import Missing
    from reconciler.repo.settings import Settings
    from reconciler.rpm.session import ReadSession

_NOTHING_WRITTEN: Final = "nothing was written; `reconciler drift` lists what has drifted"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A value that a file says now, and the line on which it does."""

    wish: Candidate
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
        """Whether everything that was asked for could be done."""
        return not (self.missing or self.problems or any(it.failed for it in self.left))


def chosen_by(manifest: Manifest, asked: Collection[int]) -> Sequence[DesiredCustomer]:
    """The customers to read: those asked for, and any that has no id yet; all when none is asked for."""
    if not asked:
        return manifest.customers
    named = {it.customer_id for it in manifest.customers}
    nameless = [it for it in manifest.customers if it.customer_id is None]
    if not nameless and (unknown := sorted(set(asked) - named)):
        raise InputError(f"adopting: no file is of customer {_several(unknown)}", advice=_NOTHING_WRITTEN)
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

    With `base`, only what RPM changed since that commit and the checkout did not. Raises `InvalidFiles`, `InputError`,
    `Refused` (a list that cannot be trusted), `RemoteError`; then nothing was written.
    """
    manifest = load_sound(settings)
    warn(manifest.warnings)
    then = None if base is None else load_at(settings, base)
    chosen = chosen_by(manifest, asked)
    session = connect()
    compared = Compared(*compare_with_rpm(session, manifest, chosen, settings, progress, then))
    adopted = _adopt(compared, manifest, asked, settings, three_sides=then is not None)
    return replace(adopted, calls_made=session.reader.calls)


def _adopt(
    compared: Compared,
    manifest: Manifest,
    asked: Collection[int],
    settings: Settings,
    *,
    three_sides: bool,
) -> AdoptResult:
    """What of the comparison can be written, written."""
    found = find_candidates(compared, manifest.customers, three_sides=three_sides)
    _check_asked(asked, found, compared.plan.missing)
    found = [wish for wish in found if not asked or wish.customer_id in asked]
    found, uncommitted = (found, []) if asked else _committed(found, settings)
    contents, errors, _ = read_folder(settings.root / settings.customers, settings.customers)
    if errors:
        raise InvalidFiles(errors)
    found, moved = _unmoved(found, manifest, dict(contents), settings)
    kept, left = judged(found, manifest.customers, settings.rules, in_conflict(compared.plan))
    adopted = _write(kept, dict(contents), manifest, settings) if kept else []
    settled = {it.wish.customer.mark("Name") for it in adopted if it.wish.attribute == "Name"}
    return AdoptResult(
        adopted=tuple(adopted),
        left=(*uncommitted, *moved, *left),
        missing=() if asked else compared.plan.missing,
        problems=tuple(it for it in compared.plan.problems if it.mark not in settled),
    )


def _check_asked(asked: Collection[int], found: Sequence[Candidate], missing: Sequence[Missing]) -> None:
    """Raise for an id that has not drifted: whoever asked for it believes something else."""
    gone = sorted({it.customer_id for it in missing if it.customer_id} & set(asked))
    if gone:
        raise InputError(f"adopting: RPM has no customer {_several(gone)}", advice=_NOTHING_WRITTEN)
    still = sorted(set(asked) - {wish.customer_id for wish in found})
    if still:
        what = f"adopting: RPM and YAML do not differ by drift for customer {_several(still)}"
        raise InputError(what, advice=_NOTHING_WRITTEN)


def _several(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids))


def _committed(found: Sequence[Candidate], settings: Settings) -> tuple[list[Candidate], list[NotAdopted]]:
    """The wishes for files that are as git last saw them, and the others; outside git, all of them."""
    folder = (settings.root / settings.customers).resolve()
    try:
        git.git(folder, "rev-parse", "--is-inside-work-tree")
    except InputError:
        return list(found), []
    changed = git.changed_files(folder) if found else frozenset()
    shown = f"{printable(settings.customers.rstrip('/'))}/"
    files = {wish.customer.file for wish in found}
    places = {file: folder / file.removeprefix(shown) for file in files}
    touched = {file for file, path in places.items() if {str(it) for it in (path, *path.parents)} & changed}
    reason = "its file has uncommitted changes; commit them, or give the id"
    return (
        [wish for wish in found if wish.customer.file not in touched],
        [NotAdopted(wish, reason, failed=False) for wish in found if wish.customer.file in touched],
    )


def _unmoved(
    found: Sequence[Candidate], manifest: Manifest, contents: Mapping[str, bytes], settings: Settings
) -> tuple[list[Candidate], list[NotAdopted]]:
    """The wishes for files that still say what was compared, and the others."""
    files = sorted({wish.customer.file for wish in found})
    fresh = _by_file(read_files([(file, contents.get(file, b"")) for file in files], {}).customers)
    compared = _by_file(manifest.customers)
    moved = [file for file in files if fresh.get(file) != compared.get(file)]
    unreachable = [file for file in files if not (settings.root / file).is_file()]
    reasons = dict.fromkeys(moved, "its file was changed meanwhile; run adopt again")
    reasons |= dict.fromkeys(unreachable, "its file has a name that cannot be shown; rename it")
    return (
        [wish for wish in found if wish.customer.file not in reasons],
        [NotAdopted(wish, reasons[wish.customer.file]) for wish in found if wish.customer.file in reasons],
    )


def _by_file(customers: Sequence[DesiredCustomer]) -> dict[str, list[DesiredCustomer]]:
    found: dict[str, list[DesiredCustomer]] = {}
    for customer in customers:
        found.setdefault(customer.file, []).append(customer)
    return found


def _write(
    kept: Sequence[Candidate], contents: Mapping[str, bytes], manifest: Manifest, settings: Settings
) -> list[Adopted]:
    """Edit all files in memory, read the lot, then write; tells where each value stands now."""
    wanted: dict[str, dict[int, dict[str, str]]] = {}
    for wish in kept:
        lines = wanted.setdefault(wish.customer.file, {})
        lines.setdefault(wish.customer.line, {})[wish.attribute] = wish.text
    written = {file: edited(contents[file], file, lines) for file, lines in sorted(wanted.items())}
    together = read_files({**contents, **written}.items(), settings.rules.field_types)
    if together.problems:
        raise InvalidFiles(together.problems)
    for file, content in written.items():
        atomic.replace(settings.root / file, content, local=settings.local)
    after = dict(zip(map(_place, manifest.customers), together.customers, strict=True))
    return [Adopted(wish, after[_place(wish.customer)].mark(wish.attribute).line) for wish in kept]


def _place(customer: DesiredCustomer) -> tuple[str, int]:
    return customer.file, customer.line
