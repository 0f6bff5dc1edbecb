"""Pipelines: what `init` writes into a repository, and what a run in one tells its forge.

Writes files of the repository through `repo.atomic`, and what the forge's own environment names (a step's summary).
Nothing here edits RPM, and nothing here knows click.
"""
