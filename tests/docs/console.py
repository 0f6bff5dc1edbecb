"""The console blocks of a page: read, run in one shell, and compared with what they show.

A line that begins with `$ ` is a command; it ends with code 0, or with the one of `# exits N` at its end. The lines
below it are what it prints. `…` stands for what one run cannot share with another: within a line, for one word of
it (a date, a digest, a commit, a version); as a line of its own, for lines that the page leaves out.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.kit.forks import forks
from tests.kit.programs import BASH

if TYPE_CHECKING:
    from collections.abc import Sequence

GIT = shutil.which("git") or "git"
BLOCK = re.compile(r"^```console\n(\$ .*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r" +# exits (\d+)$")
LEFT_OUT = "…"
WORD = r"[\w:.+-]+"
MARK = "== end of step"


@dataclass(frozen=True)
class Step:
    """A command of a page, the code it says that it ends with, and what it shows below."""

    command: str
    code: int
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Printed:
    """What became of one: its code and every line that it printed."""

    code: int
    lines: tuple[str, ...]


def steps(text: str) -> list[Step]:
    """The steps of a page, in order; a block without `$` is not for this shell."""
    found: list[Step] = []
    for block in BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *shown = part.rstrip("\n").split("\n")
            code = CODE.search(line)
            found.append(Step(CODE.sub("", line), int(code[1]) if code else 0, tuple(shown)))
    return found


def run(commands: Sequence[str], folder: Path) -> list[Printed]:
    """Run commands in one shell, as a terminal of 80 columns would show them; an unfinished one ends the list."""
    script = "exec 2>&1\n" + "\n".join(f"{it}\nprintf '{MARK} %s\\n' $?" for it in commands)
    author = {f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")}
    email = {f"GIT_{who}_EMAIL": "ada@acme.example" for who in ("AUTHOR", "COMMITTER")}
    with tempfile.TemporaryDirectory() as shims:
        command, surroundings, descriptors = forks().shim(Path(shims))
        path = os.pathsep.join(map(str, [command.parent, Path(GIT).parent, "/usr/bin", "/bin"]))
        done = subprocess.run(
            [BASH, "-c", script],
            cwd=folder, env={"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", **surroundings, **author, **email},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=300, check=False, pass_fds=descriptors,
        )  # fmt: skip
    ends = re.split(rf"^{MARK} (\d+)\n", done.stdout, flags=re.MULTILINE)
    return [
        Printed(int(code), tuple(printed.splitlines()))
        for printed, code in zip(ends[::2], ends[1::2], strict=False)
    ]


def pattern(shown: Sequence[str]) -> re.Pattern[str]:
    """What the shown lines stand for."""
    parts = [
        "(?:.*\n)*?" if line == LEFT_OUT else WORD.join(map(re.escape, line.split(LEFT_OUT))) + "\n"
        for line in shown
    ]
    return re.compile("".join(parts))


def complaint(step: Step, printed: Printed) -> str:
    """How a step differs from what the page says, as a diff; empty where it does not."""
    if printed.code != step.code:
        return f"$ {step.command}\nended with {printed.code}, not {step.code}:\n" + "\n".join(printed.lines)
    if pattern(step.shown).fullmatch("".join(f"{line}\n" for line in printed.lines)):
        return ""
    diff = difflib.unified_diff(step.shown, printed.lines, "the page", "the command", lineterm="")
    return f"$ {step.command}\n" + "\n".join(diff)
