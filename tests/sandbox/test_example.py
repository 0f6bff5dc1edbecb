"""The example subscription and the example repository: whole, invented, and different in a few honest ways."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.sandbox import seed
from reconciler.sandbox.records import FORMATS, flattened, folded

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "customers").glob("**/*.yaml"))


def written(path: Path) -> dict[str, str]:
    """A customer file as attribute path -> text."""
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 text alone
    fields = document.pop("Fields", {})
    return document | {f"Fields.{name}": text.removesuffix("\n") for name, text in fields.items()}


def test_the_example_is_a_subscription_that_rpm_could_hold() -> None:
    """Ids and names are unique, values are of their field's kind, websites are on reserved domains."""
    example = seed.example()
    assert len(example.customers) == 40
    names = [folded(name) for one in example.customers for name in (one.name, *one.aliases)]
    assert len(set(names)) == len(names)
    assert len({one.customer_id for one in example.customers}) == 40
    assert all(one.website.endswith(".example") for one in example.customers)
    for definition in example.fields:
        values = {one.values.get(definition.uid, "") for one in example.customers} - {""}
        assert values
        assert definition.kind in FORMATS
        for part in (part for value in values for part in value.split(", ")) if definition.options else ():
            assert part in definition.options


def test_some_customers_are_not_managed() -> None:
    """Most of the example has a file, and each file one customer."""
    ids = [int(written(path)["CustomerID"]) for path in FILES]
    assert (len(ids), len(set(ids))) == (34, 34)
    assert set(ids) < {one.customer_id for one in seed.example().customers}


def test_the_files_differ_from_the_example_in_six_customers() -> None:
    """A rename, a swap of two names, a change, a clearing and a drift; everything else is equal."""
    example = seed.example()
    records = {one.customer_id: flattened(one, example.fields) for one in example.customers}
    differences = [
        (path.stem, attribute)
        for path in FILES
        for attribute, text in written(path).items()
        if attribute != "CustomerID" and records[int(written(path)["CustomerID"])][attribute] != text
    ]
    assert differences == [
        ("bluestem-credit-union", "Fields.Tier"),
        ("delmar-marine-insurance", "Website"),
        ("ironbridge-machining", "Name"),
        ("ironbridge-tooling", "Name"),
        ("lumen-ridge-energy", "Name"),
        ("peregrine-air-charter", "Fields.Circuit IDs"),
    ]


def test_one_file_manages_the_name_alone() -> None:
    """So that a list row is read for what it is worth."""
    assert [path.stem for path in FILES if len(written(path)) == 2] == ["cafe-zuerich"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "reconciler" / "sandbox").glob("*.py")), ids=lambda path: path.stem
)
def test_the_sandbox_is_a_program_apart(path: Path) -> None:
    """No module of it imports anything else of the reconciler."""
    imported = [
        name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    ]
    ours = [name for name in imported if name.split(".")[0] == "reconciler"]
    assert [name for name in ours if not f"{name}.".startswith("reconciler.sandbox.")] == []
