"""Whether two texts of an attribute mean the same: an opinion of the tests' own, which does not ask the product's."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def same(path: str, one: str | None, other: str | None) -> bool:
    """Whether a reader of RPM's pages would call them equal; None is a customer that is not there."""
    if one is None or other is None or not one or not other:
        return one == other
    meaning = _MEANINGS.get(path, _text)
    return meaning(one) == meaning(other)


def _text(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def _date(text: str) -> str:
    if "/" in text:
        month, day, year = map(int, text.split("/"))
        return dt.date(year, month, day).isoformat()
    return text


def _number(text: str) -> str:
    return f"{float(text.replace(',', '').replace('$', '')):.4f}"


def _yes_no(text: str) -> str:
    return {"1": "Yes", "0": "No"}.get(text, text)


def _set(text: str) -> str:
    return ",".join(sorted(part.strip() for part in text.split(",")))


_MEANINGS: dict[str, Callable[[str], str]] = {
    "Fields.Renewal date": _date,
    "Fields.Monthly spend": _number,
    "Fields.Active": _yes_no,
    "Fields.Services": _set,
}
