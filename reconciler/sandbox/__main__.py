"""`python -m reconciler.sandbox serve|reset|edit`: the words of a command line -> one call, and its exit code."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.sandbox.seed import fill_if_fresh, start_over
from reconciler.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 1 with the reason on stderr."""
    options = _parser().parse_args(words)
    try:
        return int(options.run(options))
    except (ValueError, OSError, sqlite3.Error) as problem:
        print(f"sandbox: {problem}", file=sys.stderr)  # noqa: T201
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reconciler.sandbox", description="The embedded RPM.")
    commands = parser.add_subparsers(required=True, metavar="serve|reset|edit")
    serve = commands.add_parser("serve", help="answer on a loopback port until it is stopped")
    serve.add_argument("--port", type=int, default=0, help="0 is any free one")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--knob", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
    serve.add_argument("--faults", type=Path, metavar="FILE", help="a fault script, JSON")
    serve.add_argument("--key", default="sandbox", help="the API key that it knows")
    serve.add_argument("--exit-with-stdin", action="store_true", help="end when stdin closes; ignore SIGINT")
    serve.set_defaults(run=_serve)
    again = commands.add_parser("reset", help="fill the database with the example subscription again")
    again.set_defaults(run=_reset)
    edit = commands.add_parser("edit", help="change a customer by hand, as someone in RPM would")
    edit.add_argument("id", type=int, metavar="ID")
    edit.add_argument(
        "wishes", nargs="+", metavar="ATTRIBUTE=VALUE", help="Name, Website, Address or a field"
    )
    edit.set_defaults(run=_edit)
    for command in (serve, again, edit):
        command.add_argument("--db", type=Path, required=True, metavar="PATH", help="the database file")
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ValueError(f'"{text}" is not NAME=VALUE')
    return name, value


def _serve(options: argparse.Namespace) -> int:
    from reconciler.sandbox.serve import run  # noqa: PLC0415 the other commands need no server
    from reconciler.sandbox.service import Sandbox  # noqa: PLC0415

    with closing(Store(options.db)) as store:
        fill_if_fresh(store)
        sandbox = Sandbox(store, key=options.key)
        sandbox.turn(dict(map(_pair, options.knob)))
        if options.faults:
            sandbox.set_faults(json.loads(options.faults.read_bytes()))
        run(sandbox, host=options.host, port=options.port, with_stdin=options.exit_with_stdin)
    return 0


def _reset(options: argparse.Namespace) -> int:
    with closing(Store(options.db)) as store:
        start_over(store)
        count = len(store.rows())
    print(f"{options.db}: the example subscription again, {count} customers, no knob turned")  # noqa: T201
    return 0


def _edit(options: argparse.Namespace) -> int:
    from reconciler.sandbox import manual_edit  # noqa: PLC0415 serving starts sooner without it

    with closing(Store(options.db)) as store:
        fill_if_fresh(store)
        changes = manual_edit.edit(store, options.id, dict(map(_pair, options.wishes)))
    for one in changes:
        print(f"{options.id} {one.attribute}: {one.before!r} -> {one.after!r}")  # noqa: T201
    if not changes:
        print(f"{options.id}: nothing to change")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
