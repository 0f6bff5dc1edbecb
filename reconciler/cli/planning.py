"""From flags to a plan: what `plan` and `apply` have in common."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.cli.options import Whole
from reconciler.cli.telling import tell, tell_problems
from reconciler.cli.terminal import progress
from reconciler.core.clock import Clock, stamp
from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.customers.selection import Selection, changed_since, selected, selected_by_plan
from reconciler.plan.guards import Confirmed
from reconciler.plan.saved import check_remaining, check_target, plan_of, read_document
from reconciler.rpm.session import RunEnvironment, Session, connect, target_of
from reconciler.workflow import Planned, load_at, load_sound, refusals, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Plan
    from reconciler.repo.settings import Settings

F = TypeVar("F", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True)
class Run:
    """A plan as made just now: with its connection, the moment, and the calls it took."""

    planned: Planned
    connection: Session
    settings: Settings
    created: str
    calls_made: int


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A saved plan: the name of its file, its document and what it permits."""

    name: str
    document: dict[str, Any]
    plan: Plan
    refusals: tuple[Refusal, ...]


def read_plan(path: Path) -> SavedPlan:
    """Read a plan file, which must be a regular one."""
    name = printable(str(path))
    try:
        if not path.is_file():
            why = "it is not a file" if path.exists() else "there is no such file"
            raise InputError(
                f"reading the plan {name}: {why}", advice="`reconciler plan --out FILE` saves one"
            )
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"reading the plan {name}: {error.strerror}") from None
    document = read_document(content, name)
    return SavedPlan(name, document, *plan_of(document, name))


def selection_options(command: F) -> F:
    """What narrows a run beside PATHS, and the third side of the comparison."""
    options = [
        click.option(
            "--base",
            metavar="REF",
            help="Compare with the YAML of this commit too, to tell whether git or RPM moved.",
        ),
        click.option(
            "--changed", is_flag=True, help="Only customers whose YAML differs from that of --base."
        ),
        click.option(
            "--select",
            multiple=True,
            metavar="ID|GLOB",
            help="Only these, by id or name as in 'Acme*'; repeatable.",
        ),
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
            help="Let YAML win exactly N conflicting attributes.",
        ),
        click.option(
            "--confirm-identity",
            default="",
            metavar="ID,…",
            help="These ids are right, though they look pasted.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def confirmed_from(flags: dict[str, Any]) -> Confirmed:
    """What was confirmed on the command line."""
    words = [word.strip() for word in (flags.get("confirm_identity") or "").split(",") if word.strip()]
    if not all(word.isascii() and word.isdigit() for word in words):
        raise InputError(
            "reading --confirm-identity: CustomerIDs are needed, with commas between them",
            advice="as in --confirm-identity 10023,10044",
        )
    return Confirmed(flags.get("confirm_edits"), flags.get("confirm_conflicts"), frozenset(map(int, words)))


def run_environment(flags: dict[str, Any]) -> RunEnvironment:
    """What the run is given from outside."""
    return RunEnvironment(os.environ, flags.get("api_key_file"), Clock(), tell)


@contextmanager
def plan_run(settings: Settings, flags: dict[str, Any], saved: SavedPlan | None = None) -> Iterator[Run]:
    """Load, read RPM and plan; the connection is open inside.

    With a saved plan, only its customers are read, and what they need now must be what it permits.
    """
    confirmed = confirmed_from(flags)
    manifest = load_sound(settings)
    tell_problems(manifest.warnings)
    base = load_at(settings, flags["base"]) if flags.get("base") else None
    selection = Selection(tuple(flags.get("paths") or ()), tuple(flags.get("select") or ()))
    chosen = (
        selected(manifest, selection, settings) if saved is None else selected_by_plan(manifest, saved.plan)
    )
    around = run_environment(flags)
    created = stamp(around.clock)
    if flags.get("changed"):
        if base is None:
            raise click.UsageError("--changed needs --base REF, to know what changed")
        chosen = changed_since(base, chosen)
    if saved is not None:
        check_target(saved.document, target_of(settings), saved.name)
        # Its customers are few, and whatever it sets is looked for in all that RPM says of them.
        settings = replace(settings, refresh="full")
    with connect(settings, around) as connection:
        with progress("Reading RPM") as told:
            planned = survey(connection, manifest, chosen, settings, told, base)
        if saved is not None:
            check_remaining(saved.plan, planned.plan, planned.observed, settings.rules, saved.name)
        calls_made = connection.client.calls
        planned = refusals(planned, settings, confirmed, calls_made=calls_made)
        yield Run(planned, connection, settings, created, calls_made)
