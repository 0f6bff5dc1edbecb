"""What of that which judges a plan differs from base, and what it means for the names in the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.core.errors import InputError
from reconciler.customers.mask_names import check_mask, same_but_for_spelling
from reconciler.plan.model import RuleChange
from reconciler.plan.names import unknown_names
from reconciler.plan.rules import UNKNOWN, rule_changes, unknown_rules, widens
from reconciler.repo.settings import Settings, parse_settings

TOP = Path("/r")


def settings(text: str, folder: str = "/r") -> Settings:
    """What a reconciler.yaml says."""
    return parse_settings(text.encode(), Path(folder))


EACH = [
    ("url: https://secure.rpmtelco.com/rpm/\n", "url", None, "https://secure.rpmtelco.com/rpm/"),
    ("subscriber: 1207\n", "subscriber", None, "1207"),
    ("customers: people\n", "customers", "customers", "people"),
    ("limits: {edits: 5}\n", "limits.edits", "200", "5"),
    ("limits: {percent: 5}\n", "limits.percent", "20", "5"),
    ("limits: {calls: 5}\n", "limits.calls", "10000", "5"),
    ("ignore: [Fields.b, Address]\n", "ignore", None, "Address, Fields.b"),
    ("mask: [Fields.b]\n", "mask", None, "Fields.b"),
    ("read_age: 5\n", "read_age", "10", "5"),
    ("refresh: modified\n", "refresh", "full", "modified"),
    ("fields: {Day: {type: date}}\n", "fields.Day", None, "date"),
    ("fields: {Tier: {type: list, options: [X, Y]}}\n", "fields.Tier", None, "list (X, Y)"),
]


@pytest.mark.parametrize(("text", "setting", "before", "after"), EACH)
def test_each_setting_that_judges_is_named(text: str, setting: str, before: str | None, after: str) -> None:
    """Before and after, whichever way; and where base has no settings, before is none."""
    there, then = settings(text), settings("parallel: 3\n")
    assert rule_changes(then, there, TOP) == (RuleChange(setting, before, after),)
    assert rule_changes(there, then, TOP) == (RuleChange(setting, after, before),)
    assert rule_changes(None, there, TOP) == (RuleChange(setting, None, after),)
    assert unknown_rules(there, TOP) == (RuleChange(setting, UNKNOWN, after),)
    assert rule_changes(there, there, TOP) == ()


def test_what_judges_nothing_is_not_named() -> None:
    """How fast a run is does not decide what it sends."""
    assert rule_changes(settings("parallel: 3\n"), settings("parallel: 9\ntimeout: 5\n"), TOP) == ()
    assert rule_changes(None, None, TOP) == ()


def test_a_setting_that_is_written_and_is_the_default_is_new_too() -> None:
    """Base had nothing at all."""
    assert rule_changes(None, settings("customers: customers\n"), TOP) == (
        RuleChange("customers", None, "customers"),
    )


def test_customers_folders_are_named_from_the_root() -> None:
    """Settings that moved read another folder, though the line is the same."""
    one, other = settings("{}", "/r"), settings("{}", "/r/rpm")
    assert rule_changes(one, other, TOP) == (RuleChange("customers", "customers", "rpm/customers"),)
    assert rule_changes(one, settings("customers: ../customers\n", "/r/rpm"), TOP) == ()


def test_which_of_them_widen_a_run() -> None:
    """Those by which base is read: of whom, and compared how."""
    changes = [RuleChange(name, None, "x") for _, name, _, _ in EACH]
    assert widens(changes) == ("url", "subscriber", "customers", "ignore", "mask", "fields")
    assert widens([RuleChange("limits.edits", "1", "2")]) == ()


class TestNames:
    KNOWN = frozenset({"Name", "Fields.Tax id", "Fields.Tier"})

    @pytest.mark.parametrize("entry", ["Fields.tax id", "Fields.Tax\tid", "Fields.Taxid", "Fields.\uff34ier"])
    def test_a_mask_one_spelling_off(self, entry: str) -> None:
        """Refused; the same of base's is taken for what it means."""
        with pytest.raises(InputError, match="it would not be masked"):
            check_mask(Settings(TOP, rules=settings(f'mask: ["{entry}"]\n').rules), self.KNOWN)
        (meant,) = same_but_for_spelling([entry], self.KNOWN)
        assert meant in {"Fields.Tax id", "Fields.Tier"}

    @pytest.mark.parametrize("entry", ["Fields.Tax id", "Fields.Tax number", "Website"])
    def test_a_mask_that_fits_or_means_something_else(self, entry: str) -> None:
        """Neither is refused."""
        check_mask(settings(f"mask: [{entry}]\n"), self.KNOWN)
        assert same_but_for_spelling([entry], self.KNOWN) == frozenset()

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("ignore: [Fields.Tir]\n", ['1:10: warning: `ignore` names "Fields.Tir"']),
            ("mask: [Fields.Zip]\n", ['1:8: warning: `mask` names "Fields.Zip"']),
            ("fields: {Teir: {type: date}, Tier: {type: text}}\n", ['1:10: warning: `fields` names "Teir"']),
            ("ignore: [Website, Fields.Tier]\nmask: [Address]\n", []),
        ],
    )
    def test_what_nobody_knows(self, text: str, said: list[str]) -> None:
        """Each at its place; built-in attributes are always known."""
        found = [str(it) for it in unknown_names(settings(text), self.KNOWN)]
        assert [it.split(", which")[0] for it in found] == [f"reconciler.yaml:{it}" for it in said]

    def test_a_flag_has_no_place(self) -> None:
        """It is named instead."""
        flagged: Any = settings("ignore: [Fields.X]\n").rules
        (warning,) = unknown_names(Settings(TOP, rules=flagged), self.KNOWN)
        assert str(warning).startswith("--ignore: warning: `ignore` names ")
