"""Base, desired, observed: the truth table through the command, over a real git repository; and audits."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kit.server import Customer
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from tests.kit.server import Server

GIT = shutil.which("git") or "git"


def git(folder: Path, *words: str) -> str:
    """Run git as somebody with a name."""
    who = ["-c", "user.name=Dana", "-c", "user.email=dana@example.invalid", "-c", "commit.gpgsign=false"]
    done = subprocess.run([GIT, *who, "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(shop: Workplace, message: str) -> str:
    """Commit everything."""
    git(shop.folder, "add", "-A", "customers")
    git(shop.folder, "commit", "-q", "-m", message)
    return git(shop.folder, "rev-parse", "HEAD")


def acme(tier: str, more: str = "") -> str:
    """A customer file."""
    return f"CustomerID: 7\nName: Acme\nFields:\n  Tier: {tier}\n{more}"


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """A repository whose first commit is what RPM has."""
    server.seed(
        Customer(7, "Acme", fields={"Tier": "A", "Zip": "1"}),
        Customer(8, "Bolt", fields={"Tier": "A"}),
        Customer(9, "Cog", fields={"Tier": "A"}),
        fields=("Tier", "Zip"),
    )
    git(place.folder, "init", "-q", "-b", "main")
    place.customer("acme", acme("A"))
    place.customer("bolt", "CustomerID: 8\nName: Bolt\nFields:\n  Tier: A\n")
    commit(place, "begin")
    return place


def plan(shop: Workplace, *words: str) -> dict[str, Any]:
    """The plan document."""
    document: dict[str, Any] = json.loads(shop.run("plan", "--format", "json", *words).out)
    return document


TABLE = [
    pytest.param("A", "A", None, id="nothing"),
    pytest.param("A", "B", "change", id="change"),
    pytest.param("C", "A", "drift", id="drift"),
    pytest.param("C", "B", "conflict", id="conflict"),
    pytest.param("B", "B", "converged", id="converged"),
]


@pytest.mark.parametrize(("observed", "desired", "kind"), TABLE)
def test_the_truth_table(
    observed: str, desired: str, kind: str | None, shop: Workplace, server: Server
) -> None:
    """Base says A; who moved decides the class."""
    server.by_hand(7, {"Fields.Tier": observed})
    shop.customer("acme", acme(desired))
    document = plan(shop, "--base", "HEAD")
    assert {key: document["summary"][key] for key in ("change", "drift", "conflict", "converged")} == {
        key: int(key == kind) for key in ("change", "drift", "conflict", "converged")
    }
    if kind in {"change", "drift", "conflict"}:
        (change,) = document["edits"][0]["changes"]
        assert (change["class"], change["before"], change["after"], change["base"]) == (
            kind,
            observed,
            desired,
            "A",
        )


def test_without_a_base_every_difference_is_a_change(shop: Workplace, server: Server) -> None:
    """Two sides cannot tell who moved."""
    server.by_hand(7, {"Fields.Tier": "C"})
    assert plan(shop)["summary"]["change"] == 1


def test_what_base_does_not_manage_counts_as_the_same(shop: Workplace) -> None:
    """An attribute that is new in YAML is a change, whatever RPM has."""
    shop.customer("acme", acme("A", "  Zip: 2\n"))
    assert plan(shop, "--base", "HEAD")["edits"][0]["changes"][0]["class"] == "change"


def test_an_attribute_that_left_yaml_is_released(shop: Workplace) -> None:
    """It is mentioned and not edited."""
    shop.customer("acme", "CustomerID: 7\nName: Acme\n")
    document = plan(shop, "--base", "HEAD")
    assert document["edits"] == []
    assert document["released"] == [{"customer_id": 7, "name": "Acme", "attribute": "Fields.Tier"}]


def test_a_conflict_needs_its_number(shop: Workplace, server: Server) -> None:
    """Apply refuses until the exact count is confirmed; YAML's side is then sent."""
    server.by_hand(7, {"Fields.Tier": "C"})
    shop.customer("acme", acme("B"))
    ran = shop.run("apply", "--yes", "--base", "HEAD")
    assert ran.code == 3
    assert "--confirm-conflicts 1" in ran.err
    assert shop.run("apply", "--yes", "--base", "HEAD", "--confirm-conflicts", "2").code == 3
    assert server.edits() == []
    assert shop.run("apply", "--yes", "--base", "HEAD", "--confirm-conflicts", "1").code == 0


def test_changed_costs_one_call_and_one_a_changed_customer(shop: Workplace, server: Server) -> None:
    """Files that moved, split or merged change nothing: the identity is the id."""
    server.by_hand(8, {"Fields.Tier": "drifted"})
    (shop.folder / "customers/bolt.yaml").unlink()
    shop.customer("all/everybody", acme("B") + "---\nCustomerID: 8\nName: Bolt\nFields:\n  Tier: A\n")
    (shop.folder / "customers/acme.yaml").unlink()
    document = plan(shop, "--base", "HEAD", "--changed")
    assert [edit["customer_id"] for edit in document["edits"]] == [7]
    assert server.calls() == ["Customers", "Customer"]


def test_a_bare_and_a_shallow_clone(shop: Workplace, tmp_path: Path) -> None:
    """A commit that a shallow clone lacks is told with what to do; one that it has serves."""
    shop.customer("acme", acme("B"))
    commit(shop, "second")
    first = git(shop.folder, "rev-parse", "HEAD~1")
    shallow = Workplace(tmp_path / "shallow", shop.environment["RPM_API_URL"])
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{shop.folder}", str(tmp_path / "clone"))
    shallow.folder = tmp_path / "clone"
    ran = shallow.run("plan", "--base", first)
    assert ran.code == 1
    assert "fetch-depth: 0" in ran.err
    assert shallow.run("plan", "--base", "HEAD").code == 0
    ran = shop.run("plan", "--base", "no-such-branch")
    assert ran.code == 1
    assert "git knows no such commit" in ran.err


def test_outside_of_git(server: Server, place: Workplace) -> None:
    """A base needs git; an audit goes on without, and says so."""
    server.seed(Customer(7, "Acme", fields={"Tier": "B"}), fields=("Tier",))
    place.customer("acme", acme("A"))
    ran = place.run("plan", "--base", "HEAD", GIT_CEILING_DIRECTORIES=str(place.folder.parent))
    assert ran.code == 1
    assert "no git repository" in ran.err
    ran = place.run("drift", "--format", "json", GIT_CEILING_DIRECTORIES=str(place.folder.parent))
    assert ran.code == 2
    assert ran.json["without_git"]
    assert ran.json["drift"][0]["set_by"] is None


class TestDrift:
    def test_none(self, shop: Workplace, server: Server) -> None:
        """Equal is exit 0, for the price of a plan."""
        assert shop.run("drift").code == 0
        assert sorted(server.calls()) == ["Customer", "Customer", "Customers"]

    def test_who_and_since_when(self, shop: Workplace) -> None:
        """The commit that set the line, RPM's Modified, and the commit that once said what RPM says now."""
        first = git(shop.folder, "rev-parse", "HEAD")
        shop.customer("acme", acme("B"))
        second = commit(shop, "B it is")
        ran = shop.run("drift", "--format", "json")
        assert ran.code == 2
        (drifted,) = ran.json["drift"]
        assert drifted["customer_id"] == 7
        assert drifted["since"]
        assert not drifted.keys() & {"request", "needs"}
        assert "digest" not in ran.json
        (change,) = drifted["changes"]
        assert (change["class"], change["before"], change["after"]) == ("drift", "A", "B")
        assert change["set_by"]["commit"] == second
        assert change["set_by"]["author"] == "Dana"
        assert change["earlier"]["commit"] == first
        assert drifted["set_by"] == change["set_by"]

    def test_a_missing_customer_is_drift(self, shop: Workplace, server: Server) -> None:
        """Also when nothing else differs."""
        server.delete(8)
        ran = shop.run("drift", "--format", "json")
        assert ran.code == 2
        assert [gone["customer_id"] for gone in ran.json["missing"]] == [8]

    def test_a_commit_instead_of_the_checkout(self, shop: Workplace) -> None:
        """--base replaces the YAML of the checkout: what this branch wants is no drift."""
        shop.customer("acme", acme("B"))
        assert shop.run("drift").code == 2
        assert shop.run("drift", "--base", "HEAD").code == 0

    def test_a_swap_by_hand_is_two_drifted_names(self, shop: Workplace, server: Server) -> None:
        """An audit shows names as they are: nothing is ordered, no temporary name appears."""
        server.by_hand(7, {"Name": "x"})
        server.by_hand(8, {"Name": "Acme"})
        server.by_hand(7, {"Name": "Bolt"})
        ran = shop.run("drift", "--format", "json")
        assert [(it["changes"][0]["before"], it["changes"][0]["after"]) for it in ran.json["drift"]] == [
            ("Bolt", "Acme"), ("Acme", "Bolt"),
        ]  # fmt: skip
        assert ran.json["problems"] == []

    def test_the_record_grows_by_a_line_an_audit(self, shop: Workplace, server: Server) -> None:
        """Counts and attributes, no values; the HTML page draws it."""
        shop.run("drift", "--record", "audits.jsonl")
        server.by_hand(7, {"Fields.Tier": "canary"})
        ran = shop.run("drift", "--record", "audits.jsonl", "--format", "html")
        assert ran.code == 2
        text = (shop.folder / "audits.jsonl").read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        assert [line["drift"] for line in lines] == [{}, {"7": ["Fields.Tier"]}]
        assert "canary" not in text
        assert "<svg" in ran.out

    @pytest.mark.parametrize("output", ["text", "markdown", "html", "json"])
    def test_masked_values_are_in_no_format(self, output: str, shop: Workplace, server: Server) -> None:
        """Only that they differ."""
        server.by_hand(7, {"Fields.Tier": "canary"})
        ran = shop.run("drift", "--format", output, "--mask", "Fields.Tier", "--record", "audits.jsonl")
        assert ran.code == 2
        assert "canary" not in ran.out + ran.err + (shop.folder / "audits.jsonl").read_text()

    def test_it_makes_read_calls_alone(self, shop: Workplace, server: Server) -> None:
        """By construction: an audit has no editor."""
        server.by_hand(7, {"Fields.Tier": "C"})
        shop.run("drift")
        assert server.edits() == []
