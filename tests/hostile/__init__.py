"""Repositories of somebody who means harm, or whose git is not as ours: a repository a row, through every command that asks git.

Each row asserts the right ending. A program that a checkout names leaves a canary when it runs, and no test may find one.
"""
