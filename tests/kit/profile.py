"""How much the tests try: `short` for every day, `long` where RECONCILER_TESTS says so, as CI and `nox -s test_long` do.

The short profile still catches every planted bug (`tests/chaos/mutants.py`); the long one looks for those that nobody planted.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

LONG: Final = os.environ.get("RECONCILER_TESTS") == "long"
_UNCHECKED: Final = [HealthCheck.too_slow, HealthCheck.data_too_large]  # the machine may be busy

settings.register_profile(
    "reconciler",
    deadline=None,
    max_examples=1000 if LONG else 60,
    derandomize="CI" in os.environ,  # a gate says the same twice; at home each run looks elsewhere
    suppress_health_check=_UNCHECKED,
)
settings.load_profile("reconciler")


def tries(*, short: int, long: int) -> int:
    """How often something is tried that Hypothesis does not count."""
    return long if LONG else short
