"""A policy version as the API takes it: its props, and the view of them that the checks share."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from attrs import frozen

from constructs_lib.ram.canonical import MAX_DOCUMENT_BYTES, Size, size_above
from constructs_lib.ram.document import PolicyDocument, parse_document
from constructs_lib.ram.grammar import ParsedDocument
from constructs_lib.tokens import Boolean, Resolvable

# Above this a document has little room left.
NEARLY_FULL_BYTES = MAX_DOCUMENT_BYTES * 9 // 10


class RotateStrategy(enum.StrEnum):
    """What happens when a policy that has five versions, the most it can have, gets another one."""

    NONE = "None"  # the new version is refused
    DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


@frozen(kw_only=True, slots=False)  # as the view below, which says why
class PolicyVersionProps:
    """The parameters of CreatePolicyVersion.

    Source: RAM, CreatePolicyVersion (API version 2015-05-01), request parameters. Nothing is judged here.

    * `policy_name`: the policy that gets a version; 1 to 128 letters, digits and `-` (API: PolicyName).
    * `policy_document`: at most 6,144 bytes; a `PolicyDocument`, the same as a dict, or JSON text
      (API: PolicyDocument).
    * `set_as_default`: whether the version takes effect at once; left out, the API takes False
      (API: SetAsDefault).
    * `rotate_strategy`: what gives way to a sixth version; left out, the API takes NONE
      (API: RotateStrategy).
    """

    policy_name: str | Resolvable
    policy_document: PolicyDocument | Mapping[str, Any] | str | Resolvable
    set_as_default: Boolean | None = None
    rotate_strategy: RotateStrategy | str | Resolvable | None = None

    @cached_property
    def document(self) -> ParsedDocument:
        """The document, read once for the checks, the normal form and the comparison of access."""
        return parse_document(self.policy_document)


@frozen(slots=False)  # cached properties of a slotted class cost more than most checks
class PolicyVersionView:
    """The props of a policy version as the checks look at them, its document read once."""

    props: PolicyVersionProps
    document: ParsedDocument

    @classmethod
    def from_props(cls, props: PolicyVersionProps) -> PolicyVersionView:
        return cls(props, props.document)

    @cached_property
    def size(self) -> Size | None:
        """The size of a document without flaws that may be nearly full."""
        elements = self.document.elements
        return None if elements is None or self.document.flaws else size_above(elements, NEARLY_FULL_BYTES)
