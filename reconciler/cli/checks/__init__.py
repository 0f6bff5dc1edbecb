"""Settings and surroundings -> one line for each thing that must work: `ok`, `warn` or `fail`, and what to do.

`local` looks at this machine and the repository, `remote` asks RPM, in three calls at most. Neither edits, and
neither stops at a first failure. `screen` turns the lines into text or JSON.
"""

from reconciler.cli.checks.lines import CheckLine, Level

__all__ = ["CheckLine", "Level"]
