"""The sources and words that the checks of a policy version share."""

from __future__ import annotations

from constructs_lib.findings import Phrase
from constructs_lib.ram.canonical import Size

PAGE = "RAM, CreatePolicyVersion (2015-05-01), request parameters"
ERRORS = "RAM, error codes (2015-05-01)"
LIMITS = "RAM, help page Limits"
GRAMMAR = "RAM, help page Policy structure and syntax"
ELEMENTS = "RAM, help page Policy elements"

SHORTEN = "Shorten it (PolicyDocument.minimised() of the Python library merges what it can), or split it."


def in_bytes(size: Size) -> Phrase:
    """How large a document is, or at least is."""
    return Phrase(f"{'' if size.is_exact else 'at least '}{size.bytes:,} bytes")
