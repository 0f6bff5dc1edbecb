"""`--help`, README and docs agree with the commands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from reconciler.cli import COMMANDS, root
from tests.kit.forks import forks
from tests.kit.workplace import COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"\breconciler ((?:[^\n`|;&#]|'[^']*')*)")
OTHERS = re.compile(r"(?:^\W*|&& )(?:git|gh|glab|nox|python3?|pip|pip-compile|sed|curl)\b.*$", re.MULTILINE)


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by its words, those of groups included."""
    context = click.Context(root, info_name="reconciler")
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {it}", inner) for it, inner in command.commands.items())


ALL = dict(commands())


def named(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that some words call, and its arguments."""
    for length in (2, 1):
        if " ".join(words[:length]) in ALL:
            return ALL[" ".join(words[:length])], words[length:]
    raise AssertionError(f"no such command: {words}")


def flags(command: click.Command) -> set[str]:
    """The options of a command, `--help` among them."""
    return {name for it in command.params for name in it.opts} | {"--help"}


WIDTH = 80
KNOWN = {flag for command in [*ALL.values(), root] for flag in flags(command)}


@pytest.mark.parametrize("name", ALL)
def test_help_ends_with_an_example(name: str) -> None:
    """The last line is one that can be typed: it calls this command, and its words parse."""
    command = ALL[name]
    shown = command.get_help(click.Context(command, info_name=name, terminal_width=WIDTH)).rstrip()
    example = re.fullmatch(r"\s*Example: reconciler (.*)", shown.splitlines()[-1])
    assert example, shown.splitlines()[-1]
    found, arguments = named(shlex.split(example[1]))
    assert found is command or isinstance(command, click.Group)
    found.make_context(name, arguments)


@pytest.mark.parametrize("name", ALL)
def test_help_works(name: str) -> None:
    """`--help` of the installed command exits 0 and says something; so does `-h`."""
    for flag in ("--help", "-h"):
        words = [COMMAND, *name.split(), flag]
        code, out, err = forks().run(words, str(ROOT), {"LC_ALL": "C.UTF-8"})
        assert (code, err) == (0, b"")
        shown = out.decode()
        assert shown.startswith(f"Usage: reconciler {name} ")
        assert all(len(line) <= WIDTH and not line.endswith(("...", "-")) for line in shown.splitlines()[1:])


@pytest.mark.parametrize("name", ["drift", "adopt", "import", "schema", "check"])
def test_help_is_about_this_command(name: str) -> None:
    """Settings about edits are taken everywhere, and listed where edits are; settings come behind the options."""
    shown, every = (
        ALL[it].get_help(click.Context(ALL[it], info_name=it, terminal_width=WIDTH)) for it in (name, "apply")
    )
    assert "--max-edits" in flags(ALL[name])
    assert "--max-edits" not in shown
    assert "--max-edits" in every
    own, _, settings = shown.partition("Settings (each beats its line in reconciler.yaml):\n")
    assert "--url" not in own
    assert "--url" in settings


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_name_flags_that_exist(page: Path) -> None:
    """A call in code has its command's flags; a flag standing alone is some command's."""
    for code in CODE.findall(page.read_text()):
        for call in CALL.findall(OTHERS.sub("", code)):
            words = call.split()
            if words and words[0] in COMMANDS:
                command, arguments = named(words)
                unknown = set(FLAG.findall(" ".join(arguments))) - flags(command)
                assert not unknown, f"reconciler {call}: {unknown}"
        assert set(FLAG.findall(OTHERS.sub("", code))) <= KNOWN | {"--confirm-"}, code


def test_every_command_is_documented() -> None:
    """Each command is called by its name in README or docs."""
    text = "\n".join(page.read_text() for page in PAGES)
    for name in COMMANDS:
        assert re.search(rf"\breconciler {name}\b", text), name


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("pl", ["plan"]), ("s", ["set", "show", "schema", "sandbox"]), ("--ve", ["--version"])],
)
def test_completing_a_command_loads_none(typed: str, offered: list[str]) -> None:
    """A shell asks at each press of the key: the names come from the list of commands alone."""
    asked = {"_RECONCILER_COMPLETE": "bash_complete", "COMP_WORDS": f"reconciler {typed}", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", COMMAND],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [f"plain,{name}" for name in offered]
    assert "reconciler.cli.commands.plan" not in done.stderr
    assert "httpx" not in done.stderr
