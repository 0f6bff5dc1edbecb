"""Documents, held against the program."""
