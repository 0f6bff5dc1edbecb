"""The locks are made on one Python and installed on all of them: what another needs beside must be in them too."""

from __future__ import annotations

import re
from importlib.metadata import requires
from pathlib import Path

import nox
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYTHONS = (*nox.project.python_versions(nox.project.load_toml(ROOT / "pyproject.toml")), "3.14", "3.15")
SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}


@pytest.mark.parametrize("lock", ["requirements.lock", "runtime.lock"])
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_a_lock_has_all_that_its_packages_need(lock: str, system: str, python: str) -> None:
    """Where hashes are required, pip installs nothing at all if one package that a marker asks for is not locked."""
    text = (ROOT / lock).read_text()
    locked = {canonicalize_name(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}
    there = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_system": system,
        "sys_platform": SYSTEMS[system],
        "extra": "",
    }
    missing = {
        f"{name} needs {needed}"
        for name in locked
        for needed in map(Requirement, requires(name) or ())
        if (needed.marker is None or needed.marker.evaluate(there))
        and canonicalize_name(needed.name) not in locked
    }
    assert not missing
