"""A plan file: every part of a plan comes back from it, and a file that is none is refused with the reason."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.core.errors import InputError, Refused
from reconciler.core.values import UNSET, NotSaid, Problem, SourceMark, Target
from reconciler.plan import saved
from reconciler.plan.document import approvals, dump, fingerprint, plan_document
from reconciler.plan.guards import Refusal
from reconciler.plan.model import (
    Aside,
    Base,
    Change,
    Class,
    Edit,
    Missing,
    Plan,
    RuleChange,
    Suspicious,
    Unpinned,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TARGET = Target("https://rpm.example/", 1207)
REFUSALS = (Refusal("conflict", "both", "--confirm-conflicts 1"), Refusal("base_moved", "moved"))
PROBLEM = Problem(SourceMark("c.yaml", 3, 5), "RPM shows no field")
PLAN = Plan(
    TARGET,
    edits=(
        Edit(7, "Acme", "c.yaml", 1, (Change("Name", "Acme", "Acme (renaming 7)", Class.CHANGE, UNSET, 2),),
             temporary=True),
        Edit(8, "Bolt", "d.yaml", 4, (
            Change("Name", "Bolt", "Acme", Class.CHANGE, "Bolt", 5),
            Change("Website", "x", "y", Class.DRIFT, "y", 6),
            Change("Address", "a", "b", Class.CONFLICT, NotSaid("main:d.yaml:1:1: broken"), 7),
            Change("Fields.a", "1", "1.0", Class.CHANGE, "1.0", 8, rules_effect=True),
            Change("Fields.b", "(masked)", "(masked)", Class.CHANGE, "(masked)", 9, masked=True),
            Change("Fields.c", "(masked)", "(masked)", Class.CHANGE, UNSET, 10, masked=True),
        ), (7,), masked_hash="scrypt:1:00"),
    ),
    managed=9, compared=6, listed=11, unmanaged=3, reads=5,
    missing=(Missing(None, "Cog", "e.yaml", 1, "gone"),),
    problems=(PROBLEM,),
    suspicious=(Suspicious(8, "Bolt", "d.yaml", 4, "most differs"),),
    converged=(Aside(9, "Dot", "Website"),),
    released=(Aside(9, "Dot", "Address"), Aside(9, "Dot", "Zip")),
    ignored=(Aside(8, "Bolt", "Fields.d"),),
    unpinned=(Unpinned(9, "Dot", "f.yaml", 1),),
    notes=("one", "two"),
    base=Base("main", "c0ffee", 3, (8,), "origin/main", 2, "first", "unreadable", (PROBLEM,)),
    rules_changed=(RuleChange("limits.edits", "200", None),),
)  # fmt: skip
DOCUMENT = plan_document(
    PLAN, approvals(PLAN), REFUSALS, created="2026-01-02T03:04:05Z", calls_made=4, reads_in_doubt=0
)


def content(document: dict[str, Any]) -> bytes:
    """The document with sums that fit, as a forger would write it."""
    body = {key: it for key, it in document.items() if key not in {"checksum", "meta"}}
    meta = {key: it for key, it in document["meta"].items() if key != "checksum"}
    signed = {**document, "checksum": fingerprint(body), "meta": {**meta, "checksum": fingerprint(meta)}}
    return dump(signed).encode("ascii")


def why(refused: pytest.ExceptionInfo[Refused]) -> str:
    """The reason in the middle of the message."""
    what = refused.value.what
    assert what.startswith("reading the plan p.json: ")
    assert what.endswith("; nothing was edited")
    return what.removeprefix("reading the plan p.json: ").removesuffix("; nothing was edited")


def test_every_part_of_a_plan_comes_back() -> None:
    """No field of it, its edits, its changes or its base has its default here, so none can be forgotten."""
    plan, refusals, meta = saved.plan_of(DOCUMENT, "p.json")
    assert plan == PLAN
    assert refusals == REFUSALS
    assert {**asdict(meta), "checksum": DOCUMENT["meta"]["checksum"]} == DOCUMENT["meta"]
    assert {it.name for it in fields(Plan) if not getattr(plan, it.name)} == set()


def test_a_plan_without_a_base_comes_back() -> None:
    """None is None."""
    plan = replace(PLAN, base=None)
    document = plan_document(plan, approvals(plan), (), created="", calls_made=0, reads_in_doubt=0)
    assert saved.plan_of(document, "p.json")[:2] == (plan, ())


def test_a_file_gives_document_plan_and_refusals(tmp_path: Path) -> None:
    """With the name that was asked for, safe to show."""
    path = tmp_path / "p\x1b.json"
    path.write_bytes(content(DOCUMENT))
    found = saved.read_plan(path)
    meta = saved.plan_of(DOCUMENT, "p.json")[2]
    assert found == saved.SavedPlan(
        f"{tmp_path}/p\\x1b.json", content(DOCUMENT).decode(), DOCUMENT, PLAN, REFUSALS, meta
    )
    lacking = {key: it for key, it in DOCUMENT.items() if key != "edits"}
    for written, reason in (
        (b'{"checksum": 1}', "it is not a plan"),
        (content(lacking), "it lacks parts of a plan"),
    ):
        path.write_bytes(written)
        with pytest.raises(Refused, match=rf"p\\x1b\.json: {reason};"):
            saved.read_plan(path)


def test_a_file_that_cannot_be_read_is_an_error_that_says_why(tmp_path: Path) -> None:
    """None there, a folder in its place, and a name that the disk refuses."""
    advice = "`reconciler plan --out FILE` saves one"
    for path, reason in ((tmp_path / "none", "there is no such file"), (tmp_path, "it is not a file")):
        with pytest.raises(InputError) as wrong:
            saved.read_plan(path)
        assert wrong.value.what == f"reading the plan {path}: {reason}"
        assert wrong.value.advice == advice
    path = tmp_path / ("n" * 300)
    with pytest.raises(InputError) as wrong:
        saved.read_plan(path)
    assert wrong.value.what == f"reading the plan {path}: File name too long"


def altered(**parts: Any) -> bytes:
    """Parts replaced, and the sums left as they were."""
    return dump({**DOCUMENT, **parts}).encode("ascii")


META = DOCUMENT["meta"]
NO_SUM = {key: it for key, it in META.items() if key != "checksum"}
ALTERED = "its checksum does not fit, so it was altered"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        pytest.param('{\u00e4 "checksum"}'.encode(), "it is not a plan, or was altered", id="not ASCII"),
        pytest.param(b'["checksum",' * 100_000, "it is not a plan, or was altered", id="very deep"),
        pytest.param(b'["checksum"]', "it is not a plan", id="no object"),
        pytest.param(b'"format_version"', "it is not a plan", id="a text"),
        pytest.param(b'{"checksum": ""}', "it is not a plan", id="no version"),
        pytest.param(
            b'{"format_version": "2.0"}', "its format is 2.0, and this tool knows 1.0", id="another version"
        ),
        pytest.param(
            b'{"format_version": "\\u001b' + b"9" * 30 + b'"}',
            "its format is \\x1b" + "9" * 16 + ", and this tool knows 1.0",
            id="a version safe and short",
        ),
        pytest.param(altered(digest="sha256:00"), ALTERED, id="a value"),
        pytest.param(altered(more=1), ALTERED, id="a key more"),
        pytest.param(altered(checksum="sha256:00"), ALTERED, id="its sum"),
        pytest.param(altered(meta={**META, "calls_made": 5}), ALTERED, id="meta"),
        pytest.param(altered(meta={**META, "checksum": "sha256:00"}), ALTERED, id="the sum of meta"),
        pytest.param(altered(meta=NO_SUM), ALTERED, id="no sum of meta"),
        pytest.param(altered(meta=[1]), ALTERED, id="meta of another kind"),
        pytest.param(altered(meta=None), ALTERED, id="no meta"),
        pytest.param(dump(DOCUMENT).encode() + b"\n", ALTERED, id="a line break more"),
        pytest.param(json.dumps(DOCUMENT).encode(), ALTERED, id="spelt in another way"),
    ],
)
def test_what_is_no_plan_as_it_was_written_is_refused(written: bytes, reason: str) -> None:
    """Before any call; with what to do."""
    with pytest.raises(Refused) as refused:
        saved.read_document(written, "p.json")
    assert why(refused) == reason
    assert refused.value.advice == "make the plan again"


@pytest.mark.parametrize("content", [b"", "{\u00e4}".encode(), b"[" * 100_000, b"[]", b"{}", b"# Read me\n"])
def test_what_never_was_a_plan_is_bad_input(content: bytes) -> None:
    """Exit code 1, as for a file that is not there: there is no plan to refuse."""
    with pytest.raises(InputError) as wrong:
        saved.read_document(content, "p.json")
    assert wrong.value.what == "reading the plan p.json: it is not a plan"
    assert wrong.value.exit_code == 1


def test_what_was_written_is_read() -> None:
    """The bytes that `plan --out` writes."""
    assert saved.read_document(dump(DOCUMENT).encode("ascii"), "p.json") == DOCUMENT


def test_a_file_larger_than_any_plan_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is 64 MiB; here it is that of the plan, and one byte less."""
    written = dump(DOCUMENT).encode("ascii")
    assert saved.LARGEST == 67_108_864
    monkeypatch.setattr(saved, "LARGEST", len(written))
    assert saved.read_document(written, "p.json") == DOCUMENT
    monkeypatch.setattr(saved, "LARGEST", len(written) - 1)
    with pytest.raises(Refused) as refused:
        saved.read_document(written, "p.json")
    assert why(refused) == f"it has {len(written)} bytes, more than any plan"


def test_a_plan_is_for_one_rpm_and_subscriber() -> None:
    """Any other is refused, whichever part differs; both are named."""
    saved.check_target(DOCUMENT, TARGET, "p.json")
    for other in (Target("https://rpm.example/", None), Target("sandbox:", 1207)):
        with pytest.raises(Refused) as refused:
            saved.check_target(DOCUMENT, other, "p.json")
        assert why(refused) == (
            'it was made for {"url": "https://rpm.example/", "subscriber_id": 1207}, not for '
            + json.dumps({"url": other.url, "subscriber_id": other.subscriber_id})
        )
        assert refused.value.advice == "use the settings that it was made with"
    with pytest.raises(Refused) as refused:
        saved.check_target({"target": "x" * 300}, TARGET, "p.json")
    assert why(refused).startswith('it was made for "' + "x" * 199 + ", not for {")
    with pytest.raises(Refused, match="it was made for null, not for"):
        saved.check_target({}, TARGET, "p.json")


KEYS = sorted({*DOCUMENT} - {"format_version", "checksum", "meta", "digest"})


@pytest.mark.parametrize("key", KEYS)
def test_a_document_without_a_part_is_refused(key: str) -> None:
    """Whichever it is, and whatever stands in its place."""
    lacking = {name: it for name, it in DOCUMENT.items() if name != key}
    for document in (lacking, {**DOCUMENT, key: 7}):
        with pytest.raises(Refused) as refused:
            saved.plan_of(document, "p.json")
        assert why(refused) == "it lacks parts of a plan"


def leaves(value: Any, *path: str | int) -> Iterator[tuple[str | int, ...]]:
    """The place of each value of a document that holds no other."""
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if inner is None:
        yield path
    for key, it in inner or ():
        yield from leaves(it, *path, key)


DECIDES_NOTHING = ("format_version", "checksum")


@pytest.mark.parametrize(
    "path", [it for it in leaves(DOCUMENT) if it[0] not in DECIDES_NOTHING and it[-1] != "checksum"]
)
def test_a_part_of_another_type_is_refused(path: tuple[str | int, ...]) -> None:
    """Also by a forger with right sums: what is shown of a plan is a text where a text is meant, and a number is no yes."""
    for wrong in ([7], {"a": 7}, 1.5):
        document = json.loads(dump(DOCUMENT))
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = wrong
        with pytest.raises(Refused):
            saved.plan_of(document, "p.json")


def test_a_number_is_no_yes() -> None:
    """Python takes True for 1."""
    with pytest.raises(Refused):
        saved.plan_of({**DOCUMENT, "meta": {**DOCUMENT["meta"], "calls_made": True}}, "p.json")


def test_an_unknown_class_is_refused() -> None:
    """No guess at what a later version may mean."""
    document = json.loads(dump(DOCUMENT))
    document["edits"][0]["changes"][0]["class"] = "new"
    with pytest.raises(Refused) as refused:
        saved.plan_of(document, "p.json")
    assert why(refused) == "it lacks parts of a plan"


def with_edit(**parts: Any) -> dict[str, Any]:
    """The document with parts of its second edit replaced."""
    return {**DOCUMENT, "edits": [DOCUMENT["edits"][0], {**DOCUMENT["edits"][1], **parts}]}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({**DOCUMENT, "digest": "sha256:00"}, id="digest"),
        pytest.param({key: it for key, it in DOCUMENT.items() if key != "digest"}, id="no digest"),
        pytest.param({**DOCUMENT, "summary": {**DOCUMENT["summary"], "conflict": 0}}, id="summary"),
        pytest.param(with_edit(request={"Customer": {"CustomerID": 8}}), id="request"),
        pytest.param(with_edit(approval="sha256:00"), id="approval"),
        pytest.param(with_edit(warnings=[]), id="warnings"),
    ],
)
def test_parts_that_contradict_each_other_are_refused(document: dict[str, Any]) -> None:
    """What is shown to a person and what would be sent are one, or nothing runs."""
    with pytest.raises(Refused) as refused:
        saved.plan_of(document, "p.json")
    assert why(refused) == "its parts contradict each other"
