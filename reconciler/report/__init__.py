"""Results -> text, JSON, Markdown, HTML. Nothing here decides, prints or reads a clock.

view         what a renderer gets, grouped and ranked; masked values end here
value_diff   two texts -> the little of them that tells them apart
summaries    the sentences that all formats share
sections     everything beside the edits, as titled lists that all formats share
ci_escape    the last look at any output: no CI runner command in it
text, markdown, html   the formats
"""
