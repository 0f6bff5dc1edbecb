"""Every knob, turned: one check each, and none without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.sandbox.knobs import DEFAULTS, KnobError, table, turned
from tests.sandbox import knob_checks_answers, knob_checks_names, knob_checks_values  # noqa: F401 they register
from tests.sandbox.conftest import serving
from tests.sandbox.knob_checks import CHECKS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.conftest import Rpm


@pytest.mark.parametrize("name", table())
def test_each_knob_does_what_its_meaning_says(rpm: Rpm, name: str) -> None:
    """A knob changes the behaviour it names."""
    CHECKS[name](rpm)


def test_knobs_survive_a_restart(tmp_path: Path) -> None:
    """They are kept in the database, wherever they were set."""
    with serving(tmp_path / "rpm.sqlite", "--knob", "ids=string") as (rpm, _):
        rpm.knob(subscriber_id=7)
    with serving(tmp_path / "rpm.sqlite") as (rpm, _):
        assert rpm.call("Info")["SubscriberID"] == "7"


def test_a_reset_turns_them_back(rpm: Rpm) -> None:
    """The example subscription comes with every knob at its default."""
    rpm.knob(ids="string")
    rpm.set("reset", {})
    assert [row for row in rpm.get("knobs")["knobs"] if row["value"] != row["default"]] == []


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"trimm": "yes"}, 'no knob is called "trimm"; "trim" is one'),
        ({"trim": "maybe"}, 'trim is one of yes, no, not "maybe"'),
        ({"latency": "slow"}, 'latency is a number, not "slow"'),
        ({"latency": "nan"}, 'latency is a number from 0 to 1000000000, not "nan"'),
        ({"daily_limit": "-1"}, 'daily_limit is a number from 0 to 1000000000, not "-1"'),
    ],
)
def test_a_wrong_setting_is_refused_with_its_reason(rpm: Rpm, setting: dict[str, str], reason: str) -> None:
    """Names and values are checked, and nothing is turned."""
    with pytest.raises(KnobError, match=reason):
        turned(DEFAULTS, setting)
    answer = rpm.http.post("/sandbox/knobs", json={"ids": "string", **setting})
    assert (answer.status_code, answer.json()) == (400, {"error": reason})
    assert rpm.call("Info")["SubscriberID"] == 1207
