"""Intent and result of every edit, on disk before it is sent and once it is answered.

One file a run, one JSON object a line, 0600. An intent is forced to the disk before its edit is sent. A result is forced out
with the next line that is, and before the worker that wrote it waits for anything else: another edit's turn, a read, the end.
Whoever waits at the same time waits together, for one `fsync` of all that they wrote.

The journal is a record for people and for the next run's report; it is never the truth: what is done is decided by reading
RPM. It contains attribute names and outcomes, no values, so that nothing masked can be in it.
"""

from __future__ import annotations

import errno
import json
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.clock import stamp
from reconciler.core.errors import ReconcilerError
from reconciler.repo.room import check_room
from reconciler.repo.state_dir import private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from reconciler.core.clock import Clock

FORMAT: Final = "reconciler journal 1"
KEPT_DAYS: Final = 90
KEPT_AT_LEAST: Final = 20
_POLL: Final = 1.0


class JournalError(ReconcilerError):
    """A line could not be brought to the disk."""


class Journal:
    """An open journal; lines come from any thread, whole and in order, and none comes after one that failed."""

    def __init__(
        self, path: Path, clock: Clock, head: dict[str, Any], unwritten: Callable[[int, str], None]
    ) -> None:
        """Create the file; its first line says what the run was about. `unwritten` is told of results that it cannot take."""
        self.path = path
        self._clock = clock
        self._unwritten = unwritten
        self._lock = threading.Condition()
        self._written = self._forced = 0
        self._forcing = False
        self._broken: OSError | None = None
        self._results: list[tuple[int, str]] = []
        try:
            private_folder(path.parent)
            self._file = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise _failed(path, error) from None
        self._append({"journal": FORMAT, **head})
        self.sync()

    def intent(self, customer_id: int, attributes: Iterable[str]) -> None:
        """An edit is about to be sent; its line is on the disk when this returns."""
        self._append({"intent": customer_id, "attributes": list(attributes)})
        self.sync()

    def result(self, customer_id: int, outcome: str) -> None:
        """What became of it; its line is in the file when this returns, and on the disk after the next `sync`."""
        self._append({"result": customer_id, "outcome": outcome}, (customer_id, outcome))

    def sync(self) -> None:
        """Wait until every line that was written so far is on the disk."""
        with self._lock:
            aim = self._written
        while (there := self._turn(aim)) is not None:
            self._force(*there)
        self._check()

    def close(self) -> None:
        """Nothing more will be written."""
        with suppress(JournalError):
            self.sync()
        with self._lock:
            self._broken = self._broken or OSError(errno.EBADF, "it is closed")
            if not self._forcing:
                os.close(self._file)

    def _append(self, line: dict[str, Any], result: tuple[int, str] | None = None) -> None:
        """Write a line; a short write is an error, never ignored, and what comes after it would be part of its line."""
        text = json.dumps({"at": stamp(self._clock), **line}, ensure_ascii=True).encode("ascii") + b"\n"
        with self._lock:
            if result is not None:
                self._results.append(result)
            try:
                if self._broken is None and os.write(self._file, text) != len(text):
                    raise OSError(0, "only a part of the line was written")
                self._written += 1
            except OSError as error:
                self._broken = error
        self._check()

    def _turn(self, aim: int) -> tuple[int, int] | None:
        """Wait while somebody else forces lines out; how many lines and results there are, if this thread is to go on.

        None where nothing is left to do: line `aim` is on the disk, or no line can come there any more.
        """
        with self._lock:
            while self._forcing and self._forced < aim and self._broken is None:
                self._lock.wait(_POLL)
            if self._forced >= aim or self._broken is not None:
                return None
            self._forcing = True
            return self._written, len(self._results)

    def _force(self, lines: int, results: int) -> None:
        """Force out the lines that are written by now, for all who wait."""
        failed: OSError | None = OSError(errno.EINTR, "it was cut off")
        try:
            os.fsync(self._file)
            failed = None
        except OSError as error:
            failed = error
        finally:
            with self._lock:
                self._forcing = False
                self._broken = self._broken or failed
                if failed is None:
                    self._forced = lines
                    del self._results[:results]
                self._lock.notify_all()

    def _check(self) -> None:
        """Raise what went wrong, once each result that may not be on the disk is told of."""
        if self._broken is None:
            return
        with self._lock:
            lost, self._results = self._results, []
        for customer_id, outcome in lost:
            self._unwritten(customer_id, outcome)
        raise _failed(self.path, self._broken) from None


def check_writable(folder: Path) -> None:
    """Raise `JournalError` where no journal could be written in a folder: no call need be paid for to learn that."""
    try:
        private_folder(folder)
        check_room(folder)
    except OSError as error:
        raise _failed(folder, error) from None


def _failed(path: Path, error: OSError) -> JournalError:
    advice = "no edit is sent without its journal line; make room or set the rights, then run again"
    return JournalError(f"writing the journal {path}: {error.strerror or error}", advice=advice)


def remove_old_journals(folder: Path, now: float) -> None:
    """Remove finished journals that are older than `KEPT_DAYS`; `now` is in seconds since 1970.

    One that has an edit without a result is kept, and so are the newest `KEPT_AT_LEAST`, because a clock may be years off.
    What cannot be read or removed stays: it costs room and no more.
    """
    for path in sorted(folder.glob("*.jsonl"))[:-KEPT_AT_LEAST]:
        with suppress(OSError, ValueError):
            if now - path.stat().st_mtime > KEPT_DAYS * 86_400 and not _unfinished(path.read_text()):
                path.unlink()


def _unfinished(text: str) -> set[int]:
    """The customers of whose edit a journal does not say what became."""
    lines = [json.loads(line) for line in text.splitlines()]
    begun = {line["intent"] for line in lines if "intent" in line}
    return begun - {it["result"] for it in lines if "result" in it and it.get("outcome") != "unknown"}
