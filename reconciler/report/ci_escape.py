r"""Any report -> the same report without a command that a CI runner would obey. Pure.

A runner takes a line that begins with `::` (white space aside) for a command, and `##[` or `##vso[` wherever it
stands. Data cannot be trusted to have neither, and two harmless pieces may join into one, so the whole output is
looked at last. Colour codes may stand anywhere in it, inside a command's word too, and a viewer may strip them, so they
are looked through. A broken command stays readable: its second mark is written as an escape.
"""

from __future__ import annotations

import re
from typing import Final

_COLOUR: Final = r"\x1b\[[0-9;]*m"
_LINE_COMMAND: Final = re.compile(rf"^((?:[^\S\n]|{_COLOUR})*:)((?:{_COLOUR})*):", re.MULTILINE)
_ANYWHERE: Final = re.compile(rf"(#(?:{_COLOUR})*)#(?=(?:\w|{_COLOUR})*\[)")


def disarmed(output: str, *, colon: str = r"\x3a", hash_sign: str = r"\x23") -> str:
    """The output with each runner command broken up; the two escapes fit plain text unless others are given."""
    broken = _LINE_COMMAND.sub(lambda found: f"{found[1]}{found[2]}{colon}", output)
    return _ANYWHERE.sub(lambda found: f"{found[1]}{hash_sign}", broken)
