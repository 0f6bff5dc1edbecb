"""Files as people write them: an edit changes the values asked for and nothing else; a format, no meaning."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.yaml import scalars
from reconciler.core.yaml.reader import Mapping, Scalar, read_documents
from reconciler.customers import formatter
from reconciler.customers.formatter import format_file
from reconciler.customers.manifest import read_file
from reconciler.customers.rewrite import rewrite_values
from tests.kit.yamlfiles import ONE_LINE, TEXTS, YamlFile, customer_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.core.values import DesiredCustomer

REMARK = re.compile(r"# remark \d+: 'x' \{y\}, \"z")


def read(content: bytes) -> Sequence[DesiredCustomer]:
    customers, problems, _ = read_file(content, "f", {})
    assert problems == []
    return customers


def texts(customers: Sequence[DesiredCustomer]) -> list[dict[str, str]]:
    return [dict(it.values) for it in customers]


@given(file=customer_files(), data=st.data())
def test_an_edit_changes_the_values_asked_for_and_no_other_byte(file: YamlFile, data: st.DataObject) -> None:
    """Meaning and bytes: the new texts are read back, and all other characters are where they were."""
    before = read(file.content)
    assert texts(before) == file.values
    wanted: dict[int, dict[str, str]] = {}
    for index, values in enumerate(file.values):
        for path in data.draw(st.sets(st.sampled_from(sorted(values)))):
            new = data.draw(ONE_LINE if path in {"Name", "Website"} else TEXTS)
            wanted.setdefault(index, {})[path] = new
    after = rewrite_values(file.content, "f", {before[index].key: values for index, values in wanted.items()})
    assert texts(read(after)) == [
        {**values, **wanted.get(index, {})} for index, values in enumerate(file.values)
    ]
    assert file.pattern(wanted).fullmatch(after.decode()), after.decode()


@given(file=customer_files(), data=st.data())
def test_an_attribute_that_is_added_moves_no_other_byte(file: YamlFile, data: st.DataObject) -> None:
    """Meaning and bytes: the file says the new texts too, and all its characters are there, in their order."""
    before = read(file.content)
    edits = {
        customer.key: {
            path: data.draw(ONE_LINE if path == "Website" else TEXTS)
            for path in data.draw(
                st.sets(st.sampled_from(["Website", "Address", "Fields.New", "Fields.a: b"]))
            )
            if path not in customer.values
        }
        for customer in before
    }
    after = rewrite_values(file.content, "f", edits, add=True)
    assert texts(read(after)) == [{**it.values, **edits[it.key]} for it in before]
    characters = iter(after.decode())
    assert all(character in characters for character in file.content.decode()), after.decode()


@given(file=customer_files())
def test_formatting_keeps_meaning_and_comments_and_settles(file: YamlFile) -> None:
    """Every customer and every comment is there afterwards, and formatting again changes nothing."""
    after = format_file(file.content, "f")
    assert texts(read(after)) == file.values
    text = after.decode()
    assert sorted(REMARK.findall(text)) == sorted(REMARK.findall(file.content.decode()))
    assert format_file(after, "f") == after
    assert text.endswith(file.newline)
    assert text.count("\n") == text.count(file.newline)


@given(file=customer_files())
def test_a_file_that_looks_canonical_is(file: YamlFile) -> None:
    """What is left as it is without being laid out would come out of laying out just so."""
    for content in (file.content, format_file(file.content, "f")):
        quick = format_file(content, "f")
        with patch.object(formatter, "is_plainly_canonical", return_value=False):
            assert format_file(content, "f") == quick


@given(text=TEXTS, flow=st.booleans())
def test_a_token_is_read_back_as_its_text(text: str, flow: bool) -> None:  # noqa: FBT001 - drawn
    """As a value and as a key, in block and in flow style."""
    token = scalars.token(text, flow=flow)
    shown = f"{{{token}: {token}}}" if flow else f"{token}: {token}  # c"
    (document,), problems = read_documents(shown.encode(), "f")
    assert problems == []
    assert isinstance(document, Mapping)
    ((key, value),) = document.entries
    assert isinstance(value, Scalar)
    assert (key.text, value.text) == (text, text)
