"""RPM over HTTP: the only room that knows the wire, its errors, retries and the key.

`session` wires the parts; `reader` makes read calls and has no method that edits; `editor` edits, and `apply` alone is
given one. `fetch` reads many customers, `snapshot` keeps the reads of earlier runs. Knows nothing of YAML.
"""

import sys

# httpx would load its own command line, and rich and pygments with it: two thirds of its import, and nobody here calls it.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None: "there is no such module"; httpx goes on without
