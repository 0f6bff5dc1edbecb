"""`reconciler init`."""

from __future__ import annotations

import click

from reconciler.ci.scaffold import CI, URL, Choices, begin, first_files
from reconciler.cli.options import Command, Whole, working_folder
from reconciler.cli.streams import say
from reconciler.rpm.endpoint import SANDBOX


@click.command("init", cls=Command, epilog="Example: reconciler init --subscriber 1207 --ci github")
@click.option(
    "--url", default=URL, metavar="URL", help=f"Where RPM is; sandbox: is the embedded one.  [{URL}]"
)
@click.option("--subscriber", type=Whole(1), help="Refuse any key but this subscription's.")
@click.option(
    "--ci",
    type=click.Choice(CI),
    default="github",
    metavar="FORGE",
    help="CI for github, gitlab, both or none.  [github]",
)
def command(url: str, subscriber: int | None, ci: str) -> None:
    """Write a first reconciler.yaml, CI workflows and editor settings into this folder.

    Overwrites nothing; run again, it adds what is missing.
    """
    begun = begin(working_folder(), first_files(Choices(url, subscriber, ci)))
    lines = [f"{'made' if file.made else 'left alone':<12}{file.path}\n" for file in begun]
    key = "" if url == SANDBOX else "set RPM_API_KEY, then "
    say("".join(lines) + f"\nNext: {key}reconciler check, then reconciler import --all\n")
