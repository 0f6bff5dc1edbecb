"""What must be true of every story, judged by what the server did and by nothing that the tool thinks.

Each function returns complaints, so that one story tells everything that is wrong with it; `verdict` gathers them. What
cannot be prevented is counted instead (`Counts`): an edit that falls between our last read and our own edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.chaos.ledger import sent_values
from tests.chaos.reports import report_complaints
from tests.chaos.scenario import SECRET
from tests.chaos.weather import CANARY, NO_CONNECTION
from tests.chaos.writes import window, write_complaints

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.chaos.ledger import Call, Ledger
    from tests.chaos.story import Story
    from tests.chaos.tool import Ended
    from tests.chaos.world import World

_RETRIES: Final = 100


@dataclass(slots=True)
class Counts:
    """What happened in some stories, for the figures."""

    stories: int = 0
    runs: int = 0
    calls: int = 0
    struck: int = 0
    edits: int = 0
    hands: int = 0
    deaths: int = 0
    window: int = 0
    unknown: int = 0

    def add(self, other: Counts) -> None:
        """Take another's counts in."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def verdict(story: Story) -> tuple[list[str], Counts]:
    """Everything that is wrong with a story, and what happened in it."""
    complaints = [*_leaks(story), *_unfinished(story)]
    for ended in story.runs:
        complaints += complaints_about(story.world, ended)
    return complaints, counted(story)


def complaints_about(world: World, ended: Ended) -> list[str]:
    """Everything that is wrong with one run."""
    calls = list(world.ledger.of_run(ended.run))
    return [
        *_unmanaged(world, calls),
        *_undeclared(world, calls),
        *write_complaints(world, ended, calls),
        *_too_many(world, ended, calls),
        *_wrong_code(ended, calls),
        *_believed_an_empty_list(world, ended, calls),
        *_untold(world.ledger, ended),
        *_wrongly_blamed(world.ledger, ended, calls),
        *report_complaints(world, ended, calls),
    ]


def counted(story: Story) -> Counts:
    """What happened in a story."""
    calls, commits = story.world.ledger.calls, story.world.ledger.commits
    return Counts(
        stories=1,
        runs=len(story.runs),
        calls=len(calls),
        struck=sum(bool(call.fault) for call in calls),
        edits=sum(call.edits for call in calls),
        hands=sum(commit.author == "hand" for commit in commits),
        deaths=sum(ended.code is None for ended in story.runs),
        window=sum(window(story.world.ledger, list(story.world.ledger.of_run(it.run))) for it in story.runs),
        unknown=sum(ended.report["summary"]["unknown"] for ended in story.runs if ended.report),
    )


def _unmanaged(world: World, calls: list[Call]) -> Iterator[str]:
    """O1: a customer without a file is never touched, and nothing is selected by its name."""
    managed = world.managed(calls)
    for call in calls:
        if call.edits and call.customer_id not in managed:
            yield f"O1: call {call.number} edits customer {call.customer_id}, which no file manages"
        if call.host != "localhost":
            yield f"O9: call {call.number} carries the key to {call.host}"
        if call.endpoint not in {"Info", "Customers", "Customer", "CustomerEdit"}:
            yield f"O1: call {call.number} goes to {call.endpoint}"
    for commit in world.ledger.commits:
        if (
            commit.author == "ours"
            and calls
            and commit.run == calls[0].run
            and commit.customer_id not in managed
        ):
            yield f"O1: customer {commit.customer_id} was changed, which no file manages"


def _undeclared(world: World, calls: list[Call]) -> Iterator[str]:
    """O2: nothing is sent that YAML does not say, or that is hidden by `ignore`."""
    managed = world.managed(calls)
    for call in calls:
        if not call.edits or call.customer_id not in managed:
            continue
        wanted = managed[call.customer_id]
        if list(call.body) != ["Customer"] or not sent_values(call):
            yield f"O2: call {call.number} sends {call.body}"
        for path, text in sent_values(call).items():
            temporary = (
                path == "Name"
                and text.endswith(f" (renaming {call.customer_id})")
                and text.count("(renaming") == 1
            )
            if path == "Fields.Last contacted" or not (temporary or wanted.get(path) == text):
                yield f"O2: call {call.number} sends {path} = {text!r}, and YAML does not say so"


def _too_many(world: World, ended: Ended, calls: list[Call]) -> Iterator[str]:
    """O6: the calls of promise 3, one read more an edit for its age and one for an odd answer, and the retries."""
    files = world.scenario.files
    formula = 1 + (world.scenario.subscriber is not None) + sum(len(it.values) > 1 for it in files)
    edits = 0 if ended.plan is None else len(ended.plan.edits)
    trouble = sum(call.ending != "answer" for call in calls)
    upsets = (
        world.ledger.upsets[ended.run] * world.scenario.parallel
    )  # reads that grew old under a begun edit
    if len(calls) > formula + 3 * edits + 3 * trouble + upsets:
        yield f"O6: run {ended.run} made {len(calls)} calls for {edits} edits, with {trouble} of them in trouble"
    clean = not any(call.fault for call in calls) and world.scenario.knobs.get("edit_answer") != "stale"
    if clean and ended.code == 0 and len(calls) > formula + 2 * edits + upsets:
        yield f"O6: run {ended.run} made {len(calls)} calls on a clean network, for {edits} edits"
    if trouble - 10 > 3 * (_RETRIES + len(files) + edits):
        yield f"O6: run {ended.run} did not give up: {trouble} calls in trouble"


def _wrong_code(ended: Ended, calls: list[Call]) -> Iterator[str]:
    """O8: the exit code says what the server saw."""
    sent = any(call.edits and call.ending != "not sent" for call in calls)
    if sent and ended.code in {1, 3}:
        yield f"O8: run {ended.run} ended with {ended.code} after an edit was sent"
    if ended.code not in {None, 0, 1, 3, 4, 130}:
        yield f"O8: run {ended.run} ended with {ended.code}"
    if ended.report is None:
        if ended.code in {0, 4}:
            yield f"O8: run {ended.run} ended with {ended.code} and without a report"
        return
    undone = [it for it in ended.report["customers"] if it["outcome"] != "edited"]
    if (ended.code == 0) is bool(undone or ended.report["missing"]) and not ended.report["stopped"]:
        yield f"O8: run {ended.run} ended with {ended.code}, and {len(undone)} customers are not done"
    if ended.code == 4 and not sent and not ended.report["missing"]:
        yield f"O8: run {ended.run} ended with 4, and no edit was sent"
    if ended.report["calls"]["edit"] != sum(call.edits and call.ending != "not sent" for call in calls):
        yield f"O8: run {ended.run} reports {ended.report['calls']['edit']} edits sent"


def _believed_an_empty_list(world: World, ended: Ended, calls: list[Call]) -> Iterator[str]:
    """O8: a list without customers is refused where files name ids."""
    named = any(file.customer_id is not None for file in world.scenario.files)
    if named and ended.code in {0, 4} and any(call.rows == 0 for call in calls):
        yield f"O8: run {ended.run} ended with {ended.code}, and the list was empty"


def _untold(ledger: Ledger, ended: Ended) -> Iterator[str]:
    """O10: what could not be written is told, each result that is in no journal by its customer."""
    for run, line in ledger.unwritten:
        if run != ended.run or ended.code is None:
            continue
        told = f'"unwritten_result": {line["result"]}' if "result" in line else "writing the journal"
        if told not in ended.said:
            yield f"O10: run {run} does not tell of {line}, which is in no journal"


def _wrongly_blamed(ledger: Ledger, ended: Ended, calls: list[Call]) -> Iterator[str]:
    """O11: whoever is named did it. RPM is quoted with its own words; this machine, or the user's limit, was met; nobody is at a loss."""
    said = " ".join(ended.said.split())
    heard = {_beginning(call.error) for call in calls if call.error}
    for words in said.split("RPM says: ")[1:]:
        if not words.startswith(tuple(heard)):
            yield f"O11: run {ended.run} quotes RPM, which never said {words[:60]!r}"
    if "asks for fewer calls" in said and not any(call.ending == "throttled" for call in calls):
        yield f"O11: run {ended.run} says that RPM asks for fewer calls"
    if "cannot reach" in said and not any(call.fault == NO_CONNECTION for call in calls):
        yield f"O11: run {ended.run} says that RPM cannot be reached"
    if "own limit of" in said and len(calls) < ledger.allowed[ended.run]:
        yield f"O11: run {ended.run} says that its own limit of calls was met"
    if ("this machine's limits" in said or "no connection was opened" in said) and not ledger.limits[
        ended.run
    ]:
        yield f"O11: run {ended.run} names a limit of this machine, which refused nothing"
    if "internal error" in said:
        at = said.index("internal error")
        yield f"O11: run {ended.run} calls it {said[at : at + 200]!r}"


def _beginning(error: str) -> str:
    """How a quotation of an error begins, in any format."""
    return " ".join(error.split()).partition('"')[0][:60]


def _leaks(story: Story) -> Iterator[str]:
    """O9: neither the key nor a masked value is in anything that was said or written."""
    sinks: Mapping[str, str] = {
        **{f"the output of run {it.run}": it.said for it in story.runs},
        "the disk": story.written,
    }
    for sink, text in sinks.items():
        for secret in (CANARY, SECRET):
            if secret in text:
                at = text.index(secret)
                yield f"O9: {secret} is in {sink}: …{text[max(0, at - 120) : at + 30]}…"


def _unfinished(story: Story) -> Iterator[str]:
    """O7: a calm run does what it plans, and two of them end with nothing to do, or say what keeps them from it."""
    stubborn = {"blank", "case_rename"} & story.world.scenario.knobs.keys()
    for ended in story.calm:
        if ended.code not in {0, 1, 3} and ended.plan and not ended.plan.missing and not stubborn:
            yield f"O7: calm run {ended.run} ended with {ended.code}"
    last = story.calm[-1]
    if last.code == 0 and last.plan is not None and not last.plan.edits:
        return
    if last.plan is None:
        if not story.world.hand.done:
            yield f"O7: the last calm run ended with {last.code} and no plan: {last.said[:300]}"
        return
    excused = last.plan.missing or last.plan.problems
    if excused and not story.world.hand.done:
        yield f"O7: missing {last.plan.missing}, problems {last.plan.problems}, and nobody touched RPM"
    if last.plan.edits and not excused and not stubborn:
        yield f"O7: {len(last.plan.edits)} edits are left after {len(story.calm)} calm runs"
