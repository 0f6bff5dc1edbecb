"""Values, errors, field types, safe text and strict YAML: what every other room passes around.

Pure: bytes and values in, values out. No file, socket, process, environment or logging is touched here, and no other
room is imported. `clock` alone asks for the time; whoever needs it is handed a `Clock`.
"""
