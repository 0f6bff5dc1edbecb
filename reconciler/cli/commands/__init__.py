"""One module per command: parse, call one use case, print, exit. Each is imported only when it is called."""
