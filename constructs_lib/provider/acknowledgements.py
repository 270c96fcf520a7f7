"""The attribute `acknowledge`, and the one door for findings: what is acknowledged is not reported."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TYPE_CHECKING

from constructs_lib.provider.operations import LATER
from constructs_lib.provider.protocol.context import Context, State
from constructs_lib.provider.protocol.schema import optional
from constructs_lib.provider.protocol.types import STRING, map_of
from constructs_lib.provider.protocol.values import UNKNOWN

if TYPE_CHECKING:
    from constructs_lib.findings import Check, Finding

ATTRIBUTE = optional(
    "Why warnings of the checks are fine here, by their codes, such as "
    '`{ BP309 = "as in production for years" }`: they are not shown any more. Stays in the state; a change '
    "of it alone calls no API.",
    map_of(STRING),
)
# The checks show a value as Python writes it, and strings in quotes; a configuration writes it so.
_WRITTEN = {"True": "true", "False": "false"}


def check_acknowledge(ctx: Context, config: State, codes: Container[object]) -> None:
    """Refuse what acknowledges nothing. `codes`: all that this resource can have."""
    from constructs_lib.findings import wrong_acknowledgements

    reasons = config["acknowledge"]
    if reasons is UNKNOWN or not reasons:
        return
    known = {code: LATER if reason is UNKNOWN else reason for code, reason in reasons.items()}
    for code, problem in wrong_acknowledgements(known, codes):
        ctx.error("It acknowledges nothing", f"{problem}.", ("acknowledge", code))


def report(ctx: Context, config: State, findings: Iterable[Finding], checks: Iterable[Check]) -> None:
    """Show findings beside the attributes that they are about, but for those that are acknowledged.

    1xx are errors: the API cannot take it. All others are warnings: the live API was seen to take what 2xx
    are about, and what is imported or generated has to plan. What is about a change (RV) is told once.
    """
    from constructs_lib.findings import can_be_acknowledged

    titles = {check.code: check.title for check in checks}
    for finding in findings:
        is_error = finding.code[2] == "1"
        can_be_quiet = not is_error and can_be_acknowledged(finding.code)
        if can_be_quiet and is_acknowledged(config, finding.code):
            continue
        received = _WRITTEN.get(finding.received, finding.received)
        detail = f"{finding.path}: received {received}; allowed: {finding.allowed}.\n{finding.hint}"
        if can_be_quiet:
            detail += f'\nIf it is meant so: acknowledge = {{ {finding.code} = "why it is fine here" }}.'
        elif finding.code.startswith("RV"):
            detail += "\nTo apply it is to approve it: the next plan does not say it again."
        say = ctx.error if is_error else ctx.warn
        say(f"{finding.code}: {titles[finding.code]}", detail, finding.path)


def is_acknowledged(config: State, code: str) -> bool:
    """Whether there is a reason, or may be: Terraform asks once more when it is known."""
    reasons = config["acknowledge"]
    return reasons is UNKNOWN or code in (reasons or ())
