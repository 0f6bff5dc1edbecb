"""Coverage-guided fuzzing of what comes from outside: any bytes must end in a value or a declared error, and soon.

    pip install atheris
    python -m tests.fuzz.fuzz_guided yaml|answer|plan -max_total_time=300 -timeout=5 [CORPUS FOLDER]

atheris is not in the lock, because nothing else needs it; the options are libFuzzer's. A crash file is written where
the run stops, and what it found belongs into a test. `-runs=0 FOLDER` reads a corpus again.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import atheris  # type: ignore[import-untyped]  # installed by hand, see above

with atheris.instrument_imports(include=["reconciler", "yaml"]):
    from reconciler.core.clock import LONG_AGO
    from reconciler.core.errors import InputError, Refused
    from reconciler.core.yaml import reader
    from reconciler.customers.manifest import read_file
    from reconciler.plan.document import dump, fingerprint
    from reconciler.plan.saved import plan_of, read_document
    from reconciler.rpm.customer_list import read_list
    from reconciler.rpm.errors import CallError
    from reconciler.rpm.payload import read_customer
    from reconciler.rpm.response import Answer, bounded, result_of

if TYPE_CHECKING:
    from collections.abc import Callable


def read_yaml(content: bytes) -> None:
    """A file of any bytes: customers and problems, nothing raised, by the pure parser, which coverage can see."""
    reader.FAST_PARSER = reader.PureParser
    customers, problems, _ = read_file(content, "f", {})
    assert customers or problems


def read_answer(content: bytes) -> None:
    """An answer of any bytes, as it is and as a compressed body."""
    encoding = ("", "gzip", "deflate", "br")[content[0] % 4] if content else ""
    with suppress(ValueError):
        content = bounded([content[1:]], encoding, 1_000_000, lambda: False)
    with suppress(CallError):
        answer = Answer(result_of("x", content), None)
        with suppress(CallError):
            read_list("x", answer, LONG_AGO)
        read_customer("x", answer, 7, LONG_AGO)


def read_plan(content: bytes) -> None:
    """A plan file of any bytes, and then with its sums put right, as a forger would."""
    with suppress(Refused, InputError):
        plan_of(read_document(content, "x"), "x")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return
    if isinstance(body, dict):
        body = {
            **{key: it for key, it in body.items() if key not in {"checksum", "meta"}},
            "format_version": "1.0",
        }
        meta = {"created": "", "tool_version": "", "calls_made": 0}
        sums = {"checksum": fingerprint(body), "meta": {**meta, "checksum": fingerprint(meta)}}
        with suppress(Refused):
            plan_of(read_document(dump({**body, **sums}).encode("ascii"), "x"), "x")


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "yaml": read_yaml,
    "answer": read_answer,
    "plan": read_plan,
}

if __name__ == "__main__":
    chosen = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, chosen)
    atheris.Fuzz()
