"""Who may import whom, read from the imports themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from reconciler.rpm.reader import Reader

HOUSE = Path(__file__).parents[1] / "reconciler"
PURE = (
    "core/values", "core/attributes", "core/field_types", "plan/compare", "plan/order", "plan/model", "plan/builder", "plan/document", "plan/guards", "plan/identity",
    "apply/verify", "apply/scheduler", "apply/result", "customers/manifest", "customers/document", "core/yaml/reader", "core/yaml/composer", "customers/rewrite", "core/text", "rpm/payload", "rpm/response",
)  # fmt: skip


def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return found


def room(path: Path) -> str:
    """Where a file is in the house: `rpm/client.py`."""
    return path.relative_to(HOUSE).as_posix()


FILES = {room(path): imports(path) for path in HOUSE.rglob("*.py")}


def test_the_sandbox_is_a_program_apart() -> None:
    """It imports nothing of the reconciler, and the reconciler nothing of it: a shared mistake could hide."""
    for name, found in FILES.items():
        ours = {module for module in found if module.startswith("reconciler.")}
        inside = {module for module in ours if module.startswith("reconciler.sandbox")}
        assert (ours == inside) if name.startswith("sandbox/") else not inside, name


def test_only_rpm_knows_http() -> None:
    """And click is known to the command line alone."""
    for name, found in FILES.items():
        heads = {module.split(".")[0] for module in found}
        assert not heads & {"httpx", "httpcore"} or name.startswith("rpm/"), name
        assert "click" not in heads or name.startswith("cli/"), name


def test_only_apply_gets_an_editor() -> None:
    """The object that plans has no method that edits."""
    users = {name for name, found in FILES.items() if "reconciler.rpm.editor.Editor" in found}
    assert users == {"apply/run.py"}
    assert not [name for name in vars(Reader) if "edit" in name.lower()]


@pytest.mark.parametrize("name", PURE)
def test_what_is_pure_stays_pure(name: str) -> None:
    """No I/O, clock, randomness or environment in the rooms that decide."""
    heads = {module.split(".")[0] for module in FILES[f"{name}.py"]}
    assert not heads & {"os", "time", "random", "socket", "subprocess", "logging", "threading", "sqlite3"}, (
        heads
    )
