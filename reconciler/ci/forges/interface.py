"""What the steps need of a forge, and the values that pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment or an issue of the pipeline's own account."""

    number: int
    body: str


@dataclass(frozen=True, slots=True)
class Request:
    """A pull request or merge request: its number, newest commit, source branch, and the branch that it is for."""

    number: int
    head: str
    source: str
    branch: str


class Api(Protocol):
    """A forge's API as far as the steps need it. Everything that it says is the forge's word, and nothing else is trusted."""

    def tip(self, branch: str) -> str:
        """The newest commit of a branch."""

    def applied(self, environments: Sequence[str]) -> Iterator[str]:
        """The commits that jobs of this pipeline deployed to one of these environments with success, newest first."""

    def merged(self, commit: str) -> Request | None:
        """The request whose merging made a commit."""

    def planned(self, request: Request, name: str) -> Mapping[str, bytes] | None:
        """The files that the last finished run of this very request, at its head, for its branch and by this pipeline, left.

        `name` is that of the folder. None where there is no such run, or where the forge cannot tell it from another.
        """

    def results(self) -> Mapping[str, bytes]:
        """The files that the earlier jobs of this run left, by path: `NAME/STEP/FILE`."""

    def has_reviewers(self, environment: str) -> bool | None:
        """Whether a job in this environment waits for a person; None where the forge does not say."""

    def request(self, number: int) -> Request:
        """A request as it is now."""

    def open_request(self, branch: str, start: str, files: Mapping[str, str], title: str, body: str) -> str:
        """A new branch with one commit after `start` that gives these files these texts, and a request for it; the request's page."""

    def comments(self, request: int) -> Iterator[Posted]:
        """Our comments under a request, oldest first."""

    def write_comment(self, request: int, body: str, number: int | None) -> None:
        """Write a comment, or replace the one with this number."""

    def issues(self) -> Iterator[Posted]:
        """Our open issues."""

    def write_issue(self, title: str, body: str, number: int | None) -> None:
        """Open an issue, or replace title and text of the one with this number."""

    def close_issue(self, number: int, body: str) -> None:
        """Close an issue, with a last text."""

    def comment_issue(self, number: int, body: str) -> None:
        """Add a comment to an issue."""
