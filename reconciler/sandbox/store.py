"""Customers and the two logs in one SQLite file that several processes may have open.

A transaction is one `BEGIN IMMEDIATE`, so what it read is still true when it commits. Uniqueness of names is the
callers' rule (`Store.holder` within a transaction), not the schema's: a test may seed what RPM
should not hold. The commit log is written here and nowhere else, from the difference of two
records: it is the truth that tests judge by.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconciler.sandbox.records import FieldDefinition, flattened, folded, from_document, to_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from reconciler.sandbox.records import Customer, Subscription

_SCHEMA: Final = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, added TEXT NOT NULL, modified TEXT NOT NULL,
    document TEXT NOT NULL);
CREATE TABLE names (folded TEXT NOT NULL, customer_id INTEGER NOT NULL, alias INTEGER NOT NULL,
    PRIMARY KEY (folded, customer_id, alias)) WITHOUT ROWID;
CREATE INDEX names_by_customer ON names (customer_id);
CREATE TABLE fields (position INTEGER PRIMARY KEY, uid TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    options TEXT NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE commits (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, author TEXT NOT NULL, customer_id INTEGER NOT NULL,
    attribute TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
CREATE INDEX commits_by_customer ON commits (customer_id);
CREATE TABLE requests (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, endpoint TEXT NOT NULL, body TEXT NOT NULL,
    status INTEGER NOT NULL, outcome TEXT NOT NULL, customer_id INTEGER, key_right INTEGER NOT NULL);
"""
_VERSION: Final = 1
_FIRST_ID: Final = 50_001


def utc_now() -> dt.datetime:
    """The wall clock, in UTC."""
    return dt.datetime.now(dt.UTC)


class Store:
    """One database file (or `:memory:`); not for several threads at once."""

    def __init__(self, path: Path | str, *, clock: Callable[[], dt.datetime] = utc_now) -> None:
        """Open the file, making it (0600, in a folder of 0700) and its tables when it is not there."""
        self._clock = clock
        self._connection = _connect(path)
        self._fields: tuple[int, tuple[FieldDefinition, ...]] | None = None
        try:
            self._settle()
        except BaseException:
            self.close()
            raise

    def _settle(self) -> None:
        """Set the connection up, and make the tables where the file has none."""
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(
            "PRAGMA synchronous = OFF"
        )  # a killed process loses nothing; a power cut could
        with self.transaction():
            if self._one("PRAGMA user_version") != _VERSION:
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else writes in between; inside another one, part of that one."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def dream(self) -> Iterator[None]:
        """A transaction that never was: what is read inside sees it, and then nothing does."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    def now(self) -> str:
        """The time of the store's clock, to the second."""
        return self._clock().strftime("%Y-%m-%dT%H:%M:%S")

    def timestamp(self) -> int:
        """The same in whole seconds since 1970."""
        return int(self._clock().timestamp())

    def _one(self, query: str, *parameters: Any) -> Any:
        row = self._connection.execute(query, parameters).fetchone()
        return None if row is None else row[0]

    # Customers

    def customer(self, customer_id: int) -> Customer | None:
        """One customer, whole."""
        query = "SELECT name, added, modified, document FROM customers WHERE id = ?"
        row = self._connection.execute(query, (customer_id,)).fetchone()
        return None if row is None else from_document(customer_id, row[0], row[1:3], row[3])

    def customers(self) -> Iterator[Customer]:
        """All customers, whole, by id."""
        query = "SELECT id, name, added, modified, document FROM customers ORDER BY id"
        for row in self._connection.execute(query).fetchall():
            yield from_document(row[0], row[1], row[2:4], row[4])

    def rows(self) -> list[tuple[int, str, str, str]]:
        """Id, name, added and modified of all customers, by id."""
        return self._connection.execute(
            "SELECT id, name, added, modified FROM customers ORDER BY id"
        ).fetchall()

    def holders(self, name: str) -> list[tuple[int, bool]]:
        """Who has the name, ignoring case: ids, and whether it is an alias there; own names first."""
        query = "SELECT customer_id, alias FROM names WHERE folded = ? ORDER BY alias, customer_id"
        return [(row[0], bool(row[1])) for row in self._connection.execute(query, (folded(name),))]

    def save(self, before: Customer | None, after: Customer | None, *, author: str) -> None:
        """Replace one record by another (None is: not there) and log each attribute that differs."""
        with self.transaction():
            record = after or before
            if record is None:
                return
            if before is not None:
                self._connection.execute("DELETE FROM customers WHERE id = ?", (before.customer_id,))
                self._connection.execute("DELETE FROM names WHERE customer_id = ?", (before.customer_id,))
            if after is not None:
                self._insert([after])
            self._log_commit(record.customer_id, before, after, author)

    def _insert(self, customers: Iterable[Customer]) -> None:
        many = self._connection.executemany
        customers = list(customers)
        many(
            "INSERT INTO customers VALUES (?, ?, ?, ?, ?)",
            ((one.customer_id, one.name, one.added, one.modified, to_document(one)) for one in customers),
        )
        many(
            "INSERT OR IGNORE INTO names VALUES (?, ?, ?)",
            (
                (folded(name), one.customer_id, place > 0)
                for one in customers
                for place, name in enumerate((one.name, *one.aliases))
            ),
        )

    def _log_commit(
        self, customer_id: int, before: Customer | None, after: Customer | None, author: str
    ) -> None:
        fields = self.fields()
        was = flattened(before, fields) if before else {}
        now_is = flattened(after, fields) if after else {}
        if before is None or after is None:
            was = {"Customer": "" if before is None else before.name, **was}
            now_is = {"Customer": "" if after is None else after.name, **now_is}
        at = self._clock().isoformat()
        self._connection.executemany(
            "INSERT INTO commits (at, author, customer_id, attribute, before, after) VALUES (?, ?, ?, ?, ?, ?)",
            (
                (at, author, customer_id, attribute, was.get(attribute, ""), now_is.get(attribute, ""))
                for attribute in (now_is or was)
                if was.get(attribute, "") != now_is.get(attribute, "")
            ),
        )

    def fields(self) -> tuple[FieldDefinition, ...]:
        """The custom fields, in the subscription's order."""
        version = self._one("PRAGMA data_version")
        if self._fields is None or self._fields[0] != version:
            rows = self._connection.execute("SELECT uid, name, kind, options FROM fields ORDER BY position")
            found = tuple(
                [FieldDefinition(row[0], row[1], row[2], tuple(json.loads(row[3]))) for row in rows]
            )
            self._fields = (version, found)
        return self._fields[1]

    def replace_all(self, subscription: Subscription) -> None:
        """Hold exactly this subscription; settings stay, both logs start again."""
        with self.transaction():
            for table in ("customers", "names", "fields", "commits", "requests"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 the names are the line above
            self._connection.executemany(
                "INSERT INTO fields (uid, name, kind, options) VALUES (?, ?, ?, ?)",
                ((one.uid, one.name, one.kind, json.dumps(one.options)) for one in subscription.fields),
            )
            self._insert(subscription.customers)
            self._fields = None

    def fresh_id(self) -> int:
        """A number that no record of this database was given before; larger than every customer's id."""
        with self.transaction():
            highest = self._one("SELECT max(id) FROM customers") or 0
            number = max(int(self.setting("next id") or _FIRST_ID), int(highest) + 1)
            self.set_settings({"next id": str(number + 1)})
            return number

    # Settings and logs

    def setting(self, name: str) -> str | None:
        """A text kept under a name."""
        value = self._one("SELECT value FROM settings WHERE name = ?", name)
        return None if value is None else str(value)

    def settings(self, beginning: str) -> dict[str, str]:
        """The texts whose names begin so, by the rest of their names."""
        rows = self._connection.execute("SELECT name, value FROM settings")
        return {name.removeprefix(beginning): value for name, value in rows if name.startswith(beginning)}

    def set_settings(self, values: Mapping[str, str]) -> None:
        """Keep texts under their names."""
        with self.transaction():
            self._connection.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", values.items())

    def forget_settings(self) -> None:
        """Drop every kept text."""
        self._connection.execute("DELETE FROM settings")

    def log_request(self, **columns: Any) -> int:
        """Add a request to the log; its number."""
        cursor = self._connection.execute(
            "INSERT INTO requests (at, endpoint, body, status, outcome, customer_id, key_right)"
            " VALUES (:at, :endpoint, :body, :status, :outcome, :customer_id, :key_right)",
            {"at": self._clock().isoformat(), **columns},
        )
        return cursor.lastrowid or 0

    def amend_request(self, seq: int, status: int, outcome: str) -> None:
        """Say what became of a logged request."""
        self._connection.execute(
            "UPDATE requests SET status = ?, outcome = ? WHERE seq = ?", (status, outcome, seq)
        )

    def requests(self, since: int = 0, limit: int = -1) -> list[dict[str, Any]]:
        """The logged requests after number `since`, oldest first."""
        return self._dicts("SELECT * FROM requests WHERE seq > ? ORDER BY seq LIMIT ?", since, limit)

    def latest_requests(self, count: int) -> list[dict[str, Any]]:
        """The last requests, newest first."""
        return self._dicts("SELECT * FROM requests ORDER BY seq DESC LIMIT ?", count)

    def requests_since(self, at: str) -> int:
        """How many requests were logged from that time on."""
        return int(self._one("SELECT count(*) FROM requests WHERE at >= ?", at))

    def commits(self, since: int = 0, customer_id: int | None = None) -> list[dict[str, Any]]:
        """The logged commits after number `since`, oldest first: of one customer, or all."""
        query = "SELECT * FROM commits WHERE seq > ? AND (? IS NULL OR customer_id = ?) ORDER BY seq"
        return self._dicts(query, since, customer_id, customer_id)

    def _dicts(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        cursor = self._connection.execute(query, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _connect(path: Path | str) -> sqlite3.Connection:
    if path != ":memory:":
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
