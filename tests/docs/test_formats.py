"""docs/formats.md, the schemas and the documents that commands write: each is held against the other two."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from filelock import FileLock
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.docs.scenarios import SCENARIOS, changes, masked, renames, shop
from tests.kit.server import running_server
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/formats.md").read_text()
SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text())
    for path in sorted((ROOT / "docs/formats").glob("*.schema.json"))
}
SHAPES: Final = {
    "integer": "number",
    "string": "text",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
    "null": "null",
}


def strict(schema: Any) -> Any:
    """The schema with every object closed that says nothing of members it does not name."""
    if isinstance(schema, list):
        return [strict(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    if "properties" in schema and "type" in schema:
        closed.setdefault("additionalProperties", False)
    return closed


def resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The node that a `$ref` means."""
    if "$ref" not in node:
        return node
    found: dict[str, Any] = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return found


def members(schema: dict[str, Any], node: dict[str, Any], at: str = "") -> Iterator[tuple[str, str]]:
    """The path of every member that a schema names, and its shape in the words of the page."""
    node = resolved(schema, node)
    if "items" in node:
        yield from members(schema, node["items"], f"{at}[]")
    for name, inner in node.get("properties", {}).items():
        path = f"{at}.{name}" if at else name
        yield path, shape(resolved(schema, inner))
        yield from members(schema, inner, path)


def shape(node: dict[str, Any]) -> str:
    """A schema in the words of the page."""
    if "enum" in node:
        return " ".join(f"`{word}`" for word in node["enum"])
    if "const" in node:
        return f"`{node['const']}`" if isinstance(node["const"], str) else str(node["const"])
    kinds = [node["type"]] if isinstance(node["type"], str) else node["type"]
    return " or ".join(SHAPES[kind] for kind in kinds)


def described() -> dict[str, dict[str, str]]:
    """The members of each table of the page with their shape, by the schema that its section names."""
    tables = {}
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        name = re.search(r"\]\(formats/(\w+)\.schema\.json\)", section)
        rows = re.findall(r"^\| (`.+?`) \| (.+?) \| .+ \|$", section, re.MULTILINE)
        if name:
            tables[name[1]] = {path: kind for paths, kind in rows for path in re.findall(r"`(.+?)`", paths)}
    return tables


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> dict[str, list[tuple[str, Any]]]:
    """What each scenario produces; it takes a while, so the first process that asks makes them for all."""
    kept = tmp_path_factory.getbasetemp().parent / f"documents-{testrun_uid}.json"
    with FileLock(f"{kept}.lock"):
        if not kept.exists():
            kept.write_text(json.dumps(made(tmp_path_factory)))
    found: dict[str, list[tuple[str, Any]]] = json.loads(kept.read_text())
    return found


def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, Any]]]:
    """The documents of each scenario, in a repository of its own that is as RPM has it at first."""
    found = {}
    for name, scenario in SCENARIOS.items():
        folder = tmp_path_factory.mktemp(name)
        with running_server(folder) as server:
            place = Workplace(folder / "repo", server.url)
            shop(place, server)
            found[name] = [(kind, json.loads(text)) for kind, text in scenario(place, server)]
    return found


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    """It says which draft it is of, is valid under it, and shares its definitions' meanings with the others."""
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for key, definition in SCHEMAS[name]["$defs"].items():
        assert all(it["$defs"].get(key, definition) == definition for it in SCHEMAS.values()), key


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_documents_are_as_the_schemas_say(scenario: str, documents: dict[str, list[tuple[str, Any]]]) -> None:
    """Every document is valid, also where no member may stand that the schema does not name."""
    for name, document in documents[scenario]:
        Draft202012Validator(SCHEMAS[name]).validate(document)
        Draft202012Validator(strict(SCHEMAS[name])).validate(document)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_unknown_member_is_no_fault(scenario: str, documents: dict[str, list[tuple[str, Any]]]) -> None:
    """The schemas keep the promise of the page: an additive version is valid under them, another major is not."""
    for name, document in documents[scenario]:
        Draft202012Validator(SCHEMAS[name]).validate({**document, "format_version": "1.7", "added": [1]})
        assert not Draft202012Validator(SCHEMAS[name]).is_valid({**document, "format_version": "2.0"})


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_page_describes_each_member(name: str) -> None:
    """Every member of a schema has a row with its shape, and every row a member; an audit leans on the plan's rows."""
    found, tables = dict(members(SCHEMAS[name], SCHEMAS[name])), described()
    shared = {path: kind for path, kind in tables["plan"].items() if name == "drift" and path in found}
    assert {**shared, **tables[name]} == found


def test_the_page_names_each_schema() -> None:
    """No schema is left out, none is made up."""
    assert set(described()) == set(SCHEMAS)
    assert set(re.findall(r"\(#(\w+)\)", PAGE.partition("## Rules")[0])) == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_nothing_in_a_schema_is_made_up(name: str, documents: dict[str, list[tuple[str, Any]]]) -> None:
    """Every member, and every word of a list of words, occurs in some document of the scenarios."""
    every = [document for found in documents.values() for kind, document in found if kind == name]
    seen = {occurrence for document in every for occurrence in occurring(document)}
    for path, words in members(SCHEMAS[name], SCHEMAS[name]):
        assert path in {it for it, _ in seen}, path
        unseen = {word for word in re.findall(r"`(.+?)`", words) if (path, word) not in seen}
        assert not unseen, (path, unseen)


def occurring(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """The paths that a document has, with the values at them."""
    for item in value if isinstance(value, list) else []:
        yield from occurring(item, f"{at}[]")
    for name, inner in value.items() if isinstance(value, dict) else []:
        path = f"{at}.{name}" if at else name
        yield path, str(inner)
        yield from occurring(inner, path)


@pytest.mark.parametrize("scenario", [changes, renames, masked])
def test_a_stranger_recomputes_digest_and_checksums(scenario: Any, place: Workplace, server: Server) -> None:
    """The page's own lines of Python arrive at what the plan says, and at something else once a byte is altered."""
    (snippet,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    shop(place, server)
    _, text = next(iter(scenario(place, server)))
    plan = json.loads(text)
    told = [
        f"{plan['digest']} digest",
        *(f"{edit['approval']} approval" for edit in plan["edits"]),
        f"{plan['checksum']} checksum",
        f"{plan['meta']['checksum']} meta.checksum",
    ]
    assert recomputed(snippet, place.file("plan.json", text)) == told
    for edit in plan["edits"]:
        edit["masked_hash"] += "x"
    plan["meta"]["calls_made"] += 1
    altered = recomputed(snippet, place.file("plan.json", json.dumps(plan)))
    assert not set(altered) & set(told)


def recomputed(snippet: str, path: Path) -> list[str]:
    """What the snippet prints for a plan."""
    command = [sys.executable, "-W", "ignore", "-", str(path)]
    done = subprocess.run(command, input=snippet, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
