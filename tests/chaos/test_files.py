"""Strike at each operation by which a command writes a file: it dies before it, behind it, half way, or the disk says no.

Every day every fifth strike is tried, and every second one in the long profile; `nox -s chaos -- --files` tries all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reconciler.repo import atomic
from reconciler.repo.output_file import OutputFile
from tests.chaos.errands import ERRANDS, REMOTE, complaints, laid_out, prepared, ran, remains
from tests.chaos.platter import WAYS, Platter
from tests.kit.profile import tries
from tests.kit.server import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.chaos.errands import Errand
    from tests.kit.server import Server

STEP = tries(short=5, long=2)


def struck(errand: Errand, folder: Path, first: int, step: int) -> tuple[list[str], int]:
    """What went wrong under some of the strikes at an errand, and how many were made."""
    prepared(errand, folder)
    alive = Platter()
    code, said = ran(errand, alive)
    wrong = [] if code == errand.code else [f"on a sound disk: {code}, {said}"]
    chosen = [(at, field_type) for at in range(1, alive.count + 1) for field_type in WAYS][first::step]
    for at, field_type in chosen:
        laid_out(errand, folder)
        wrong += [
            f"{field_type} operation {at} of {alive.count}: {it}"
            for it in _strike(errand, folder, at, field_type)
        ]
    return wrong, len(chosen)


def _strike(errand: Errand, folder: Path, at: int, field_type: str) -> Iterator[str]:
    """One strike, and the next run behind it."""
    code, said = ran(errand, Platter(at, field_type))
    yield from complaints(errand, folder, cut_off=field_type.startswith("dies") or "from here" in field_type)
    if field_type.startswith("dies"):
        if code is not None:
            yield f"it lives, and ends with {code}"
    elif code not in {1, errand.code}:
        yield f"it ends with {code}"
    elif code == 1 and not re.search(r"writ.*(left on device|output error)$", said, re.MULTILINE):
        yield f"it says {said!r}"
    code, said = ran(errand, Platter())
    if code != errand.code:
        yield f"the next run ends with {code}: {said}"
    yield from complaints(errand, folder)
    yield from (f"the next run left no {path}" for path in errand.writes if not (folder / path).exists())
    plan = folder / "plan.json"
    atomic.save(plan, b"", local=folder / ".reconciler", doing="ending")
    OutputFile.open(plan, doing="ending", timeout=1).write(b"")
    yield from (f"a run that writes leaves {it}" for it in remains(folder))
    plan.unlink()


@pytest.mark.parametrize("name", ERRANDS)
def test_a_file_is_written_whole_or_not_at_all(
    name: str, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is as before or whole, git lists nothing else, an error is told, and the next run does the rest."""
    home = at_home(tmp_path, server, monkeypatch)
    wrong, count = struck(ERRANDS[name], home, list(ERRANDS).index(name) % STEP, STEP)
    assert not wrong, "\n".join(wrong)
    assert count > 3


def at_home(folder: Path, server: Server, run_environment: pytest.MonkeyPatch) -> Path:
    """Have this process stand in a repository and talk to a server, as the command would; where that is."""
    server.seed(*REMOTE, fields=("Tier",))
    home = folder / "repo"
    home.mkdir()
    run_environment.chdir(home)
    given = {"RPM_API_URL": server.url, "RPM_API_KEY": KEY, "HOME": str(folder)}
    for name, text in given.items():
        run_environment.setenv(name, text)
    return home
