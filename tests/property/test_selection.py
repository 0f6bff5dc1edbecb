"""Which customers are chosen, against the plain meaning of the words: one customer and one word at a time."""

from __future__ import annotations

import fnmatch
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.errors import InputError
from reconciler.core.field_types import CompareRules, Number
from reconciler.customers.manifest import Manifest, combine, read_file
from reconciler.customers.selection import Selection, about, selected
from reconciler.repo.settings import Settings

if TYPE_CHECKING:
    from reconciler.core.values import DesiredCustomer

FILES = {
    "acme.yaml": ["Acme, Inc."],
    "a/bolt.yaml": ["Bolt", "123"],
    "a/b/cog.yaml": ["COG [ltd]", "COG l"],
    "a b/dé.yaml": ["Dé*", "Fields.Tier=Gold", "Délice"],
}
TIERS = {1: "Gold", 2: "gold", 4: "1,200", 6: "Gold"}
PATHS = ["customers", "customers/a", "customers/a/", "customers/acme.yaml", "customers/a/b/../bolt.yaml", "customers/a b",
         ".", "elsewhere", "customers/nobody.yaml"]  # fmt: skip
WORDS = [
    "1",
    "2",
    "3",
    "003",
    "123",
    "99",
    "9" * 5_000,
    "Acme*",
    "acme*",
    "ACME, inc.",
    "Acme, Inc.",
    "*",
    "B?lt",
    "COG [ltd]",
    "COG [[]ltd]",
    "COG [l]",
    "nobody",
    "Dé*",
    "Name=123",
    "Name=Dé*",
    "Fields.Tier=Gold",
    "Fields.Tier=1200",
    "Fields.a=b=x",
    "Fields.Tier=Silver",
    "Website=x",
    "Tier=Gold",
]
RULES = CompareRules({"Fields.Tier": Number()})


def manifest() -> Manifest:
    """Customers with ids from 1 on, and one without."""
    reads, number = [], 0
    for file, names in FILES.items():
        documents = []
        for name in names:
            number += 1
            identity = "" if name == "123" else f"CustomerID: {number}\n"
            tier = f"  Tier: '{TIERS[number]}'\n" if number in TIERS else ""
            documents.append(f"{identity}Name: '{name}'\nFields:\n  a=b: x\n{tier}")
        reads.append(read_file("---\n".join(documents).encode(), f"customers/{file}", {}))
    return combine(reads)


def by_meaning(root: Path, paths: list[str], words: list[str]) -> list[str] | str:
    """The names that are chosen, or the first part that matches nothing."""
    customers = list(manifest().customers)
    for path in paths:
        if not any((root / it.file).is_relative_to((root / path).resolve()) for it in customers):
            return path
    chosen = [
        it
        for it in customers
        if not paths or any((root / it.file).is_relative_to((root / path).resolve()) for path in paths)
    ]

    def matches(it: DesiredCustomer, word: str) -> bool:
        if word.isdigit():
            return word.lstrip("0") == str(it.customer_id)
        if any(other.name == word for other in chosen):
            return it.name == word
        if word == "Fields.a=b=x":
            return True
        if word.startswith(("Name=", "Website=", "Fields.")):
            attribute, _, text = word.partition("=")
            return attribute in it.values and RULES.equal(attribute, it.values[attribute], text)
        return fnmatch.fnmatchcase(it.name, word)

    for word in words:
        if not any(matches(it, word) for it in chosen):
            return f'"{word}"'
    return [it.name for it in chosen if not words or any(matches(it, word) for word in words)]


@given(
    paths=st.lists(st.sampled_from(PATHS), max_size=3, unique=True),
    words=st.lists(st.sampled_from(WORDS), max_size=3, unique=True),
)
def test_a_selection_is_what_its_words_mean(paths: list[str], words: list[str]) -> None:
    """And a part that matches nothing is named."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / "customers/a/b").mkdir(parents=True)
        selection = Selection(tuple(root / path for path in paths), tuple(words))
        meant = by_meaning(root, paths, words)
        if isinstance(meant, str):
            with pytest.raises(InputError, match="selecting customers") as raised:
                selected(manifest(), selection, Settings(root=root, rules=RULES))
            assert meant.rstrip("/") in str(raised.value)
        else:
            assert [
                it.name for it in selected(manifest(), selection, Settings(root=root, rules=RULES))
            ] == meant


def test_what_is_wrong_elsewhere_and_names_a_file_is_about_it() -> None:
    """A collision is told at the later place; whoever asks for the earlier one is told too, and nobody else."""
    twice = read_file(b"CustomerID: 4\nName: Twice\n", "customers/z.yaml", {})
    other = read_file(b"Nmae: x\n", "customers/other.yaml", {})
    both = combine([twice, other, read_file(b"CustomerID: 4\nName: 'D e'\n", "customers/a b/de.yaml", {})])
    assert len(both.problems) > 1
    said = about(both, [Path("/r/customers/a b")], Settings(root=Path("/r"))).problems
    assert [str(it.mark) for it in said] == ["customers/z.yaml:1:1"]
    assert "customers/a b/de.yaml:1:1" in said[0].message
    assert about(both, [Path("/r/customers/z.yaml")], Settings(root=Path("/r"))).problems == said


def test_a_file_may_lie_as_deep_as_it_likes() -> None:
    """Deeper than Python would call itself."""
    deep = read_file(b"Name: Deep\n", f"customers/{'d/' * 3_000}x.yaml", {})
    selection = Selection((Path("/r/customers"),))
    assert len(selected(combine([deep]), selection, Settings(root=Path("/r")))) == 1


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("", "an empty text selects nothing"),
        ("Fields.Tier=", "there is nothing after the ="),
        ("cog [ltd]", 'case counts: there is "COG [ltd]"'),
        ("123", "--select Name=123"),
    ],
)
def test_what_selects_nothing_is_told_with_what_may_have_been_meant(word: str, said: str) -> None:
    """Case counts, digits are an id, and nothing is no text."""
    with pytest.raises(InputError) as raised:
        selected(manifest(), Selection(select=(word,)), Settings(root=Path("/r"), rules=RULES))
    assert said in str(raised.value)


def test_thousands_of_ids_are_looked_up_in_one_pass() -> None:
    """What `drift` prints to paste may name as many customers as there are."""
    many = combine(
        [
            read_file(f"CustomerID: {i}\nName: C{i}\n".encode(), f"customers/{i}.yaml", {})
            for i in range(1, 3_001)
        ]
    )
    words = tuple(str(i) for i in range(1, 3_001))
    assert len(selected(many, Selection(select=words), Settings(root=Path("/r")))) == 3_000
