"""Faults over real sockets: each action at each point does what its name says, and the logs tell the truth."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from reconciler.sandbox.faults.script import GARBLINGS, FaultError, Script, parsed
from tests.kit.catalogue import ROWS, script_for
from tests.sandbox.conftest import ACME, HARBORVIEW

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm

SITE = "https://new.example"
EDIT = {"Customer": {"CustomerID": ACME, "Website": SITE}}
COMMITTED = [("Website", "https://acme.example", SITE)]


def strike(point: str, action: Any, **when: Any) -> dict[str, Any]:
    return {"point": point, "action": action, **(when or {"nth": 1})}


@pytest.mark.parametrize("point", ["P0", "P1", "P2", "P3", "P4", "P5"])
@pytest.mark.parametrize(
    ("action", "error"),
    [("reset", httpx.ReadError), ("close", httpx.RemoteProtocolError), ("hang", httpx.ReadTimeout)],
)
def test_a_broken_call_commits_from_p3_on(rpm: Rpm, point: str, action: str, error: type[Exception]) -> None:
    """The client loses the call; up to P2 nothing was stored, from P3 on all was."""
    rpm.faults(strike(point, action))
    # A client that is still sending when the connection goes may notice in either of two ways.
    raced = (
        (httpx.NetworkError, httpx.RemoteProtocolError) if point in {"P0", "P1"} and action != "hang" else ()
    )
    with pytest.raises((error, *raced)):
        rpm.post("CustomerEdit", EDIT, timeout=0.5)
    rpm.reconnect()
    assert rpm.commits() == (COMMITTED if point >= "P3" else [])
    assert rpm.edit(Website=SITE)["Website"] == SITE


@pytest.mark.parametrize("point", ["P0", "P1", "P2", "P3", "P4", "P5"])
def test_a_delay_only_delays(rpm: Rpm, point: str) -> None:
    """Wherever it waits, the answer is whole and the edit is stored once."""
    rpm.faults(strike(point, {"do": "delay", "seconds": 0.2}))
    start = time.monotonic()
    assert rpm.call("CustomerEdit", EDIT)["Website"] == SITE
    assert time.monotonic() - start >= 0.2
    assert rpm.commits() == COMMITTED


@pytest.mark.parametrize(("point", "committed"), [("P1", []), ("P2", []), ("P3", COMMITTED)])
def test_another_answer_takes_the_true_ones_place(rpm: Rpm, point: str, committed: list[Any]) -> None:
    """Status, headers and body are the script's; whether the edit is stored is the point's."""
    reply = {"do": "reply", "status": 429, "headers": {"Retry-After": "5"}, "body": "slow down"}
    rpm.faults(strike(point, reply))
    answer = rpm.post("CustomerEdit", EDIT)
    assert (answer.status_code, answer.headers["Retry-After"], answer.text) == (429, "5", "slow down")
    assert rpm.commits() == committed


def test_a_status_that_http_does_not_have(rpm: Rpm) -> None:
    """Any number and any reason can be said."""
    rpm.faults(strike("P3", {"do": "reply", "status": 999, "reason": "so so"}))
    answer = rpm.post("Info")
    assert (answer.status_code, answer.reason_phrase) == (999, "so so")


def test_raw_bytes_go_out_as_they_are(rpm: Rpm) -> None:
    """What is no HTTP is sent all the same."""
    rpm.faults(strike("P3", {"do": "raw", "text": "SSH-2.0-sandbox\r\n\r\n"}))
    with pytest.raises(httpx.RemoteProtocolError, match="illegal status line"):
        rpm.post("Info")


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_a_body_may_be_framed_otherwise(rpm: Rpm, framing: str) -> None:
    """In chunks, or up to the end of the connection, the answer is the same."""
    whole = rpm.customer()
    rpm.faults(strike("P5", {"do": "frame", "framing": framing}))
    answer = rpm.post("Customer", {"CustomerID": ACME})
    assert "content-length" not in answer.headers
    assert answer.json()["Result"] == whole


def test_a_cut_body_without_length_looks_whole(rpm: Rpm) -> None:
    """Half a body that ends with its connection is a plain 200 to HTTP: the JSON alone shows it."""
    rpm.faults(strike("P5", {"do": "frame", "framing": "close"}), strike("P5", "close"))
    answer = rpm.post("Customer", {"CustomerID": ACME})
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()


def test_a_drip_is_slow_and_whole(rpm: Rpm) -> None:
    """So many bytes at a time, all of them in the end."""
    rpm.faults(strike("P5", {"do": "drip", "seconds": 0.01, "bytes": 100}))
    start = time.monotonic()
    assert rpm.call("Customer", {"CustomerID": ACME})["CustomerID"] == ACME
    assert time.monotonic() - start >= 0.1


@pytest.mark.parametrize("kind", [kind for kind in GARBLINGS if kind != "gzip bomb"])
def test_a_garbled_body_is_not_the_true_one(rpm: Rpm, kind: str) -> None:
    """Each kind arrives, and differs from the true answer in bytes or encoding."""
    rpm.edit(Name="Müller")
    true = rpm.post("Customer", {"CustomerID": ACME})
    rpm.faults(strike("P5", {"do": "garble", "kind": kind}))
    try:
        answer = rpm.post("Customer", {"CustomerID": ACME})
    except httpx.DecodingError:
        assert kind == "broken gzip"
    else:
        assert answer.status_code == 200
        assert answer.content != true.content or "content-encoding" in answer.headers


def test_a_gzip_bomb_swells(rpm: Rpm) -> None:
    """A small answer is a large one once it is unpacked."""
    rpm.faults(strike("P5", {"do": "garble", "kind": "gzip bomb", "size": 20_000_000}))
    answer = rpm.post("Info")
    assert (len(answer.content), int(answer.headers["Content-Length"]) < 50_000) == (20_000_000, True)


def test_values_of_the_answer_can_be_rewritten(rpm: Rpm) -> None:
    """Paths go through keys, positions and `Key=text`; the store is not touched."""
    rewrite = {
        "do": "rewrite",
        "set": [[["Result", "CustomerID"], "12"], [["Result", "Fields", "Field=Tier", "Value"], 5]],
        "remove": [["Result", "Website"], ["Result", "Fields", "Field=Tax id"], ["Result", "No", "such"]],
    }
    rpm.faults(strike("P5", rewrite))
    answer = rpm.customer()
    values = {entry["Field"]: entry["Value"] for entry in answer["Fields"]}
    assert (answer["CustomerID"], values["Tier"], "Website" in answer, "Tax id" in values) == (
        "12",
        5,
        False,
        False,
    )
    assert rpm.commits() == []


@pytest.mark.parametrize("meanwhile", ["hang", "reset", "close"])
def test_a_late_commit_comes_after_the_client_has_gone(rpm: Rpm, meanwhile: str) -> None:
    """The client loses the call at once, and the edit is stored later."""
    rpm.faults(strike("P2", {"do": "later", "seconds": 1.5, "meanwhile": meanwhile}))
    with pytest.raises(httpx.TransportError):
        rpm.post("CustomerEdit", EDIT, timeout=0.1)
    assert rpm.commits() == []
    while not rpm.commits():
        time.sleep(0.05)
    assert rpm.commits() == COMMITTED


@pytest.mark.parametrize("lie", [False, True])
def test_a_value_may_not_be_stored(rpm: Rpm, *, lie: bool) -> None:
    """A retained attribute stays what it was; a lying answer shows it as sent."""
    rpm.faults(strike("P2", {"do": "retain", "attributes": ["Website", "Fields.Tier"], "lie": lie}))
    fields = [{"Field": "Tier", "Value": "Silver"}, {"Field": "Contract term", "Value": "x"}]
    answer = rpm.edit(Website=SITE, Fields=fields)
    assert answer["Website"] == (SITE if lie else "https://acme.example")
    assert rpm.commits() == [("Fields.Contract term", "36 months", "x")]


def test_a_stale_read_shows_what_was(rpm: Rpm) -> None:
    """The customer as it was some commits ago, for that call alone."""
    rpm.edit(Website=SITE)
    rpm.edit(Fields=[{"Field": "Tier", "Value": "Silver"}])
    rpm.faults(strike("P2", {"do": "stale", "commits": 2}))
    assert rpm.customer()["Website"] == "https://acme.example"
    assert rpm.customer()["Website"] == SITE
    assert len(rpm.commits()) == 2


def test_an_earlier_edit_can_come_again(rpm: Rpm) -> None:
    """A replayed request overwrites what came after it, and is logged as such."""
    rpm.faults(strike("P6", {"do": "replay"}, endpoint="CustomerEdit", nth=2))
    rpm.edit(Website=SITE)
    rpm.edit(Website="https://newer.example")
    assert rpm.get(f"customers/{ACME}")["Website"] == SITE
    assert rpm.outcomes()[-1] == "ok; replayed"


@pytest.mark.parametrize(
    ("point", "answered"), [("P2", "by hand"), ("P3", "742 Green Terrace"), ("P6", "742 Green Terrace")]
)
def test_a_person_may_edit_at_any_moment(rpm: Rpm, point: str, answered: str) -> None:
    """Before the commit the answer shows it; after, only the next read does."""
    rpm.faults(strike(point, {"do": "hand", "values": {"Address": "by hand"}}))
    assert rpm.edit(Website=SITE)["Locations"][0]["Address"] == answered
    assert rpm.customer()["Locations"][0]["Address"] == "by hand"
    assert sorted(row["author"] for row in rpm.get("commits")["commits"]) == ["api", "hand"]


def test_a_customer_may_go_at_any_moment(rpm: Rpm) -> None:
    """Trashed or merged between two calls."""
    rpm.faults(
        strike("P1", {"do": "hand", "customer": ACME, "delete": True}, nth=1),
        strike("P1", {"do": "hand", "customer": HARBORVIEW, "merge_into": 10036}, nth=2),
    )
    assert rpm.refusal("Customer", {"CustomerID": ACME}) == "Customer not found"
    assert rpm.customer(10036)["Aliases"] == [{"Alias": "Harborview Dental Group"}]


def test_a_hand_that_cannot_is_said_so_in_the_log(rpm: Rpm) -> None:
    """An edit by hand of a customer that is not there breaks no call."""
    rpm.faults(strike("P2", {"do": "hand", "customer": 1, "values": {"Name": "x"}}))
    rpm.call("Info")
    assert rpm.outcomes() == ["ok; fault P2 hand (there is no customer 1)"]


def test_a_connection_may_close_after_its_answer(rpm: Rpm) -> None:
    """P6: the answer is whole and announced no end, yet the connection is gone."""
    rpm.faults(strike("P6", "close"))
    with httpx.Client(base_url=rpm.url, headers={"RpmApiKey": "sandbox"}) as client:
        answer = client.post("/rpm/api2.svc/Info", json={})
        assert (answer.status_code, answer.headers.get("connection")) == (200, None)
        time.sleep(0.1)  # so that the client can see the end before it sends again
        assert client.post("/rpm/api2.svc/Info", json={}).status_code == 200


def test_a_proxys_refusal(rpm: Rpm) -> None:
    """CONNECT is answered by the script, or 405."""
    rpm.faults(strike("P1", {"do": "reply", "status": 407}, endpoint="CONNECT"))
    with httpx.Client(proxy=rpm.url) as client, pytest.raises(httpx.ProxyError, match="407"):
        client.get("https://secure.rpm.invalid/")


def test_which_calls_a_fault_strikes() -> None:
    """nth is one call, every each nth, from all from there on; only matching calls are counted."""
    script = Script(
        parsed(
            [
                {"point": "P2", "action": "reset", "nth": 2},
                {"point": "P2", "action": "close", "every": 2},
                {"point": "P2", "action": "hang", "from": 3, "endpoint": "info"},
                {"point": "P2", "action": {"do": "delay", "seconds": 1}, "customer": 7},
                {"point": "P2", "action": "reset", "from": 1, "every": 3},
            ]
        )
    )
    struck = [[script.faults.index(one) for one in script.strike("Info", None, ("P2",))] for _ in range(4)]
    assert struck == [[4], [0, 1], [2], [1, 2, 4]]
    assert [type(one.action).__name__ for one in script.strike("Customer", 7, ("P2",))] == ["Delay"]
    assert script.strike("Customer", None, ("P3",)) == []


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("x", "not a fault"),
        ({"point": "P9", "action": "reset"}, "a point is one of"),
        ({"point": "P2", "action": "explode"}, "an action is one of"),
        ({"point": "P2", "action": "drip"}, "drip cannot happen at P2, only at P5"),
        ({"point": "P5", "action": "drip"}, "missing 1 required positional argument: 'seconds'"),
        ({"point": "P2", "action": {"do": "reset", "hard": True}}, "reset has no hard"),
        ({"point": "P5", "action": {"do": "garble", "kind": "rot13"}}, "a garbling is one of"),
        ({"point": "P2", "action": "reset", "chance": 0.5}, "a fault has no chance"),
        ({"point": "P0", "action": "reset", "endpoint": "Info"}, "at P0 it is not yet known"),
        ({"point": "P1", "action": "reset", "customer": 7}, "at P1 it is not yet known"),
    ],
)
def test_a_script_that_means_nothing_is_refused(entry: Any, reason: str) -> None:
    """Each mistake is named, so that no test passes because its fault never was."""
    with pytest.raises(FaultError, match=reason):
        parsed([entry])


def test_the_catalogue_knows_every_row() -> None:
    """F08 to F90, each with a script, knobs, or words on what to do."""
    assert list(ROWS) == [f"F{number:02}" for number in range(8, 91)]
    assert [row.id for row in ROWS.values() if not (row.script or row.knobs or row.by_hand)] == []


@pytest.mark.parametrize("row", [row.id for row in ROWS.values() if row.script])
def test_each_script_of_the_catalogue_strikes(rpm: Rpm, row: str) -> None:
    """Played against ordinary calls, the row's fault is met and the server stays up."""
    rpm.set("faults", {"faults": script_for(ROWS[row], ACME)})
    for endpoint, body in (
        ("Info", {}), ("Customers", {}), ("Customer", {"CustomerID": ACME}), ("CustomerEdit", EDIT), ("CustomerEdit", EDIT),
    ):  # fmt: skip
        try:
            rpm.post(endpoint, body, timeout=0.3)
        except (httpx.TransportError, httpx.DecodingError):
            continue
    if row == "F20":
        with httpx.Client(proxy=rpm.url) as client, pytest.raises(httpx.ProxyError, match="407"):
            client.get("https://secure.rpm.invalid/")
    else:
        by_hand = [one for one in rpm.get("commits")["commits"] if one["author"] == "hand"]
        assert by_hand or any("fault P" in outcome for outcome in rpm.outcomes())
    rpm.faults()
    assert rpm.call("Info")["SubscriberID"] == 1207
