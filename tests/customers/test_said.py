"""Files of a commit: what they say, and how little of them a problem makes unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.field_types import ListOf
from reconciler.core.values import UNSET, NotSaid
from reconciler.customers.manifest import read_file
from reconciler.customers.said import SaidCustomers, join_said, say_the_same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.field_types import FieldType

TYPES: Mapping[str, FieldType] = {"Fields.Tier": ListOf(("Gold", "Silver"))}


def said(**files: str) -> SaidCustomers:
    """What these files say."""
    contents = {f"c/{name}.yaml": text.encode() for name, text in files.items()}
    reads = [read_file(content, file, TYPES) for file, content in contents.items()]
    return join_said(reads, contents, TYPES, place=lambda file: f"main:{file}")


SOUND = "CustomerID: 8\nName: Bolt\nWebsite: x\n"


def test_what_is_sound_is_said() -> None:
    """By id, or by name without one; nothing is doubtful."""
    found = said(a="CustomerID: 7\nName: Acme\n---\nName: Cog\n", b=SOUND)
    assert set(found.customers) == {7, 8, "Cog"}
    assert (found.not_said, found.otherwise, found.problems) == ({}, UNSET, ())


SPOILT = [
    pytest.param(
        "CustomerID: 7\nName: Acme\nFields:\n  Tier: Tin\n", {7: {"Fields.Tier"}}, False, id="a value"
    ),
    pytest.param("CustomerID: 7\nName: Acme\nWebsite: ~\n", {7: None}, False, id="a value that is none"),
    pytest.param("CustomerID: 7\nName: Acme\nWebsiet: x\n", {7: None}, False, id="an unknown key"),
    pytest.param("CustomerID: 7\nName: Acme\nAddress: &a x\n", {7: None}, False, id="an anchor"),
    pytest.param("CustomerID: x7\nName: Acme\n", {}, True, id="an id"),
    pytest.param("CustomerID: 7\nWebsite: x\n", {}, True, id="no name"),
    pytest.param("CustomerID: 7\nName: Acme\nFields: [\n", {}, True, id="syntax"),
    pytest.param("CustomerID: 7\nName: Acme\n---\nName: [\n", {}, True, id="syntax behind a sound document"),
    pytest.param("", {}, True, id="nothing"),
    pytest.param("%TAG ! x\n---\nCustomerID: 7\nName: Acme\n", None, True, id="a directive"),
    pytest.param("Name: Acme\nWebsite: ~\n", {"Acme": None}, False, id="without an id"),
]


@pytest.mark.parametrize(("text", "not_said", "anybody"), SPOILT)
def test_a_problem_spoils_as_little_as_it_must(
    text: str,
    not_said: dict[int | str, set[str] | None] | None,
    anybody: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A value, a document, or whoever is not found; the sound file beside it stays as it is."""
    found = said(a=text, b=SOUND)
    if not_said is not None:
        shown = {key: None if isinstance(it, NotSaid) else set(it) for key, it in found.not_said.items()}
        assert shown == not_said
    assert isinstance(found.otherwise, NotSaid) is anybody
    assert found.customers[8].values["Website"] == "x"
    assert 8 not in found.not_said
    assert found.problems
    for problem in found.problems:
        assert problem.mark.file == "main:c/a.yaml"
    reasons = [it for it in (found.otherwise, *found.not_said.values()) if isinstance(it, NotSaid)]
    assert all(it.reason.startswith("main:c/a.yaml:") for it in reasons)


def test_of_two_documents_that_share_an_id_or_a_name_neither_counts() -> None:
    """An id: all of both. A name: the names of both, and all of one that has no id."""
    found = said(a="CustomerID: 7\nName: Acme\n", b="CustomerID: 7\nName: Bolt\n")
    assert isinstance(found.not_said[7], NotSaid)
    found = said(
        a="CustomerID: 7\nName: Acme\nWebsite: x\n", b="CustomerID: 8\nName: ACME\n", c="Name: Cog\n"
    )
    assert {key: set(it) for key, it in found.not_said.items() if not isinstance(it, NotSaid)} == {
        7: {"Name"},
        8: {"Name"},
    }
    found = said(a="CustomerID: 7\nName: Acme\n", b="Name: acme\n")
    assert isinstance(found.not_said["acme"], NotSaid)
    assert len(found.problems) == 2


def test_what_could_not_be_read_at_all_is_anybodys() -> None:
    """A link in the folder, say."""
    problem = said(a="").problems[0]
    found = join_said([], {}, TYPES, place=str, unread=[problem])
    assert found.otherwise == NotSaid(str(problem))


def test_a_customer_differs_from_what_was_said_of_it() -> None:
    """By value, by being new, and by being doubtful; an id that was written down since is no difference of its own."""
    (acme,) = read_file(b"CustomerID: 7\nName: Acme\nWebsite: x\n", "f", {})[0]
    assert not said(a="CustomerID: 7\nName: Acme\nWebsite: x\n").differs(acme)
    assert not said(a="Name: Acme\nWebsite: x\n").differs(acme)
    assert said(a="CustomerID: 7\nName: Acme\nWebsite: y\n").differs(acme)
    assert said(a="CustomerID: 7\nName: Acme\n").differs(acme)
    assert said(a="CustomerID: 9\nName: Acme\nWebsite: x\n").differs(acme)
    assert said(a="CustomerID: 7\nName: Acme\nWebsite: x\nFields:\n  Tier: Tin\n").differs(acme)
    assert said().differs(acme)


DOCUMENTS = st.sampled_from(
    ["CustomerID: 7\nName: Acme\n", "CustomerID: 7\nName: Acme\nWebsite: x\n", "Name: Acme\n", SOUND, "Name: [\n",
     "CustomerID: 7\nName: Acme\nFields:\n  Tier: Tin\n"]
)  # fmt: skip


@given(st.lists(DOCUMENTS, max_size=3), st.lists(DOCUMENTS, max_size=3))
def test_two_commits_say_the_same_only_where_both_say(one: list[str], other: list[str]) -> None:
    """Whatever cannot be read is never the same as anything, itself included; and it works both ways."""
    first, second = (said(**{f"f{at}": text for at, text in enumerate(some)}) for some in (one, other))
    same = say_the_same(first, second, 7, "Acme")
    assert same == say_the_same(second, first, 7, "Acme")
    for side in (first, second):
        customer = side.customers.get(7) or side.customers.get("Acme")
        if customer is None and side.otherwise is not UNSET:
            assert not same
        if customer is not None and customer.key in side.not_said:
            assert not same
    if one == other and not first.problems:
        assert same
