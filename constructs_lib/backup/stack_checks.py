"""What only a whole stack tells of a backup policy. The constructs ask; provider and review see no stack."""

from __future__ import annotations

from constructs_lib.backup.policy_view import BackupPolicyView
from constructs_lib.backup.rule import RuleType
from constructs_lib.findings import Phrase, Problem, Problems, check


@check("BP319", "A policy protects nothing yet", source="Cloud Backup, help pages on backup policies")
def protects_nothing(policy: BackupPolicyView) -> Problems:
    """A policy backs up what its TAG rules choose, and what it is bound to. Where it has no TAG rule, and
    nothing in its stack binds it, it runs and makes no backup. What binds it elsewhere, such as the console,
    nobody sees: so this is a warning of the synthesis, while the stack is written."""
    if policy.can_count and not policy.of_type(RuleType.TAG):
        hint = 'Bind a source, such as policy.bind(OssBucket("logs")), or add a TAG rule.'
        yield Problem("rules", Phrase("no TAG rule, and no binding in the stack"), "one of them", hint)
