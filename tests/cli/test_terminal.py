"""What is written for a terminal, and what for a log: width and colour."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from io import StringIO
from typing import TYPE_CHECKING, Final

import pytest
from rich.console import Console

from reconciler.cli.terminal import Screen, progress, screen
from tests.kit.server import Customer
from tests.kit.workplace import COMMAND, Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.server import Server


HIDDEN: Final = "\x1b[?25l"
SHOWN: Final = "\x1b[?25h"


@pytest.mark.parametrize(
    ("surroundings", "expected"),
    [
        ({}, Screen(None, color=False)),
        ({"FORCE_COLOR": "1"}, Screen(None, color=True)),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, Screen(None, color=False)),
        ({"COLUMNS": "50"}, Screen(50, color=False)),
        ({"COLUMNS": "7"}, Screen(40, color=False)),
        ({"COLUMNS": "wide"}, Screen(None, color=False)),
    ],
)
def test_a_pipe_has_the_colour_and_the_width_that_the_environment_says(
    surroundings: dict[str, str], expected: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, text in surroundings.items():
        monkeypatch.setenv(name, text)
    assert screen() == expected


def test_an_error_and_its_advice_keep_within_a_terminal(tmp_path: Path) -> None:
    """Its real width counts; what goes on stands below where the words begin."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run([COMMAND, "plan"], cwd=tmp_path, env=environment, stderr=theirs, check=False)
    assert os.read(ours, 4096).decode().splitlines() == [
        "Error: reading the customers: there is no folder",
        "customers",
        "  → name it with --customers or `customers:`;",
        "    `reconciler init` begins a repository",
    ]
    os.close(theirs)
    os.close(ours)


def test_a_problem_is_wrapped_but_never_within_its_place(place: Workplace) -> None:
    """On stdout of validate and on stderr of a command that stops at it."""
    place.file("customers/a b/c d.yaml", "CustomerID: 7\nName: A\nNmae: x\n")
    shown = 'customers/a b/c d.yaml:3:1: unknown key\n"Nmae"; did you mean "Name"?\n'
    assert place.run("validate", COLUMNS="40").out == f"{shown}1 problem in customers.\n"
    assert place.run("plan", COLUMNS="40").err.startswith(shown)
    assert len(place.run("validate").out.splitlines()) == 2


def test_the_lists_of_what_was_written_keep_within_a_terminal(place: Workplace, server: Server) -> None:
    """`init`, `import`, `set` and `adopt`: an entry goes on below, further in; no place is broken, and a log has it whole."""
    long = "one two three four five six seven eight nine ten"
    server.seed(Customer(7, "A", website=long), Customer(8, "B\x07 of a name that is long enough"))
    done = {
        "init --ci none": "",
        "import --all": "left: customer 8 (B\\x07 of a name that\n    is long enough): ",
        "set Website=x --select 7": "customers/a.yaml:4: Website: one two\n    three four five six seven eight nine\n    ten → x\n",
        "adopt": "customers/a.yaml:4: Website: x → one two\n    three four five six seven eight nine\n    ten\n",
    }
    for words, expected in done.items():
        printed = place.run(*words.split(), COLUMNS="40").out
        assert expected in printed
        assert max(map(len, printed.splitlines())) <= 40
    server.by_hand(7, {"Website": "x"})
    assert f"customers/a.yaml:4: Website: {long} → x\n" in place.run("adopt").out


class Typed(StringIO):
    """A terminal that keeps what is written."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("step", ["set_live", "show_cursor", "push_render_hook"])
def test_an_interrupt_while_the_bar_begins_is_an_interrupt(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rich cannot take back what it had not done yet; the cursor is there again, and a late thread shows no bar."""
    screen = Typed()
    monkeypatch.setattr("sys.stderr", screen)
    real = getattr(Console, step)
    once = iter([True])

    def interrupted(console: Console, *words: object) -> object:
        if next(once, False):
            if step == "show_cursor":
                real(console, *words)
            raise KeyboardInterrupt
        return real(console, *words)

    monkeypatch.setattr(Console, step, interrupted)
    with pytest.raises(KeyboardInterrupt), progress("Reading RPM") as told:
        told(0, 1)
    told(1, 1)
    assert screen.getvalue().rfind(HIDDEN) <= screen.getvalue().rfind(SHOWN)


def test_a_question_is_parted_from_its_answer(place: Workplace, server: Server) -> None:
    """Whatever the width, by a space."""
    server.seed(Customer(7, "A"))
    place.customer("a", "CustomerID: 7\nName: B\n")
    ours, theirs = pty.openpty()
    os.write(ours, b"yes\n")
    done = subprocess.run(
        [COMMAND, "apply"],
        cwd=place.folder,
        env=place.environment,
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == 0
    assert 'Type "yes" to continue: ' in os.read(ours, 65536).decode().replace("\r\n", " ")
    os.close(theirs)
    os.close(ours)
