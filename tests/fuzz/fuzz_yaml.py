"""Hold the two parsers against each other: any text must give the same nodes and the same problems from both.

    python -m tests.fuzz.fuzz_yaml [SECONDS] [SEED]

Ends with 1 and the shortest texts found when one does not. Not collected by pytest: it runs as long as it is
told, and every difference it ever found became a case in `tests/core/test_yaml_*.py`.
"""

from __future__ import annotations

import random
import sys
import time

from reconciler.core.yaml import reader
from reconciler.core.yaml.reader import FAST_PARSER, PureParser, read_documents
from tests.property.test_manifest import PIECES

MORE_PIECES = [
    "a", "b", "\n- ", "-", ",", "#", "|+\n  ", "|\n x\n", "*", "&", "!", "!!str ", "!<x>", "!e!x", "!!", "%",
    "---", "\n...\n", "\\ud800", "\\U0010FFFF", "\\n", "\\\n", "=", "null", "|2", "''", '""', "\xa0", "?", ":\n",
    "\n\n", "- - ", "<", "\u200b", "\\N", "\\_", "\\/",
]  # fmt: skip


def both(text: str) -> bool:
    """Whether both parsers give the same for the text."""
    content = text.encode()
    reader.FAST_PARSER = FAST_PARSER
    fast = read_documents(content, "f")
    reader.FAST_PARSER = PureParser
    return fast == read_documents(content, "f")


def main(seconds: float = 60, seed: int = 0) -> int:
    """Try texts of YAML's own signs until the time is up."""
    chance = random.Random(seed)
    ends = time.monotonic() + seconds
    tried = 0
    different: list[str] = []
    while time.monotonic() < ends:
        tried += 1
        text = "".join(chance.choices(PIECES + MORE_PIECES, k=chance.randint(1, 14)))
        if not both(text):
            different.append(text)
    for text in sorted(different, key=len)[:20]:
        sys.stdout.write(f"{text!r}\n")
    sys.stdout.write(f"{tried} texts, {len(different)} read differently (seed {seed})\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
