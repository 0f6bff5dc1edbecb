"""Three sides (base, desired, observed) -> what differs, in which order, and whether it may be done.

compare    the truth table; DeepDiff lives here          identity   who is who
order      the fewest renames, in working order          builder    differences -> Plan
guards     why a plan must not be applied                model      what a plan is
document   a plan as JSON, its digest                    saved      a plan file -> the plan it permits

Makes read calls alone: nothing in this room can be given an editor.
"""
