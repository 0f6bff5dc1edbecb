"""Files that somebody saves between the reading of them and their rewriting: told, and never overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.adopt.adopt import adopt_drift
from reconciler.core.clock import Clock
from reconciler.repo.settings import load_settings
from reconciler.rpm.session import LazySession, RunEnvironment
from tests.kit.server import KEY, Customer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

CHANGED = "its file was changed meanwhile; run adopt again"


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """Three customers, each in a file of its own, of which RPM gave the first two each other's names."""
    server.seed(Customer(7, "Bolt"), Customer(8, "Acme"), Customer(9, "Cog", website="https://cog.example"))
    for number, name in ((7, "Acme"), (8, "Bolt"), (9, "Cog")):
        place.customer(name.lower(), f"CustomerID: {number}\nName: {name}\nWebsite: ''\n")
    return place


def adopted(shop: Workplace, server: Server, save: Callable[[], object]) -> tuple[list[int], dict[int, str]]:
    """Adopt all drift while somebody saves: whose values were written, and the first words of why the others were not."""

    def told(done: int, total: int) -> None:
        if done == total:  # RPM is read, and no file is written yet
            save()

    heard: list[object] = []
    settings = load_settings(shop.folder, {"url": server.url}, {})
    environment = RunEnvironment({"RPM_API_KEY": KEY}, None, Clock(), heard.append)
    with LazySession(settings, environment) as session:
        found = adopt_drift(settings, (), session.reads, progress=told, warn=heard.extend)
    left = {it.candidate.customer_id: it.reason for it in found.left}
    return [it.candidate.customer_id for it in found.adopted], left


def test_what_was_saved_meanwhile_is_left_and_so_is_what_rests_on_it(shop: Workplace, server: Server) -> None:
    """A name stays whose other holder keeps it after all; the third customer is nobody's concern."""
    folder = shop.folder / "customers"
    edited = "CustomerID: 8\nName: Bolt\nWebsite: https://bolt.example\n"
    done, left = adopted(shop, server, lambda: (folder / "bolt.yaml").write_text(edited))
    assert done == [9]
    assert left[8] == CHANGED
    assert left[7].startswith("customers/bolt.yaml:1:1 has this name")
    assert (folder / "bolt.yaml").read_text() == edited
    assert (folder / "acme.yaml").read_text() == "CustomerID: 7\nName: Acme\nWebsite: ''\n"
    assert "https://cog.example" in (folder / "cog.yaml").read_text()


@pytest.mark.parametrize("content", [None, "Name: [\n", "CustomerID: 9\nName: Cog\n", "Name: Dot\n"])
def test_a_file_that_says_something_else_or_nothing_is_left(
    shop: Workplace, server: Server, content: str | None
) -> None:
    """Gone, unreadable, without the value, or another customer's."""
    file = shop.folder / "customers/cog.yaml"

    def save() -> None:
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_text(content)

    assert adopted(shop, server, save) == ([7, 8], {9: CHANGED})
    assert (file.read_text() if file.exists() else None) == content


def test_lines_that_moved_and_comments_are_no_change(shop: Workplace, server: Server) -> None:
    """The file asks for the same: the value is written where it stands now."""
    file = shop.folder / "customers/cog.yaml"
    saved = "# ours\n\nCustomerID: 9\nWebsite: ''  # none\nName: Cog\n"
    done, left = adopted(shop, server, lambda: file.write_text(saved))
    assert (sorted(done), left) == ([7, 8, 9], {})
    assert file.read_text() == saved.replace("''", "'https://cog.example'")
