"""The calls of the embedded RPM, one module per kind; each takes a parsed body and the store and answers a Result."""
