"""Bytes of one YAML file -> its documents as nodes that know their place, and what is wrong with them.

Reads the parser's events and nothing more: no tag is resolved and nothing is constructed, so a
scalar stays the text that is written, and no input can become an object, a number or a date. The C parser
is used where the wheel has it; both parsers give the same result. Says nothing about what the documents
should hold. This module is pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from reconciler.core.yaml.composer import LimitError, Walk
from reconciler.core.yaml.encoding import BOM, decode_text
from reconciler.core.yaml.messages import explain_error
from reconciler.core.yaml.nodes import Mapping, Node, Rejected, Scalar, Sequence, Style

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.core.values import Problem

__all__ = ["Mapping", "Node", "Rejected", "Scalar", "Sequence", "Style", "read_documents"]


class PureParser(Reader, Scanner, Parser):
    """PyYAML's own parser without the resolver and the constructor that its loaders add."""

    def __init__(self, text: str) -> None:
        """Get ready to parse."""
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # there, though not in its __all__
except ImportError:  # a wheel without the C library
    FAST_PARSER: Callable[[str], Any] = PureParser
else:
    FAST_PARSER = CParser

REREAD_LIMIT: Final = 100_000
"""Up to so many characters a wrong text is read by the pure parser too, which takes a second for them."""

_OPENED: Final = re.compile(r"(?:^|\r|[-:?] ) *[\[{]", re.MULTILINE)
"""Where a [ ] or { } may begin: a sign in the middle of a text opens nothing. May match too often, never too seldom."""

_BOM_BYTES: Final = BOM.encode()
# The last two are bugs of the pure parser, met in escapes and directives.
_ENDS: Final = (LimitError, yaml.YAMLError, ValueError, OverflowError)


def read_documents(content: bytes, file: str) -> tuple[list[Node], list[Problem]]:
    """The documents of a file, and every problem found, in the order of the file.

    Behind an error of syntax or a passed bound nothing can be read: the documents before it are given.
    An empty file has no documents; an empty document is an empty plain scalar.
    """
    text, problems = decode_text(content, file)
    if problems:
        return [], problems
    shift = 1 if content.startswith(_BOM_BYTES) else 0
    parser = PureParser if _parsers_differ(text) else FAST_PARSER
    walk, error = _walked(text, file, parser, shift)
    wrong = bool(walk.problems or error) and not isinstance(error, LimitError)
    if wrong and parser is not PureParser and len(text) <= REREAD_LIMIT:
        # Read again, so that what is said of it does not depend on the wheel. What the pure parser alone lets
        # pass are lone surrogates, which the walk refuses itself.
        walk, pure_error = _walked(text, file, PureParser, shift)
        error = pure_error or (None if walk.problems else error)
    if error and not isinstance(error, LimitError):
        problem = explain_error(error, text, file)
        if all(problem.mark != other.mark for other in walk.problems):
            walk.problems.append(problem)
    walk.problems.sort(key=lambda problem: (problem.mark.line, problem.mark.column))
    return walk.nodes, walk.problems


def _parsers_differ(text: str) -> bool:
    """Whether the C parser might take what the pure one refuses: a tab outside quotes, a ? inside [ ] or { }."""
    return "\t" in text or ("?" in text and _OPENED.search(text) is not None)


def _walked(text: str, file: str, parser: Callable[[str], Any], shift: int) -> tuple[Walk, Exception | None]:
    """What the walk found, and what ended it before the text did."""
    walk = Walk(text, file, parser(text).get_event, shift=shift)
    try:
        walk.documents()
    except _ENDS as error:
        return walk, error
    return walk, None
