"""All codes that a review can report, with what the pages of `docs/` say about them."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.backup import checks as backup_checks
from constructs_lib.findings import Check, Phrase, Problem, Severity, check, severity_of
from constructs_lib.ram import checks as ram_checks
from constructs_lib.review import access_change_checks, backup_change_checks
from constructs_lib.review.loading.attributes import RESOURCE_TYPES
from constructs_lib.review.report import Level

Codes = frozenset[str]


@check("RV391", "An acknowledgement has no effect", source="alipolicy")
def unused_acknowledgement(codes: Codes) -> Iterator[Problem]:
    """The construct acknowledges a code that no check reports for it: the reason is out of date, and would
    hide the next finding."""
    for code in sorted(codes):
        hint = "Remove it from acknowledge."
        yield Problem("acknowledge", Phrase(f"a reason for {code}, which nothing reports"), "", hint)


@check("RV392", "An approval matches no change", source="alipolicy")
def unused_approval(deltas: Codes) -> Iterator[Problem]:
    """`--approve` names a delta that is not in this report: the change is a different one now, and has to be
    reviewed again."""
    for delta in sorted(deltas):
        hint = "Look at the change again; the report names its delta."
        yield Problem("", Phrase(f"{delta[:64]!r}"), "", hint)


OF_REPORT = (unused_acknowledgement, unused_approval)
CHANGES = (
    *backup_change_checks.CHECKS,
    *access_change_checks.CHECKS,
    *access_change_checks.OF_OTHER_VERSIONS,
    *OF_REPORT,
)
"""The findings that only a review has: those about a change."""

_OF_PROVIDERS = tuple(check for resource_type in RESOURCE_TYPES.values() for check in resource_type.checks)
CHECKS: dict[str, Check] = {
    each.code: each for each in (*backup_checks.CHECKS, *ram_checks.CHECKS, *_OF_PROVIDERS, *CHANGES)
}


def level_of(code: str) -> Level:
    """The level that a code's family stands for: 5xx is a note, 3xx a warning, anything else an error."""
    if code[2] == "5":
        return Level.NOTE
    return Level.WARNING if severity_of(code) is Severity.WARNING else Level.ERROR
