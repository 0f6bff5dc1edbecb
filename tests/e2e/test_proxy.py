"""A company's network around the installed command: a proxy with a password, an authority of its own, odd variables."""

from __future__ import annotations

import base64
import http.server
import json
import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from tests.kit.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "canary-proxy"
LIST = json.dumps({"Result": {"Customers": [{"Customer": "Acme", "CustomerID": 7}]}}).encode()


@dataclass
class Network:
    """RPM under another name behind a proxy; what each of the two was sent in its heads."""

    folder: Path
    proxy: str = ""
    to_proxy: list[str] = field(default_factory=list)
    to_rpm: list[dict[str, str]] = field(default_factory=list)

    @property
    def ca_file(self) -> str:
        return str(self.folder / "ca.pem")


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """A TLS server that answers every call with a list of one, and a proxy that connects everybody to it."""
    authority, here = trustme.CA(), Network(tmp_path)
    authority.cert_pem.write_to_path(here.ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("rpm.example").configure_cert(context)

    class Rpm(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            here.to_rpm.append(dict(self.headers))
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(LIST)))
            self.end_headers()
            self.wfile.write(LIST)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rpm)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with listening(lambda client: tunnel(client, server.server_port, here.to_proxy)) as port:
        here.proxy = f"127.0.0.1:{port}"
        yield here
    server.shutdown()
    server.server_close()


@contextmanager
def listening(serve: Any) -> Iterator[int]:
    """A listener that hands each connection to a thread."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    listener.close()


def tunnel(client: socket.socket, port: int, heads: list[str]) -> None:
    """Connect whoever shows the password, and pass on what both say."""
    head = b""
    while b"\r\n\r\n" not in head and (part := client.recv(4096)):
        head += part
    heads.append(head.decode("latin-1"))
    if b"Proxy-Authorization: Basic " not in head:
        client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        client.close()
        return
    with client, socket.create_connection(("127.0.0.1", port)) as rpm:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=passed_on, args=(rpm, client), daemon=True)
        back.start()
        passed_on(client, rpm)
        back.join(5)


def passed_on(one: socket.socket, other: socket.socket) -> None:
    try:
        while part := one.recv(65536):
            other.sendall(part)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        return


@pytest.fixture
def shop(tmp_path: Path) -> Workplace:
    """One customer, whose list row is its read."""
    place = Workplace(tmp_path / "repository", "https://rpm.example/")
    place.customer("acme", "CustomerID: 7\nName: Acme\n")
    return place


@pytest.mark.row("F20")
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_with_a_password(scheme: str, shop: Workplace, network: Network) -> None:
    """It gets its credentials and no key, RPM the key and no credentials, and nobody sees the password."""
    named = f"{scheme}ada:{PASSWORD}@{network.proxy}"
    ran = shop.run("plan", "-v", HTTPS_PROXY=named, RPM_CA_FILE=network.ca_file)
    assert ran.code == 0, ran.err
    assert f"calls go through the proxy {network.proxy}" in ran.err
    (head,) = network.to_proxy
    assert head.startswith("CONNECT rpm.example:443 HTTP/1.1")
    coded = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
    assert f"Proxy-Authorization: Basic {coded}" in head
    assert "rpmapikey" not in head.lower()
    (request,) = network.to_rpm
    assert request["RpmApiKey"] == shop.environment["RPM_API_KEY"]
    assert "proxy-authorization" not in {name.lower() for name in request}
    assert PASSWORD not in ran.out + ran.err
    assert coded not in ran.out + ran.err


@pytest.mark.row("F20")
@pytest.mark.parametrize("what", ["no password", "down", "not http", "silent"])
def test_a_proxy_that_fails_is_blamed(what: str, shop: Workplace, network: Network) -> None:
    """Not RPM: the proxy is named, and its refusal is not repeated."""
    answers = {"not http": b"SSH-2.0-OpenSSH_9.6\r\n", "silent": b""}

    def answer(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(answers[what])
        if what == "silent":
            client.recv(4096)
        client.close()

    with listening(answer) as port:
        proxy = network.proxy if what == "no password" else f"127.0.0.1:{9 if what == 'down' else port}"
        flags = ("--timeout", "1", "--ca-file", network.ca_file)
        ran = shop.run("plan", *flags, HTTPS_PROXY=f"http://{proxy}")
    assert ran.code == 1
    assert f"the proxy {proxy} " in ran.err
    assert "RPM was not asked" in ran.err
    assert network.to_rpm == []
    assert len(network.to_proxy) == (what == "no password")


@pytest.mark.row("B102")
def test_whom_to_trust(shop: Workplace, network: Network) -> None:
    """A company's own authority by flag or variable, and then no other; without it nothing is sent."""
    through = {"HTTPS_PROXY": f"ada:{PASSWORD}@{network.proxy}"}
    ran = shop.run("plan", **through)
    assert ran.code == 1
    assert f"no trusted connection to rpm.example through the proxy {network.proxy}" in ran.err
    assert "--ca-file or RPM_CA_FILE" in ran.err
    assert network.to_rpm == []
    assert shop.run("plan", "--ca-file", network.ca_file, RPM_CA_FILE="/nowhere", **through).code == 0
    other = network.folder / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    assert "no trusted connection" in shop.run("plan", "--ca-file", str(other), **through).err


@pytest.mark.row("B102")
@pytest.mark.parametrize(
    ("words", "variables", "says"),
    [
        (
            ["--ca-file", "nowhere.pem"],
            {},
            "reading the certificates of nowhere.pem: No such file or directory",
        ),
        (
            ["--ca-file", "reconciler.yaml"],
            {},
            "reading the certificates of reconciler.yaml: it contains no certificate",
        ),
        (["--ca-file", ""], {}, "an empty value"),
        ([], {"RPM_CA_FILE": ""}, "RPM_CA_FILE is set and empty"),
    ],
)
def test_certificates_that_are_none(
    words: list[str], variables: dict[str, str], says: str, shop: Workplace
) -> None:
    """Said before the first call."""
    shop.settings("parallel: 3\n")
    ran = shop.run("plan", *words, **variables)
    assert ran.code == 1
    assert says in ran.err


@pytest.mark.row("B102")
def test_a_branch_cannot_choose_whom_to_trust(shop: Workplace) -> None:
    """The setting is refused, and the text says where it may stand."""
    shop.settings("ca_file: certificates/ours.pem\n")
    ran = shop.run("plan")
    assert ran.code == 1
    assert (
        "reconciler.yaml:1:1: a file of the repository cannot choose whom to trust; set RPM_CA_FILE or give --ca-file"
        in ran.out + ran.err
    )


@pytest.mark.row("B100")
@pytest.mark.parametrize("place", ["/nowhere/keys", "."])
def test_a_key_log_is_neither_written_nor_in_the_way(place: str, shop: Workplace, network: Network) -> None:
    """Python would open it for every connection, and fail where it cannot."""
    through = {"HTTPS_PROXY": f"ada:{PASSWORD}@{network.proxy}", "RPM_CA_FILE": network.ca_file}
    assert shop.run("plan", SSLKEYLOGFILE=place, **through).code == 0
