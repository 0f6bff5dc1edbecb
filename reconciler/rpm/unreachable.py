"""No connection came about -> whose doing that is, in words: this machine, the proxy, or the host of RPM. Pure.

No byte of a request left in any of these cases. What would end the same way again is not tried again: a certificate that
nobody vouches for, a refusal of the proxy.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reconciler.core.machine import machine_limit
from reconciler.rpm.dialing import Stage
from reconciler.rpm.errors import NoConnection, NotSent

if TYPE_CHECKING:
    from reconciler.rpm.proxy import Proxy

_ERRNO: Final = re.compile(r"\[Errno -?\d+\] ?")
_STATUS: Final = re.compile(r"[1-5]\d\d( |$)", re.ASCII)
_CA_ADVICE: Final = "a company's own authority is named by --ca-file or RPM_CA_FILE"


def not_sent(doing: str, host: str, error: Exception, said: str, proxy: Proxy | None) -> NotSent:
    """The error of a call to a host; `said` are the words of the library's own, safe to show."""
    if limit := machine_limit(error):
        happened = f"no connection was opened ({limit.what})"
        return NoConnection(doing, happened, advice=limit.advice)
    said = _ERRNO.sub("", said)
    untrusted = "CERTIFICATE" in said.upper() or "SSL" in said.upper()
    stage = getattr(error, "stage", Stage.REACH)
    if proxy is not None and stage is Stage.REACH_PROXY:
        how = "no trusted connection to" if untrusted else "cannot reach"
        advice = _CA_ADVICE if untrusted else f"check {proxy.variable}, and whether the proxy is up"
        happened = f"{how} the proxy {proxy.shown} ({said}); RPM was not asked"
        return NotSent(doing, happened, advice=advice, retryable=not untrusted)
    if proxy is not None and stage is Stage.TUNNEL:
        return _no_tunnel(doing, host, said, proxy)
    through = "" if proxy is None else f" through the proxy {proxy.shown}"
    if untrusted:
        advice = f"check the url, and who answers there; {_CA_ADVICE}"
        return NotSent(doing, f"no trusted connection to {host}{through} ({said})", advice=advice)
    advice = "check the url and the network; nothing was sent"
    return NotSent(doing, f"cannot reach {host}{through} ({said})", advice=advice, retryable=True)


def _no_tunnel(doing: str, host: str, said: str, proxy: Proxy) -> NotSent:
    """The proxy was reached and does not connect: it says why by a status, or nothing that can be understood."""
    if not _STATUS.match(said):
        happened = f"the proxy {proxy.shown} did not connect to {host} ({said}); RPM was not asked"
        advice = f"check {proxy.variable}: is it an http proxy?"
        return NotSent(doing, happened, advice=advice, retryable=True)
    happened = f"the proxy {proxy.shown} refused to connect to {host} ({said.strip()}); RPM was not asked"
    if said.startswith("407"):
        advice = f"{proxy.variable} takes a user and a password, as in http://user:password@{proxy.shown}"
        return NotSent(doing, happened, advice=advice, ends_run=True)
    advice = f"ask the administrator of the proxy; NO_PROXY={host} bypasses it"
    return NotSent(doing, happened, advice=advice, retryable=said >= "5", ends_run=said < "5")
