"""SIGKILL at a random byte of the conversation, over a real socket.

Eight kills every day, forty in the long profile; `nox -s chaos -- --kills 500` for more.
"""

from __future__ import annotations

import pytest

from tests.chaos.kills import killed
from tests.kit.profile import tries

KILLS = tries(short=8, long=40)
BLOCK = 4


@pytest.mark.parametrize("first", range(0, KILLS, BLOCK), ids=lambda first: f"F108-byte-{first}")
def test_an_apply_that_dies_at_any_byte_is_finished_by_the_next(first: int) -> None:
    """The plan is empty after it; nothing was sent twice unread, nothing undeclared, and nobody's edit is lost."""
    wrong, tally = killed(first, BLOCK)
    assert not wrong, "\n".join(wrong)
    assert tally.kills
