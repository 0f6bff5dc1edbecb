"""What a person names on the command line -> a commit; and where HEAD parted from it.

A ref is looked for under its full names, so that a tag cannot take a branch's place in silence. The merge base is that of
`git diff REF...HEAD`, and is believed only where no shallow clone's edge could hide a better one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from reconciler.core.errors import InputError
from reconciler.core.text import printable
from reconciler.repo.git.model import Behind, MergeBase, Revision
from reconciler.repo.git.process import GitRefused, run_git

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reconciler.repo.git.trees import ObjectReader

_RULES: Final = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
"""Where git looks for a short name, in its own order (gitrevisions)."""
_HEADS: Final = "refs/heads/"
_REMOTES: Final = "refs/remotes/"


class _Ref(NamedTuple):
    name: str
    upstream: str


def resolve(objects: ObjectReader, ref: str, shallow: frozenset[str]) -> Revision:
    """The commit that a ref, an id or an expression of git means; raises `InputError` for none and for two."""
    return _resolved(objects, ref, shallow)[0]


def merge_base(objects: ObjectReader, ref: str, shallow: frozenset[str]) -> MergeBase:
    """Where HEAD and a ref part; raises `InputError` where there is no such commit, or several, or the clone cannot tell."""
    root = objects.root
    revision, head = _resolved(objects, ref, shallow)
    if not head:
        raise InputError(
            f"reading base {printable(ref)}: HEAD has no commit yet", advice="commit the files first"
        )
    apart = _apart(root, revision.commit, head)
    bases = _merge_bases(root, head, revision.commit) if shallow or len(apart.edge) > 1 else list(apart.edge)
    if bases != [revision.commit]:
        _check_common(root, revision, head, bases, shallow)
    return MergeBase(ref, bases[0], revision.commit, len(apart.ref), _behind(root, revision, apart))


def _resolved(objects: ObjectReader, ref: str, shallow: frozenset[str]) -> tuple[Revision, str]:
    """What a ref means, and the commit of HEAD, or nothing before the first one."""
    refs = _refs(objects.root, ref)
    if len(refs) > 1:
        named = " and ".join(printable(it.name) for it in refs)
        raise InputError(
            f"reading base {printable(ref)}: it names {named}",
            advice=f"name one of them in full, as in --base {printable(refs[0].name)}",
        )
    name, upstream = refs[0] if refs else _Ref("", "")
    commit, upstream_commit, head = objects.commits((name or ref, upstream, "HEAD"))
    if not commit:
        raise _unknown(ref, name, shallow)
    return Revision(ref, commit, name, upstream if upstream_commit else "", upstream_commit), head


def find_commit(objects: ObjectReader, name: str) -> str | None:
    """The commit that an id, `HEAD` or the full name of a ref means; None where this clone has no such name.

    Raises `GitRefused` where git does not say, and for a ref that is there while its commit is not.
    """
    (commit,) = objects.commits((name,))
    if not commit and _refs(objects.root, name):
        raise GitRefused(
            f"asking git for {printable(name)}: this clone lacks its commit", advice="see what git fsck says"
        )
    return commit or None


class _Apart(NamedTuple):
    """The commits that one of REF and HEAD has and the other has not; `edge` are those of both that these rest on."""

    ref: frozenset[str]
    head: frozenset[str]
    edge: tuple[str, ...]


def _apart(root: Path, ref: str, head: str) -> _Apart:
    """How REF and HEAD differ. Each merge base is at the edge; where there is one commit at the edge, it is the merge base."""
    if ref == head:
        return _Apart(frozenset(), frozenset(), (ref,))
    told = _text(run_git(root, "rev-list", "--left-right", "--boundary", f"{ref}...{head}")).split()
    sides = {sign: [it[1:] for it in told if it[0] == sign] for sign in "<>-"}
    return _Apart(frozenset(sides["<"]), frozenset(sides[">"]), tuple(sides["-"]))


def _check_common(
    root: Path, revision: Revision, head: str, bases: Sequence[str], shallow: frozenset[str]
) -> None:
    """Raise unless there is one merge base, and no edge of a shallow clone past which a better one could be."""
    ref = printable(revision.ref)
    if shallow and shallow & set(_between(root, [revision.commit, head], bases)):
        raise InputError(
            f"reading base {ref}: this clone is shallow, so the merge base of HEAD and {ref} is not known",
            advice=_deepen(revision.name),
        )
    if not bases:
        advice = (
            f"git merge --allow-unrelated-histories {ref}, or name the branch that this one was made from"
        )
        raise InputError(f"reading base {ref}: HEAD and {ref} have no commit in common", advice=advice)
    if len(bases) > 1:
        shown = ", ".join(base[:12] for base in bases)
        raise InputError(
            f"reading base {ref}: HEAD and {ref} have {len(bases)} merge bases ({shown})",
            advice=f"git merge {ref}",
        )


def _behind(root: Path, revision: Revision, apart: _Apart) -> Behind | None:
    """How far a local branch is behind its upstream, where HEAD already has some of what it lacks."""
    if not revision.upstream_commit or revision.upstream_commit == revision.commit:
        return None
    lacking = _between(root, [revision.upstream_commit], [revision.commit])
    if apart.head.isdisjoint(lacking):
        return None
    upstream = revision.upstream.removeprefix(_REMOTES).removeprefix(_HEADS)
    return Behind(revision.name.removeprefix(_HEADS), upstream, len(lacking))


def _refs(root: Path, ref: str) -> list[_Ref]:
    """Every ref that a name means."""
    names = [rule.format(ref) for rule in _RULES]
    if ref.startswith("refs/"):
        names.insert(0, ref)
    listed = run_git(root, "for-each-ref", "--format=%(refname)%00%(upstream)", *names)
    found = [_Ref(*line.split("\0")) for line in _text(listed).split("\n") if line]
    return [it for it in found if it.name in names]  # a pattern also finds what is below it


def _merge_bases(root: Path, one: str, other: str) -> list[str]:
    return _text(run_git(root, "merge-base", "--all", one, other, accepted=(0, 1))).split()


def _between(root: Path, of: Sequence[str], without: Sequence[str]) -> list[str]:
    return _text(run_git(root, "rev-list", *of, *(f"^{it}" for it in without))).split()


def _unknown(ref: str, name: str, shallow: frozenset[str]) -> InputError:
    """Nothing is there under this name, or no commit."""
    shown = printable(ref)
    if name:
        what = f"reading base {shown}: {printable(name)} names no commit that this clone has"
        return InputError(what, advice="name another, or see what git fsck says")
    advice = "name a branch, tag or commit of this repository, as in origin/main"
    if shallow:
        advice = _deepen(_REMOTES + ref if ref.startswith("origin/") else "")
    elif ref.startswith("origin/"):
        advice = f"git fetch origin {_refspec(_REMOTES + ref)}"
    return InputError(f"reading base {shown}: git knows no such commit", advice=advice)


def _deepen(name: str) -> str:
    """The command that completes a shallow clone, with the ref that is asked for."""
    refspec = f" origin {_refspec(name)}" if name.startswith(f"{_REMOTES}origin/") else ""
    return f"git fetch --unshallow{refspec} (in CI: fetch-depth: 0)"


def _refspec(name: str) -> str:
    """What fetches a branch of origin into its own remote-tracking ref, whatever the clone was made for."""
    branch = name.removeprefix(f"{_REMOTES}origin/")
    return printable(f"+refs/heads/{branch}:{name}")


def _text(output: bytes) -> str:
    return output.decode("utf-8", errors="surrogateescape")
