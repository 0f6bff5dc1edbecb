"""Failures on purpose: which calls fail, and how the bytes of an answer are damaged on their way out."""
