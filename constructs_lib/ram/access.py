"""What a change of a policy document means: the exact difference of two documents, with witnesses.

    >>> from constructs_lib.ram.access import allows, compare, must_not_allow, within
    >>> from constructs_lib.ram.document import PolicyDocument, PolicyStatement
    >>> def allowing(actions, resources):
    ...     return PolicyDocument([PolicyStatement(effect="Allow", actions=actions, resources=resources)])
    >>> before = allowing("oss:Get*", "acs:oss:*:*:logs/*")
    >>> after = allowing(["oss:Get*", "oss:PutObject"], "acs:oss:*:*:logs/*")
    >>> comparison = compare(before, after)
    >>> print(comparison.verdict)  # equivalent, narrower, wider, changed or undecided
    wider
    >>> print(comparison.gained[0].witness)  # a request that is allowed after, and was not before
    oss:PutObject on acs:oss:cn-hangzhou:1234567890123456:logs/example

One request, a boundary, and what must not be. An answer is true only if it is proven; else it has breaches:

    >>> allows(after, "oss:PutObject", "acs:oss:cn-hangzhou:1:logs/today.gz")
    True
    >>> bool(within(after, allowing("oss:*", "*")))
    True
    >>> print(must_not_allow(after, allowing("oss:Put*", "*")).breaches[0].witness)
    oss:PutObject on acs:oss:cn-hangzhou:1234567890123456:logs/example

Resources are compared with case, as the pages say, and once more without: RAM itself writes the names of
roles in lower case. A difference in one of these readings only is marked by an assumption of its witness.

Every witness is evaluated once more (`evaluator.allowed_by`). Where a guard is hit, the answer is
*undecided*. `constructs_lib.ram.analysis.search` explains how the difference is found.

TypeError: what is compared is no `PolicyDocument`.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import frozen

from constructs_lib.findings import shown
from constructs_lib.ram.analysis.difference import Difference
from constructs_lib.ram.analysis.evaluator import Assumptions, Context, UnreadableError, allowed_by, read
from constructs_lib.ram.analysis.grants import Grant as Grant
from constructs_lib.ram.analysis.grants import Reason as Reason
from constructs_lib.ram.analysis.grants import Witness as Witness
from constructs_lib.ram.analysis.patterns import TooComplexError
from constructs_lib.ram.canonical import FAR_TOO_LARGE, MAX_DOCUMENT_BYTES, is_larger
from constructs_lib.ram.document import PolicyDocument

ContextValue = str | bool | int | float | Decimal | Sequence[str | bool | int | float | Decimal]
"""What a condition key of a request may be."""

# Why a question stays undecided.
TOO_LARGE = f"a document is far larger than {MAX_DOCUMENT_BYTES:,} bytes, which RAM takes: it is not compared"
UNDECIDED = (TooComplexError, UnreadableError)


class Verdict(enum.StrEnum):
    """What became of the access; `UNDECIDED` may be any of the others."""

    EQUIVALENT = "equivalent"
    NARROWER = "narrower"
    WIDER = "wider"
    CHANGED = "changed"
    UNDECIDED = "undecided"


@frozen
class AccessComparison:
    """The difference of two documents; `undecided` says why it may be incomplete."""

    gained: tuple[Grant, ...]
    lost: tuple[Grant, ...]
    undecided: str | None = None

    @property
    def verdict(self) -> Verdict:
        if self.undecided:
            return Verdict.UNDECIDED
        if self.gained:
            return Verdict.CHANGED if self.lost else Verdict.WIDER
        return Verdict.NARROWER if self.lost else Verdict.EQUIVALENT


@frozen
class Answer:
    """Whether a promise holds: False with what breaks it, None where that is undecided."""

    breaches: tuple[Grant, ...]
    undecided: str | None = None

    @property
    def holds(self) -> bool | None:
        return False if self.breaches else None if self.undecided else True

    def __bool__(self) -> bool:
        return self.holds is True


def allows(
    document: PolicyDocument,
    action: str,
    resource: str,
    context: Mapping[str, ContextValue] | None = None,
    assuming: Assumptions | None = None,
) -> bool | None:
    """Whether a document allows a request; None where that depends on what is not known.

    * `action`, `resource`: of the request, so without wildcards; actions are compared without case,
      resources with it unless `assuming` says otherwise.
    * `context`: the condition keys of the request; a key that is missing here, the request does not have. A
      value is a string, a boolean, a number, or a list of one of these: the pages do not say what becomes of
      a key with several values.
    * `assuming`: what to take for granted of what is not known.

    UnreadableError: the document has malformed or unknown statements. TypeError: an action, a resource or a
    value of `context` is none of these.
    """
    for name, value in (("action", action), ("resource", resource)):
        if not isinstance(value, str):
            raise TypeError(f"{name} is {shown(value)}; write it as a string")
    return allowed_by(read(_form(document)), action, resource, _read_context(context), assuming or {})


def _read_context(context: object) -> Context:
    """The condition keys of a request as RAM compares them: as strings."""
    if context is None:
        return {}
    if not isinstance(context, Mapping) or not all(isinstance(key, str) for key in context):
        example = '{"acs:SourceIp": "10.0.0.1"}'
        raise TypeError(f"context is {shown(context)}; write a dict of condition keys, such as {example}")
    return {key: _read_value(key, value) for key, value in context.items()}


def _read_value(key: str, value: object) -> str:
    if isinstance(value, (list, tuple)) and len(value) == 1:
        (value,) = value
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)) or (isinstance(value, float) and math.isfinite(value)):
        return format(value, "f") if isinstance(value, Decimal) else format(Decimal(str(value)), "f")
    raise TypeError(
        f"context[{shown(key)}] is {shown(value)}; write a string, True or False, a number, or a list of one "
        'of these. A date is a string such as "2026-11-30T23:59:59Z"'
    )


def compare(before: PolicyDocument, after: PolicyDocument) -> AccessComparison:
    """What a change from one document to another gives and takes, each in the order of the statements."""
    return _compare(before, after)


def equivalent(document: PolicyDocument, other: PolicyDocument) -> bool:
    """Whether two documents are proven to allow the same requests."""
    return compare(document, other).verdict is Verdict.EQUIVALENT


def within(document: PolicyDocument, boundary: PolicyDocument) -> Answer:
    """Whether a document allows nothing that a boundary does not allow."""
    return _answer(boundary, document)


def must_allow(document: PolicyDocument, required: PolicyDocument) -> Answer:
    """Whether a document allows all that is required; the breaches are of the required document."""
    return _answer(document, required)


def must_not_allow(document: PolicyDocument, forbidden: PolicyDocument) -> Answer:
    """Whether a document allows nothing of what another one, which describes what is forbidden, allows."""
    return _answer(forbidden, document, meet=True)


def compare_denials(before: PolicyDocument, after: PolicyDocument) -> AccessComparison:
    """What a change newly refuses (`gained`) and no longer refuses (`lost`), whatever else allows it.

    A Deny outweighs the Allow of every other policy of the same identity: one that changes nothing in its own
    document may still refuse something elsewhere.
    """
    return _compare(before, after, denials=True)


def newly_allowed(
    before: PolicyDocument, after: PolicyDocument, actions: Iterable[str]
) -> dict[str, Witness]:
    """Those of some actions that a change newly allows on some resource, each with a witness.

    TooComplexError, UnreadableError: this is undecided.
    """
    if any(is_larger(_form(document), FAR_TOO_LARGE) for document in (before, after)):
        raise TooComplexError(TOO_LARGE)
    return dict(Difference(_form(before), _form(after)).witnesses(1, actions))


def _compare(before: PolicyDocument, after: PolicyDocument, *, denials: bool = False) -> AccessComparison:
    (gained, lost), undecided = _grants((before, after), (1, 0), denials=denials)
    for grants in (gained, lost):
        grants.sort(key=lambda grant: grant.is_unusual)
    return AccessComparison(tuple(gained), tuple(lost), undecided)


def _answer(other: PolicyDocument, granting: PolicyDocument, *, meet: bool = False) -> Answer:
    (breaches,), undecided = _grants((other, granting), (1,), meet=meet)
    return Answer(tuple(breaches), undecided)


def _grants(
    documents: Sequence[PolicyDocument], sides: Sequence[int], *, meet: bool = False, denials: bool = False
) -> tuple[list[list[Grant]], str | None]:
    """What each side grants as far as the search comes, and why it does not come to the end."""
    before, after = map(_form, documents)
    grants: list[list[Grant]] = [[] for _ in sides]
    if is_larger(before, FAR_TOO_LARGE) or is_larger(after, FAR_TOO_LARGE):
        return grants, TOO_LARGE
    try:
        difference = Difference(before, after, meet=meet, denials=denials)
        for side, of_side in zip(sides, grants, strict=True):
            of_side.extend(difference.grants(side))
    except UNDECIDED as error:
        return grants, str(error)
    return grants, None


def _form(document: PolicyDocument) -> Mapping[str, Any]:
    if not isinstance(document, PolicyDocument):
        raise TypeError(f"a PolicyDocument is needed, this is a {type(document).__name__}: use from_json")
    return document.as_written()
