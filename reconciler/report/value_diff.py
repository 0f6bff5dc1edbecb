"""Two texts -> the little of them that tells them apart, safe to look at. Pure, and linear in their length.

A short text is shown whole, a long one as the part that differs with some context, a text of several lines as
the lines that differ. Where the eye would see no difference (white space, look-alike characters), what differs is
spelled. No diff algorithm: what both have at the head and at the tail is left off, and that is enough for values of this size.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from reconciler.core.text import MASKED, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.report.view import Shown

LONG: Final = 60
MOST_LINES: Final = 6
_CONTEXT: Final = 12
_SPACES: Final = str.maketrans({" ": "·", "\t": "⇥", "\n": "⏎", "\u00a0": "⍽", "\u3000": "⍽"})
_UNSEEN: Final = re.compile(r"[^\x20-\x5b\x5d-\x7e]")


@dataclass(frozen=True, slots=True)
class Contrast:
    """Both sides as lines to show (at least one each), and in words what is special about them ("" if nothing)."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    note: str = ""

    @property
    def one_line(self) -> bool:
        """Whether each side is a single line."""
        return len(self.before) == len(self.after) == 1


def sides_of(change: Shown) -> Contrast:
    """What may be shown of a change's two values."""
    if change.masked:
        return Contrast((MASKED,), (MASKED,), "the values differ")
    return contrast(change.before, change.after)


@lru_cache(maxsize=4096)
def contrast(before: str, after: str) -> Contrast:
    """What to show of two different texts; kept, because columns are measured before lines are made."""
    before, after = before.replace("\r\n", "\n"), after.replace("\r\n", "\n")
    if before and after and _squeezed(before) == _squeezed(after):
        return Contrast(
            *_single(before.translate(_SPACES), after.translate(_SPACES)), "only white space differs"
        )
    if _alike(before, after):
        return Contrast(*_single(_spelled(before), _spelled(after)), "characters that look alike differ")
    if "\n" in before or "\n" in after:
        return _several(before.split("\n"), after.split("\n"))
    (one,), (other,) = _single(before, after)
    return Contrast((quoted(one),), (quoted(other),))


def shown_lines(text: str) -> tuple[str, ...]:
    """The first lines of a text, each cut, and how many more there are."""
    lines = text.replace("\r\n", "\n").split("\n")
    return (quoted(brief(text)),) if len(lines) == 1 else _lines(lines, len(lines))


def quoted(text: str) -> str:
    """A text as it stands, or in quotes where its ends would not be seen; the empty one says so."""
    if not text:
        return "(empty)"
    doubtful = text != text.strip() or text[0] in '"(' or "→" in text
    return f'"{text}"' if doubtful else text


def brief(text: str, most: int = LONG) -> str:
    """A text on one line, cut with an ellipsis where it has more characters."""
    shown = printable(text[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _single(before: str, after: str) -> tuple[tuple[str], tuple[str]]:
    """Both sides on a line each; when one is long, cut to where they differ."""
    if max(len(before), len(after)) <= LONG:
        return (printable(before),), (printable(after),)
    head = max(0, _common(before, after) - _CONTEXT)
    tail = _common(before[head:][::-1], after[head:][::-1])
    tail = max(0, tail - _CONTEXT)
    return (_middle(before, head, tail),), (_middle(after, head, tail),)


def _middle(text: str, head: int, tail: int) -> str:
    """The text without so many characters at either end, each cut marked; what is still long loses its middle."""
    inner = text[head : len(text) - tail]
    if len(inner) > LONG:
        half = LONG // 2
        left_out = len(inner) - 2 * half
        inner = f"{inner[:half]}…[{left_out} more characters]…{inner[-half:]}"
    return printable(("…" if head else "") + inner + ("…" if tail else ""))


def _several(before: Sequence[str], after: Sequence[str]) -> Contrast:
    """The lines that differ, with their number."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    gone, come = before[head : len(before) - tail], after[head : len(after) - tail]
    note = f"from line {head + 1} of {max(len(before), len(after))}" if head or tail else ""
    if len(gone) != len(come):
        return Contrast(_lines(gone, len(gone)), _lines(come, len(come)), note)
    pairs = [_single(*pair) for pair in zip(gone[:MOST_LINES], come[:MOST_LINES], strict=True)]
    sides = ([before for (before,), _ in pairs], [after for _, (after,) in pairs])
    return Contrast(_lines(sides[0], len(gone)), _lines(sides[1], len(come)), note)


def _lines(lines: Sequence[str], count: int) -> tuple[str, ...]:
    """The first few lines, each cut, and how many more of the count there are."""
    if not lines:
        return ("(no line)",)
    shown = [quoted(brief(line, 2 * LONG)) for line in lines[:MOST_LINES]]
    more = count - len(shown)
    return (*shown, f"… and {more} more {'line' if more == 1 else 'lines'}") if more > 0 else tuple(shown)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _squeezed(text: str) -> str:
    """The text without its white space."""
    return "".join(text.split())


def _alike(before: str, after: str) -> bool:
    """Whether the eye may take one text for the other: invisible, compatible or other-script characters."""
    if printable(before) == printable(after):
        return True  # a character and a text that spells its escape
    if before.isascii() and after.isascii():
        return False
    if _bare(before) == _bare(after):
        return True
    pairs = [pair for pair in zip(before, after, strict=False) if pair[0] != pair[1]]
    mixed = len(before) == len(after) > len(pairs) > 0
    return mixed and all(_other_script(*pair) or _other_script(*reversed(pair)) for pair in pairs)


def _other_script(one: str, other: str) -> bool:
    """Whether an ASCII letter faces a letter of another script (`é` is of the same as `e`)."""
    return (
        one.isascii()
        and one.isalpha()
        and other.isalpha()
        and not unicodedata.name(other, "LATIN").startswith("LATIN")
    )


def _bare(text: str) -> str:
    """The text with compatible characters made one and the invisible ones taken out."""
    composed = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in composed if unicodedata.category(letter) not in {"Cf", "Mn"})


def _spelled(text: str) -> str:
    """The text with every character outside ASCII as its code, and the backslash too, or two texts could meet again."""
    return _UNSEEN.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", text)
