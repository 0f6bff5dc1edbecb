"""How long journals are kept."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from reconciler.apply.journal import KEPT_AT_LEAST, KEPT_DAYS, remove_old_journals

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_800_000_000.0
DONE = ({"intent": 7}, {"result": 7, "outcome": "edited"})


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
