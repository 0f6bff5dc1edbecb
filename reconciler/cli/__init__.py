"""The command line: parse, call one workflow, print, exit. Nothing here decides anything about customers.

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

from reconciler.core.errors import Interrupted, InvalidFiles, ReconcilerError
from reconciler.core.version import __version__

if TYPE_CHECKING:
    from types import FrameType

    from click.shell_completion import CompletionItem

COMMANDS: Final = {
    "validate": "Check all customer files offline.",
    "plan": "Show the differences between YAML and RPM.",
    "apply": "Send the edits that make RPM equal to YAML.",
    "drift": "Show what RPM has that git did not say.",
    "adopt": "Write drifted values into the YAML.",
    "import": "Write YAML files for customers that have none.",
    "show": "Show a saved plan in any format.",
    "fmt": "Put customer files into canonical form.",
    "schema": "Print the JSON Schema of a customer file, for editors.",
    "init": "Write a first reconciler.yaml, CI workflows and editor settings.",
    "check": "Say what works and what does not: url, key, rights, git.",
    "sandbox": "The embedded RPM: serve it, reset it, edit it by hand.",
}


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
            from reconciler.core.nearest import nearest  # noqa: PLC0415 - difflib is slow to import

            raise click.UsageError(error.message.rstrip(".") + nearest(args[0], COMMANDS), ctx) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands' names, without importing one; then the options of the root."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell asks for it

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
    epilog="Example: reconciler plan --url sandbox:",
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
      4  edits were sent and not all is done, or a customer is missing
      130, 143  interrupted
    """  # noqa: D301 - click's mark for a paragraph it must not wrap


def main() -> NoReturn:
    """Run the command line; every way to end is an exit code of the table."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminated)
    # A run makes millions of values and hardly a cycle: by default, looking for them takes a quarter of the time.
    gc.set_threshold(1_000_000, 20, 100)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(words: list[str]) -> int:
    """The exit code of one command line, with its error told on stderr."""
    try:
        code = root.main(words, prog_name="reconciler", standalone_mode=False)
    except InvalidFiles as error:
        return _tell_problems(error)
    except ReconcilerError as error:
        return _tell(f"Error: {error}", error.exit_code)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        return _tell(_misused(error), ReconcilerError.exit_code)
    except click.ClickException as error:
        return _tell(f"Error: {error.format_message()}", ReconcilerError.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _tell("interrupted; nothing was edited", 128 + signal.SIGINT)
    except BrokenPipeError:
        return ReconcilerError.exit_code
    except Exception as error:
        if os.environ.get("RECONCILER_DEBUG"):
            raise
        text = f"Error: an internal error, and our fault: {type(error).__name__}: {str(error)[:200]!r}"
        return _tell(
            f"{text}\n  → RECONCILER_DEBUG=1 shows where; nothing was edited", ReconcilerError.exit_code
        )
    return code if isinstance(code, int) else 0


def _misused(error: click.UsageError) -> str:
    """What was wrong with the words, and where to read on; without any words, the help itself."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    where = error.ctx.command_path if error.ctx else "reconciler"
    return f"Error: {error.format_message()}\n  → {where} --help"


def _tell(text: str, code: int) -> int:
    """Say something on stderr and pass the code on."""
    from reconciler.cli.telling import tell  # noqa: PLC0415 - what went well pays for none of this

    tell(text)
    return code


def _tell_problems(error: InvalidFiles) -> int:
    """Say the problems of files on stderr, and where GitHub is to show them."""
    from reconciler.cli.telling import tell_problems  # noqa: PLC0415

    tell_problems(error.problems)
    return error.exit_code


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    """SIGTERM outside of an apply: nothing needs finishing."""
    del frame
    raise Interrupted(number)
