"""`set` and `list`: many values by words or from a spreadsheet, offline, all or none, and a table that comes back unchanged."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from reconciler.core.errors import InputError
from reconciler.customers.listing import parse_columns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.server import Server
    from tests.kit.workplace import Ran, Workplace

SETTINGS = (
    "fields:\n  Tier: {type: list, options: [Gold, Silver]}\n  Due: {type: date}\nmask: [Fields.Tax id]\n"
)
ACME = """\
# ours
CustomerID: 7   # the one
Name: Acme, Inc.
Fields: {Tier: "Gold", Due: '2026-04-16'}  # both
"""
BOLT = "CustomerID: 8\r\nName: Bolt\r\nFields:\r\n    Tier:   Silver # t\r\n    Tax id: s3cret\r\n"


@pytest.fixture
def shop(place: Workplace) -> Workplace:
    """Two customers in two styles."""
    place.settings(SETTINGS)
    place.customer("acme", ACME)
    place.customer("bolt", BOLT)
    return place


def contents(shop: Workplace) -> list[str]:
    return [(shop.folder / f"customers/{name}.yaml").read_bytes().decode() for name in ("acme", "bolt")]


def sheet(shop: Workplace, text: str | bytes, *words: str) -> Ran:
    """Set from a file that holds this."""
    (shop.folder / "changes.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return shop.run("set", "--from", "changes.csv", *words)


def test_a_folder_without_customers_is_an_empty_list(place: Workplace) -> None:
    """As `validate` finds 0 customers there, after `init`; and `set` takes the empty sheet back."""
    assert place.run("validate").code == 0
    ran = place.run("list")
    assert (ran.code, ran.out, ran.err) == (0, "0 customers.\n", "")
    assert place.run("list", "--format", "json").json["customers"] == []
    listed = place.run("list", "--format", "csv")
    assert (listed.code, listed.out) == (0, "CustomerID,Name\n")
    ran = sheet(place, listed.out)
    assert (ran.code, ran.out) == (0, "Nothing to set: 0 values already as asked.\n")
    assert "no customer" in place.run("list", "--select", "7").err
    assert place.run("plan").code == 1


def test_words_set_the_chosen(shop: Workplace, server: Server) -> None:
    """Those characters alone, what was not managed is added, and no call is made."""
    ran = shop.run("set", "Fields.Tier=Silver", "Website=https://x.example", "--select", "*")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "3 values set in 2 files; 1 value already as asked.",
        "customers/acme.yaml:5: Fields.Tier: Gold → Silver",
        "customers/acme.yaml:4: Website: added: https://x.example",
        "customers/bolt.yaml:3: Website: added: https://x.example",
    ]
    added = "Website: https://x.example"
    assert contents(shop) == [
        ACME.replace('"Gold"', '"Silver"').replace("Fields", f"{added}\nFields"),
        BOLT.replace("Fields", f"{added}\r\nFields"),
    ]
    assert server.calls() == []
    assert (
        shop.run("set", "Fields.Tier=Silver", "--select", "8").out
        == "Nothing to set: 1 value already as asked.\n"
    )


def test_a_spreadsheet_sets_what_differs(shop: Workplace) -> None:
    """As Excel saves it: UTF-16 and tabs, the identity untouched, a word that clears, an empty cell that says nothing."""
    text = 'CustomerID\tName\tFields.Tier\tFields.Due\tAddress\r\n7\tAcme, Inc.\t\t-\t"1 Road\nTown"\r\n8\tBolt & Co\tGold\t\t\r\n'
    ran = sheet(shop, text.encode("utf-16"), "--clear", "-")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "4 values set in 2 files; 1 value already as asked.")
    assert contents(shop) == [
        ACME.replace("'2026-04-16'", "''").replace("Fields", "Address: |\n  1 Road\n  Town\nFields"),
        BOLT.replace("Silver", "Gold").replace("Bolt", "Bolt & Co"),
    ]


def test_one_problem_and_nothing_is_written(shop: Workplace) -> None:
    """Every problem is told with its cell, as spreadsheets name it."""
    ran = sheet(
        shop,
        "CustomerID,Fields.Tier,Fields.Due,Fields.Teir\n7,Silver,4/17/2026,\n9,Gold,,x\n1.00E+05,,,\n8,Glod,,\n",
    )
    assert (ran.code, ran.out) == (1, "")
    assert [line.split(": ")[0] for line in ran.err.splitlines()] == [
        f"changes.csv:{cell}" for cell in ("D1", "C2", "A3", "A4", "B5")
    ]
    assert 'did you mean "Gold"?' in ran.err
    assert contents(shop) == [ACME, BOLT]


def test_a_dry_run_shows_the_difference_and_writes_nothing(shop: Workplace) -> None:
    """Masked values are hidden on both sides, and a change of one is told."""
    words = ("set", "Fields.Tier=Gold", "Fields.Tax id=n3w", "--select", "8")
    ran = shop.run(*words, "--dry-run")
    assert (ran.code, contents(shop)) == (0, [ACME, BOLT])
    assert ran.out.splitlines()[:2] == ["--- customers/bolt.yaml", "+++ customers/bolt.yaml"]
    assert [line for line in ran.out.splitlines()[3:] if line[0] in "+-"] == [
        "-    Tier:   Silver # t", "-    Tax id: (masked)", "+    Tier:   Gold # t", "+    Tax id: (masked, changed)",
    ]  # fmt: skip
    assert ran.err == "2 values would be set in 1 file. Nothing was written.\n"
    ran = shop.run(*words)
    assert "customers/bolt.yaml:5: Fields.Tax id: changed\n" in ran.out
    assert "n3w" not in ran.out + ran.err
    assert "n3w" in contents(shop)[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Fields.Tier=", "--select", "7"], "to clear it, name a word: --clear - Fields.Tier=-"),
        (["Fields.Tier="], "to clear it, name a word: --clear - Fields.Tier=-"),
        (["Fields.Tier", "--select", "7"], '"Fields.Tier" is no ATTRIBUTE=VALUE'),
        (["Fields.Tire=Gold", "--select", "7"], 'did you mean "Fields.Tier"?'),
        (["CustomerID=1", "--select", "7"], "cannot be set"),
        (["Website=a", "Website=b", "--select", "7"], "it is given twice"),
        (["Website=a"], "--select names the customers"),
        (["Website=a", "--select", "99"], '"99" matches no customer'),
        (["Fields.Tier=gold", "--select", "7"], 'did you mean "Gold"?'),
        (["Name=Bolt", "--select", "7"], 'the name "Bolt" is also at customers/bolt.yaml:2:7'),
        (["Website=a", "--from", "x.csv"], "not both"),
        ([], "give ATTRIBUTE=VALUE words or --from FILE.csv"),
        (["--from", "gone.csv"], "reading gone.csv: No such file or directory"),
        (["--from", "reconciler.yaml", "--select", "7"], "the file of --from names the customers"),
        (["--from", "customers"], "reading customers: Is a directory"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(words: list[str], said: str, shop: Workplace) -> None:
    """Exit code 1, and what to do."""
    ran = shop.run("set", *words)
    assert (ran.code, contents(shop)) == (1, [ACME, BOLT])
    assert said in ran.err


def test_a_file_that_cannot_be_replaced_stops_the_lot(shop: Workplace) -> None:
    """A hard link here; the other file stays as it is too."""
    (shop.folder / "other").hardlink_to(shop.folder / "customers/bolt.yaml")
    ran = shop.run("set", "Website=x", "--select", "*")
    assert (ran.code, contents(shop)) == (1, [ACME, BOLT])
    assert "nothing was written:\n  customers/bolt.yaml: it has another name (a hard link)" in ran.err


def test_a_value_that_is_the_word_survives_the_round_trip(shop: Workplace) -> None:
    """`list` writes a value `-` as `'-`, which is that text; a `-` of a person's hand clears."""
    assert shop.run("set", "Website=-", "--select", "*").code == 0
    listed = shop.run("list", "--format", "csv").out
    assert listed.count("'-") == 2
    assert sheet(shop, listed, "--clear", "-").out.startswith("Nothing to set")
    assert sheet(shop, listed.replace("'-", "-", 1), "--clear", "-").out.startswith("1 value set in 1 file")


def test_a_word_clears(shop: Workplace) -> None:
    """Only the one that was named to."""
    assert shop.run("set", "Fields.Due=none", "--clear", "none", "--select", "7").code == 0
    assert contents(shop)[0] == ACME.replace("'2026-04-16'", "''")


def test_a_field_whose_name_holds_an_equals_sign(shop: Workplace) -> None:
    """It is known by the file that manages it."""
    shop.customer("cog", "Name: Cog\nFields:\n  a=b: x\n")
    assert shop.run("set", "Fields.a=b=c=d", "--select", "Cog").code == 0
    assert (shop.folder / "customers/cog.yaml").read_text() == "Name: Cog\nFields:\n  a=b: c=d\n"


def test_the_list_is_a_table_for_people_and_programs(shop: Workplace, server: Server) -> None:
    """Text as wide as the screen, JSON with what is managed alone, CSV without what is masked."""
    shop.customer("cog", "Name: Cog\nWebsite: ''\n")
    assert shop.run("list", COLUMNS="50").out == (
        "CustomerID  Name        Website  Fields.Due\n"
        "7           Acme, Inc.           2026-04-16\n"
        "8           Bolt\n"
        '            Cog         ""\n'
        "\n3 customers.\n2 more attributes: --columns names some, --format csv has all.\n"
    )
    assert shop.run("list", "--format", "json", "--select", "8").json == {
        "format_version": "1.0",
        "customers": [
            {
                "customer_id": 8,
                "name": "Bolt",
                "file": "customers/bolt.yaml",
                "line": 1,
                "values": {"Fields.Tax id": "(masked)", "Fields.Tier": "Silver"},
            }
        ],
    }
    ran = shop.run("list", "--format", "csv")
    assert list(csv.reader(StringIO(ran.out))) == [
        ["CustomerID", "Name", "Website", "Fields.Due", "Fields.Tier"],
        ["7", "Acme, Inc.", "", "2026-04-16", "Gold"],
        ["8", "Bolt", "", "", "Silver"],
        ["", "Cog", "", "", ""],
    ]
    assert ran.err == "1 masked attribute left out\n"
    assert "s3cret" not in ran.out
    ran = shop.run(
        "list", "--columns", "Name,Fields.Tier", "--columns", "Website", "--format", "csv", "--select", "7"
    )
    assert ran.out.splitlines()[0] == "CustomerID,Name,Fields.Tier,Website"
    ran = shop.run("list", "--columns", "Fields.Tire")
    assert (ran.code, 'did you mean "Fields.Tier"?' in ran.err) == (1, True)
    assert server.calls() == []


@pytest.mark.parametrize(
    "word",
    ["Fields.City, State", '"Fields.City, State"', '"Fields.City, State",Name', " Fields.Tier,Website"],
)
def test_columns_are_named_though_a_name_has_a_comma(word: str) -> None:
    """Alone as it is, among others in quotes."""
    known = ["Name", "Website", "Fields.Tier", "Fields.City, State"]
    wanted = {"Fields.City, State", "Name"} if "City" in word else {"Fields.Tier", "Website"}
    assert set(parse_columns([word], known)) | {"Name"} == wanted | {"Name"}


@pytest.mark.parametrize("word", ["Fields.City, State,Website", "Website\rName", "x" * 200_000, " , "])
def test_columns_that_are_none_say_how_to_name_one(word: str) -> None:
    """Not an error of the csv module."""
    with pytest.raises(
        InputError, match=r"^listing customers: .*\n  → .*has a comma stands alone, or in quotes"
    ):
        parse_columns([word], ["Name", "Website", "Fields.City, State"])


def test_a_column_may_be_managed_by_customers_that_are_not_selected(shop: Workplace) -> None:
    """It is a column of empty cells."""
    shop.customer("cog", "Name: Cog\nFields: {Zip: 01234}\n")
    ran = shop.run("list", "--select", "8", "--columns", "Fields.Zip", "--format", "csv")
    assert (ran.code, ran.out) == (0, "CustomerID,Name,Fields.Zip\n8,Bolt,\n")


def test_no_spreadsheet_and_no_runner_runs_a_cell(shop: Workplace) -> None:
    """A cell that begins as a formula stands behind a quote; a line of a log that begins as a command is broken up."""
    shop.customer("cog", 'Name: Cog\nWebsite: =HYPERLINK(1)\nAddress: "x\\n::add-mask::y"\n')
    ran = shop.run("list", "--format", "csv", "--select", "Cog")
    assert "'=HYPERLINK(1)" in ran.out
    assert '"x\n::add-mask::y"' in ran.out
    assert "\n::" not in shop.run("list", "--format", "csv", "--select", "Cog", GITHUB_ACTIONS="true").out
    assert sheet(shop, ran.out).out == "Nothing to set: 2 values already as asked.\n"


def test_what_list_writes_set_takes_back(shop: Workplace, tmp_path: Path) -> None:
    """To a file, in a locale without letters beyond ASCII too."""
    shop.customer(
        "cafe",
        "CustomerID: 9\nName: Café\nFields:\n  Tier: ''\n  Due: 4/16/2026\n  Zip: 01234\n  Long: 1.00E+05\n",
    )
    before = (shop.folder / "customers/cafe.yaml").read_bytes()
    ran = shop.run("list", "--format", "csv", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    again = sheet(shop, ran.out)
    assert (again.code, again.err) == (0, "")
    assert again.out.startswith("Nothing to set: ")
    assert (shop.folder / "customers/cafe.yaml").read_bytes() == before


@pytest.mark.parametrize("words", [["list"], ["set", "Fields.Tax id=4", "--select", "8", "--dry-run"]])
def test_a_mask_that_misses_its_attribute_by_case_shows_nothing_offline_either(
    shop: Workplace, words: list[str]
) -> None:
    """The files manage the attribute that was meant, and its values would be shown."""
    shop.settings("mask: [Fields.tax ID]\n")
    ran = shop.run(*words)
    said = '`mask` names "Fields.tax ID", and the attribute is "Fields.Tax id": it would not be masked'
    assert (ran.code, ran.out) == (1, "")
    assert f"reconciler.yaml:1:8: {said}" in ran.err
    assert "s3cret" not in ran.err
