"""A git repository built by a test: commits with authors and dates of its choice, and whatever else git can store."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GIT = shutil.which("git") or "git"


@dataclass
class Git:
    """git in one folder, as its owner runs it; `environment` is beyond what every call gets."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def init(cls, folder: Path, *words: str) -> Git:
        """A new repository whose branch is `main`."""
        folder.mkdir(parents=True, exist_ok=True)
        git = cls(folder)
        git("init", "--quiet", "--initial-branch=main", *words)
        return git

    def __call__(self, *words: str, given: bytes = b"", **environment: str) -> str:
        """What git says; an error of git's is an error of the test."""
        who = {f"GIT_{role}_{part}": text for role in ("AUTHOR", "COMMITTER") for part, text in _ADA.items()}
        around = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
        own = {"HOME": str(self.folder / ".git"), "GIT_CONFIG_NOSYSTEM": "1", "GIT_ALLOW_PROTOCOL": "file"}
        done = subprocess.run(
            [GIT, *words],
            cwd=self.folder,
            env={**around, **own, **who, **self.environment, **environment},
            input=given,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode(errors="surrogateescape").strip()

    def write(self, **files: str) -> None:
        """Write files by name, `customers/NAME.yaml` each."""
        for name, text in files.items():
            path = self.folder / "customers" / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="surrogateescape")

    def commit(self, message: str = "a commit", *, author: str = "Ada", date: str = "", **files: str) -> str:
        """Write files, commit all there is, and say its name; `date` (ISO form) is both author's and committer's."""
        self.write(**files)
        self("add", "--all")
        given = {"GIT_AUTHOR_NAME": author}
        if date:
            given |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        self("commit", "--quiet", "--allow-empty", "--no-verify", "--file=-", given=message.encode(), **given)
        return self("rev-parse", "HEAD")

    def config(self, key: str, value: str) -> None:
        """Write a line of the repository's own configuration."""
        self("config", key, value)


_ADA = {"NAME": "Ada", "EMAIL": "ada@acme.example"}
