"""What an answer says of an edit: taken, kept, cut, blanked or rewritten, each told apart with what helps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.apply.verify import foreign, held, mask_values, mismatch, not_taken, overtaken, shown
from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import BY_KIND, CompareRules
from reconciler.core.values import ObservedCustomer
from reconciler.plan.model import Change, Class


def change(after: str, before: str = "Silver") -> Change:
    """A change of a custom field."""
    return Change("Fields.Tier", before, after, Class.CHANGE)


def answered(text: str) -> ObservedCustomer:
    """A record with that value."""
    return ObservedCustomer(7, {"Name": "Acme", "Fields.Tier": text}, LONG_AGO, whole=True)


REWRITTEN: list[Any] = [
    pytest.param("Gold", "GOLD", "RPM rewrote it; write it the way RPM keeps it", id="F63-upper"),
    pytest.param("Gold", "Gold ", "RPM rewrote it; write it the way RPM keeps it", id="F63-trim"),
    pytest.param("Acme & Sons", "Acme &amp; Sons", "RPM rewrote it, or somebody changed it", id="F63-entities"),
    pytest.param("None", "N/A", "RPM rewrote it, or somebody changed it", id="F63-sentinel"),
    pytest.param("2026-01-02", "1/2/2026", "`Tier: {type: date}` under `fields:` makes the two equal", id="F63-date"),
    pytest.param("1200", "$1,200.00", "`Tier: {type: number}` under `fields:` makes the two equal", id="F63-number"),
    pytest.param("1.005", "1.01", "RPM rewrote it, or somebody changed it", id="F63-rounded"),
    pytest.param("555 123 4567", "(555) 123-4567", "RPM rewrote it, or somebody changed it", id="F63-phone"),
    pytest.param("Gold", "Silver", "RPM kept the value it had", id="F61-kept"),
    pytest.param("Gold", "", "RPM blanked it; is the text one of the field's options?", id="F62-blanked"),
    pytest.param("Gold and more", "Gold", "RPM cut it to 4 of 13 characters", id="F64-cut"),
    pytest.param("Gold  ", "Gold", "RPM rewrote it; write it the way RPM keeps it", id="trimmed-at-its-end"),
    pytest.param(" Gold  and  more ", "gold and more", "RPM rewrote it; write it the way RPM keeps it", id="F63-collapsed"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "got", "says"), REWRITTEN)
def test_what_was_not_taken_is_told_apart(sent: str, got: str, says: str) -> None:
    """And ends with what to write, where that is known."""
    edit, rules = change(sent), CompareRules()
    assert not_taken([edit], answered(got), rules) == (edit,)
    told = mismatch(edit, answered(got), rules)
    assert told.startswith(f'Fields.Tier: sent "{sent}", got "{got}"')
    assert told.endswith(says)


@pytest.mark.parametrize(
    ("kind", "sent", "got"),
    [
        pytest.param("date", "2026-01-02", "1/2/2026", id="F63-date"),
        pytest.param("number", "1200", "$1,200.00", id="F63-number"),
        pytest.param("set", "a,b", "b, a", id="F63-set"),
        pytest.param("text", "a\nb", "a\r\nb", id="F63-crlf"),
        pytest.param("text", "Gr\u00f6\u00dfe", "Gro\u0308\u00dfe", id="F63-unicode"),
    ],
)
def test_what_means_the_same_was_taken(kind: str, sent: str, got: str) -> None:
    """By the field's own type."""
    rules = CompareRules({"Fields.Tier": BY_KIND[kind]()})
    assert not_taken([change(sent)], answered(got), rules) == ()


def observed(**values: str) -> ObservedCustomer:
    """A record with these values, a custom field by `F_name`."""
    paths = {name.replace("F_", "Fields."): text for name, text in values.items()}
    return ObservedCustomer(7, {"Name": "Acme", **paths}, LONG_AGO, whole=True)


SITE = Change("Website", "before", "after", Class.CHANGE)
ZIP = Change("Zip", "1", "2", Class.CHANGE)
DARK = Change("Fields.a\x1b", "secret", "hidden", Class.CHANGE, masked=True)


def test_what_is_open_or_moved_was_not_taken() -> None:
    """In this order; what shows the wanted value was."""
    answer = observed(Website="else", Zip="1", F_d="hidden")
    done = Change("Fields.d", "secret", "hidden", Class.CHANGE)
    assert not_taken([SITE, done, ZIP], answer, CompareRules()) == (ZIP, SITE)


@pytest.mark.parametrize(
    ("change", "got", "says"),
    [
        pytest.param(DARK, None, "Fields.a\\x1b: RPM no longer shows this attribute", id="gone"),
        pytest.param(
            DARK,
            "secret",
            "Fields.a\\x1b: sent (masked), got (masked): RPM kept the value it had",
            id="masked",
        ),
        pytest.param(
            Change("Fields.n", "1200", "1300", Class.CHANGE),
            "$1,200.00",
            'Fields.n: sent "1300", got "$1,200.00": RPM kept the value it had',
            id="kept, by the rules",
        ),
        pytest.param(
            Change("Website", "x", "2026-01-02", Class.CHANGE),
            "1/2/2026",
            'Website: sent "2026-01-02", got "1/2/2026": RPM rewrote it, or somebody changed it',
            id="a built-in attribute has no type",
        ),
        pytest.param(
            Change("Fields.Fields.x", "x", "Yes", Class.CHANGE),
            "1",
            'Fields.Fields.x: sent "Yes", got "1": RPM rewrote it; '
            "`Fields.x: {type: yesno}` under `fields:` makes the two equal",
            id="a field named like the prefix",
        ),
        pytest.param(
            Change("Website", "x", "acme.example", Class.CHANGE),
            "http://acme.example",
            'Website: sent "acme.example", got "http://acme.example": RPM rewrote it; write it the way RPM keeps it',
            id="a scheme that was not sent",
        ),
        pytest.param(
            Change("Fields.s", "x", "b,a", Class.CHANGE),
            "a, b",
            'Fields.s: sent "b,a", got "a, b": RPM rewrote it; `s: {type: set}` under `fields:` makes the two equal',
            id="a set",
        ),
        pytest.param(
            Change("Fields.s", "x", "STRASSE\r\nb", Class.CHANGE),
            "Stra\u00dfe\nB",
            'Fields.s: sent "STRASSE\\r\\nb", got "Stra\u00dfe\\nB": RPM rewrote it; write it the way RPM keeps it',
            id="case of every script",
        ),
    ],
)
def test_what_became_of_it_in_words(change: Change, got: str | None, says: str) -> None:
    """Whole, with its name and its values safe to show, and none that is masked."""
    answer = observed()._replace(
        values={"Name": "A"} if got is None else {"Name": "A", change.attribute: got}
    )
    assert mismatch(change, answer, CompareRules({"Fields.n": BY_KIND["number"]()})) == says


def test_what_was_not_sent_and_came_back_different_is_somebody_elses() -> None:
    """Of what was read before and is there now; line ends and Unicode form count for nothing, and a mask holds."""
    before = observed(Website="x", Zip="1", Gone="g", Lines="a\nb", F_m="secret")
    answer = observed(Website="y", Zip="2", More="m", Lines="a\r\nb", F_m="hidden")
    rules = CompareRules(mask=frozenset({"Fields.m"}))
    assert foreign([SITE], before, answer, rules) == (
        'Zip "1" became "2"',
        "Fields.m (masked) became (masked)",
    )
    unsafe = observed()._replace(values={"Name": "A", "Fields.\x1b": "x"})
    changed = observed()._replace(values={"Name": "A", "Fields.\x1b": "y"})
    assert foreign([SITE], unsafe, changed, rules) == ('Fields.\\x1b "x" became "y"',)


def test_why_a_customer_is_held() -> None:
    """What each was and is now."""
    gone = Change("Fields.g\x1b", "1", "2", Class.CHANGE)
    now = observed(Website="else")._replace(values={"Name": "A", "Website": "else", DARK.attribute: "third"})
    assert held([SITE, gone, DARK], now) == (
        'changed in RPM since it was read: Website was "before" and is "else" now; '
        'Fields.g\\x1b was "1" and is gone; Fields.a\\x1b was (masked) and is (masked) now'
    )


def test_what_was_overtaken() -> None:
    """The edit of the others is done; what is gone reads as empty."""
    now = observed(Website="else")._replace(values={"Name": "A", "Website": "else", DARK.attribute: "third"})
    assert overtaken([SITE, ZIP, DARK], now) == (
        "the other attributes are edited; somebody changed meanwhile: "
        'Website was as planned and is "else" now; Zip was as planned and is "" now; '
        "Fields.a\\x1b was as planned and is (masked) now"
    )


def test_a_value_is_shown_short_and_safe() -> None:
    """Sixty characters of it."""
    assert shown("a\x1b") == '"a\\x1b"'
    assert shown("a" * 60) == '"' + "a" * 60 + '"'
    assert shown("a" * 61) == '"' + "a" * 60 + '…"'
    assert shown("a", masked=True) == "(masked)"


def test_masked_values_are_taken_out_of_anothers_words() -> None:
    """As they would be shown; what is not masked stays, and an empty value is in every text."""
    unsafe = Change("Fields.b", "hid", "hid\x1bden", Class.CHANGE, masked=True)
    empty = Change("Fields.c", "", "x.ray", Class.CHANGE, masked=True)
    told = "RPM says: after, hid\\x1bden or hid, x.ray, not x-ray"
    assert (
        mask_values(told, [SITE, unsafe, empty])
        == "RPM says: after, (masked) or (masked), (masked), not x-ray"
    )
    assert mask_values(told, [SITE]) == told
    assert mask_values(told, [replace(empty, after="")]) == told
    assert mask_values("secret, hidden", [DARK]) == "(masked), (masked)"


def test_a_masked_value_that_begins_another_leaves_nothing_of_it() -> None:
    """Whichever attribute comes first; and the word that stands for a value is none."""
    short = Change("Fields.b", "12", "mask", Class.CHANGE, masked=True)
    longer = Change("Fields.c", "", "1234", Class.CHANGE, masked=True)
    for changes in ([short, longer], [longer, short]):
        assert mask_values("1234 is not 12", changes) == "(masked) is not (masked)"
