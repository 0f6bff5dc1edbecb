"""When an id looks pasted: each condition of the rule by itself, at its border."""

from __future__ import annotations

import pytest

from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import CompareRules
from reconciler.core.values import DesiredCustomer, NotSaid, ObservedCustomer
from reconciler.plan.base import NO_BASE, BaseSide
from tests.kit.compared import compared

RULES = CompareRules()


def yaml(customer_id: int, name: str, *texts: str) -> DesiredCustomer:
    """A customer of YAML with so many fields."""
    values = {"Name": name, **{f"Fields.{at}": text for at, text in enumerate(texts)}}
    return DesiredCustomer(customer_id, "c.yaml", 1, 1, values, [1, 1] * len(values))


def suspicion(observed: str, desired: str, *pairs: tuple[str, str], base: BaseSide = NO_BASE) -> str:
    """What is said of id 7 with these names; a pair is what RPM has of a field and what YAML wants."""
    values = {"Name": observed, **{f"Fields.{at}": rpm for at, (rpm, _) in enumerate(pairs)}}
    return compared(
        yaml(7, desired, *(wanted for _, wanted in pairs)),
        ObservedCustomer(7, values, LONG_AGO, whole=True),
        RULES,
        base,
    ).suspicious


SAME, OTHER, EMPTY = ("x", "x"), ("x", "y"), ("", "y")


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([OTHER, OTHER], ""),  # two can be compared, both differ: too few
        ([OTHER, OTHER, OTHER], "the name and 3 of 3 other attributes differ"),
        ([OTHER, OTHER, SAME], "the name and 2 of 3 other attributes differ"),
        ([OTHER, SAME, SAME], ""),
        ([OTHER, OTHER, SAME, SAME], ""),  # exactly half is not more than half
        ([OTHER, OTHER, OTHER, SAME, SAME], "the name and 3 of 5 other attributes differ"),
        ([OTHER, OTHER, EMPTY], ""),  # what is empty in RPM tells nothing of whose it is
        ([OTHER, OTHER, OTHER, EMPTY], "the name and 3 of 3 other attributes differ"),
        ([SAME, SAME, SAME], ""),
    ],
)
def test_it_takes_three_attributes_and_more_than_half_of_them(
    pairs: list[tuple[str, str]], said: str
) -> None:
    """Either alone is not enough."""
    assert suspicion("Acme", "Bolt", *pairs) == said


@pytest.mark.parametrize("observed", ["ACME", "acme ", "Acme"])
def test_the_same_name_is_the_same_customer(observed: str) -> None:
    """Case and outer spaces aside, however much else differs."""
    assert suspicion(observed, "Acme", OTHER, OTHER, OTHER) == ""


def test_our_own_temporary_name_is_no_other_name() -> None:
    """An unfinished rename; that of another id is no excuse."""
    assert suspicion("Acme (renaming 7)", "Bolt", OTHER, OTHER, OTHER) == ""
    assert suspicion("Acme (renaming 8)", "Bolt", OTHER, OTHER, OTHER) != ""


ACME, BOLT = yaml(7, "Acme"), yaml(8, "Bolt")


@pytest.mark.parametrize(
    ("base", "suspicious"),
    [
        pytest.param(BaseSide(RULES, {7: ACME}), False, id="base vouches"),
        pytest.param(BaseSide(RULES, {7: ACME, 8: BOLT}), True, id="the wanted name was another's"),
        pytest.param(BaseSide(RULES, {7: BOLT}), True, id="base gave it another name"),
        pytest.param(BaseSide(RULES, {8: yaml(8, "Cog")}), True, id="base has not this id"),
        pytest.param(BaseSide(RULES, {7: NotSaid("broken")}), True, id="base does not say"),
        pytest.param(BaseSide(RULES, {7: ACME}, NotSaid("broken")), True, id="it may have been another's"),
        pytest.param(NO_BASE, True, id="no base"),
    ],
)
def test_what_base_says_of_it(base: BaseSide, suspicious: bool) -> None:  # noqa: FBT001 - a parameter
    """The name that the id had vouches for it, unless the wanted one was somebody else's."""
    assert (suspicion("Acme", "Bolt", OTHER, OTHER, OTHER, base=base) != "") is suspicious
