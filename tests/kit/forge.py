"""A forge on a loopback port: the few calls of GitHub's and GitLab's API that our CI makes, and what they kept."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "forge-token"
BOT = "github-actions[bot]"
BOT_ID = 41


@dataclass
class Kept:
    """A comment or an issue."""

    number: int
    body: str
    author: str = BOT
    title: str = ""
    open: bool = True


@dataclass
class Forge:
    """What the forge holds. `merged` maps a commit to the request and the head that made it."""

    url: str = ""
    comments: list[Kept] = field(default_factory=list)
    issues: list[Kept] = field(default_factory=list)
    merged: dict[str, tuple[int, str]] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """The answer to one call; KeyError where there is nothing."""
        if method != "GET":
            self.writes.append(f"{method} {path.partition('?')[0]}")
        page = re.search(r"[?&]page=(\d+)", path)
        found = self._found(method, path.partition("?")[0], body)
        return found if not isinstance(found, list) or page is None or page[1] == "1" else []

    def _found(self, method: str, path: str, body: dict[str, Any]) -> Any:
        match method, path.strip("/").split("/"):
            case "GET", ["user"]:
                return {"id": BOT_ID}
            case "GET", [*_, "issues" | "merge_requests", _, "comments" | "notes"]:
                return [self._row(it) for it in self.comments]
            case "POST", [*_, "issues" | "merge_requests", _, "comments" | "notes"]:
                self.comments.append(Kept(len(self.comments) + 1, body["body"]))
            case "PATCH" | "PUT", [*_, "comments" | "notes", number]:
                self.comments[int(number) - 1].body = body["body"]
            case "GET", [*_, "commits", commit, "pulls" | "merge_requests"]:
                return [self._request(commit, *it) for at, it in self.merged.items() if at == commit]
            case "GET", [*_, "issues"]:
                return [self._row(it) for it in self.issues if it.open]
            case "POST", [*_, "issues"]:
                text = body.get("body") or body["description"]
                self.issues.append(Kept(len(self.issues) + 1, text, title=body["title"]))
            case "PATCH" | "PUT", [*_, "issues", number]:
                issue = self.issues[int(number) - 1]
                issue.body = body.get("body") or body["description"]
                issue.open = body.get("state") != "closed" and body.get("state_event") != "close"
            case _:
                raise KeyError(path)
        return {}

    def _row(self, it: Kept) -> dict[str, Any]:
        numbers = {"id": it.number, "number": it.number, "iid": it.number}
        author = {"login": it.author, "id": BOT_ID if it.author == BOT else 7}
        return {**numbers, "body": it.body, "description": it.body, "user": author, "author": author}

    def _request(self, commit: str, number: int, head: str) -> dict[str, Any]:
        made = {"merge_commit_sha": commit, "squash_commit_sha": None, "state": "merged"}
        numbers = {"number": number, "iid": number, "sha": head, "head": {"sha": head}}
        return {**made, **numbers, "merged_at": "2026-04-16T00:00:00Z"}


@contextmanager
def running_forge() -> Iterator[Forge]:
    """Start a forge; it ends with the block."""
    forge = Forge()

    class Answers(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            if not allowed and self.headers.get("PRIVATE-TOKEN") != TOKEN:
                self._send(401, {})
                return
            try:
                self._send(200, forge.answer(self.command, self.path, json.loads(content or b"{}")))
            except KeyError:
                self._send(404, {})

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 - the names http.server looks for

        def _send(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        forge.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield forge
        finally:
            server.shutdown()
            thread.join()
