"""Options that several commands share, and what they come to."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.core import ParameterSource

from reconciler.cli.parameters import Setting, Whole
from reconciler.cli.streams import tell
from reconciler.core.errors import InputError
from reconciler.repo.bounds import BOUNDS, REFRESH

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.customers.selection import Selection
    from reconciler.plan.guards import Confirmed
    from reconciler.plan.run import PlanRequest
    from reconciler.plan.saved import SavedPlan
    from reconciler.repo.settings import Settings
    from reconciler.report.next_command import Invocation
    from reconciler.rpm.session import RunEnvironment

F = TypeVar("F", bound="Callable[..., Any]")

PAGES: Final = ("markdown", "html")
"""The formats for a pull request and a browser, where a command has them."""


_CARRIED: Final = frozenset({"api_key_file", "ca_file"})
"""Not lines of reconciler.yaml, but as much a part of how RPM is reached."""


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
            help="A file that contains the key, instead of RPM_API_KEY.",
        ),
        click.option(
            "--ca-file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Trust the certificates of this file, and no others.  [env: RPM_CA_FILE]",
        ),
        _setting(
            "--subscriber", type=Whole(*BOUNDS["subscriber"]), help="Refuse any key but this subscription's."
        ),
        _setting("--parallel", type=Whole(*BOUNDS["parallel"]), help="Calls in flight at most.  [20]"),
        _setting("--timeout", type=Whole(*BOUNDS["timeout"]), help="Seconds a call may take in all.  [60]"),
        _setting(
            "--read-age",
            type=Whole(*BOUNDS["read_age"]),
            help="Seconds a read may be old under an edit.  [10]",
            hidden=not edits,
        ),
        _setting(
            "--refresh",
            type=click.Choice(REFRESH),
            metavar="HOW",
            help="Read full (every customer), or only those modified since the last run.  [full]",
        ),
        _setting(
            "--max-edits",
            type=Whole(*BOUNDS["edits"]),
            help="Customers one apply may edit.  [200]",
            hidden=not edits,
        ),
        _setting(
            "--max-percent",
            type=Whole(*BOUNDS["percent"]),
            help="The same, in percent of all customers in YAML.  [20]",
            hidden=not edits,
        ),
        _setting(
            "--max-calls", type=Whole(*BOUNDS["calls"]), help="API calls this command may make.  [10000]"
        ),
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


def select_option(command: F) -> F:
    """`--select`: what narrows a run in addition to PATHS."""
    return click.option(
        "--select",
        multiple=True,
        metavar="WORD",
        help="Only these: an id, a name, Fields.Tier=Gold, or names as in 'Acme*'; repeatable.",
    )(command)


def selection_options(command: F) -> F:
    """What narrows a run in addition to PATHS, and the third side of the comparison."""
    options = [
        click.option(
            "--base",
            metavar="REF",
            help="Compare with the YAML of this commit too, to tell which side changed: git or RPM.",
        ),
        click.option(
            "--changed", is_flag=True, help="Only customers whose YAML differs from that of --base."
        ),
        select_option,
    ]
    for option in reversed(options):
        command = option(command)
    return command


def confirm_options(command: F) -> F:
    """The flags that lift a refusal."""
    options = [
        click.option(
            "--confirm-edits",
            type=Whole(0),
            metavar="N",
            help="Lift a limit: the plan edits exactly N customers.",
        ),
        click.option(
            "--confirm-conflicts",
            type=Whole(0),
            metavar="N",
            help="Overwrite RPM's value of exactly N conflicting attributes.",
        ),
        click.option(
            "--confirm-identity",
            metavar="ID,…",
            help="These ids are right, though they look pasted.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def confirmed_from(flags: dict[str, Any]) -> Confirmed:
    """What was confirmed on the command line."""
    from reconciler.plan.guards import Confirmed

    words = [word.strip() for word in (flags.get("confirm_identity") or "").split(",") if word.strip()]
    if not all(word.isascii() and word.isdigit() for word in words):
        raise InputError(
            "reading --confirm-identity: CustomerIDs are needed, with commas between them",
            advice="as in --confirm-identity 10023,10044",
        )
    return Confirmed(flags.get("confirm_edits"), flags.get("confirm_conflicts"), frozenset(map(int, words)))


def run_environment(flags: dict[str, Any]) -> RunEnvironment:
    """What the run is given from outside."""
    from reconciler.core.clock import Clock
    from reconciler.rpm.session import RunEnvironment

    return RunEnvironment(os.environ, flags.get("api_key_file"), Clock(), tell, flags.get("ca_file"))


def selection_from(flags: dict[str, Any]) -> Selection:
    """The customers that PATHS and `--select` narrow the run to."""
    from reconciler.customers.selection import Selection

    return Selection(tuple(flags.get("paths") or ()), tuple(flags.get("select") or ()))


def plan_request(flags: dict[str, Any], saved: SavedPlan | None = None) -> PlanRequest:
    """The plan that the flags ask for."""
    from reconciler.plan.run import PlanRequest

    return PlanRequest(
        flags.get("base"), bool(flags.get("changed")), selection_from(flags), saved, confirmed_from(flags)
    )


def invocation_from(flags: dict[str, Any], plan_file: Path | None = None) -> Invocation:
    """How the command at hand was called, for the next one to be called the same way."""
    from reconciler.report.next_command import Invocation

    return Invocation(
        _settings_given(),
        flags.get("base"),
        bool(flags.get("changed")),
        tuple(flags.get("select") or ()),
        tuple(map(str, flags.get("paths") or ())),
        "" if plan_file is None else str(plan_file),
    )


def _settings_given() -> tuple[str, ...]:
    """The settings flags of the command line, each flag and its value a word."""
    context = click.get_current_context()
    words: list[str] = []
    for param in context.command.get_params(context):
        name = str(param.name)
        carried = isinstance(param, Setting) or name in _CARRIED
        if carried and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            value = context.params[name]
            for one in value if isinstance(value, tuple) else (value,):
                words += [param.opts[0], str(one)]
    return tuple(words)


def settings_from(flags: dict[str, Any]) -> Settings:
    """The settings of this run; `-v` starts the log. An empty variable is a usage error where the command reads it."""
    from reconciler.repo.settings import load_settings

    if flags.get("verbose"):
        import logging

        logging.basicConfig(stream=sys.stderr, format="%(message)s")
        logging.getLogger("reconciler").setLevel(logging.INFO)
    if "url" in flags and flags["url"] is None and os.environ.get("RPM_API_URL") == "":
        raise click.UsageError("RPM_API_URL is set and empty; give it an address or unset it")
    if "ca_file" in flags and flags["ca_file"] is None and os.environ.get("RPM_CA_FILE") == "":
        raise click.UsageError("RPM_CA_FILE is set and empty; name a file or unset it")
    return load_settings(working_folder(), flags, os.environ)


def working_folder() -> Path:
    """The folder that the command was started in; raises `InputError` where it is gone."""
    try:
        return Path.cwd()
    except OSError as error:
        raise InputError(
            f"reading the working folder: {error.strerror}",
            advice="change to a folder that exists (cd), then run the command again",
        ) from None
