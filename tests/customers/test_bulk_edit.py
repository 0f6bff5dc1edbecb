"""What a table or words ask for: edits where something changes, and every problem at its cell."""

from __future__ import annotations

import pytest

from reconciler.core.field_types import CompareRules, Date, ListOf, Number
from reconciler.customers.bulk_edit import BulkEdit, edit_by_sheet, edit_by_words
from reconciler.customers.manifest import read_files
from reconciler.customers.spreadsheet import read_sheet

RULES = CompareRules(
    {"Fields.Tier": ListOf(("Gold", "Silver")), "Fields.Due": Date(), "Fields.Spend": Number()}
)
YAML = (
    "CustomerID: 7\nName: Acme\nWebsite: w\nFields:\n  Tier: Gold\n  Due: 2026-04-05\n  Spend: '1,200'\n  Zip: 01234\n---\n"
    "CustomerID: 8\nName: Bolt\nFields:\n  Tier: Silver\n---\n"
    "Name: Cog\nFields: {notes: x}\n"
)
CUSTOMERS = read_files([("c.yaml", YAML.encode())], RULES.field_types).customers


def table(text: str, clear: str | None = None) -> BulkEdit:
    return edit_by_sheet(read_sheet(text.encode(), "f.csv"), CUSTOMERS, RULES, clear=clear)


def edits_of(bulk: BulkEdit) -> dict[int | str, dict[str, str]]:
    """The changes by customer and attribute."""
    found: dict[int | str, dict[str, str]] = {}
    for it in bulk.changes:
        found.setdefault(it.customer.key, {})[it.attribute] = it.text
    return found


@pytest.mark.parametrize(
    ("text", "edits", "unchanged"),
    [
        (
            "CustomerID,Fields.Tier\n7,Silver\n8,Gold\n",
            {7: {"Fields.Tier": "Silver"}, 8: {"Fields.Tier": "Gold"}},
            0,
        ),
        ("CustomerID,Website,Fields.Zip\n7,,\n8,x,\n", {8: {"Website": "x"}}, 0),
        ("CustomerID,Website\n7,-\n8,-\n", {7: {"Website": ""}, 8: {"Website": ""}}, 0),
        ("Name,Website\nAcme,x\nCog,y\n", {7: {"Website": "x"}, "Cog": {"Website": "y"}}, 0),
        (
            "CustomerID,Name,Website\n,Cog,x\n7,Acme 2,w\n",
            {7: {"Name": "Acme 2"}, "Cog": {"Website": "x"}},
            1,
        ),
        ("CustomerID,Name\n7,Bolt\n8,Acme\n", {7: {"Name": "Bolt"}, 8: {"Name": "Acme"}}, 0),
        ("CustomerID,Fields.Spend,Fields.Due\n7,$1200.00,2026-04-05\n", {}, 2),
        ("CustomerID,Fields.Due\n8,2026-04-05\n", {8: {"Fields.Due": "2026-04-05"}}, 0),
        (" CustomerID ,,Fields.Tier\n 7 ,,Silver,\n", {7: {"Fields.Tier": "Silver"}}, 0),
        (
            "CustomerID,Website,Fields.Tier\n7,x,\n7,,Silver\n",
            {7: {"Website": "x", "Fields.Tier": "Silver"}},
            0,
        ),
    ],
)
def test_a_table_edits_what_differs(
    text: str, edits: dict[int | str, dict[str, str]], unchanged: int
) -> None:
    """An empty cell says nothing, the word that clears clears, and what means the same is no edit."""
    bulk = table(text, clear="-")
    assert (bulk.problems, edits_of(bulk), bulk.unchanged) == ([], edits, unchanged)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("CustomerID,Fields.Tire\n7,x\n", ['B1: no file manages "Fields.Tire", and `fields:` does not describe it; did you mean "Fields.Tier"?']),
        ("CustomerID,Tier\n7,x\n", ['B1: unknown attribute "Tier"; did you mean "Fields.Tier"?']),
        ("CustomerID,Wbsite\n7,x\n", ['B1: unknown attribute "Wbsite"; did you mean "Website"?']),
        ("CustomerID,Modified\n7,x\n", ['B1: "Modified" is set by RPM alone and cannot be set']),
        ("CustomerID,Website,Website\n7,x,y\n", ['C1: "Website" is also the column of f.csv:B1']),
        ("CustomerID\n7,x\n", ["B1: the first row names no attribute for this column"]),
        ("Website,Fields.Tier\nx,Gold\n", ["A1: neither `CustomerID` nor `Name` is a column", "A2: this row names no customer"]),
        ("CustomerID,Website\n9,x\n", ["A2: no file has CustomerID 9"]),
        ("CustomerID,Name\n9,Acme\n", ['A2: no file has CustomerID 9; "Acme" is customer 7']),
        ("CustomerID,Name\n9,Cog\n", ['A2: no file has CustomerID 9; "Cog" has no CustomerID']),
        ("CustomerID,Website\n1.00E+05,x\n", ["A2: `CustomerID` is a long number as a spreadsheet shortens it"]),
        ("CustomerID,Website\n007,x\n", ["A2: `CustomerID` is the number RPM shows"]),
        ("Name,Website\nacme,x\n", ['A2: no file has the name "acme"; did you mean "Acme"?']),
        ("CustomerID,Name,Website\n,,x\n", ["A2: this row names no customer"]),
        ("CustomerID,Fields.Tier\n7,Glod\n8,gold\n", ['B2: "Fields.Tier" is not of its type (list)', 'B3: "Fields.Tier" is not of its type (list)']),
        ("CustomerID,Fields.Due\n7,4/16/2026\n", ['B2: "Fields.Due" is a date in spreadsheet format']),
        ("CustomerID,Fields.Due\n7,4/5/2026\n", ['B2: "Fields.Due" is YAML\'s date in a spreadsheet\'s form']),
        ("CustomerID,Fields.Due\n8,16.04.26\n", ['B2: "Fields.Due" is a date in spreadsheet format']),
        ("CustomerID,Fields.Zip\n7,1234\n", ['B2: "Fields.Zip" is YAML\'s value without the zeros in front']),
        ("CustomerID,Website\n7,x\n7,y\n", ['B3: "Website" of this customer is set in f.csv:B2 already']),
        ("CustomerID,Name,Website\n7,,x\n,Acme,y\n", ['C3: "Website" of this customer is set in f.csv:C2 already']),
        ("CustomerID,Name\n7,-\n", ["B2: `Name` cannot be cleared"]),
        ("CustomerID,Name\n7,Bolt\n", ['B2: the name "Bolt" is also at c.yaml:11:7']),
        ("CustomerID,Name\n7,New\n8,NEW\n", ['B2: the name "New" is also at f.csv:B3', 'B3: the name "NEW" is also at f.csv:B2']),
        ("Name,Fields.Notes\nCog,y\n", ['B1: no file manages "Fields.Notes"']),
        ("CustomerID,Website\n7,a\u202eb\n", ['B2: "Website" contains U+202E']),
        ("CustomerID,Website\n7," + "x" * 200 + "\n", ['B2: "Website" has 200 characters']),
    ],
)  # fmt: skip
def test_every_problem_is_told_at_its_cell(text: str, problems: list[str]) -> None:
    """None stops the search for the next."""
    said = [str(problem).removeprefix("f.csv:") for problem in table(text, clear="-").problems]
    assert len(said) == len(problems), said
    assert all(one.startswith(start) for one, start in zip(said, problems, strict=True)), said


def test_words_edit_the_chosen_and_say_a_problem_once() -> None:
    """A date is read as YAML reads it: nobody but the person who wrote the word has changed it."""
    bulk = edit_by_words({"Fields.Due": "4/16/2026"}, CUSTOMERS[:2], CUSTOMERS, RULES)
    assert bulk.problems == []
    assert edits_of(bulk) == {7: {"Fields.Due": "4/16/2026"}, 8: {"Fields.Due": "4/16/2026"}}
    bulk = edit_by_words({"Fields.Tier": "Glod"}, CUSTOMERS, CUSTOMERS, RULES)
    assert [str(problem)[:12] for problem in bulk.problems] == ["c.yaml:1:1: "]
    bulk = edit_by_words({"Name": "X"}, CUSTOMERS[2:], CUSTOMERS, RULES)
    assert "found by its name: write the id" in bulk.problems[0].message
    bulk = edit_by_words({"Fields.Notes": "x"}, CUSTOMERS[2:], CUSTOMERS, RULES)
    assert bulk.problems[0].message == 'the file of this customer calls it "Fields.notes"'
