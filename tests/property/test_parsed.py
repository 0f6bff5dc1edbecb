"""What files were read into, kept: the same as reading them, whatever lies on the disk and happens to the files."""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.core.field_types import Date, ListOf
from reconciler.core.packed import FILES
from reconciler.customers import parse_cache
from reconciler.customers.discovery import find_files, read_folder
from reconciler.customers.load import load
from reconciler.customers.manifest import Manifest, combine, limited, read_file, read_files
from reconciler.customers.parse_cache import ParseCache
from reconciler.repo.settings import Settings
from reconciler.repo.stamps import DOUBT, YOUNG
from tests.kit.yamlfiles import customer_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.field_types import FieldType
    from reconciler.customers.manifest import FileRead

WAYS: dict[str, FieldType] = {"Fields.Tier": ListOf(("Gold",)), "Fields.Zip": Date()}
ODD_FILES = [
    b"",
    b"Name: A\nName: B\n",
    b"Name: \xff",
    b"Nmae: A\n",
    b"Name: A\nWebsite: x #y\n---\nName: B\n",
]
GOOD = b"CustomerID: 7\nName: A\nFields:\n  Tier: Gold\n  Note: |\n    two\n    lines\n"
CONTENTS = customer_files().map(lambda file: file.content) | st.sampled_from(ODD_FILES)
NAMES = st.sampled_from(
    ["a.yaml", "b.yaml", "c.yaml", "e.yaml", "f.yaml", "d/a.yaml", "d/e/a.yaml", "d.a.yaml"]
)


def later() -> int:
    """A moment at which every file that is there now is old."""
    return time.time_ns() + 2 * DOUBT


def opened(
    path: Path, field_types: Mapping[str, FieldType] | None = None, now: int | None = None
) -> ParseCache:
    return ParseCache(path, field_types or {}, later() if now is None else now)


def read(
    path: Path, folder: Path, field_types: Mapping[str, FieldType] | None = None, now: int | None = None
) -> Manifest:
    """Read a folder by way of what is kept, and keep it."""
    parsed = opened(path, field_types, now)
    manifest = limited(combine(parsed.files(find_files(folder, "c"))))
    parsed.keep()
    return manifest


def plainly(folder: Path, field_types: Mapping[str, FieldType] | None = None) -> Manifest:
    """Read it as if nothing were kept."""
    return read_files(read_folder(folder, "c")[0], field_types or {})


def kept(path: Path) -> list[str]:
    """The files that are kept."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT key, text_0 FROM groups").fetchall()
    return sorted(f"{key.rpartition('/')[0]}/{name}" for key, names in rows for name in names.split(FILES))


SECONDS = itertools.count(1_700_000_000)


def put(path: Path, content: bytes) -> None:
    """Write a file as editors and git do: another takes its place, here each a second later than the last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + "~")
    beside.write_bytes(content)
    touch(beside)
    beside.replace(path)


def touch(path: Path) -> None:
    """Give the file a time that no file had."""
    second = next(SECONDS)
    os.utime(path, (second, second))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), NAMES, CONTENTS),
        st.tuples(st.just("delete"), NAMES, st.just(b"")),
        st.tuples(st.just("move"), NAMES, NAMES),
        st.tuples(st.just("swap"), NAMES, NAMES),
        st.tuples(st.just("touch"), NAMES, st.just(b"")),
        st.tuples(st.just("read"), st.just(""), st.just(b"")),
    ),
    max_size=15,
)


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups are parted at three files, and a content is looked for from the first that is not known."""
    monkeypatch.setattr(parse_cache, "GROUP", 1)
    monkeypatch.setattr(parse_cache, "_FEW", 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, field_types=st.sampled_from([{}, WAYS]))
def test_a_folder_is_read_as_if_nothing_were_kept(
    steps: list[tuple[str, str, str | bytes]], field_types: dict[str, FieldType]
) -> None:
    """Customers, places, problems and warnings, whatever was written, moved, swapped, touched and deleted in between."""
    with tempfile.TemporaryDirectory() as place:
        folder, path = Path(place) / "c", Path(place) / "parsed"
        folder.mkdir()
        for step, name, more in [*steps, ("read", "", ""), ("read", "", "")]:
            file = folder / name
            if step == "read":
                assert read(path, folder, field_types) == plainly(folder, field_types)
            elif isinstance(more, bytes) and step == "put":
                put(file, more)
            elif file.is_file() and step == "delete":
                file.unlink()
            elif file.is_file() and step == "touch":
                touch(file)
            elif file.is_file() and isinstance(more, str) and (other := folder / more) != file:
                theirs = other.read_bytes() if step == "swap" and other.is_file() else None
                other.parent.mkdir(parents=True, exist_ok=True)
                file.replace(other)
                if theirs is not None:
                    put(file, theirs)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(CONTENTS, min_size=1, max_size=4), field_types=st.sampled_from([{}, WAYS]))
def test_a_file_of_a_commit_is_read_as_a_new_one(
    files: list[bytes], field_types: dict[str, FieldType]
) -> None:
    """By its content alone, under whatever name."""
    with tempfile.TemporaryDirectory() as place:
        folder, path = Path(place) / "c", Path(place) / "parsed"
        for number, content in enumerate(files):
            put(folder / f"{number}.yaml", content)
        read(path, folder, field_types)
        parsed = opened(path, field_types)
        for number, content in enumerate([*files, GOOD]):
            assert parsed.read(content, f"then/{number}") == read_file(content, f"then/{number}", field_types)


def test_a_file_that_is_as_it_was_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every stamp is that of the file which was read, nothing is read; one that moved is read alone."""
    folder, path = tmp_path / "c", tmp_path / "parsed"
    for name in ("a.yaml", "b.yaml", "d/a.yaml"):
        put(folder / name, f"Name: {name}\n".encode())
    before = read(path, folder)
    paths: list[str] = []
    really = os.open

    def noted(path: str, *rest: int) -> int:
        paths.append(str(path))
        return really(path, *rest)

    def opened_files() -> list[str]:
        found = [Path(path).name for path in paths if path.endswith(".yaml")]
        paths.clear()
        return found

    monkeypatch.setattr(os, "open", noted)

    assert read(path, folder) == before
    assert opened_files() == []
    put(folder / "b.yaml", b"Name: b, moved\n")
    opened_files()
    assert [it.name for it in read(path, folder).customers] == ["a.yaml", "b, moved", "d/a.yaml"]
    assert opened_files() == ["b.yaml"]


def test_a_file_that_was_just_written_is_read_again(tmp_path: Path) -> None:
    """It may be written once more in the same tick of its times, to the same size: its stamp proves nothing yet."""
    folder, path = tmp_path / "c", tmp_path / "parsed"
    put(folder / "a.yaml", b"Name: A1\n")
    file = folder / "a.yaml"
    written = file.stat()
    assert read(path, folder, now=max(written.st_mtime_ns, written.st_ctime_ns)).customers[0].name == "A1"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT text_8 FROM groups").fetchall() == [(YOUNG,)]
    read(path, folder)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT text_8 FROM groups").fetchall() != [(YOUNG,)]


def test_times_that_were_put_back_deceive_nobody(tmp_path: Path) -> None:
    """`cp -p` and `touch -r` set the time of the content; that of the change they cannot set."""
    folder, path = tmp_path / "c", tmp_path / "parsed"
    put(folder / "a.yaml", b"Name: A1\n")
    file = folder / "a.yaml"
    read(path, folder)
    time.sleep(0.05)  # more than a tick of the file system's clock
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.write_bytes(b"Name: A2\n")
    os.utime(file, ns=times)
    assert read(path, folder).customers[0].name == "A2"


def test_only_what_holds_no_word_for_a_person_is_kept(tmp_path: Path) -> None:
    """A problem or a warning is said each time, at its place."""
    for number, content in enumerate([*ODD_FILES, GOOD]):
        put(tmp_path / "c" / f"{number}.yaml", content)
    first = read(tmp_path / "parsed", tmp_path / "c")
    assert kept(tmp_path / "parsed") == [f"c/{len(ODD_FILES)}.yaml"]
    assert first.problems
    assert first == read(tmp_path / "parsed", tmp_path / "c")


def test_a_file_that_is_sound_by_other_rules_is_looked_at_anew(tmp_path: Path) -> None:
    """The ways of comparing decide what is wrong with a text."""
    put(tmp_path / "c" / "a.yaml", b"Name: A\nFields:\n  Tier: Silver\n")
    runs: list[tuple[dict[str, FieldType], int]] = [({}, 0), (WAYS, 1), ({}, 0)]
    for field_types, wrong in runs:
        assert len(read(tmp_path / "parsed", tmp_path / "c", field_types).problems) == wrong


def test_what_no_file_says_any_more_goes(tmp_path: Path) -> None:
    """Files and folders that are gone, and what files said before."""
    for edit in range(3):
        put(tmp_path / "c" / "a.yaml", f"Name: customer {edit}\n".encode())
        put(tmp_path / "c" / str(edit) / "b.yaml", b"Name: moves\n")
        if edit:
            (tmp_path / "c" / str(edit - 1) / "b.yaml").unlink()
        read(tmp_path / "parsed", tmp_path / "c")
        assert kept(tmp_path / "parsed") == [f"c/{edit}/b.yaml", "c/a.yaml"]


@pytest.mark.parametrize(
    "damage", ["garbage", "cut", "a text", "a cell", "foreign", "brought by a branch", "a folder"]
)
def test_an_odd_file_is_worth_nothing(damage: str, tmp_path: Path) -> None:
    """What it says is never believed: files are read as if it were not there, and the next run may keep again."""
    path, folder = tmp_path / "parsed", tmp_path / "c"
    put(folder / "a.yaml", GOOD)
    read(path, folder)
    if damage == "garbage":
        path.write_bytes(b"not a database at all" * 500)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:6000])
    elif damage == "brought by a branch":
        path.chmod(0o644)
    elif damage == "a folder":
        path.unlink()
        path.mkdir()
    else:
        change = {
            "a text": "groups SET text_7 = replace(text_7, 'A', 'B')",
            "a cell": "groups SET text_9 = NULL",
            "foreign": "made_for SET purpose = ''",
        }[damage]
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"UPDATE {change}")
    assert read(path, folder) == plainly(folder)
    if damage != "a folder":
        assert path.stat().st_mode & 0o777 == 0o600
        assert kept(path) == ["c/a.yaml"]


def test_too_much_to_read_is_told_as_if_nothing_were_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first file beyond the limit is named, and none behind it is read, whether files are known or not."""
    path, folder = tmp_path / "parsed", tmp_path / "c"
    for name in ("a/1", "a/2", "b/1", "b/2", "b/3"):
        put(folder / f"{name}.yaml", f"Name: {name}\nWebsite: {'w' * 100}\n".encode())
    read(path, folder)
    monkeypatch.setattr("reconciler.customers.discovery.TOTAL_LIMIT", 400)
    found, fresh = find_files(folder, "c"), find_files(folder, "c")
    known = combine(opened(path).files(found)).customers
    plain = [file.shown for file in fresh.files if fresh.content(file) is not None]
    assert [it.file for it in known] == plain == ["c/a/1.yaml", "c/a/2.yaml", "c/b/1.yaml"]
    assert found.problems == fresh.problems
    assert [it.mark.file for it in found.problems] == ["c/b/2.yaml"]


def test_a_disk_that_takes_nothing_costs_time_alone(tmp_path: Path) -> None:
    """Where the folder is missing, say."""
    put(tmp_path / "c" / "a.yaml", GOOD)
    assert read(tmp_path / "missing" / "parsed", tmp_path / "c").customers[0].name == "A"
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_few_large_files_are_kept_as_many_small_ones_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is how many customers there are to parse, not how many files they are in."""
    folder = tmp_path / "customers"
    folder.mkdir()
    for file in range(2):
        docs = (
            f"CustomerID: {number}\nName: C{number}\n" for number in range(1 + file * 9000, (file + 1) * 9000)
        )
        (folder / f"{file}.yaml").write_text("---\n".join(docs))
    (tmp_path / ".reconciler").mkdir(mode=0o700)
    parsed: list[str] = []

    def counting(content: bytes, file: str, field_types: dict[str, FieldType]) -> FileRead:
        parsed.append(file)
        return read_file(content, file, field_types)

    monkeypatch.setattr("reconciler.customers.parse_cache.read_file", counting)
    here = Settings(root=tmp_path)
    first = load(here)
    assert parsed == ["customers/0.yaml", "customers/1.yaml"]
    assert load(here).customers == first.customers
    assert len(parsed) == 2
