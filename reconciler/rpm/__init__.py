"""RPM over HTTP: the only room that knows the wire, its errors, retries and the key.

`session` wires the parts; `reader` makes read calls and has no method that edits; `editor` edits, and `apply` alone is
given one. `fetch` reads many customers, `snapshot` keeps the reads of earlier runs. Knows nothing of YAML.
"""
