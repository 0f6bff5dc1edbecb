"""How the command starts: by its name or as a module, on which systems, and what a shell or an index is told of it."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.kit.workplace import COMMAND

ROOT = Path(__file__).parents[2]


def test_the_module_is_the_command() -> None:
    """`python -m reconciler` says what `reconciler` says."""
    said = [
        subprocess.run([*words, "--help"], check=True, capture_output=True, text=True).stdout
        for words in ([COMMAND], [sys.executable, "-m", "reconciler"])
    ]
    assert said[0] == said[1]


def test_windows_is_told_where_it_runs() -> None:
    """One sentence and exit 1, before anything is imported that Windows does not have."""
    program = """
import sys
sys.platform = "win32"
for name in ("fcntl", "select"):
    sys.modules[name] = None
from reconciler.__main__ import main
main()
"""
    ran = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "reconciler runs on Linux, on macOS and, on Windows, under WSL (wsl --install); not on Windows itself"
    ]


@pytest.mark.parametrize(
    ("shell", "environment", "says"),
    [
        ("bash", {"COMP_WORDS": "reconciler pl", "COMP_CWORD": "1"}, "plain,plan"),
        ("bash", {"COMP_WORDS": "reconciler plan --ba", "COMP_CWORD": "2"}, "plain,--base"),
        ("zsh", {"COMP_WORDS": "reconciler pl", "COMP_CWORD": "1"}, "plain\nplan\nShow the differences"),
        ("fish", {"COMP_WORDS": "reconciler", "COMP_CWORD": "pl"}, "plain,plan\tShow the differences"),
    ],
)
def test_a_shell_completes(shell: str, environment: dict[str, str], says: str) -> None:
    """The script of each shell is to be had, and its question is answered."""
    ask = {"_RECONCILER_COMPLETE": f"{shell}_source"}
    script = subprocess.run([COMMAND], env=ask, check=True, capture_output=True, text=True).stdout
    assert f"_RECONCILER_COMPLETE={shell}_complete" in script
    question = {**environment, "_RECONCILER_COMPLETE": f"{shell}_complete"}
    answer = subprocess.run([COMMAND], env=question, check=True, capture_output=True, text=True).stdout
    assert answer.startswith(says)


def test_an_index_page_has_no_link_that_leads_nowhere() -> None:
    """A package index shows the README without the repository beside it."""
    tool = Path(sysconfig.get_path("scripts")) / "hatchling"
    shown = subprocess.run([tool, "metadata"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    metadata = json.loads(shown)
    text = metadata["readme"]["text"]
    assert text.count("](") == text.count("](https://")
    assert "the tutorial: from an empty folder" in text
    assert metadata["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
