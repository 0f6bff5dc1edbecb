"""The embedded RPM: a real HTTP server over a real database file, a program apart.

It behaves as `rpm-api.md` section 8 says, turned by `knobs` and broken by `faults`. Nothing here imports
the rest of the reconciler, so that a mistake about the API cannot hide by being made on both sides.

    records      what a subscription holds, as values
    store        those values in SQLite, and the two logs: commits and requests
    knobs        the table of open questions about RPM, each a setting
    wire         values -> the JSON that RPM answers
    reading      the endpoints that read       editing, contacts, locations   the endpoints that write
    service      a key, an endpoint and a body -> an answer; no socket, no faults
    faults       a fault script, as values     catalogue   the known faults, each as a script
    exchange     one call under the script -> the steps that a connection then takes
    connection   those steps on a real socket  app         the ASGI side: API, page, admin
"""
