"""A URL as people write it -> the service's address, or the reason why no key may go there.

The URL is parsed once, by the library that connects, so that what is checked is what is dialled. Known hosts and the
spellings of the path: `rpm-api.md` section 1. A URL that a file in the repository names may only be a known host,
because whoever can open a pull request could otherwise send the key elsewhere.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import httpx

from reconciler.core.errors import InputError
from reconciler.core.text import printable

SANDBOX: Final = "sandbox:"
KNOWN_HOSTS: Final = (
    "secure.rpmtelco.com", "api.rpmtelco.com", "rpmtelco.com", "secure.cubedms.com", "api.cubedms.com",
)  # fmt: skip
_SERVICE: Final = "api2.svc"


@dataclass(frozen=True, slots=True)
class Address:
    """Where calls go. `url` ends with a slash and takes an endpoint's name; `host` is for messages."""

    url: str
    host: str
    loopback: bool


def settle(text: str, *, from_file: bool) -> Address:
    """Check the URL and bring it to the one form `https://host/rpm/api2.svc/`."""

    def refuse(why: str, advice: str = "write it like https://secure.rpmtelco.com/rpm/") -> InputError:
        return InputError(f"reading the url {printable(text)!r}: {why}", advice=advice)

    if text != text.strip() or not text.isascii() or any(c.isspace() for c in text) or "\\" in text:
        raise refuse("it contains white space or characters that a URL cannot contain")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise refuse(str(error)) from None
    if url.scheme not in {"https", "http"} or not url.host or not text.lower().startswith(f"{url.scheme}://"):
        raise refuse("it is not an https URL with a host")
    if url.userinfo or url.query or url.fragment or "?" in text or "#" in text or "@" in text:
        raise refuse("a user, a query or a fragment has no place in it")
    loopback = is_loopback(url.host)
    if url.scheme == "http" and not loopback:
        raise refuse("plain http would show the key to everybody on the way", "write https")
    if url.port == 0:
        raise refuse("port 0 cannot be dialled")
    if from_file and (url.host not in KNOWN_HOSTS or url.port is not None):
        advice = "another host must come from RPM_API_URL or --url, where no pull request can change it"
        raise refuse(f"reconciler.yaml may only name a known RPM host ({', '.join(KNOWN_HOSTS)})", advice)
    path = _path(text.split("://", 1)[1].partition("/")[2])
    if path is None:
        raise refuse(f"its path is not one that leads to {_SERVICE}")
    return Address(f"{url.scheme}://{url.netloc.decode('ascii')}{path}", url.host, loopback)


def _path(written: str) -> str | None:
    """`/rpm/api2.svc/` from any of its spellings: with or without either part or slashes at the end."""
    parts = written.rstrip("/").split("/") if written.strip("/") else []
    if parts and parts[-1].lower() == _SERVICE:
        parts.pop()
    if any(part in {"", ".", ".."} or "%" in part or part.lower() == _SERVICE for part in parts):
        return None
    return "/".join(["", *(parts or ["rpm"]), _SERVICE, ""])


def service_of(address: Address) -> str:
    """The service at an address, as host and port: the hosts of one vendor are one, and the names of this machine."""
    url = httpx.URL(address.url)
    host = url.raw_host.decode("ascii").lower().strip("[]").removesuffix(".")
    if is_loopback(host):
        host = "localhost"
    elif host in KNOWN_HOSTS:
        host = ".".join(host.split(".")[-2:])
    else:
        with suppress(ValueError):
            host = ipaddress.ip_address(host).compressed
    return f"{host}:{url.port or {'http': 80, 'https': 443}[url.scheme]}"


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
