"""The valid name that was probably meant. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from reconciler.core.field_types import plain
from reconciler.core.text import printable, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(text: str, names: Iterable[str]) -> str:
    """`; did you mean "X"?` to put after a message, or nothing when no name is near."""
    return _nearest(text, tuple(names))


@lru_cache(maxsize=1024)
def _nearest(text: str, names: tuple[str, ...]) -> str:
    """The same, once: what is misspelt in one file is so in the next thousand, and looking takes a millisecond."""
    import difflib  # noqa: PLC0415 - slow to import, and most runs misspell nothing

    by_form = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(text.casefold().strip(), list(by_form), n=1, cutoff=0.6)
    if not close:
        return ""
    name = by_form[close[0]]
    is_twin = plain(name) == plain(text) and name != text
    return f'; did you mean "{printable(spelled(name) if is_twin else name)}"?'
