"""The embedded RPM: a real HTTP server over a real database file, a program apart.

It behaves as `rpm-api.md` section 8 says, turned by `knobs` and broken by `faults`. Nothing here imports
the rest of the reconciler, so that a mistake about the API cannot hide by being made on both sides.

    records, store, seed   what a subscription contains, in SQLite, and what it is first filled with
    knobs                  the table of open questions about RPM, each a setting
    wire                   values -> the JSON that RPM answers
    call, endpoints/       one API call, and what each endpoint makes of it
    service                a key, an endpoint and a body -> an answer; no socket, no faults
    faults/                a fault script, and what it does to a call and to the bytes of its answer
    manual_edit            edits past the API, as a person makes them in RPM's pages
    connection, app        the steps of an exchange on a real socket, and the ASGI side
    origin_check           who may talk to it
    pages: admin, web/     everything that is not the API
    serve                  the listening process
"""
