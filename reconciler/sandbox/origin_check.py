"""Who may talk to the sandbox: programs and pages of this machine, under a loopback name.

A web page elsewhere must not drive it: neither by a name that it made point here (Host) nor by a
form or script of its own (Origin).
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=256)
def refusal(host: str, origin: str | None) -> str | None:
    """Why a request with that Host and Origin is refused, or None."""
    if not _loopback(_without_port(host)):
        return "the sandbox answers only to loopback names"
    if origin is not None and origin.lower() not in {f"http://{host.lower()}", f"https://{host.lower()}"}:
        return "the sandbox does not answer pages of other origins"
    return None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and (":" not in name or name.endswith("]")) else host


def _loopback(name: str) -> bool:
    plain = name.lower().removesuffix(".")
    if plain == "localhost" or plain.endswith(".localhost"):
        return True
    bracketed = plain.startswith("[") and plain.endswith("]")
    try:
        address = ipaddress.ip_address(plain[1:-1] if bracketed else plain)
    except ValueError:
        return False
    return (
        address == ipaddress.IPv6Address("::1") if bracketed else address.version == 4 and address.is_loopback
    )
