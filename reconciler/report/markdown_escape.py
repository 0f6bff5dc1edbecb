"""Text from YAML, RPM or git -> Markdown that shows it and does nothing else. Pure.

Every such text goes into `<code>`, with each ASCII character but letters, digits and a few that never mark anything as
a numeric entity. The entities end Markdown's own meanings (emphasis, links, autolinks, fences, tables, tags), because Markdown decodes them
only after it has looked for marks. The element ends those that code hosts add afterwards to plain text (mentions, issue
numbers, commit ids, emoji names), because they leave code alone. Backticks were rejected: a code span in a table still
breaks at `|`, and a text of backticks needs a longer fence. This costs up to six characters for one, hence the cut. No `:` and no `#`
is left, so no CI runner command either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reconciler.report.value_diff import brief

if TYPE_CHECKING:
    from collections.abc import Iterable

_MARKS: Final = re.compile(r"[^-A-Za-z0-9 ,()/%\u00a1-\U0010ffff]")
_MOST: Final = 160


def code(text: str, most: int = _MOST) -> str:
    """The text as inert code on one line, control characters as escapes, cut with an ellipsis past `most` characters."""
    return f"<code>{_MARKS.sub(_entity, brief(text, most))}</code>"


def code_lines(lines: Iterable[str], most: int = _MOST) -> str:
    """Several lines in one table cell or list item."""
    return "<br>".join(code(line, most) for line in lines)


def _entity(found: re.Match[str]) -> str:
    """One character as a decimal entity, which no renderer reads as a mark."""
    return f"&#{ord(found[0])};"
