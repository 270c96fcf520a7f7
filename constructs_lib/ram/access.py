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

One request, a boundary, and what must not be. An answer is true only if it is proven, else it tells breaches:

    >>> allows(after, "oss:PutObject", "acs:oss:cn-hangzhou:1:logs/today.gz")
    True
    >>> bool(within(after, allowing("oss:*", "*")))
    True
    >>> print(must_not_allow(after, allowing("oss:Put*", "*")).breaches[0].witness)
    oss:PutObject on acs:oss:cn-hangzhou:1234567890123456:logs/example

Resources are compared with case, as the pages say, and once more without: RAM itself writes the names of
roles in lower case. A difference in one of these readings only is marked by an assumption of its witness.

Every witness is evaluated once more (`evaluator.allows`). Where a guard is hit, the answer is *undecided*.
How the difference is found, `constructs_lib.ram.analysis.search` tells.
"""

from __future__ import annotations

import enum

from attrs import frozen

from constructs_lib.ram.analysis.difference import Pair as Pair
from constructs_lib.ram.analysis.evaluator import UnreadableError
from constructs_lib.ram.analysis.evaluator import allows as allows
from constructs_lib.ram.analysis.grants import Grant as Grant
from constructs_lib.ram.analysis.grants import Reason as Reason
from constructs_lib.ram.analysis.patterns import TooComplexError
from constructs_lib.ram.document import PolicyDocument


class Verdict(enum.StrEnum):
    """What became of the access; `UNDECIDED` may be any of the others."""

    EQUIVALENT = "equivalent"
    NARROWER = "narrower"
    WIDER = "wider"
    CHANGED = "changed"
    UNDECIDED = "undecided"


@frozen
class Comparison:
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


def compare(before: PolicyDocument, after: PolicyDocument) -> Comparison:
    """What a change from one document to another gives and takes, each in the order of the statements."""
    return _compared(before, after)


def equivalent(one: PolicyDocument, other: PolicyDocument) -> bool:
    """Whether two documents are proven to allow the same requests."""
    return compare(one, other).verdict is Verdict.EQUIVALENT


def within(document: PolicyDocument, boundary: PolicyDocument) -> Answer:
    """Whether a document allows nothing that a boundary does not allow."""
    return _answer(boundary, document)


def must_allow(document: PolicyDocument, required: PolicyDocument) -> Answer:
    """Whether a document allows all that is required; the breaches are of the required document."""
    return _answer(document, required)


def must_not_allow(document: PolicyDocument, forbidden: PolicyDocument) -> Answer:
    """Whether a document allows nothing of what another one, which describes what is forbidden, allows."""
    return _answer(forbidden, document, meet=True)


def compare_denials(before: PolicyDocument, after: PolicyDocument) -> Comparison:
    """What a change newly refuses (`gained`) and no longer refuses (`lost`), whatever else allows it.

    A Deny outweighs the Allow of every other policy of the same identity: one that changes nothing in its own
    document is no empty word.
    """
    return _compared(before, after, denials=True)


def _compared(before: PolicyDocument, after: PolicyDocument, *, denials: bool = False) -> Comparison:
    found: tuple[list[Grant], list[Grant]] = ([], [])
    undecided = None
    try:
        pair = Pair(before, after, denials=denials)
        for side in (1, 0):
            found[1 - side].extend(pair.grants(side))
    except (TooComplexError, UnreadableError) as error:
        undecided = str(error)
    gained, lost = (tuple(sorted(grants, key=lambda grant: grant.is_unusual)) for grants in found)
    return Comparison(gained, lost, undecided)


def _answer(other: PolicyDocument, granting: PolicyDocument, *, meet: bool = False) -> Answer:
    breaches: list[Grant] = []
    try:
        breaches.extend(Pair(other, granting, meet=meet).grants(1))
    except (TooComplexError, UnreadableError) as error:
        return Answer(tuple(breaches), str(error))
    return Answer(tuple(breaches))
