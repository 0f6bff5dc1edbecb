"""A saved plan is a permission: what it names may run, and nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.core.errors import InputError, Refused
from reconciler.plan.document import approvals, dump, fingerprint
from reconciler.plan.saved import _plan, plan_of, read_document
from tests.kit.server import Customer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.server import Server
    from tests.kit.workplace import Workplace


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """Three customers: two change names, one changes a field; one of them is name-only."""
    server.seed(
        Customer(7, "Acme", fields={"Tier": "Gold"}),
        Customer(8, "Bolt", fields={"Tier": "Silver"}),
        Customer(9, "Cog", fields={"Tier": "Silver"}),
        Customer(10, "Dot", fields={"Tier": "Gold"}),
        fields=("Tier",),
    )
    place.customer("acme", "CustomerID: 7\nName: Bolt\nFields:\n  Tier: Gold\n")
    place.customer("bolt", "CustomerID: 8\nName: Acme\n")
    place.customer("cog", "CustomerID: 9\nName: Cog\nFields:\n  Tier: Gold\n")
    place.customer("dot", "CustomerID: 10\nName: Dot\nFields:\n  Tier: Gold\n")
    assert place.run("plan", "--out", "plan.json").code == 0
    return place


def saved(shop: Workplace) -> Path:
    """The plan file."""
    return shop.folder / "plan.json"


def forge(shop: Workplace, change: Callable[[dict[str, Any]], object]) -> None:
    """Alter the plan and make its sums right again."""
    document = json.loads(saved(shop).read_text())
    change(document)
    body = {key: value for key, value in document.items() if key not in {"checksum", "meta"}}
    document["checksum"] = fingerprint(body)
    saved(shop).write_text(dump(document))


def test_it_runs_with_as_few_calls_as_can_be(shop: Workplace, server: Server) -> None:
    """One list and one read a planned customer whose file manages more than its name, then the edits."""
    before = len(server.calls())
    assert shop.run("apply", "plan.json", "--yes").code == 0
    assert sorted(server.calls()[before:]) == sorted(
        ["Customers", "Customer", "Customer", *["CustomerEdit"] * 4]
    )
    assert shop.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.row("F123")
def test_it_can_be_run_again(shop: Workplace, server: Server) -> None:
    """All done is exit 0, and nothing is sent."""
    assert shop.run("apply", "plan.json", "--yes").code == 0
    edits = len(server.edits())
    assert shop.run("apply", "plan.json", "--yes").code == 0
    assert len(server.edits()) == edits


@pytest.mark.parametrize("done", [1, 2, 3])
def test_what_is_left_of_it_is_finished(done: int, shop: Workplace, server: Server) -> None:
    """After a kill in the middle, the same file finishes the work."""
    server.faults({"endpoint": "CustomerEdit", "nth": done + 1, "point": "P2", "action": {"do": "hang"}})
    child = shop.start("apply", "plan.json", "--yes", "--parallel", "1")
    while server.count("CustomerEdit") < done:
        time.sleep(0.01)
    time.sleep(0.3)
    child.kill()
    child.communicate()
    server.faults()
    ran = shop.run("apply", "plan.json", "--yes")
    assert ran.code == 0, ran.err
    assert shop.run("plan", "--detailed-exitcode").code == 0


def test_untouched_customers_do_not_spoil_it(shop: Workplace, server: Server) -> None:
    """Somebody's edit of a customer that the plan does not name changes nothing about it."""
    server.by_hand(10, {"Fields.Tier": "Bronze"})
    assert shop.run("apply", "plan.json", "--yes").code == 0


@pytest.mark.row("F80")
@pytest.mark.parametrize("values", [{"Name": "Else"}, {"Fields.Tier": "Bronze"}])
def test_a_customer_that_moved_makes_it_stale(
    values: dict[str, str], shop: Workplace, server: Server
) -> None:
    """What moved is said, and nothing is edited."""
    server.by_hand(9, values)
    ran = shop.run("apply", "plan.json", "--yes")
    assert ran.code == 3
    assert "customer 9" in ran.err
    assert "stale" in ran.err
    assert server.edits() == []


MOVED = [
    pytest.param(
        {"Fields.Tier": "Bronze"}, None, ['Fields.Tier in RPM went from "Silver" to "Bronze"'], id="rpm"
    ),
    pytest.param(
        {}, "Fields:\n  Tier: Platinum\n", ['Fields.Tier in YAML went from "Gold" to "Platinum"'], id="yaml"
    ),
    pytest.param(
        {"Website": "https://x.example"},
        "Website: ''\nFields:\n  Tier: Gold\n",
        ['Website is to be edited too, which is not in the plan: Website from "https://x.example" to ""'],
        id="one more",
    ),
    pytest.param(
        {"Fields.Tier": "Bronze"},
        "Fields:\n  Tier: Bronze\n",
        [
            'Fields.Tier is "Bronze" in RPM and needs no edit; the plan says Fields.Tier from "Silver" to "Gold"'
        ],
        id="both to another value",
    ),
    pytest.param({}, None, ["customer 9 (Cog) is in no customer file any more"], id="no file"),
]


@pytest.mark.row("F121")
@pytest.mark.parametrize(("by_hand", "file", "said"), MOVED)
def test_what_moved_is_named_from_what_to_what(
    by_hand: dict[str, str],
    file: str | None,
    said: list[str],
    shop: Workplace,
    server: Server,
    request: pytest.FixtureRequest,
) -> None:
    """By customer and attribute, whichever side it was."""
    if by_hand:
        server.by_hand(9, by_hand)
    if file:
        shop.customer("cog", f"CustomerID: 9\nName: Cog\n{file}")
    if "no file" in request.node.name:
        (shop.folder / "customers/cog.yaml").unlink()
    ran = shop.run("apply", "plan.json", "--yes")
    assert ran.code == 3, ran.out
    assert "the plan plan.json is stale; nothing was edited:" in ran.err
    for words in said:
        assert words in ran.err
    assert server.edits() == []


def test_a_customer_that_left_rpm_is_named(shop: Workplace, server: Server) -> None:
    """Its edit is neither wanted nor done."""
    server.delete(9)
    ran = shop.run("apply", "plan.json", "--yes")
    assert ran.code == 3
    assert "customer 9 (Cog) is not in RPM any more" in ran.err


@pytest.mark.row("F121")
def test_files_that_moved_make_it_stale(shop: Workplace, server: Server) -> None:
    """The edits come from the YAML of the checkout, not from the plan file."""
    shop.customer("cog", "CustomerID: 9\nName: Cog\nFields:\n  Tier: Platinum\n")
    assert shop.run("apply", "plan.json", "--yes").code == 3
    assert server.edits() == []


@pytest.mark.row("F124")
@pytest.mark.parametrize("row", [
    pytest.param(lambda plan: plan["edits"][-1]["request"]["Customer"].update(Website="http://evil.example"), id="B118-field"),
    pytest.param(lambda plan: plan["edits"][-1].update(customer_id=10), id="B118-id"),
    pytest.param(lambda plan: plan["edits"][-1]["changes"][0].update(after="Platinum"), id="B118-value"),
    pytest.param(lambda plan: plan["edits"].pop(), id="B118-count"),
    pytest.param(lambda plan: plan["edits"][0].pop("needs"), id="B117-part"),
    pytest.param(lambda plan: plan.update(edits=7), id="B117-kind"),
])  # fmt: skip
def test_a_forged_plan_is_refused(
    row: Callable[[dict[str, Any]], object], shop: Workplace, server: Server
) -> None:
    """Right sums do not help a plan whose parts do not fit each other."""
    forge(shop, row)
    ran = shop.run("apply", "plan.json", "--yes")
    assert ran.code == 3, ran.out
    assert server.edits() == []


@pytest.mark.row("F124")
def test_a_plan_forged_in_every_part_is_refused(shop: Workplace, server: Server) -> None:
    """A value that YAML does not have, with request, digest and sums all made to fit, is found by looking afresh."""

    def platinum(document: dict[str, Any]) -> None:
        edit = next(it for it in document["edits"] if it["customer_id"] == 9)
        edit["changes"][0]["after"] = "Platinum"
        edit["request"]["Customer"]["Fields"][0]["Value"] = "Platinum"
        edit["approval"] = approvals(_plan(document)).edits[-1]
        document["digest"] = approvals(_plan(document)).digest

    forge(shop, platinum)
    ran = shop.run("apply", "plan.json", "--yes")
    assert ran.code == 3
    assert 'customer 9 (Cog): Fields.Tier in YAML went from "Platinum" to "Gold"' in ran.err
    assert server.edits() == []


@pytest.mark.parametrize("change", [
    pytest.param({"format_version": "2.0"}, id="F120"),
    pytest.param({"target": {"url": "https://secure.rpmtelco.com/rpm/api2.svc/", "subscriber_id": None}}, id="target"),
])  # fmt: skip
def test_a_foreign_plan_is_refused_before_any_call(
    change: dict[str, Any], shop: Workplace, server: Server
) -> None:
    """Made for another RPM, or in a format of another time: not a single call."""
    forge(shop, lambda plan: plan.update(change))
    before = len(server.calls())
    assert shop.run("apply", "plan.json", "--yes").code == 3
    assert len(server.calls()) == before


@pytest.mark.row("F117")
def test_every_altered_byte_is_found(shop: Workplace) -> None:
    """Each byte flipped, each length cut: refused; so little of it that it could be anything is bad input."""
    content = saved(shop).read_bytes()
    plan_of(read_document(content, "plan.json"), "plan.json")
    for at in range(len(content)):
        with pytest.raises(Refused):
            read_document(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :], "plan.json")
    for at in range(0, len(content), 7):
        with pytest.raises(Refused if at >= content.index(b":") else InputError):
            read_document(content[:at], "plan.json")


@pytest.mark.row("B119")
@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"a": NaN}', b'{"a": 1, "a": 1}', b"", b"\xff\xfe", b"[]", b"{}"]
)
def test_what_is_no_plan_is_bad_input(content: bytes, shop: Workplace) -> None:
    """Not JSON, not an object, or too deep: the same short error; 3 is for a plan that was altered."""
    saved(shop).write_bytes(content)
    ran = shop.run("show", "plan.json")
    said = "reading the plan plan.json: it is not a plan\n  → `reconciler plan --out FILE` saves one\n"
    assert (ran.code, ran.err) == (1, f"Error: {said}")


@pytest.mark.row("B120")
@pytest.mark.parametrize("name", ["nowhere.json", "pipe.json", "https://x.example/plan.json"])
def test_a_plan_is_a_regular_file(name: str, shop: Workplace) -> None:
    """A pipe, a URL or nothing is not read."""
    os.mkfifo(shop.folder / "pipe.json")
    ran = shop.run("apply", name, "--yes")
    assert ran.code == 1
    why = "it is not a file" if name == "pipe.json" else "there is no such file"
    assert f": {why}\n" in ran.err


@pytest.mark.row("B121")
def test_a_plan_file_is_private(shop: Workplace) -> None:
    """0600, since it holds customers' values."""
    assert saved(shop).stat().st_mode & 0o777 == 0o600


def test_show_gives_it_in_every_format(shop: Workplace) -> None:
    """Without a call, the same as when it was made."""
    for output in ("text", "json", "markdown", "html"):
        assert (
            "Cog" in shop.run("show", "plan.json", "--format", output, RPM_API_URL="http://127.0.0.1:9").out
        )
    assert shop.run("show", "plan.json", "--format", "json").out == saved(shop).read_text()


@pytest.mark.row("B122")
def test_expect(shop: Workplace, server: Server) -> None:
    """Only the digest that was approved runs; a part of it or another spelling is another."""
    approved = json.loads(saved(shop).read_text())["digest"]
    for wrong in (approved[:-1], approved.upper(), approved.replace("sha256:", ""), "md5:1"):
        ran = shop.run("apply", "--yes", "--expect", wrong)
        assert ran.code == 3
        assert approved in ran.err
    assert server.edits() == []
    assert shop.run("apply", "--yes", "--expect", approved).code == 0


def test_the_digest_covers_edits_and_nothing_else(shop: Workplace, server: Server) -> None:
    """Untouched customers and moved files change no digest; a before-value or a request does."""

    def made() -> str:
        text: str = shop.run("plan", "--format", "json").json["digest"]
        return text

    first = made()
    server.by_hand(10, {"Website": "https://x.example"})
    (shop.folder / "customers/cog.yaml").rename(shop.folder / "customers/moved.yaml")
    assert made() == first
    server.by_hand(9, {"Fields.Tier": "Bronze"})
    assert made() != first


class TestMasked:
    """A masked value is in no plan, and yet only the one that was approved is sent."""

    @pytest.fixture
    def shop(self, server: Server, place: Workplace) -> Workplace:
        """One customer whose tax id changes, beside its tier."""
        server.seed(Customer(7, "Acme", fields={"Tax id": "old", "Tier": "A"}), fields=("Tax id", "Tier"))
        place.settings("mask: [Fields.Tax id]\n")
        self.wants(place, "né-1")
        assert place.run("plan", "--out", "plan.json").code == 0
        return place

    @staticmethod
    def wants(place: Workplace, tax_id: str, tier: str = "B") -> None:
        """YAML as it is now."""
        place.customer("acme", f"CustomerID: 7\nName: Acme\nFields:\n  Tax id: {tax_id}\n  Tier: {tier}\n")

    def test_the_hash_is_as_it_is_documented(self, shop: Workplace) -> None:
        """Anybody who knows the values can recompute it; nothing in the plan tells them."""
        text = saved(shop).read_text()
        (edit,) = json.loads(text)["edits"]
        values = '{"Fields.Tax id":"né-1"}'.encode()
        salt = b'[7,["Fields.Tax id"]]'
        key = hashlib.scrypt(values, salt=salt, n=2**14, r=8, p=1, dklen=32)
        assert edit["masked_hash"] == f"scrypt:1:{key.hex()}"
        assert "né-1" not in text
        assert "old" not in text

    def test_another_value_behind_it_is_refused(self, shop: Workplace, server: Server) -> None:
        """By the plan file and by the digest alike."""
        approved = json.loads(saved(shop).read_text())["digest"]
        self.wants(shop, "né-2")
        ran = shop.run("apply", "plan.json", "--yes")
        assert ran.code == 3
        assert "Fields.Tax id (masked) in YAML is not what the plan was to send" in ran.err
        assert shop.run("apply", "--expect", approved, "--yes").code == 3
        assert server.edits() == []
        self.wants(shop, "né-1")
        assert shop.run("apply", "--expect", approved, "--yes").code == 0

    def test_the_rest_of_a_half_done_plan_is_covered(self, shop: Workplace, server: Server) -> None:
        """Each edit has a hash of its own."""
        server.by_hand(7, {"Fields.Tier": "B"})
        self.wants(shop, "né-2")
        assert shop.run("apply", "plan.json", "--yes").code == 3
        assert server.edits() == []

    def test_that_a_move_in_rpm_would_not_be_noticed_is_said(self, shop: Workplace) -> None:
        """Beside the edit, since there is no hash of the value before it."""
        (edit,) = json.loads(saved(shop).read_text())["edits"]
        assert edit["warnings"] == [
            "Fields.Tax id: masked, so a change in RPM after this plan was made would not be noticed"
        ]

    def test_a_mask_that_came_or_went_is_named(self, shop: Workplace, server: Server) -> None:
        """The plan was made under other settings."""
        shop.settings("mask: []\n")
        ran = shop.run("apply", "plan.json", "--yes")
        assert ran.code == 3
        assert "Fields.Tax id is not masked any more" in ran.err
        assert server.edits() == []
