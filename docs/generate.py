"""Write the pages of `docs/` that are made from the code: `python -m docs.generate`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from constructs_lib import findings
from constructs_lib.backup import checks as backup_checks
from constructs_lib.cdk import providers
from constructs_lib.findings import Check, Severity, can_be_acknowledged, severity_of
from constructs_lib.ram import checks as ram_checks

FOLDER = Path(__file__).parent


def findings_page() -> str:
    """The page that lists every finding code."""
    families = (findings.__doc__ or "").partition(":\n\n")[2].strip()
    return "\n".join(
        [
            "<!-- Made by `make docs` from the checks themselves: change those. -->",
            "# Findings",
            "",
            "What the constructs, and whatever else reads a policy, have to say about it. A code never",
            "changes its meaning. Its family tells how grave it is:",
            "",
            families,
            "",
            "Acknowledge a finding on the construct that has it, with the reason:",
            "",
            "```python",
            'BackupPolicy(..., acknowledge={"BP202": "the BACKUP rule has a retention of its own"})',
            "```",
            "",
            "A check never judges what only Terraform will know: it steps over tokens and expressions, and",
            "over whatever depends on them.",
            "",
            "## `BackupPolicy`",
            "",
            *_table([*backup_checks.CHECKS, *providers.ALICLOUD.backup_policy_checks]),
            "",
            "## `PolicyVersion`",
            "",
            *_table([*ram_checks.CHECKS, *providers.ALICLOUD.policy_version_checks]),
            "",
        ]
    )


def _table(checks: Iterable[Check]) -> Iterable[str]:
    yield "| code | what it says | why | source |"
    yield "|---|---|---|---|"
    for check in checks:
        grade = "warning" if severity_of(check.code) is Severity.WARNING else "error"
        if grade == "error" and can_be_acknowledged(check.code):
            grade = "error unless acknowledged"
        row = (f"**{check.code}**<br>{grade}", check.title, check.explanation, check.source)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


if __name__ == "__main__":
    (FOLDER / "findings.md").write_text(findings_page(), "utf-8")
