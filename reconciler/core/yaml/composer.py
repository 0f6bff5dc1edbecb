"""A parser's events -> nodes and problems, in one pass that no input can make deep, long or large.

What would make a file mean something else than it shows is refused here: anchors, aliases, tags, merge keys,
repeated keys. The walk goes on after each of them, so that one pass finds all; only past an exceeded limit
is nothing read any more. Knows nothing of encodings, of the parsers' own errors, or of customers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from reconciler.core.text import shortened
from reconciler.core.values import Problem, SourceMark
from reconciler.core.yaml.encoding import mark_at, refused_character
from reconciler.core.yaml.nodes import Mapping, Node, Rejected, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.core.yaml.nodes import Style

DEPTH_LIMIT: Final = 20
NODES_LIMIT: Final = 200_000
SCALAR_LIMIT: Final = 10_000
PROBLEMS_LIMIT: Final = 100

_STYLES: Final[dict[str | None, Style]] = {
    None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded",
}  # fmt: skip
_TEXT_TAG: Final = "tag:yaml.org,2002:str"
_NO_KEYS: Final = {
    "": "a key is missing in front of the colon",
    "<<": "merge keys (<<) are not allowed: write the values out",
}
_BLOCK_HEADER: Final = re.compile(r"[^|>]*[|>]([1-9+-]{0,2})(?=\s|\Z)")


class LimitError(Exception):
    """A limit is exceeded, and reported; the rest of the file is not read."""


class Walk:
    """One pass over the events of one text; `nodes` and `problems` are what it found so far.

    Events are `Any`: PyYAML types every mark as optional, and in what it parses each is there.
    """

    __slots__ = ("_count", "_file", "_shift", "_take", "_text", "nodes", "problems")

    def __init__(self, text: str, file: str, take: Callable[[], Any], *, shift: int) -> None:
        """Get ready to take the events of `text` from `take`; `shift` is added to every offset."""
        self.nodes: list[Node] = []
        self.problems: list[Problem] = []
        self._text = text
        self._file = file
        self._take = take
        self._shift = shift
        self._count = 0

    def documents(self) -> None:
        """Read every document; raise what the parser raises, or LimitError."""
        take = self._take
        take()
        while type(take()) is DocumentStartEvent:
            self.nodes.append(self._node(take(), 1))
            take()

    def _node(self, event: Any, depth: int) -> Node:
        self._count += 1
        if self._count > NODES_LIMIT:
            self._stop(event, f"more than {NODES_LIMIT:,} texts, lists and mappings in one file")
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is AliasEvent:
            return self._reject(event, "an alias (*) is not allowed: write the value out, or quote it")
        if depth > DEPTH_LIMIT:
            self._stop(event, f"more than {DEPTH_LIMIT} levels, one inside the other")
        if event.anchor is not None or event.tag is not None:
            self._reject_property(event)
        return self._mapping(event, depth) if kind is MappingStartEvent else self._sequence(event, depth)

    def _sequence(self, start: Any, depth: int) -> Sequence:
        items = []
        while type(event := self._take()) is not SequenceEndEvent:
            items.append(self._node(event, depth + 1))
        return Sequence(tuple(items), *self._extent(start, event, items[-1] if items else None))

    def _mapping(self, start: Any, depth: int) -> Mapping:
        take, node = self._take, self._node
        entries: dict[str, tuple[Scalar, Node]] = {}
        value: Node | None = None
        while type(event := take()) is not MappingEndEvent:
            key = node(event, depth + 1)
            value = node(take(), depth + 1)
            if not isinstance(key, Scalar):
                self._odd_key(key)
            elif key.text in entries:
                self._repeated(key, entries[key.text][0])
            elif key.text in _NO_KEYS and key.style == "plain":
                self._report(key, _NO_KEYS[key.text])
            else:
                entries[key.text] = (key, value)
        return Mapping(
            tuple(entries.values()), *self._extent(start, event, value), flow=bool(start.flow_style)
        )

    def _extent(self, start: Any, end: Any, last: Node | None) -> tuple[int, int, int, int]:
        """Line, column, start and end of a list or mapping; a block ends where its last node does, if it has any.

        The end mark of a block is after the comments and blank lines that follow.
        """
        mark = start.start_mark
        first = mark.index + self._shift
        after = end.end_mark.index + self._shift if start.flow_style else last.end if last else first
        return mark.line + 1, mark.column + 1, first, after

    def _scalar(self, event: Any) -> Scalar | Rejected:
        text, style = event.value, _STYLES[event.style]
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        start, end = mark.index + self._shift, event.end_mark.index + self._shift
        if len(text) > SCALAR_LIMIT:
            self._stop(event, f"a text of {len(text):,} characters; at most {SCALAR_LIMIT:,} are read")
        if style in {"literal", "folded"}:
            text, end = self._block(event)
        elif not text and mark.index == len(self._text):
            # Where no line break ends the file, the parsers disagree on the place of its end.
            after = mark_at(self._text, mark.index, self._file)
            line, column = after.line, after.column
        if event.anchor is not None or (event.tag is not None and event.tag != _TEXT_TAG):
            return self._reject_property(event)
        if style == "double":
            text = text.replace("\r\n", "\n")
            if refused := refused_character(text):
                return self._reject(event, f"the escape for {refused} is not allowed: remove it")
        return Scalar(text, style, line, column, start, end)

    def _block(self, event: Any) -> tuple[str, int]:
        """The text and the end of a block scalar.

        The parser's end mark is after the blank lines and the line break that follow; an edit of the
        token must leave those alone.
        """
        start, end = event.start_mark.index, event.end_mark.index
        header = _BLOCK_HEADER.match(self._text, start)
        if not header:  # the C parser lets `|#` pass
            raise MarkedYAMLError(problem="scanning a block scalar", problem_mark=event.start_mark)
        keeps = "+" in header[1]
        token = self._text[start:end]
        stop = token.find("\n", len(token) - 1 if keeps else len(token.rstrip(" \t\r\n")))
        end = start + len(token[: stop if stop >= 0 else None].removesuffix("\r")) + self._shift
        return (event.value if keeps else event.value.removesuffix("\n")), end

    def _odd_key(self, key: Mapping | Sequence | Rejected) -> None:
        if not isinstance(key, Rejected):
            self._report(key, "a key must be text: quote it if it begins with [ or { or ?")

    def _repeated(self, key: Scalar, first: Scalar) -> None:
        name = shortened(key.text)
        self._report(key, f'the key "{name}" is on line {first.line} already and again on line {key.line}')

    def _reject_property(self, event: Any) -> Rejected:
        anchored = event.anchor is not None
        what = "an anchor (&)" if anchored else "a tag (!)"
        return self._reject(
            event, f"{what} is not allowed: quote the text if it begins with {'&' if anchored else '!'}"
        )

    def _reject(self, event: Any, message: str) -> Rejected:
        mark = event.start_mark
        place = mark.index + self._shift
        rejected = Rejected(mark.line + 1, mark.column + 1, place, place)
        self._report(rejected, message)
        return rejected

    def _report(self, node: Node, message: str) -> None:
        """Add a problem; past the limit, another one helps nobody, and a hostile file would be read for minutes."""
        mark = SourceMark(self._file, node.line, node.column)
        if len(self.problems) == PROBLEMS_LIMIT:
            more = f"and more: after {PROBLEMS_LIMIT} problems the rest of the file is not read"
            self.problems.append(Problem(mark, more))
            raise LimitError
        self.problems.append(Problem(mark, message))

    def _stop(self, event: Any, message: str) -> NoReturn:
        self._reject(event, message)
        raise LimitError
