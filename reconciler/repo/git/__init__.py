"""git, asked read-only: found by its `.git`, run through one door, answering in values.

`root` finds the folder that has `.git`, `process` alone runs git there, `repository` is what the other rooms use.
"""
