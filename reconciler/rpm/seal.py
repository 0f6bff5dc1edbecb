"""What a kept read may say of a masked value, and how it is known to be ours: both by a key that is derived from the API key.

Of a masked value a keyed hash of its canonical form is kept: enough to see that YAML says the same, and nothing else. It is tied to
customer and attribute, so that equal values of two customers do not show. Rows are authenticated under the same key, so whoever can
write the file, a forge's cache say, cannot make a run believe a read; another key makes the file foreign.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reconciler.core.field_types import CompareRules, canonical, normalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

PURPOSE: Final = "reconciler snapshot 1"
"""What the key is derived for."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The derived key, and the rules that say what is masked and how it compares."""

    key: bytes = field(repr=False)
    rules: CompareRules = field(default_factory=CompareRules)

    @property
    def made_for(self) -> list[object]:
        """What a kept file depends on: the key, by a hash of it, and each masked attribute with its type."""
        masked = [[path, repr(self.rules.field_type(path))] for path in sorted(self.rules.mask)]
        return [hashlib.blake2b(b"the key's name", key=self.key).hexdigest()[:32], masked]

    def hides(self, path: str) -> bool:
        """Whether an attribute is masked, however its name is spelt."""
        return bool(self.rules.mask) and _is_masked(self.rules.mask, path)

    def closed(self, customer_id: int, values: Mapping[str, str]) -> Mapping[str, str]:
        """The values as they may be kept."""
        if not self.rules.mask:
            return values
        return {
            path: self._hash(customer_id, path, text) if self.hides(path) else text
            for path, text in values.items()
        }

    def opened(
        self, customer_id: int, values: Mapping[str, str], desired: Mapping[str, str]
    ) -> Mapping[str, str] | None:
        """The values that were kept, with YAML's own text for a masked one that means the same; None where one does not.

        A masked attribute that YAML does not manage is not in them.
        """
        if not self.rules.mask:
            return values
        found = {}
        for path, text in values.items():
            if not self.hides(path):
                found[path] = text
            elif path in desired:
                if self._hash(customer_id, path, desired[path]) != text:
                    return None
                found[path] = desired[path]
        return found

    def _hash(self, customer_id: int, path: str, text: str) -> str:
        form = canonical(self.rules.field_type(path), text)
        said = json.dumps([customer_id, path, form]).encode()
        return hashlib.blake2b(said, key=self.key, digest_size=32).hexdigest()


@lru_cache(maxsize=4096)
def _is_masked(mask: frozenset[str], path: str) -> bool:
    return path in mask or normalize_name(path) in map(normalize_name, mask)
