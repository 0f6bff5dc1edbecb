"""The third side, where it is not simply there: moved, new, a link, broken, left behind. Each ends named, and nothing is taken for absent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.kit.git import Git
from tests.kit.server import Customer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kit.server import Server
    from tests.kit.workplace import Ran, Workplace

SETTINGS = "limits: {percent: 100}\n"
FIELDS = ("Tier", "Zip", "Tax id", "A", "B", "C")


def acme(tier: str, more: str = "") -> str:
    """Customer 7."""
    return f"CustomerID: 7\nName: Acme\nFields:\n  Tier: {tier}\n{more}"


def bolt(tier: str) -> str:
    """Customer 8."""
    return f"CustomerID: 8\nName: Bolt\nFields:\n  Tier: {tier}\n"


class Shop:
    """A repository whose main is what RPM has, on a branch of it."""

    def __init__(self, place: Workplace, server: Server) -> None:
        self.place, self.server = place, server
        server.seed(
            Customer(7, "Acme", fields={"Tier": "A"}),
            Customer(8, "Bolt", fields={"Tier": "A"}),
            fields=FIELDS,
        )
        self.git = Git.init(place.folder)
        place.file(".gitignore", "home/\nplan.json\n.reconciler/\n")
        place.settings(SETTINGS)
        self.git.commit("begin", acme=acme("A"), bolt=bolt("A"))
        self.git("switch", "--quiet", "--create", "branch")

    def rpm_says(self, tier: str) -> None:
        """Somebody edits customer 7 by hand."""
        self.server.by_hand(7, {"Fields.Tier": tier})

    def on_main(self, change: Callable[[], object]) -> None:
        """Somebody else's commit reaches main; the branch stays where it is."""
        self.git("switch", "--quiet", "main")
        change()
        self.git.commit("on main")
        self.git("switch", "--quiet", "branch")

    def plan(self, *words: str) -> dict[str, Any]:
        """The plan document against main."""
        ran = self.place.run("plan", "--format", "json", "--base", "main", *words)
        assert ran.code == 0, ran.err
        document: dict[str, Any] = json.loads(ran.out)
        return document

    def apply(self, *words: str) -> Ran:
        """Apply against main without asking."""
        return self.place.run("apply", "--yes", "--base", "main", *words)


@pytest.fixture
def shop(place: Workplace, server: Server) -> Shop:
    """On a branch of main."""
    return Shop(place, server)


def only_change(document: dict[str, Any]) -> dict[str, Any]:
    """The one change of the one edit."""
    (edit,) = document["edits"]
    (change,) = edit["changes"]
    found: dict[str, Any] = change
    return found


def move_folder(shop: Shop) -> None:
    """The customers folder has another name, and the settings say so."""
    shop.git("mv", "customers", "people")
    shop.place.settings(SETTINGS + "customers: people\n")


def move_all(shop: Shop) -> None:
    """Settings and customers lie in a folder of their own."""
    (shop.place.folder / "rpm").mkdir()
    shop.git("mv", "customers", "reconciler.yaml", "rpm")
    shop.place.folder = shop.place.folder / "rpm"


class TestMoved:
    """K1: a folder that moved since base is found by base's own settings, so a hand edit is still seen as one."""

    @pytest.mark.parametrize(
        ("move", "file"), [(move_folder, "people/acme.yaml"), (move_all, "customers/acme.yaml")]
    )
    def test_a_conflict_stays_one(self, move: Callable[[Shop], None], file: str, shop: Shop) -> None:
        """It was a change, applied over the hand edit with exit 0."""
        move(shop)
        shop.place.file(file, acme("B"))
        shop.git.commit("moved")
        shop.rpm_says("C")
        document = shop.plan()
        assert only_change(document)["class"] == "conflict"
        assert document["base"]["first"] == ""
        assert [it["setting"] for it in document["rules_changed"]] == ["customers"]
        ran = shop.apply()
        assert ran.code == 3
        assert "--confirm-conflicts 1" in ran.err
        assert shop.server.edits() == []

    def test_changed_narrows_nothing_and_says_why(self, shop: Shop) -> None:
        """Base is read by other settings, so what differs from it is not what the branch changed."""
        move_folder(shop)
        shop.git.commit("moved")
        document = shop.plan("--changed")
        assert document["summary"]["unchanged"] == 2
        assert document["notes"] == [
            "--changed narrows nothing here: customers of reconciler.yaml differs from main"
        ]

    def test_an_audit_of_a_commit_finds_it_too(self, shop: Shop) -> None:
        """It said that nothing had drifted, of 0 customers."""
        move_folder(shop)
        shop.rpm_says("C")
        ran = shop.place.run("drift", "--base", "main", "--format", "json")
        assert ran.code == 2
        assert ran.json["coverage"]["managed"] == 2

    def test_adopt_takes_the_drift(self, shop: Shop) -> None:
        """It said that nothing had drifted."""
        move_folder(shop)
        shop.git.commit("moved")
        shop.rpm_says("C")
        ran = shop.place.run("adopt", "--base", "main")
        assert ran.code == 0, ran.err
        assert "Tier: C" in (shop.place.folder / "people/acme.yaml").read_text()

    def test_several_that_could_be_meant_are_named(self, shop: Shop) -> None:
        """No guess by likeness."""
        shop.on_main(lambda: shop.place.file("other/reconciler.yaml", SETTINGS))
        shop.git("merge", "--quiet", "main")
        shop.git("rm", "--quiet", "-r", "other")
        move_all(shop)
        shop.git.commit("moved and removed")
        ran = shop.place.run("plan", "--base", "main")
        assert ran.code == 1
        assert (
            "several reconciler.yaml that this checkout lacks: other/reconciler.yaml, reconciler.yaml"
            in ran.err
        )


class TestFirst:
    """Where base has nobody, every attribute counts as new, and the plan says so."""

    def test_the_first_branch_with_customers(self, place: Workplace, server: Server) -> None:
        """Main has a README; the branch brings settings and customers."""
        server.seed(Customer(7, "Acme", fields={"Tier": "A"}), fields=FIELDS)
        git = Git.init(place.folder)
        place.file(".gitignore", "home/\n")
        git.commit("begin")
        git("switch", "--quiet", "--create", "branch")
        place.settings(SETTINGS)
        git.commit("customers", acme=acme("B"))
        ran = place.run("plan", "--base", "main", "--format", "json")
        assert only_change(ran.json)["class"] == "change"
        assert ran.json["base"]["first"] == "main has no reconciler.yaml for it"
        assert ran.json["rules_changed"] == [{"setting": "limits.percent", "before": None, "after": "100"}]
        text = place.run("plan", "--base", "main").out.splitlines()
        assert text[1] == "This branch changes what judges this plan: limits.percent none → 100"
        assert "This branch is the first, so every attribute counts as new" in text[2]
        assert place.run("apply", "--yes", "--base", "main", "--changed").code == 0
        ran = place.run("adopt", "--base", "main")
        assert "Nothing has drifted" in ran.out
        assert "none as drift" in ran.err

    def test_a_second_folder_with_a_subscription_of_its_own(self, shop: Shop) -> None:
        """The other's settings are not its base, but what they mask stays masked."""
        shop.on_main(lambda: shop.place.settings(SETTINGS + "mask: [Fields.Tax id]\n"))
        shop.git("merge", "--quiet", "main")
        shop.server.by_hand(8, {"Fields.Tax id": "canary-9"})
        shop.place.file("second/reconciler.yaml", SETTINGS + "subscriber: 1207\n")
        shop.place.file("second/customers/bolt.yaml", "CustomerID: 8\nName: Bolt\nFields:\n  Tax id: x\n")
        shop.git.commit("second")
        shop.place.folder = shop.place.folder / "second"
        ran = shop.place.run("plan", "--base", "main", "--format", "json")
        assert ran.code == 0, ran.err
        assert "canary-9" not in ran.out
        assert only_change(ran.json)["masked"]
        assert {it["setting"] for it in ran.json["rules_changed"]} == {"limits.percent", "subscriber"}

    def test_without_settings_on_either_side_both_go_by_the_defaults(self, shop: Shop) -> None:
        """Base is not taken for the first branch only because nobody wrote settings."""
        shop.git("switch", "--quiet", "main")
        shop.git("rm", "--quiet", "reconciler.yaml")
        shop.git.commit("no settings")
        shop.git("switch", "--quiet", "--create", "next")
        shop.git.commit("B", acme=acme("B"))
        shop.rpm_says("C")
        document = shop.plan()
        assert (document["base"]["first"], document["rules_changed"]) == ("", [])
        assert (only_change(document)["base"], only_change(document)["class"]) == ("A", "conflict")

    def test_an_audit_of_a_commit_without_customers_is_an_error(self, shop: Shop) -> None:
        """Nothing is never taken for no drift."""
        empty = shop.git("commit-tree", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "-m", "empty")
        ran = shop.place.run("drift", "--base", empty)
        assert ran.code == 1
        assert "has no reconciler.yaml for it" in ran.err
        assert shop.server.calls() == []


def as_link(shop: Shop) -> None:
    """The folder is a link to another."""
    shop.git("mv", "customers", "people")
    (shop.place.folder / "customers").symlink_to("people")


def as_submodule(shop: Shop) -> None:
    """The folder is somebody else's repository."""
    shop.git("rm", "--quiet", "-r", "customers")
    head = shop.git("rev-parse", "HEAD")
    shop.git("update-index", "--add", "--cacheinfo", f"160000,{head},customers")


def as_file(shop: Shop) -> None:
    """The folder is a file."""
    shop.git("rm", "--quiet", "-r", "customers")
    shop.place.file("customers", "gone\n")


class TestNoFolder:
    """K1: what is there and is no folder is an error, in every command that reads base."""

    @pytest.mark.parametrize(
        ("make", "kind"), [(as_link, "symbolic link"), (as_submodule, "submodule"), (as_file, "file")]
    )
    def test_what_stands_in_its_place_is_named(
        self, make: Callable[[Shop], None], kind: str, shop: Shop
    ) -> None:
        """Nothing is compared with nothing."""
        shop.git("switch", "--quiet", "main")
        make(shop)
        if kind != "submodule":
            shop.git("add", "--all")
        shop.git("commit", "--quiet", "-m", "strange")
        shop.git("switch", "--quiet", "--force", "--create", "repaired")
        shop.git("rm", "--quiet", "--cached", "-r", "--ignore-unmatch", "customers", "people")
        (shop.place.folder / "customers").unlink(missing_ok=True)
        shop.git.commit("repaired", acme=acme("B"), bolt=bolt("A"))
        for words in (["plan"], ["drift"], ["adopt"], ["apply", "--yes"]):
            ran = shop.place.run(*words, "--base", "main")
            assert ran.code == 1, words
            assert f"customers is a {kind} there, not a folder" in ran.err
        assert shop.server.calls() == []


class TestNotSaid:
    """K1: a base that breaks a rule does not make its repair impossible, and is not taken for absent."""

    def test_a_broken_file_is_repaired(self, shop: Shop) -> None:
        """What it said is not known, so a hand edit could lie under the repair: that is a conflict, and named so."""
        shop.git("switch", "--quiet", "main")
        shop.git.commit("broken", acme="CustomerID: 7\nName: Acme\nFields: [\n")
        shop.git("switch", "--quiet", "--create", "repair")
        shop.git.commit("repaired", acme=acme("B"))
        ran = shop.place.run("plan", "--base", "main", "--format", "json")
        change = only_change(ran.json)
        assert (change["class"], change["base"]) == ("conflict", None)
        assert change["reason"].startswith("main:customers/acme.yaml:4:1: ")
        assert "main:customers/acme.yaml:4:1: warning: " in ran.err
        assert [it["file"] for it in ran.json["base"]["not_said"]] == ["main:customers/acme.yaml"]
        assert "its value at main cannot be read" in shop.place.run("plan", "--base", "main").out
        assert shop.apply().code == 3
        assert shop.apply("--confirm-conflicts", "1").code == 0
        assert shop.plan()["edits"] == []

    def test_an_option_that_is_gone_spoils_one_attribute(self, shop: Shop) -> None:
        """The other attributes of that customer are judged as ever."""
        settings = SETTINGS + "fields: {Tier: {type: list, options: [X, Y]}}\n"
        shop.git("switch", "--quiet", "main")
        shop.place.settings(settings)
        shop.git.commit("options", acme=acme("A", "  Zip: '1'\n"), bolt=bolt("X"))
        shop.git("switch", "--quiet", "--create", "repair")
        shop.git.commit("repaired", acme=acme("X", "  Zip: '1'\n"))
        shop.server.by_hand(7, {"Fields.Zip": "2"})
        shop.server.by_hand(8, {"Fields.Tier": "X"})
        (edit,) = shop.plan()["edits"]
        assert {it["attribute"]: it["class"] for it in edit["changes"]} == {
            "Fields.Tier": "conflict",
            "Fields.Zip": "drift",
        }

    def test_what_may_be_anybodys_spoils_whoever_is_not_found(self, shop: Shop) -> None:
        """The broken file may have been the new customer's."""
        shop.git("switch", "--quiet", "main")
        shop.git.commit("broken", other="Name: [\n")
        shop.git("switch", "--quiet", "--create", "new")
        shop.git("rm", "--quiet", "customers/other.yaml")
        shop.server.seed(
            Customer(7, "Acme", fields={"Tier": "A"}),
            Customer(8, "Bolt", fields={"Tier": "A"}),
            Customer(9, "Cog", fields={"Tier": "A"}),
            fields=FIELDS,
        )
        shop.git.commit("new", acme=acme("B"), cog="CustomerID: 9\nName: Cog\nFields:\n  Tier: B\n")
        classes = {it["customer_id"]: it["changes"][0]["class"] for it in shop.plan()["edits"]}
        assert classes == {7: "change", 9: "conflict"}

    def test_settings_that_cannot_be_read_say_nothing_and_hide_everything(self, shop: Shop) -> None:
        """What they mask is not known, so no value of RPM is shown, and nothing is sent."""
        shop.git("switch", "--quiet", "main")
        shop.place.settings("mask: Fields.Tier\n")
        shop.git.commit("broken")
        shop.git("switch", "--quiet", "--create", "repair")
        shop.place.settings(SETTINGS)
        shop.git.commit("repaired", acme=acme("B"))
        shop.rpm_says("canary-5")
        for output in ("text", "json", "markdown", "html"):
            ran = shop.place.run("plan", "--base", "main", "--format", output)
            assert ran.code == 0, ran.err
            assert "canary-5" not in ran.out + ran.err
        document = shop.plan()
        change = only_change(document)
        assert (change["class"], change["before"], change["base"]) == ("conflict", "(masked)", None)
        assert document["rules_changed"][0]["before"] == "(cannot be read)"
        ran = shop.apply("--confirm-conflicts", "1")
        assert ran.code == 3
        assert "the settings at main cannot be read" in ran.err
        ran = shop.place.run("adopt", "--base", "main")
        assert "canary-5" not in ran.out + ran.err
        assert "conflict: its value at main cannot be read; decide by hand" in ran.out
        assert shop.server.edits() == []

    def test_a_submodule_at_base_that_is_a_folder_now_may_have_been_anybodys(self, shop: Shop) -> None:
        """Its files are in no commit of this repository; whoever is found nowhere else may have been in it."""
        shop.git("switch", "--quiet", "main")
        shop.git("rm", "--quiet", "customers/bolt.yaml")
        head = shop.git("rev-parse", "HEAD")
        shop.git("update-index", "--add", "--cacheinfo", f"160000,{head},customers/eu")
        shop.git("commit", "--quiet", "-m", "a submodule")
        shop.git("switch", "--quiet", "--create", "folder")
        shop.git("rm", "--quiet", "--cached", "customers/eu")
        shop.place.file("customers/eu/bolt.yaml", bolt("B"))
        shop.git.commit("a folder", acme=acme("B"))
        document = shop.plan()
        assert [it["file"] for it in document["base"]["not_said"]] == ["main:customers/eu"]
        classes = {it["customer_id"]: it["changes"][0]["class"] for it in document["edits"]}
        assert classes == {7: "change", 8: "conflict"}

    def test_an_audit_of_a_commit_is_not_stopped_by_the_checkout(self, shop: Shop) -> None:
        """It compares that commit with RPM; what lies on disk beside the settings is not read."""
        shop.place.customer("broken", "Name: [\n")
        assert shop.place.run("drift", "--base", "main").code == 0
        assert shop.place.run("drift").code == 1

    def test_hidden_files_of_a_commit_are_read_as_little_as_on_disk(self, shop: Shop) -> None:
        """One definition of a customer file: else base would say what the checkout never can."""
        shop.git("switch", "--quiet", "main")
        shop.place.file("customers/.old/acme.yaml", acme("C"))
        shop.place.file("customers/.acme.yaml", "Name: [\n")
        shop.git.commit("hidden")
        shop.git("switch", "--quiet", "--create", "next")
        shop.git.commit("B", acme=acme("B"))
        document = shop.plan()
        assert only_change(document)["base"] == "A"
        assert document["base"]["not_said"] == []


class TestForkPoint:
    """K2: base is where the branch parted, and what REF says since is told."""

    def test_a_stale_branch_does_not_revert_what_others_merged(self, shop: Shop) -> None:
        """It reverted main with exit 0."""
        shop.on_main(lambda: shop.git.write(acme=acme("B")))
        shop.rpm_says("B")
        shop.git.commit("mine", bolt=bolt("B"))
        document = shop.plan("--changed")
        assert [it["customer_id"] for it in document["edits"]] == [8]
        assert (document["base"]["ahead"], document["base"]["touched"]) == (1, [])
        out = shop.place.run("plan", "--base", "main", "--changed").out
        assert "main has moved on by 1 commit since the merge base" in out
        assert shop.apply("--changed").code == 0
        assert shop.server.values()[7]["Fields.Tier"] == "B"

    def test_a_planned_customer_that_ref_changed_is_refused(self, shop: Shop) -> None:
        """Their YAML at REF is neither the merge base's nor this checkout's."""
        shop.on_main(lambda: shop.git.write(acme=acme("C")))
        shop.git.commit("mine", acme=acme("B"))
        assert shop.plan()["base"]["touched"] == [7]
        ran = shop.apply()
        assert ran.code == 3
        assert "main has moved on by 1 commit and changed what this plan edits: 7 (Acme)" in ran.err
        assert shop.server.edits() == []

    @pytest.mark.parametrize("theirs", ["B", "Name: [\n"])
    def test_what_ref_says_alike_is_no_matter_and_what_it_does_not_say_is(
        self, theirs: str, shop: Shop
    ) -> None:
        """The same change on both is fine; what cannot be read there may be anything."""
        shop.on_main(lambda: shop.git.write(acme=acme("B") if theirs == "B" else theirs))
        shop.git.commit("mine", acme=acme("B"))
        assert shop.plan()["base"]["touched"] == ([] if theirs == "B" else [7])
        assert shop.apply().code == (0 if theirs == "B" else 3)

    def test_a_local_branch_behind_its_upstream(self, shop: Shop) -> None:
        """HEAD was made from what main lacks, so main would call merged work this branch's own."""
        shop.git("update-ref", "refs/remotes/origin/main", "main")
        shop.git.config("remote.origin.url", "https://git.example/")
        shop.git.config("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
        shop.git.config("branch.main.remote", "origin")
        shop.git.config("branch.main.merge", "refs/heads/main")
        shop.git.commit("merged by others", acme=acme("B"))
        shop.git("update-ref", "refs/remotes/origin/main", "HEAD")
        shop.git.commit("mine", bolt=bolt("B"))
        ran = shop.apply()
        assert ran.code == 3
        assert "main is 1 commit behind origin/main: use --base origin/main" in ran.err
        assert (shop.plan()["base"]["upstream"], shop.plan()["base"]["behind"]) == ("origin/main", 1)
        assert shop.place.run("plan", "--base", "origin/main").code == 0

    def test_a_tag_of_the_same_name_is_an_error(self, shop: Shop) -> None:
        """It took the branch's place in silence."""
        shop.git("tag", "main", "HEAD")
        ran = shop.place.run("plan", "--base", "main")
        assert ran.code == 1
        assert "refs/heads/main" in ran.err
        assert "refs/tags/main" in ran.err


class TestRules:
    """K10: a branch that changes what judges it says so, and cannot show what base hides."""

    def test_every_setting_that_judges_is_named(self, shop: Shop) -> None:
        """In the second line and in JSON, before and after."""
        shop.place.settings(
            "limits: {percent: 50, edits: 5}\nignore: [Fields.A]\nmask: [Fields.B]\nread_age: 5\nrefresh: modified\n"
            "fields: {Zip: {type: number}}\nparallel: 3\n"
        )
        shop.git.commit("rules", acme=acme("B"))
        changed = {it["setting"]: (it["before"], it["after"]) for it in shop.plan()["rules_changed"]}
        assert changed == {
            "limits.edits": ("200", "5"),
            "limits.percent": ("100", "50"),
            "ignore": (None, "Fields.A"),
            "mask": (None, "Fields.B"),
            "read_age": ("10", "5"),
            "refresh": ("full", "modified"),
            "fields.Zip": (None, "number"),
        }
        for output in ("text", "markdown", "html"):
            said = shop.place.run("plan", "--base", "main", "--format", output).out
            assert "This branch changes what judges this plan" in said
        assert "limits.edits 200 → 5" in shop.place.run("plan", "--base", "main").out.splitlines()[1]

    def test_a_branch_cannot_unmask(self, shop: Shop) -> None:
        """Neither by removing the entry nor by spelling it otherwise; that it stays in force is said."""
        shop.git("switch", "--quiet", "main")
        shop.place.settings(SETTINGS + "mask: [Fields.Tier, Fields.TAX ID]\n")
        shop.git.commit("mask")
        shop.git("switch", "--quiet", "--create", "unmask")
        shop.place.settings(SETTINGS)
        shop.git.commit("unmask", acme=acme("B", "  Tax id: x\n"))
        shop.server.by_hand(7, {"Fields.Tier": "canary-1", "Fields.Tax id": "canary-2"})
        for output in ("text", "json", "markdown", "html"):
            ran = shop.place.run("plan", "--base", "main", "--format", output)
            assert "canary" not in ran.out + ran.err
        document = shop.plan()
        assert all(it["masked"] for it in document["edits"][0]["changes"])
        assert "Fields.Tier is masked, because main masks it, until that is merged" in document["notes"]
        assert {"setting": "mask", "before": "Fields.TAX ID, Fields.Tier", "after": None} in document[
            "rules_changed"
        ]

    def test_rules_alone_change_nobodys_class_in_silence(self, shop: Shop) -> None:
        """Equal by base's rules, different by the branch's: a change, and named as their effect."""
        shop.git("switch", "--quiet", "main")
        shop.place.settings(SETTINGS + "fields: {Tier: {type: number}}\n")
        shop.git.commit("number", acme=acme("1200"), bolt=bolt("1"))
        shop.git("switch", "--quiet", "--create", "text")
        shop.place.settings(SETTINGS)
        shop.git.commit("text")
        shop.rpm_says("$1,200.00")
        shop.server.by_hand(8, {"Fields.Tier": "1"})
        change = only_change(shop.plan())
        assert (change["class"], change["base"]) == ("change", "1200")
        assert change["reason"].startswith("an effect of the changed rules")
        assert "an effect of the changed rules" in shop.place.run("plan", "--base", "main").out

    def test_customers_outside_of_the_repository_have_no_base(self, shop: Shop) -> None:
        """`--customers` alone may name them, and git has nothing of them."""
        (shop.place.folder.parent / "elsewhere").mkdir()
        (shop.place.folder.parent / "elsewhere/acme.yaml").write_text(acme("B"))
        ran = shop.place.run("plan", "--base", "main", "--customers", "../elsewhere")
        assert ran.code == 1
        assert "is outside of the repository" in ran.err

    def test_a_folder_by_flag_holds_for_base_too_where_base_has_it(self, shop: Shop) -> None:
        """And else base goes by its own settings."""
        shop.git.commit("more", acme=acme("B"))
        for flags in ([], ["--customers", "customers"], ["--customers", "./customers/"]):
            assert only_change(shop.plan(*flags))["base"] == "A"


class TestIdentity:
    """K10: whose an id is, by base's word too."""

    @staticmethod
    def document(customer_id: int, name: str, text: str) -> str:
        return f"CustomerID: {customer_id}\nName: {name}\nFields:\n" + "".join(
            f"  {it}: {text}\n" for it in "ABC"
        )

    @pytest.fixture
    def shop(self, place: Workplace, server: Server) -> Shop:
        """Two customers who differ in everything."""
        made = Shop(place, server)
        values = [dict.fromkeys("ABC", text) for text in ("x", "y")]
        server.seed(
            Customer(7, "Acme", fields=values[0]), Customer(8, "Bolt", fields=values[1]), fields=FIELDS
        )
        made.git("switch", "--quiet", "main")
        made.git.commit("all", acme=self.document(7, "Acme", "x"), bolt=self.document(8, "Bolt", "y"))
        made.git("switch", "--quiet", "--create", "swap")
        return made

    def test_ids_that_two_files_swap_look_pasted(self, shop: Shop) -> None:
        """Base's name vouched for each, so the one customer's data was sent to the other."""
        shop.git.commit("swap", acme=self.document(8, "Acme", "x"), bolt=self.document(7, "Bolt", "y"))
        assert [it["customer_id"] for it in shop.plan()["suspicious"]] == [7, 8]
        ran = shop.apply()
        assert ran.code == 3
        assert "--confirm-identity 7,8" in ran.err
        assert shop.server.edits() == []

    @pytest.mark.parametrize("name", ["Cog", "ACME Ltd"])
    def test_an_ordinary_rename_with_everything_else_is_ordinary(self, name: str, shop: Shop) -> None:
        """Base says that the id was this customer's."""
        shop.git.commit("rename", acme=self.document(7, name, "z"))
        assert shop.plan()["suspicious"] == []
        assert shop.apply().code == 0

    def test_an_id_that_base_gives_another_name_is_judged_as_without_base(self, shop: Shop) -> None:
        """A new file with somebody's id."""
        shop.git("rm", "--quiet", "customers/bolt.yaml")
        shop.git.commit("removed")
        shop.git("branch", "--force", "main", "HEAD")
        shop.git.commit("new", new=self.document(8, "Newcomer", "z"))
        assert [it["customer_id"] for it in shop.plan()["suspicious"]] == [8]

    def test_a_base_without_an_id_goes_by_the_names_of_both_sides(
        self, place: Workplace, server: Server
    ) -> None:
        """Renamed by hand in RPM while the id was written down: drift, which was a change and went over it."""
        shop = Shop(place, server)
        shop.git("switch", "--quiet", "main")
        shop.git.commit("no id", acme="Name: Acme\nFields:\n  Tier: A\n")
        shop.git("switch", "--quiet", "--create", "id")
        shop.git.commit("id", acme=acme("A"))
        shop.server.by_hand(7, {"Name": "Acme Ltd"})
        change = only_change(shop.plan())
        assert (change["attribute"], change["class"], change["base"]) == ("Name", "drift", "Acme")


class TestSavedPlan:
    """K10: a plan made with a base keeps it, and every guard of it, when it is applied from a file."""

    @pytest.fixture
    def shop(self, place: Workplace, server: Server) -> Shop:
        """A plan of one change and one masked change."""
        made = Shop(place, server)
        made.git("switch", "--quiet", "main")
        place.settings(SETTINGS + "mask: [Fields.Tax id]\n")
        server.by_hand(7, {"Fields.Tax id": "old"})
        made.git.commit("mask", acme=acme("A", "  Tax id: old\n"))
        made.git("switch", "--quiet", "--create", "mine")
        made.git.commit("mine", acme=acme("B", "  Tax id: new\n"))
        made.plan("--out", "plan.json")
        return made

    def test_it_runs(self, shop: Shop) -> None:
        """And can be run again."""
        assert json.loads((shop.place.folder / "plan.json").read_text())["base"]["ref"] == "main"
        for _ in range(2):
            assert shop.place.run("apply", "plan.json", "--yes").code == 0
        assert len(shop.server.edits()) == 1

    def test_a_hand_edit_since_is_a_conflict_now(self, shop: Shop) -> None:
        """Of what is shown, by its value and class."""
        shop.rpm_says("C")
        ran = shop.place.run("apply", "plan.json", "--yes")
        assert ran.code == 3
        assert 'customer 7 (Acme): Fields.Tier in RPM went from "A" to "C"' in ran.err
        assert "customer 7 (Acme): Fields.Tier was a change and is a conflict now" in ran.err

    def test_a_masked_value_that_moved_is_a_conflict_and_refused(self, shop: Shop) -> None:
        """Its value is in no plan, and base knows it: by the file and by the digest."""
        digest = json.loads((shop.place.folder / "plan.json").read_text())["digest"]
        shop.server.by_hand(7, {"Fields.Tax id": "canary-3"})
        for words in (["plan.json"], ["--base", "main", "--expect", digest]):
            ran = shop.place.run("apply", "--yes", *words)
            assert ran.code == 3
            assert "canary-3" not in ran.out + ran.err
        assert (
            "Fields.Tax id was a change and is a conflict now"
            in shop.place.run("apply", "plan.json", "--yes").err
        )
        assert shop.server.edits() == []

    def test_another_merge_base_is_refused(self, shop: Shop) -> None:
        """What was approved was judged against that commit."""
        shop.git("switch", "--quiet", "main")
        shop.git.commit("elsewhere", bolt=bolt("B"))
        shop.git("switch", "--quiet", "mine")
        shop.git("merge", "--quiet", "--no-edit", "main")
        ran = shop.place.run("apply", "plan.json", "--yes")
        assert ran.code == 3
        assert "the merge base of main and HEAD went from" in ran.err
        assert shop.server.calls()[-1] != "CustomerEdit"

    def test_a_ref_that_moved_on_over_it_is_refused(self, shop: Shop) -> None:
        """The guard holds without `--base` on the command line."""
        shop.git("switch", "--quiet", "main")
        shop.git.commit("theirs", acme=acme("D", "  Tax id: old\n"))
        shop.git("switch", "--quiet", "mine")
        ran = shop.place.run("apply", "plan.json", "--yes")
        assert ran.code == 3
        assert "main has moved on by 1 commit" in ran.err

    def test_another_base_than_its_own_is_a_usage_error(self, shop: Shop) -> None:
        """The plan carries it."""
        ran = shop.place.run("apply", "plan.json", "--yes", "--base", "branch")
        assert ran.code == 1
        assert "it was made with --base main" in ran.err

    def test_a_masked_conflict_is_warned_of_and_a_masked_change_is_not(self, shop: Shop) -> None:
        """With a base, a masked value that moves is a conflict; only where it is none already."""
        (edit,) = json.loads((shop.place.folder / "plan.json").read_text())["edits"]
        assert edit["warnings"] == []
        shop.server.by_hand(7, {"Fields.Tax id": "else"})
        (edit,) = shop.plan()["edits"]
        assert edit["warnings"] == [
            "Fields.Tax id: masked, so a change in RPM after this plan was made would not be noticed"
        ]


class TestAdopt:
    def test_a_conflict_is_listed_with_the_value_of_each_side(self, shop: Shop) -> None:
        """And nothing is written over it."""
        shop.git.commit("mine", acme=acme("B"))
        shop.rpm_says("C")
        ran = shop.place.run("adopt", "--base", "main")
        assert ran.code == 4
        assert (
            'conflict: changed in RPM and in YAML since main, where it was "A"; decide by hand: RPM "C", YAML "B"'
            in ran.out
        )
        assert "Tier: B" in (shop.place.folder / "customers/acme.yaml").read_text()


class TestSparse:
    """K1: what a sparse checkout leaves out is not gone."""

    @pytest.fixture
    def shop(self, place: Workplace, server: Server) -> Shop:
        """A checkout without the customers of one folder."""
        made = Shop(place, server)
        made.git("mv", "customers/bolt.yaml", "customers/eu-bolt.yaml")
        (place.folder / "customers/eu").mkdir()
        made.git("mv", "customers/eu-bolt.yaml", "customers/eu/bolt.yaml")
        made.git.commit("folders")
        made.git("sparse-checkout", "set", "--no-cone", "/*", "!/customers/eu/")
        assert not (place.folder / "customers/eu").exists()
        return made

    @pytest.mark.parametrize(
        "words", [["plan"], ["drift"], ["apply", "--yes"], ["adopt"], ["import", "--all"], ["import", "8"]]
    )
    def test_what_compares_or_imports_says_what_is_missing(self, words: list[str], shop: Shop) -> None:
        """`drift` was green over it, and `import` wrote second files."""
        ran = shop.place.run(*words)
        assert ran.code == 1
        assert "this sparse checkout lacks 1 customer file that git has, in customers/eu" in ran.err
        assert shop.server.calls() == []

    def test_a_run_narrowed_to_what_is_there_goes_on(self, shop: Shop) -> None:
        """By path, by word, and by a plan; a deleted file is no matter of a sparse checkout."""
        for words in (["plan", "customers/acme.yaml"], ["drift", "--select", "7"], ["adopt", "7"]):
            assert "sparse" not in shop.place.run(*words).err
        assert shop.place.run("plan", "--select", "7").code == 0
        shop.git("sparse-checkout", "disable")
        (shop.place.folder / "customers/eu/bolt.yaml").unlink()
        assert shop.place.run("plan").code == 0


class TestSubmodule:
    """K1: a submodule that nobody fetched is an empty folder, and its customers are not gone."""

    @pytest.fixture
    def shop(self, place: Workplace, server: Server) -> Shop:
        """A checkout with one."""
        made = Shop(place, server)
        head = made.git("rev-parse", "HEAD")
        place.file(".gitmodules", "")
        (place.folder / "customers/eu").mkdir()
        made.git("update-index", "--add", "--cacheinfo", f"160000,{head},customers/eu")
        made.git("update-index", "--add", "--cacheinfo", f"160000,{head},vendor")
        return made

    @pytest.mark.parametrize("words", [["plan"], ["drift"], ["import", "--all"]])
    def test_what_compares_or_imports_says_so(self, words: list[str], shop: Shop) -> None:
        """`import` would write second files for its customers; fetched or not, the commit does not hold them."""
        ran = shop.place.run(*words)
        assert (ran.code, shop.server.calls()) == (1, [])
        assert "customers/eu is a submodule, whose files this repository does not contain" in ran.err
        shop.place.file("customers/eu/.git", "gitdir: elsewhere\n")
        assert "customers/eu:1:1: a submodule, whose files this" in shop.place.run(*words).err

    def test_a_run_narrowed_to_what_is_there_goes_on(self, shop: Shop) -> None:
        """As in a sparse checkout."""
        assert shop.place.run("plan", "customers/acme.yaml").code == 0
