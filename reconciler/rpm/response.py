"""Bytes of an HTTP answer -> the `Result` object, or the error that they mean. Pure.

An answer is read strictly, because what cannot be read with certainty must not be taken for a success: UTF-8 alone, no
key twice, no NaN, no number that Python would bend. The shapes of success and error: `rpm-api.md` section 1.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from reconciler.core.text import printable
from reconciler.rpm.errors import (
    CallError,
    CustomerNotFound,
    Denied,
    KeyRefused,
    Lost,
    NoCustomers,
    QuotaSpent,
    Unexplained,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ERROR_TEXT_LIMIT: Final = 300
_KEY_ADVICE: Final = "check that the key is whole, still valid, and its API user may read and edit customers"
_QUOTA_ADVICE: Final = "older plans start a new count at 00:00 UTC; run again then, what is left will be done"


class Answer(NamedTuple):
    """The `Result` of a call, and when RPM says that it answered: seconds since 1970 by the answer's `Date`, or None."""

    result: dict[str, Any]
    answered_at: int | None


def result_of(doing: str, content: bytes, redact: Callable[[str], str] = str) -> dict[str, Any]:
    """The `Result` of an answer with status 200; raises `Lost` for what is no answer, and what `denial` says of an error.

    `doing` begins with the endpoint. What an error quotes of the answer goes through `redact`: a server may echo the key
    that it was sent.
    """
    document = strict_json(doing, content, redact)
    if not isinstance(document, dict) or not isinstance(document.get("Result"), dict):
        keys = (
            redact(", ".join(sorted(document)[:5])) if isinstance(document, dict) else type(document).__name__
        )
        found = printable(keys)[:80] or "nothing"
        raise lost(doing, "the answer has no Result object at its top", f" (found: {found})")
    result: dict[str, Any] = document["Result"]
    if "Error" in result:
        raise denial(doing, result, redact)
    return result


def denial(doing: str, result: dict[str, Any], redact: Callable[[str], str]) -> CallError:
    """What an answer with `Error` means: either shape of it, and anything in its place, is a failure.

    Only the texts that RPM documents for this very call, for the key and for the quota say that nothing was done. Any
    other, or none, may come from a server that failed after the commit: a timeout, a deadlock, words of a later version.
    """
    error = result["Error"]
    text = error.get("Message") if isinstance(error, dict) else error
    message = printable(redact(text))[:ERROR_TEXT_LIMIT] if isinstance(text, str) else ""
    if len(result) > 1:
        words = message or "an error without a text"
        return lost(doing, "the answer contains both a record and an error", f": {words}")
    said = message.casefold().strip(" .")
    for beginning, kind, advice in _OF_ANY_CALL:
        if said.startswith(beginning):
            return kind(doing, message, advice=advice)
    documented = _OF_CALL.get((doing.partition(" ")[0], said), Unexplained)
    return documented(doing, message)


_OF_ANY_CALL: Final[tuple[tuple[str, type[Denied], str], ...]] = (
    ("valid key required", KeyRefused, _KEY_ADVICE),
    ("key not found", KeyRefused, _KEY_ADVICE),
    ("unauthorized user", KeyRefused, _KEY_ADVICE),
    ("permission denied", KeyRefused, _KEY_ADVICE),
    ("api daily limit reached", QuotaSpent, _QUOTA_ADVICE),
)
"""Beginnings of what is said about key, rights and quota (`rpm-api.md` sections 1, 2.3 and 6)."""

_OF_CALL: Final[dict[tuple[str, str], type[Denied]]] = {
    ("Customers", "no customers"): NoCustomers,
    ("Customer", "customer not found"): CustomerNotFound,
    ("CustomerEdit", "customer name or id must be specified"): Denied,
    ("CustomerEdit", "a customer with that name already exists"): Denied,
    ("CustomerEdit", "a customer name is required"): Denied,
    ("CustomerEdit", 'call requires parameter: "customer" which was not found'): Denied,
}
"""What the pages of each call list (sections 2.1, 2.2, 2.4). That an edit's customer is not found is left out on purpose:
it was read a moment ago, so only another read can say."""


def lost(doing: str, outcome: str, quoted: str = "", *, retryable: bool = True, advice: str = "") -> Lost:
    """What cannot be read says nothing of the call. It may be read if asked again, which harms nobody but for its bill.

    `quoted` may have words of the answer, and is put after `outcome`.
    """
    return Lost(doing, f"{outcome}{quoted}", outcome=outcome, retryable=retryable, advice=advice)


def strict_json(doing: str, content: bytes, redact: Callable[[str], str] = str) -> Any:
    """The JSON document, or `Lost` with what is wrong with it."""
    try:
        text = content.decode("utf-8-sig")
        return _STRICT.decode(text)
    except UnicodeDecodeError:
        failure = lost(doing, "the answer is not UTF-8")
    except RecursionError:
        failure = lost(doing, "the answer is nested too deep")
    except json.JSONDecodeError as error:
        where = f"the answer is not JSON ({error.msg.removesuffix(' at')} at character {error.pos})"
        failure = lost(doing, where, f": {_beginning(text, redact)}")
    except ValueError as error:
        failure = lost(doing, "the answer is not strict JSON", f" ({error})")
    raise failure


def _beginning(text: str, redact: Callable[[str], str]) -> str:
    """The first words of a page; of a spoilt record nothing, because a masked value may stand there."""
    if text.lstrip()[:1] in {"{", "["}:
        return "a record that is cut short or spoilt"
    return printable(redact(text[:400]))[:80] or "it is empty"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, if it names nothing twice."""
    if len(record := dict(pairs)) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return record


def _refused(token: str) -> NoReturn:
    """No NaN and no Infinity."""
    raise ValueError(f"{token[:20]} is no number")


def _finite(digits: str) -> float:
    """A number with a fraction or an exponent, if it is one that Python can represent."""
    number = float(digits)
    if number in {float("inf"), float("-inf")}:
        _refused(digits)
    return number


_STRICT: Final = json.JSONDecoder(parse_constant=_refused, parse_float=_finite, object_pairs_hook=_once)


def bounded(chunks: Iterable[bytes], encoding: str, cap: int, too_late: Callable[[], bool]) -> bytes:
    """The decoded body; raises ValueError beyond `cap` bytes, before they are made, and TimeoutError when time is over."""
    if encoding not in {"", "identity", "gzip", "deflate"}:
        raise ValueError(f"an encoding we did not ask for ({printable(encoding)[:40]})")
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32) if encoding in {"gzip", "deflate"} else None
    parts, size = [], 0
    for chunk in chunks:
        try:
            part = chunk if unpack is None else unpack.decompress(chunk, cap - size + 1)
        except zlib.error as error:
            raise ValueError(f"a compressed body that is none ({error})") from None
        size += len(part)
        if size > cap:
            raise ValueError(f"more than {cap} bytes")
        if too_late():
            raise TimeoutError
        parts.append(part)
    if unpack is not None and not unpack.eof:
        raise ValueError("a compressed body that breaks off")
    return b"".join(parts)
