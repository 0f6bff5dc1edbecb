"""Options that several commands share, and what they come to."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from reconciler.repo.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

PAGES: Final = ("markdown", "html")
"""The formats for a pull request and a browser, where a command has them."""


class Whole(click.ParamType[int]):
    """A whole number in plain ASCII digits, within bounds; Python's `int` takes far more."""

    name = "N"

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


class Setting(click.Option):
    """An option that beats the setting of its name in reconciler.yaml; `--help` lists these apart."""


class Command(click.Command):
    """A command whose `--help` shows what is its own first, and the settings that many commands share below."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Two sections; the second only where there are settings."""
        sections: dict[bool, list[tuple[str, str]]] = {False: [], True: []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                sections[isinstance(param, Setting)].append(record)
        for is_setting, records in sections.items():
            if records:
                with formatter.section(_SECTIONS[is_setting]):
                    formatter.write_dl(records)


_SECTIONS: Final = {False: "Options", True: "Settings (each beats its line in reconciler.yaml)"}


def format_option(*more: str) -> Callable[[F], F]:
    """`--format`: text, JSON, and what else this command has."""
    formats = ["text", "json", *more]
    return click.option(
        "--format",
        "output",
        type=click.Choice(formats),
        default="text",
        metavar="FORMAT",
        help=f"Print {', '.join(formats[:-1])} or {formats[-1]}.  [text]",
    )


def network_options(command: F) -> F:
    """The options of every command that talks to RPM; they arrive as `flags`."""
    return _network(command, edits=True)


def reading_options(command: F) -> F:
    """The same for a command that plans no edit: it takes the settings about edits, and does not list them."""
    return _network(command, edits=False)


def _network(command: F, *, edits: bool) -> F:
    options = [
        _setting("--url", metavar="URL", help="Where RPM is; sandbox: is embedded.  [env: RPM_API_URL]"),
        click.option(
            "--api-key-file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A file that holds the key, instead of RPM_API_KEY.",
        ),
        _setting("--subscriber", type=Whole(1), help="Refuse any key but this subscription's."),
        _setting("--parallel", type=Whole(1, 200), help="Calls in flight at most.  [20]"),
        _setting("--timeout", type=Whole(1, 3600), help="Seconds a call may take in all.  [60]"),
        _setting(
            "--read-age",
            type=Whole(0, 3600),
            help="Seconds a read may be old under an edit.  [10]",
            hidden=not edits,
        ),
        _setting(
            "--refresh",
            type=click.Choice(["full", "modified"]),
            metavar="HOW",
            help="Read full (every customer), or only those modified since the last run.  [full]",
        ),
        _setting("--max-edits", type=Whole(0), help="Customers one apply may edit.  [200]", hidden=not edits),
        _setting(
            "--max-percent",
            type=Whole(0, 100),
            help="The same, in percent of all customers in YAML.  [20]",
            hidden=not edits,
        ),
        _setting("--max-calls", type=Whole(1), help="API calls this command may make.  [10000]"),
        _setting(
            "--ignore",
            multiple=True,
            metavar="ATTRIBUTE",
            help="Neither compare nor send, as in Fields.Tier; repeatable.",
        ),
        _setting("--mask", multiple=True, metavar="ATTRIBUTE", help="Show only that it changed; repeatable."),
    ]
    for option in reversed(options):
        command = option(command)
    return file_options(command)


def file_options(command: F) -> F:
    """The options of every command that reads customer files."""
    command = _setting("--customers", metavar="FOLDER", help="Where the customer files are.  [customers]")(
        command
    )
    return click.option("-v", "--verbose", is_flag=True, help="Log each call to stderr.")(command)


def _setting(*names: str, **more: Any) -> Callable[[F], F]:
    return click.option(*names, cls=Setting, **more)


def settings_from(flags: dict[str, Any]) -> Settings:
    """The settings of this run; `-v` starts the log."""
    if flags.get("verbose"):
        logging.basicConfig(stream=sys.stderr, format="%(message)s")
        logging.getLogger("reconciler").setLevel(logging.INFO)
    return load_settings(Path.cwd(), flags, os.environ)
