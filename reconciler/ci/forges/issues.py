"""Writing issues: both forges take the same calls, in other words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.ci.forges.http import Http


class Issues:
    """The issues of a repository: `CHANGE` is the method that replaces one, `TEXT` and `COMMENTS` the names of its parts, `CLOSED` what closes it."""

    __slots__ = ()
    http: Http
    CHANGE: ClassVar[str]
    TEXT: ClassVar[str]
    COMMENTS: ClassVar[str]
    CLOSED: ClassVar[Mapping[str, str]]

    def write_issue(self, title: str, body: str, number: int | None) -> None:
        """Open an issue, or replace title and text of the one with this number."""
        method, path = ("POST", "/issues") if number is None else (self.CHANGE, f"/issues/{number}")
        self.http.send(method, path, {"title": title, self.TEXT: body})

    def close_issue(self, number: int, body: str) -> None:
        """Close an issue, with a last text."""
        self.http.send(self.CHANGE, f"/issues/{number}", {self.TEXT: body, **self.CLOSED})

    def comment_issue(self, number: int, body: str) -> None:
        """Add a comment to an issue."""
        self.http.send("POST", f"/issues/{number}/{self.COMMENTS}", {"body": body})
