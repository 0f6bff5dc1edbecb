"""Values -> what people read: text, Markdown, HTML. Nothing here decides, prints or reads a clock.

sheet      what a renderer gets, grouped and ranked; masked values end here
contrast   two texts -> the little of them that tells them apart
wording    the sentences that all formats share
notices    everything beside the edits, as titled lists that all formats share
runner     the last look at any output: no CI runner command in it
text, markdown, html   the formats
"""
