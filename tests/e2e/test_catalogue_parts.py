"""Rows of the catalogues that name several things: each has a parameter of its own, and its ending is asserted."""

from __future__ import annotations

import json
import shutil
import signal
import ssl
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.test_catalogue_rows import raw_server
from tests.kit.server import Customer
from tests.kit.workplace import COMMAND, Ran, Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.server import Server

BASH = shutil.which("bash") or "bash"
JSON = {"Content-Type": "application/json"}
LISTED = '{"Result":{"Customers":[{"CustomerID":7,"Customer":"Acme"}]}}'


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """Acme, whose Tier differs."""
    server.seed(Customer(7, "Acme", fields={"Tier": "Silver"}), fields=("Tier",))
    place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: Gold\n")
    return place


def reply(status: int = 200, body: str = "", **headers: str) -> dict[str, Any]:
    """An answer in the place of RPM's."""
    return {"do": "reply", "status": status, "body": body, "headers": headers or JSON}


def raw(*lines: str) -> dict[str, Any]:
    """Bytes in the place of an HTTP answer."""
    return {"do": "raw", "text": "\r\n".join(lines)}


def garbled(kind: str) -> dict[str, Any]:
    """RPM's answer, spoilt on its way."""
    return {"do": "garble", "kind": kind}


def listing(**row: Any) -> dict[str, Any]:
    """A list of customers with one row."""
    return reply(body=json.dumps({"Result": {"Customers": [{"CustomerID": 7, "Customer": "Acme", **row}]}}))


def error(value: Any) -> dict[str, Any]:
    """An answer that says `Error`."""
    return reply(body=json.dumps({"Result": {"Error": value}}))


REFUSED = [
    *(pytest.param(reply(int(row[-3:]), "", Location="http://elsewhere.invalid/"), "redirected to http://elsewhere.invalid/", id=row) for row in ("F22-301", "F22-302", "F22-303", "F22-307", "F22-308")),
    pytest.param(garbled("broken gzip"), "the answer is unusable", id="F26-broken"),
    pytest.param(reply(200, LISTED, **{"Content-Encoding": "br"}), "the answer is unusable", id="F26-unknown"),
    pytest.param(raw("HTTP/1.1 200 OK", "Content-Length: x", "", "{}"), "the connection broke", id="F27-no-number"),
    pytest.param(raw("HTTP/1.1 200 OK", "Content-Length: -5", "", "{}"), "the connection broke", id="F27-negative"),
    pytest.param(raw("HTTP/1.1 200 OK", "Content-Length: 2", "Content-Length: 3", "", "{}"), "the connection broke", id="F27-twice"),
    pytest.param(raw("HTTP/1.1 200 OK", "X: " + "x" * 200_000, "", "{}"), "the connection broke", id="F27-long"),
    pytest.param(raw("SSH-2.0-OpenSSH_9.9", ""), "the connection broke", id="F27-not-http"),
    pytest.param(raw("HTTP/1.1 200 OK", "Content-Length: 2", "Transfer-Encoding: chunked", "", "{}"), "the connection broke", id="F27-both-lengths"),
    *(pytest.param(reply(status), f"Customers: key refused by 127.0.0.1 ({status})", id=row) for row, status in {"F41-401": 401, "F41-403": 403}.items()),
    *(pytest.param(reply(int(row[-3:])), f"HTTP status {row[-3:]}", id=row) for row in ("F29-204", "F29-205", "F29-206", "F29-304")),
    *(pytest.param(error(value), "error", id=row) for row, value in {"F45-object": {}, "F45-empty": "", "F45-zero": 0, "F45-list": [], "F45-null": {"Message": None}}.items()),
    *(pytest.param(reply(body=body), "no Result object at its top", id=row) for row, body in {"F55-null": "null", "F55-list": "[]", "F55-text": '"ok"', "F55-object": "{}", "F55-result": '{"Result":null}'}.items()),
    pytest.param(garbled("truncated"), "is not JSON", id="F57-truncated"),
    pytest.param(garbled("trailing"), "is not JSON", id="F57-trailing"),
    pytest.param(garbled("twice"), "is not JSON", id="F57-twice"),
    pytest.param(garbled("utf-16"), "UTF-8", id="F57-utf-16"),
    pytest.param(garbled("nan"), "not strict JSON", id="F58-nan"),
    pytest.param(reply(body='{"Result":{"Age":Infinity}}'), "not strict JSON", id="F58-infinity"),
    pytest.param(garbled("long integer"), "JSON", id="F58-digits"),
    pytest.param(garbled("duplicate key"), "not strict JSON", id="F58-duplicate"),
    pytest.param(garbled("nested"), "nested too deep", id="F58-nested"),
    *(pytest.param(listing(CustomerID=value), "is not an id", id=row) for row, value in {"F59-float": 12.0, "F59-true": True, "F59-null": None, "F59-negative": -1, "F59-word": "seven"}.items()),
]  # fmt: skip
"""What RPM, or something on the way to it, answers to the list of customers; and what is said of it."""


@pytest.mark.parametrize(("action", "says"), REFUSED)
def test_an_answer_that_is_none(action: dict[str, Any], says: str, shop: Workplace, server: Server) -> None:
    """It ends the plan with exit 1 and its reason, and is never taken for a list, an empty one say."""
    point = "P5" if action["do"] == "garble" else "P2"
    server.faults({"endpoint": "Customers", "point": point, "action": action})
    ran = shop.run("plan")
    assert ran.code == 1
    assert ran.err.startswith("Error: Customers: ")
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert server.count("Customer") == 0


@pytest.mark.parametrize(
    "action",
    [
        *(pytest.param(reply(status, "<html>", **{"Content-Type": "text/html"}), id=row) for row, status in {"F35-502": 502, "F35-503": 503, "F35-504": 504}.items()),
        *(pytest.param(reply(429, "", **{"Retry-After": value}), id=row) for row, value in {"F38-minus": "-1", "F38-inf": "inf", "F38-soon": "soon", "F38-nan": "NaN"}.items()),
        pytest.param(garbled("bom"), id="F57-bom"),
    ],
)  # fmt: skip
def test_an_answer_that_does_no_harm(action: dict[str, Any], shop: Workplace, server: Server) -> None:
    """It is tried again, after a pause of ours where none is told, or read as it is."""
    point = "P5" if action["do"] == "garble" else "P2"
    server.faults({"endpoint": "Customers", "nth": 1, "point": point, "action": action})
    assert shop.run("plan", "--detailed-exitcode").code == 2


@pytest.mark.row("F38-86400")
def test_a_pause_of_a_day(shop: Workplace, server: Server) -> None:
    """It is not waited for: the run ends and says why."""
    server.faults(
        {"endpoint": "Customers", "point": "P2", "action": reply(429, "", **{"Retry-After": "86400"})}
    )
    ran = shop.run("plan")
    assert ran.code == 1
    assert "RPM asks for fewer calls (429)" in ran.err
    assert server.count("Customers") == 1


@pytest.mark.parametrize(
    "status",
    [pytest.param(403, id="F20-403"), pytest.param(407, id="F20-407"), pytest.param(502, id="F20-502")],
)
def test_a_proxy_that_refuses(status: int, shop: Workplace, server: Server) -> None:
    """The proxy is named as what refused, and nothing is sent past it."""
    server.faults({"endpoint": "CONNECT", "point": "P1", "action": {"do": "reply", "status": status}})
    ran = shop.run("plan", RPM_API_URL="https://secure.rpmtelco.com/rpm/", HTTPS_PROXY=server.url)
    assert ran.code == 1
    assert "the proxy" in ran.err.partition("Error: ")[2]
    assert set(server.calls()) == {"CONNECT"}


@pytest.mark.parametrize(
    ("name", "until", "newest"),
    [
        pytest.param("localhost", -1, None, id="F06-expired"),
        pytest.param("localhost", 1, None, id="F06-self-signed"),
        pytest.param("elsewhere.example", 1, None, id="F06-other-host"),
        pytest.param("localhost", 1, ssl.TLSVersion.TLSv1_1, id="F06-old-tls"),
    ],
)
def test_a_server_that_is_not_to_be_trusted(
    name: str, until: int, newest: ssl.TLSVersion | None, shop: Workplace, tmp_path: Path
) -> None:
    """One attempt, and no byte of the request; nothing in the advice switches the check off."""
    seen: list[bytes] = []
    with raw_server(seen, certificate=certificate(tmp_path, name, until), newest=newest) as port:
        ran = shop.run("plan", "-v", RPM_API_URL=f"https://localhost:{port}/")
    assert ran.code == 1
    assert "no trusted connection to localhost" in ran.err
    assert ran.err.count("Customers: ") == 2, "one attempt and the error"
    assert "insecure" not in ran.err
    assert seen == []


def certificate(folder: Path, name: str, until: int) -> tuple[Path, Path]:
    """A certificate of an authority that nobody knows, good until so many days from now."""
    import datetime as dt  # noqa: PLC0415

    import trustme  # noqa: PLC0415

    end = dt.datetime.now(dt.UTC) + dt.timedelta(days=until)
    issued = trustme.CA().issue_cert(name, not_before=end - dt.timedelta(days=9), not_after=end)
    key, chain = folder / "key.pem", folder / "chain.pem"
    issued.private_key_pem.write_to_path(key)
    issued.cert_chain_pems[0].write_to_path(chain)
    return chain, key


def limited(shop: Workplace, limit: str, *words: str) -> Ran:
    """Run under limits of the shell's `ulimit`."""
    line = f'{limit}; exec "{COMMAND}" {" ".join(words)}'
    done = subprocess.run(
        [BASH, "-c", line], cwd=shop.folder, env=shop.environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


class TestWhatTheMachineGives:
    @pytest.mark.parametrize(
        ("limit", "says"),
        [
            pytest.param("ulimit -n 5", "no more files can be opened", id="F131-files"),
            pytest.param("ulimit -s 4000000 -v 3000000", "no more threads or processes", id="F131-threads"),
            pytest.param("ulimit -v 36000", "this machine's limits: ", id="F110-address-space"),
        ],
    )
    def test_a_limit_is_named(self, limit: str, says: str, shop: Workplace, server: Server) -> None:
        """Neither a traceback nor "our fault" nor RPM's: which limit it is, and what helps."""
        ran = limited(shop, limit, "apply", "--yes")
        assert ran.code == 1
        assert says in ran.err
        assert "  → " in ran.err or "Next: fix the causes" in ran.out, "the report of an apply that began"
        assert "internal error" not in ran.err + ran.out
        assert "cannot reach" not in ran.err + ran.out
        assert server.edits() == []

    @pytest.mark.row("F131-files")
    def test_the_embedded_rpm_shares_the_limit_of_files(self, shop: Workplace) -> None:
        """A connection that nobody could accept would hang until its call's time is over: so many are never opened."""
        (shop.folder / "customers/acme.yaml").unlink()
        ran = limited(shop, "ulimit -n 16", "import", "--all", "--url", "sandbox:", "--timeout", "20")
        assert ran.code == 0, ran.err
        assert len(list(shop.folder.glob("customers/*.yaml"))) == 40
        assert "the embedded RPM can open files for " in ran.err

    @pytest.mark.row("F131-threads")
    def test_the_embedded_rpm_that_gets_no_thread(self, shop: Workplace) -> None:
        """It is the machine's limit that is named, not a damaged database."""
        ran = limited(shop, "ulimit -s 4000000 -v 3000000", "plan", "--url", "sandbox:")
        assert ran.code == 1
        assert "this machine's limits: no more threads or processes can be started" in ran.err
        assert "RuntimeError" not in ran.err
        assert "database is damaged" not in ran.err

    @pytest.mark.row("F130-home")
    def test_no_home(self, shop: Workplace) -> None:
        """Apply needs a place for its lock, and says which variables name one."""
        del shop.environment["HOME"]
        ran = shop.run("apply", "--yes")
        assert ran.code == 1
        assert "set XDG_STATE_HOME, or HOME, to a folder that you own" in ran.err
        assert shop.run("apply", "--yes", XDG_STATE_HOME=str(shop.folder / "state")).code == 0

    @pytest.mark.row("F130-home-of-nobody")
    def test_a_home_that_is_not_writable(self, shop: Workplace) -> None:
        """An unknown user of a container has `HOME=/`: the variable that helps is named."""
        ran = shop.run("apply", "--yes", HOME="/proc")
        assert ran.code == 1
        assert "set XDG_STATE_HOME to a folder that you may write to" in ran.err
        relative = shop.run("apply", "--yes", HOME="/proc", XDG_STATE_HOME="state")
        assert "set XDG_STATE_HOME to a folder that you may write to" in relative.err, (
            "no path that depends on where one stands"
        )

    @pytest.mark.row("F130-temporary-folder")
    def test_no_temporary_folder(self, shop: Workplace) -> None:
        """Nothing of ours is kept there."""
        assert shop.run("apply", "--yes", TMPDIR="/nowhere").code == 0

    @pytest.mark.row("F130-working-folder")
    @pytest.mark.parametrize("words", ["plan", "validate", "init", "sandbox reset"])
    def test_a_working_folder_that_is_gone(self, words: str, shop: Workplace) -> None:
        """It is said so, and what to do."""
        gone = 'mkdir gone && cd gone && rmdir "$PWD"'
        ran = limited(shop, gone, words)
        assert ran.code == 1
        assert "reading the working folder: No such file or directory\n  → change to a folder" in ran.err

    @pytest.mark.row("F109-hang-up")
    def test_the_terminal_goes_away(self, shop: Workplace, server: Server) -> None:
        """SIGHUP ends an apply as SIGTERM does: the call in flight is finished and the journal has its result."""
        server.seed(*(Customer(i, f"Customer {i}") for i in (7, 8)), fields=("Tier",))
        shop.customer("second", "CustomerID: 8\nName: Customer 8\nFields:\n  Tier: Gold\n")
        server.faults({"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "delay", "seconds": 1}})
        with shop.start("apply", "--yes", "--parallel", "1") as process:
            while not server.count("CustomerEdit") and process.poll() is None:
                time.sleep(0.02)
            process.send_signal(signal.SIGHUP)
            process.communicate()
        assert process.returncode == 143
        assert server.values()[7]["Fields.Tier"] == "Gold"
        (journal,) = (shop.folder / ".reconciler" / "journal").glob("*.jsonl")
        assert '"outcome": "edited"' in journal.read_text()

    @pytest.mark.parametrize(
        ("encoding", "shown"),
        [
            pytest.param("ascii", "Zo\\xeb \\u9867", id="F128-ascii"),
            pytest.param("cp1252", "Zoë \\u9867", id="F128-cp1252"),
            pytest.param("utf-8", "Zoë 顧", id="F128-utf-8"),
        ],
    )
    def test_what_an_encoding_cannot_say(self, encoding: str, shown: str, shop: Workplace) -> None:
        """It is written as an escape."""
        shop.customer("acme", "CustomerID: 7\nName: Zoë 顧\n")
        done = subprocess.run(
            [COMMAND, "plan"], cwd=shop.folder, check=False, capture_output=True,
            env={**shop.environment, "PYTHONIOENCODING": encoding},
        )  # fmt: skip
        assert done.returncode == 0
        assert shown in done.stdout.decode(encoding)
        assert b"Traceback" not in done.stderr


class TestPlanFiles:
    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            pytest.param(lambda content: content.replace(b"Gold", b"Bold", 1), 3, id="F117-flip"),
            pytest.param(lambda content: content[: len(content) // 2], 3, id="F117-truncated"),
            pytest.param(lambda _: b"", 1, id="F117-empty"),  # it never was one
            pytest.param(lambda content: content.replace(b'"format_version": "1.0"', b'"format_version": "9.0"'), 3, id="F120-newer"),
        ],
    )  # fmt: skip
    def test_a_plan_that_is_not_as_it_was_saved(
        self, spoil: Any, code: int, shop: Workplace, server: Server
    ) -> None:
        """It is refused before any call."""
        assert shop.run("plan", "--out", "plan.json").code == 0
        path, before = shop.folder / "plan.json", server.calls()
        content = path.read_bytes()
        path.write_bytes(spoil(content))
        assert path.read_bytes() != content
        ran = shop.run("apply", "plan.json", "--yes")
        assert ran.code == code
        assert "reading the plan plan.json" in ran.err
        assert server.calls() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param("plan --out /proc/plan.json", "saving the plan: cannot write /proc/plan.json", id="F116-plan"),
        pytest.param("drift --record /proc/a.jsonl", "recording the audit: cannot write /proc/a.jsonl", id="F116-record"),
    ],
)  # fmt: skip
def test_a_folder_that_takes_no_files(words: str, says: str, shop: Workplace, server: Server) -> None:
    """The system's own reason, before the first call."""
    ran = shop.run(*words.split())
    assert ran.code == 1
    assert says in ran.err
    assert server.calls() == []
