"""The schema against `validate`: one corpus, two judges, and each difference with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from reconciler.core.field_types import ListOf, SetOf, YesNo
from reconciler.customers.manifest import read_files
from reconciler.customers.schema import customer_schema
from tests.customers import test_bad_input as corpus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.core.field_types import FieldType

WAYS: dict[str, FieldType] = {
    **corpus.WAYS,
    "Fields.yesno": YesNo(),
    "Fields.set": SetOf(),
    "Fields.open": ListOf(),
    "Fields.Level": ListOf(("1", "2", "Yes")),
}
SCHEMA = customer_schema(WAYS)
VALIDATOR = Draft202012Validator(SCHEMA)

YAML_ITSELF = "what YAML itself offers (merge keys, directives, missing keys) is gone once it is parsed"
TWO_KEYS = "two keys that mean one are one key, or two different ones, to a schema"
SPELLING = "the parsed number or null no longer tells how it was spelt"
FILE = "it is about bytes of the file that an editor takes for line ends, a comment or an encoding"
UNICODE = "a property of characters that no portable pattern names"

LENIENT = {
    "B09": SPELLING,
    "B28": TWO_KEYS,
    "B29": TWO_KEYS,
    "B30": TWO_KEYS,
    "B31-missing": YAML_ITSELF,
    "B32": YAML_ITSELF,
    "B38-tag": YAML_ITSELF,
    "B58": FILE,
    "B58-be": FILE,
    "B62": UNICODE,
    "B63-comment": FILE,
    "B64-cr": FILE,
    "B64-ls": FILE,
    "B64-nel": FILE,
    "B64-ps": FILE,
    "B65-E0041": UNICODE,
    "B65-selector": UNICODE,
    "B65-selector-first": UNICODE,
    "B74": UNICODE,
}
"""Rows that `validate` refuses and the schema accepts."""

STRICT = {"B14": SPELLING}
"""Rows that `validate` accepts and the schema refuses: NULL is no text to an editor until it is quoted."""


class EditorLoader(yaml.SafeLoader):
    """YAML as editors parse it: numbers, booleans and null, but no dates."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def judged_by_schema(text: str | bytes, validator: Draft202012Validator = VALIDATOR) -> bool | None:
    """Whether every document fits; None when the YAML does not parse, and the schema is never asked."""
    try:
        documents = list(yaml.load_all(text, EditorLoader))
    except (yaml.YAMLError, ValueError, OverflowError, LookupError, AttributeError, RecursionError):
        return None
    return bool(documents) and all(validator.is_valid(as_json(document)) for document in documents)


def as_json(value: Any) -> Any:
    """Keys are texts in JSON, whatever YAML made of them; editors keep how they were written."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    return value


def judged_by_validate(text: str | bytes) -> bool:
    content = text if isinstance(text, bytes) else text.encode("utf-8", errors="surrogatepass")
    return not read_files([("c/0.yaml", content)], WAYS).problems


def rows() -> Iterator[Any]:
    """Every single file of the catalogue of bad input, and the values of each typed field."""
    for name in ("kept_as_written", "that_is_not_bad", "", "_warned"):
        test = getattr(corpus, f"test_bad_input{'_' if name and name[0] != '_' else ''}{name}")
        for row in test.pytestmark[0].args[1]:
            text = row.values[0]
            yield pytest.param(row.id, corpus.field(text) if name == "kept_as_written" else text, id=row.id)
    for field, values in TYPED.items():
        for value in values:
            yield pytest.param("", corpus.field(value, field), id=f"{field}={value}")


TYPED = {
    "date": ["2026-04-16", "4/16/2026", "2026-13-01", "13/1/2026", "'2026-04-16T00:00:00Z'", "16.4.2026",
             "20260416", "''", "yes", "4/16/2026 12:00 AM", "0000-01-01"],
    "number": ["1200", "$1,200.00", "-5", "$-5", "(5)", "-$5", "--5", "1,20", ".5", "'.'", "5 %", "x", "''",
               "(5", "+5.", "true", "-(5)"],
    "yesno": ["Yes", "n", "1", "0", "2", "maybe", "''", "OFF", "True", "' y '"],
    "set": ["a, b", "''", "a,,b", "x" * 50, "x" * 51, f"a, {'x' * 51}", f"'{'x' * 50} ,b'", "12"],
    "open": ["x" * 50, "x" * 51, "anything", "''"],
    "Tier": ["Gold", "gold", "''", "'Gold '", "1"],
    "Level": ["1", "2", "3", "Yes", "true", "No"],
}  # fmt: skip
TYPED_LENIENT = {"Level=true": SPELLING}


@pytest.mark.parametrize(("row", "text"), list(rows()))
def test_schema_and_validate_agree(row: str, text: str | bytes, request: pytest.FixtureRequest) -> None:
    """Whatever the YAML parser of an editor lets through gets the verdict of `validate`, but for the list."""
    fits = judged_by_schema(text)
    if fits is None:
        return
    case = request.node.callspec.id
    accepted = judged_by_validate(text)
    if row in LENIENT or case in TYPED_LENIENT:
        assert accepted or fits, "refused by both: take it off the list"
        return
    if row in STRICT and accepted and not fits:
        return
    assert fits == accepted


@pytest.mark.parametrize("row", [*LENIENT, *STRICT])
def test_every_listed_difference_is_one(row: str) -> None:
    """The list of differences holds nothing that is none."""
    texts = [it.values[1] for it in rows() if it.values[0] == row]
    assert texts
    assert any(judged_by_schema(text) is not judged_by_validate(text) for text in texts)


def test_schema_is_a_schema() -> None:
    """It says itself which dialect it is written in, and it is."""
    Draft202012Validator.check_schema(SCHEMA)


def test_its_examples_fit() -> None:
    """What an editor offers is accepted."""
    fields = SCHEMA["properties"]["Fields"]["properties"]
    for part in (SCHEMA, *SCHEMA["properties"].values(), *fields.values()):
        for example in part.get("examples", []):
            assert Draft202012Validator(part).is_valid(example), example


def test_known_names_close_the_fields() -> None:
    """With the subscription's own names, any other field is refused, and a described one RPM lacks is not offered."""
    validator = Draft202012Validator(customer_schema(WAYS, ["Tier", "Zip"]))
    assert judged_by_schema("Name: A\nFields: {Tier: Gold, Zip: 01234}", validator)
    assert not judged_by_schema("Name: A\nFields: {Teir: Gold}", validator)
    assert not judged_by_schema("Name: A\nFields: {Tier: Gld}", validator)
    assert not judged_by_schema("Name: A\nFields: {date: 2026-04-16}", validator)


@pytest.mark.parametrize("limit", [64, 65])
def test_limits_are_those_of_validate(limit: int) -> None:
    """A text that fits to the character fits both; one more fits neither."""
    for text in (f"Name: {'x' * limit}", f"Name: A\nFields: {{{'x' * limit}: a}}", f"Name: {'🚀' * limit}"):
        assert judged_by_schema(text) == judged_by_validate(text) == (limit == 64)
