"""A parser's error -> one problem in plain words: what is wrong at which place, and what to write instead.

The parser speaks of tokens and block ends, the C parser in words of its own; the people who read the message
wrote a customer's name with a colon in it. So the usual mistake, a text that YAML wants quoted, is looked for first. Never repeats the
text of the file, which may be confidential. This module is pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.text import shortened
from reconciler.core.values import Problem, SourceMark
from reconciler.core.yaml.encoding import mark_at

if TYPE_CHECKING:
    from collections.abc import Iterator

_VALUE_START: Final = re.compile(r"""[ ]*(?:-[ ]+)*(?:[^\s'"#:][^:]*:[ ]+)?([*@`%!&{\[])""")
_IMPOSSIBLE_ESCAPE: Final = re.compile(r"\\U[0-9A-Fa-f]{8}")

_NO_SUCH_CHARACTER: Final = "this escape names no character: write the character itself"
_CASES: Final = (
    ("character '\\t'", "a tab is not allowed here: use spaces, or quote the text that contains it"),
    ("scanning a quoted scalar", "the quote that opens here is never closed"),
    ("unknown escape character", "no such escape: write \\\\ for a backslash, or use single quotes"),
    ("escape sequence", "this escape is not complete: write \\\\ for a backslash, or use single quotes"),
    ("invalid Unicode character escape", _NO_SUCH_CHARACTER),
    ("sequence entries are not allowed", "a text cannot begin with `- ` here: quote it"),
    ("mapping keys are not allowed", "a text cannot begin with `? ` here: quote it"),
    ("could not find expected ':'", "neither `key: value` nor an indented text: is a `: ` missing?"),
    ("scanning a block scalar", "only + or - may follow | or >, and the text begins on the next line: or quote it"),
    ("expected ',' or", "what opens here is never closed: close it, or quote the text that begins with it"),
    ("expected '<document start>'", "this belongs to nothing above it: align it with the other keys"),
    ("expected the node content", "a text is missing here, or it begins with a sign that YAML reserves: quote it"),
    ("cannot start any token", "a text that begins with this sign must be quoted: quote it"),
    ("scanning a tag", "tags (!) are not allowed: quote the text if it begins with !"),
    ("parsing a tag", "tags (!) are not allowed: quote the text if it begins with !"),
    ("scanning an a", "anchors (&) and aliases (*) are not allowed: quote the text if it begins so"),
    ("expected <block end>", "this is indented unlike the lines around it: align it with the other keys"),
)  # fmt: skip
_WORDS_OF_C: Final = (
    ("did not find expected key", "expected <block end>"),
    ("did not find expected '-' indicator", "expected <block end>"),
    ("did not find expected hexdecimal number", "escape sequence"),
    ("did not find expected node content", "expected the node content"),
    ("did not find expected <document start>", "expected '<document start>'"),
    ("did not find expected", "expected"),
    ("parsing a quoted scalar found unexpected", "scanning a quoted scalar"),
    ("block sequence entries are", "sequence entries are"),
)
_PHRASES_OF_CONTEXT: Final = ("scanning a quoted scalar", "could not find expected ':'", "expected ',' or")


def explain_error(error: Exception, text: str, file: str) -> Problem:
    """The error as a problem at the place where the person who wrote the text can fix it."""
    said = " ".join(filter(None, (getattr(error, "context", ""), getattr(error, "problem", ""))))
    for c_word, word in _WORDS_OF_C:
        said = said.replace(c_word, word)
    mark = getattr(error, "problem_mark", None)
    if mark is None:  # the pure parser's bug: such an escape overflows inside it
        found = _IMPOSSIBLE_ESCAPE.search(text)
        return Problem(mark_at(text, found.start() if found else 0, file), _NO_SUCH_CHARACTER)
    if any(phrase in said for phrase in _PHRASES_OF_CONTEXT):
        mark = error.context_mark  # type: ignore[attr-defined]
    for line, column, message in _readings(said, text.splitlines(), mark):
        return Problem(SourceMark(file, line + 1, column + 1), message)
    message = f"YAML cannot be read here; quoting the text usually helps (the parser: {shortened(said, 200)})"
    return Problem(SourceMark(file, mark.line + 1, mark.column + 1), message)


def _readings(said: str, lines: list[str], mark: Any) -> Iterator[tuple[int, int, str]]:
    """What may have been meant, likeliest first: line and column from 0, and the message."""
    line = lines[mark.line] if mark.line < len(lines) else ""
    before = line[: mark.column]
    if (start := _VALUE_START.match(line)) and start.end() - 1 <= mark.column:
        yield mark.line, start.end() - 1, f"a text that begins with {start[1]} must be quoted: quote it"
    if "mapping values are not allowed" in said:
        inside = ": " in before
        yield (
            mark.line,
            mark.column,
            (
                "a text that contains `: ` must be quoted: quote it"
                if inside
                else "this key is indented as if it were part of the value above: align it with the other keys"
            ),
        )
    if "expected <block end>" in said and before.rstrip().endswith(("'", '"')):
        yield mark.line, mark.column, "there is text after the closing quote: quote the whole text"
    for phrase, message in _CASES:
        if phrase in said:
            yield mark.line, mark.column, message
