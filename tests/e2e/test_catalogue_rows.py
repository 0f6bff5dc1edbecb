"""Rows of the two catalogues that need more than a script: other customers, other surroundings, hostile text."""

from __future__ import annotations

import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.rpm.transport import tls_context
from tests.kit.server import Customer, read_slowly
from tests.kit.workplace import COMMAND, Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kit.server import Server

FIELDS = ("Tier", "Zip")


@pytest.fixture
def shop(server: Server, place: Workplace) -> Workplace:
    """Acme differs in Tier; Bolt does not."""
    server.seed(
        Customer(7, "Acme", website="w", address="1 Main", fields={"Tier": "Silver", "Zip": "1"}),
        Customer(8, "Bolt", fields={"Tier": "Silver"}),
        fields=FIELDS,
    )
    place.customer("acme", "CustomerID: 7\nName: Acme\nFields:\n  Tier: Gold\n")
    place.customer("bolt", "CustomerID: 8\nName: Bolt\nFields:\n  Tier: Silver\n")
    return place


class TestConnecting:
    @pytest.mark.parametrize(
        ("url", "says"),
        [
            pytest.param("https://nx.invalid/rpm/", "cannot reach nx.invalid", id="F01"),
            pytest.param("http://127.0.0.1:9/", "cannot reach 127.0.0.1", id="F04"),
        ],
    )
    def test_nobody_there(self, url: str, says: str, shop: Workplace) -> None:
        """Nothing was sent, nothing is billed, and the message says where to."""
        ran = shop.run("plan", "-v", RPM_API_URL=url)
        assert ran.code == 1
        assert says in ran.err
        assert ran.err.count("Customers: ") == 4, "three attempts and the error"

    @pytest.mark.row("F05")
    def test_a_black_hole(self, shop: Workplace) -> None:
        """A connection that never stands ends within its deadline."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            port = listener.getsockname()[1]
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.settimeout(0)
                filler.connect_ex(("127.0.0.1", port))
            ran = shop.run("plan", "--timeout", "1", RPM_API_URL=f"http://127.0.0.1:{port}/")
            for filler in fillers:
                filler.close()
        assert ran.code == 1
        assert "cannot reach 127.0.0.1" in ran.err or "no whole answer within 1 s" in ran.err

    @pytest.mark.parametrize("row", [
        pytest.param("silent", id="F07"), pytest.param("plain", id="F06-not-tls"),
    ])  # fmt: skip
    def test_a_handshake_that_does_not_come_about(self, row: str, shop: Workplace) -> None:
        """No byte of the request leaves without a trusted connection."""
        seen: list[bytes] = []
        with raw_server(seen, answer=b"" if row == "silent" else b"HTTP/1.1 200 OK\r\n\r\n") as port:
            ran = shop.run("plan", "--timeout", "1", RPM_API_URL=f"https://localhost:{port}/")
        assert ran.code == 1
        assert "localhost" in ran.err
        assert all(b"RpmApiKey" not in part for part in seen)

    @pytest.mark.row("F03")
    @pytest.mark.row("F06")
    def test_a_certificate_that_nobody_vouches_for(self, shop: Workplace, tmp_path: Path) -> None:
        """One attempt, a reason, and the impostor sees no request."""
        seen: list[bytes] = []
        with raw_server(seen, certificate=self_signed(tmp_path)) as port:
            ran = shop.run("plan", RPM_API_URL=f"https://localhost:{port}/")
        assert ran.code == 1
        assert "no trusted connection to localhost" in ran.err
        assert seen == []

    @pytest.mark.row("F20")
    def test_a_proxy_that_refuses(self, shop: Workplace, server: Server) -> None:
        """The proxy's refusal is said, announced beforehand, and no key goes to it."""
        server.faults({"endpoint": "CONNECT", "point": "P1", "action": {"do": "reply", "status": 407}})
        ran = shop.run("plan", RPM_API_URL="https://secure.rpmtelco.com/rpm/", HTTPS_PROXY=server.url)
        assert ran.code == 1
        assert "calls go through the proxy" in ran.err
        assert (
            f"the proxy {server.url.removeprefix('http://')} refused to connect to secure.rpmtelco.com (407"
            in ran.err
        )
        assert ran.err.count("refused to connect") == 1
        assert server.count("CONNECT") == 1, "its refusal is not repeated"


@contextmanager
def raw_server(
    seen: list[bytes],
    *,
    answer: bytes = b"",
    certificate: tuple[Path, Path] | None = None,
    newest: ssl.TLSVersion | None = None,
) -> Iterator[int]:
    """A socket that notes what it is sent, answers as told, and speaks TLS, up to the `newest`, if it has a certificate."""
    listener = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        if newest:
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
                context.maximum_version = newest

    def serve() -> None:
        held = []
        while True:
            try:
                connection, _ = listener.accept()
                held.append(connection)
                connection.settimeout(3)
                if context:
                    with context.wrap_socket(connection, server_side=True) as secure:
                        seen.append(secure.recv(4096))
                    continue
                seen.append(connection.recv(4096))
                if answer:
                    connection.sendall(answer)
                    connection.close()
            except OSError:
                if listener.fileno() < 0 or closing.is_set():
                    break
        for connection in held:
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        closing.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        listener.close()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that no authority signed."""
    import trustme  # noqa: PLC0415

    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    key, chain = folder / "key.pem", folder / "chain.pem"
    issued.private_key_pem.write_to_path(key)
    issued.cert_chain_pems[0].write_to_path(chain)
    return chain, key


@pytest.mark.row("B99")
def test_what_leaves_this_machine(shop: Workplace) -> None:
    """The key in one header of ours, and nothing from `.netrc` or the environment."""
    requests: list[dict[str, str]] = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append(dict(self.headers))
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    noting = http.server.HTTPServer(("127.0.0.1", 0), Noting)
    threading.Thread(target=noting.serve_forever, daemon=True).start()
    home = shop.folder / "home"
    home.mkdir()
    (home / ".netrc").write_text("machine 127.0.0.1 login canary password canary\n")
    shop.run("plan", RPM_API_URL=f"http://127.0.0.1:{noting.server_port}/", NETRC=str(home / ".netrc"))
    noting.shutdown()
    noting.server_close()
    assert requests
    for headers in requests:
        assert {name.lower() for name in headers} == {
            "host", "accept", "accept-encoding", "user-agent", "rpmapikey", "content-length", "content-type",
        }  # fmt: skip
        assert "canary" not in str(headers)


@pytest.mark.row("B100")
@pytest.mark.row("B101")
def test_the_environment_changes_nothing_about_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key log is written, and no other authority is trusted, whatever variables say."""
    plain = tls_context()
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing"))
    context = tls_context()
    assert not context.keylog_filename
    assert context.cert_store_stats() == plain.cert_store_stats()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


TAKEN = '{"Result":{"Error":{"Message":"A customer with that name already exists"}}}'


class TestIdentity:
    @pytest.mark.row("F43")
    def test_an_error_that_is_a_text(self, shop: Workplace, server: Server) -> None:
        """Both shapes of an error are one."""
        server.knobs(errors="string")
        ran = shop.run("plan", RPM_API_KEY="0f-wrong")
        assert ran.code == 1
        assert "Valid key required" in ran.err

    @pytest.mark.row("F48")
    def test_more_calls_than_allowed(self, shop: Workplace, server: Server) -> None:
        """A plan beyond the limit is refused before its first edit; reads beyond it stop at once."""
        ran = shop.run("apply", "--yes", "--max-calls", "3")
        assert ran.code == 3
        assert "--max-calls 4" in ran.err
        assert len(server.calls()) == 3
        ran = shop.run("plan", "--max-calls", "2")
        assert ran.code == 1
        assert (
            ": this run's own limit of 2 calls (limits.calls) is reached, so RPM was not asked\n" in ran.err
        )
        assert len(server.calls()) == 5
        assert shop.run("apply", "--yes", "--max-calls", "4").code == 0

    @pytest.mark.row("F48")
    def test_the_limit_reached_on_the_way(self, shop: Workplace, server: Server) -> None:
        """A retry that the limit does not allow stops everything, and the report says so."""
        server.faults({"endpoint": "CustomerEdit", "nth": 1, "point": "P2", "action": {"do": "close"}})
        ran = shop.run("apply", "--yes", "--max-calls", "4", "--format", "json")
        assert ran.code == 4
        assert ran.json["customers"][0]["outcome"] == "unknown"
        assert len(server.calls()) == 4

    @pytest.mark.row("F50")
    def test_a_name_taken_by_a_customer_that_nobody_sees(self, shop: Workplace, server: Server) -> None:
        """RPM's refusal is reported for that customer; nothing is adopted, nothing repeated."""
        server.knobs(hidden_customers="8")
        (shop.folder / "customers/bolt.yaml").unlink()
        shop.customer("acme", "CustomerID: 7\nName: Bolt\n")
        ran = shop.run("apply", "--yes")
        assert ran.code == 4
        assert "A customer with that name already exists" in ran.out
        assert server.count("CustomerEdit") == 1

    @pytest.mark.row("F71")
    def test_two_customers_with_one_name(self, shop: Workplace, server: Server) -> None:
        """A name alone does not say which; both ids are named."""
        server.seed(Customer(7, "Acme"), Customer(9, "Acme"), fields=FIELDS)
        (shop.folder / "customers/bolt.yaml").unlink()
        shop.customer("acme", "Name: Acme\n")
        ran = shop.run("plan")
        assert ran.code == 1
        assert "several customers in RPM (7, 9); write the CustomerID" in ran.out + ran.err

    @pytest.mark.row("F59")
    def test_a_customer_without_a_name_blocks_no_other(self, shop: Workplace, server: Server) -> None:
        """It is named in a note; by its id it is managed, and given its name; a file without an id may mean it."""
        server.seed(
            Customer(7, "Acme", fields={"Tier": "Silver"}),
            Customer(8, ""),
            Customer(9, " "),
            fields=("Tier",),
        )
        shop.customer("bolt", "CustomerID: 8\nName: Bolt\n")
        ran = shop.run("plan")
        assert ran.code == 0, ran.err
        assert "2 customers in RPM without a name (8, 9)" in ran.out
        shop.customer("nine", "Name: Nine\n")
        ran = shop.run("plan")
        assert ran.code == 1
        assert 'RPM lists no "Nine"; it may be one of the customers without a name (8, 9)' in ran.out
        assert server.edits() == []
        (shop.folder / "customers/nine.yaml").unlink()
        assert shop.run("apply", "--yes").code == 0
        assert (server.names()[8], server.values()[7]["Fields.Tier"]) == ("Bolt", "Gold")
        ran = shop.run("import", "--all")
        assert ran.code == 4
        assert "9" in ran.out

    @pytest.mark.row("F72")
    def test_a_row_that_vanishes(self, shop: Workplace, server: Server) -> None:
        """Listed and gone a moment later is missing; the others are edited."""
        action = {"do": "hand", "customer": 8, "delete": True}
        server.faults({"endpoint": "Customers", "point": "P6", "action": action})
        ran = shop.run("apply", "--yes", "--format", "json")
        assert ran.code == 4
        assert [it["customer_id"] for it in ran.json["missing"]] == [8]
        assert server.values()[7]["Fields.Tier"] == "Gold"

    @pytest.mark.row("F75")
    def test_a_shrunken_list(self, server: Server, place: Workplace) -> None:
        """From ten ids up, a list without a fifth of them is not believed; one without less is."""
        for i in range(1, 11):
            place.customer(str(i), f"CustomerID: {i}\nName: Customer {i}\n")
        server.seed(*(Customer(i, f"Customer {i}") for i in range(1, 8)))
        for words in (["plan"], ["drift"], ["apply", "--yes"]):
            ran = place.run(*words)
            assert ran.code == 3
            assert "lacks 3 of the 10 customers" in ran.err
        server.seed(*(Customer(i, f"Customer {i}") for i in range(1, 9)))
        assert place.run("plan").code == 0

    @pytest.mark.row("F79")
    def test_a_merged_customer(self, shop: Workplace, server: Server) -> None:
        """It is missing, with a hint where its name went; its master is never edited in its place."""
        server.knobs(merged_read="master")
        server.merge(7, into=8)
        ran = shop.run("apply", "--yes")
        assert ran.code == 4
        assert "its name is now an alias of customer 8 (Bolt)" in ran.out
        assert server.edits() == []

    @pytest.mark.row("F84")
    def test_somebody_was_faster(self, shop: Workplace, server: Server) -> None:
        """A value that a person set meanwhile needs no edit, and the report says so."""
        action = {"do": "hand", "values": {"Fields.Tier": "Gold"}}
        faster = {"endpoint": "Customer", "customer": 7, "nth": 2, "point": "P2", "action": action}
        server.faults(read_slowly(7), faster)
        ran = shop.run("apply", "--yes", "--read-age", "1", "--format", "json")
        assert ran.code == 0
        assert ran.json["customers"][0]["detail"] == "already as wanted; no call was needed"
        assert server.edits() == []

    @pytest.mark.row("F89")
    def test_a_plan_during_an_apply(self, shop: Workplace, server: Server) -> None:
        """Reading disturbs nobody and needs no lock."""
        server.faults({"endpoint": "CustomerEdit", "point": "P2", "action": {"do": "delay", "seconds": 2}})
        child = shop.start("apply", "--yes")
        while server.count("Customer") < 2:
            pass
        assert shop.run("plan").code == 0
        child.communicate(timeout=20)
        assert child.returncode == 0

    @pytest.mark.parametrize(
        ("action", "code", "outcome"),
        [
            pytest.param(None, 0, "edited", id="F95-allowed"),
            pytest.param({"do": "reply", "body": TAKEN}, 4, "failed", id="F95-refused"),
            pytest.param({"do": "retain"}, 4, "not_taken", id="F95-ignored"),
        ],
    )
    def test_a_change_of_case(
        self, action: dict[str, Any] | None, code: int, outcome: str, shop: Workplace, server: Server
    ) -> None:
        """One edit like any other, and no tricks with temporary names where RPM does not take it."""
        if action:
            server.faults({"endpoint": "CustomerEdit", "point": "P2", "action": action})
        shop.customer("acme", "CustomerID: 7\nName: ACME\n")
        ran = shop.run("apply", "--yes", "--format", "json")
        assert (ran.code, ran.json["customers"][0]["outcome"]) == (code, outcome)
        assert server.count("CustomerEdit") == 1

    @pytest.mark.row("F97")
    def test_a_decomposed_name(self, shop: Workplace, server: Server) -> None:
        """Composed in the file and decomposed in RPM is the same name: nothing to send, found without an id too."""
        server.seed(Customer(7, "Cafe\u0301"), fields=FIELDS)
        (shop.folder / "customers/bolt.yaml").unlink()
        for text in ("CustomerID: 7\nName: Café\n", "Name: Café\n"):
            shop.customer("acme", text)
            assert shop.run("plan", "--detailed-exitcode").code == 0

    @pytest.mark.row("F101")
    def test_deleted_and_made_anew(self, shop: Workplace, server: Server) -> None:
        """The old id is missing, and the hint names the customer that has its name now; nothing is edited."""
        server.seed(Customer(70, "Acme"), Customer(8, "Bolt", fields={"Tier": "Silver"}), fields=FIELDS)
        ran = shop.run("apply", "--yes")
        assert ran.code == 4
        assert "customer 70 has its name now" in ran.out
        assert server.edits() == []


REWRITES: list[Any] = [
    pytest.param({"trim": "yes"}, '" Gold "', "RPM rewrote it; write it the way RPM keeps it", id="F63-trim"),
    pytest.param({"entities": "yes"}, "A & B", "RPM rewrote it", id="F63-entities"),
    pytest.param({"unicode": "NFD"}, "Größe", "", id="F63-unicode"),
    pytest.param({"line_ends": "crlf"}, '"a\\nb"', "", id="B138"),
    pytest.param({}, "&amp;".join("<>"), "", id="B137"),
]


@pytest.mark.parametrize(("knobs", "value", "says"), REWRITES)
def test_values_that_rpm_rewrites(
    knobs: dict[str, str], value: str, says: str, shop: Workplace, server: Server
) -> None:
    """What means the same is taken; what does not is not taken once, with advice, and never sent twice in a run."""
    server.knobs(**knobs)
    shop.customer("acme", f"CustomerID: 7\nName: Acme\nFields:\n  Tier: {value}\n")
    ran = shop.run("apply", "--yes", "--format", "json")
    assert ran.code == (4 if says else 0), ran.out
    assert says in ran.json["customers"][0]["detail"]
    assert server.count("CustomerEdit") == 1
    assert shop.run("plan", "--detailed-exitcode").code == (2 if says else 0)


HOSTILE: list[Any] = [
    pytest.param("\x1b]52;c;ZXZpbA==\x07\x1b[31m\rred\x08", id="B126"),
    pytest.param("::add-mask::e ##[add-mask]e", id="B127"),
    pytest.param(
        "`a` | <!-- --> <img src=x onerror=alert(1)> ![](http://x.example) @org/team #1 closes #2", id="B128"
    ),
    pytest.param("<!-- reconciler plan -->", id="B129"),
    pytest.param("EOF\n::set-output name=x::y", id="B130"),
    pytest.param("=cmd|' /C calc'!A0", id="B131"),
    pytest.param("x" * 5000, id="B132"),
    pytest.param(
        "\u202eevil\u2066 \ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        id="B126-bidi",
    ),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_of_a_customer_stays_text(text: str, shop: Workplace, server: Server) -> None:
    """Whatever another user of RPM wrote, no sink gets a raw control character or a runner command."""
    server.seed(
        Customer(7, "Acme", website=text[:100], fields={"Tier": text}), Customer(8, "Bolt"), fields=FIELDS
    )
    shop.customer("bolt", "CustomerID: 8\nName: Bolt\n")
    for words in (["plan"], ["plan", "--format", "json"], ["plan", "--format", "markdown"], ["plan", "--format", "html"],
                  ["drift"], ["apply", "--yes", "-v"]):  # fmt: skip
        ran = shop.run(*words, GITHUB_ACTIONS="true")
        printed = ran.out + ran.err
        assert ran.code in {0, 2}, printed
        assert not any(character in printed for character in "\x1b\x07\x08\r\u202e\u2066"), words
        assert "##[" not in printed
        assert not any(line.lstrip().startswith("::") for line in printed.splitlines())
    assert server.values()[7]["Fields.Tier"] == "Gold"


@pytest.mark.row("B133")
def test_odd_names_of_fields(shop: Workplace, server: Server) -> None:
    """A field is addressed by its exact text, whatever signs are in it; two of one name are refused."""
    names = ("a.b/c[d]", "Fields.x", "__private", "Tier ", "ünï")
    server.seed(Customer(7, "Acme", fields=dict.fromkeys(names, "1")), fields=names)
    (shop.folder / "customers/bolt.yaml").unlink()
    lines = "".join(
        f"  {json.dumps(name, ensure_ascii=False)}: 2\n" for name in names if name.strip() == name
    )
    shop.customer("acme", f"CustomerID: 7\nName: Acme\nFields:\n{lines}")
    assert shop.run("apply", "--yes").code == 0
    assert [it["Field"] for it in server.edits()[0]["Fields"]] == sorted(
        name for name in names if name.strip() == name
    )
    server.knobs(duplicate_field="a.b/c[d]")
    ran = shop.run("plan")
    assert ran.code == 1
    assert 'has more than one field "a.b/c[d]" in RPM' in ran.out


@pytest.mark.row("B134")
@pytest.mark.row("B136")
def test_shapes_of_the_same_meaning(shop: Workplace, server: Server) -> None:
    """Null is empty, ids may be digits in a text, and `Modified` may be missing."""
    server.knobs(ids="string", modified="missing")
    shop.customer("bolt", 'CustomerID: "8"\nName: Bolt\nWebsite: ""\nAddress: ""\nFields:\n  Zip: ""\n')
    server.faults(
        {
            "endpoint": "Customer",
            "point": "P5",
            "action": {"do": "rewrite", "set": [[["Result", "Website"], None]]},
        }
    )
    ran = shop.run("plan", "--format", "json", "--select", "8")
    assert ran.code == 0
    assert ran.json["edits"] == []


@pytest.mark.row("B140")
def test_a_long_error_is_cut(shop: Workplace, server: Server) -> None:
    """A megabyte of an error's text is three hundred characters of ours, and none of them moves the cursor."""
    body = json.dumps({"Result": {"Error": {"Message": "\x1b[2J" + "x" * 1_000_000}}})
    server.faults({"point": "P2", "action": {"do": "reply", "body": body}})
    ran = shop.run("plan")
    assert ran.code == 1
    assert len(ran.err) < 1000
    assert "\x1b" not in ran.err


class TestCommandLine:
    @pytest.mark.parametrize(
        "words",
        [
            pytest.param(["plan", "--paralel", "3"], id="B104-flag"),
            pytest.param(["plan", "--out"], id="B104-value"),
            pytest.param(["plan", "--parallel", "0"], id="B105-0"),
            pytest.param(["plan", "--parallel", "-1"], id="B105-negative"),
            pytest.param(["plan", "--parallel", "101"], id="B105-parallel"),
            pytest.param(["plan", "--timeout", "601"], id="B105-timeout"),
            pytest.param(["apply", "--read-age", "301"], id="B105-read-age"),
            pytest.param(["apply", "--read-age", "0"], id="B105-read-age-0"),
            pytest.param(["plan", "--max-percent", "101"], id="B105-percent"),
            pytest.param(["plan", "--max-calls", "1e9"], id="B105-exponent"),
            pytest.param(["plan", "--max-calls", "NaN"], id="B105-nan"),
            pytest.param(["plan", "--max-calls", " 5 "], id="B105-spaces"),
            pytest.param(["plan", "--max-calls", "٥"], id="B105-arabic"),
            pytest.param(["plan", "--select", "[7"], id="B108"),
            pytest.param(["plan", "--select", ".*"], id="B107"),
            pytest.param(["apply", "--confirm-identity", "seven"], id="B104-ids"),
            pytest.param(["plan", "--changed"], id="B104-needs"),
        ],
    )
    def test_bad_usage_makes_no_call(self, words: list[str], shop: Workplace, server: Server) -> None:
        """Exit 1, one sentence, no traceback."""
        ran = shop.run(*words)
        assert ran.code == 1
        assert ran.err.startswith("Error: ")
        assert "Traceback" not in ran.err
        assert server.calls() == []

    @pytest.mark.row("B116")
    def test_validate_needs_no_key(self, shop: Workplace) -> None:
        """A fork's pull request has none; plan says so in a sentence."""
        del shop.environment["RPM_API_KEY"]
        assert shop.run("validate").code == 0
        assert "RPM_API_KEY is not set" in shop.run("plan").err

    @pytest.mark.row("B86")
    @pytest.mark.row("B111")
    def test_anywhere_and_as_anybody(self, shop: Workplace, tmp_path: Path) -> None:
        """Outside of git, below the folder of reconciler.yaml, as root: it works."""
        shop.settings("customers: customers\n")
        inner = shop.folder / "customers" / "inner"
        inner.mkdir()
        done = subprocess.run(
            [COMMAND, "plan"], cwd=inner, env=shop.environment, capture_output=True, check=False
        )
        assert done.returncode == 0
        assert os.fspath(tmp_path)


class TestLocalState:
    @pytest.mark.row("F115")
    def test_a_full_disk_under_the_snapshot(self, shop: Workplace) -> None:
        """A snapshot that cannot be written costs a note and nothing else."""
        line = f'ulimit -f 1; exec "{COMMAND}" plan --refresh modified'
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=shop.folder,
            env=shop.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "cannot be" in done.stderr

    @pytest.mark.row("F116-journal")
    def test_a_journal_that_cannot_be_made(self, shop: Workplace, server: Server) -> None:
        """Something else in its place: no call is made, and the path is named."""
        (shop.folder / ".reconciler").mkdir()
        (shop.folder / ".reconciler" / "journal").write_text("in the way")
        ran = shop.run("apply", "--yes")
        assert ran.code == 1
        assert "writing the journal" in ran.err
        assert server.calls() == []

    def test_local_state_is_private_and_ignored(self, shop: Workplace) -> None:
        """0700, 0600, and a .gitignore of its own."""
        assert shop.run("apply", "--yes", "--refresh", "modified").code == 0
        local = shop.folder / ".reconciler"
        assert (local / ".gitignore").read_text() == "*\n"
        assert local.stat().st_mode & 0o777 == 0o700
        for path in local.rglob("*"):
            if path.is_file():
                assert path.stat().st_mode & 0o777 == 0o600, path
