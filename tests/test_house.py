"""What holds across the rooms, and the contracts in pyproject.toml cannot say."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from reconciler.rpm.reader import Reader

HOUSE = Path(__file__).parents[1] / "reconciler"
OTHER_PROGRAMS = ("sandbox/", "ci/templates/", "__main__.py")
LINES_AT_MOST = 300
TWICE = {"command"}
"""What every module of `cli/commands` is asked for, by this name."""


def test_a_reader_has_no_method_that_edits() -> None:
    """Whoever plans gets a Reader, so it cannot edit."""
    assert not [name for name in vars(Reader) if "edit" in name.lower()]


def test_no_path_is_resolved_by_pathlib() -> None:
    """It raises a RuntimeError for a link that leads in a circle; `os.path.realpath` does not."""
    assert [path.name for path in HOUSE.rglob("*.py") if ".resolve()" in path.read_text()] == []


def test_no_module_is_longer_than_a_reader_reads_at_once() -> None:
    """Past 300 lines, something was joined that should be apart."""
    lengths = {path.relative_to(HOUSE): path.read_text().count("\n") for path in HOUSE.rglob("*.py")}
    assert {path: lines for path, lines in lengths.items() if lines > LINES_AT_MOST} == {}


def test_no_two_things_have_one_name() -> None:
    """A public function or class is found by its name alone."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in HOUSE.rglob("*.py"):
        module = path.relative_to(HOUSE).as_posix()
        if module.startswith(OTHER_PROGRAMS):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(module)
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: where for name, where in twice.items() if name not in TWICE} == {}
