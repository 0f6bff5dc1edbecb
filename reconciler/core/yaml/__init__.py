"""Bytes of a YAML file -> nodes with their places, and values -> YAML scalars. Pure.

encoding   bytes -> text: UTF-8 alone, no control characters
composer   text -> nodes, with PyYAML's scanner and parser underneath; every refusal at its place
reader     the entry: `read_documents`
messages   PyYAML's errors in words that say what to do
scalars    a value -> the way it is written
"""
