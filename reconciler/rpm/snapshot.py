"""The last read of each customer, kept on disk, and the rule by which one may stand in for a new read.

RPM's `Modified` is the only sign of a change that the customer list gives, and it is a weak one: a text whose precision
may be a day and whose zone is unknown (`rpm-api.md` section 5). So a kept read is trusted only if

- the list says the same `Modified` and name as it did just before that read,
- `Modified` is a date that can be understood, and
- the read was made at least two days after it, by the `Date` of its own answer, and not later than the list's.

An edit after such a read gets a `Modified` of the read's day or later, give or take a day of zone; that is later than
the one kept, so the text differs and the customer is read again. It is the rule by which git's index distrusts a file
that was written in the same second as the index. Both times are RPM's: this machine's clock may be days off, and would
make a read trusted that was too early. What the rule cannot see: a change that does not move `Modified` at all.

An edit never rests on a kept read: its age counts as infinite. A file that is damaged, or was made for another
RPM, is thrown away with a note; it can never make a plan wrong, only dearer. That is so through a power cut too: each
row is checked, so that half-written pages cannot pair a read with the `Modified` of another.

Kept are, of every customer, the head: what the rule asks for, and what RPM said of the attributes that the customer's
file managed then. Heads are a thousand in a row, so that all of them are there at once. The record, all that RPM said,
is in a row of its own, and is looked up for the few whose file manages other attributes now. Of a masked value a keyed hash is kept
(`seal`); YAML that says something else of it makes the customer be read again, and so does a change of what is masked, or how
it compares, for all.

Whoever can write the file, a forge's cache say, has no key, and can make no run believe a read that this key's owner did not keep.
Every row is authenticated under a key derived from the API key. Each head has the MAC of its record, and the file ends with a MAC
over the rows of heads: a row that is gone, of an older state or of another file drops the whole snapshot. So at every start the
heads alone are looked at, a thousand customers a row, however many records there are. A whole file of an earlier night fits too;
the rule above says what of it counts.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.clock import LONG_AGO
from reconciler.core.packed import CUSTOMERS, VALUES, PackedValues, UnpackableError, as_texts, joined
from reconciler.core.values import ObservedCustomer
from reconciler.repo.cache import CACHE_ERRORS, CacheFile, Table
from reconciler.rpm.modified import day_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from reconciler.core.values import DesiredCustomer, Target
    from reconciler.rpm.seal import Seal

FILE: Final = "snapshot.sqlite"
"""In `.reconciler/`."""

FORMAT: Final = 7
DOUBT: Final = dt.timedelta(days=2)
_DOUBT_SECONDS: Final = int(DOUBT.total_seconds())
IN_A_ROW: Final = 1_000
AT_ONCE: Final = 10 * IN_A_ROW
"""So many reads are written in one transaction; what is made for it takes as much memory as they do."""
_LONGEST: Final = len("12/31/2000") + 1  # a date, and the sign that must be no digit


class _Head(NamedTuple):
    """Of one customer, what decides whether its read may be used, and the attributes managed then."""

    customer_id: str
    modified: str
    name: str
    answered_at: str
    paths: str
    texts: str
    beside: str
    record: str


_HEADS: Final = Table("heads", "INTEGER", texts=len(_Head._fields))
_RECORDS: Final = Table("records", "INTEGER", texts=2)


class Trusted(NamedTuple):
    """The customers of which a kept read stands in for a new one, by id.

    `doubted` counts those of which there is a kept read that the list does not contradict, and that is not trusted all
    the same, because it was made too soon after `Modified` or has no `Date`: each costs a call for that reason.
    """

    customers: dict[int, ObservedCustomer]
    doubted: int


class Snapshot:
    """The kept reads of one RPM."""

    def __init__(self, path: Path, target: Target, note: Callable[[str], None], seal: Seal) -> None:
        """Open the file, or begin a new one; `note` is told when one had to be thrown away."""
        purpose = json.dumps([FORMAT, target.url, target.subscriber_id, *seal.made_for])
        self._file = CacheFile(path, purpose, _HEADS, _RECORDS, key=seal.key)
        self._seal = seal
        self._note = note
        self._anew: list[_Head] = []

    def trusted(
        self, listed: Mapping[int, ObservedCustomer], desired: Mapping[int, DesiredCustomer]
    ) -> Trusted:
        """The customers of which a kept read may stand in for a new one, with the attributes that `desired` manages."""
        found = {}
        others = {}
        kept_heads = doubted = 0
        try:
            for head in self._heads():
                kept_heads += 1
                customer_id = int(head.customer_id)
                row, customer = listed.get(customer_id), desired.get(customer_id)
                if row is None or customer is None or row.modified != head.modified or row.name != head.name:
                    continue
                if not _late_enough(head, row.answered_at):
                    doubted += 1
                    continue
                if _paths(customer.values) == head.paths:
                    if (kept := self._kept(row, head, (head.paths, head.texts), customer)) is not None:
                        found[customer_id] = kept
                else:
                    others[customer_id] = head
            if kept_heads != self._file.count(_RECORDS):
                raise ValueError("a row is missing")
            found |= self._by_record(others, listed, desired)
        except CACHE_ERRORS as error:
            self._discard(f"cannot be used ({error}); every customer is read")
            return Trusted({}, 0)
        return Trusted(found, doubted)

    def keep(
        self,
        listed: Mapping[int, ObservedCustomer],
        desired: Mapping[int, DesiredCustomer],
        read: Mapping[int, ObservedCustomer],
    ) -> None:
        """Keep these reads, which were made after the list; a disk that takes nothing costs calls, no more.

        A customer whose name moved between the list and its record is not kept: the next list will say so too.
        """
        ids = sorted(i for i, it in read.items() if it.name == listed[i].name)
        try:
            if self._anew:
                self._file.put({_HEADS: list(self._merged(self._anew))})
            for first in range(0, len(ids), AT_ONCE):
                made = list(self._made(ids[first : first + AT_ONCE], listed, desired, read))
                heads = self._merged([head for head, _ in made])
                self._file.put({_RECORDS: [record for _, record in made], _HEADS: list(heads)})
        except CACHE_ERRORS as error:
            self._discard(f"cannot be written ({error}); the next run reads everything")

    def attributes(self) -> frozenset[str]:
        """The attributes of some customer that was read whole; none where nothing is kept."""
        try:
            for _, paths, _ in self._file.rows(_RECORDS):
                return frozenset(paths.split(VALUES)) if paths else frozenset()
        except CACHE_ERRORS:
            pass  # whoever reads heads or writes tells of it
        return frozenset()

    def _heads(self, rows: Iterable[int] | None = None) -> Iterator[_Head]:
        """Every head, or those of some rows."""
        for _, *columns in self._file.rows(_HEADS, rows):
            yield from map(_Head._make, zip(*(column.split(CUSTOMERS) for column in columns), strict=True))

    def _by_record(
        self,
        heads: Mapping[int, _Head],
        listed: Mapping[int, ObservedCustomer],
        desired: Mapping[int, DesiredCustomer],
    ) -> dict[int, ObservedCustomer]:
        """The customers whose file manages other attributes than it did, whole; their heads are to be kept anew."""
        found = {}
        missing = set(heads)
        for customer_id, paths, texts in self._file.rows(_RECORDS, heads):
            head = heads[customer_id]
            missing.remove(customer_id)
            if self._pin(customer_id, (paths, texts)) != head.record:
                raise ValueError("a row is of another read")
            kept = self._kept(listed[customer_id], head, (paths, texts), desired[customer_id])
            if kept is None:
                continue
            found[customer_id] = kept
            managed = as_texts(_managed(PackedValues(head.name, paths, texts), desired[customer_id]))
            if managed[0] != head.paths:
                self._anew.append(head._replace(paths=managed[0], texts=managed[1]))
        if missing:
            raise ValueError("a row is missing")
        return found

    def _kept(
        self, row: ObservedCustomer, head: _Head, said: tuple[str, str], desired: DesiredCustomer
    ) -> ObservedCustomer | None:
        """A customer as it was read then, with YAML's own values where RPM said the same; no edit may rest on it.

        None where YAML says something else of a masked attribute.
        """
        ours = desired.values
        if not self._seal.rules.mask and isinstance(ours, PackedValues) and said == (ours.paths, ours.texts):
            return _observed(row, head, ours)
        values = self._seal.opened(row.customer_id, PackedValues(row.name, *said), ours)
        return None if values is None else _observed(row, head, ours if values == ours else values)

    def _made(
        self,
        ids: Iterable[int],
        listed: Mapping[int, ObservedCustomer],
        desired: Mapping[int, DesiredCustomer],
        read: Mapping[int, ObservedCustomer],
    ) -> Iterator[tuple[_Head, tuple[int, str, str]]]:
        """Head and record of each of these reads that can be kept."""
        for customer_id in ids:
            values = self._seal.closed(customer_id, read[customer_id].values)
            try:
                record = as_texts(values)
                head = _head(listed[customer_id], read[customer_id], values, desired[customer_id])
            except UnpackableError:
                continue
            yield head._replace(record=self._pin(customer_id, record)), (customer_id, *record)

    def _merged(self, heads: Iterable[_Head]) -> Iterator[tuple[int | str, ...]]:
        """The rows that these heads belong in, with the heads that are there already."""
        added: dict[int, dict[str, _Head]] = {}
        for head in heads:
            added.setdefault(int(head.customer_id) // IN_A_ROW, {})[head.customer_id] = head
        there: dict[int, dict[str, _Head]] = {}
        for head in self._heads(added):
            there.setdefault(int(head.customer_id) // IN_A_ROW, {})[head.customer_id] = head
        for number, some in added.items():
            together = {**there.get(number, {}), **some}.values()
            yield number, *(joined(CUSTOMERS, column) for column in zip(*together, strict=True))

    def _pin(self, customer_id: int, record: Sequence[str]) -> str:
        """The record's MAC, as its head has it: 128 bits in hexadecimal digits."""
        return bytes(self._file.check(customer_id, record)).hex()[:32]

    def _discard(self, why: str) -> None:
        """Throw the file away and say so."""
        self._note(f"the snapshot {self._file.path} {why}")
        self._file.discard()


def _head(
    row: ObservedCustomer, read: ObservedCustomer, values: Mapping[str, str], desired: DesiredCustomer
) -> _Head:
    """The head of a read that was just made; `values` are its own as they may be kept."""
    beside = json.dumps([read.aliases, sorted(read.ambiguous)]) if read.aliases or read.ambiguous else ""
    paths, texts = as_texts(_managed(values, desired))
    answered_at = "" if read.answered_at is None else str(read.answered_at)
    head = _Head(str(row.customer_id), row.modified, row.name, answered_at, paths, texts, beside, record="")
    joined(CUSTOMERS, head)
    return head


def _managed(values: Mapping[str, str], desired: DesiredCustomer) -> dict[str, str]:
    """Those of a record's values that the file manages, in the file's order."""
    held = dict(values.items())  # kept texts are decoded once
    return {path: held[path] for path in desired.values if path in held}


def _paths(values: Mapping[str, str]) -> str:
    """The attributes of a customer as a head has them."""
    return values.paths if isinstance(values, PackedValues) else joined(VALUES, values)


def _observed(row: ObservedCustomer, head: _Head, values: Mapping[str, str]) -> ObservedCustomer:
    """A customer as it was read then; id and `Modified` are those of the list's row, so that they are in memory once."""
    seen = ObservedCustomer(row.customer_id, values, LONG_AGO, whole=True, modified=row.modified)
    if not head.beside:
        return seen
    aliases, ambiguous = json.loads(head.beside)
    return seen._replace(aliases=tuple(aliases), ambiguous=frozenset(ambiguous))


def _late_enough(head: _Head, listed_at: int | None) -> bool:
    """Whether nothing that happened since the read could have left its `Modified` as it was.

    `listed_at` is when RPM says that it sent the list: a read after it is one of RPM's clock that went back.
    """
    if not head.answered_at:
        return False
    read, day = int(head.answered_at), day_seconds(head.modified[:_LONGEST])
    return day is not None and read - day >= _DOUBT_SECONDS and (listed_at is None or read <= listed_at)
