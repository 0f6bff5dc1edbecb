"""Pipelines: what `init` writes into a repository, the steps that such a pipeline runs, and the forges that they talk to.

    the environment → pipeline.Run
    Run + git (checkout) + a forge (forges) + RPM → steps → results, for later jobs → texts (comments, issues)
    where this copy came from + what is in a repository → scaffold → the files of a pipeline

Speaks HTTP to the forge that runs the pipeline, and to no other host; writes the results of a step and what the forge's own
environment names. Nothing of the checkout is run, nothing that a comment or an earlier job of somebody else says is believed,
and nothing here knows click. Only `steps.apply` edits RPM, through `apply`.
"""

from typing import Final

URL: Final = "https://secure.rpmtelco.com/rpm/"
"""Where `init` says that RPM is, unless it is told."""

FORGES: Final = ("github", "gitlab", "both", "none")
"""What `init` can write pipelines for."""
