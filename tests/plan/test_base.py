"""The third side by id: who is meant, whom REF touched since, and whose name was whose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import CompareRules
from reconciler.core.values import UNSET, DesiredCustomer, NotSaid, ObservedCustomer
from reconciler.customers.collection import InGroups
from reconciler.customers.groups import FileGroup, ReadFile
from reconciler.customers.said import SaidCustomers
from reconciler.plan.base import NO_BASE, BaseSide, PartlySaid, base_side, touched_since

if TYPE_CHECKING:
    from reconciler.core.values import Unset
    from reconciler.plan.base import SaidCustomer

RULES = CompareRules()
REASON = NotSaid("main:c.yaml:1:1: broken")


def yaml(customer_id: int | None, name: str, **values: str) -> DesiredCustomer:
    """A customer of YAML."""
    return DesiredCustomer(customer_id, "c.yaml", 1, 1, {"Name": name, **values}, [1, 1] * (1 + len(values)))


def rpm(customer_id: int, name: str) -> ObservedCustomer:
    """A customer of RPM."""
    return ObservedCustomer(customer_id, {"Name": name}, LONG_AGO, whole=True)


def sides(
    *customers: DesiredCustomer, listed: dict[int, str], desired: tuple[DesiredCustomer, ...] = ()
) -> BaseSide:
    """Base as these customers of it, RPM's names and today's YAML make it."""
    said = SaidCustomers({it.key: it for it in customers})
    return base_side(said, RULES, {i: rpm(i, name) for i, name in listed.items()}, desired)


class TestWho:
    def test_an_id_is_itself(self) -> None:
        """Whatever the names."""
        assert sides(yaml(7, "Acme"), listed={8: "Acme"}).of(7) == yaml(7, "Acme")

    @pytest.mark.parametrize(
        ("listed", "desired", "who"),
        [
            pytest.param({7: "Acme"}, (), {7}, id="rpm's name"),
            pytest.param({7: "Else"}, (yaml(7, "Acme"),), {7}, id="yaml's name"),
            pytest.param({7: "Acme"}, (yaml(7, "Acme"),), {7}, id="both"),
            pytest.param({7: "acme"}, (), set(), id="case counts"),
            pytest.param({}, (yaml(None, "Acme"),), set(), id="no id anywhere"),
        ],
    )
    def test_without_an_id_the_names_of_both_sides_tell(
        self, listed: dict[int, str], desired: tuple[DesiredCustomer, ...], who: set[int]
    ) -> None:
        """RPM's, or that of a file which has the id by now."""
        base = sides(yaml(None, "Acme"), listed=listed, desired=desired)
        assert set(base.customers) == who
        assert all(base.of(i) == yaml(None, "Acme") for i in who)

    def test_two_that_could_be_meant_are_both_not_said(self) -> None:
        """No guess."""
        base = sides(yaml(None, "Acme"), listed={9: "Acme"}, desired=(yaml(7, "Acme"),))
        reason = NotSaid('"Acme" has no CustomerID there, and is the name of 7 and 9 now')
        assert (base.of(7), base.of(9)) == (reason, reason)

    def test_each_name_is_looked_up(self) -> None:
        """One that is clear, and two that are not; and the rules are those that held there."""
        desired = tuple(
            yaml(i, name) for i, name in ((1, "Two"), (2, "Two"), (3, "Also"), (4, "Also"), (5, "Clear"))
        )
        base = sides(yaml(None, "Clear"), yaml(None, "Two"), yaml(None, "Also"), listed={}, desired=desired)
        assert set(base.customers) == {1, 2, 3, 4, 5}
        turned = sides(yaml(None, "Two"), yaml(None, "Also"), yaml(None, "Clear"), listed={}, desired=desired)
        assert turned.customers == base.customers
        assert base.rules == RULES

    def test_an_id_that_base_has_is_nobodys_by_name(self) -> None:
        """The one with the id says who it is."""
        base = sides(yaml(7, "Old"), yaml(None, "Acme"), listed={7: "Acme"})
        assert base.of(7) == yaml(7, "Old")

    def test_what_is_not_said_stays_so_by_id(self) -> None:
        """All of one, part of another, and whoever base has not."""
        customers = {it.key: it for it in (yaml(7, "Acme"), yaml(8, "Bolt"), yaml(None, "Cog"))}
        said = SaidCustomers(customers, {7: REASON, 8: {"Website": REASON}, "Cog": REASON}, REASON)
        base = base_side(said, RULES, {9: rpm(9, "Cog")}, ())
        assert base.of(7) == REASON
        assert base.of(8) == PartlySaid(yaml(8, "Bolt"), {"Website": REASON})
        assert (base.of(9), base.of(10)) == (REASON, REASON)


class TestUnchanged:
    """Customers whom the checkout has in the very same files are base's too, though nobody made them."""

    GROUP = FileGroup.pack("c", [ReadFile("a.yaml", b"s" * 32, "blob", [yaml(7, "Acme"), yaml(6, "Dot")])], 9)

    def test_they_are_found_by_id(self) -> None:
        """Beside the others, and before whatever may be anybody's."""
        said = SaidCustomers({8: yaml(8, "Bolt")}, {}, REASON, in_groups=InGroups((self.GROUP,)))
        base = base_side(said, RULES, {}, ())
        assert base.text("Name", rpm(7, "x")) == "Acme"
        assert base.text("Name", rpm(8, "x")) == "Bolt"
        assert base.of(9) == REASON

    def test_they_can_be_read(self) -> None:
        """All of them, each with its id; and their names were somebody's."""
        said = SaidCustomers({8: yaml(8, "Bolt")}, in_groups=InGroups((self.GROUP,)))
        base = base_side(said, RULES, {}, ())
        assert sorted((i, it.name) for i, it in base.readable()) == [(6, "Dot"), (7, "Acme"), (8, "Bolt")]
        assert base.names_somebody("acme")

    def test_one_of_them_is_nobody_elses_by_name(self) -> None:
        """The id says who it is."""
        said = SaidCustomers({"Cog": yaml(None, "Cog")}, in_groups=InGroups((self.GROUP,)))
        assert base_side(said, RULES, {7: rpm(7, "Cog")}, ()).text("Name", rpm(7, "x")) == "Acme"


class TestText:
    def test_our_own_temporary_name_is_nobodys_drift(self) -> None:
        """Whatever base said the name was, or could not say; of another attribute it does say."""
        for said in (yaml(7, "Acme", Website="x"), REASON, PartlySaid(yaml(7, "Acme"), {"Name": REASON})):
            base = BaseSide(RULES, {7: said})
            assert base.text("Name", rpm(7, "Acme (renaming 7)")) is UNSET
            assert base.text("Name", rpm(7, "Acme (renaming 8)")) is not UNSET
        assert (
            BaseSide(RULES, {7: yaml(7, "A", Website="x")}).text("Website", rpm(7, "A (renaming 7)")) == "x"
        )

    def test_each_way_of_saying(self) -> None:
        """A text, nothing of that attribute, a part that cannot be read, nobody."""
        said: dict[int, SaidCustomer] = {
            7: yaml(7, "Acme"),
            8: PartlySaid(yaml(8, "Bolt"), {"Website": REASON}),
        }
        base = BaseSide(RULES, said)
        assert base.text("Name", rpm(7, "x")) == "Acme"
        assert base.text("Website", rpm(7, "x")) is UNSET
        assert base.text("Website", rpm(8, "x")) == REASON
        assert base.text("Address", rpm(8, "x")) is UNSET
        assert base.text("Name", rpm(8, "x")) == "Bolt"
        assert base.text("Name", rpm(9, "x")) is UNSET
        assert BaseSide(otherwise=REASON).text("Name", rpm(9, "x")) == REASON


class TestNames:
    @property
    def base(self) -> BaseSide:
        """A customer that is said, one of which a part is, and one that is not."""
        return BaseSide(RULES, {7: yaml(7, "Acme"), 8: PartlySaid(yaml(8, "Bolt"), {}), 9: REASON})

    def test_base_vouches_for_the_name_that_it_gave(self) -> None:
        """Exactly, Unicode form aside; what it does not say vouches for nothing."""
        assert self.base.named_as_observed(rpm(7, "Acme"))
        assert not self.base.named_as_observed(rpm(7, "ACME"))
        assert not self.base.named_as_observed(rpm(9, "Cog"))
        assert not self.base.named_as_observed(rpm(10, "Dot"))
        assert BaseSide(RULES, {7: yaml(7, "Caf\u00e9")}).named_as_observed(rpm(7, "Cafe\u0301"))

    def test_a_name_was_somebodys(self) -> None:
        """Case ignored as RPM does; where base is not whole, it may have been."""
        assert self.base.names_somebody("ACME ")
        assert self.base.names_somebody("bolt")
        assert not self.base.names_somebody("Cog")
        assert BaseSide(otherwise=REASON).names_somebody("Cog")
        assert not NO_BASE.names_somebody("Cog")


A, B, C = (yaml(7, "Acme", Website=text) for text in "abc")
TOUCHED: list[tuple[SaidCustomer | Unset, SaidCustomer | Unset, bool]] = [
    (A, A, False),  # REF says what the merge base said
    (A, B, False),  # it says what the checkout says
    (A, C, True),
    (A, UNSET, True),  # it was removed there
    (UNSET, UNSET, False),
    (UNSET, B, False),
    (UNSET, C, True),  # it is new on both
    (REASON, A, True),
    (REASON, B, False),
    (REASON, UNSET, True),
    (A, REASON, True),  # what cannot be read there may be anything
    (A, PartlySaid(A, {"Website": REASON}), True),
    (PartlySaid(A, {"Website": REASON}), A, True),
]


@pytest.mark.parametrize(("base", "tip", "touched"), TOUCHED)
def test_whom_ref_touched_since(base: SaidCustomer | Unset, tip: SaidCustomer | Unset, touched: bool) -> None:  # noqa: FBT001
    """Their YAML at REF is neither the merge base's nor the checkout's, which is B."""
    one, other = (BaseSide(RULES, {} if it is UNSET else {7: it}) for it in (base, tip))
    assert touched_since([7], one, other, {7: B}) == ((7,) if touched else ())


def test_only_the_edited_count_and_in_order() -> None:
    """Whatever else REF changed."""
    tip = BaseSide(otherwise=REASON)
    assert touched_since([9, 7], NO_BASE, tip, {7: B, 8: B, 9: B}) == (7, 9)
