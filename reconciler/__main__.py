"""The command, also as `python -m reconciler`. Python puts the working folder first on its path there: never in a pipeline."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line, on a system that has what it stands on: file locks, signals, safe opening of files."""
    if sys.platform == "win32":
        sys.exit(
            "reconciler runs on Linux, on macOS and, on Windows, under WSL (wsl --install); not on Windows itself"
        )
    try:
        from reconciler.cli import main as run  # noqa: PLC0415 - what it imports is not there on Windows
    except KeyboardInterrupt:  # most of a short run is this line
        sys.stderr.write("interrupted; nothing was edited\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
