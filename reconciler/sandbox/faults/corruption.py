"""A true answer -> a spoilt one: bytes that are not the JSON, the text or the encoding they say they are."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.sandbox.faults.script import Garble, Rewrite
    from reconciler.sandbox.service import Answer

_BLOCK: Final = 1_000_000


def garbled(answer: Answer, garble: Garble) -> Answer:
    """The answer spoilt in one of the ways that a fault may name."""
    if garble.kind == "gzip bomb":
        return _encoded(answer, _bomb(garble.size), "gzip")
    return KINDS[garble.kind](answer)


def _encoded(answer: Answer, body: bytes, encoding: str) -> Answer:
    return replace(answer, body=body, headers=(*answer.headers, ("Content-Encoding", encoding)))


def _as(change: Callable[[bytes], bytes]) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, body=change(answer.body))


def _recoded(charset: str) -> Callable[[bytes], bytes]:
    return lambda body: body.decode("utf-8").encode(charset, "replace")


KINDS: Final[dict[str, Callable[[Answer], Answer]]] = {
    "truncated": _as(lambda body: body[: len(body) // 2]),
    "empty": _as(lambda _: b""),
    "trailing": _as(lambda body: body + b"<!-- served by node 4 -->"),
    "twice": _as(lambda body: body + body),
    "bom": _as(lambda body: b"\xef\xbb\xbf" + body),
    "utf-16": _as(_recoded("utf-16")),
    "latin-1": _as(_recoded("latin-1")),
    "nested": _as(lambda _: b"[" * 100_000),
    "nan": _as(lambda body: body.replace(b'{"Result":{', b'{"Result":{"Age":NaN,', 1)),
    "long integer": _as(
        lambda body: body.replace(b'{"Result":{', b'{"Result":{"Age":' + b"9" * 4301 + b",", 1)
    ),
    "duplicate key": _as(lambda body: body[:-1] + b',"Result":{}}'),
    "gzip": lambda answer: _encoded(answer, gzip.compress(answer.body), "gzip"),
    "broken gzip": lambda answer: _encoded(answer, gzip.compress(answer.body)[:-20] + b"x" * 20, "gzip"),
    "unknown encoding": lambda answer: _encoded(answer, answer.body, "x-rpm"),
}


@lru_cache(maxsize=2)
def _bomb(size: int) -> bytes:
    """Gzip that swells to about `size` bytes: one compressed block of spaces, over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = b" " * _BLOCK
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    times, sum_of = max(1, size // _BLOCK), 0
    for _ in range(times):
        sum_of = zlib.crc32(block, sum_of)
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return head + packed * times + packer.flush() + struct.pack("<LL", sum_of, times * _BLOCK % 2**32)


def rewritten(answer: Answer, rewrite: Rewrite) -> Answer:
    """The answer with other values in its JSON; a path that leads nowhere changes nothing."""
    document = json.loads(answer.body)
    for path, value in rewrite.set:
        holder, last = _walk(document, path)
        if isinstance(holder, dict) or (
            isinstance(holder, list) and isinstance(last, int) and last < len(holder)
        ):
            holder[last] = value
    for path in rewrite.remove:
        holder, last = _walk(document, path)
        if isinstance(holder, dict):
            holder.pop(last, None)
        elif isinstance(holder, list) and isinstance(last, int):
            del holder[last : last + 1]
    return replace(answer, body=json.dumps(document, ensure_ascii=False).encode())


def _walk(document: Any, path: Sequence[str | int]) -> tuple[Any, Any]:
    """The object or list that the path's last step stands in, and that step as its key or position."""
    for step in path[:-1]:
        key = _step(document, step)
        reachable = (isinstance(document, dict) and key in document) or (
            isinstance(document, list) and isinstance(key, int) and key < len(document)
        )
        if not reachable:
            return None, None
        document = document[key]
    return document, _step(document, path[-1])


def _step(holder: Any, step: str | int) -> str | int:
    if isinstance(holder, list) and isinstance(step, str):
        key, _, text = step.partition("=")
        return next(
            (n for n, entry in enumerate(holder) if isinstance(entry, dict) and entry.get(key) == text),
            len(holder),
        )
    return step
