"""The checkout on disk: settings, git, `.reconciler/`, files written whole or not at all.

One door to each: `git` runs git and nothing else does, `atomic` writes what is the user's, `state_dir` makes
`.reconciler/`, `cache` keeps in it what saves work and decides nothing. Nothing here knows a customer or RPM.
"""
