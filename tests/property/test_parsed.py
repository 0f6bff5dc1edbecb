"""What files were read into, kept: the same as reading them, whatever lies on the disk."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.comparison import Date, ListOf
from reconciler.manifest import read_file
from reconciler.parsed import ParsedFiles
from tests.kit.yamlfiles import customer_files

WAYS: dict[str, ListOf | Date] = {"Fields.Tier": ListOf(("Gold",)), "Fields.Zip": Date()}
ODD_FILES = [
    b"",
    b"Name: A\nName: B\n",
    b"Name: \xff",
    b"Nmae: A\n",
    b"Name: A\nWebsite: x #y\n---\nName: B\n",
]
GOOD = b"CustomerID: 7\nName: A\nFields:\n  Tier: Gold\n  Note: |\n    two\n    lines\n"


def kept(path: Path) -> dict[bytes, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT key, text_0 FROM kept"))


@settings(max_examples=150, deadline=None)
@given(
    files=st.lists(
        customer_files().map(lambda file: file.content) | st.sampled_from(ODD_FILES), min_size=1, max_size=4
    ),
    ways=st.sampled_from([{}, WAYS]),
)
def test_a_kept_file_is_read_as_a_new_one(files: list[bytes], ways: dict[str, ListOf | Date]) -> None:
    """Customers, places, problems and warnings are those of a reading, the first time, the second, and under another name."""
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(3):
            parsed = ParsedFiles(Path(folder) / "parsed", ways)
            for number, content in enumerate(files):
                name = f"{turn // 2}/{number}.yaml"
                assert parsed.read(content, name) == read_file(content, name, ways)
            parsed.keep()


def test_only_what_holds_no_word_for_a_person_is_kept(tmp_path: Path) -> None:
    """A problem or a warning is said each time, at its place."""
    parsed = ParsedFiles(tmp_path / "parsed", {})
    for content in [*ODD_FILES, GOOD]:
        parsed.read(content, "a.yaml")
    parsed.keep()
    assert len(kept(tmp_path / "parsed")) == 1


def test_a_file_that_is_sound_by_other_rules_is_looked_at_anew(tmp_path: Path) -> None:
    """The ways of comparing decide what is wrong with a text."""
    content = b"Name: A\nFields:\n  Tier: Silver\n"
    runs: list[tuple[dict[str, ListOf | Date], int]] = [({}, 0), (WAYS, 1), ({}, 0)]
    for ways, wrong in runs:
        parsed = ParsedFiles(tmp_path / "parsed", ways)
        assert len(parsed.read(content, "a.yaml")[1]) == wrong
        parsed.keep()


def test_what_no_file_says_any_more_goes(tmp_path: Path) -> None:
    """The file grows to twice what is in use, and no further."""
    for edit in range(10):
        parsed = ParsedFiles(tmp_path / "parsed", {})
        for number in range(3):
            parsed.read(f"Name: customer {number}, edit {edit}\n".encode(), "a.yaml")
        parsed.keep()
        assert len(kept(tmp_path / "parsed")) <= 6


@pytest.mark.parametrize("damage", ["garbage", "cut", "a text", "foreign", "brought by a branch", "a folder"])
def test_an_odd_file_is_worth_nothing(damage: str, tmp_path: Path) -> None:
    """What it says is never believed: files are read as if it were not there, and the next run may keep again."""
    path = tmp_path / "parsed"
    parsed = ParsedFiles(path, {})
    parsed.read(GOOD, "a.yaml")
    parsed.keep()
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
        change = (
            "kept SET text_0 = replace(text_0, 'Gold', 'Lead')"
            if damage == "a text"
            else "made_for SET purpose = ''"
        )
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"UPDATE {change}")
    parsed = ParsedFiles(path, {})
    assert parsed.read(GOOD, "a.yaml") == read_file(GOOD, "a.yaml", {})
    parsed.keep()
    if damage != "a folder":
        assert path.stat().st_mode & 0o777 == 0o600
        assert len(kept(path)) == 1


def test_a_disk_that_takes_nothing_costs_time_alone(tmp_path: Path) -> None:
    """Where the folder is missing, say."""
    parsed = ParsedFiles(tmp_path / "missing" / "parsed", {})
    assert parsed.read(GOOD, "a.yaml")[0][0].name == "A"
    parsed.keep()
    assert list(tmp_path.iterdir()) == []
