"""A JSON value -> its two spellings: the compact one that is hashed, and the indented one that is read. Pure.

`json` indents in Python, a generator a level and a step a token; here a container is one list and one `join`, to the same bytes in half the
time. Both are ASCII, so no control or bidi character of a text can reach a terminal through one.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, Final

_STEP: Final = "  "
_compact: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def compact(value: object) -> str:
    """The one spelling without spaces, keys sorted: equal values have equal spellings."""
    return _compact(value)


def indented(value: object) -> str:
    """What `json.dumps` gives with `indent=2`; raises as it does, `RecursionError` at some hundred levels too."""
    return _spelled(value, "\n")


def _spelled(value: Any, margin: str) -> str:
    """A value whose closing bracket is after this margin, a line break and its spaces."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        inner = margin + _STEP
        # Most values are texts, and a call for each would be a third of the time.
        items = [
            f"{inner}{_quoted(key)}: {_quoted(it) if isinstance(it, str) else _spelled(it, inner)}"
            for key, it in value.items()
        ]
        return f"{{{','.join(items)}{margin}}}" if items else "{}"
    if isinstance(value, list | tuple):
        inner = margin + _STEP
        return f"[{','.join([inner + _spelled(it, inner) for it in value])}{margin}]" if value else "[]"
    if type(value) is int:
        return repr(value)
    return "null" if value is None else "false" if value is False else json.dumps(value)
