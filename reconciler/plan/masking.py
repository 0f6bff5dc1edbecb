"""Masked values to be sent -> the one hash by which an approval covers them. Pure.

A plan shows `(masked)` where a value must not be seen, and would approve whatever stands for it. The hash ties the edit to
the values without telling them: scrypt is slow to guess with (N=2^14, r=8, p=1: 16 MiB and some 40 ms a guess), and the salt, the
customer's id and the masked attributes, makes equal values of two customers differ. Of a value *before* the edit there is no
hash: most are short, few-valued texts (a tax id, a tier), and would be guessed.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "scrypt:1:"
_COST: Final = 2**14
_BLOCK: Final = 8
_BYTES: Final = 32


def masked_hash(customer_id: int, values: Mapping[str, str]) -> str:
    """The hash of what is sent of the masked attributes (`values`, by attribute); "" where there are none."""
    if not values:
        return ""
    salt = _json([customer_id, sorted(values)])
    key = hashlib.scrypt(_json(dict(values)), salt=salt, n=_COST, r=_BLOCK, p=1, dklen=_BYTES)
    return PREFIX + key.hex()


def _json(value: object) -> bytes:
    """The one spelling: UTF-8, no spaces, keys sorted."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
