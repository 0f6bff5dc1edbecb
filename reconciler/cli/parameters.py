"""Kinds of commands, options and values that click does not have."""

from __future__ import annotations

from typing import Any, Final

import click

_SECTIONS: Final = {False: "Options", True: "Settings (each beats its line in reconciler.yaml)"}


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
            text.isascii() and text.isdigit() and len(text) < 20 and self.least <= int(text) <= self.most
        ):
            self.fail(f"{text!r} is not a whole number from {self.least} to {self.most}", param, ctx)
        return int(text)


class Setting(click.Option):
    """An option that beats the setting of its name in reconciler.yaml; `--help` lists these apart."""


class Command(click.Command):
    """A command whose `--help` shows what is its own first, and the settings that many commands share below.

    An empty value is a usage error: `--base "$BASE"` with a variable that is not set must not be another run than was meant.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words of the command line, none of them empty."""
        given = {} if ctx.resilient_parsing else self._read(ctx, args)
        for param in self.get_params(ctx):
            value = given.get(str(param.name))
            if value == "" or (isinstance(value, (list, tuple)) and "" in value):
                raise click.BadParameter("an empty value; is a variable not set?", ctx, param)
        return super().parse_args(ctx, args)

    def _read(self, ctx: click.Context, args: list[str]) -> dict[str, Any]:
        """The values as given, by parameter; click tells of a missing one without saying of which command."""
        try:
            return dict(self.make_parser(ctx).parse_args(list(args))[0])
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

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
