"""Which types are proposed from the values seen, and that the lines can be taken as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adopt.proposals import propose_types
from reconciler.core.field_types import CompareRules, Date, equal
from reconciler.repo.settings import read_settings
from tests.kit.server import Customer

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

NO_RULES = CompareRules()


def proposed(*values: str, rules: CompareRules = NO_RULES) -> list[str]:
    """The lines for a field F of these values."""
    return [str(it) for it in propose_types([{"Name": "A", "Fields.F": it} for it in values], rules)]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (["4/16/2026"] * 20 + ["soon"], "#   F: {type: date}  # 20 of 21 values look like dates"),
        (["$1,200.00", "3", "4.5", "6", "7"], "#   F: {type: number}  # 5 of 5 values look like numbers"),
        (["Yes", "no", "Y", "No", "yes"], "#   F: {type: yesno}  # 5 of 5 values look like yes or no"),
        (["Gold", "Not sure: why"] * 4, '#   F: {type: list, options: [Gold, "Not sure: why"]}  # 8 of 8 values look like one of 2 options'),
    ],
)  # fmt: skip
def test_what_is_proposed(values: list[str], line: str) -> None:
    """The type, and how many of the values speak for it."""
    assert proposed(*values, "", "") == [line], "an empty value says nothing"


@pytest.mark.parametrize(
    "values",
    [
        ["4/16/2026"] * 4,
        ["4/16/2026"] * 10 + ["soon"] * 2 + [f"other {n}" for n in range(9)],
        ["01234", "02138", "10001", "94110", "60601"],
        ["one text", "another", "a third", "and more", "and more yet"],
    ],
)
def test_what_is_not(values: list[str]) -> None:
    """Too few values, too many that are none, codes with a leading zero, and plain text."""
    assert proposed(*values) == []


def test_what_is_decided_or_hidden_is_left_alone() -> None:
    """A field that has a type, is ignored, or is masked: the options of a masked field would be its values."""
    path = "Fields.F"
    for rules in (
        CompareRules({path: Date()}),
        CompareRules(ignore=frozenset({path})),
        CompareRules(mask=frozenset({path})),
    ):
        assert proposed(*["Gold"] * 9, rules=rules) == []


@given(
    field=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20),
    options=st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters=","), min_size=1, max_size=9), min_size=1, max_size=4, unique=True),
)  # fmt: skip
def test_a_line_means_what_was_seen(
    field: str, options: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With its sign of a comment taken off, it is a setting by which each value is equal to itself."""
    path = f"Fields.{field}"
    proposals = propose_types([{path: it} for it in options * 5], NO_RULES)
    place = tmp_path_factory.mktemp("settings") / "reconciler.yaml"
    place.write_text(
        "fields:\n" + "".join(f"{str(it).removeprefix('#')}\n" for it in proposals) if proposals else ""
    )
    if proposals:
        (named,) = read_settings(place).rules.field_types.items()
        assert named[0] == path
        assert all(equal(named[1], it, it) for it in options)


def test_import_shows_them(server: Server, place: Workplace) -> None:
    """At the end of `import --all`, commented out; ids alone say too little."""
    server.seed(
        *(Customer(i, f"Customer {i}", fields={"Renewal": f"{i}/16/2026"}) for i in range(1, 7)),
        fields=("Renewal",),
    )
    ran = place.run("import", "--all")
    assert ran.code == 0
    _, _, lines = ran.out.partition("where the evidence convinces you:\n")
    assert lines == "# fields:\n#   Renewal: {type: date}  # 6 of 6 values look like dates\n"
    settings = place.settings(lines)
    assert read_settings(settings).rules.field_types == {}, "pasted as they are, they change nothing"
    place.settings(lines.replace("# ", "", 1).replace("\n# ", "\n"))
    assert read_settings(settings).rules.field_types == {"Fields.Renewal": Date()}
    assert place.run("plan").out.startswith("No changes; 6 customers are equal")
