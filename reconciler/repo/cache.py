"""A SQLite file under `.reconciler/` that saves work: calls or time. What is in it may never decide anything.

So whatever is odd about it makes it worthless, and it is thrown away: damage, another format, another owner of what is
in it. A file that others than its owner may touch is odd too; and what git tracks is not opened in the first place
(`workflow`), so that a branch cannot bring along what a run would believe.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

CACHE_ERRORS: Final = (sqlite3.Error, ValueError, TypeError, OSError)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a key and so many texts; a cell may have bytes too."""

    name: str
    key: Literal["INTEGER", "TEXT"]
    texts: int


class CacheFile:
    """A few tables, made for one purpose; whoever reads or writes them catches `ODD`."""

    def __init__(self, path: Path, made_for: str, *tables: Table, key: bytes = b"") -> None:
        """Nothing is opened yet. Another `made_for` makes the file foreign.

        With a key, each row is authenticated by it, and so are the rows of the first table together: one that somebody else has
        written, one that is gone, and one of an older state or of another file make the file worthless. What must be true of the
        other tables' rows, the rows of the first have to say, by their `check`.
        """
        self.path = path
        self._made_for = made_for
        self._tables = tables
        self._key = key

    def rows(self, table: Table, keys: Iterable[Any] | None = None) -> Iterator[tuple[Any, ...]]:
        """Every row, or those with these keys, made sure to be as it was put; none where there is no file yet."""
        if not self.path.exists():
            return
        with closing(self._open()) as connection:
            for key, check, *texts in _selected(connection, table, keys):
                if check != self.check(key, texts):
                    raise ValueError("a row is damaged")
                yield key, *texts

    def put(self, rows: Mapping[Table, Iterable[tuple[Any, ...]]], *, without: Iterable[Any] = ()) -> None:
        """Add or replace rows, and remove those with the keys `without`, in one transaction."""
        with closing(self._open()) as connection, connection:
            for table, added in rows.items():
                marks = ", ".join("?" * (2 + table.texts))
                connection.executemany(
                    f"DELETE FROM {table.name} WHERE key = ?",  # noqa: S608 - our own names alone
                    ((key,) for key in without),
                )
                connection.executemany(
                    f"INSERT OR REPLACE INTO {table.name} VALUES ({marks})",  # noqa: S608
                    ((key, self.check(key, texts), *texts) for key, *texts in added),
                )
            if self._key:
                connection.execute("UPDATE made_for SET end = ?", (self._end(connection),))

    def count(self, table: Table) -> int:
        """How many rows there are."""
        with closing(self._open()) as connection:
            (found,) = connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()  # noqa: S608
        return int(found)

    def check(self, key: object, texts: Sequence[str | bytes]) -> int | bytes:
        """What tells a row that is not as it was put; with a key, nobody without it can make one (32 bytes)."""
        return _mac(self._key, key, texts) if self._key else _checksum(key, texts)

    def _end(self, connection: sqlite3.Connection) -> bytes:
        """A MAC over the purpose and every row of the first table, in the order of their keys, which their checks cover too."""
        mac = hashlib.blake2b(self._made_for.encode(), key=self._key, digest_size=32, person=b"end")
        for (check,) in connection.execute(f"SELECT checked FROM {self._tables[0].name} ORDER BY key"):  # noqa: S608
            mac.update(check)  # a TypeError for what is no MAC
        return mac.digest()

    def discard(self) -> None:
        """Throw the file away; on a disk that lets nothing go it stays, and is odd again."""
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                self.path.with_name(self.path.name + suffix).unlink()

    def _open(self) -> sqlite3.Connection:
        """A connection to a file that is ours: for its owner's eyes alone, and made for this."""
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(file).st_mode & 0o077:
                raise ValueError("others than its owner may touch it")
        finally:
            os.close(file)
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            with connection:
                self._settle(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _settle(self, connection: sqlite3.Connection) -> None:
        """Begin a new file, or make sure what an existing one was made for."""
        connection.execute("CREATE TABLE IF NOT EXISTS made_for (purpose TEXT, end BLOB)")
        made_for = connection.execute("SELECT purpose FROM made_for").fetchone()
        if made_for is None:
            for table in self._tables:
                texts = ", ".join(f"text_{number} TEXT" for number in range(table.texts))
                columns = f"key {table.key} PRIMARY KEY, checked INTEGER, {texts}"
                connection.execute(f"CREATE TABLE {table.name} ({columns})")
                if table.key == "INTEGER":
                    # Rows are counted by a look at their keys alone, and not at every page of what they hold.
                    connection.execute(f"CREATE INDEX {table.name}_keys ON {table.name} (key)")
            end = self._end(connection) if self._key else None
            connection.execute("INSERT INTO made_for VALUES (?, ?)", (self._made_for, end))
        elif made_for[0] != self._made_for:
            raise ValueError("it was made for another RPM or by another version")
        elif self._key:
            self._make_sure(connection)

    def _make_sure(self, connection: sqlite3.Connection) -> None:
        """Hold the rows of the first table against the file's end, in one view of both: another process may be writing."""
        connection.execute("BEGIN")
        (end,) = connection.execute("SELECT end FROM made_for").fetchone()
        if end != self._end(connection):
            raise ValueError("its rows are not those that were kept together")


def _selected(
    connection: sqlite3.Connection, table: Table, keys: Iterable[Any] | None
) -> Iterator[tuple[Any, ...]]:
    """Rows as they are in the file."""
    if keys is None:
        yield from connection.execute(f"SELECT * FROM {table.name}")  # noqa: S608 - our own names alone
        return
    for key in keys:
        yield from connection.execute(f"SELECT * FROM {table.name} WHERE key = ?", (key,))  # noqa: S608


def _mac(secret: bytes, key: object, texts: Sequence[str | bytes]) -> bytes:
    """What nobody without the secret can make for a row."""
    mac = hashlib.blake2b(repr(key).encode(), key=secret, digest_size=32)
    for text in texts:
        content = _bytes(text)
        mac.update(b"\0%d\0" % len(content))
        mac.update(content)
    return mac.digest()


def _checksum(key: object, texts: Sequence[str | bytes]) -> int:
    """What tells a damaged row, one torn by a power cut among them: SQLite itself does not look, and does not wait for the disk here."""
    check = crc32(repr(key).encode())
    for text in texts:
        check = crc32(_bytes(text), crc32(b"\0", check))
    return check


def _bytes(cell: str | bytes) -> bytes:
    """What is in a cell; a TypeError for one that has neither text nor bytes any more."""
    return cell if isinstance(cell, bytes) else str.encode(cell)
