"""GitOps for the customers of an RPM Telco subscription. What is named here is the Python API; `docs/python-api.md` shows it.

    import reconciler

    with reconciler.open("path/to/repository") as project:
        plan = project.plan(base="main", changed=True)
        print(reconciler.render(plan, "text"))
        if not plan.refusals:
            report = project.apply(plan)

Nothing here prints, configures logging or reads `sys.argv`. Each name is imported when it is first used, so that
`import reconciler` costs next to nothing. `open` is not in `__all__`, so that a star import shadows nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from reconciler.core.version import __version__

if TYPE_CHECKING:
    from reconciler.api import Project
    from reconciler.api import open as open  # noqa: A004 - as in `reconciler.open(…)`
    from reconciler.apply.result import ApplyReport, Outcome, Result
    from reconciler.core.errors import (
        InputError,
        InvalidFiles,
        ReconcilerError,
        Refused,
        RemoteError,
    )
    from reconciler.core.values import UNSET, Problem
    from reconciler.drift.audit import AuditResult
    from reconciler.plan.guards import Confirmed, Refusal
    from reconciler.plan.model import Change, Class, Edit
    from reconciler.plan.run import PlanResult
    from reconciler.report.render import render

__all__ = [
    "UNSET",
    "ApplyReport",
    "AuditResult",
    "Change",
    "Class",
    "Confirmed",
    "Edit",
    "InputError",
    "InvalidFiles",
    "Outcome",
    "PlanResult",
    "Problem",
    "Project",
    "ReconcilerError",
    "Refusal",
    "Refused",
    "RemoteError",
    "Result",
    "__version__",
    "render",
]

_PLACES = {
    "open": ("api", "open"),
    "Project": ("api", "Project"),
    "ApplyReport": ("apply.result", "ApplyReport"),
    "Outcome": ("apply.result", "Outcome"),
    "Result": ("apply.result", "Result"),
    "InputError": ("core.errors", "InputError"),
    "InvalidFiles": ("core.errors", "InvalidFiles"),
    "ReconcilerError": ("core.errors", "ReconcilerError"),
    "Refused": ("core.errors", "Refused"),
    "RemoteError": ("core.errors", "RemoteError"),
    "UNSET": ("core.values", "UNSET"),
    "Problem": ("core.values", "Problem"),
    "AuditResult": ("drift.audit", "AuditResult"),
    "Confirmed": ("plan.guards", "Confirmed"),
    "Refusal": ("plan.guards", "Refusal"),
    "Change": ("plan.model", "Change"),
    "Class": ("plan.model", "Class"),
    "Edit": ("plan.model", "Edit"),
    "PlanResult": ("plan.run", "PlanResult"),
    "render": ("report.render", "render"),
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'reconciler' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(importlib.import_module(f"reconciler.{module}"), attribute)


def __dir__() -> list[str]:
    return sorted([*__all__, "open"])
