"""`python -m reconciler` is the command. Python puts the working folder first on its path there: never in a pipeline."""

from __future__ import annotations

from reconciler.cli import main

if __name__ == "__main__":
    main()
