"""`adopt`: drifted values into the YAML, those characters alone; what is left, and why; never an edit."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from tests.e2e.test_three_sides import git
from tests.kit.server import Customer
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.server import Server

ACME = """\
# ours
CustomerID: 7   # the one
Fields: {Tier: "A", Zip: 'x'}  # both
Name: Acme
"""
BOLT = "CustomerID: 8\r\nName: Bolt\r\nFields:\r\n    Tier:   A # t\r\n    Zip: |   # lines\r\n       one\r\n       two\r\n"


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """Two customers as RPM has them, committed."""
    server.seed(
        Customer(7, "Acme", fields={"Tier": "A", "Zip": "x"}),
        Customer(8, "Bolt", fields={"Tier": "A", "Zip": "one\ntwo"}),
        Customer(9, "Cog"),
        fields=("Tier", "Zip"),
    )
    place.customer("acme", ACME)
    place.customer("bolt", BOLT)
    git(place.folder, "init", "-q", "-b", "main")
    git(place.folder, "add", "customers")
    git(place.folder, "commit", "-q", "-m", "begin")
    return place


def content(shop: Workplace, name: str) -> str:
    return (shop.folder / f"customers/{name}.yaml").read_bytes().decode()


def test_all_drift_is_written_and_nothing_else(shop: Workplace, server: Server) -> None:
    """Values change in their quotes and blocks; every other byte stays, and the next plan is empty."""
    server.by_hand(7, {"Name": "Acme: Inc", "Fields.Zip": "it's"})
    server.by_hand(8, {"Fields.Tier": "null", "Fields.Zip": "three\n\n  four"})
    ran = shop.run("adopt")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "4 values adopted in 2 files (3 calls).",
        "customers/acme.yaml:4: Name: Acme → Acme: Inc",
        "customers/acme.yaml:3: Fields.Zip: x → it's",
        "customers/bolt.yaml:4: Fields.Tier: A → null",
        r"customers/bolt.yaml:5: Fields.Zip: one\ntwo → three\n\n  four",
    ]
    assert content(shop, "acme") == ACME.replace("'x'", "'it''s'").replace("Acme", "'Acme: Inc'")
    assert content(shop, "bolt") == BOLT.replace("  A #", "  'null' #").replace(
        "       one\r\n       two", "       three\r\n\r\n         four"
    )
    assert server.calls() == ["Customers", "Customer", "Customer"]
    assert shop.run("plan", "--detailed-exitcode").code == 0
    assert shop.run("adopt").out == "Nothing has drifted; no file was changed (3 calls).\n"


def test_ids_narrow_what_is_read_and_written(shop: Workplace, server: Server) -> None:
    """One id costs one list and one customer."""
    server.by_hand(7, {"Fields.Tier": "B"})
    server.by_hand(8, {"Fields.Tier": "B"})
    assert shop.run("adopt", "8").code == 0
    assert content(shop, "acme") == ACME
    assert "B # t" in content(shop, "bolt")
    assert server.calls() == ["Customers", "Customer"]


@pytest.mark.parametrize(
    ("customer_id", "words"),
    [
        ("7", "RPM and YAML do not differ by drift for customer 7"),
        ("9", "no file has CustomerID 9"),
        ("99", "no file has CustomerID 99"),
        (str(2**63 - 1), "no file has CustomerID 9223372036854775807"),
        (str(2**63), "is not a whole number from 1 to 9223372036854775807"),
    ],
)
def test_an_id_that_has_not_drifted_is_an_error(
    customer_id: str, words: str, shop: Workplace, server: Server
) -> None:
    """And then nothing is written, also not for the others."""
    server.by_hand(8, {"Fields.Tier": "B"})
    ran = shop.run("adopt", "8", customer_id)
    assert ran.code == 1
    assert words in ran.err
    assert ("nothing was written" in ran.err) is (int(customer_id) < 2**63)
    assert content(shop, "bolt") == BOLT


def test_an_id_that_rpm_has_no_more_is_an_error(shop: Workplace, server: Server) -> None:
    """Said as it is; without ids, a missing customer makes exit code 4 and the rest is adopted."""
    server.delete(7)
    ran = shop.run("adopt", "7")
    assert (ran.code, "RPM has no customer 7" in ran.err) == (1, True)
    server.by_hand(8, {"Fields.Tier": "B"})
    ran = shop.run("adopt")
    assert ran.code == 4
    assert "left: customers/acme.yaml:2: Acme is not in RPM" in ran.out
    assert "B # t" in content(shop, "bolt")


def test_uncommitted_files_are_left_unless_asked_for(shop: Workplace, server: Server) -> None:
    """Somebody is at work in such a file; the rest is adopted."""
    server.by_hand(7, {"Fields.Tier": "B"})
    server.by_hand(8, {"Fields.Tier": "B"})
    shop.customer("acme", ACME + "# at work\n")
    ran = shop.run("adopt")
    assert ran.code == 4
    assert "left: customers/acme.yaml:3: Fields.Tier: its file has uncommitted changes" in ran.out
    assert "B # t" in content(shop, "bolt")
    assert content(shop, "acme") == ACME + "# at work\n"
    assert shop.run("adopt", "7").code == 0
    assert content(shop, "acme") == ACME.replace('"A"', '"B"') + "# at work\n"


def test_git_is_asked_of_the_very_files(shop: Workplace, server: Server) -> None:
    """Below the top of a repository, a new file is uncommitted, one with signs of a pattern in its name is itself alone."""
    below = Workplace(shop.folder / "telecom", server.url)
    below.customer("[ab] c", ACME)
    git(shop.folder, "add", "telecom")
    git(shop.folder, "commit", "-q", "-m", "move below")
    below.customer("a c", BOLT)
    server.by_hand(7, {"Fields.Tier": "B"})
    server.by_hand(8, {"Fields.Tier": "B"})
    ran = below.run("adopt")
    assert ran.code == 4
    assert content(below, "[ab] c") == ACME.replace('"A"', '"B"')
    assert "left: customers/a c.yaml:4: Fields.Tier: its file has uncommitted changes" in ran.out


def test_uncommitted_files_are_found_where_a_link_leads(shop: Workplace, server: Server) -> None:
    """The files are those of the folder that it leads to."""
    (shop.folder / "customers").rename(shop.folder / "real")
    (shop.folder / "customers").symlink_to("real")
    git(shop.folder, "add", "-A", "customers", "real")
    git(shop.folder, "commit", "-q", "-m", "link")
    shop.customer("acme", ACME + "# at work\n")
    server.by_hand(7, {"Fields.Tier": "B"})
    ran = shop.run("adopt")
    assert ran.code == 4
    assert "left: customers/acme.yaml:3: Fields.Tier: its file has uncommitted changes" in ran.out
    assert content(shop, "acme") == ACME + "# at work\n"


def test_with_a_base_only_drift_is_taken(shop: Workplace, server: Server) -> None:
    """What this branch changed stays its own, and a conflict is for people."""
    shop.customer("acme", ACME.replace('"A"', '"mine"'))
    shop.customer("bolt", BOLT.replace("  A #", "  mine #"))
    git(shop.folder, "commit", "-q", "-am", "mine")
    server.by_hand(7, {"Fields.Zip": "y"})
    server.by_hand(8, {"Fields.Tier": "theirs"})
    ran = shop.run("adopt", "--base", "main~1")
    assert ran.code == 4
    assert content(shop, "acme") == ACME.replace('"A"', '"mine"').replace("'x'", "'y'")
    assert "mine # t" in content(shop, "bolt")
    assert "left: customers/bolt.yaml:4: Fields.Tier: conflict: changed in RPM and in YAML" in ran.out


def test_masked_values_are_adopted_unseen_and_ignored_ones_not_at_all(
    shop: Workplace, server: Server
) -> None:
    """In text and in JSON."""
    server.by_hand(7, {"Fields.Tier": "s3cret", "Fields.Zip": "hidden"})
    ran = shop.run("adopt", "--mask", "Fields.Tier", "--ignore", "Fields.Zip", "--format", "json")
    assert ran.code == 0
    assert "s3cret" not in ran.out + ran.err
    assert [(it["attribute"], it["before"], it["after"]) for it in ran.json["adopted"]] == [
        ("Fields.Tier", None, None)
    ]
    assert content(shop, "acme") == ACME.replace('"A"', '"s3cret"')
    server.by_hand(7, {"Fields.Tier": "s4cret"})
    ran = shop.run("adopt", "7", "--mask", "Fields.Tier", "--ignore", "Fields.Zip")
    assert "customers/acme.yaml:3: Fields.Tier: changed" in ran.out
    assert "s4cret" not in ran.out + ran.err


def test_the_temporary_name_of_a_rename_is_never_adopted(shop: Workplace, server: Server) -> None:
    """It is our own, left by an apply that was cut short."""
    server.by_hand(7, {"Name": "Acme (renaming 7)"})
    ran = shop.run("adopt")
    assert ran.code == 4
    assert "it is the temporary name of an unfinished rename" in ran.out
    assert content(shop, "acme") == ACME


@pytest.mark.parametrize(
    ("text", "reason"), [("a\x07b", "U+0007"), ("a\u202eb", "U+202E"), ("n/a", "is not of its type (number)")]
)
def test_what_no_file_can_hold_is_left_with_the_reason(
    text: str, reason: str, shop: Workplace, server: Server
) -> None:
    """And the other values of the same customer are adopted."""
    shop.settings("fields:\n  Zip: {type: number}\n")
    shop.customer("acme", ACME.replace("'x'", "'1'"))
    git(shop.folder, "commit", "-q", "-am", "numbers")
    shop.customer("bolt", "CustomerID: 8\nName: Bolt\n")
    server.by_hand(7, {"Fields.Zip": text, "Fields.Tier": "B"})
    ran = shop.run("adopt", "7")
    assert ran.code == 4
    assert "left: customers/acme.yaml:3: Fields.Zip: " in ran.out
    assert reason in ran.out
    assert content(shop, "acme") == ACME.replace("'x'", "'1'").replace('"A"', '"B"')


def test_names_that_were_swapped_are_adopted_together_or_not_at_all(shop: Workplace, server: Server) -> None:
    """Two files with one name would stop every plan."""
    server.by_hand(7, {"Name": "Passing"})
    server.by_hand(8, {"Name": "Acme"})
    server.by_hand(7, {"Name": "Bolt"})
    ran = shop.run("adopt", "8")
    assert ran.code == 4
    assert "customers/acme.yaml:2:1 has this name and is not selected; adopt or change" in ran.out
    assert content(shop, "bolt") == BOLT
    ran = shop.run("adopt")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "2 values adopted in 2 files (3 calls).")
    assert content(shop, "acme") == ACME.replace("Acme", "Bolt")
    assert content(shop, "bolt") == BOLT.replace("Bolt", "Acme")
    assert shop.run("plan", "--detailed-exitcode").code == 0


def test_a_name_that_somebody_else_took_is_let_go(shop: Workplace, server: Server) -> None:
    """No plan could give it back; adopting the customer's other name settles that, and is all that was asked."""
    server.by_hand(7, {"Name": "Acme then"})
    server.by_hand(9, {"Name": "Acme"})
    assert shop.run("plan").code == 1
    ran = shop.run("adopt")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "1 value adopted in 1 file (3 calls).")
    assert shop.run("plan", "--detailed-exitcode").code == 0


def test_a_file_keeps_its_mode_and_leaves_nothing_beside_it(shop: Workplace, server: Server) -> None:
    """Written beside its place and moved there in one step."""
    path: Path = shop.folder / "customers/acme.yaml"
    path.chmod(0o640)
    server.by_hand(7, {"Fields.Tier": "B"})
    assert shop.run("adopt", "7").code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(it.name for it in path.parent.iterdir()) == ["acme.yaml", "bolt.yaml"]


def test_a_file_with_another_name_is_left_with_the_reason(shop: Workplace, server: Server) -> None:
    """A hard link would be torn apart; the other values are adopted."""
    (shop.folder / "other").hardlink_to(shop.folder / "customers/acme.yaml")
    server.by_hand(7, {"Fields.Tier": "B"})
    server.by_hand(8, {"Fields.Tier": "B"})
    ran = shop.run("adopt", "7", "8")
    assert ran.code == 4
    assert "left: customers/acme.yaml:3: Fields.Tier: it has another name (a hard link)" in ran.out
    assert content(shop, "acme") == ACME
    assert "B # t" in content(shop, "bolt")


def test_a_name_that_cannot_be_shown_is_adopted_all_the_same(shop: Workplace, server: Server) -> None:
    """And protected all the same while it has changes that are not committed."""
    odd = shop.folder / "customers/a\nb\u202e.yaml"
    (shop.folder / "customers/acme.yaml").rename(odd)
    server.by_hand(7, {"Fields.Tier": "B"})
    ran = shop.run("adopt")
    assert r"left: customers/a\nb\u202e.yaml:3: Fields.Tier: its file has uncommitted changes" in ran.out
    assert odd.read_text() == ACME
    assert shop.run("adopt", "7").code == 0
    assert odd.read_text() == ACME.replace('"A"', '"B"')


def test_outside_git_all_drift_is_adopted(server: Server, place: Workplace) -> None:
    """Nobody can say what is committed, so nothing is held back."""
    server.seed(Customer(7, "Acme", fields={"Tier": "B", "Zip": "x"}), fields=("Tier", "Zip"))
    place.customer("acme", ACME)
    assert place.run("adopt").code == 0
    assert (place.folder / "customers/acme.yaml").read_text() == ACME.replace('"A"', '"B"')
