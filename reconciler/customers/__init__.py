"""YAML files -> the customers they ask for, and values -> the characters of those files.

Reading: discovery -> document -> validation -> duplicates -> manifest; `parse_cache` saves the parsing. Writing:
`rewrite` changes a value's characters and nothing else, `formatter` a whole file's form, `new_file` makes one.
Reads the disk through `discovery` and `repo`; knows nothing of RPM.
"""
