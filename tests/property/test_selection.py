"""Which customers are chosen, against the plain meaning of the words: one customer and one word at a time."""

from __future__ import annotations

import fnmatch
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.core.errors import InputError
from reconciler.customers.manifest import Manifest, combine, read_file
from reconciler.customers.selection import Selection, about, selected
from reconciler.repo.settings import Settings

FILES = {
    "acme.yaml": ["Acme, Inc."],
    "a/bolt.yaml": ["Bolt", "123"],
    "a/b/cog.yaml": ["COG [ltd]"],
    "a b/dé.yaml": ["Dé*"],
}
PATHS = ["customers", "customers/a", "customers/a/", "customers/acme.yaml", "customers/a/b/../bolt.yaml", "customers/a b",
         ".", "elsewhere", "customers/nobody.yaml"]  # fmt: skip
WORDS = [
    "1",
    "2",
    "3",
    "003",
    "123",
    "99",
    "acme*",
    "ACME, inc.",
    "*",
    "b?lt",
    "cog [ltd]",
    "cog [[]ltd]",
    "nobody",
    "dé*",
    "",
]


def manifest() -> Manifest:
    """Customers 1 to 4 with ids, and one without."""
    reads, number = [], 0
    for file, names in FILES.items():
        documents = []
        for name in names:
            number += 1
            identity = "" if name == "123" else f"CustomerID: {number}\n"
            documents.append(f"{identity}Name: '{name}'\n")
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

    def matches(name: str, customer_id: int | None, word: str) -> bool:
        number = int(word) if word.isdigit() else None
        same = name.casefold() == word.casefold()  # also where it has the signs of a glob in it
        glob = fnmatch.fnmatchcase(name.casefold(), word.casefold())
        return same or glob or (number is not None and number == customer_id)

    for word in words:
        if not any(matches(it.name, it.customer_id, word) for it in chosen):
            return f'"{word}"'
    return [
        it.name for it in chosen if not words or any(matches(it.name, it.customer_id, word) for word in words)
    ]


@settings(max_examples=300, deadline=None)
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
                selected(manifest(), selection, Settings(root=root))
            assert meant.rstrip("/") in str(raised.value)
        else:
            assert [it.name for it in selected(manifest(), selection, Settings(root=root))] == meant


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
