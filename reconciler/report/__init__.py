"""Results -> text, JSON, Markdown, HTML. Nothing here decides, prints or reads a clock.

render       a result -> a report in the format that was asked for; each format is imported alone
view         the one model that every format shows: customers, their changes, notices
shown        plans and audits -> the customers of a view; masked values end here
grouping     equal changes, together with the customers that share them
summaries    the sentences that all formats share
remarks      what is said of one change in addition to its values
sections     everything but the changes, as titled lists that all formats share
value_diff   two texts -> the little of them that tells them apart
text, markdown, html   the formats, with what each needs: text_changes, styled; truncate, markdown_escape; html_cards, html_page, history_chart
documents    the JSON of an apply's report, of an audit, and of the line that an audit records
ci_escape    the last look at any output: no CI runner command in it
"""
