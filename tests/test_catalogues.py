"""Every row of the two catalogues has a test that bears its id, or stands here with the reason why not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
ROWS = {f"F{number:02}" for number in range(1, 141)} | {f"B{number:02}" for number in range(1, 142)}

NO_CREATE = "nothing is ever created in RPM"
NO_CONFIRMATION = "a second read after each edit would be billed; the edit's own answer is compared"
NO_JOURNAL = "journals are a record for people; no run reads one, so a bad one cannot mislead"
NOT_APPLICABLE = {
    "F02": "a name that resolves at the second try is a retry like that of F04, on the resolver's side",
    "F18": NO_CONFIRMATION,
    "F67": NO_CONFIRMATION,
    "F68": "a read that lags cannot be told from the truth without a version number, and RPM has none",
    "F76": "the API has no pages; the list is bounded by its size (F25)",
    "F85": NO_CONFIRMATION,
    "F90": "flapping shows in the record of audits; no verdict is made of it",
    "F96": "outer spaces of a name are refused in the file (B26)",
    "F100": NO_CREATE,
    "F111": NO_JOURNAL,
    "F119": NO_JOURNAL,
    "F122": "a saved plan does not expire; it is held against fresh reads instead",
    "F132": "files are read once, at the start, and nothing rests on them afterwards",
    "F139": "a concurrency group of the CI service, which applies the newest commit anyway",
    "F140": "the CI service's schedule; the record of audits tells when the last one was",
    "B54": "`ignore` hides what a file manages, and the plan counts it",
    "B93": "`.env` files are no input of ours",
    "B113": "settings carry no version",
    "B114": "the subscriber is optional, and pinned where it is given (F103)",
    "B115": "whether a repository is public is for its owner to know",
    "B123": NO_JOURNAL,
    "B124": NO_JOURNAL,
}


PARTS = {
    "F06": ("expired", "self-signed", "other-host", "old-tls", "not-tls"),
    "F20": ("403", "407", "502"),
    "F22": ("301", "302", "303", "307", "308"),
    "F26": ("broken", "unknown"),
    "F27": ("no-number", "negative", "twice", "both-lengths", "long", "not-http"),
    "F29": ("204", "205", "206", "304"),
    "F35": ("502", "503", "504"),
    "F38": ("86400", "minus", "inf", "soon", "nan"),
    "F41": ("401", "403"),
    "F45": ("object", "empty", "zero", "list", "null"),
    "F55": ("null", "list", "text", "object", "result"),
    "F57": ("truncated", "trailing", "twice", "bom", "utf-16", "latin-1"),
    "F58": ("nan", "infinity", "exponent", "digits", "duplicate", "nested"),
    "F59": (
        *("float", "true", "null", "negative", "word", "id-63-bits", "id-long"),
        *("fields", "fields-null", "value", "value-number", "name-null", "name-object"),
    ),
    "F63": ("trim", "upper", "phone", "date", "sentinel", "entities", "crlf", "unicode", "rounded"),
    "F95": ("allowed", "refused", "ignored"),
    "F109": ("hang-up", "pipe"),
    "F116": ("plan", "record", "journal"),
    "F117": ("flip", "truncated", "empty"),
    "F120": ("newer",),
    "F127": ("1970", "2038", "dst", "slept", "set-back"),
    "F128": ("ascii", "cp1252", "utf-8"),
    "F129": ("0", "20", "dumb", "none"),
    "F130": ("home", "home-of-nobody", "temporary-folder", "working-folder"),
    "F131": ("files", "threads"),
    "F136": ("403", "404", "422", "500", "secondary-limit"),
    "F138": ("strangers", "edited", "deleted"),
    "B58": ("be", "32", "bare"),
    "B60": ("nul", "esc", "del", "c1"),
    "B61": ("nul", "esc", "del", "nel", "cr"),
    "B64": ("cr", "ls", "nel", "ps"),
    "B89": ("crlf", "nul", "ascii", "quotes", "bearer"),
    "B90": ("empty", "blank", "changeme", "f", "variable"),
    "B97": ("query", "fragment", "dots", "doubled"),
    "B104": ("flag", "value", "ids", "needs"),
    "B105": ("0", "negative", "exponent", "nan", "spaces", "arabic"),
    "B118": ("id", "field", "value", "count"),
}
"""The rows that name several things: a test of one of them says nothing of the others, so each part has its own."""


def ids_in_tests() -> set[str]:
    """The ids, with their part where they have one, that a test's parameter or `row` mark names, or its name begins with."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.match(r"[FB]\d{2,3}(?![0-9A-Za-z])", node.value) and len(node.value) < 60:
                    found.add(node.value)
            elif isinstance(node, ast.FunctionDef) and (match := re.match(r"test_([fb]\d{2,3})_", node.name)):
                found.add(match[1].upper())
    return found


def rows_with_a_test() -> set[str]:
    """The rows that some test names."""
    return {named[:4] if named[3:4].isdigit() else named[:3] for named in ids_in_tests()}


def test_every_part_of_a_row_has_a_test() -> None:
    """One part that is tested does not make a row green."""
    named = {f"{row}-{part}" for row, parts in PARTS.items() for part in parts}
    assert sorted(named - ids_in_tests()) == []


def test_every_row_has_a_test_or_a_reason() -> None:
    """A row that nobody thinks of any more fails here."""
    assert sorted(ROWS - rows_with_a_test() - NOT_APPLICABLE.keys()) == []


def test_no_row_has_both() -> None:
    """A reason that no longer holds goes."""
    assert sorted(rows_with_a_test() & NOT_APPLICABLE.keys()) == []
    assert NOT_APPLICABLE.keys() <= ROWS
