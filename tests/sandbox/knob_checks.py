"""The register of checks: one for each knob, under the knob's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Rpm

CHECKS: dict[str, Callable[[Rpm], None]] = {}


def knob(check: Callable[[Rpm], None]) -> Callable[[Rpm], None]:
    """Register a check under the knob's name, which is the function's."""
    CHECKS[check.__name__] = check
    return check
