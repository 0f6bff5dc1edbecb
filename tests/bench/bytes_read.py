"""The floor of a run that changes nothing: the customer files' bytes, read and hashed.

Run as a program: `python -m tests.bench.bytes_read FOLDER`.
"""

from __future__ import annotations

import hashlib
import os
import sys


def main(folder: str) -> None:
    """Hash every file, in order of their paths."""
    paths = []
    for root, _, names in os.walk(folder):
        paths += [os.path.join(root, name) for name in names]  # noqa: PTH118 - a floor is not the place for pathlib
    whole = hashlib.blake2b()
    for path in sorted(paths):
        file = os.open(path, os.O_RDONLY)
        whole.update(hashlib.blake2b(os.read(file, 1 << 20), digest_size=16).digest())
        os.close(file)


if __name__ == "__main__":
    main(sys.argv[1])
