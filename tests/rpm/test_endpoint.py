"""Where a key may go: the host rule, and the spellings of one service."""

from __future__ import annotations

import pytest

from reconciler.core.errors import InputError
from reconciler.rpm.endpoint import settle

SERVICE = "https://secure.rpmtelco.com/rpm/api2.svc/"


@pytest.mark.row("B97")
@pytest.mark.parametrize(
    "text",
    [
        "https://secure.rpmtelco.com/rpm/",
        "https://secure.rpmtelco.com/rpm",
        "https://secure.rpmtelco.com",
        "https://secure.rpmtelco.com/",
        "https://secure.rpmtelco.com/rpm/api2.svc",
        "https://secure.rpmtelco.com/rpm/Api2.svc/",
        "HTTPS://Secure.RPMTelco.com/rpm/api2.svc/",
    ],
)
def test_every_spelling_is_one_address(text: str) -> None:
    """With or without /rpm/, api2.svc, trailing slash, and in any case of the host."""
    address = settle(text, from_file=True)
    assert address.url == SERVICE
    assert address.host == "secure.rpmtelco.com"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("http://secure.rpmtelco.com/rpm/", id="B94"),
        pytest.param("https://user:pass@secure.rpmtelco.com/", id="B95-user"),
        pytest.param("https://secure.rpmtelco.com@evil.example/", id="B95-at"),
        pytest.param("https://evil.example\\@secure.rpmtelco.com/", id="B95-backslash"),
        pytest.param("https://evil.example#@secure.rpmtelco.com/", id="B95-hash"),
        pytest.param("https://secure.rpmtelco.com.evil.example/", id="B95-suffix"),
        pytest.param("https://secure.rpmtelco.com./", id="B95-dot"),
        pytest.param("https://secure。rpmtelco。com/", id="B95-full-width"),
        pytest.param("https://xn--rpmtelco-xyz.com/", id="B95-punycode"),
        pytest.param("https://192.0.2.1/", id="B95-literal"),
        pytest.param("https://secure.rpmtelco.com:0/", id="B95-port-0"),
        pytest.param("https://secure.rpmtelco.com:99999/", id="B95-port"),
        pytest.param("https://secure.rpmtelco.com/ rpm", id="B95-space"),
        pytest.param("//secure.rpmtelco.com/", id="B95-no-scheme"),
        pytest.param("https:secure.rpmtelco.com", id="B95-no-slashes"),
        pytest.param("file:///etc/passwd", id="B95-file"),
        pytest.param("ftp://secure.rpmtelco.com/", id="B95-ftp"),
        pytest.param("https://secure.rpmtelco.com/rpm/?x=1", id="B97-query"),
        pytest.param("https://secure.rpmtelco.com/rpm/#x", id="B97-fragment"),
        pytest.param("https://secure.rpmtelco.com/../rpm/", id="B97-dots"),
        pytest.param("https://secure.rpmtelco.com/rpm/api2.svc/api2.svc/", id="B97-doubled"),
        pytest.param("https://secure.rpmtelco.com/%2e%2e/", id="B97-encoded"),
        pytest.param("https://rpm.example/", id="B96-other-host"),
        pytest.param("http://127.0.0.1:8000/", id="B96-loopback"),
    ],
)
def test_a_file_may_name_a_known_host_alone(text: str) -> None:
    """Anything else in reconciler.yaml could send the key elsewhere, and is refused with what to do."""
    with pytest.raises(InputError) as caught:
        settle(text, from_file=True)
    assert "reading the url" in caught.value.what
    assert caught.value.advice


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:1/", "http://localhost:1", "http://[::1]:1/", "http://a.localhost:1/"]
)
def test_plain_http_reaches_loopback_alone(text: str) -> None:
    """From the environment or a flag, and to no other host."""
    assert settle(text, from_file=False).loopback
    for other in ("http://10.0.0.1/", "http://127.0.0.1.evil.example/", "http://localhost.evil.example/"):
        with pytest.raises(InputError, match="plain http"):
            settle(other, from_file=False)


def test_another_host_may_come_from_the_environment() -> None:
    """Where no pull request can change it."""
    assert (
        settle("https://rpm.example:8443/api2.svc", from_file=False).url
        == "https://rpm.example:8443/rpm/api2.svc/"
    )
