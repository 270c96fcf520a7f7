"""What is legal in a policy version, but risky or useless: codes PV301 to PV306.

A check looks at known values only, as all of `constructs_lib.ram.checks` do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.findings import InvalidPropsError, Phrase, Problem, Problems, check, quoted
from constructs_lib.ram.analysis.patterns import covers
from constructs_lib.ram.analysis.redundancy_prefilter import may_have_redundant_parts
from constructs_lib.ram.check_words import ELEMENTS, LIMITS, PAGE, SHORTEN, in_bytes
from constructs_lib.ram.document import MAX_DOCUMENT_BYTES, Effect, PolicyDocument
from constructs_lib.ram.policy_version import DOCUMENT, NEARLY_FULL_BYTES, RotateStrategy, Subject

if TYPE_CHECKING:
    from constructs_lib.ram.analysis.redundancy import RedundantPart

# Steps of about a microsecond that may be spent on what a document could do without.
WORK_OF_CHECK = 100_000


@check(
    "PV301",
    "A statement allows everything",
    source="Cloud Config, ram-policy-no-statements-with-admin-access-check",
)
def allows_everything(subject: Subject) -> Problems:
    """An Allow with one action pattern that matches every action and one resource pattern that matches every
    ARN makes administrators, with a condition too: that says only when. Patterns such as `*:*` and
    `acs:*:*:*:*` count; several that match everything only together do not."""
    for path, statement in subject.statements:
        if statement.get("Effect") != Effect.ALLOW:
            continue
        actions = [text for text in _texts(statement.get("Action")) if _matches_all(text, "*:*")]
        resources = [text for text in _texts(statement.get("Resource")) if _matches_all(text, "acs:*:*:*:*")]
        if actions and resources:
            received = Phrase(f"Allow {quoted(actions[0])} on {quoted(resources[0])}")
            hint = "Name the actions and the resources that are needed."
            yield Problem(path, received, "less than every action on every resource", hint)


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, (list, tuple)) else [value]
    return [item for item in items if isinstance(item, str)]


def _matches_all(pattern: str, whole: str) -> bool:
    # What has other letters than the whole cannot match it; this is the quicker question.
    return not pattern.strip(whole) and covers(pattern, whole)


@check("PV302", "A statement allows all actions but a few", source=ELEMENTS)
def allows_by_exception(subject: Subject) -> Problems:
    """Allow with NotAction grants every action that is not listed, those of future services too."""
    for path, statement in subject.statements:
        if statement.get("Effect") == Effect.ALLOW and "NotAction" in statement:
            hint = "List what is needed in Action, or refuse the exceptions with a Deny."
            yield Problem(f"{path}.NotAction", statement["NotAction"], "Action in an Allow", hint)


@check("PV303", "A policy document is nearly full", source=PAGE)
def nearly_full(subject: Subject) -> Problems:
    """Above nine tenths of the 6,144 bytes the next change may not fit."""
    if subject.size and NEARLY_FULL_BYTES < subject.size.bytes <= MAX_DOCUMENT_BYTES:
        allowed = f"up to {NEARLY_FULL_BYTES:,} bytes, to have room for a change"
        yield Problem(DOCUMENT, in_bytes(subject.size), allowed, SHORTEN)


@check("PV304", "The sixth version will be refused", source=f"{PAGE}; {LIMITS}")
def never_rotates(subject: Subject) -> Problems:
    """A policy has at most five versions. Without a rotate strategy the API refuses the sixth with
    LimitExceeded.Policy.Version until someone deletes one."""
    strategy = subject.props.rotate_strategy
    if strategy is None or strategy == RotateStrategy.NONE:
        hint = f"Set it to {quoted(RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED)}."
        received = Phrase("nothing") if strategy is None else strategy
        yield Problem("rotate_strategy", received, "a strategy that makes room", hint)


@check("PV305", "A document holds an expression of Terraform", source="Terraform, JSON configuration syntax")
def left_to_terraform(subject: Subject) -> Problems:
    """A `${…}` or `%{…}` that someone wrote goes to Terraform, which replaces it, or fails: in a document it
    looks like a policy variable. `${acs:…}` is one, and is escaped; a CDKTF token is meant for Terraform."""
    for path, text in subject.expressions:
        hint = "Use a CDKTF token; write $${ or %%{ where RAM is to receive ${ or %{."
        yield Problem(path, quoted(text), "a policy variable ${acs:…}, or a CDKTF token", hint)


@check("PV306", "A part of a document changes nothing", source="alipolicy: exact comparison of two documents")
def changes_nothing(subject: Subject) -> Problems:
    """Without this statement, action or resource the document allows and refuses the same: other parts cover
    it, or it never applies. It may be a leftover, or not do what its author meant. A Deny changes nothing
    only where other Denies refuse the same, since it outweighs other policies. What could only be told with
    much work is not reported."""
    for part in _redundant_parts(subject):
        received = Phrase("a statement that changes nothing" if part.text is None else quoted(part.text))
        hint = "Drop it: the rest says the same. Or narrow what covers it."
        yield Problem(f"{DOCUMENT}.{part.path}", received, "what changes something", hint)


def _redundant_parts(subject: Subject) -> tuple[RedundantPart, ...]:
    statements = [statement for _, statement in subject.statements]
    if subject.flawed or not statements or not may_have_redundant_parts(statements):
        return ()
    # The proof is loaded where there may be something to prove: most documents do without.
    from constructs_lib.ram.analysis.redundancy import redundant_parts

    document = subject.props.policy_document
    try:
        if not isinstance(document, PolicyDocument):
            document = PolicyDocument.from_json(subject.document or {})
        return redundant_parts(document.as_written(), WORK_OF_CHECK)
    except InvalidPropsError:
        return ()
