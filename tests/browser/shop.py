"""A repository with one of everything that a page can show: every class of change, and texts that would be more than text."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.kit.server import Customer, Server, running_server
from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GIT: Final = shutil.which("git") or "git"
FIELDS: Final = ("Tier", "Notes", "Tax id", "Last contacted", "Renewal date")
HOSTILE: Final = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)//",
    "</style><style>body{display:none}</style>",
    "</title><img src=x onerror=alert(1)>",
    "<img src=https://evil.example/x.png onerror=alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>press</a>",
    '" onfocus=alert(1) autofocus x="',
    "' onmouseover=alert(1) x='",
    "<form action=https://evil.example><button>press</button></form>",
    "<base href=https://evil.example><meta http-equiv=refresh content=0;url=https://evil.example>",
    "<!-- --></article></main></body>",
    "<details open ontoggle=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "&amp; &lt;b&gt; &#60;b&#62;",
    "::add-mask::e",
    "##[add-mask]e",
    "```\n# big\n```",
    "\x1b]52;c;aGk=\x07\r\x1b[2K0 customers to edit",
    "gnp\u202eexe",
    "../../x CON nul.yaml",
    "=cmd|' /C calc'!A0",
    "W" * 2_000,
)
NOTES: Final = "Ring before noon.\nGate code with the porter.\nInvoices to head office.\nNo calls in August."


@dataclass(frozen=True)
class Shop:
    """The repository and its RPM."""

    place: Workplace
    server: Server

    def page(self, name: str, *words: str) -> Path:
        """What a command prints as HTML, in a file to open."""
        ran = self.place.run(*words, "--format", "html")
        assert ran.out.startswith("<!doctype html>"), ran.err
        return self.place.file(name, ran.out)

    def write(self, customer_id: int, name: str, website: str = "", **fields: str) -> None:
        """The file of a customer."""
        lines = [f"CustomerID: {customer_id}", f"Name: {json.dumps(name)}"]
        lines += [f"Website: {json.dumps(website)}"] if website else []
        lines += ["Fields:"] if fields else []
        lines += [f"  {field.replace('_', ' ')}: {json.dumps(value)}" for field, value in fields.items()]
        self.place.customer(str(customer_id), "\n".join(lines) + "\n")

    def git(self, *words: str) -> None:
        """Run git as somebody with a name."""
        who = ("-c", "user.name=Dana Ortiz", "-c", "user.email=dana@example.invalid")
        subprocess.run([GIT, *who, "-C", str(self.place.folder), *words], check=True, capture_output=True)


@contextmanager
def opened(folder: Path) -> Iterator[Shop]:
    """An RPM, and a repository that is as RPM was before somebody edited it, with a branch's work in its files."""
    with running_server(folder / "rpm") as server:
        place = Workplace(folder / "repo", server.url)
        place.settings("subscriber: 1207\nmask: [Fields.Tax id]\nignore: [Fields.Last contacted]\n")
        shop = Shop(place, server)
        _fill(server)
        _say_what_rpm_says(shop)
        shop.git("init", "--quiet")
        shop.git("add", "customers", "reconciler.yaml")
        shop.git("commit", "--quiet", "--message=As RPM has it")
        _move_in_rpm(server)
        _work_on(shop)
        yield shop


def audited(shop: Shop) -> Path:
    """The page of an audit that three others came before: drift that comes and goes, hostile texts, somebody trashed."""
    for number, text in enumerate(HOSTILE):
        shop.server.by_hand(100 + number, {"Fields.Tier": f"{text}?"})
    command = ("drift", "--base", "HEAD", "--record", "audits.jsonl")
    for tier in ("Gold", "Tin", "Gold"):
        shop.server.by_hand(12, {"Fields.Tier": tier})
        shop.place.run(*command)
    shop.server.by_hand(12, {"Fields.Tier": "Iron"})
    shop.server.delete(15)
    return shop.page("drift.html", *command)


def _fill(server: Server) -> None:
    """Customers as RPM has them at first; the last of them are other people's texts."""
    plain = {"Tier": "Gold", "Notes": NOTES, "Tax id": "12-345", "Last contacted": "May", "Renewal date": ""}
    names = (
        "Acme, Inc.",
        "Bolt & Sons",
        "Cog Works",
        "Dynamo",
        "Eagle Freight",
        "Müller & Söhne Logistics",
        "Falcon",
    )
    known = [
        Customer(10 + number, name, f"http://{number}.example", fields=plain)
        for number, name in enumerate(names)
    ]
    others = [
        Customer(100 + number, f"{text[:40]} {number}", fields={"Tier": text, "Notes": text})
        for number, text in enumerate(HOSTILE)
    ]
    loose = Customer(90, "Nobody's file")
    server.seed(*known, *others, loose, fields=FIELDS)


def _say_what_rpm_says(shop: Shop) -> None:
    """Files that equal RPM, as far as YAML can hold its values."""
    for customer_id, values in shop.server.values().items():
        if customer_id != 90:
            name = values["Name"] if values["Name"].isprintable() else f"Renamed {customer_id}"
            shop.write(customer_id, name, values["Website"], Tier=_held(values["Fields.Tier"]))


def _held(text: str) -> str:
    """The text, or another where no YAML file may hold it."""
    return text if text.isprintable() else "plain"


def _move_in_rpm(server: Server) -> None:
    """What somebody did in RPM meanwhile."""
    server.by_hand(10, {"Fields.Tier": "Bronze"})
    server.by_hand(16, {"Name": "Falcon Air"})
    server.by_hand(11, {"Website": "https://moved.example", "Fields.Last contacted": "June"})


def _work_on(shop: Shop) -> None:
    """What the branch wants: a conflict, a drift, a swap of names, a clear, long and several-line values, one that is gone."""
    shop.write(10, "Acme, Inc.", "https://acme.example", Tier="Silver")
    shop.write(12, "Dynamo", Tier="Gold")
    shop.write(13, "Cog Works", Tier="Gold")
    shop.write(
        14, "Eagle Freight", Tier="", Notes=NOTES.replace("noon", "ten") + "\nNo calls in July.", Tax_id="1"
    )
    shop.write(15, "Müller & Söhne Logistics", "http://5.example", Tier="Gold ", Notes=f"{'long ' * 300}end")
    shop.write(99, "Gone Ltd")
    for number, text in enumerate(HOSTILE):
        if text.isprintable():
            shop.write(100 + number, f"{text[:40]} {number}", Tier=f"{text}!", Notes="x")
