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
RPM, is thrown away with a note; it can never make a plan wrong, only dearer. That holds through a power cut too:
SQLite waits for the disk here, because half-written pages could pair a read with the `Modified` of another.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

from reconciler.model import ObservedCustomer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from reconciler.model import Target

FORMAT: Final = 1
DOUBT: Final = dt.timedelta(days=2)
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)
_US: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", re.ASCII)


class Snapshot:
    """The kept reads of one RPM."""

    def __init__(self, path: Path, target: Target, note: Callable[[str], None]) -> None:
        """Open the file, or begin a new one; `note` is told when one had to be thrown away."""
        self._path = path
        self._target = json.dumps([FORMAT, target.url, target.subscriber_id])
        self._note = note

    def trusted(
        self, listed: Mapping[int, ObservedCustomer], ids: Iterable[int], now: dt.datetime
    ) -> dict[int, ObservedCustomer]:
        """The customers among `ids` whose kept read may stand in for a new one."""
        try:
            kept = self._rows()
        except (sqlite3.Error, ValueError, TypeError, OSError) as error:
            self._discard(f"the snapshot {self._path} cannot be used ({error}); every customer is read")
            return {}
        found = {}
        for customer_id in ids:
            row = listed.get(customer_id)
            entry = kept.get(customer_id)
            if row is None or entry is None or (row.modified, row.name) != entry[:2]:
                continue
            read = dt.datetime.fromisoformat(entry[2])
            day = day_of(row.modified)
            if day is None or not day + DOUBT <= read <= now:
                continue
            values, aliases, ambiguous = json.loads(entry[3])
            found[customer_id] = ObservedCustomer(
                customer_id,
                values,
                float("-inf"),
                whole=True,
                modified=row.modified,
                aliases=tuple(aliases),
                ambiguous=frozenset(ambiguous),
            )
        return found

    def keep(
        self,
        listed: Mapping[int, ObservedCustomer],
        read: Mapping[int, ObservedCustomer],
        begun: dt.datetime,
    ) -> None:
        """Keep these reads, which were made after `begun`; a disk that takes nothing costs calls, no more."""
        rows = [
            (
                i,
                listed[i].modified,
                listed[i].name,
                begun.isoformat(),
                json.dumps([dict(it.values), it.aliases, sorted(it.ambiguous)]),
            )
            for i, it in read.items()
        ]
        try:
            with closing(self._open()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO reads VALUES (?, ?, ?, ?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            self._discard(
                f"the snapshot {self._path} cannot be written ({error}); the next run reads everything"
            )

    def _rows(self) -> dict[int, tuple[str, str, str, str]]:
        """What is kept, by id."""
        if not self._path.exists():
            return {}
        with closing(self._open()) as connection:
            query = "SELECT id, modified, name, read_at, record FROM reads"
            return {row[0]: row[1:] for row in connection.execute(query)}

    def _open(self) -> sqlite3.Connection:
        """A connection to a file that is ours: made for this RPM, by this format, for its owner's eyes alone."""
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        connection = sqlite3.connect(self._path, timeout=10)
        try:
            with connection:
                connection.execute("CREATE TABLE IF NOT EXISTS made_for (target TEXT)")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS reads"
                    " (id INTEGER PRIMARY KEY, modified TEXT, name TEXT, read_at TEXT, record TEXT)"
                )
                made_for = connection.execute("SELECT target FROM made_for").fetchone()
                if made_for is None:
                    connection.execute("INSERT INTO made_for VALUES (?)", (self._target,))
                elif made_for[0] != self._target:
                    raise ValueError("it was made for another RPM")
        except BaseException:
            connection.close()
            raise
        return connection

    def _discard(self, why: str) -> None:
        """Throw the file away and say so."""
        self._note(why)
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(
                OSError
            ):  # not there, or on a disk that lets nothing go: no read of it is believed anyway
                self._path.with_name(self._path.name + suffix).unlink()


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
