"""The table of docs/ci.md that says which test holds each fault of the first pipelines: every test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_fault_has_a_test_that_is_there() -> None:
    """By its name, or by the parts of it around an ellipsis; a fault without one is a gap."""
    page = (ROOT / "docs/ci.md").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if re.match(r"\| [FP]\d", line)]
    assert len(rows) == 30
    names = [
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    ]
    for row in rows:
        held = re.findall(r"`([^`]+)`", row[-1])
        assert held, row
        for word in held:
            file, _, name = word.partition("::") if ".py" in word else ("", "", word)
            assert not file or (ROOT / "tests" / file).is_file(), word
            pattern = re.compile(".*".join(map(re.escape, name.split("…"))) + (".*" if not name else ""))
            assert any(map(pattern.fullmatch, names)), word
