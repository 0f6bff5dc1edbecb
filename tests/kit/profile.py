"""How much the tests try: `short` for every day; RECONCILER_TESTS says `long` (CI, `nox -s test_long`) or `mutants`.

The short profile still catches every planted bug (`tests/chaos/mutants.py`); the long one looks for those that nobody planted.
Where a mutant is tried (`nox -s mutation`), the first failure tells all: it is neither made smaller nor is another looked for.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, Phase, settings

LONG: Final = os.environ.get("RECONCILER_TESTS") == "long"
MUTANTS: Final = os.environ.get("RECONCILER_TESTS") == "mutants"
_UNCHECKED: Final = [HealthCheck.too_slow, HealthCheck.data_too_large]  # the machine may be busy

settings.register_profile(
    "reconciler",
    deadline=None,
    max_examples=1000 if LONG else 60,
    derandomize=MUTANTS or "CI" in os.environ,  # a gate says the same twice; at home each run looks elsewhere
    suppress_health_check=_UNCHECKED,
    phases=(Phase.explicit, Phase.generate) if MUTANTS else tuple(Phase),
    report_multiple_bugs=not MUTANTS,
)
settings.load_profile("reconciler")


def tries(*, short: int, long: int) -> int:
    """How often something is tried that Hypothesis does not count."""
    return long if LONG else short
