"""A plan -> one outcome per edit. The only room that has an editor.

executor   the threads                     scheduler   which edit may start
worker     the write rule, per edit        verify      what an answer proves
journal    intent and result on disk       lock        one apply per subscription
run_state  may another edit start          result      outcomes, the report, its exit code

Nothing that the plan does not name is sent, and nothing is sent on a read older than `read_age`.
"""
