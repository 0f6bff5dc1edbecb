"""Options that several commands share, and what they come to."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

FORMATS = click.Choice(["text", "json", "markdown", "html"])


class Whole(click.ParamType[int]):
    """A whole number in plain ASCII digits, within bounds; Python's `int` takes far more."""

    name = "number"

    def __init__(self, least: int, most: int = 10**9) -> None:
        """The bounds, both allowed."""
        self.least = least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        text = str(value)
        if not (
            text.isascii() and text.isdigit() and len(text) < 12 and self.least <= int(text) <= self.most
        ):
            self.fail(f"{text!r} is not a whole number from {self.least} to {self.most}", param, ctx)
        return int(text)


def network_options(command: F) -> F:
    """The options of every command that talks to RPM; they arrive as `flags`."""
    options = [
        click.option("--url", help="Where RPM is; sandbox: is the embedded one.  [env: RPM_API_URL]"),
        click.option(
            "--api-key-file",
            type=click.Path(path_type=Path),
            help="A file with the key, instead of RPM_API_KEY.",
        ),
        click.option("--subscriber", type=Whole(1), help="Refuse a key that is not of this SubscriberID."),
        click.option("--parallel", type=Whole(1, 200), help="Calls in flight at most."),
        click.option("--timeout", type=Whole(1, 3600), help="Seconds a call may take in all."),
        click.option(
            "--read-age", type=Whole(0, 3600), help="Seconds a read may be old when an edit rests on it."
        ),
        click.option("--refresh", type=click.Choice(["full", "modified"]), help="How customers are read."),
        click.option("--max-edits", type=Whole(0), help="Customers one apply may edit."),
        click.option(
            "--max-percent", type=Whole(0, 100), help="The same as a share of all customers in YAML."
        ),
        click.option("--max-calls", type=Whole(1), help="API calls this command may make."),
        click.option(
            "--ignore", multiple=True, metavar="ATTRIBUTE", help="Neither compare nor send; repeatable."
        ),
        click.option("--mask", multiple=True, metavar="ATTRIBUTE", help="Show only as changed; repeatable."),
    ]
    for option in reversed(options):
        command = option(command)
    return file_options(command)


def file_options(command: F) -> F:
    """The options of every command that reads customer files."""
    command = click.option("--customers", metavar="FOLDER", help="Where the customer files are.")(command)
    return click.option("-v", "--verbose", is_flag=True, help="Log each call to stderr.")(command)


def settings_from(flags: dict[str, Any]) -> Settings:
    """The settings of this run; `-v` starts the log."""
    if flags.get("verbose"):
        logging.basicConfig(stream=sys.stderr, format="%(message)s")
        logging.getLogger("reconciler").setLevel(logging.INFO)
    return load_settings(Path.cwd(), flags, os.environ)
