"""What it costs to ask for anything at all: how long each command takes where there is next to nothing to do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from tests.bench.dataset import Subscription
from tests.bench.measure import PYTHON, TOOL, in_turn, run, serving
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIBRARIES: Final = {
    "click": "import click",
    "click, yaml": "import click, yaml",
    "click, yaml, httpx": "import sys; sys.modules['httpx._main'] = None; import click, yaml, httpx",
    "click, yaml, httpx, deepdiff": (
        "import sys; sys.modules['httpx._main'] = None; import click, yaml, httpx, deepdiff"
    ),
}
"""What a command stands on, imported and nothing else; httpx without its own command line."""
COMPLETION: Final = {
    "_RECONCILER_COMPLETE": "bash_complete",
    "COMP_WORDS": "reconciler pl",
    "COMP_CWORD": "1",
}
WHAT: Final = (
    ("`--help`", "help", "click", 5),
    ("shell completion", "complete", "click", 5),
    ("`plan --help`", "plan help", "click", 6),
    ("`validate` of one file", "validate", "click, yaml", 6),
    ("`plan` of one customer, equal", "equal", "click, yaml, httpx", 12),
    ("`plan` of one customer, differs", "differs", "click, yaml, httpx, deepdiff", 12),
    ("`drift` of one customer, differs", "drift", "click, yaml, httpx, deepdiff", 12),
    ("`check`", "check", "click, yaml, httpx", 12),
)
"""Each row: what, its measurement, the libraries that it cannot do without, and the ratio to reach."""


def starting(root: Path, times: int) -> Iterator[Row]:
    """Seconds of the processor, against an empty program of Python, and beside what the libraries alone take."""
    equal, differs = root / "equal", root / "differs"
    Subscription(1).write(equal)
    Subscription(1, moved=1).write(differs)
    with serving(1, 0) as served:
        named: dict[str, tuple[list[str], Path, dict[str, str]]] = {
            "pass": ([PYTHON, "-c", "pass"], equal, {}),
            **{name: ([PYTHON, "-c", code], equal, {}) for name, code in LIBRARIES.items()},
            "help": ([TOOL, "--help"], equal, {}),
            "complete": ([TOOL], equal, COMPLETION),
            "plan help": ([TOOL, "plan", "--help"], equal, {}),
            "validate": ([TOOL, "validate"], equal, {}),
            "equal": ([TOOL, "plan", "--url", served.url], equal, {}),
            "differs": ([TOOL, "plan", "--url", served.url], differs, {}),
            "drift": ([TOOL, "drift", "--url", served.url], differs, {}),
            "check": ([TOOL, "check", "--url", served.url], equal, {}),
        }
        codes = {"drift": 2, "check": 1}
        found = in_turn(
            {
                name: partial(_processor, words, place, codes.get(name, 0), environment)
                for name, (words, place, environment) in named.items()
            },
            2 * times,
        )
    empty = found["pass"]
    for what, name, libraries, reach in WHAT:
        ours, floor = found[name], found[libraries]
        against = (
            f"`python -c pass`: {empty.shown(3)}; {libraries} alone: {floor.median / empty.median:.1f} ×"
        )
        yield Row(
            f"{what}, seconds of the processor", ours.shown(3), against, ours.median / empty.median, reach
        )


def _processor(words: list[str], place: Path, code: int, environment: dict[str, str]) -> float:
    return run(words, place, code=code, **environment).processor
