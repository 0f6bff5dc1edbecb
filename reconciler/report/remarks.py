"""What is to be said of one change, or of those who share it, in addition to its values. Pure.

A remark keeps what came from RPM, YAML or git apart from its words, until a format makes it safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.core.text import MASKED, counted
from reconciler.core.values import UNSET
from reconciler.drift.model import NOT_COMMITTED
from reconciler.plan.model import SHORT
from reconciler.report.summaries import listed
from reconciler.report.value_diff import quoted, shown_lines
from reconciler.report.view import Kind, Remark

if TYPE_CHECKING:
    from reconciler.drift.model import Drift, Origin
    from reconciler.plan.model import Change, Edit
    from reconciler.repo.git.model import Commit
    from reconciler.report.view import Group, Shown

_NAMED: Final = 3


def order_remarks(edit: Edit, temporary_name: str) -> tuple[Remark, ...]:
    """Why a rename runs when it does: through a temporary name, or after another customer's."""
    if temporary_name:
        return (Remark("breaks a rename cycle; temporary name: {}", temporary_name),)
    return tuple(Remark(f"after customer {other}, which frees the name") for other in edit.needs)


def reason_remarks(change: Change) -> tuple[Remark, ...]:
    """What the values of a change do not tell: why it is of its class, and that a masked one may move unseen."""
    unseen = (Remark("masked: a change in RPM after this plan was made would not be noticed"),)
    return ((Remark("{}", change.reason),) if change.reason else ()) + (unseen if change.unseen else ())


def base_lines(change: Shown) -> tuple[str, ...]:
    """What base says of a planned change, as lines to show: where that is a third value, as of a conflict."""
    if change.unsaid:
        return ("(cannot be read)",)
    if change.masked:
        return (MASKED,) if change.kind is Kind.CONFLICT else ()
    if change.base is UNSET or change.base in {change.before, change.after}:
        return ()
    return shown_lines(change.base)


def change_remarks(change: Shown, since: str, *, base: bool = True) -> tuple[Remark, ...]:
    """What a person must know of a planned change in addition to its values.

    `since` is what base is called; its value is told with `base`, for formats that show it nowhere else.
    """
    if change.drift:
        return (Remark("drift: RPM was changed; applying puts it back"),)
    if change.kind is not Kind.CONFLICT:
        return ()
    if change.unsaid:
        return (Remark("conflict: its value at {} cannot be read, so who changed it is not known", since),)
    said = (Remark("where it was {}", quoted(change.base)),) if base and change.base is not UNSET else ()
    return (Remark("conflict: changed in RPM and in YAML since {}", since), *said)


def since(text: str) -> Remark:
    """Since when a customer is as it is, in RPM's own words."""
    return Remark("since {}", text) if text else Remark("RPM does not say since when")


def origin_remarks(origin: Origin, *, without_git: bool) -> tuple[Remark, ...]:
    """Who set the YAML line, and whether RPM's value is one that git said before."""
    found = []
    if origin.set_by is not None:
        found.append(Remark("set by {}", f"{origin.set_by.author}, {_day_and_commit(origin.set_by)}"))
    elif origin.unknown == NOT_COMMITTED:
        found.append(Remark("the YAML line is not committed"))
    elif not without_git:
        found.append(Remark("who set the YAML line is not known: {}", origin.unknown or "git was not asked"))
    if origin.earlier is not None:
        found.append(Remark("RPM has git's value of {}", _day_and_commit(origin.earlier)))
    return tuple(found)


def shared_remarks(group: Group) -> tuple[Remark, ...]:
    """What is to be said of an equal change's customers: each remark once, and no long list."""
    attribute = group.change.attribute
    said = list(
        dict.fromkeys(it for customer in group.customers for it in customer.remarks.get(attribute, ()))
    )
    more = len(said) - _NAMED
    return (*said[:_NAMED], *([Remark(f"and {counted(more, 'other answer')}")] if more > 0 else []))


def shared_since(group: Group) -> Remark:
    """Since when these customers are as they are."""
    times = dict.fromkeys(customer.since for customer in group.customers if customer.since)
    return since(listed(list(times), _NAMED))


def without_git(drift: Drift) -> Remark | None:
    """Why nobody is named for what drifted, if so; the reason is git's own."""
    reason = drift.without_git if drift.plan.edits else ""
    return Remark("Who set the YAML lines is not known: {}", reason) if reason else None


def _day_and_commit(commit: Commit) -> str:
    """The day of a commit and the first digits of its name."""
    return f"{commit.date[:10]}, {commit.name[:SHORT]}"
