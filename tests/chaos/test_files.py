"""Strike at each operation by which a command writes a file: it dies before it, behind it, half way, or the disk says no.

Every day every fifth strike is tried, and every second one in the long profile; `nox -s chaos -- --files` tries all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reconciler.repo import atomic
from reconciler.repo.output_file import OutputFile
from tests.chaos.platter import WAYS, Platter
from tests.chaos.writing_commands import COMMANDS, REMOTE, complaints, laid_out, prepared, ran, remains
from tests.kit.profile import tries
from tests.kit.server import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.chaos.writing_commands import WritingCommand
    from tests.kit.server import Server

STEP = tries(short=5, long=2)


def struck(command: WritingCommand, folder: Path, first: int, step: int) -> tuple[list[str], int]:
    """What went wrong under some of the strikes at an command, and how many were made."""
    prepared(command, folder)
    alive = Platter()
    code, said = ran(command, alive)
    wrong = [] if code == command.code else [f"on a sound disk: {code}, {said}"]
    chosen = [(at, kind) for at in range(1, alive.count + 1) for kind in WAYS][first::step]
    for at, kind in chosen:
        laid_out(command, folder)
        wrong += [
            f"{kind} operation {at} of {alive.count}: {it}" for it in _strike(command, folder, at, kind)
        ]
    return wrong, len(chosen)


def _strike(command: WritingCommand, folder: Path, at: int, kind: str) -> Iterator[str]:
    """One strike, and the next run behind it."""
    code, said = ran(command, Platter(at, kind))
    yield from complaints(command, folder)
    if kind.startswith("dies"):
        if code is not None:
            yield f"it lives, and ends with {code}"
    elif code not in {1, command.code}:
        yield f"it ends with {code}"
    elif code == 1 and not re.search(r"writ.*(left on device|output error)$", said, re.MULTILINE):
        yield f"it says {said!r}"
    code, said = ran(command, Platter())
    if code != command.code:
        yield f"the next run ends with {code}: {said}"
    yield from complaints(command, folder)
    yield from (f"the next run left no {path}" for path in command.writes if not (folder / path).exists())
    made = folder / "made"
    atomic.create({made: b""}, local=folder / ".reconciler")
    OutputFile.open(made, doing="ending", timeout=1).write(b"")
    yield from (f"a run that writes leaves {it}" for it in remains(folder))
    made.unlink()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_is_written_whole_or_not_at_all(
    name: str, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is as before or whole, git lists nothing else, an error is told, and the next run does the rest."""
    home = at_home(tmp_path, server, monkeypatch)
    wrong, count = struck(COMMANDS[name], home, list(COMMANDS).index(name) % STEP, STEP)
    assert not wrong, "\n".join(wrong)
    assert count > 3


def at_home(folder: Path, server: Server, environment: pytest.MonkeyPatch) -> Path:
    """Have this process stand in a repository and talk to a server, as the command would; where that is."""
    server.seed(*REMOTE, fields=("Tier",))
    home = folder / "repo"
    home.mkdir()
    environment.chdir(home)
    given = {"RPM_API_URL": server.url, "RPM_API_KEY": KEY, "HOME": str(folder)}
    for name, text in given.items():
        environment.setenv(name, text)
    return home
