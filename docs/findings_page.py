"""The page that lists every finding code."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib import findings
from constructs_lib.findings import can_be_acknowledged
from constructs_lib.review import catalogue
from constructs_lib.review.report import Level

# Where the findings of a family are told, and how.
DOORS = """\
| family | a construct, at synth | the Terraform provider, at validate and plan | `alipolicy review` |
|---|---|---|---|
| BP1xx, PV1xx | an error | an error | an error |
| BP2xx, PV2xx | an error, unless acknowledged | a warning | an error, unless acknowledged |
| BP3xx, PV3xx | a warning, unless acknowledged | a warning | a warning, unless acknowledged |
| BP4xx, PV4xx | an error, with the official provider | — | an error, on the official provider's resources |
| RV2xx | — | — | an error, unless the change is approved |
| RV3xx | — | — | a warning, unless the change is approved |
| RV5xx | — | — | a note |"""


def findings_page() -> str:
    """Built from the checks themselves: each knows its code, its title, its source and why it exists."""
    families = (findings.__doc__ or "").partition(":\n\n")[2].strip()
    return "\n".join(
        [
            "<!-- Made by `make docs` from the checks themselves: change those. -->",
            "# Findings",
            "",
            "What the constructs, the Terraform provider and the review have to say about a policy, or",
            "about a change of it. A code never changes its meaning. Its family tells how grave it is:",
            "",
            families,
            "| 5xx | good to know: a note of the review | no need to |",
            "",
            "BP is about backup policies, PV about policy versions, RV about a change. Where it is told:",
            "",
            DOORS,
            "",
            "Acknowledge a finding on the construct that has it, with the reason:",
            "",
            "```python",
            'BackupPolicy(..., acknowledge={"BP202": "the BACKUP rule has a retention of its own"})',
            "```",
            "",
            "A configuration of Terraform has no place for a reason, so that the provider only warns of what",
            "could be acknowledged. A change is approved with `alipolicy review --approve DELTA`; the review",
            "tells the delta.",
            "",
            "A check never judges what only Terraform will know: it steps over tokens and expressions, and",
            "over whatever depends on them.",
            "",
            "## `BackupPolicy`",
            "",
            *_table("BP"),
            "",
            "## `PolicyVersion`",
            "",
            *_table("PV"),
            "",
            "## A change",
            "",
            "Only `alipolicy review` tells these.",
            "",
            *_table("RV"),
            "",
        ]
    )


def _table(subject: str) -> Iterator[str]:
    """The codes about a subject: BP, PV, RV."""
    yield "| code | what it says | why | source |"
    yield "|---|---|---|---|"
    for code, check in sorted(catalogue.CHECKS.items()):
        if not code.startswith(subject):
            continue
        row = (f"**{code}**<br>{_grade(code)}", check.title, check.explanation, check.source)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def _grade(code: str) -> str:
    level = catalogue.level_of(code)
    if level is Level.ERROR and can_be_acknowledged(code):
        return "error unless approved" if code.startswith("RV") else "error unless acknowledged"
    return str(level)
