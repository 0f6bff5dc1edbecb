"""`reconciler init`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.ci.scaffold import CI, URL, Choices, begin, first_files
from reconciler.cli.options import Command, Whole
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
    begun = begin(Path.cwd(), first_files(Choices(url, subscriber, ci)))
    for file in begun:
        click.echo(f"{'made' if file.made else 'left alone':<12}{file.path}")
    key = "" if url == SANDBOX else "set RPM_API_KEY, then "
    click.echo(f"\nNext: {key}reconciler check, then reconciler import --all")
