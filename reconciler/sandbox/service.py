"""RPM itself, without a socket: an endpoint, a body and headers become an answer, and a line in the request log.

`Sandbox.handle` is the whole API on a clean day; `exchange` plays the fault script around it. Safe to call
from several threads: calls run one at a time.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import lru_cache
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from reconciler.sandbox import seed, wire
from reconciler.sandbox.call import ApiError, Call, Keep, number
from reconciler.sandbox.endpoints import adding, contacts, editing, locations, reading
from reconciler.sandbox.faults.script import Script, parsed
from reconciler.sandbox.knobs import DEFAULTS, turned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.sandbox.store import Store

_READS: Final[tuple[tuple[str, Callable[[Call], dict[str, Any]]], ...]] = (
    ("Info", reading.whoami),
    ("Customers", reading.customers),
    ("Customer", reading.customer),
    ("CustomerSearch", reading.search),
    ("Modified", reading.modified),
)
_EDITS: Final[tuple[tuple[str, Callable[[Call], dict[str, Any]]], ...]] = (
    ("CustomerAdd", adding.add),
    ("CustomerEdit", editing.edit),
    ("CustomerContactAdd", contacts.add),
    ("CustomerContactEdit", contacts.edit),
    ("CustomerLocationAdd", locations.add),
    ("CustomerLocationEdit", locations.edit),
)
ENDPOINTS: Final = {name.lower(): (name, function) for name, function in (*_READS, *_EDITS)}
EDITING: Final = frozenset(name for name, _ in _EDITS)

KEY_MISSING: Final = "Valid key required"
KEY_UNKNOWN: Final = 'Key not found.  A valid "Key" must appear as the first input data item.'
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
DENIED: Final = "Permission denied"
LIMIT_REACHED: Final = "API daily limit reached"
_JSON: Final = (("Content-Type", "application/json; charset=utf-8"),)
_HTML: Final = (("Content-Type", "text/html; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: the endpoint in its documented case, the body parsed (None: not a JSON object)."""

    endpoint: str
    raw: bytes
    body: dict[str, Any] | None
    key: str | None

    @property
    def customer_id(self) -> int | None:
        """The id that the body speaks of."""
        inner = (self.body or {}).get("Customer")
        holder = inner if isinstance(inner, dict) else self.body or {}
        return number(holder.get("CustomerID"))


def asked(endpoint: str, raw: bytes, headers: Mapping[str, str]) -> Asked:
    """A request from its parts; header names in lower case."""
    try:
        body = json.loads(raw) if raw.strip() else {}
        if b"\\ud" in raw.lower():  # half a character, which no text of the database may contain
            body = json.loads(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        body = None
    name = ENDPOINTS.get(endpoint.lower(), (endpoint,))[0]
    return Asked(name, raw, body if isinstance(body, dict) else None, headers.get("rpmapikey"))


class Sandbox:
    """One subscription and the API in front of it."""

    def __init__(self, store: Store, *, key: str = "sandbox") -> None:
        """Serve what is in the store; `key` is the API key that may do everything."""
        self.store = store
        self.lock = RLock()
        self.script = Script()
        self.edits_seen: list[Asked] = []
        self.key = key
        stored = store.settings("knob ")
        self.knobs = turned(DEFAULTS, {name: stored[name] for name in DEFAULTS.__slots__ if name in stored})

    def turn(self, settings: Mapping[str, object]) -> None:
        """Set some knobs, here and in the database."""
        with self.lock:
            self.knobs = turned(self.knobs, settings)
            self.store.set_settings({f"knob {name}": str(getattr(self.knobs, name)) for name in settings})

    def set_faults(self, entries: Any) -> None:
        """Begin a fault script (parsed JSON; `[]` is a clean day), counting anew."""
        with self.lock:
            self.script = Script(parsed(entries))
            self.edits_seen.clear()

    def start_over(self) -> None:
        """The example subscription, no faults, every knob at its default."""
        with self.lock:
            seed.start_over(self.store)
            self.script, self.knobs = Script(), DEFAULTS

    def handle(self, endpoint: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer one call and log it."""
        return self.respond(asked(endpoint, body, headers))

    def respond(self, request: Asked) -> Answer:
        """Answer one request and log it."""
        with self.lock:
            answer, outcome = self.answer(request)
            self.log(request, answer.status, outcome)
        return answer

    def answer(self, request: Asked, keep: Keep | None = None) -> tuple[Answer, str]:
        """Answer one call without logging it: the answer, and its outcome in words."""
        if self.knobs.outage != "none":
            return error_page(int(self.knobs.outage)), "outage"
        if request.endpoint.lower() not in ENDPOINTS:
            return error_page(404), "no such endpoint"
        if request.body is None:
            return error_page(400), "not a JSON object"
        name, function = ENDPOINTS[request.endpoint.lower()]
        try:
            self._admit(request)
            second = bool(self.knobs.second_key) and request.key == self.knobs.second_key
            call = Call(request.body, self.store, self.knobs, second, keep or Keep())
            result, outcome = function(call), "ok"
        except ApiError as refusal:
            result, outcome = wire.error(str(refusal), self.knobs), str(refusal)
        outer = "Result" if self.knobs.wrapper == "Result" else f"{name}Result"
        return Answer(200, _JSON, wire.dumped({outer: result})), outcome

    def _admit(self, request: Asked) -> None:
        if not self.key_right(request):
            # RPM's keys are GUIDs; it says of any other text what it says of none.
            raise ApiError(KEY_UNKNOWN if _GUID.fullmatch(request.key or "") else KEY_MISSING)
        if request.key != self.key and request.endpoint in EDITING:
            raise ApiError(DENIED)
        if self.knobs.daily_limit:
            midnight = dt.date.fromisoformat(self.store.now()[:10]).isoformat()
            if self.store.requests_since(midnight) >= self.knobs.daily_limit:
                raise ApiError(LIMIT_REACHED)

    def key_right(self, request: Asked) -> bool:
        """Whether the request's key is one that this subscription knows."""
        return bool(request.key) and request.key in {self.key, self.knobs.second_key}

    def dated(self, answer: Answer) -> Answer:
        """The answer with the time at which it leaves, as the knobs have it; one that brings a `Date` keeps it."""
        if self.knobs.date == "no" or any(name.lower() == "date" for name, _ in answer.headers):
            return answer
        date = _http_date(self.store.timestamp() + self.knobs.date_shift)
        return replace(answer, headers=(*answer.headers, ("Date", date)))

    def log(self, request: Asked, status: int, outcome: str) -> int:
        """Put the request in the log, without its key."""
        customer_id = request.customer_id
        return self.store.log_request(
            endpoint=request.endpoint,
            body=request.raw.decode("utf-8", "backslashreplace"),
            status=status,
            outcome=outcome,
            customer_id=customer_id if customer_id is not None and customer_id < 2**63 else None,
            key_right=int(self.key_right(request)),
        )


@lru_cache(maxsize=2)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


_REASONS: Final = {
    400: "Bad Request", 404: "Endpoint not found.", 405: "Method not allowed.", 413: "Request Entity Too Large",
    500: "Request Error",
}  # fmt: skip


def error_page(status: int) -> Answer:
    """An error page in HTML, as the server in front of the API sends it."""
    text = f"<!DOCTYPE html><html><head><title>{_REASONS[status]}</title></head><body><h1>{_REASONS[status]}</h1></body></html>"
    return Answer(status, _HTML, text.encode())
