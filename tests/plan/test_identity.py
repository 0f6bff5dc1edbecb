"""Who is who: by id, by name, or neither; and the words for each."""

from __future__ import annotations

import pytest

from reconciler.core.clock import LONG_AGO
from reconciler.core.values import DesiredCustomer, ObservedCustomer, Problem, SourceMark
from reconciler.plan.identity import NEAREST_AT_MOST, identify, unnamed_ids, with_hints
from reconciler.plan.model import Missing, Unpinned

NOWHERE = "nothing is created in RPM; create it there, then write its CustomerID"


def yaml(customer_id: int | None, name: str, line: int = 1) -> DesiredCustomer:
    """A document of one file, whose name stands a line further down."""
    return DesiredCustomer(customer_id, "c.yaml", line, 1, {"Name": name}, [line + 1, 7])


def rpm(names: dict[int, str], **aliases: tuple[str, ...]) -> dict[int, ObservedCustomer]:
    """The list; aliases by `i7`."""
    return {
        i: ObservedCustomer(i, {"Name": name}, LONG_AGO, whole=True, aliases=aliases.get(f"i{i}", ()))
        for i, name in names.items()
    }


def problem(line: int, message: str) -> Problem:
    return Problem(SourceMark("c.yaml", line, 7), message)


def test_an_id_is_the_identity() -> None:
    """Whatever the names; one that the list lacks is missing, even if its name is there, and the others are still found."""
    files = [yaml(7, "Acme"), yaml(8, "Bolt", 5), yaml(9, "Cog", 9)]
    found = identify(files, rpm({7: "Else", 9: "Cog", 10: "Bolt"}))
    assert found.found == {7: files[0], 9: files[2]}
    assert found.missing == (Missing(8, "Bolt", "c.yaml", 5, ""),)
    assert (found.unpinned, found.problems) == ((), ())


def test_without_an_id_the_exact_name_tells() -> None:
    """Unicode form aside; and the id to write down is said."""
    files = [yaml(None, "Cafe\u0301", 3), yaml(None, "Bolt", 5)]
    found = identify(files, rpm({7: "Caf\u00e9", 8: "Bolt"}))
    assert found.found == {7: files[0], 8: files[1]}
    assert found.unpinned == (Unpinned(7, "Cafe\u0301", "c.yaml", 3), Unpinned(8, "Bolt", "c.yaml", 5))
    assert (found.missing, found.problems) == ((), ())


def test_a_name_of_several_is_in_doubt() -> None:
    """They are named, in order; the rest is found."""
    found = identify([yaml(None, "A\x1b"), yaml(None, "Bolt", 5)], rpm({9: "A\x1b", 7: "A\x1b", 8: "Bolt"}))
    assert found.problems == (
        problem(2, '"A\\x1b" is the name of several customers in RPM (7, 9); write the CustomerID'),
    )
    assert found.found.keys() == {8}


def test_a_name_whose_customer_has_a_file_already() -> None:
    """Two files would manage one customer; an id goes first, wherever it stands."""
    found = identify([yaml(None, "A\x1b", 3), yaml(7, "Other", 8)], rpm({7: "A\x1b"}))
    assert found.problems == (problem(4, '"A\\x1b" is customer 7 in RPM, which c.yaml:8:1 already manages'),)
    assert found.found[7].line == 8
    assert (found.unpinned, found.missing) == ((), ())


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("ACME", 'customer 7 is named "Ac\\x1bme"; write CustomerID: 7', id="case"),
        pytest.param("Boltt", 'did you mean "Bolt"?', id="misspelt"),
        pytest.param("Zebra", NOWHERE, id="nothing like it"),
    ],
)
def test_a_name_that_nobody_has(name: str, hint: str) -> None:
    """What comes nearest is said: a name but for its case, one that is misspelt, or that nothing is created."""
    name = name.replace("ACME", "AC\x1bME")
    found = identify([yaml(None, name, 3)], rpm({7: "Ac\x1bme", 8: "Bolt"}))
    assert found.missing == (Missing(None, name, "c.yaml", 3, hint),)
    assert (found.found, found.problems) == ({}, ())


def test_the_first_of_two_alike_is_named() -> None:
    """The list's order decides, so that the same list gives the same words."""
    found = identify([yaml(None, "ACME")], rpm({9: "Acme", 7: "acme"}))
    assert found.missing[0].hint == 'customer 9 is named "Acme"; write CustomerID: 9'


def test_only_the_first_misspelt_names_are_looked_for() -> None:
    """Looking takes a while in a long list; a name but for its case is found at once."""
    files = [yaml(None, f"Bol{i}t", i) for i in range(1, NEAREST_AT_MOST + 2)]
    found = identify([*files, yaml(None, "BOLT", 99)], rpm({8: "Bolt"}))
    hints = [it.hint for it in found.missing]
    assert hints[:20] == ['did you mean "Bolt"?'] * 20
    assert hints[20:] == [NOWHERE, 'customer 8 is named "Bolt"; write CustomerID: 8']


def test_a_customer_without_a_name_may_be_any_that_is_not_found() -> None:
    """So nothing is called missing; by id each is found all the same, and so is the next file."""
    files = [yaml(None, "A\x1b", 3), yaml(None, "Bolt", 5), yaml(7, "Cog", 8)]
    found = identify(files, rpm(dict.fromkeys((9, 8, 7, 6, 5, 4), " ") | {10: "Bolt"}))
    assert found.problems == (
        problem(
            4,
            'RPM lists no "A\\x1b"; it may be one of the customers without a name (4, 5, 6, 7, 8): write the CustomerID',
        ),
    )
    assert found.missing == ()
    assert found.found.keys() == {7, 10}


def test_who_has_no_name() -> None:
    """White space is none."""
    assert unnamed_ids(rpm({9: "", 8: "Acme", 7: "\t "})) == [7, 9]


def test_narrowed_to_some_places() -> None:
    """By file and line, since two documents share a file; problems stay, because they stop every run."""
    files = [yaml(7, "Acme", 1), yaml(None, "Bolt", 5), yaml(9, "Gone", 8), yaml(None, "Two", 11)]
    there = identify(files, rpm({7: "Acme", 8: "Bolt", 10: "Two", 11: "Two"}))
    other = DesiredCustomer(7, "other.yaml", 1, 1, {"Name": "Acme"}, [1, 1])
    for chosen, found, unpinned, missing in (
        ([files[0]], {7}, 0, 0),
        ([files[1]], {8}, 1, 0),
        ([files[2]], set(), 0, 1),
        ([other], set(), 0, 0),
        (files, {7, 8}, 1, 1),
    ):
        narrowed = there.narrowed_to(chosen)
        assert narrowed.found.keys() == found
        assert (len(narrowed.unpinned), len(narrowed.missing)) == (unpinned, missing)
        assert narrowed.problems == there.problems
        assert len(narrowed.problems) == 1


GONE = Missing(5, "Acme ", "c.yaml", 3)
ALIAS = "its name is now an alias of customer 7 (B\\x1bolt): were the two merged in RPM?"


@pytest.mark.parametrize(
    ("listed", "read", "hint"),
    [
        pytest.param(rpm({7: "Bolt"}), {}, "", id="nobody"),
        pytest.param(
            rpm({7: "ACME"}), {}, "customer 7 has its name now: was it created again in RPM?", id="a name"
        ),
        pytest.param(rpm({7: "B\x1bolt"}), rpm({7: "B\x1bolt"}, i7=("acme",)), ALIAS, id="an alias"),
        pytest.param(
            rpm({7: "B\x1bolt", 8: "acme"}),
            rpm({7: "B\x1bolt"}, i7=("acme",)),
            "customer 8 has its name now: was it created again in RPM?",
            id="a name before an alias",
        ),
        pytest.param(
            rpm({7: "B\x1bolt", 8: "Cog"}, i7=("acme",), i8=("Acme",)), {}, ALIAS, id="the first alias"
        ),
        pytest.param(rpm({7: "Acme"}), rpm({7: "Bolt"}), "", id="the read is newer than the list"),
    ],
)
def test_where_a_missing_customer_may_have_gone(
    listed: dict[int, ObservedCustomer], read: dict[int, ObservedCustomer], hint: str
) -> None:
    """A merge leaves its name behind as another's alias."""
    assert with_hints([GONE], listed, read) == (Missing(5, "Acme ", "c.yaml", 3, hint),)


def test_a_hint_that_is_there_stays() -> None:
    """Only what nobody explained yet is explained; nothing missing needs no look."""
    told = Missing(None, "Acme", "c.yaml", 3, "told")
    assert with_hints([told, GONE], rpm({7: "Acme"}), {})[0] == told
    assert with_hints([], rpm({7: "Acme"}), {}) == ()
