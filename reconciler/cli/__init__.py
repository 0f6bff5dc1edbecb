"""The command line: parse, call one use case, print, exit. Nothing here decides anything about customers.

Commands are imported when they are called, so that `--help` and `validate` never pay for HTTP or comparing.
"""

from __future__ import annotations

import gc
import importlib
import keyword
import os
import signal
import sys
from typing import TYPE_CHECKING, Final, NoReturn

import click

from reconciler.cli.actions import annotate
from reconciler.cli.completion import check_completion
from reconciler.cli.failures import failure_text
from reconciler.cli.streams import check_streams, open_streams, tell_at_last
from reconciler.core.errors import Interrupted, InvalidFiles
from reconciler.core.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from click.shell_completion import CompletionItem

COMMANDS: Final = {
    "validate": "Check all customer files offline.",
    "plan": "Show the differences between YAML and RPM.",
    "apply": "Send the edits that make RPM equal to YAML.",
    "drift": "Show where RPM differs from git, and why.",
    "adopt": "Write drifted values into the YAML.",
    "import": "Write YAML files for customers that have none.",
    "set": "Write values into the YAML of many customers, offline.",
    "list": "List the customers in YAML, for people or a spreadsheet.",
    "show": "Show a saved plan in any format.",
    "fmt": "Put customer files into canonical form.",
    "schema": "Print the JSON Schema of a customer file, for editors.",
    "init": "Write a first reconciler.yaml, CI workflows and editor settings.",
    "ci": "The steps of a pipeline on GitHub or GitLab.",
    "check": "Say what works and what does not: url, key, rights, git.",
    "sandbox": "The embedded RPM: serve it, reset it, edit it by hand.",
}

_ENDED_WELL: Final = {0, 2}
"""The codes that say that everything was told; an output that failed turns them into an error."""


class LazyGroup(click.Group):
    """A group whose commands live in a module each, imported when needed; `--help` needs none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of a working day."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        # A keyword of Python cannot be a module's name; `import` lives in `import_`.
        module = importlib.import_module(
            f"reconciler.cli.commands.{cmd_name}{'_' * keyword.iskeyword(cmd_name)}"
        )
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command for a misspelt one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from reconciler.core.nearest import nearest

            raise click.UsageError(error.message.rstrip(".") + nearest(args[0], COMMANDS), ctx) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands' names, without importing one; then the options of the root."""
        from click.shell_completion import CompletionItem

        named = [
            CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)
        ]
        return named + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="Example: reconciler init --example && reconciler plan",
)
@click.version_option(__version__, "--version", prog_name="reconciler")
def root() -> None:
    """Keep the customers of an RPM Telco subscription equal to YAML files in git.

    \b
    Exit codes:
      0  done
      1  error; no edit was sent
      2  plan --detailed-exitcode, drift or fmt --check found something
      3  refused; nothing was edited
      4  edits were sent and not all is done, or a customer is missing;
         import or adopt left something
      130, 143  interrupted
    """  # noqa: D301 - click's mark for a paragraph it must not wrap


def main() -> NoReturn:
    """Run the command line; every way to end is an exit code of the table."""
    prepare()
    sys.exit(run(sys.argv[1:]))


def prepare() -> None:
    """Make the process ready for commands: its signals, its memory, its streams."""
    signal.signal(signal.SIGTERM, _terminated)
    # A run makes millions of values and hardly a cycle: by default, looking for them takes a quarter of the time.
    gc.set_threshold(1_000_000, 20, 100)
    open_streams()


def run(words: list[str]) -> int:
    """The exit code of one command line, with its error told."""
    return code_of(lambda: _called(words))


def code_of(call: Callable[[], int]) -> int:
    """The exit code of what is called, with its error told."""
    try:
        check_streams()
        code = call()
        if code in _ENDED_WELL:
            check_streams()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place where nothing may pass
        text, code = failure_text(error)
        tell_at_last(text)
        if isinstance(error, InvalidFiles):
            annotate(error.problems)
    return code


def _called(words: list[str]) -> int:
    """Call the command; what it returns is its exit code."""
    check_completion(os.environ)
    try:
        code = root.main(words, prog_name="reconciler", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    return code if isinstance(code, int) else 0


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    """SIGTERM outside of an apply: nothing needs finishing."""
    del frame
    raise Interrupted(number)
