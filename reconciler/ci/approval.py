"""Which edits of a plan on main were approved: those that stand, by their `approval` hash, in the plan of a merged request. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Approval:
    """What became of the question: `edits` that no request's plan has, by customer and name; `doubts` about all of them."""

    edits: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """Whether the plan may run as it is."""
        return not self.edits and not self.doubts


def find_approval(document: Mapping[str, Any], plans: Iterable[bytes], doubts: Iterable[str]) -> Approval:
    """Compare a plan with the plans that merged requests showed, given as the bytes of their files."""
    shown = {it for content in plans for it in hashes(content)}
    open_edits = [
        f"{edit['customer_id']} {edit['name']}" for edit in document["edits"] if edit["approval"] not in shown
    ]
    return Approval(tuple(open_edits), tuple(doubts))


def hashes(content: bytes) -> set[str]:
    """The approval hashes of a saved plan; none for bytes that are no plan. A forged one permits what main plans by itself."""
    try:
        document = json.loads(content)
        return {str(edit["approval"]) for edit in document["edits"]}
    except (ValueError, TypeError, KeyError):
        return set()
