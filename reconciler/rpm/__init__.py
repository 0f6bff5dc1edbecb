"""RPM over HTTP: the only package that knows the wire, its errors, retries and the key.

`reader` makes read calls and has no method that edits; `editor` edits, and `apply` alone is given one.
"""
