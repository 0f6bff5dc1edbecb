"""The list of mutants that nothing can tell is about the code as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.__main__ import Mutant, explained

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutant", explained(), ids=lambda it: it.function)
def test_an_explained_line_is_in_the_code(mutant: Mutant) -> None:
    """A reason for a line that was changed since is a reason for nothing."""
    folder, module, _ = mutant.function.split(".", 2)
    code = (ROOT / "reconciler" / folder / f"{module}.py").read_text()
    assert mutant.before in " ".join(code.split())
