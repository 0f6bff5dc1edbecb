"""What a forge gives a job, variables and the event's file, read with its promise: what is not there, empty or of another kind is an error. Pure, but for that file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reconciler.core.errors import InputError
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T", str, int, dict[str, Any])
_LONGEST = len(str(2**63)) - 1


def needed(environment: Mapping[str, str], name: str) -> str:
    """A variable that every job of the forge has."""
    found = environment.get(name)
    if not found:
        raise InputError(
            f"reading the pipeline's environment: {name} is not set",
            advice="a step of `reconciler ci` runs in a job of GitHub or GitLab",
        )
    return found


def integer(environment: Mapping[str, str], name: str) -> int:
    """The same, of digits alone."""
    found = needed(environment, name)
    if not (found.isascii() and found.isdigit()) or len(found) > _LONGEST:
        raise InputError(
            f"reading the pipeline's environment: {name} is not a number: {printable(found)[:40]!r}"
        )
    return int(found)


def address(environment: Mapping[str, str], name: str) -> str:
    """The same, an address of HTTP without a slash at its end."""
    found = needed(environment, name)
    if not found.startswith(("https://", "http://")):
        raise InputError(
            f"reading the pipeline's environment: {name} is not a URL: {printable(found)[:80]!r}"
        )
    return found.rstrip("/")


def read_event(environment: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object that says what a run of GitHub's is about."""
    name = needed(environment, "GITHUB_EVENT_PATH")
    try:
        event = json.loads(Path(name).read_bytes())
    except OSError as error:
        raise InputError(f"reading the event of this run: {printable(name)}: {error.strerror}") from None
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise InputError("reading the event of this run: it is not a JSON object")
    return event


def part(event: Mapping[str, Any], path: str, kind: type[_T]) -> _T:
    """The part of an event at a path such as `pull_request.head.sha`."""
    found: Any = event
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, kind) or isinstance(found, bool):
        raise InputError(f"reading the event of this run: {path} is missing, or is not {_NAMES[kind]}")
    return found


_NAMES: dict[type, str] = {str: "a text", int: "a number", dict: "an object"}


def text_or_none(event: Mapping[str, Any], path: str) -> str:
    """The text at a path; "" where there is none."""
    try:
        return part(event, path, str)
    except InputError:
        return ""
