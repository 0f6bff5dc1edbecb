"""One customer on its three sides, an example a rule; `tests/property/test_compare.py` holds the whole table."""

from __future__ import annotations

import pytest

from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import CompareRules, FieldType, Number, Text
from reconciler.core.packed import PackedValues, as_texts
from reconciler.core.values import UNSET, DesiredCustomer, NotSaid, ObservedCustomer, Problem, SourceMark
from reconciler.plan.base import NO_BASE, BaseSide
from reconciler.plan.compare import compare, differing
from reconciler.plan.model import Change, Class
from tests.kit.compared import compared

RULES = CompareRules()
DRIFT = Class.DRIFT


def yaml(**values: str) -> DesiredCustomer:
    """Customer 7: each value on a line of its own, from line 2, at a column ten times as high."""
    places = [at for line in range(2, 3 + len(values)) for at in (line, 10 * line)]
    return DesiredCustomer(7, "c.yaml", 1, 1, {"Name": "Acme", **values}, places)


def rpm(*, twice: str = "", **values: str) -> ObservedCustomer:
    """The same in RPM; one attribute may be there twice."""
    ambiguous = frozenset({twice} - {""})
    return ObservedCustomer(7, {"Name": "Acme", **values}, LONG_AGO, whole=True, ambiguous=ambiguous)


def fields(**values: str) -> dict[str, str]:
    """Custom fields by their paths."""
    return {f"Fields.{name}": value for name, value in values.items()}


def test_a_change_carries_its_line_and_both_texts() -> None:
    """As they were written, not as they compare; in wire order, not in the file's."""
    found = compared(yaml(Website="y", Address="b"), rpm(Website="x", Address="a"), RULES)
    assert found.changes == (
        Change("Address", "a", "b", Class.CHANGE, UNSET, 4),
        Change("Website", "x", "y", Class.CHANGE, UNSET, 3),
    )


def test_a_masked_attribute_stays_one() -> None:
    """By the rules of the checkout."""
    rules = CompareRules(mask=frozenset({"Website"}))
    (change, other) = compared(yaml(Website="y", Zip="2"), rpm(Website="x", Zip="1"), rules).changes
    assert (change.masked, other.masked) == (True, False)


def test_what_is_equal_to_the_letter_is_nothing_at_all() -> None:
    """The short way: a plan need not look at the customer again; what RPM has besides does not count."""
    desired, observed = yaml(Website="x"), rpm(Website="x")
    kept = PackedValues("Acme", *as_texts(observed.values))
    for one, other in (
        (desired, observed),
        (desired, rpm(Website="x", Address="a")),
        (desired, observed._replace(values=kept)),
        (desired._replace(values=kept), observed._replace(values=kept)),
    ):
        assert compare({7: one}, {7: other}, RULES) == {}


def test_many_customers_are_compared_as_each_by_itself() -> None:
    """However many DeepDiff is given at once, and whoever stands beside them; by RPM's id, which a file may lack."""
    ids = range(1, 2_502)
    desired = {i: yaml(Zip="2" if i % 3 else "1", **fields(a=f"{i}")) for i in ids}
    observed = {i: rpm(Zip="1", **fields(a="3"))._replace(customer_id=i) for i in ids}
    found = compare(desired, observed, RULES)
    assert list(found) == [i for i in ids if i != 3]
    for i, difference in found.items():
        assert difference == compared(desired[i], observed[i], RULES)
        assert [it.attribute for it in difference.changes] == ["Zip"] * bool(i % 3) + ["Fields.a"] * (i != 3)


def test_a_field_that_rpm_shows_twice_cannot_be_managed() -> None:
    """Even where both sides say the same, because nothing tells which of the two was read."""
    found = compared(yaml(**fields(Tier="x")), rpm(**fields(Tier="x"), twice="Fields.Tier"), RULES)
    message = 'customer 7 (Acme) has more than one field "Tier" in RPM, and nothing tells them apart; remove it here'
    assert found.problems == (Problem(SourceMark("c.yaml", 3, 30), message),)
    assert found.changes == ()


def test_a_field_that_rpm_does_not_show_is_a_problem_at_its_place() -> None:
    """With the nearest of the fields there are; a built-in attribute is none of them."""
    found = compared(yaml(**fields(Teir="x")), rpm(**fields(Tier="x"), Teir="x"), RULES)
    message = 'RPM shows no field "Teir" for customer 7 (Acme); did you mean "Tier"?'
    assert found.problems == (Problem(SourceMark("c.yaml", 3, 30), message),)
    alone = compared(yaml(**fields(Website="x")), rpm(Website="x"), RULES)
    assert [it.message for it in alone.problems] == ['RPM shows no field "Website" for customer 7 (Acme)']


def test_names_are_safe_in_a_problem() -> None:
    """Those of the field and of the customer."""
    desired = DesiredCustomer(7, "c.yaml", 1, 1, {"Name": "Acme", "Fields.a\x1b": "x"}, [2, 2, 3, 3])
    for twice, words in (("", "RPM shows no field"), ("Fields.a\x1b", "more than one field")):
        observed = rpm(twice=twice)._replace(values={"Name": "Ac\x1bme"})
        (problem,) = compared(desired, observed, RULES).problems
        assert words in problem.message
        assert '"a\\x1b"' in problem.message
        assert "(Ac\\x1bme)" in problem.message


@pytest.mark.parametrize("twice", ["", "Fields.Tier"])
def test_an_ignored_field_is_no_problem(twice: str) -> None:
    """Whether RPM shows it twice or not at all; and the others are compared all the same."""
    rules = CompareRules(ignore=frozenset({"Fields.Tier"}))
    observed = rpm(Zip="1", **(fields(Tier="x") if twice else {}), twice=twice)
    found = compared(yaml(**fields(Tier="y"), Zip="2"), observed, rules)
    assert (found.problems, found.ignored) == ((), ())
    assert [it.attribute for it in found.changes] == ["Zip"]


def test_what_is_ignored_is_counted_where_it_differs() -> None:
    """By the rules of comparing."""
    rules = CompareRules({"Fields.a": Number()}, frozenset({"Fields.a", "Fields.b"}))
    found = compared(
        yaml(**fields(a="1,200", b="y"), Zip="2"), rpm(**fields(a="1200", b="x"), Zip="1"), rules
    )
    assert found.ignored == ("Fields.b",)
    assert [it.attribute for it in found.changes] == ["Zip"]


def test_what_both_changed_to_the_same_is_told_where_all_else_is_equal() -> None:
    """The short way is not taken where base says something else."""
    base = BaseSide(RULES, {7: yaml(Website="old", Zip="1")})
    found = compared(yaml(Website="new", Zip="1"), rpm(Website="new", Zip="1"), RULES, base)
    assert (found.converged, found.changes) == (("Website",), ())


@pytest.mark.parametrize(
    ("base", "desired", "observed", "kind", "effect"),
    [
        ("1", "2", "1", Class.CHANGE, False),
        ("1", "1", "2", Class.DRIFT, False),
        ("1", "2", "3", Class.CONFLICT, False),
        ("1.0", "2", "1", Class.CONFLICT, False),  # by base's rules, which are exact, RPM was changed
        ("1", "1.0", "2", Class.DRIFT, False),  # by the checkout's, YAML was not
        ("x", "x", "x ", Class.DRIFT, False),
    ],
)
def test_each_side_is_judged_by_its_own_rules(
    base: str, desired: str, observed: str, kind: Class, *, effect: bool
) -> None:
    """Base and RPM by base's, base and YAML by the checkout's."""
    rules = CompareRules({"Fields.a": Number()})
    third = BaseSide(RULES, {7: yaml(**fields(a=base))})
    (change,) = compared(yaml(**fields(a=desired)), rpm(**fields(a=observed)), rules, third).changes
    assert (change.kind, change.base, change.rules_effect) == (kind, base, effect)


def test_a_change_of_the_rules_alone_is_named_so() -> None:
    """Base counted numbers, the checkout goes by letters: both sides are as they were, and yet they differ."""
    numbers = CompareRules({"Fields.a": Number()})
    third = BaseSide(numbers, {7: yaml(**fields(a="1.0"))})
    (change,) = compared(yaml(**fields(a="1.0")), rpm(**fields(a="1")), RULES, third).changes
    assert (change.kind, change.rules_effect) == (Class.CHANGE, True)


@pytest.mark.parametrize(("desired", "observed"), [("$1,200.00", "1200"), ("1200", "$1,200.00")])
def test_what_is_equal_by_its_type_is_no_change(desired: str, observed: str) -> None:
    """Whichever side writes it in which way."""
    rules = CompareRules({"Fields.a": Number()})
    assert compared(yaml(**fields(a=desired)), rpm(**fields(a=observed)), rules).changes == ()


@pytest.mark.parametrize(
    ("base_rules", "rules", "base", "converged"),
    [
        (Number(), Text(), "1,200", False),  # RPM was not changed by base's rules
        (Text(), Number(), "1,200", False),  # YAML was not by the checkout's
        (Text(), Text(), "1,200", True),
        (Number(), Number(), "1300", True),
    ],
)
def test_what_converged_was_changed_by_the_rules_of_both(
    base_rules: FieldType, rules: FieldType, base: str, *, converged: bool
) -> None:
    """Each side by its own."""
    third = BaseSide(CompareRules({"Fields.a": base_rules}), {7: yaml(**fields(a=base))})
    both = CompareRules({"Fields.a": rules})
    found = compared(yaml(**fields(a="1200")), rpm(**fields(a="1200")), both, third)
    assert found.converged == (("Fields.a",) if converged else ())


def test_what_base_cannot_say_is_a_conflict() -> None:
    """Nobody knows who moved."""
    reason = NotSaid("main:c.yaml:1:1: broken")
    (change,) = compared(yaml(Zip="2"), rpm(Zip="1"), RULES, BaseSide(RULES, {7: reason})).changes
    assert (change.kind, change.base, change.rules_effect) == (Class.CONFLICT, reason, False)


def test_a_temporary_name_is_never_taken_for_the_value_of_base() -> None:
    """The run that left it was ours: to rename on is a change, whatever base said, and no drift of anybody's."""
    base = BaseSide(RULES, {7: yaml()})
    observed = rpm()._replace(values={"Name": "Acme (renaming 7)"})
    for wanted in ("Bolt", "Acme"):
        desired = yaml()._replace(values={"Name": wanted})
        (change,) = compared(desired, observed, RULES, base).changes
        assert (change.kind, change.base) == (Class.CHANGE, UNSET)
    others = rpm()._replace(values={"Name": "Acme (renaming 8)"})
    (change,) = compared(yaml(), others, RULES, base).changes
    assert (change.kind, change.base) == (DRIFT, "Acme")


def test_a_temporary_name_at_base_vouches_for_nothing() -> None:
    """Base is YAML: a name of that form there is a name like any other, and only the one in RPM is ours."""
    base = BaseSide(RULES, {7: yaml()._replace(values={"Name": "Acme (renaming 7)"})})
    (change,) = compared(yaml(), rpm()._replace(values={"Name": "Acme (renaming 7)"}), RULES, base).changes
    assert (change.kind, change.base) == (Class.CHANGE, UNSET)


def test_the_keys_that_differ() -> None:
    """Each once, whatever is in a name."""
    texts = {"a": "1", "b['x']": "2", "root.c": "3", "": "4"}
    assert differing(texts, dict(texts)) == set()
    assert differing(texts, {**texts, "b['x']": "5", "": ""}) == {"b['x']", ""}
    assert differing({"a": "1\n2"}, {"a": "1\n3"}) == {"a"}


def test_without_a_base_every_difference_is_a_change() -> None:
    """And nothing converged."""
    found = compared(yaml(Zip="2", Website="x"), rpm(Zip="1", Website="x"), RULES, NO_BASE)
    assert [(it.attribute, it.kind) for it in found.changes] == [("Zip", Class.CHANGE)]
    assert found.converged == ()
