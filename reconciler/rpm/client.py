"""One call: a POST with the key, bounded in time and size, counted, and read strictly. It never retries.

Every request that leaves is counted, because RPM bills it (`rpm-api.md` section 6). The log line of a call (`-v`) has
endpoint, id, time and outcome; never the key or a body.

Requests go to the transport itself. What `httpx.Client` adds in front of one, cookies, redirects, authentication by
`.netrc`, proxies of the environment, is just what must not happen here, and costs as much as the exchange.
"""

from __future__ import annotations

import email.utils
import json
import logging
import re
import threading
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import httpx

from reconciler.core.text import printable
from reconciler.core.version import __version__
from reconciler.rpm.dialing import NotConnected
from reconciler.rpm.errors import CallError, CallLimitReached, KeyRefused, Lost, NotSent, Throttled
from reconciler.rpm.response import Answer, bounded, lost, result_of
from reconciler.rpm.unreachable import not_sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.clock import Clock
    from reconciler.rpm.endpoint import Address
    from reconciler.rpm.key import ApiKey
    from reconciler.rpm.proxy import Proxy

log = logging.getLogger("reconciler.calls")

LIST_CAP: Final = 32 * 1024 * 1024
RECORD_CAP: Final = 4 * 1024 * 1024
PATIENCE: Final = 120.0
_NOT_FOUND: Final = 404
_COMPACT: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_HTTP_DATE: Final = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)
_CERTAINLY_NOT_SENT: Final = (NotConnected, httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds from start to last byte of one call, and how many calls the command may make."""

    timeout: float = 60.0
    calls: int = 10_000


class Client:
    """Makes calls; shared by all threads."""

    def __init__(
        self, address: Address, key: ApiKey, transport: httpx.BaseTransport, bounds: Bounds, clock: Clock
    ) -> None:
        """`transport` gets the `deadline` of a whole call among the request's extensions; it may name its `proxy`."""
        self.address = address
        self._key = key
        self._bounds = bounds
        self._clock = clock
        self._proxy: Proxy | None = getattr(transport, "proxy", None)
        self._transport = transport
        fields = (
            ("Host", httpx.URL(address.url).netloc.decode()),
            ("User-Agent", f"reconciler/{__version__}"),
            ("Accept", "application/json"),
            ("Accept-Encoding", "gzip"),
            ("Content-Type", "application/json"),
            ("RpmApiKey", key.reveal()),
        )
        self._headers = lru_cache(maxsize=256)(
            lambda length: httpx.Headers([*fields, ("Content-Length", str(length))])
        )
        self._urls: dict[str, httpx.URL] = {}
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    @property
    def calls(self) -> int:
        """Requests made so far, of every kind."""
        return self._counts.total()

    def count(self, endpoint: str) -> int:
        """Requests made to one endpoint so far."""
        return self._counts[endpoint]

    def count_anew(self, calls: int = 0) -> None:
        """Count, and limit, what is made from here on; `calls` were made for it already."""
        with self._lock:
            self._counts = Counter({"": calls})

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def call(self, endpoint: str, body: Mapping[str, Any], *, subject: str, cap: int = RECORD_CAP) -> Answer:
        """POST one call and return its answer; raises a `CallError` for everything else.

        A call of which no byte left is not counted: nobody can bill it.
        """
        doing = f"{endpoint}{subject}"
        with self._lock:
            if self._counts.total() >= self._bounds.calls:
                raise CallLimitReached(doing, self._bounds.calls)
            self._counts[endpoint] += 1
        start = self._clock.monotonic()
        try:
            answer = self._exchange(doing, endpoint, body, cap)
        except CallError as error:
            if isinstance(error, NotSent):
                with self._lock:
                    self._counts[endpoint] -= 1
            self._log(doing, start, self._key.redact(error.outcome))
            raise
        self._log(doing, start, "ok")
        return answer

    def _log(self, doing: str, start: float, outcome: str) -> None:
        log.info("%s: %.0f ms: %s", doing, 1000 * (self._clock.monotonic() - start), outcome)

    def _exchange(self, doing: str, endpoint: str, body: Mapping[str, Any], cap: int) -> Answer:
        """Send and receive, with every way of failing brought to its class."""
        deadline = self._clock.monotonic() + self._bounds.timeout
        try:
            response, content = self._send(endpoint, body, cap, deadline)
        except _CERTAINLY_NOT_SENT as error:
            raise not_sent(doing, self.address.host, error, self._said(error), self._proxy) from None
        except (httpx.TimeoutException, TimeoutError):
            raise Lost(doing, f"no whole answer within {self._bounds.timeout:g} s", retryable=True) from None
        except (httpx.TransportError, OSError) as error:
            raise lost(doing, "the connection broke", f" ({self._said(error)})") from None
        except (ValueError, httpx.InvalidURL, ArithmeticError) as error:
            raise lost(doing, "the answer is unusable", f": {self._said(error)}") from None
        if response.status_code != 200:
            raise self._failure(doing, response, content)
        return Answer(
            result_of(doing, content, self._key.redact), http_date(response.headers.get("date", ""))
        )

    def _send(
        self, endpoint: str, body: Mapping[str, Any], cap: int, deadline: float
    ) -> tuple[httpx.Response, bytes]:
        """One exchange on the wire; the body of an error answer is read too, so that the connection lives."""
        content = _COMPACT.encode(body).encode()
        request = httpx.Request(
            "POST",
            self._url(endpoint),
            headers=self._headers(len(content)),
            stream=httpx.ByteStream(content),
            extensions={"deadline": deadline},
        )
        response = self._transport.handle_request(request)
        try:
            encoding = response.headers.get("content-encoding", "").strip().lower()
            late = self._clock.monotonic
            pieces = cast("httpx.SyncByteStream", response.stream)
            content = bounded(pieces, encoding, cap, lambda: late() > deadline)
        finally:
            response.close()
        return response, content

    def _url(self, endpoint: str) -> httpx.URL:
        """The endpoint's address, parsed once."""
        if endpoint not in self._urls:
            self._urls[endpoint] = httpx.URL(self.address.url + endpoint)
        return self._urls[endpoint]

    def _said(self, error: Exception) -> str:
        """An error's own words, safe to show."""
        said = self._key.redact(printable(str(error) or type(error).__name__))
        return (said if self._proxy is None else self._proxy.redact(said))[:200]

    def _failure(self, doing: str, response: httpx.Response, content: bytes) -> CallError:
        """What a status other than 200 means; its body is not JSON as often as not."""
        status = response.status_code
        if status == 429:
            wait = retry_after(response.headers)
            return Throttled(doing, "RPM asks for fewer calls (429)", retry_after=wait, patience=PATIENCE)
        if status in {401, 403}:
            happened = f"key refused by {self.address.host} ({status})"
            return KeyRefused(doing, "", advice="check the key and its rights", happened=happened)
        if 300 <= status < 400 and "location" in response.headers:
            place = self._key.redact(printable(response.headers["location"]))[:100]
            said = f"redirected to {place}, which is not followed"
            return Lost(doing, said, outcome="redirected, which is not followed", advice="check the url")
        text = self._key.redact(printable(" ".join(content[:400].decode("utf-8", errors="replace").split())))
        again = status >= 500 or status < 300
        advice = f"check the url: is {self.address.url} where RPM is?" if status == _NOT_FOUND else ""
        quoted = f": {text[:80] or 'no text'}"
        return lost(doing, f"HTTP status {status}", quoted, retryable=again, advice=advice)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a `Retry-After` asks for, from 0; None where there is none to be understood.

    A date is taken relative to the answer's own `Date`, so that no clock of ours matters.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    then, sent = http_date(text), http_date(headers.get("date", ""))
    return None if then is None or sent is None else float(max(0, then - sent))


@lru_cache(maxsize=64)
def http_date(text: str) -> int | None:
    """Seconds since 1970 of an HTTP date in the one form that servers may write (RFC 9110); None for anything else."""
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        return int(email.utils.parsedate_to_datetime(text).timestamp())
    except (ValueError, OverflowError):
        return None
