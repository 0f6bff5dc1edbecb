"""Adopting on demand: a job that reads RPM leaves files, another one that has no key makes a request of them."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.kit.pipeline import Hub, running_hub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kit.server import Server
    from tests.kit.workplace import Ran, Workplace


@pytest.fixture
def hub(server: Server, place: Workplace) -> Iterator[Hub]:
    """Main says Gold of three customers; RPM says Bronze of two."""
    with running_hub(place, server) as made:
        for customer in (7, 8):
            server.by_hand(customer, {"Fields.Tier": "Bronze"})
        yield made


def adopt(hub: Hub, ids: str, **inputs: str) -> tuple[Ran, Ran]:
    """A whole run that somebody started with customers to adopt: drift, and adopt."""
    hub.git("restore", ".")
    hub.git("switch", "--quiet", "--detach", "main")
    hub.begin("workflow_dispatch", hub.main(), "main")
    about = {"inputs": {"adopt": ids, **inputs}}
    drift = hub.step("drift", "workflow_dispatch", about)
    opened = hub.step("adopt", "workflow_dispatch", about, RPM_API_KEY="")
    for step in ("comment", "issue"):
        assert hub.step(step, "workflow_dispatch", about, RPM_API_KEY="").code == 0
    hub.end()
    return drift, opened


def test_a_request_with_what_rpm_has(hub: Hub) -> None:
    """One commit behind the run's, with the files of the customers that were named and no other; nothing is edited, no issue opened."""
    drift, opened = adopt(hub, "7, 8")
    assert (drift.code, opened.code) == (0, 0), drift.err + opened.err
    (asked,) = hub.forge.opened
    assert asked.start == hub.main()
    assert (asked.branch, asked.into) == (f"reconciler/adopt-root-{hub.last_run}", "main")
    assert sorted(asked.files) == ["customers/acme.yaml", "customers/bolt.yaml"]
    assert all("Tier: Bronze" in text for text in asked.files.values())
    assert "<code>Gold</code> → <code>Bronze</code>" in asked.body
    assert opened.out == "https://forge.example/acme/customers/requests/1\n"
    assert (hub.server.edits(), hub.forge.issues, hub.forge.comments) == ([], [], [])


def test_merging_it_edits_nothing(hub: Hub) -> None:
    """What it says is what RPM has."""
    adopt(hub, "7")
    before = hub.main()
    hub.git("switch", "--quiet", "--force", "main")
    hub.place.file("customers/acme.yaml", hub.forge.opened[0].files["customers/acme.yaml"])
    hub.forge.tips["main"] = hub.commit("Merge")
    approved, applied = hub.pushed(before)
    assert applied is not None
    assert (approved.out[:8], applied.code, hub.server.edits()) == ("nothing\n", 0, [])


def test_what_is_merged_and_not_applied_is_no_drift(hub: Hub) -> None:
    """Base is the last commit that was applied, as the forge knows it; or the one that was named."""
    hub.git("switch", "--quiet", "main")
    hub.forge.tips["main"] = hub.commit("Not applied yet", cord="Silver")
    drift, opened = adopt(hub, "9")
    assert (drift.code, opened.code, hub.forge.opened) == (1, 1, [])
    assert "RPM and YAML do not differ by drift for customer 9" in drift.err
    adopt(hub, "9", base=hub.main())
    assert "Tier: Gold" in hub.forge.opened[0].files["customers/cord.yaml"]


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ("9", "do not differ by drift for customer 9"),
        ("7 12345", "no file has CustomerID 12345"),
        ("7; rm -rf /", "is no CustomerID"),
        ("٧", "is no CustomerID"),
        ("7" * 30, "is no CustomerID"),
    ],
)
def test_ids_that_cannot_be_adopted(hub: Hub, ids: str, said: str) -> None:
    """Said, red, and no request."""
    hub.git("switch", "--quiet", "--detach", "main")
    hub.begin("workflow_dispatch", hub.main(), "main")
    ran = hub.step("drift", "workflow_dispatch", {"inputs": {"adopt": ids}})
    assert (ran.code, said in ran.err) == (1, True), ran.err
    assert hub.step("adopt", "workflow_dispatch", {"inputs": {"adopt": "7"}}, RPM_API_KEY="").code == 1
    assert hub.forge.opened == []


def test_a_masked_value_is_adopted_at_the_keyboard_alone(hub: Hub) -> None:
    """No artifact and no request of a pipeline shows one."""
    hub.git("switch", "--quiet", "main")
    hub.place.settings("limits:\n  percent: 100\nmask: [Fields.Tier]\n")
    hub.forge.tips["main"] = hub.commit("Mask")
    drift, _ = adopt(hub, "7")
    assert (drift.code, "at the keyboard: reconciler adopt 7" in drift.err) == (1, True)
    assert "Bronze" not in drift.out + drift.err
    assert not any(b"Bronze" in content for content in hub.forge.runs[hub.last_run].artifacts.values())
    assert hub.forge.opened == []


def test_two_purposes_of_one_start_are_refused(hub: Hub) -> None:
    """An apply, and a request; a base without the digest of its plan is neither."""
    for inputs, said in (
        ({"adopt": "7", "digest": "sha256:0"}, "adopt takes neither a digest"),
        ({"base": "abc"}, "needs the digest of its plan too"),
    ):
        ran = hub.step("folders", "workflow_dispatch", {"inputs": inputs})
        assert (ran.code, said in ran.err) == (1, True)


def test_what_another_run_or_another_tool_left_opens_nothing(hub: Hub) -> None:
    """Files that are no texts by path are an error."""
    adopt(hub, "7")
    run = hub.forge.runs[hub.last_run]
    for content in ("[]", "{}", '{"customers/acme.yaml": 7}', "x"):
        for name, packed in run.artifacts.items():
            changed = io.BytesIO()
            with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(changed, "w") as new:
                for path in old.namelist():
                    new.writestr(path, content if path.endswith("files.json") else old.read(path))
            run.artifacts[name] = changed.getvalue()
        ran = hub.step("adopt", "workflow_dispatch", {"inputs": {"adopt": "7"}}, RPM_API_KEY="")
        assert (ran.code, len(hub.forge.opened)) == (1, 1)


def test_on_gitlab_one_commit_and_a_request(hub: Hub) -> None:
    """By its own API; in a repository with several folders, the one that has the customer."""
    hub.place.file(".git/info/exclude", "reconciler-results/\n")
    hub.folders = (".", "other")
    hub.last_run += 1
    assert hub.on_gitlab("drift", source="web", ADOPT="8").code == 0
    assert hub.on_gitlab("adopt", source="web", ADOPT="8", RPM_API_KEY="").code == 0
    (asked,) = hub.forge.opened
    assert (list(asked.files), asked.start) == (["customers/bolt.yaml"], hub.main())
    hub.git("restore", ".")
    assert hub.on_gitlab("drift", source="web", ADOPT="12345").code == 0
    ran = hub.on_gitlab("adopt", source="web", ADOPT="12345", RPM_API_KEY="")
    assert (ran.code, "there is nothing to adopt" in ran.out) == (1, True)
