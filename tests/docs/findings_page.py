"""The page that lists every finding code: a guide of the registry."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib import findings
from constructs_lib.findings import can_be_acknowledged
from constructs_lib.review import catalogue
from constructs_lib.review.report import Level
from tests.docs.front_matter import front_matter

# The same finding is an error at one place and a warning at another.
ENTRY_POINTS = """\
| family | construct, at synth | Terraform provider, at validate and plan | `alipolicy review` |
|---|---|---|---|
| BP1xx, PV1xx | error | error | error |
| BV1xx, BB1xx, PA1xx | error | error | — |
| BP2xx, PV2xx | error, unless acknowledged | warning, unless acknowledged | error, unless acknowledged |
| BV2xx, BB2xx | error, unless acknowledged | warning, unless acknowledged | — |
| BP3xx, PV3xx | warning, unless acknowledged | warning, unless acknowledged | warning, unless acknowledged |
| BV3xx, BB3xx, PA3xx | warning, unless acknowledged | warning, unless acknowledged | — |
| BP4xx, PV4xx | error, with the official provider | — | error, for resources of the official provider |
| BV4xx, BB4xx | error, with the official provider | — | — |
| RV2xx | — | warning at plan, where the provider knows | error, unless the change is approved |
| RV3xx | — | warning at plan, where the provider knows | warning, unless the change is approved |
| RV5xx | — | — | note |"""

PAGE = """\
# Findings

What the constructs, the Terraform provider and the review report about a policy or about a change of it.
A code never changes its meaning. The first digit tells how serious it is:

{families}
| 5xx | good to know: a note of the review | no need to |

BP is about backup policies, BV about their vaults, BB about what they are bound to, PV about policies and
their versions, PA about policy attachments, RV about a change. Where they are reported:

{entry_points}

Acknowledge a finding on the construct or the resource that has it, with a reason:

```python
BackupPolicy(..., acknowledge={{"BP206": "the console locks STANDARD policies, too"}})
```

```terraform
resource "alipolicy_backup_policy" "nightly" {{
  acknowledge = {{ BP206 = "the console locks STANDARD policies, too" }}
  # ...
}}
```

The constructs write it to the resources of our provider, so that a plan is as quiet as the synthesis; for
the official provider, whose resources have no such attribute, it stands where only the review reads it. The
provider only warns of what could be acknowledged: what is imported, or generated, has to plan. It sends the
reasons nowhere; a change of one is a change of the state alone, which the review names (RV543). A reason that
is known only later silences until then.

PV304, the sixth version of a policy, is said where it will happen: the provider counts the versions at plan,
the review those that it knows of. A synthesis does not know them, so it says nothing; with the official
provider, where nobody counts, it says so as long as `rotate_strategy` is not set.

A change (RV) cannot be acknowledged: a reason that stays would hide the next one. It is approved with
`alipolicy review --approve DELTA`; the review prints the delta. A plan tells of it once.

Each check says what it stands on: a page of the service (page), its SDK or the API metadata (SDK), the
acceptance tests of the official provider, which run against the live API (acceptance tests), Terraform or the
official provider's schema (Terraform), or the harm that it does (harm). Where pages and acceptance tests
disagree, the finding is a warning that says so (BP309); what neither of them allows is an error.

A check never guesses: it skips tokens and expressions that only Terraform can resolve, and everything that
depends on them.

## `BackupPolicy`

{backup_policy}

## `BackupVault`

{backup_vault}

## `BackupPolicyBinding`

{backup_policy_binding}

## `PolicyVersion`

PV112 and PV113 are about `Policy`, which has a document as well.

{policy_version}

## `PolicyAttachment`

{policy_attachment}

## A change

Only `alipolicy review` reports these.

{change}
"""


def findings_page() -> str:
    """Built from the checks themselves: each knows its code, its title, its source and why it exists."""
    title, description = "Findings", "Every code that a check reports: what it means, why, and its source."
    head = "\n".join(front_matter(title, "", description, "the checks of constructs_lib"))
    families = (findings.__doc__ or "").partition(":\n\n")[2].strip()
    page = PAGE.format(
        families=families,
        entry_points=ENTRY_POINTS,
        backup_policy="\n".join(_table("BP")),
        backup_vault="\n".join(_table("BV")),
        backup_policy_binding="\n".join(_table("BB")),
        policy_version="\n".join(_table("PV")),
        policy_attachment="\n".join(_table("PA")),
        change="\n".join(_table("RV")),
    )
    return f"{head}\n{page}"


def _table(subject: str) -> Iterator[str]:
    """The findings about one subject: BP, PV or RV."""
    yield "| code | finding | why | stands on | source |"
    yield "|---|---|---|---|---|"
    for code, check in sorted(catalogue.CHECKS.items()):
        if not code.startswith(subject):
            continue
        row = (
            f"**{code}**<br>{_level(code)}",
            check.title,
            check.explanation,
            ", ".join(check.basis),
            check.source,
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def _level(code: str) -> str:
    level = catalogue.level_of(code)
    if level is Level.ERROR and code.startswith("RV2"):
        return "error unless approved"
    return "error unless acknowledged" if level is Level.ERROR and can_be_acknowledged(code) else str(level)
