"""The commands that write files, each with the files that it may write and how one of them is known to be whole.

The sweep runs such a command in this process, strikes at one operation of the disk, looks at what lies there, and runs
it again on a sound disk.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler import cli
from reconciler.ci.scaffold import Choices, Place, first_files
from reconciler.core.errors import ReconcilerError
from reconciler.customers.manifest import read_files
from reconciler.plan.saved import read_document
from reconciler.repo import staging
from tests.chaos.baton import Died
from tests.kit.programs import GIT
from tests.kit.server import Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.chaos.platter import Platter

ACME: Final = "CustomerID: 7\nName: Acme\nFields:\n  Tier: Silver\n"
UNSORTED: Final = "Fields: {Tier: Gold}\nName:   'Acme'\nCustomerID: 7\n"
TOLD: Final = '{"told": 1}\n'
REMOTE: Final = tuple(
    Customer(i, name, fields={"Tier": "Gold"}) for i, name in ((7, "Acme"), (8, "Beta"), (9, "Gamma"))
)


@dataclass(frozen=True, slots=True)
class WritingCommand:
    """A command line, its exit code on a sound disk, the files before it, and what must hold of each file behind it."""

    words: tuple[str, ...]
    code: int
    whole: Callable[[bytes], bool]
    files: Mapping[str, str] = field(default_factory=dict)
    writes: tuple[str, ...] = ()


def _customers(content: bytes) -> bool:
    return not read_files([("f", content)], {}).problems


def _plan(content: bytes) -> bool:
    try:
        read_document(content, "f")
    except ReconcilerError:
        return False
    return True


def _lines(content: bytes) -> bool:
    """No audit is lost; half a line is allowed, on a line of its own: `history` counts it as damaged."""
    first, *others = content.splitlines()
    return first == TOLD.encode().strip() and sum(not _object(line) for line in others) <= 1


def _object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _first(content: bytes) -> bool:
    return content.decode() in BEGUN.values()


BEGUN: Final = first_files(Choices(ci="none"), Place(Path(), "."), None)

COMMANDS: Final[Mapping[str, WritingCommand]] = {
    "plan --out": WritingCommand(
        ("plan", "--out", "plan.json"),
        0,
        _plan,
        {"customers/a.yaml": ACME, ".gitignore": BEGUN[".gitignore"]},
        ("plan.json",),
    ),
    "drift --record": WritingCommand(
        ("drift", "--record", "audits.jsonl"),
        2,
        _lines,
        {"customers/a.yaml": ACME, "audits.jsonl": TOLD},
        ("audits.jsonl",),
    ),
    "adopt": WritingCommand(("adopt",), 0, _customers, {"customers/a.yaml": ACME}, ("customers/a.yaml",)),
    "import": WritingCommand(
        ("import", "--all"),
        0,
        _customers,
        {"customers/a.yaml": ACME},
        ("customers/beta.yaml", "customers/gamma.yaml"),
    ),
    "fmt": WritingCommand(("fmt",), 0, _customers, {"customers/a.yaml": UNSORTED}, ("customers/a.yaml",)),
    "init": WritingCommand(("init", "--ci", "none"), 0, _first, {}, tuple(BEGUN)),
}


def laid_out(command: WritingCommand, folder: Path) -> None:
    """The command's files as they are before it, and nothing of an earlier one."""
    shutil.rmtree(folder / ".reconciler", ignore_errors=True)
    for path in command.writes:
        (folder / path).unlink(missing_ok=True)
    for path, text in command.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def prepared(command: WritingCommand, folder: Path) -> None:
    """A git repository with the command's files."""
    laid_out(command, folder)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(
        folder,
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@b.example",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "x",
    )


def git(folder: Path, *words: str) -> str:
    """What git says."""
    return subprocess.run([GIT, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def ran(command: WritingCommand, platter: Platter) -> tuple[int | None, str]:
    """The exit code, or None where the process died; and what it said on stderr."""
    errors = StringIO()
    with redirect_stderr(errors), redirect_stdout(StringIO()), platter.spinning():
        try:
            code: int | None = cli.run(list(command.words))
        except Died:
            code = None
    return code, errors.getvalue()


def complaints(command: WritingCommand, folder: Path) -> Iterator[str]:
    """What is wrong with the files: each is as it was, or whole; and git lists no other, as `init` has it ignore some."""
    before = {path: text.encode() for path, text in command.files.items()}
    for line in git(folder, "status", "--porcelain", "-z", "--untracked-files=all").split("\0"):
        if line and line[3:] not in command.writes:
            yield f"git lists {line[3:]}"
    for path in command.writes:
        there = folder / path
        if (
            there.exists()
            and there.read_bytes() != before.get(path)
            and not command.whole(there.read_bytes())
        ):
            yield f"{path} is neither as it was nor whole"
        if path in before and not there.exists():
            yield f"{path} is gone"


def remains(folder: Path) -> list[str]:
    """The temporary files that lie in local state."""
    return [path.name for path in (folder / ".reconciler" / staging.STAGING).glob("*")]
