"""Two lists of rules of a backup policy: which rule keeps which id."""

from __future__ import annotations

from collections.abc import Sequence

from constructs_lib.backup.effective_retention import origins
from constructs_lib.provider.protocol.context import State
from constructs_lib.provider.protocol.values import UNKNOWN


def with_rule_ids(prior: Sequence[State], planned: Sequence[State]) -> list[State]:
    """The planned rules, where one that changed keeps the id of the rule that it was."""
    ids = [None if place is None else prior[place]["rule_id"] for place in origins(prior, planned)]
    return [
        {**rule, "rule_id": rule_id} if rule["rule_id"] is UNKNOWN else rule
        for rule, rule_id in zip(planned, ids, strict=True)
    ]
