"""What an approval is bound to: whatever will be sent and was shown, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.values import UNSET, NotSaid, Target
from reconciler.plan.document import approvals, fingerprint, plan_document, target_object
from reconciler.plan.masking import masked_hash
from reconciler.plan.model import Change, Class, Edit, Plan

TEXTS = st.text(max_size=5)
CHANGES = st.builds(
    Change,
    st.sampled_from(["Name", "Website", "Fields.a", "Fields.b"]),
    TEXTS,
    TEXTS,
    st.sampled_from([Class.CHANGE, Class.DRIFT, Class.CONFLICT]),
    st.just(UNSET) | TEXTS | st.builds(NotSaid, TEXTS),
    st.integers(1, 9),
    st.booleans(),
    st.booleans(),
)
EDITS = st.builds(
    Edit,
    st.integers(1, 9),
    TEXTS,
    TEXTS,
    st.integers(1, 9),
    st.lists(CHANGES, min_size=1, max_size=3, unique_by=lambda it: it.attribute).map(tuple),
    st.just(()),
    st.just(value=False),
    st.sampled_from(["", "scrypt:1:00"]),
)
PLANS = st.builds(
    Plan,
    st.builds(Target, st.sampled_from(["sandbox:", "https://x.example/"]), st.none() | st.integers(1, 2)),
    st.lists(EDITS, min_size=1, max_size=3).map(tuple),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 9),
    st.integers(1, 9),
)


def with_edit(plan: Plan, edit: Edit) -> Plan:
    return replace(plan, edits=(edit, *plan.edits[1:]))


def with_change(plan: Plan, change: Change) -> Plan:
    edit = plan.edits[0]
    return with_edit(plan, replace(edit, changes=(change, *edit.changes[1:])))


@given(PLANS)
def test_it_covers_what_is_sent_and_what_was_shown(plan: Plan) -> None:
    """Another value, attribute, customer, hash or target is another approval; a masked value itself is in neither."""
    edit, change = plan.edits[0], plan.edits[0].changes[0]
    others = [
        with_edit(plan, replace(edit, customer_id=edit.customer_id + 1)),
        with_edit(plan, replace(edit, masked_hash="scrypt:1:ff")),
        with_change(plan, replace(change, attribute="Address")),
        replace(plan, target=Target("https://other.example/", plan.target.subscriber_id)),
        replace(plan, target=replace(plan.target, subscriber_id=99)),
    ]
    values = [
        with_change(plan, replace(change, before=change.before + "x")),
        with_change(plan, replace(change, after=change.after + "x")),
    ]
    for other in others if change.masked else others + values:
        assert approvals(other).digest != approvals(plan).digest
        assert approvals(other).edits[0] != approvals(plan).edits[0]
    for other in values if change.masked else ():
        assert approvals(other).digest == approvals(plan).digest
        assert approvals(other).edits[0] == approvals(plan).edits[0]


@given(PLANS)
def test_it_covers_nothing_else(plan: Plan) -> None:
    """Not names, files, lines, classes, base, order of needs, nor what is counted beside the edits."""
    edit, change = plan.edits[0], plan.edits[0].changes[0]
    for other in (
        replace(plan, managed=99, compared=98, listed=97, unmanaged=96, reads=95, notes=("x",)),
        with_edit(plan, replace(edit, name="x", file="y", line=77, needs=(5,), temporary=True)),
        with_change(plan, replace(change, kind=Class.CONVERGED, base="z", line=78, rules_effect=True)),
    ):
        assert approvals(other).digest == approvals(plan).digest
        assert approvals(other).edits[0] == approvals(plan).edits[0]


@given(PLANS)
def test_it_is_the_fingerprint_of_what_the_document_says(plan: Plan) -> None:
    """Whoever has the document can compute digest and approvals: of the requests, the hashes and the values before."""
    document = plan_document(plan, approvals(plan), (), created="", calls_made=0, reads_in_doubt=0)
    approved = [
        {
            "request": edit["request"],
            "masked_hash": edit["masked_hash"],
            "before": {it["attribute"]: it["before"] for it in edit["changes"] if not it["masked"]},
        }
        for edit in document["edits"]
    ]
    target = target_object(plan.target)
    assert document["digest"] == fingerprint({"target": target, "edits": approved})
    assert [edit["approval"] for edit in document["edits"]] == [
        fingerprint({"target": target, "edit": edit}) for edit in approved
    ]


def test_the_hash_of_masked_values_differs_by_customer_attribute_and_value() -> None:
    """Equal values of two customers cannot be told from it; the order in which they are given does not count."""
    both = {"Fields.a": "x", "Fields.b": "y"}
    hashes = {
        masked_hash(7, both),
        masked_hash(8, both),
        masked_hash(7, {"Fields.a": "x"}),
        masked_hash(7, {"Fields.a": "y", "Fields.b": "x"}),
        masked_hash(7, {"Fields.a": "", "Fields.b": "y"}),
    }
    assert len(hashes) == 5
    assert masked_hash(7, dict(reversed(both.items()))) == masked_hash(7, both)
    assert masked_hash(7, {}) == ""
