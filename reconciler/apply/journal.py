"""Intent and result of every edit, on disk before and after it is sent.

One file a run, one JSON object a line, 0600, each line forced to the disk before the run goes on. The journal is a
record for people and for the next run's report; it is never the truth: what is done is decided by reading RPM. It
holds attribute names and outcomes, no values, so that nothing masked can be in it.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.clock import stamp
from reconciler.core.errors import ReconcilerError
from reconciler.repo.state_dir import private_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from reconciler.core.clock import Clock

FORMAT: Final = "reconciler journal 1"
KEPT_DAYS: Final = 90
KEPT_AT_LEAST: Final = 20


class JournalError(ReconcilerError):
    """A line could not be brought to the disk."""


class Journal:
    """An open journal; lines come from any thread, whole and in order."""

    def __init__(self, path: Path, clock: Clock, head: dict[str, Any]) -> None:
        """Create the file; its first line says what the run was about."""
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        try:
            private_folder(path.parent)
            self._file = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise self._failed(error) from None
        self._write({"journal": FORMAT, **head})

    def intent(self, customer_id: int, attributes: Iterable[str]) -> None:
        """An edit is about to be sent."""
        self._write({"intent": customer_id, "attributes": list(attributes)})

    def result(self, customer_id: int, outcome: str) -> None:
        """What became of it."""
        self._write({"result": customer_id, "outcome": outcome})

    def close(self) -> None:
        """Nothing more will be written."""
        os.close(self._file)

    def _write(self, line: dict[str, Any]) -> None:
        """Append one line and force it out; a short write is an error, never ignored."""
        text = json.dumps({"at": stamp(self._clock), **line}, ensure_ascii=True).encode("ascii") + b"\n"
        try:
            with self._lock:
                if os.write(self._file, text) != len(text):
                    raise OSError(0, "only a part of the line was written")
                os.fsync(self._file)
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> JournalError:
        advice = "no edit is sent without its journal line; make room or set the rights, then run again"
        return JournalError(f"writing the journal {self.path}: {error.strerror or error}", advice=advice)


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
