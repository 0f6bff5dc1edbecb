"""From flags to an audit: what `drift` and `adopt` have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.cli.planning import run_environment
from reconciler.cli.telling import tell_problems
from reconciler.cli.terminal import progress
from reconciler.core.clock import stamp
from reconciler.drift.blame import find_origins
from reconciler.drift.model import Drift
from reconciler.repo import git
from reconciler.rpm.session import connect
from reconciler.workflow import audit as compare
from reconciler.workflow import load_at, load_sound

if TYPE_CHECKING:
    from reconciler.repo.settings import Settings


@dataclass(frozen=True, slots=True)
class Audit:
    """Drift as found just now, with the moment and the calls it took."""

    drift: Drift
    created: str
    calls_made: int


def audit(settings: Settings, flags: dict[str, Any], base: str | None) -> Audit:
    """Compare the YAML of the checkout, or of a commit, with RPM: two sides, so each difference is drift."""
    manifest = load_sound(settings)
    tell_problems(manifest.warnings)
    commit = None
    if base is not None:
        manifest = load_at(settings, base)
        commit = git.resolve(settings.root, base)
    around = run_environment(flags)
    created = stamp(around.clock)
    with connect(settings, around) as connection:
        with progress("Reading RPM") as told:
            planned = compare(connection, manifest, settings, told)
        calls_made = connection.client.calls
    edits = planned.plan.edits
    origins, trouble = find_origins(edits, settings, commit)
    since = {edit.customer_id: planned.observed[edit.customer_id].modified for edit in edits}
    return Audit(Drift(planned.plan, since, origins, trouble), created, calls_made)
