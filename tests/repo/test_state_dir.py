"""The folder of local state: for its owner's eyes alone, whoever made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.core.errors import InputError
from reconciler.repo.state_dir import needed_folder, private_folder
from reconciler.repo.trust import brought_along
from tests.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_that_others_could_read_is_closed(tmp_path: Path) -> None:
    """A CI that brings a cache back makes the folder anew, with the usual rights."""
    folder = tmp_path / ".reconciler"
    folder.mkdir(mode=0o755)
    private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("place", [".reconciler", ".reconciler/journal"])
def test_a_link_is_not_followed(place: str, tmp_path: Path) -> None:
    """A branch could bring along a link to anywhere, in the folder's place or in the folder."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).symlink_to(elsewhere)
    with pytest.raises(OSError, match="is a symbolic link, which is not followed; remove it"):
        private_folder(tmp_path / ".reconciler" / "journal")
    with pytest.raises(InputError, match=r"making .*symbolic link"):
        needed_folder(tmp_path / ".reconciler")
    assert elsewhere.stat().st_mode & 0o777 == 0o755
    assert not list(elsewhere.iterdir())


def test_what_a_branch_can_bring_along_is_not_believed(tmp_path: Path) -> None:
    """Tracked files, a link, and whatever a git that does not answer may have."""
    assert brought_along(tmp_path) == ""
    folder = tmp_path / ".reconciler"
    folder.mkdir()
    (folder / "snapshot.sqlite").write_text("x")
    assert brought_along(tmp_path) == ""
    git = Git.init(tmp_path)
    assert brought_along(tmp_path) == ""
    git("add", "--force", ".reconciler/snapshot.sqlite")
    assert brought_along(tmp_path) == f"git has files of {folder}"
    git.config("core.repositoryFormatVersion", "99")
    assert "repo version" in brought_along(tmp_path)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to("elsewhere")
    assert brought_along(tmp_path) == ".reconciler is a symbolic link"
