"""A forge on a loopback port: of GitHub's and GitLab's API what the steps of a pipeline use, and what is in it."""

from __future__ import annotations

import json
import re
import threading
import urllib.parse
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "forge-token"
BOT = "github-actions[bot]"
BOT_ID = 41
REPOSITORY = "acme/customers"


@dataclass
class Kept:
    """A comment or an issue; `request` is what a comment stands under, negative for an issue."""

    number: int
    body: str
    author: str = BOT
    title: str = ""
    open: bool = True
    request: int = 5


@dataclass
class HeldRequest:
    """A pull request or merge request."""

    number: int
    head: str
    source: str = "silver"
    branch: str = "main"
    merged_as: str = ""
    moved_at: str = ""


@dataclass
class HeldRun:
    """A run of a workflow, or a pipeline."""

    run_id: int
    event: str
    head: str
    branch: str
    path: str = ".github/workflows/reconciler.yml"
    status: str = "completed"
    repository: str = REPOSITORY
    created_at: str = "2026-04-16T10:00:00Z"
    request: int = 0
    artifacts: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Deployment:
    """What a job in an environment leaves."""

    environment: str
    commit: str
    run_id: int
    state: str = "success"


@dataclass
class Opened:
    """A request that a pipeline opened: the texts that its one commit gives, and the commit that this one follows."""

    branch: str
    start: str
    files: dict[str, str]
    into: str
    title: str
    body: str


@dataclass
class Forge:
    """What is in the forge; `tips` maps a branch to its newest commit, `trouble` a path's pattern to answers that come first."""

    url: str = ""
    tips: dict[str, str] = field(default_factory=dict)
    requests: dict[int, HeldRequest] = field(default_factory=dict)
    runs: dict[int, HeldRun] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    reviewers: dict[str, bool] = field(default_factory=dict)
    comments: list[Kept] = field(default_factory=list)
    issues: list[Kept] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    trouble: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    opened: list[Opened] = field(default_factory=list)
    parents: dict[str, list[str]] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)

    def under(self, request: int) -> list[Kept]:
        """The comments of a request."""
        return [it for it in self.comments if it.request == request]

    def answer(self, method: str, path: str, content: bytes) -> Any:
        """The answer to one call; KeyError where there is nothing, bytes as they are."""
        bare, _, query = path.partition("?")
        given = dict(urllib.parse.parse_qsl(query))
        if method != "GET":
            self.writes.append(f"{method} {bare}")
        self.calls.append(f"{method} {bare}")
        body = json.loads(content) if content[:1] in {b"{", b"["} else {}
        words = [urllib.parse.unquote(it) for it in bare.strip("/").split("/")]
        found = self._found(method, words, given, body)
        paged = isinstance(found, list) and given.get("page", "1") != "1"
        return [] if paged else found

    def _found(self, method: str, words: list[str], given: dict[str, str], body: dict[str, Any]) -> Any:
        if words[0] == "repos":
            return self._github(method, words[3:], given, body)
        if words == ["user"]:
            return {"id": BOT_ID}
        return self._gitlab(method, words[2:], given, body)

    def _github(  # noqa: C901, PLR0912 - a table of routes
        self, method: str, words: list[str], given: dict[str, str], body: dict[str, Any]
    ) -> Any:
        match method, words:
            case "GET", ["git", "ref", "heads", *branch]:
                return {"object": {"sha": self.tips["/".join(branch)]}}
            case "GET", ["deployments"]:
                rows = [
                    (number, it)
                    for number, it in enumerate(self.deployments)
                    if it.environment == given["environment"]
                ]
                return [{"id": number, "sha": it.commit, "ref": "main"} for number, it in reversed(rows)]
            case "GET", ["deployments", number, "statuses"]:
                it = self.deployments[int(number)]
                page = f"https://forge.example/{REPOSITORY}/actions/runs/{it.run_id}/job/1"
                states = [it.state, "in_progress"]
                if any(later.environment == it.environment for later in self.deployments[int(number) + 1 :]):
                    states.insert(0, "inactive")
                return [{"state": state, "log_url": page} for state in states]
            case "GET", ["actions", "runs", run]:
                return self._run(self.runs[int(run)])
            case "GET", ["actions", "runs", run, "artifacts"]:
                names = list(self.runs[int(run)].artifacts) if int(run) in self.runs else []
                rows_ = [
                    {"id": int(run) * 100 + at, "name": it, "expired": False} for at, it in enumerate(names)
                ]
                return {"artifacts": rows_ if given.get("page", "1") == "1" else []}
            case "GET", ["actions", "artifacts", number, "zip"]:
                return list(self.runs[int(number) // 100].artifacts.values())[int(number) % 100]
            case "GET", ["actions", "workflows", file, "runs"]:
                found = [
                    self._run(it)
                    for it in self.runs.values()
                    if it.path.endswith(f"/{file}")
                    and it.head == given["head_sha"]
                    and it.event == given["event"]
                    and it.status == given["status"]
                ]
                return {"workflow_runs": found if given.get("page", "1") == "1" else []}
            case "GET", ["commits", commit, "pulls"]:
                return [self._pull(it) for it in self.requests.values() if commit in {it.merged_as, it.head}]
            case "GET", ["pulls"]:
                owner, _, branch_ = given["head"].partition(":")
                assert owner == REPOSITORY.partition("/")[0]
                return [self._pull(it) for it in self.requests.values() if it.source == branch_]
            case "GET", ["git", "commits", commit]:
                return {"tree": {"sha": f"tree of {commit}"}}
            case "POST", ["git", ("trees" | "commits") as kind]:
                self.objects[name := f"{kind} {len(self.objects)}"] = body
                return {"sha": name}
            case "POST", ["git", "refs"]:
                assert self.objects.setdefault(body["ref"], body["sha"]) == body["sha"]
            case "POST", ["pulls"]:
                commit_ = self.objects[self.objects[f"refs/heads/{body['head']}"]]
                tree = self.objects[commit_["tree"]]
                (parent,) = commit_["parents"]
                assert tree["base_tree"] == f"tree of {parent}"
                texts = {it["path"]: it["content"] for it in tree["tree"]}
                return self._open(
                    Opened(body["head"], parent, texts, body["base"], body["title"], body["body"])
                )
            case "GET", ["pulls", number]:
                return self._pull(self.requests[int(number)])
            case "GET", ["issues", number, "events"]:
                moved = self.requests[int(number)].moved_at
                return [{"event": "base_ref_changed", "created_at": moved}] if moved else []
            case "GET", ["environments", name]:
                rules = [{"type": "required_reviewers", "reviewers": [{}]}] if self.reviewers[name] else []
                return {"protection_rules": [{"type": "branch_policy"}, *rules]}
            case "GET", ["issues", number, "comments"]:
                return [self._row(it) for it in self.under(int(number))]
            case "POST", ["issues", number, "comments"]:
                under = int(number) if int(number) in self.requests else -int(number)
                self.comments.append(Kept(len(self.comments) + 1, body["body"], request=under))
            case "PATCH", ["issues", "comments", number]:
                self.comments[int(number) - 1].body = body["body"]
            case "GET", ["issues"]:
                return [self._row(it) for it in self.issues if it.open]
            case "POST", ["issues"]:
                self.issues.append(Kept(len(self.issues) + 1, body["body"], title=body["title"]))
            case "PATCH", ["issues", number]:
                self._change(self.issues[int(number) - 1], body, closed=body.get("state") == "closed")
            case _:
                raise KeyError(words)
        return {}

    def _gitlab(  # noqa: C901, PLR0912 - a table of routes
        self, method: str, words: list[str], given: dict[str, str], body: dict[str, Any]
    ) -> Any:
        match method, words:
            case "GET", ["repository", "branches", branch]:
                return {"commit": {"id": self.tips[branch]}}
            case "GET", ["deployments"]:
                return [
                    {
                        "id": at,
                        "sha": it.commit,
                        "ref": "main",
                        "deployable": {"name": "apply: [crm]", "pipeline": {"id": it.run_id}},
                    }
                    for at, it in enumerate(self.deployments)
                    if it.environment == given["environment"] and it.state == given["status"]
                ][::-1]
            case "GET", ["repository", "commits", commit, "merge_requests"]:
                return [
                    self._merge_request(it)
                    for it in self.requests.values()
                    if commit in {it.merged_as, it.head}
                ]
            case "GET", ["repository", "commits", commit]:
                return {"parent_ids": self.parents.get(commit, [])}
            case "POST", ["repository", "commits"]:
                self.objects[body["branch"]] = body
            case "POST", ["merge_requests"]:
                made = self.objects[body["source_branch"]]
                texts = {it["file_path"]: it["content"] for it in made["actions"]}
                into, text = body["target_branch"], body["description"]
                asked = Opened(made["branch"], made["start_sha"], texts, into, body["title"], text)
                return self._open(asked)
            case "GET", ["merge_requests", number]:
                return self._merge_request(self.requests[int(number)])
            case "GET", ["merge_requests", number, "pipelines"]:
                return [
                    {
                        "id": it.run_id,
                        "status": "success",
                        "ref": f"refs/merge-requests/{it.request}/head",
                        "sha": it.head,
                        "project_id": 3 if it.repository == REPOSITORY else 99,
                    }
                    for it in sorted(self.runs.values(), key=lambda it: -it.run_id)
                    if it.request == int(number) and it.status == "completed"
                ]
            case "GET", ["pipelines", run, "jobs"]:
                return [{"id": int(run), "name": "plan: [.]"}]
            case "GET", ["jobs", run, "artifacts", _, *path]:
                return self.files[f"{run}:{'/'.join(path)}"]
            case "GET", ["merge_requests", number, "notes"]:
                return [self._row(it) for it in self.under(int(number))]
            case "POST", ["merge_requests", number, "notes"]:
                self.comments.append(Kept(len(self.comments) + 1, body["body"], request=int(number)))
            case "PUT", ["merge_requests", _, "notes", number]:
                self.comments[int(number) - 1].body = body["body"]
            case "POST", ["issues", number, "notes"]:
                self.comments.append(Kept(len(self.comments) + 1, body["body"], request=-int(number)))
            case "GET", ["issues"]:
                return [self._row(it) for it in self.issues if it.open]
            case "POST", ["issues"]:
                self.issues.append(Kept(len(self.issues) + 1, body["description"], title=body["title"]))
            case "PUT", ["issues", number]:
                text = {"body": body["description"], **({"title": body["title"]} if "title" in body else {})}
                self._change(self.issues[int(number) - 1], text, closed=body.get("state_event") == "close")
            case _:
                raise KeyError(words)
        return {}

    def _open(self, opened: Opened) -> dict[str, str]:
        self.opened.append(opened)
        page = f"https://forge.example/{REPOSITORY}/requests/{len(self.opened)}"
        return {"html_url": page, "web_url": page}

    def _change(self, issue: Kept, body: dict[str, Any], *, closed: bool) -> None:
        issue.body, issue.title = body["body"], body.get("title", issue.title)
        issue.open = not closed

    def _row(self, it: Kept) -> dict[str, Any]:
        numbers = {"id": it.number, "number": it.number, "iid": it.number}
        author = {"login": it.author, "id": BOT_ID if it.author == BOT else 7}
        return {**numbers, "body": it.body, "description": it.body, "user": author, "author": author}

    def _pull(self, it: HeldRequest) -> dict[str, Any]:
        return {
            "number": it.number,
            "merged_at": "2026-04-16T00:00:00Z" if it.merged_as else None,
            "merge_commit_sha": it.merged_as or None,
            "head": {"sha": it.head, "ref": it.source},
            "base": {"ref": it.branch},
        }

    def _merge_request(self, it: HeldRequest) -> dict[str, Any]:
        return {
            "iid": it.number,
            "sha": it.head,
            "state": "merged" if it.merged_as else "opened",
            "merge_commit_sha": it.merged_as or None,
            "squash_commit_sha": None,
            "source_branch": it.source,
            "target_branch": it.branch,
        }

    def _run(self, it: HeldRun) -> dict[str, Any]:
        return {
            "id": it.run_id,
            "path": it.path,
            "event": it.event,
            "head_sha": it.head,
            "head_branch": it.branch,
            "head_repository": {"full_name": it.repository},
            "created_at": it.created_at,
        }

    def first(self, path: str) -> tuple[int, dict[str, str]] | None:
        """An answer that comes before the right one."""
        for pattern, answers in self.trouble.items():
            if answers and re.search(pattern, path):
                return answers.pop(0)
        return None


def handler(  # noqa: C901 - one exchange
    forge: Forge, stand_in: Callable[[str, bytes], None]
) -> type[BaseHTTPRequestHandler]:
    """How the forge answers over HTTP."""

    class Answers(BaseHTTPRequestHandler):
        timeout = 30

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith("/stand-in/"):
                stand_in(self.path, content)
                self._send(200, {})
                return
            if self.path.startswith("/blob/"):  # where an artifact is; a token has no business there
                told = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN")
                blob = int(self.path.rpartition("/")[2])
                content = list(forge.runs[blob // 100].artifacts.values())[blob % 100]
                self._send(400 if told else 200, content)
                return
            allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            if not allowed and self.headers.get("PRIVATE-TOKEN") != TOKEN:
                self._send(401, {"message": "Bad credentials"})
                return
            if first := forge.first(self.path):
                self._send(first[0], {"message": "trouble"}, first[1])
                return
            try:
                found = forge.answer(self.command, self.path, content)
            except (KeyError, IndexError):
                self._send(404, {"message": "Not Found"})
                return
            if self.path.endswith("/zip"):
                number = self.path.split("/")[-2]
                self._send(302, b"", {"Location": f"{forge.url}/blob/{number}"})
            else:
                self._send(200, found)

        do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 - the names http.server looks for

        def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, text in (headers or {}).items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Answers


@contextmanager
def running_forge() -> Iterator[Forge]:
    """Start a forge; it ends with the block."""
    forge = Forge()

    def stand_in(path: str, content: bytes) -> None:
        """What a local stand-in of an action sends: `/stand-in/artifacts/RUN/NAME`."""
        _, _, _, run, name = path.split("/")
        forge.runs[int(run)].artifacts[urllib.parse.unquote(name)] = content

    with ThreadingHTTPServer(("127.0.0.1", 0), handler(forge, stand_in)) as server:
        server.daemon_threads = False  # the end waits for them: none may keep a socket after the test
        forge.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield forge
        finally:
            server.shutdown()
            thread.join()
