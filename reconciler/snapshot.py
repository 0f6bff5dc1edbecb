"""The last read of each customer, kept on disk, and the rule by which one may stand in for a new read.

RPM's `Modified` is the only sign of a change that the customer list gives, and it is a weak one: a text whose precision
may be a day and whose zone is unknown (`rpm-api.md` section 5). So a kept read is trusted only if

- the list says the same `Modified` and name as it did just before that read,
- `Modified` is a date that can be understood, and
- the read was made at least two days after it.

An edit after such a read gets a `Modified` of the read's day or later, give or take a day of zone; that is later than
the one kept, so the text differs and the customer is read again. It is the rule by which git's index distrusts a file
that was written in the same second as the index. What it cannot see: a change that does not move `Modified` at all.

An edit never rests on a kept read: its age counts as infinite. A file that is damaged, or was made for another
RPM, is thrown away with a note; it can never make a plan wrong, only dearer. That holds through a power cut too: each
row is checked, so that half-written pages cannot pair a read with the `Modified` of another. A kept record stays text
until somebody asks for a value, because a hundred thousand of them are in memory at once.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import ItemsView, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reconciler.keptfile import ODD, KeptFile, packed, unpacked
from reconciler.model import ObservedCustomer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from reconciler.model import Target

FORMAT: Final = 2
DOUBT: Final = dt.timedelta(days=2)
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_US: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", re.ASCII)


class KeptValues(Mapping[str, str]):
    """The values of a kept read. Comparing goes by `items`, once a customer, and leaves nothing decoded behind."""

    __slots__ = ("_name", "_record", "_values")

    def __init__(self, name: str, record: str) -> None:
        """Take the record as it was kept; its name is at hand, because it is asked for often."""
        self._name = name
        self._record = record
        self._values: dict[str, str] | None = None

    def items(self) -> ItemsView[str, str]:
        """All of them, decoded for this one use."""
        return self._decoded().items()

    def __getitem__(self, path: str) -> str:
        if path == "Name":
            return self._name
        self._values = self._decoded()
        return self._values[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._decoded())

    def __len__(self) -> int:
        return len(self._decoded())

    def _decoded(self) -> dict[str, str]:
        if self._values is not None:
            return self._values
        texts = unpacked(self._record)
        half = len(texts) // 2
        return dict(zip(texts[:half], texts[half:], strict=True))


class Snapshot:
    """The kept reads of one RPM."""

    def __init__(self, path: Path, target: Target, note: Callable[[str], None]) -> None:
        """Open the file, or begin a new one; `note` is told when one had to be thrown away."""
        self._file = KeptFile(
            path, json.dumps([FORMAT, target.url, target.subscriber_id]), "INTEGER", texts=5
        )
        self._note = note

    def trusted(
        self, listed: Mapping[int, ObservedCustomer], ids: Iterable[int], now: dt.datetime
    ) -> dict[int, ObservedCustomer]:
        """The customers among `ids` whose kept read may stand in for a new one."""
        wanted = set(ids)
        found = {}
        try:
            for customer_id, modified, name, read_at, record, beside in self._file.rows():
                row = listed.get(customer_id)
                if row is None or customer_id not in wanted or (row.modified, row.name) != (modified, name):
                    continue
                if _old_enough(modified, dt.datetime.fromisoformat(read_at), now):
                    found[customer_id] = _kept(row, record, beside)
        except ODD as error:
            self._discard(f"cannot be used ({error}); every customer is read")
            return {}
        return found

    def keep(
        self,
        listed: Mapping[int, ObservedCustomer],
        read: Mapping[int, ObservedCustomer],
        begun: dt.datetime,
    ) -> None:
        """Keep these reads, which were made after `begun`; a disk that takes nothing costs calls, no more.

        A customer whose name moved between the list and its record is not kept: the next list will say so too.
        """
        moment = begun.isoformat()
        try:
            self._file.put(
                (
                    i,
                    listed[i].modified,
                    listed[i].name,
                    moment,
                    packed([*it.values, *it.values.values()]),
                    _beside(it),
                )
                for i, it in read.items()
                if it.name == listed[i].name and not _holds_nul(it)
            )
        except ODD as error:
            self._discard(f"cannot be written ({error}); the next run reads everything")

    def _discard(self, why: str) -> None:
        """Throw the file away and say so."""
        self._note(f"the snapshot {self._file.path} {why}")
        self._file.discard()


def _beside(read: ObservedCustomer) -> str:
    """What few records have beside their values; nothing for all others."""
    return json.dumps([read.aliases, sorted(read.ambiguous)]) if read.aliases or read.ambiguous else ""


def _holds_nul(read: ObservedCustomer) -> bool:
    """Whether the record cannot be kept; it is read anew each time."""
    return any("\0" in text for text in (*read.values, *read.values.values()))


def _kept(row: ObservedCustomer, record: str, beside: str) -> ObservedCustomer:
    """A customer as it was read then; no edit may rest on it."""
    aliases, ambiguous = json.loads(beside) if beside else ((), ())
    return ObservedCustomer(
        row.customer_id,
        KeptValues(row.name, record),
        float("-inf"),
        whole=True,
        modified=row.modified,
        aliases=tuple(aliases),
        ambiguous=frozenset(ambiguous),
    )


def _old_enough(modified: str, read: dt.datetime, now: dt.datetime) -> bool:
    """Whether nothing that happened since the read could have left `Modified` as it was."""
    day = day_of(modified)
    return day is not None and day + DOUBT <= read <= now


@lru_cache(maxsize=1024)
def day_of(modified: str) -> dt.datetime | None:
    """The beginning of the day that a `Modified` names, in UTC; None for what is no date."""
    if match := _ISO.match(modified):
        year, month, day = match.groups()
    elif match := _US.match(modified):
        month, day, year = match.groups()
    else:
        return None
    try:
        return dt.datetime(int(year), int(month), int(day), tzinfo=dt.UTC)
    except ValueError:
        return None
