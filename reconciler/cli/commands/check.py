"""`reconciler check`."""

from __future__ import annotations

import os
from typing import Any

import click

from reconciler.cli.options import format_option, reading_options, run_environment, settings_from
from reconciler.cli.parameters import Command
from reconciler.cli.streams import say
from reconciler.cli.terminal import screen
from reconciler.core.clock import stamp


@click.command("check", cls=Command, epilog="Example: reconciler check --format json")
@format_option()
@reading_options
def command(output: str, **flags: Any) -> int:
    """Say what works and what does not: url, key, subscriber, rights, clock, customers, git, lock, journal.

    Makes three read calls at most. Exits 1 when anything fails; each line that is not ok says what to do.
    """
    from reconciler.apply.lock import lock_identity
    from reconciler.cli.checks import local
    from reconciler.cli.checks.remote import check_remote
    from reconciler.cli.checks.screen import check_document, check_text, passed
    from reconciler.plan.document import dump

    settings = settings_from(flags)
    around = run_environment(flags)
    customers, ids = local.check_customers(settings)
    near = [local.check_url(settings), local.check_key(settings, os.environ, around.key_file)]
    far, calls = check_remote(settings, around, ids) if passed(near) else ([], 0)
    lines = [
        *near,
        *far,
        customers,
        *local.check_git(settings),
        local.check_lock(lock_identity(settings), os.environ, stamp(around.clock)),
        local.check_journal(settings),
    ]
    if output == "json":
        say(dump(check_document(lines, calls_made=calls)))
    else:
        look = screen()
        say(check_text(lines, width=look.width, color=look.color))
    return 0 if passed(lines) else 1
