"""Programs that tests run, where this machine has them."""

from __future__ import annotations

import shutil

BASH = shutil.which("bash") or "bash"
GIT = shutil.which("git") or "git"
