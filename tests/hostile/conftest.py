"""What every row begins with: a branch that changes one customer, main moved on, RPM changed by hand, a canary that sings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.kit.git import Git
from tests.kit.server import Customer
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.server import Server


@dataclass
class Scene:
    """A repository, the command in it, and a program whose every run can be seen.

    On `main`, Acme (7) is Gold; on `branch`, which is checked out, Silver. RPM still has Gold, and somebody changed the tier
    of Bolt (8) by hand.
    """

    place: Workplace
    git: Git
    home: Path
    program: Path
    canary: Path

    def check_silent(self) -> None:
        """No program of the checkout ran."""
        assert not self.canary.exists(), self.canary.read_text()

    def user_config(self, text: str) -> None:
        """Write the user's own configuration."""
        (self.home / ".gitconfig").write_text(text)


def acme(tier: str, name: str = "Acme") -> str:
    """The file of customer 7."""
    return f"CustomerID: 7\nName: {name}\nFields:\n  Tier: {tier}\n"


def bolt(tier: str = "A") -> str:
    """The file of customer 8."""
    return f"CustomerID: 8\nName: Bolt\nFields:\n  Tier: {tier}\n"


@pytest.fixture
def scene(tmp_path: Path, server: Server) -> Scene:
    """A scene of its own."""
    server.seed(
        Customer(7, "Acme", fields={"Tier": "Gold"}),
        Customer(8, "Bolt", fields={"Tier": "A"}),
        fields=("Tier",),
    )
    place = Workplace(tmp_path / "repository", server.url)
    home = tmp_path / "home"
    home.mkdir()
    place.environment |= {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    canary = tmp_path / "canary"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {canary}\nexec cat\n')
    program.chmod(0o755)
    git = Git.init(place.folder)
    git.commit(acme=acme("Gold"), bolt=bolt())
    git("switch", "--quiet", "--create", "branch")
    git.commit(acme=acme("Silver"))
    server.by_hand(8, {"Fields.Tier": "B"})
    return Scene(place, git, home, program, canary)
