"""The question of a shell that completes a command line, which comes in variables that only its own script sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE: Final = "_RECONCILER_COMPLETE"


def check_completion(environment: Mapping[str, str]) -> None:
    """Raise `InputError` for a question that click could not read; where nothing is asked, do nothing."""
    asked = environment.get(_VARIABLE)
    if not asked:
        return
    from click.shell_completion import get_completion_class

    shell, _, what = asked.partition("_")
    if get_completion_class(shell) is None or what not in {"source", "complete"}:
        advice = "bash_source, zsh_source and fish_source print the script for a shell"
        raise InputError(
            f'completing a command line: {_VARIABLE}="{printable(asked)}" is unknown', advice=advice
        )
    if what == "complete" and not _is_complete(shell, environment):
        advice = f"let the script ask that {_VARIABLE}={shell}_source prints"
        raise InputError(
            "completing a command line: COMP_WORDS and COMP_CWORD do not say what was typed", advice=advice
        )


def _is_complete(shell: str, environment: Mapping[str, str]) -> bool:
    """Whether the words are there and which of them is meant: its number, or to fish itself."""
    words, word = environment.get("COMP_WORDS"), environment.get("COMP_CWORD")
    if words is None or word is None:
        return False
    return not word or bool(word.strip()) if shell == "fish" else word.isascii() and word.isdigit()
