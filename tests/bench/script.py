"""What somebody would write in an afternoon: SafeLoader, httpx, one customer after the other.

Run as a program in a user's folder: `python -m tests.bench.script URL FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
import yaml


def main(url: str, folder: Path) -> None:
    """Print what differs."""
    client = httpx.Client(headers={"RpmApiKey": "bench"})
    for path in sorted(folder.rglob("*.yaml")):
        wanted = yaml.safe_load(path.read_text())
        answer = client.post(f"{url}/Customer", json={"CustomerID": wanted["CustomerID"]}).json()["Result"]
        fields = {field["Field"]: field["Value"] for field in answer["Fields"]}
        held = {**answer, "Address": answer["Locations"][0]["Address"]}
        for name in ("Name", "Website", "Address"):
            if wanted[name] != held[name]:
                print(wanted["CustomerID"], name)  # noqa: T201 - that is all it says
        for name, value in wanted["Fields"].items():
            if str(value) != fields[name]:
                print(wanted["CustomerID"], name)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
