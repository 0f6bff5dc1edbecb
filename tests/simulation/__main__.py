"""The long run: `python -m tests.simulation 0 20000` lives those seeds and prints the figures."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.simulation.oracles import Window
from tests.simulation.test_simulation import live


def main(first: int, last: int) -> None:
    """Live the seeds from `first` up to `last`; the first that fails ends the run with its number."""
    window = Window()
    runs = calls = edits = hands = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, last):
            place = Path(folder) / str(seed)
            place.mkdir()
            try:
                world = live(seed, place, window)
            except BaseException:
                sys.stderr.write(f"seed {seed}: RECONCILER_SEED={seed} pytest tests/simulation\n")
                raise
            runs += world.run
            calls += len(world.calls)
            edits += sum(call.endpoint == "CustomerEdit" for call in world.calls)
            hands += len(world.hands)
    sys.stdout.write(
        f"seeds {first} to {last - 1}: {runs} runs, {calls} calls, {edits} edits sent, {hands} edits by hand; "
        f"overwritten inside the one-call window: {window.overwrites}; oracles broken: 0\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
