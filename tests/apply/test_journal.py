"""What is on the disk, and when; how long journals are kept."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.journal import KEPT_AT_LEAST, KEPT_DAYS, Journal, JournalError, remove_old_journals
from reconciler.core.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = 1_800_000_000.0
DONE = ({"intent": 7}, {"result": 7, "outcome": "edited"})


class Disk:
    """The disk as it is, but slow, or full, or broken: `forced` is how much of the file it has confirmed, `fsyncs` how often."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.forced = self.fsyncs = 0
        self.seconds = 0.0
        self.failure: int | None = None
        self.meanwhile: Callable[[], None] = lambda: None
        self.room = 1 << 30
        self._fsync, self._write = os.fsync, os.write
        monkeypatch.setattr(os, "fsync", self.fsync)
        monkeypatch.setattr(os, "write", self.write)

    def fsync(self, file: int) -> None:
        size = os.fstat(file).st_size
        time.sleep(self.seconds)
        self.meanwhile()
        if self.failure is not None:
            raise OSError(self.failure, os.strerror(self.failure))
        self._fsync(file)
        self.fsyncs += 1
        self.forced = max(self.forced, size)

    def write(self, file: int, content: bytes) -> int:
        part = content[: self.room]
        self.room -= len(part)
        return self._write(file, part)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk of a test."""
    return Disk(monkeypatch)


@pytest.fixture
def unwritten() -> list[tuple[int, str]]:
    """Results that were told of because the journal could not take them."""
    return []


@pytest.fixture
def opened(tmp_path: Path, disk: Disk, unwritten: list[tuple[int, str]]) -> Journal:
    """A journal on that disk."""
    del disk
    return Journal(tmp_path / "j.jsonl", Clock(), {}, lambda *it: unwritten.append(it))


def lines_of(opened: Journal) -> list[dict[str, Any]]:
    """The lines of the file, but the first."""
    return [json.loads(line) for line in opened.path.read_text().splitlines()[1:]]


def test_an_intent_is_on_the_disk_before_its_edit_and_shares_the_way_there(
    opened: Journal, disk: Disk
) -> None:
    """Twenty workers with ten edits each: none goes on before its line is confirmed, and many lines take one fsync."""
    disk.seconds, early = 0.002, []

    def work(worker: int) -> None:
        for number in range(10):
            opened.intent(100 * worker + number, ["Website"])
            place = opened.path.read_bytes().index(b'"intent": %d,' % (100 * worker + number))
            if disk.forced < place:
                early.append((worker, number))
            opened.result(100 * worker + number, "edited")

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened.close()
    assert not early
    lines = lines_of(opened)
    assert disk.forced == opened.path.stat().st_size
    for worker in range(1, 21):
        mine = [it for it in lines if (it.get("intent") or it["result"]) // 100 == worker]
        assert [next(iter(set(it) & {"intent", "result"})) for it in mine] == ["intent", "result"] * 10
    assert disk.fsyncs < len(lines) / 4


def test_a_result_takes_no_fsync_of_its_own(opened: Journal, disk: Disk) -> None:
    """It goes with the next intent, or when its worker turns to something else."""
    for customer in (1, 2, 3):
        opened.intent(customer, ["Name"])
        opened.result(customer, "edited")
    assert disk.fsyncs == 4, "the first line and three intents"
    opened.sync()
    opened.sync()
    assert disk.fsyncs == 5
    assert disk.forced == opened.path.stat().st_size


@pytest.mark.row("F116-journal")
def test_a_failed_fsync_is_never_ignored(
    opened: Journal, disk: Disk, unwritten: list[tuple[int, str]]
) -> None:
    """A later one may say that all is well although the kernel let the lines go: nothing more is written, each result told."""
    opened.intent(1, ["Name"])
    opened.result(1, "edited")
    disk.failure = errno.EIO
    with pytest.raises(JournalError, match="Input/output error"):
        opened.intent(2, ["Name"])
    assert unwritten == [(1, "edited")]
    disk.failure = None
    with pytest.raises(JournalError):
        opened.intent(3, ["Name"])
    with pytest.raises(JournalError):
        opened.result(4, "edited")
    with pytest.raises(JournalError):
        opened.sync()
    assert unwritten == [(1, "edited"), (4, "edited")]
    assert [it.get("intent") for it in lines_of(opened)] == [1, None, 2]


def test_a_line_written_during_an_fsync_is_not_covered_by_it(
    opened: Journal, disk: Disk, unwritten: list[tuple[int, str]]
) -> None:
    """Its result is told of where the next one fails."""

    def meanwhile() -> None:
        disk.meanwhile = lambda: None
        opened.result(1, "edited")

    opened.intent(1, ["Name"])
    disk.meanwhile = meanwhile
    opened.intent(2, ["Name"])
    disk.failure = errno.EIO
    with pytest.raises(JournalError):
        opened.sync()
    assert unwritten == [(1, "edited")]


def test_nothing_comes_behind_half_a_line(
    opened: Journal, disk: Disk, unwritten: list[tuple[int, str]]
) -> None:
    """It would become part of it, and be lost with it."""
    opened.intent(1, ["Name"])
    disk.room = 20
    with pytest.raises(JournalError, match="only a part of the line was written"):
        opened.result(1, "edited")
    disk.room = 1 << 30
    with pytest.raises(JournalError):
        opened.intent(2, ["Name"])
    opened.close()
    assert opened.path.read_text().count("\n") == 2
    assert unwritten == [(1, "edited")]


def test_nothing_is_written_into_whatever_is_opened_behind_a_closed_journal(
    opened: Journal, tmp_path: Path
) -> None:
    """A worker whose answer comes after the end meets an error, and not another file under the same number."""
    opened.close()
    with (tmp_path / "other").open("wb") as other:
        with pytest.raises(JournalError):
            opened.result(1, "edited")
        assert other.tell() == 0
    assert (tmp_path / "other").read_bytes() == b""


def journal(folder: Path, name: str, *lines: dict[str, Any], days: float) -> Path:
    """A journal that was written so many days ago."""
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in ({"journal": "x"}, *lines)))
    os.utime(path, (NOW - days * 86_400,) * 2)
    return path


def test_finished_journals_are_kept_for_a_bounded_time(tmp_path: Path) -> None:
    """Old ones go; young ones, those with an edit in doubt, and what is no journal stay."""
    old = KEPT_DAYS + 1
    gone = [journal(tmp_path, "1-done", *DONE, days=old), journal(tmp_path, "1-empty", days=old)]
    stay = [
        journal(tmp_path, "1-begun", {"intent": 7}, days=old),
        journal(tmp_path, "1-unknown", {"intent": 7}, {"result": 7, "outcome": "unknown"}, days=old),
        journal(tmp_path, "1-young", *DONE, days=KEPT_DAYS - 1),
        *(journal(tmp_path, f"2-{n:02}", *DONE, days=old) for n in range(KEPT_AT_LEAST)),
    ]
    torn = tmp_path / "1-torn.jsonl"
    torn.write_text('{"intent": 7}\n{"resu')
    os.utime(torn, (0, 0))
    (tmp_path / "1-notes.txt").write_text("mine")
    remove_old_journals(tmp_path, NOW)
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in (*stay, torn, tmp_path / "1-notes.txt"))


def test_the_newest_stay_whatever_the_clock_says(tmp_path: Path) -> None:
    """A clock that is years ahead takes none of the last runs along."""
    newest = [journal(tmp_path, f"{n:02}", *DONE, days=1) for n in range(KEPT_AT_LEAST)]
    remove_old_journals(tmp_path, NOW * 2)
    assert all(path.exists() for path in newest)
    remove_old_journals(tmp_path / "nowhere", NOW)
