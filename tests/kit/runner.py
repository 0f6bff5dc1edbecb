"""What GitHub's runner makes of the lines of a step: its own rules of reading, written anew from its documentation.

A line is taken for a command when it begins with `::` (white space aside) and a second `::` ends its head; else where it
has `##[command …]` anywhere. In a text `%25`, `%0D` and `%0A` are read back, in a property `%3A` and `%2C` too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\r|\n")
_OLD = re.compile(r"##\[([a-z-]+)", re.IGNORECASE)
_ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}


@dataclass(frozen=True)
class Command:
    """A command as the runner obeys it."""

    name: str
    properties: dict[str, str]
    text: str


def commands(output: str) -> list[Command]:
    """Every command that a step's output gives."""
    return [command for line in _LINE_END.split(output) if (command := _command(line.strip()))]


def _command(line: str) -> Command | None:
    """The command of a line, if it is one."""
    end = line.find("::", 2)
    if line.startswith("::") and end >= 0:
        name, _, rest = line[2:end].partition(" ")
        pairs = [pair.partition("=") for pair in rest.split(",") if pair]
        properties = {key.strip(): _read_back(value, _ESCAPES) for key, _, value in pairs}
        return Command(
            name, properties, _read_back(line[end + 2 :], {key: _ESCAPES[key] for key in ("%0D", "%0A")})
        )
    found = _OLD.search(line)
    return Command(found[1], {}, "") if found else None


def _read_back(text: str, escapes: dict[str, str]) -> str:
    """The text that was escaped; the per cent sign comes last."""
    for written, meant in escapes.items():
        text = text.replace(written, meant)
    return text.replace("%25", "%")
