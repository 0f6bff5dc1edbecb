"""The rule by which a kept read is trusted, against servers whose `Modified` is as bad as it may be."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import CompareRules, Number
from reconciler.core.values import DesiredCustomer, ObservedCustomer, Target
from reconciler.repo.cache import _checksum
from reconciler.rpm.modified import day_of
from reconciler.rpm.seal import Seal
from reconciler.rpm.snapshot import Snapshot

TARGET = Target("sandbox:", None)
SEAL = Seal(b"k" * 32)
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@dataclass
class Rpm:
    """A server with a clock, a zone, and a precision of `Modified`."""

    precision: str
    zone: int
    now: dt.datetime = START
    values: dict[int, str] = field(default_factory=lambda: dict.fromkeys(range(3), "v0"))
    modified: dict[int, dt.datetime] = field(default_factory=lambda: dict.fromkeys(range(3), START))
    backwards: int = 0
    dated: bool = True

    def move_back(self, customer: int) -> None:
        """A restored copy, say; each time further, because a `Modified` that comes again hides an edit from anyone."""
        self.backwards += 1
        self.modified[customer] = START - dt.timedelta(days=400 * self.backwards)

    def edit(self, customer: int, value: str) -> None:
        self.values[customer] = value
        self.modified[customer] = self.now + dt.timedelta(hours=self.zone)

    def desired(self) -> dict[int, DesiredCustomer]:
        """Files that manage what RPM shows."""
        return {
            i: DesiredCustomer(i, "f", 1, 1, {"Name": str(i), "Website": "w"}, [1] * 4) for i in self.values
        }

    def listed(self) -> dict[int, ObservedCustomer]:
        return {i: self.row(i, whole=False) for i in self.values}

    def row(self, i: int, *, whole: bool) -> ObservedCustomer:
        values = {"Name": str(i), "Website": self.values[i]} if whole else {"Name": str(i)}
        answered_at = int(self.now.timestamp()) if self.dated else None
        modified = self._text(self.modified[i])
        return ObservedCustomer(i, values, LONG_AGO, whole=whole, modified=modified, answered_at=answered_at)

    def _text(self, moment: dt.datetime) -> str:
        if self.precision == "missing":
            return ""
        if self.precision == "garbage":
            return "some time ago"
        if self.precision == "us":
            return f"{moment.month}/{moment.day}/{moment.year}"
        return moment.strftime("%Y-%m-%d" if self.precision == "day" else "%Y-%m-%d %H:%M:%S")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.integers(0, 2), st.sampled_from(["a", "b"])),
        st.tuples(st.just("wait"), st.integers(0, 90), st.just("")),
        st.tuples(st.just("backwards"), st.integers(0, 2), st.just("")),
        st.tuples(st.just("dated"), st.integers(0, 1), st.just("")),
        st.tuples(st.just("plan"), st.just(0), st.just("")),
    ),
    max_size=25,
)


@given(
    precision=st.sampled_from(["second", "day", "us", "missing", "garbage"]),
    zone=st.integers(-12, 14),
    steps=STEPS,
)
def test_a_trusted_read_is_what_a_new_one_would_say(
    precision: str, zone: int, steps: list[tuple[str, int, str]]
) -> None:
    """However coarse, shifted or absent `Modified` is, no plan differs from one that reads everything."""
    with tempfile.TemporaryDirectory() as folder:
        rpm = Rpm(precision, zone)
        snapshot = Snapshot(Path(folder) / "snapshot", TARGET, pytest.fail, SEAL)
        for step, number, text in [*steps, ("plan", 0, "")]:
            if step == "edit":
                rpm.edit(number, text)
            elif step == "wait":
                rpm.now += dt.timedelta(hours=number)
            elif step == "backwards":
                rpm.move_back(number)
            elif step == "dated":
                rpm.dated = bool(number)
            else:
                listed = rpm.listed()
                kept = snapshot.trusted(listed, rpm.desired()).customers
                for i, customer in kept.items():
                    assert customer.values["Website"] == rpm.values[i]
                    assert customer.read_at == LONG_AGO, "no edit may rest on it"
                read = {i: rpm.row(i, whole=True) for i in rpm.values if i not in kept}
                snapshot.keep(listed, rpm.desired(), read)


def test_a_quiet_server_is_trusted_after_two_days(tmp_path: Path) -> None:
    """The rule is of use: once a read is old enough, nothing is read again."""
    rpm = Rpm("day", 0)
    snapshot = Snapshot(tmp_path / "snapshot", TARGET, pytest.fail, SEAL)
    for hours, expected in ((47, (0, 0)), (1, (0, 3)), (0, (3, 0)), (500, (3, 0))):
        rpm.now += dt.timedelta(hours=hours)
        kept, doubted = snapshot.trusted(rpm.listed(), rpm.desired())
        assert (len(kept), doubted) == expected
        read = {i: rpm.row(i, whole=True) for i in rpm.values if i not in kept}
        snapshot.keep(rpm.listed(), rpm.desired(), read)


@pytest.mark.row("B125")
@pytest.mark.row("F127")
def test_where_rpm_said_what_yaml_says_both_have_one_text(tmp_path: Path) -> None:
    """A hundred thousand customers are kept in memory once; one that differs has its own."""
    rpm = Rpm("second", 0)
    snapshot = Snapshot(tmp_path / "snapshot", TARGET, pytest.fail, SEAL)
    rpm.now += dt.timedelta(days=3)
    rpm.values = {0: "w", 1: "w", 2: "another"}
    desired = rpm.desired()
    snapshot.keep(rpm.listed(), desired, {i: rpm.row(i, whole=True) for i in rpm.values})
    kept = snapshot.trusted(rpm.listed(), desired).customers
    assert [kept[i].values is desired[i].values for i in range(3)] == [True, True, False]
    assert kept[2].values["Website"] == "another"


def test_a_read_later_than_the_list_is_not_trusted(tmp_path: Path) -> None:
    """RPM's own clock went back: whether anything changed since is not for that read to say."""
    rpm = old_snapshot(tmp_path / "snapshot")
    snapshot = Snapshot(tmp_path / "snapshot", TARGET, pytest.fail, SEAL)
    assert snapshot.trusted(rpm.listed(), rpm.desired()).customers.keys() == {0, 1, 2}
    rpm.now -= dt.timedelta(days=1)
    assert snapshot.trusted(rpm.listed(), rpm.desired()) == ({}, 3)


@pytest.mark.row("F127")
def test_a_read_without_a_date_is_not_trusted(tmp_path: Path) -> None:
    """Nothing of RPM's says when it was made; the next read that has one is trusted again."""
    rpm = Rpm("day", 0, now=START + dt.timedelta(days=30), dated=False)
    snapshot = Snapshot(tmp_path / "snapshot", TARGET, pytest.fail, SEAL)
    read = {i: rpm.row(i, whole=True) for i in rpm.values}
    snapshot.keep(rpm.listed(), rpm.desired(), read)
    assert snapshot.trusted(rpm.listed(), rpm.desired()) == ({}, 3)
    rpm.dated = True
    assert snapshot.trusted(rpm.listed(), rpm.desired()) == ({}, 3)
    snapshot.keep(rpm.listed(), rpm.desired(), {i: rpm.row(i, whole=True) for i in rpm.values})
    rpm.dated = False
    assert snapshot.trusted(rpm.listed(), rpm.desired()).doubted == 0, "the list's own date is not needed"


@pytest.mark.row("F118")
@pytest.mark.parametrize("damage", ["garbage", "foreign", "cut", "a text", "a cell", "brought by a branch"])
def test_a_damaged_or_foreign_file_is_thrown_away(damage: str, tmp_path: Path) -> None:
    """It is said once, everything is read, and the next run has a good file."""
    path = tmp_path / "snapshot"
    rpm = Rpm("day", 0, now=START + dt.timedelta(days=30))
    read = {i: rpm.row(i, whole=True) for i in rpm.values}
    Snapshot(path, Target("https://else", 7) if damage == "foreign" else TARGET, pytest.fail, SEAL).keep(
        rpm.listed(), rpm.desired(), read
    )
    if damage == "garbage":
        path.write_bytes(b"not a database at all" * 100)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "a text":
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE heads SET text_5 = replace(text_5, 'v0', 'v1')")
    elif damage == "a cell":
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE heads SET text_5 = NULL")
    elif damage == "brought by a branch":
        path.chmod(0o644)
    notes: list[str] = []
    snapshot = Snapshot(path, TARGET, notes.append, SEAL)
    assert snapshot.trusted(rpm.listed(), rpm.desired()) == ({}, 0)
    assert len(notes) == 1
    snapshot.keep(rpm.listed(), rpm.desired(), read)
    assert len(snapshot.trusted(rpm.listed(), rpm.desired()).customers) == 3
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.row("B135")
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2013-10-10", (2013, 10, 10)),
        ("2013-10-10T11:12:13", (2013, 10, 10)),
        ("4/16/2008", (2008, 4, 16)),
        ("4/16/2008 2:14:00 PM", (2008, 4, 16)),
        ("16/4/2008", None),
        ("/Date(1208304000000)/", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_the_day_of_a_modified(text: str, day: tuple[int, int, int] | None) -> None:
    """What is no date for certain is none."""
    assert day_of(text) == (dt.datetime(*day, tzinfo=dt.UTC) if day else None)


def old_snapshot(path: Path) -> Rpm:
    """A server that has been quiet for a month, and a snapshot of it."""
    rpm = Rpm("day", 0, now=START + dt.timedelta(days=30))
    read = {i: rpm.row(i, whole=True) for i in rpm.values}
    Snapshot(path, TARGET, pytest.fail, SEAL).keep(rpm.listed(), rpm.desired(), read)
    return rpm


def test_another_name_in_the_list_is_a_sign_of_change(tmp_path: Path) -> None:
    """Whatever Modified says."""
    rpm = old_snapshot(tmp_path / "snapshot")
    listed = rpm.listed()
    listed[1] = listed[1]._replace(values={"Name": "renamed"})
    assert Snapshot(tmp_path / "snapshot", TARGET, pytest.fail, SEAL).trusted(
        listed, rpm.desired()
    ).customers.keys() == {0, 2}


def test_a_read_under_another_name_than_the_list_had_is_not_kept(tmp_path: Path) -> None:
    """It was renamed in between, and its Modified is not the one that the list gave."""
    rpm = Rpm("day", 0, now=START + dt.timedelta(days=30))
    read = {i: rpm.row(i, whole=True) for i in rpm.values}
    read[1] = read[1]._replace(values={**read[1].values, "Name": "renamed"})
    snapshot = Snapshot(tmp_path / "snapshot", TARGET, pytest.fail, SEAL)
    snapshot.keep(rpm.listed(), rpm.desired(), read)
    assert snapshot.trusted(rpm.listed(), rpm.desired()).customers.keys() == {0, 2}


def test_a_modified_at_the_end_of_time_is_not_trusted(tmp_path: Path) -> None:
    """No read was made two days after it."""
    rpm = Rpm("day", 0, now=START + dt.timedelta(days=30))
    rpm.modified[1] = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
    read = {i: rpm.row(i, whole=True) for i in rpm.values}
    snapshot = Snapshot(tmp_path / "snapshot", TARGET, pytest.fail, SEAL)
    snapshot.keep(rpm.listed(), rpm.desired(), read)
    assert snapshot.trusted(rpm.listed(), rpm.desired()).customers.keys() == {0, 2}


def managing_more(rpm: Rpm) -> dict[int, DesiredCustomer]:
    """Files that manage another attribute than they did."""
    return {i: it._replace(values={**it.values, "Address": ""}) for i, it in rpm.desired().items()}


TAMPERINGS = {
    "a head is gone": "DELETE FROM heads WHERE key = 1",
    "a record is gone": "DELETE FROM records WHERE key = 1",
    "a head of before": "INSERT OR REPLACE INTO heads SELECT * FROM before.heads WHERE key = 0",
    "heads of before": "INSERT OR REPLACE INTO heads SELECT * FROM before.heads",
    "the end and a head of before": """INSERT OR REPLACE INTO heads SELECT * FROM before.heads WHERE key = 0;
        UPDATE made_for SET end = (SELECT end FROM before.made_for)""",
    "a record of before": "INSERT OR REPLACE INTO records SELECT * FROM before.records WHERE key = 1",
    "a head of another customer": "UPDATE heads SET key = key + 5",
    "a record of another customer": "UPDATE records SET key = 4 WHERE key = 1",
    "no end": "UPDATE made_for SET end = NULL",
    "an end of another kind": "UPDATE made_for SET end = 7",
    "a check of another kind": "UPDATE heads SET checked = 7",
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_rows_that_were_not_kept_together_drop_the_file(tampering: str, tmp_path: Path) -> None:
    """Each row is one that the key's owner has written; what was done is seen all the same, said once, and nothing is believed."""
    path, before = tmp_path / "snapshot", tmp_path / "before"
    rpm = Rpm("day", 0, now=START + dt.timedelta(days=30))
    rpm.values |= {1_000: "v0"}
    rpm.modified |= {1_000: START}
    for place, value in ((before, "v0"), (path, "v1")):
        rpm.values = dict.fromkeys(rpm.values, value)
        read = {i: rpm.row(i, whole=True) for i in rpm.values}
        Snapshot(place, TARGET, pytest.fail, SEAL).keep(rpm.listed(), rpm.desired(), read)
    files = managing_more(rpm) if "record" in tampering else rpm.desired()
    assert len(Snapshot(path, TARGET, pytest.fail, SEAL).trusted(rpm.listed(), files)[0]) == 4
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ATTACH ? AS before", (str(before),))
        connection.executescript(TAMPERINGS[tampering])
    notes: list[str] = []
    snapshot = Snapshot(path, TARGET, notes.append, SEAL)
    assert snapshot.trusted(rpm.listed(), files) == ({}, 0)
    assert (len(notes), path.exists()) == (1, False)


def test_nothing_is_added_to_rows_that_were_not_kept_together(tmp_path: Path) -> None:
    """The new end would make them believed."""
    rpm = old_snapshot(tmp_path / "snapshot")
    with closing(sqlite3.connect(tmp_path / "snapshot")) as connection, connection:
        connection.execute("DELETE FROM heads")
    notes: list[str] = []
    snapshot = Snapshot(tmp_path / "snapshot", TARGET, notes.append, SEAL)
    snapshot.keep(rpm.listed(), rpm.desired(), {1: rpm.row(1, whole=True)})
    assert len(notes) == 1
    assert snapshot.trusted(rpm.listed(), rpm.desired()) == ({}, 0)


def test_records_are_asked_once_for_what_a_file_manages_more(tmp_path: Path) -> None:
    """After that the heads know it; looking up a record for each customer every night would take longer than all the rest."""
    rpm = old_snapshot(tmp_path / "snapshot")
    files = {i: it._replace(values={"Website": "w", "Name": it.name}) for i, it in rpm.desired().items()}
    snapshot = Snapshot(tmp_path / "snapshot", TARGET, pytest.fail, SEAL)
    assert len(snapshot.trusted(rpm.listed(), files).customers) == 3
    snapshot.keep(rpm.listed(), files, {})
    with closing(sqlite3.connect(tmp_path / "snapshot")) as connection, connection:
        connection.execute("UPDATE records SET text_1 = 'damaged'")
    again = Snapshot(tmp_path / "snapshot", TARGET, pytest.fail, SEAL)
    assert len(again.trusted(rpm.listed(), files).customers) == 3


PATHS = ("Website", "Address", "Fields.A", "Fields.B", "Fields.C: d")
TEXTS = st.sampled_from(["", "w", "two\nlines", "Ünï", "'", " x "]) | st.text(
    st.sampled_from("a\0\x01\x02\ud800"), max_size=3
)
RECORDS = st.dictionaries(
    st.sampled_from([1, 2, 999, 1_000, 1_001, 5_000_000, 2**62]),
    st.tuples(st.dictionaries(st.sampled_from(PATHS), TEXTS), st.sampled_from([(), ("Alias", "b")])),
    min_size=1,
)
MANAGED = st.lists(st.sampled_from(PATHS), unique=True)


@given(records=RECORDS, turns=st.lists(MANAGED, min_size=1, max_size=4), doubled=st.booleans())
def test_a_kept_read_says_what_the_record_said(
    records: dict[int, tuple[dict[str, str], tuple[str, ...]]], turns: list[list[str]], *, doubled: bool
) -> None:
    """Of every attribute that the file manages now, whatever it managed before, and aliases and doubts with it."""
    now = int((START + dt.timedelta(days=30)).timestamp())
    read = {
        i: ObservedCustomer(
            i,
            {"Name": f"Customer {i}", **values},
            LONG_AGO,
            whole=True,
            modified="2026-01-01",
            aliases=aliases,
            ambiguous=frozenset(list(values)[:1]) if doubled else frozenset(),
            answered_at=now,
        )
        for i, (values, aliases) in records.items()
    }
    listed = {i: it._replace(values={"Name": it.name}, whole=False) for i, it in read.items()}
    unkeepable = {
        i
        for i, it in read.items()
        if any(sign in text for text in it.values.values() for sign in "\0\1\2\ud800")
    }
    with tempfile.TemporaryDirectory() as folder:
        first = True
        for managed in turns:
            desired = {
                i: DesiredCustomer(i, "f", 1, 1, {"Name": "n", **dict.fromkeys(managed, "v")}, [])
                for i in read
            }
            snapshot = Snapshot(Path(folder) / "snapshot", TARGET, pytest.fail, SEAL)
            kept = snapshot.trusted(listed, desired).customers
            assert kept.keys() == (set() if first else read.keys() - unkeepable)
            for i, customer in kept.items():
                assert [customer.values.get(path) for path in desired[i].values] == [
                    read[i].values.get(path) for path in desired[i].values
                ]
                assert customer._replace(values={}) == read[i]._replace(values={}, answered_at=None)
                if not set(managed) <= read[i].values.keys():
                    assert dict(customer.values) == read[i].values, "all of it, to find the nearest name in"
            snapshot.keep(listed, desired, {} if kept else read)
            first = False


MASK = CompareRules({"Fields.Spend": Number()}, mask=frozenset({"Fields.Spend"}))


def sealed(
    place: Path, said: str, *, key: bytes = b"k" * 32, rules: CompareRules = MASK
) -> tuple[int, list[str]]:
    """Keep a read of a masked 1200, then open it with YAML that says something: how many are trusted, and what was noted."""
    values = {"Name": "Acme", "Fields.Spend": "1200", "Fields.Other": "x"}
    moment = int((START + dt.timedelta(days=30)).timestamp())

    def observed(kept: dict[str, str], *, whole: bool) -> dict[int, ObservedCustomer]:
        return {
            7: ObservedCustomer(7, kept, LONG_AGO, whole=whole, modified="2026-01-01", answered_at=moment)
        }

    def desired(text: str) -> dict[int, DesiredCustomer]:
        return {7: DesiredCustomer(7, "f", 1, 1, {"Name": "Acme", "Fields.Spend": text}, [1] * 4)}

    notes: list[str] = []
    listed = observed({"Name": "Acme"}, whole=False)
    first = Snapshot(place / "snapshot", TARGET, notes.append, Seal(b"k" * 32, MASK))
    first.keep(listed, desired("1200"), observed(values, whole=True))
    again = Snapshot(place / "snapshot", TARGET, notes.append, Seal(key, rules))
    found = again.trusted(listed, desired(said)).customers
    for customer in found.values():
        assert customer.values["Fields.Spend"] == said
    return len(found), notes


@pytest.mark.parametrize(("said", "trusted"), [("1200", 1), ("$1,200.00", 1), ("1201", 0), ("", 0)])
def test_a_masked_read_is_trusted_where_yaml_means_the_same(tmp_path: Path, said: str, trusted: int) -> None:
    """By the field's own type; where YAML says something else, the customer is read again."""
    assert sealed(tmp_path, said) == (trusted, [])


@pytest.mark.parametrize(
    ("key", "rules"),
    [
        (b"l" * 32, MASK),
        (b"k" * 32, CompareRules({"Fields.Spend": Number()})),
        (b"k" * 32, CompareRules(mask=frozenset({"Fields.Spend"}))),
    ],
)
def test_another_key_mask_or_type_costs_one_full_read(
    tmp_path: Path, key: bytes, rules: CompareRules
) -> None:
    """The file is dropped, and that is said."""
    trusted, notes = sealed(tmp_path, "1200", key=key, rules=rules)
    assert (trusted, len(notes)) == (0, 1)
    assert not (tmp_path / "snapshot").exists()


def test_a_row_that_somebody_else_wrote_drops_the_file(tmp_path: Path) -> None:
    """Whoever can write a forge's cache has no key: a read with a fitting checksum is not believed."""
    rpm = Rpm("day", 0)
    rpm.now += dt.timedelta(days=30)
    path = tmp_path / "snapshot"
    read = {i: rpm.row(i, whole=True) for i in rpm.values}
    Snapshot(path, TARGET, pytest.fail, SEAL).keep(rpm.listed(), rpm.desired(), read)
    with closing(sqlite3.connect(path)) as connection, connection:
        key, _, *texts = connection.execute("SELECT * FROM heads").fetchone()
        forged = [text.replace("v0", "evil") for text in texts]
        assert forged != texts
        marks = ", ".join("?" * (2 + len(forged)))
        row = (key, _checksum(key, forged), *forged)
        connection.execute(f"INSERT OR REPLACE INTO heads VALUES ({marks})", row)  # noqa: S608 - question marks
    notes: list[str] = []
    assert Snapshot(path, TARGET, notes.append, SEAL).trusted(rpm.listed(), rpm.desired()).customers == {}
    assert (len(notes), path.exists()) == (1, False)
