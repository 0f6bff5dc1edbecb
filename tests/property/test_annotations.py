"""Whatever a problem says and wherever it is, the runner reads back exactly that, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.ci.github import MOST, annotation_lines
from reconciler.core.values import Problem, SourceMark
from tests.kit.runner import Command, commands

MARKS = st.sampled_from(
    [*"%:,=\r\n \t#[]", "::", "%0A", "%25", "%3A", "##[add-mask]", "::error ::", "::stop-commands::x", "a1é漢", "\u2028", "\x1b"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(MARKS, max_size=12).map("".join))
PROBLEMS = st.builds(
    Problem,
    st.builds(SourceMark, TEXTS, st.integers(1, 10**6), st.integers(1, 10**6)),
    TEXTS.map(lambda text: f"“{text}”"),
    st.booleans(),
)


def command_of(problem: Problem, path: str) -> Command:
    """What the runner is to read."""
    level = "warning" if problem.warning else "error"
    if not path:
        return Command(level, {"title": "reconciler"}, f"{problem.mark}: {problem.message}")
    place = {"file": path, "line": str(problem.mark.line), "col": str(problem.mark.column)}
    return Command(level, {**place, "title": "reconciler"}, problem.message)


@given(st.lists(PROBLEMS, max_size=MOST), TEXTS)
def test_the_runner_reads_back_the_very_problem(problems: list[Problem], path: str) -> None:
    lines = annotation_lines(problems, lambda _: path)
    ordered = sorted(problems, key=lambda it: it.warning)
    assert commands("\n".join(lines)) == [command_of(it, path) for it in ordered]


@given(st.integers(0, 40), st.integers(0, 40))
def test_what_github_would_drop_is_counted(errors: int, warnings: int) -> None:
    problems = [
        Problem(SourceMark("a.yaml", 1, 1), "x", warning=n >= errors) for n in range(errors + warnings)
    ]
    found = commands("\n".join(annotation_lines(problems, str)))
    for level, count in (("error", errors), ("warning", warnings)):
        assert sum(it.name == level for it in found) == min(count, MOST)
        said = [it.text for it in found if it.name == "notice" and f"more {level}" in it.text]
        assert [text.split()[0] for text in said] == ([str(count - MOST)] if count > MOST else [])
