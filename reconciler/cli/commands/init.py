"""`reconciler init`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from reconciler.ci import FORGES, URL
from reconciler.cli.options import working_folder
from reconciler.cli.parameters import Command, Whole
from reconciler.cli.streams import say
from reconciler.cli.terminal import screen
from reconciler.core.wrapping import wrapped

if TYPE_CHECKING:
    from reconciler.ci.source import Source

_STATES: Final = {
    "made": ("made", ""),
    "renewed": ("renewed", ""),
    "same": ("left alone", ""),
    "differs": ("left alone", "  differs from what init would write now"),
    "changed": ("left alone", "  somebody changed it; init would now write it differently"),
}
_UNKNOWN: Final = (
    "No pipeline was written: this copy does not know where it came from.\n"
    "  → reconciler init --from https://HOST/OWNER/reconciler@COMMIT, with the commit in full\n"
)


@click.command("init", cls=Command, epilog="Example: reconciler init --subscriber 1207 --ci github")
@click.option(
    "--url", default=URL, metavar="URL", help=f"Where RPM is; sandbox: is the embedded one.  [{URL}]"
)
@click.option("--subscriber", type=Whole(1), help="Refuse any key but this subscription's.")
@click.option(
    "--ci",
    type=click.Choice(FORGES),
    metavar="FORGE",
    help="A pipeline for github, gitlab, both or none.  [the forge of origin, else github]",
)
@click.option(
    "--from",
    "origin",
    metavar="URL@COMMIT",
    help="Where the pipeline installs reconciler from.  [where this copy came from]",
)
@click.option(
    "--example", is_flag=True, help="Add the example customers, on the sandbox: plan and apply run at once."
)
@click.option(
    "--update-ci", is_flag=True, help="Renew pipelines that nobody changed, and add this folder to them."
)
def command(*, example: bool, update_ci: bool, **choices: Any) -> None:
    """Write a first reconciler.yaml, a pipeline at git's root and editor settings.

    Overwrites nothing. Run again, it adds missing files and names those that it would now write differently.
    """
    from reconciler.ci.example import example_files
    from reconciler.ci.place import find_place, forge_of
    from reconciler.ci.scaffold import Choices, begin, first_files, with_example
    from reconciler.ci.source import installed_from, parse
    from reconciler.rpm.endpoint import SANDBOX

    place = find_place(working_folder())
    if example:
        if choices["url"] != URL or choices["subscriber"]:
            raise click.UsageError("--example uses the sandbox: leave out --url and --subscriber")
        choices |= {"url": SANDBOX, "ci": choices["ci"] or "none"}
    chosen = choices["ci"] or forge_of(place)
    source = parse(choices["origin"]) if choices["origin"] is not None else installed_from()
    texts = first_files(Choices(choices["url"], choices["subscriber"], chosen), place, source)
    if example:
        texts = with_example(texts, example_files(place.root / place.folder), place)
    begun = begin(place, texts, update=update_ci)
    lines = [f"{_STATES[it.state][0]:<12}{it.path}{_STATES[it.state][1]}\n" for it in begun]
    if any(it.state == "differs" and it.path.endswith(".yml") for it in begun):
        lines.append("  → reconciler init --update-ci renews a pipeline that nobody changed\n")
    next_step = f"\nNext: {_next(choices['url'], example=example)}\n"
    text = "".join(lines) + _about_pipeline(chosen, source) + next_step
    width = screen().width
    say(wrapped(text, width) if width else text)


def _next(url: str, *, example: bool) -> str:
    """What to do with what was written."""
    from reconciler.rpm.endpoint import SANDBOX

    if example:
        return "reconciler plan, then reconciler apply"
    key = "" if url == SANDBOX else "set RPM_API_KEY, then "
    return f"{key}reconciler check, then reconciler import --all"


def _about_pipeline(ci: str, source: Source | None) -> str:
    """Where the pipeline installs from, or why there is none."""
    from reconciler.ci.source import source_text

    if ci == "none":
        return ""
    if source is None:
        return f"\n{_UNKNOWN}"
    return f"\nThe pipeline installs {source_text(source)}; what to set up once: docs/ci.md of reconciler\n"
