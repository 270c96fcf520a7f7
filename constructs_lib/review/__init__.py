"""Door 3: what a change of policies means, before it is applied. Starts no Node, calls no cloud.

`loading` reads both sides, `reviewing` makes the one `report.Report` of them, and the renderers in `render`
only print it.
"""
