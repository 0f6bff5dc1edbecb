"""Lines of a report in colour are what Rich makes of the same pieces."""

from __future__ import annotations

import io
import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconciler.report.styled import Line

SAID = st.text(st.sampled_from("ab 東é→…·[/]:;"), max_size=8)
PLAIN = ["", "bold", "dim", "bold underline", "italic"]
STYLES = st.sampled_from([*PLAIN, "bold red", "yellow"])


def shown(colored: str) -> list[tuple[str, str]]:
    """Each character with the codes that it stands under."""
    parts = re.split(r"\x1b\[([\d;]*)m", f"\x1b[0m{colored}")
    return [(it, codes) for codes, said in zip(parts[1::2], parts[2::2], strict=True) for it in said]


@given(SAID, st.sampled_from(PLAIN), st.lists(st.tuples(SAID, STYLES), max_size=4))
def test_a_line_has_the_codes_and_the_width_that_rich_gives_it(
    said: str, style: str, pieces: list[tuple[str, str]]
) -> None:
    """Each piece in its own style and in that of the line, which has no colour; nothing of the text is markup, a link or an emoji."""
    line, text = Line(said, style), Text(said, style)
    for piece in pieces:
        line.append(*piece)
        text.append(*piece)
    stream = io.StringIO()
    console = Console(
        file=stream, width=20, force_terminal=True, color_system="standard", markup=False, highlight=False, emoji=False
    )  # fmt: skip
    console.print(text, soft_wrap=True)
    assert shown(line.colored) == shown(stream.getvalue()[:-1])
    assert line.plain == text.plain
    assert line.cells == cell_len(text.plain)
