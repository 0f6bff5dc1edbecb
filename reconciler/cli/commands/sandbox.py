"""`reconciler sandbox …`: hands over to the embedded RPM, which is a program apart."""

from __future__ import annotations

import os
import subprocess
from typing import NoReturn

import click

from reconciler.cli.options import working_folder
from reconciler.cli.parameters import Whole
from reconciler.cli.streams import say, tell
from reconciler.repo.state_dir import NAME, needed_folder
from reconciler.report.ci_escape import disarmed


@click.group("sandbox", epilog="Example: reconciler sandbox edit 10023 Tier=Gold")
def command() -> None:
    """The embedded RPM that `url: sandbox:` talks to: a real HTTP server over a database in .reconciler/."""


@command.command(
    short_help="Serve it to other programs, with a page to edit customers by hand.",
    epilog="Example: reconciler sandbox serve --port 8750",
)
@click.option("--port", type=Whole(0, 65535), default=0, help="The loopback port; 0 picks a free one.")
@click.option(
    "--knob", multiple=True, metavar="NAME=VALUE", help="Change a behaviour, as in trim=yes; repeatable."
)
@click.option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Fail as this JSON script says.",
)
def serve(port: int, knob: tuple[str, ...], faults: str | None) -> NoReturn:
    """Serve it to other programs, with a page to look at the customers and edit them by hand."""
    words = ["--port", str(port), *(word for name in knob for word in ("--knob", name))]
    program = _program("serve", *words, *(["--faults", faults] if faults else []))
    os.execv(program[0], program)  # noqa: S606 - our own interpreter and module, no shell


@command.command(epilog="Example: reconciler sandbox reset")
def reset() -> int:
    """Restore the example subscription; every edit is lost."""
    return _run("reset")


@command.command(epilog="Example: reconciler sandbox edit 10023 Tier=Gold 'Contract term=24 months'")
@click.argument("customer_id", metavar="ID", type=Whole(1))
@click.argument("values", metavar="ATTRIBUTE=VALUE…", nargs=-1, required=True)
def edit(customer_id: int, values: tuple[str, ...]) -> int:
    """Edit a customer by hand, as somebody in RPM's web page would."""
    return _run("edit", str(customer_id), *values)


def _run(verb: str, *words: str) -> int:
    """Run the program to its end, and pass on what it says and its exit code."""
    ran = subprocess.run(_program(verb, *words), check=False, capture_output=True, text=True)
    say(disarmed(ran.stdout))
    tell(ran.stderr, end="")
    return ran.returncode


def _program(verb: str, *words: str) -> list[str]:
    """The command line of the program, with the database of this checkout."""
    from reconciler.repo.settings import find_settings
    from reconciler.rpm.sandbox_process import DATABASE, sandbox_command

    folder = working_folder()
    settings = find_settings(folder)
    local = (settings.parent if settings else folder) / NAME
    needed_folder(local)
    return sandbox_command(verb, local / DATABASE, *words)
