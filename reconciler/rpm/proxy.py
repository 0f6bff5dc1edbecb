"""A proxy as the environment names one -> what the transport dials, and what people may see of it. Pure.

Conventions are those of curl and requests: `https_proxy`, else `all_proxy`, lower case first; no scheme means http;
`no_proxy` names hosts that are reached without one. A value that cannot be a proxy is refused by the variable's name alone,
because a password may stand in it.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes, urlsplit

from reconciler.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.rpm.endpoint import Address

_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?", re.ASCII)
_PORTS: Final = {"http": 80, "https": 443}
_ADVICE: Final = "write it like http://proxy.example:3128, or unset it"


@dataclass(frozen=True, slots=True)
class Proxy:
    """An http or https proxy; `authorization` is the value of `Proxy-Authorization`, for the proxy alone, or empty."""

    scheme: str
    host: str
    port: int
    variable: str
    authorization: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def shown(self) -> str:
        """Host and port: all that may be shown."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """What is dialled, without credentials."""
        return f"{self.scheme}://{self.shown}"

    def redact(self, text: str) -> str:
        """The text without the credentials, in any of their spellings: a proxy may echo them."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def proxy_for(address: Address, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy that the environment names for this address, or None; never one for loopback. Raises `InputError`."""
    if address.loopback:
        return None
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        if value := environment.get(name):
            around = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
            return None if _bypassed(address.host, around) else parse_proxy(name, value)
    return None


def parse_proxy(variable: str, text: str) -> Proxy:
    """The proxy that a variable names; its text is in no error."""

    def refuse(why: str, advice: str = _ADVICE) -> InputError:
        return InputError(f"reading {variable}: {why}", advice=advice)

    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise refuse("it contains white space or characters that a proxy's address cannot contain")
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise refuse("its host or port is malformed") from None
    if parts.scheme.startswith("socks"):
        advice = "use one that speaks http, or NO_PROXY for the host of RPM"
        raise refuse(
            f"it names a {parts.scheme} proxy, and only http and https proxies are supported", advice
        )
    if parts.scheme not in _PORTS:
        raise refuse("its scheme is neither http nor https")
    if not _is_host(host, bracketed="[" in parts.netloc.rpartition("@")[2]):
        raise refuse("its host is malformed")
    if port == 0 or parts.netloc.endswith(":"):
        raise refuse("its port is not a number from 1 to 65535")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise refuse("it has a path, and a proxy is a host and a port")
    if "@" not in parts.netloc:
        return Proxy(parts.scheme, host, port or _PORTS[parts.scheme], variable)
    user, password = (unquote_to_bytes(part or "") for part in (parts.username, parts.password))
    coded = base64.b64encode(user + b":" + password).decode("ascii")
    spellings = {coded, parts.password or "", password.decode("utf-8", errors="replace")}
    secrets = tuple(sorted(spellings - {""}, key=len, reverse=True))
    return Proxy(parts.scheme, host, port or _PORTS[parts.scheme], variable, f"Basic {coded}", secrets)


def _is_host(host: str, *, bracketed: bool) -> bool:
    """Whether a host can be dialled: a name or an IPv4 address, or an IPv6 address in brackets."""
    if not bracketed:
        return _HOST.fullmatch(host) is not None
    try:
        return ipaddress.ip_address(host).version == 6 and "%" not in host
    except ValueError:
        return False


def _bypassed(host: str, around: str) -> bool:
    """Whether `NO_PROXY` names the host, by the rules of Python's own urllib."""
    bypass: Callable[[str, dict[str, str]], bool] = getattr(urllib.request, "proxy_bypass_environment")  # noqa: B009 - typeshed lacks it
    return bool(bypass(host, {"no": around}))
