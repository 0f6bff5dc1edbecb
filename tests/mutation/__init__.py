"""Mutation testing by name of what decides: `python -m tests.mutation`."""
