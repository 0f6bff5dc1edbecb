"""`fmt`: canonical order and quoting, comments kept with their keys, meaning unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kit.server import Server
    from tests.kit.workplace import Workplace

MESSY = """\
# head
Website:   "https://x.example"   # site
Name:  'Acme'


# the id
CustomerID:   7
Fields:
    # tier note
    Tier:  "Gold" # t
    Zip: "01234"
    Note: |
      two
      lines
    Word: "NO"
    Empty: ""
Address: "a: b"
"""
NEAT = """\
# the id
CustomerID: 7
Name: Acme
# head
Website: https://x.example  # site
Address: 'a: b'
Fields:
  # tier note
  Tier: Gold  # t
  Zip: 01234
  Note: |
    two
    lines
  Word: NO
  Empty: ""
"""


def test_a_messy_file_becomes_a_neat_one(place: Workplace, server: Server) -> None:
    """Once; after that nothing changes, and no call is made."""
    path = place.customer("a", MESSY)
    ran = place.run("fmt", "--check")
    assert ran.code == 2
    assert "customers/a.yaml" in ran.out
    assert path.read_text() == MESSY, "checking writes nothing"
    assert place.run("fmt").code == 0
    assert path.read_text() == NEAT
    assert place.run("fmt", "--check").code == 0
    assert server.calls() == []


@pytest.mark.parametrize(
    "text",
    [
        NEAT,
        "CustomerID: 8\r\nName: Bolt\r\n",
        '{CustomerID: 8, Name: "Bolt"}\n',
        "CustomerID: 8\nName: Bolt\n---\nCustomerID: 9\nName: Cog\n",
    ],
)
def test_what_is_neat_stays_to_the_byte(text: str, place: Workplace) -> None:
    """Line ends, flow style and several documents included."""
    path = place.file("customers/b.yaml", text)
    assert place.run("fmt").code == 0
    assert path.read_bytes() == text.encode()


def test_a_bad_file_is_left_alone(place: Workplace) -> None:
    """Problems are told, nothing is written."""
    path = place.customer("bad", "Nam:   x\n")
    ran = place.run("fmt")
    assert ran.code == 1
    assert "customers/bad.yaml:1:1" in ran.out + ran.err
    assert path.read_text() == "Nam:   x\n"


def test_a_file_with_another_name_is_left_and_named(place: Workplace) -> None:
    """The others are formatted, and the code says that not all is done."""
    path = place.customer("a", MESSY)
    (place.folder / "other").hardlink_to(path)
    place.customer("b", "Name: 'b'\n")
    ran = place.run("fmt")
    assert (ran.code, ran.out) == (1, "customers/b.yaml\n")
    assert ran.err.startswith("not formatted: customers/a.yaml: it has another name (a hard link)")
    assert path.read_text() == MESSY
