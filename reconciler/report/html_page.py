"""A template and its parts -> one HTML page that needs nothing else: no request, no code but its own. Pure.

Every text of YAML, RPM or git is made printable before it gets here and escaped by the template. The page may load nothing and run
nothing but its own style and script, which its content policy names by hash, so a hole in the escaping would still run nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from reconciler.core.text import printable
from reconciler.report import summaries
from reconciler.report.ci_escape import disarmed
from reconciler.report.view import Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.report.view import Notice, View

_MOST: Final = 10_000
_TICKED: Final = re.compile("`([^`]+)`")
_LONG_WORD: Final = 40
_FLAG: Final = re.compile(r"--[a-z]+(?:-[a-z]+)*")


def page(view: View, **parts: Any) -> str:
    """The filled template; a first line of several facts is parted into its heading and the rest."""
    first, *facts = view.headline.split(summaries.DOT)
    style, script = _asset("page.css"), _asset("page.js")
    filled = (
        _environment()
        .get_template("page.html.j2")
        .render(
            **parts,
            view=view,
            first=first,
            facts=facts,
            style=Markup(style),  # noqa: S704 - our own files, without a variable part
            script=Markup(script),  # noqa: S704
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )
    return disarmed(filled, colon="&#58;", hash_sign="&#35;")


def full(text: str) -> str:
    """A value with its line breaks, cut only where it would make the page useless."""
    more = len(text) - _MOST
    shown = printable(text[:_MOST].replace("\r\n", "\n"), keep="\n")
    return f"{shown}… and {more:,} more characters" if more > 0 else shown


def safe(found: Sequence[Notice], *, urgent: bool) -> list[tuple[str, list[Item]]]:
    """The notices that are urgent, or those that are not, with printable texts."""
    return [
        (notice.heading(printable), [_safe(item) for item in notice.items])
        for notice in found
        if notice.urgent is urgent
    ]


def _safe(item: Item) -> Item:
    """An entry with printable texts."""
    text, place, advice = (printable(part, keep="\n") for part in (item.text, item.place, item.advice))
    return Item(text, place, advice, item.customer, tuple(map(_safe, item.below)))


def _ticked(sentence: str) -> Markup:
    """A sentence of ours, what stands between backticks as code."""
    return Markup(_TICKED.sub(r"<code>\1</code>", str(escape(sentence))))  # noqa: S704 - escaped the moment before


def _flagged(sentence: str) -> Markup:
    """A sentence whose flags a browser does not break at their hyphens."""
    return Markup(_FLAG.sub(r"<b class=word>\g<0></b>", str(escape(sentence))))  # noqa: S704 - escaped the moment before


def _worded(command: str) -> Markup:
    """A command whose words, but for a digest, a browser does not break."""
    words = (
        f"<b class=word>{escape(word)}</b>" if len(word) <= _LONG_WORD else str(escape(word))
        for word in command.split(" ")
    )
    return Markup(" ".join(words))  # noqa: S704 - each word was escaped


@cache
def _environment() -> Environment:
    """Where templates come from; a name that one misses is an error, not an empty place."""
    made = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters |= {"ticked": _ticked, "flagged": _flagged, "worded": _worded}
    return made


def _asset(name: str) -> str:
    """A file that is part of this package."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A content policy's name for an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
