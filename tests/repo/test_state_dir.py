"""The folder of local state: for its owner's eyes alone, whoever made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.repo.state_dir import private_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_that_others_could_read_is_closed(tmp_path: Path) -> None:
    """A CI that brings a cache back makes the folder anew, with the usual rights."""
    folder = tmp_path / ".reconciler"
    folder.mkdir(mode=0o755)
    private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / ".gitignore").read_text() == "*\n"


def test_what_a_link_leads_to_keeps_its_rights(tmp_path: Path) -> None:
    """A branch could bring along a link to anywhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (tmp_path / ".reconciler").symlink_to(elsewhere)
    private_folder(tmp_path / ".reconciler")
    assert elsewhere.stat().st_mode & 0o777 == 0o755
