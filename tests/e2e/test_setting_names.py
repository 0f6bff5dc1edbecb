"""K9: an entry of `mask`, `ignore` or `fields` that means nothing is not silent, and nobody is warned for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.server import Customer

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Workplace


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """One customer whose tax id nobody may see."""
    server.seed(
        Customer(7, "Acme", fields={"Tax id": "canary-rpm", "Tier": "A"}), fields=("Tax id", "Tier", "Café")
    )
    place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tax id: canary-yaml\n")
    return place


MISSPELT = ["Fields.Tax ID", "Fields.Tax  id", "Fields.Taxid", "Fields.Tax\u00a0id", "Fields.\uff34ax id"]


@pytest.mark.parametrize("entry", MISSPELT)
@pytest.mark.parametrize("words", [["plan"], ["drift"], ["apply", "--yes"], ["adopt"]], ids=" ".join)
def test_a_mask_that_misses_by_its_spelling_is_refused(
    entry: str, words: list[str], shop: Workplace, server: Server
) -> None:
    """Before anything is shown: it showed the value that it was to hide."""
    shop.settings(f'mask: ["{entry}"]\n')
    ran = shop.run(*words)
    assert ran.code == 1
    assert "canary" not in ran.out + ran.err
    assert "reconciler.yaml:1:8: `mask` names" in ran.err
    assert 'write it as "Fields.Tax id"' in ran.err
    assert server.edits() == []


def test_what_cannot_be_seen_in_it_is_told_as_a_code_point(shop: Workplace) -> None:
    """Else the two names would look alike in the message too."""
    shop.settings('mask: ["Fields.Tax\u00a0id"]\n')
    assert '"Fields.Tax<U+00A0>id"' in shop.run("plan").err


def test_a_field_of_rpm_alone_counts(shop: Workplace) -> None:
    """No file manages it, RPM shows it; a decomposed letter is the same letter."""
    shop.settings('mask: ["Fields.Cafe\u0301"]\n')
    ran = shop.run("plan")
    assert ran.code == 1
    assert 'write it as "Fields.Café"' in ran.err


def test_a_flag_is_judged_alike(shop: Workplace) -> None:
    """It has no place in a file."""
    ran = shop.run("plan", "--mask", "Fields.tax id")
    assert ran.code == 1
    assert "--mask: `mask` names" in ran.err


def test_what_nothing_knows_is_a_warning_with_the_nearest_name(shop: Workplace) -> None:
    """Each at its place; what either side knows is none."""
    shop.settings("mask: [Fields.Tax id]\nignore: [Fields.Tiers, Website]\nfields: {Teir: {type: number}}\n")
    ran = shop.run("plan")
    assert ran.code == 0
    assert ran.err.splitlines() == [
        'reconciler.yaml:2:10: warning: `ignore` names "Fields.Tiers", which neither YAML nor RPM knows; did you mean "Fields.Tier"?',
        'reconciler.yaml:3:10: warning: `fields` names "Teir", which neither YAML nor RPM knows; did you mean "Tier"?',
    ]


def test_a_run_that_read_nobody_whole_gives_no_false_alarm(shop: Workplace, server: Server) -> None:
    """A name-only file is read from the list, which shows no fields; nor does a run offline."""
    shop.customer("acme", "CustomerID: 7\nName: Acme\n")
    shop.settings("ignore: [Fields.Tiers]\n")
    assert shop.run("plan").err == ""
    assert server.calls() == ["Customers"]
    assert shop.run("validate").err == ""
