"""The embedded RPM: a real HTTP server over a real database file, a program apart.

It behaves as `rpm-api.md` section 8 says, turned by `knobs` and broken by `faults`. Nothing here imports
the rest of the reconciler, so that a mistake about the API cannot hide by being made on both sides.
A module imports only from above itself:

    records      what a subscription holds, as values
    store        those values in SQLite, and the two logs: commits and requests
    seed         JSON -> those values: the example, and what tests hand over
    hand         edits by hand, past the API
    knobs        the table of open questions about RPM, each a setting
    wire         values -> the JSON that RPM answers        writing   what is sent -> what is stored
    call         one API call, as the endpoints see it
    reading      the endpoints that read
    editing      CustomerEdit       adding   CustomerAdd    contacts, locations   their calls
    faults       a fault script, as values                  catalogue   the known faults, each as a script
    service      a key, an endpoint and a body -> an answer; no socket, no faults
    steps        what a connection is told to do
    garbling     a true answer -> a spoilt one              delivery    an answer -> the steps that send it
    exchange     one call under the script -> its steps, for a socket or a simulation
    connection   those steps on a real socket               gate        who may talk to it
    app          the ASGI side                              pages: admin, page
    serve        the listening process
"""
