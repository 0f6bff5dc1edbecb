"""Who may talk to the sandbox: loopback names, and no page of another origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.sandbox.origin_check import refusal

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:80",
        "rpm.localhost:8",
        "localhost.",
        "127.0.0.1:80",
        "127.9.9.9",
        "[::1]",
        "[::1]:80",
    ],
)
def test_loopback_names_are_served(host: str) -> None:
    """Each way to name this machine's loopback."""
    assert refusal(host, None) is None


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0",  # noqa: S104 refused
     "[::2]", "::1", "[127.0.0.1]", "localhost:80:80", "127.1", "localhost@evil.example"],
)  # fmt: skip
def test_other_names_are_refused(host: str) -> None:
    """A name that points here is not enough: it must be a loopback name."""
    assert refusal(host, None) == "the sandbox answers only to loopback names"


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "http://localhost:81", "http://localhost.evil.example:80", ""]
)
def test_foreign_origins_are_refused(origin: str) -> None:
    """Only its own pages may post to it, not even those of another port."""
    assert refusal("localhost:80", origin) == "the sandbox does not answer pages of other origins"


@pytest.mark.parametrize("path", ["/", "/rpm/api2.svc/Info", "/sandbox/requests", "/customers/10023"])
def test_the_gate_stands_before_everything(rpm: Rpm, path: str) -> None:
    """API, admin API and page are behind it; nothing is logged of what it refused."""
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        for method in ("GET", "POST"):
            assert (
                rpm.http.request(method, path, headers={"RpmApiKey": "sandbox", **headers}).status_code == 403
            )
    assert rpm.outcomes() == []


def test_its_own_origin_is_served(rpm: Rpm) -> None:
    """A form of its own page sends its own origin."""
    assert rpm.http.get("/", headers={"Origin": rpm.url}).status_code == 200
