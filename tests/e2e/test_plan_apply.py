"""The main job through the installed command and a real socket."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.kit.server import Customer
from tests.kit.workplace import COMMAND, Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.server import Server

ACME = Customer(7, "Acme", website="https://a.example", address="1 Main", fields={"Tier": "Gold", "Zip": "1"})
BOLT = Customer(8, "Bolt", fields={"Tier": "Silver", "Zip": "2"})
FIELDS = ("Tier", "Zip")


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """Two customers in RPM, and files that are equal to them."""
    server.seed(ACME, BOLT, fields=FIELDS)
    place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: Gold\n")
    place.customer("bolt", "CustomerID: 8\nName: Bolt\nFields:\n  Tier: Silver\n")
    return place


def wants_gold(shop: Workplace) -> None:
    """Bolt is to be Gold."""
    shop.customer("bolt", "CustomerID: 8\nName: Bolt\nFields:\n  Tier: Gold\n")


def without_meta(document: dict[str, Any]) -> dict[str, Any]:
    """A plan document without what may differ between two runs."""
    return {key: value for key, value in document.items() if key != "meta"}


class TestExitCodes:
    """Every code of the table, by the shortest way to it."""

    def test_0_nothing_to_do(self, shop: Workplace) -> None:
        """A plan without differences, and an apply of it that asks nothing."""
        assert shop.run("plan", "--detailed-exitcode").code == 0
        assert shop.run("apply").code == 0

    def test_0_plan_with_differences(self, shop: Workplace) -> None:
        """Differences are no error."""
        wants_gold(shop)
        assert shop.run("plan").code == 0

    def test_1_bad_file(self, shop: Workplace, server: Server) -> None:
        """A problem in any file stops everything before the first call, selected or not."""
        shop.customer("bad", "CustomerID: 9\nNam: Bad\n")
        for words in (["plan"], ["plan", "customers/acme.yaml"], ["apply", "--yes"], ["validate"]):
            ran = shop.run(*words)
            assert ran.code == 1
            printed = ran.out if words == ["validate"] else ran.err
            assert printed.startswith("customers/bad.yaml:")
            assert "customers/bad.yaml:2:1: " in printed
        assert server.calls() == []

    def test_a_file_that_is_named_is_told_whatever_else_is_wrong(self, shop: Workplace) -> None:
        """A hundred problems are listed at most, and not those of files that nobody asked for."""
        for number in range(150):
            shop.customer(f"a{number}", f"CustomerID: {1000 + number}\nName: A {number}\nNmae: x\n")
        shop.customer("zebra", "CustomerID: 2000\nName: Zebra\nNmae: x\n")
        ran = shop.run("validate", "customers/zebra.yaml")
        assert (ran.code, ran.out.splitlines()[-1]) == (1, "1 problem in customers.")
        assert ran.out.startswith("customers/zebra.yaml:3:1: unknown key")
        assert shop.run("validate").out.splitlines()[-1] == "101 problems in customers."

    def test_1_usage(self, shop: Workplace) -> None:
        """Click's own code 2 never gets out."""
        assert shop.run("plan", "--no-such-flag").code == 1
        ran = shop.run("paln")
        assert ran.code == 1
        assert 'did you mean "plan"?' in ran.err

    @pytest.mark.row("B51")
    def test_1_unknown_field(self, shop: Workplace, server: Server) -> None:
        """A field that RPM does not have is named with its place and nearest name; apply sends nothing."""
        shop.customer("bolt", "CustomerID: 8\nName: Bolt\nFields:\n  Teir: Gold\n")
        ran = shop.run("plan")
        assert ran.code == 1
        assert "customers/bolt.yaml:4:9" in ran.out + ran.err
        assert 'did you mean "Tier"?' in ran.out + ran.err
        assert shop.run("apply", "--yes").code == 1
        assert server.edits() == []

    def test_1_no_key(self, shop: Workplace, server: Server) -> None:
        """Without a key nothing is called."""
        del shop.environment["RPM_API_KEY"]
        ran = shop.run("plan")
        assert ran.code == 1
        assert "RPM_API_KEY is not set" in ran.err
        assert server.calls() == []

    def test_1_wrong_key(self, shop: Workplace, server: Server) -> None:
        """A refused key is said once, after one call, and never shown."""
        wrong = "0badcafe-1b2c-4d3e-8f40-00c0ffee0000"
        ran = shop.run("plan", RPM_API_KEY=wrong)
        assert ran.code == 1
        assert "Key not found" in ran.err
        assert wrong not in ran.out + ran.err
        assert server.calls() == ["Customers"]

    def test_1_unreachable(self, shop: Workplace) -> None:
        """No connection is an error that says where to."""
        ran = shop.run("plan", RPM_API_URL="http://127.0.0.1:9")
        assert ran.code == 1
        assert "cannot reach 127.0.0.1" in ran.err

    def test_2_differences(self, shop: Workplace) -> None:
        """`--detailed-exitcode` tells differences from none."""
        wants_gold(shop)
        assert shop.run("plan", "--detailed-exitcode").code == 2

    @pytest.mark.row("B109")
    def test_3_not_confirmed(self, shop: Workplace, server: Server) -> None:
        """Without a terminal and without --yes nobody said yes."""
        wants_gold(shop)
        ran = shop.run("apply")
        assert ran.code == 3
        assert "--yes" in ran.err
        assert server.edits() == []

    def test_3_limit(self, shop: Workplace, server: Server) -> None:
        """A limit refuses, names the flag that lifts it, and that flag lifts it."""
        wants_gold(shop)
        ran = shop.run("apply", "--yes", "--max-edits", "0")
        assert ran.code == 3
        assert "--confirm-edits 1" in ran.err
        assert server.edits() == []
        assert shop.run("apply", "--yes", "--max-edits", "0", "--confirm-edits", "1").code == 0

    @pytest.mark.row("B106")
    def test_3_wrong_count(self, shop: Workplace, server: Server) -> None:
        """A confirmed number is checked whenever it is given."""
        wants_gold(shop)
        assert shop.run("apply", "--yes", "--confirm-edits", "2").code == 3
        assert server.edits() == []

    @pytest.mark.row("F103")
    def test_3_wrong_subscriber(self, shop: Workplace, server: Server) -> None:
        """A key of another subscription is refused after one call, by plan too."""
        for command in (["plan"], ["apply", "--yes"]):
            ran = shop.run(*command, "--subscriber", "999999")
            assert ran.code == 3
            assert "999999" in ran.err
        assert server.calls() == ["Info", "Info"]

    def test_3_empty_list(self, shop: Workplace, server: Server) -> None:
        """An empty list while YAML has ids is never the truth."""
        server.seed()
        assert shop.run("plan").code == 3
        assert shop.run("apply", "--yes").code == 3

    def test_4_missing(self, shop: Workplace, server: Server) -> None:
        """A customer that RPM does not have leaves something undone."""
        server.delete(7)
        wants_gold(shop)
        ran = shop.run("apply", "--yes")
        assert ran.code == 4
        assert server.values()[8]["Fields.Tier"] == "Gold"

    def test_4_not_taken(self, shop: Workplace, server: Server) -> None:
        """An answer that does not show what was sent is an error with customer, attribute, sent and got."""
        server.seed(
            ACME, BOLT, fields=({"name": "Tier", "kind": "list", "options": ["Gold", "Silver"]}, "Zip")
        )
        shop.customer("bolt", "CustomerID: 8\nName: Bolt\nFields:\n  Tier: Golden\n")
        ran = shop.run("apply", "--yes", "--format", "json")
        assert ran.code == 4
        (customer,) = ran.json["customers"]
        assert customer["outcome"] == "not_taken"
        assert 'Fields.Tier: sent "Golden", got ""' in customer["detail"]
        assert server.calls() == ["Customers", "Customer", "Customer", "CustomerEdit", "Customer"]

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    @pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
    def test_130_143(
        self, number: int, code: int, command: list[str], shop: Workplace, server: Server
    ) -> None:
        """A signal while RPM is being read ends the run at once."""
        server.faults({"endpoint": "Customer", "point": "P2", "action": {"do": "hang"}})
        child = shop.start(*command)
        while server.count("Customer") < 1:
            time.sleep(0.02)
        child.send_signal(number)
        _, err = child.communicate(timeout=60)
        assert child.returncode == code
        assert "interrupted" in err


class TestPlan:
    def test_two_runs_are_equal(self, shop: Workplace) -> None:
        """The same input gives the same document, times and calls aside."""
        wants_gold(shop)
        first, second = (shop.run("plan", "--format", "json") for _ in range(2))
        assert without_meta(first.json) == without_meta(second.json)

    def test_the_document(self, shop: Workplace) -> None:
        """What the contract says is in it, is in it."""
        wants_gold(shop)
        document = shop.run("plan", "--format", "json").json
        assert document["format_version"] == "1.0"
        assert document["summary"] == {
            "edit": 1, "rename": 0, "unchanged": 1, "missing": 0, "unmanaged": 0, "suspicious": 0,
            "change": 1, "drift": 0, "conflict": 0, "converged": 0, "ignored": 0,
        }  # fmt: skip
        assert document["calls"] == {"read": 3, "apply": 1, "reread": 1}
        assert document["meta"]["calls_made"] == 3
        (edit,) = document["edits"]
        assert edit["approval"].startswith("sha256:")
        assert edit | {"changes": [], "approval": ""} == {
            "customer_id": 8, "name": "Bolt", "file": "customers/bolt.yaml", "line": 1, "changes": [],
            "approval": "", "masked_hash": "", "warnings": [],
            "request": {"Customer": {"CustomerID": 8, "Fields": [{"Field": "Tier", "Value": "Gold"}]}},
            "needs": [], "temporary": False,
        }  # fmt: skip
        (change,) = edit["changes"]
        assert (change["attribute"], change["before"], change["after"]) == ("Fields.Tier", "Silver", "Gold")

    @pytest.mark.row("F91")
    def test_a_swap(self, shop: Workplace, server: Server) -> None:
        """Two names that change places go through one temporary name, in an order that works."""
        shop.customer("acme", "CustomerID: 7\nName: Bolt\nFields:\n  Tier: Silver\n")
        shop.customer("bolt", "CustomerID: 8\nName: ACME\n")
        document = shop.run("plan", "--format", "json").json
        assert [(it["customer_id"], it["needs"], it["temporary"]) for it in document["edits"]] == [
            (7, [], True), (8, [7], False), (7, [8], False),
        ]  # fmt: skip
        assert document["summary"]["edit"] == 2
        assert shop.run("apply", "--yes", "--parallel", "8").code == 0
        assert server.edits() == [
            {"CustomerID": 7, "Name": "Acme (renaming 7)"},
            {"CustomerID": 8, "Name": "ACME"},
            {"CustomerID": 7, "Name": "Bolt", "Fields": [{"Field": "Tier", "Value": "Silver"}]},
        ]
        assert shop.run("plan", "--detailed-exitcode").code == 0

    @pytest.mark.row("F94")
    def test_a_name_that_is_kept(self, shop: Workplace, server: Server) -> None:
        """A wanted name that its holder keeps is an error naming both, and nothing is sent."""
        shop.customer("acme", "CustomerID: 7\nName: bolt\n")
        (shop.folder / "customers/bolt.yaml").unlink()
        ran = shop.run("plan")
        assert ran.code == 1
        assert "customer 7 (Acme)" in ran.out
        assert "customer 8 (Bolt) has that name" in ran.out
        assert shop.run("apply", "--yes").code == 1
        assert server.edits() == []

    def test_without_an_id(self, shop: Workplace) -> None:
        """A file without an id is found by its exact name, and plan says which id to write down."""
        shop.customer("bolt", "Name: Bolt\nFields:\n  Tier: Gold\n")
        ran = shop.run("plan", "--format", "json")
        assert ran.json["unpinned"] == [
            {"customer_id": 8, "name": "Bolt", "file": "customers/bolt.yaml", "line": 1}
        ]
        assert "CustomerID: 8" in shop.run("plan").out

    @pytest.mark.row("B107")
    def test_selection(self, shop: Workplace, server: Server) -> None:
        """PATHS and --select narrow what is read; what matches nothing is an error."""
        wants_gold(shop)
        for words in (["customers/bolt.yaml"], ["--select", "8"], ["--select", "B*"], ["--select", "Bolt"]):
            before = len(server.calls())
            assert shop.run("plan", *words, "--detailed-exitcode").code == 2
            assert len(server.calls()) - before == 2
        assert shop.run("plan", "--select", "Acme", "--detailed-exitcode").code == 0
        for words in (["--select", "nobody"], ["--select", "acme"], ["customers/none.yaml"]):
            assert shop.run("plan", *words).code == 1
        for word, advice in (
            ("acme", 'case counts: there is "Acme"'),
            ("7,8", "give each id its own: --select 7 --select 8"),
            ("Fields.Teir=Gold", 'no file manages "Fields.Teir"; did you mean "Fields.Tier"?'),
        ):
            assert advice in shop.run("list", "--select", word).err

    def test_ignore_and_mask(self, shop: Workplace, server: Server) -> None:
        """Ignored is neither compared nor sent, and counted; masked is sent and shown nowhere."""
        shop.customer("bolt", "CustomerID: 8\nName: Bolt\nFields:\n  Tier: Gold\n  Zip: canary-77\n")
        flags = ["--ignore", "Fields.Tier", "--mask", "Fields.Zip"]
        saved = shop.folder / "plan.json"
        for output in ("text", "json", "markdown", "html"):
            ran = shop.run("plan", *flags, "--format", output, "--out", str(saved))
            assert "canary-77" not in ran.out + ran.err + saved.read_text()
        document = json.loads(saved.read_text())
        assert document["summary"]["ignored"] == 1
        assert [it["attribute"] for it in document["edits"][0]["changes"]] == ["Fields.Zip"]
        ran = shop.run("apply", "--yes", *flags, "-v")
        assert ran.code == 0
        assert server.edits() == [{"CustomerID": 8, "Fields": [{"Field": "Zip", "Value": "canary-77"}]}]
        journals = "".join(path.read_text() for path in (shop.folder / ".reconciler").rglob("*.jsonl"))
        assert "canary-77" not in ran.out + ran.err + journals
        assert "Fields.Zip" in journals

    def test_ways_to_compare(self, shop: Workplace, server: Server) -> None:
        """A typed field that means the same is no difference."""
        server.seed(
            Customer(8, "Bolt", fields={"Day": "4/16/2026", "Sum": "$1,200.00", "On": "1", "Tags": "b, a"}),
            fields=("Day", "Sum", "On", "Tags"),
        )
        (shop.folder / "customers/acme.yaml").unlink()
        text = "CustomerID: 8\nName: Bolt\nFields:\n  Day: 2026-04-16\n  Sum: 1200\n  On: Yes\n  Tags: a,b\n"
        shop.customer("bolt", text)
        shop.settings(
            "fields:\n  Day: {type: date}\n  Sum: {type: number}\n  On: {type: yesno}\n  Tags: {type: set}\n"
        )
        assert shop.run("plan", "--detailed-exitcode").code == 0
        shop.settings("fields:\n  Day: {type: date}\n  Sum: {type: number}\n  On: {type: yesno}\n")
        assert shop.run("plan", "--detailed-exitcode").code == 2

    @pytest.mark.row("F104")
    @pytest.mark.row("F102")
    def test_a_pasted_id(self, shop: Workplace, server: Server) -> None:
        """An id whose customer resembles the file in next to nothing is refused until it is confirmed."""
        shop.customer(
            "acme", "CustomerID: 7\nName: Cog\nWebsite: c\nAddress: 9 Side\nFields:\n  Tier: Gold\n  Zip: 1\n"
        )
        assert shop.run("plan", "--format", "json").json["summary"]["suspicious"] == 0
        shop.customer(
            "acme", "CustomerID: 7\nName: Cog\nWebsite: c\nAddress: 9 Side\nFields:\n  Tier: x\n  Zip: 1\n"
        )
        ran = shop.run("apply", "--yes")
        assert ran.code == 3
        assert "--confirm-identity 7" in ran.err
        assert server.edits() == []
        assert shop.run("apply", "--yes", "--confirm-identity", "7").code == 0


class TestApply:
    def test_the_report(self, shop: Workplace, server: Server) -> None:
        """With --format json the closing report is all of stdout."""
        wants_gold(shop)
        ran = shop.run("apply", "--yes", "--format", "json")
        assert ran.code == 0
        assert ran.json["summary"] == {
            "edited": 1, "not_taken": 0, "failed": 0, "held": 0, "not_tried": 0, "unknown": 0,
        }  # fmt: skip
        assert ran.json["calls"] == {"read": 3, "edit": 1}
        assert len(server.calls()) == 4

    @pytest.mark.row("B110")
    def test_the_answer_is_asked_for_at_a_terminal(self, shop: Workplace, server: Server) -> None:
        """Only the word yes is a yes."""
        wants_gold(shop)
        for answer, code, edits in (("Y\n", 3, 0), ("yes \n", 3, 0), ("\x04", 3, 0), ("yes\n", 0, 1)):
            child, terminal = pty.openpty()
            process = subprocess.Popen(
                [COMMAND, "apply"], cwd=shop.folder, env=shop.environment, stdin=terminal,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            os.write(child, answer.encode())
            process.communicate(timeout=20)
            os.close(child)
            os.close(terminal)
            assert process.returncode == code, answer
            assert len(server.edits()) == edits

    def test_a_value_that_rpm_rewrites(self, shop: Workplace, server: Server) -> None:
        """A rewritten value is told apart from an ignored one, with the type that would make the two equal."""
        server.seed(Customer(8, "Bolt", fields={"Day": ""}), fields=({"name": "Day", "kind": "date"}, "Tier"))
        server.knobs(dates="us")
        (shop.folder / "customers/acme.yaml").unlink()
        shop.customer("bolt", "CustomerID: 8\nName: Bolt\nFields:\n  Day: 2026-01-02\n")
        ran = shop.run("apply", "--yes")
        assert ran.code == 4
        assert "`Day: {type: date}`" in ran.out

    def test_somebody_elses_edit_is_reported_and_left(self, shop: Workplace, server: Server) -> None:
        """An attribute that was not sent and came back different is somebody else's."""
        wants_gold(shop)
        server.faults(
            {
                "endpoint": "CustomerEdit",
                "point": "P2",
                "action": {"do": "hand", "values": {"Fields.Zip": "77"}},
            }
        )
        ran = shop.run("apply", "--yes")
        assert ran.code == 0
        assert 'Fields.Zip "2" became "77"' in ran.out
        assert server.values()[8]["Fields.Zip"] == "77"

    def test_a_second_apply_is_locked_out(self, shop: Workplace, server: Server) -> None:
        """One apply at a time, also from another clone; the holder is named."""
        wants_gold(shop)
        server.faults({"endpoint": "CustomerEdit", "point": "P2", "action": "hang"})
        first = shop.start("apply", "--yes")
        while server.count("Customer") < 2:
            time.sleep(0.02)
        second = shop.run("apply", "--yes")
        assert second.code == 3
        assert f"process {first.pid}" in second.err
        first.kill()
        first.communicate()

    def test_a_redirect_is_not_followed(self, shop: Workplace, server: Server) -> None:
        """The key goes nowhere else."""
        reply = {"do": "reply", "status": 302, "headers": {"Location": "http://127.0.0.1:9/elsewhere"}}
        server.faults({"point": "P2", "action": reply})
        ran = shop.run("plan")
        assert ran.code == 1
        assert "redirected to http://127.0.0.1:9/elsewhere, which is not followed" in ran.err
        assert len(server.calls()) == 1


def test_the_embedded_rpm_needs_nothing(tmp_path: Path) -> None:
    """`url: sandbox:` plans and applies with no account, no key and no server of ours."""
    shop = Workplace(tmp_path / "repo", "sandbox:")
    del shop.environment["RPM_API_KEY"]
    del shop.environment["RPM_API_URL"]
    shop.settings("url: sandbox:   # as people write it\n")
    shop.customer("acme", "CustomerID: 10023\nName: Acme GmbH\n")
    assert shop.run("plan", "--detailed-exitcode").code == 2
    assert shop.run("apply", "--yes").code == 0
    assert shop.run("plan", "--detailed-exitcode").code == 0
    assert shop.run("sandbox", "edit", "10023", "Name=Acme Ltd").code == 0
    ran = shop.run("plan", "--format", "json")
    assert ran.json["target"] == {"url": "sandbox:", "subscriber_id": None}
    assert ran.json["edits"][0]["changes"][0]["before"] == "Acme Ltd"
    assert shop.run("sandbox", "reset").code == 0
