"""Customers of today -> what each was at the commits before, followed from commit to parent by id, then by name. Pure.

A customer is where it was unless its file changed in a step. Then it is looked for in the file as it was, then in the
other files that this step changed: files are renamed, split and joined. Where it is nowhere, the commit brought it; but
where one that may have been it is gone, nothing is guessed, and the answer is `NotKnown`.

Steps come children first, and a customer waits at the commit that it was followed to until that commit's turn. What did
not change is moved on as a whole, so the cost is that of the changes and not that of commits times customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from reconciler.core.text import printable
from reconciler.drift.versions import NO_FILE, Lookup, PastFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from reconciler.drift.versions import PastCustomer
    from reconciler.repo.git.model import CommitDiff


class Absent(Enum):
    """The type of `ABSENT`: before this commit there was no such customer."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class NotKnown:
    """What a customer was before a commit is not known, and why."""

    why: str


class PastPlace(NamedTuple):
    """A customer in a file."""

    path: str
    customer: PastCustomer


Before = PastPlace | Absent | NotKnown
SHALLOW: Final = NotKnown("the clone is shallow")


@dataclass(frozen=True, slots=True)
class Track:
    """A customer, by `key`, followed to a commit, where it is `customer`.

    `open` are the attributes whose present value was not yet seen to come, `sought` those that have here what RPM has.
    """

    key: int
    customer: PastCustomer
    open: frozenset[str]
    sought: frozenset[str] = frozenset()

    def joined(self, other: Track) -> Track:
        """The same customer at the same commit, reached by two ways."""
        return Track(self.key, self.customer, self.open | other.open, self.sought | other.sought)


class Visit(Protocol):
    """Told what a customer was before a commit, once for each parent; says how to go on to each of them, if at all."""

    def __call__(self, step: CommitDiff, track: Track, before: Sequence[Before]) -> Sequence[Track | None]:
        """See a customer at a step."""
        ...


_Waiting = dict[str, dict[int, dict[int, Track]]]
"""The customers that wait at a commit: by file, by the identity of what they are there, by key."""


def follow(
    tracks: Iterable[tuple[str, Track]], steps: Sequence[CommitDiff], ancestry: Ancestry, visit: Visit
) -> None:
    """Follow customers, given with the files that they are in, through steps; `visit` is told of each that changed."""
    waiting: dict[str, _Waiting] = {}
    for path, track in tracks if steps else ():
        _wait(waiting.setdefault(steps[0].commit.name, {}), path, track)
    for name, some in groupby(steps, key=lambda step: step.commit.name):
        at_commit = waiting.pop(name, None)
        group = list(some)
        if at_commit is None:
            continue
        touched = _touched(at_commit, group[0], ancestry)
        waiting[group[0].parent] = _joined(waiting.get(group[0].parent, {}), at_commit)
        for path, track in touched:
            before = [ancestry.before(path, track.customer, step) for step in group]
            for step, place, onward in zip(group, before, visit(group[0], track, before), strict=True):
                if onward is not None and isinstance(place, PastPlace):
                    _wait(waiting.setdefault(step.parent, {}), place.path, onward)


def _wait(there: _Waiting, path: str, track: Track) -> None:
    """Have a customer wait at a commit."""
    alike = there.setdefault(path, {}).setdefault(id(track.customer), {})
    met = alike.get(track.key)
    alike[track.key] = track if met is None else met.joined(track)


def _joined(one: _Waiting, other: _Waiting) -> _Waiting:
    """All that waits in either; of each file, the larger part is not copied."""
    if len(one) < len(other):
        one, other = other, one
    for path, customers in other.items():
        there = one.setdefault(path, customers)
        if len(there) < len(customers):
            one[path], there, customers = customers, customers, there  # noqa: PLW2901 - swapped
        for alike in customers.values() if there is not customers else ():
            for track in alike.values():
                _wait(one, path, track)
    return one


def _touched(at_commit: _Waiting, step: CommitDiff, ancestry: Ancestry) -> list[tuple[str, Track]]:
    """The customers that a step may have changed, taken out of those that wait."""
    if step.edge or not step.parent:
        paths = sorted(at_commit)
    else:
        paths = sorted(at_commit.keys() & step.changes.keys())
    taken = []
    for path, kept in ancestry.unchanged(paths, step).items():
        customers = at_commit[path]
        for identity in customers.keys() - kept:
            taken += [(path, track) for track in customers.pop(identity).values()]
        if not customers:
            del at_commit[path]
    return taken


class Versions(Protocol):
    """Where versions of files come from."""

    def load(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Have these at hand, given as blob and path, read all at once."""
        ...

    def get(self, blob: str, path: str) -> PastFile | None:
        """A version; None where this clone lacks it."""
        ...


class _Gone(NamedTuple):
    """The customers of files that a step removed and that are nowhere after it: those without an id, and all."""

    nameless: bool
    any: bool
    unknown: str


class Ancestry:
    """Finds what a customer was before a step.

    `folder` is where customers are; what stood elsewhere is not followed, because steps tell of this folder alone.
    """

    def __init__(self, folder: str, versions: Versions) -> None:
        self._inside = "" if folder == "." else f"{folder}/"
        self._versions = versions
        self._step: CommitDiff | None = None
        self._files: dict[str, Lookup] = {}
        self._all: dict[bool, Lookup] = {}
        self._gone: _Gone | None = None

    def unchanged(self, paths: Collection[str], step: CommitDiff) -> dict[str, frozenset[int]]:
        """The identities of the customers that each of some changed files had before a step."""
        if step.edge or not step.parent:
            return dict.fromkeys(paths, frozenset())
        self._versions.load((step.changes[path][0], path) for path in paths if step.changes[path][0])
        before = {path: self._version(step.changes[path][0], path) or NO_FILE for path in paths}
        return {path: file.identities for path, file in before.items()}

    def before(self, path: str, customer: PastCustomer, step: CommitDiff) -> Before:
        """Where a customer was, and what it was, at the step's parent."""
        if step.edge:
            return SHALLOW
        if path not in step.changes:
            return PastPlace(path, customer)
        if step is not self._step:
            self._step, self._files, self._all, self._gone = step, {}, {}, None
        found = self._here(path, step).find(customer) or self._everywhere(step, earlier=True).find(customer)
        if len(found) == 1:
            place = PastPlace(*found[0])
            if place.path.startswith(self._inside):
                return place
            return NotKnown(f"it was outside of {self._inside[:-1]} before {_short(step)}")
        why = _not_clear(step) if found else self._doubt(path, customer, step)
        return NotKnown(why) if why else ABSENT

    def _here(self, path: str, step: CommitDiff) -> Lookup:
        """The customers of a file before a step, without those that it left as they are: they are none that changed."""
        if path not in self._files:
            before, after = (self._version(blob, path) or NO_FILE for blob in step.changes[path])
            left = after.identities
            self._files[path] = lookup = Lookup()
            lookup.add(path, (it for it in before.customers if id(it) not in left))
        return self._files[path]

    def _everywhere(self, step: CommitDiff, *, earlier: bool) -> Lookup:
        """The customers of all the files that a step changed, before or after it."""
        if earlier not in self._all:
            self._all[earlier] = lookup = Lookup()
            sides = {path: sides[0 if earlier else 1] for path, sides in step.changes.items()}
            self._versions.load((blob, path) for path, blob in sides.items() if blob)
            for path, blob in sides.items():
                lookup.add(path, (self._version(blob, path) or NO_FILE).customers)
        return self._all[earlier]

    def _doubt(self, path: str, customer: PastCustomer, step: CommitDiff) -> str:
        """Why a customer that was not found may have been in this file, or in one that is gone, under another name."""
        if self._gone is None:
            removed = [other for other, (before, after) in step.changes.items() if before and not after]
            self._gone = self._left(removed, step)
        here = (
            self._left([path], step)
            if step.changes[path][0]
            else _Gone(nameless=False, any=False, unknown="")
        )
        for gone in (here, self._gone):
            if gone.unknown:
                return gone.unknown
            if gone.nameless or (gone.any and customer.customer_id is None):
                return _not_clear(step)
        return ""

    def _left(self, paths: Iterable[str], step: CommitDiff) -> _Gone:
        """What some files had before a step and no file that it changed has after it."""
        nameless = some = False
        for path in paths:
            file = self._version(step.changes[path][0], path)
            if file is None:
                return _Gone(
                    nameless, some, f"this clone lacks what {printable(path)} was before {_short(step)}"
                )
            if not file.whole:
                return _Gone(nameless, some, f"{printable(path)} could not be read before {_short(step)}")
            for it in file.customers:
                if not self._everywhere(step, earlier=False).find(it):
                    nameless, some = nameless or it.customer_id is None, True
        return _Gone(nameless, some, "")

    def _version(self, blob: str, path: str) -> PastFile | None:
        return self._versions.get(blob, path) if blob else NO_FILE


def _not_clear(step: CommitDiff) -> str:
    return f"which customer it was before {_short(step)} is not clear"


def _short(step: CommitDiff) -> str:
    return step.commit.name[:8]
