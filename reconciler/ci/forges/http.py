"""JSON over HTTP to a forge's API, with a token for that host alone.

Three tries where a forge says that it is busy (429, 403 with a rate limit, 5xx) or does not answer; `Retry-After` is obeyed up to
a minute. What creates something is not sent again unless the forge refused it. A redirect, an artifact's on GitHub, is followed
once, without the token, to https or to where the API itself is.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.errors import RemoteError
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRIES: Final = 3
PAGE: Final = 100
PAGES: Final = 50
LARGEST: Final = 64 * 1024 * 1024
_LONGEST_WAIT: Final = 60.0
_TIMEOUT: Final = 60
_BUSY: Final = frozenset({429, 500, 502, 503, 504})
_REDIRECT: Final = frozenset({301, 302, 303, 307, 308})


class ForgeError(RemoteError):
    """The forge refused or did not answer; `status` is 0 without an answer."""

    def __init__(self, what: str, *, status: int = 0, advice: str = "") -> None:
        """Keep the status."""
        self.status = status
        super().__init__(what, advice=advice)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing by itself: the token must not travel."""


@dataclass(frozen=True, slots=True)
class Http:
    """The API below a base address; `header` and `token` prove who asks."""

    base: str
    header: str
    token: str = field(repr=False)
    pause: Callable[[float], None] = time.sleep

    def get(self, path: str) -> Any:
        """The JSON of an answer."""
        return json.loads(self.content("GET", path))

    def get_or_none(self, path: str) -> Any:
        """The same, or None for what is not there or not to be seen with this token."""
        try:
            return self.get(path)
        except ForgeError as error:
            if error.status in {401, 403, 404}:
                return None
            raise

    def send(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """The JSON of an answer to something that writes."""
        return json.loads(self.content(method, path, json.dumps(body).encode()) or b"null")

    def rows(self, path: str, key: str = "") -> Iterator[dict[str, Any]]:
        """Every row of a list, page by page; `key` names the list inside of an object."""
        joiner = "&" if "?" in path else "?"
        for page in range(1, PAGES + 1):
            answer = self.get(f"{path}{joiner}per_page={PAGE}&page={page}")
            found = answer[key] if key else answer
            yield from found
            if len(found) < PAGE:
                return

    def content(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The bytes of an answer; raises `ForgeError` with the forge's own words."""
        url = path if path.startswith(("https://", "http://")) else self.base + path
        request = urllib.request.Request(url, body, method=method)  # noqa: S310 - the address is the runner's
        if url.startswith(self.base):
            request.add_unredirected_header(self.header, self.token)
        request.add_header("Accept", "application/json")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        for number in range(1, TRIES + 1):
            try:
                return self._exchange(request)
            except urllib.error.HTTPError as error:
                if error.code in _REDIRECT:
                    return self._elsewhere(error)
                wait = _wait(error, method, number)
                if wait is None or number == TRIES:
                    raise _refused(method, path, error) from None
            except (OSError, http.client.HTTPException) as error:
                wait = float(number)
                if method == "POST" or number == TRIES:
                    why = getattr(error, "reason", error)
                    raise ForgeError(
                        f"{method} {printable(path)}: the forge does not answer: {why}"
                    ) from None
            self.pause(wait)
        raise AssertionError

    def _exchange(self, request: urllib.request.Request) -> bytes:
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(request, timeout=_TIMEOUT) as answer:
            content: bytes = answer.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ForgeError(f"the forge's answer has more than {LARGEST:,} bytes")
        return content

    def _elsewhere(self, error: urllib.error.HTTPError) -> bytes:
        """What a redirect leads to, asked for without the token."""
        place = error.headers.get("Location", "")
        if not place.startswith(("https://", f"{self.base.split('/', 3)[0]}//")):
            raise ForgeError(
                f"the forge redirects to {printable(place)[:100]!r}, which is not an https address"
            )
        return self._exchange(urllib.request.Request(place))  # noqa: S310 - checked above


def _wait(error: urllib.error.HTTPError, method: str, number: int) -> float | None:
    """Seconds before another try, or None where there is none to make."""
    after = error.headers.get("Retry-After", "")
    limited = error.code == 429 or (
        error.code == 403 and (after or error.headers.get("X-RateLimit-Remaining") == "0")
    )
    if not limited and (error.code not in _BUSY or method == "POST"):
        return None
    return min(float(after), _LONGEST_WAIT) if after.isdigit() else float(number)


def _refused(method: str, path: str, error: urllib.error.HTTPError) -> ForgeError:
    """The forge's answer in words, with the message that its JSON has."""
    try:
        said = json.loads(error.read(4096))
        words = str(said.get("message") or said.get("error") or "") if isinstance(said, dict) else ""
    except (OSError, ValueError):
        words = ""
    advice = "the token lacks a right, or is empty" if error.code in {401, 403} else ""
    reason = printable(words)[:200] or error.reason
    return ForgeError(f"{method} {printable(path)}: {error.code} {reason}", status=error.code, advice=advice)
