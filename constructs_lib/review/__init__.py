"""Door 3: what a change of policies means, told before it is applied. Starts no Node, calls no cloud.

`inputs` and `base` read both sides, `reviewing` makes the one `report.Report` of them, and the renderers
(`text`, `markdown`, `html`, `sarif`, `junit`, `github`, `json_report`) only print it.
"""
