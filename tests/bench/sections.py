"""What is measured: each function makes its folder and its server, and gives the rows of its part of the table."""

from __future__ import annotations

import json
import shutil
import time
from typing import TYPE_CHECKING, Final

from reconciler.repo.stamps import DOUBT
from tests.bench.dataset import Subscription
from tests.bench.measure import PYTHON, TOOL, Run, Served, Spread, in_turn, run, serving
from tests.bench.table import Parts, Row, against

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE: Final = 100_000
WARM: Final = ("plan", "--refresh", "modified")


def folder_of(root: Path, subscription: Subscription) -> Path:
    """A user's folder, made anew."""
    place = root / f"{subscription.customers}"
    shutil.rmtree(place, ignore_errors=True)
    subscription.write(place)
    return place


def tool(place: Path, served: Served, *words: str) -> Run:
    return run([TOOL, *words, "--url", served.url], place)


def calls(root: Path, customers: int) -> Iterator[Row]:
    """What a plan costs in money."""
    place = folder_of(root, Subscription(customers))
    with serving(customers, 0) as served:
        run([PYTHON, "-m", "tests.bench.script", served.url, "customers"], place)
        script = served.taken()["reads"]
        for what, words, reach in (
            ("calls of a full plan", ("plan",), customers + 1),
            ("calls of the first plan with `refresh: modified`", WARM, customers + 1),
            ("calls of a quiet night", WARM, 1),
        ):
            tool(place, served, *words)
            said = served.taken()
            made = said["lists"] + said["reads"]
            yield Row(
                f"{what}, {customers:,} customers",
                f"{made:,}",
                f"script: {script:,}",
                made,
                reach,
                unit="calls",
            )


def rivals(root: Path, customers: int) -> Iterator[Row]:
    """What a user would write instead, once: it takes minutes."""
    place = folder_of(root, Subscription(customers))
    with serving(customers, 50) as served:
        script = run([PYTHON, "-m", "tests.bench.script", served.url, "customers"], place).wall
        ours = tool(place, served, "plan").wall
    what = f"full plan, {customers:,} customers, 50 ms, seconds"
    yield _faster(what, Spread((ours,)), "a script, once", Spread((script,)), 18)


def folders(root: Path, largest: int, times: int) -> Iterator[Row]:
    """Local work on folders of three sizes; the goals are those of the largest."""
    for customers in [count for count in (1_000, 10_000, 100_000) if count <= largest] or [largest]:
        place = folder_of(root, Subscription(customers))
        with serving(customers, 0) as served:
            tool(place, served, *WARM)
            yield from _unchanged(place, served, customers, times)


def _unchanged(place: Path, served: Served, customers: int, times: int) -> Iterator[Row]:
    """A plan that finds nothing, then one that finds a hundredth, against the files' bytes."""

    def ours(kind: str) -> float:
        if kind == "cold":
            (place / ".reconciler" / "parsed.sqlite").unlink(missing_ok=True)
        return tool(place, served, *WARM).wall

    found = in_turn(
        {
            "bytes": lambda: run([PYTHON, "-m", "tests.bench.bytes_read", "customers"], place).wall,
            "cold": lambda: ours("cold"),
            "warm": lambda: ours("warm"),
        },
        times,
    )
    name = "reading and hashing the files"
    what = f"plan of {customers:,} unchanged customers"
    large = customers >= LARGE
    yield against(f"{what}, caches warm, seconds", found["warm"], name, found["bytes"], 6 if large else None)
    yield against(
        f"{what}, parse cache cold, seconds", found["cold"], name, found["bytes"], 16 if large else None
    )
    yield _octodns(place, customers, found["warm"], 20 if large else None)
    moved = Subscription(customers, moved=100)
    for customer_id in range(100, customers + 1, 100):
        path = next((place / "customers").glob(f"*/customer-{customer_id}.yaml"))
        path.write_text(moved.manifest(customer_id))
    changed = in_turn({"changed": lambda: tool(place, served, *WARM).wall}, times)["changed"]
    added = changed.median - found["warm"].median
    yield Row(
        f"{what} but a hundredth, seconds", changed.shown(), found["warm"].shown(), added, 1, unit="s more"
    )


def growth(root: Path, largest: int, times: int) -> Iterator[Row]:
    """Four times as many customers, where something is to be said of every one: nothing may grow with the square."""
    small, large = largest // 4, largest
    for what, change, code in (
        ("every website differs", lambda text, _, __: text.replace("//www.", "//moved."), 0),
        ("every name is the next one's", _renamed, 0),
        (
            "every id looks pasted",
            lambda text, _, __: text.replace(" Ltd", " Inc").replace(": value", ": v"),
            0,
        ),
        ("every field is misspelt", lambda text, _, __: text.replace("Field ", "Feild "), 1),
    ):
        found = {}
        for customers in (small, large):
            place = folder_of(root, Subscription(customers))
            with serving(customers, 0) as served:
                tool(place, served, *WARM)
                for path in (place / "customers").glob("*/*.yaml"):
                    number = int(path.stem.rpartition("-")[2])
                    path.write_text(change(path.read_text(), number, customers))
                words = [TOOL, *WARM, "--format", "json", "--url", served.url]
                found[customers] = in_turn({"": lambda: run(words, place, code=code).wall}, times)[""]  # noqa: B023 - called at once
        yield against(
            f"plan of {large:,} customers, {what}, seconds", found[large], f"{small:,}", found[small], 5
        )
    found = {}
    for customers in (small, large):
        place = folder_of(root, Subscription(customers))
        named = [TOOL, "validate", *map(str, (place / "customers").glob("*/*.yaml"))]
        found[customers] = in_turn({"": lambda: run(named, place).wall}, times)[""]  # noqa: B023 - called at once
    what = f"`validate` of {large:,} files, each of them named, seconds"
    yield against(what, found[large], f"{small:,}", found[small], 5)


def _renamed(text: str, number: int, customers: int) -> str:
    """The file of a customer that is to have the name of the next one, the last that of the first."""
    return text.replace(f"Customer {number} Ltd", f"Customer {number % customers + 1} Ltd")


def _octodns(place: Path, customers: int, ours: Spread, reach: float | None) -> Row:
    """What octoDNS's own plan takes, once: minutes."""
    Subscription(customers).write_zone(place)
    words = ["-m", "octodns.cmds.sync", "--quiet", "--config-file", "octodns.yaml"]
    theirs = Spread((run([PYTHON, *words], place).wall,))
    what = f"plan of {customers:,} unchanged customers, caches warm, seconds"
    return _faster(what, ours, "octoDNS, YAML to YAML, as many records, once", theirs, reach)


def _faster(what: str, ours: Spread, name: str, theirs: Spread, reach: float | None) -> Row:
    ratio = theirs.median / ours.median
    return Row(what, ours.shown(), f"{name}: {theirs.shown()}", ratio, reach, at_least=True)


def made_of(root: Path, largest: int) -> Iterator[Parts]:
    """What is left of the time where little is left to save: a warm plan, and a full read at no latency."""
    for kind, customers, words in (("warm", largest, WARM), ("full", min(largest, 10_000), ("plan",))):
        place = folder_of(root, Subscription(customers))
        file = root / f"{kind}.json"
        with serving(customers, 0) as served:
            if kind == "warm":
                tool(place, served, *words)
                time.sleep(2 * DOUBT / 1e9)  # from then on the files are known by their stamps
                tool(place, served, *words)
            run([PYTHON, "-m", "tests.bench.parts", kind, str(file), *words, "--url", served.url], place)
        what = "a warm plan" if kind == "warm" else "a full read, 20 in flight at no latency"
        yield Parts(f"{what}, {customers:,} customers", customers, json.loads(file.read_text()))
