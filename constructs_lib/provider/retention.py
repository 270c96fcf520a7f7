"""Two lists of rules of a backup policy: which rule keeps which id, and what is kept shorter than before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from constructs_lib.backup.effective_retention import newest_let_go, origins, shortened
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_view import BackupPolicyView
from constructs_lib.provider.protocol.context import State
from constructs_lib.provider.protocol.values import UNKNOWN


def with_rule_ids(prior: Sequence[State], planned: Sequence[State]) -> list[State]:
    """The planned rules, where one that changed keeps the id of the rule that it was."""
    ids = [None if place is None else prior[place]["rule_id"] for place in origins(prior, planned)]
    return [
        {**rule, "rule_id": rule_id} if rule["rule_id"] is UNKNOWN else rule
        for rule, rule_id in zip(planned, ids, strict=True)
    ]


def shorter_retentions(
    prior: BackupPolicyProps, planned: BackupPolicyProps, origins: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The path of each attribute that keeps something shorter than before, and a sentence about it."""
    old, new = BackupPolicyView.of(prior), BackupPolicyView.of(planned)
    for was, now in shortened(old, new, origins):
        yield now.path, f"So far {was.keeps} is kept {was.days:,} days, from now on {now.days:,} days."
    for keeps, path in newest_let_go(old, new):
        yield path, f"So far {keeps} is kept forever, from now on no longer than any other."
