"""Is this what was asked for? Documents and rules beside what the API returns, and requests by digest."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from constructs_lib.ram.canonical import canonical

# How far two clocks may be apart (seconds): the gateway refuses requests whose date is further off.
CLOCKS_APART = 900.0

# ------------------------------------------------------------ what was asked for


def digest_of(operation: str, request: Mapping[str, Any]) -> str:
    """What the journal knows a request by."""
    return fingerprint(operation, json.dumps(request, sort_keys=True, default=str))


def fingerprint(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


def backup_policy_request(
    name: str | None, description: str | None, policy_type: str | None, rules: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What makes one CreatePolicyV2 differ from another."""
    return {"name": name or "", "description": description or "", "type": policy_type or "", "rules": rules}


def version_request(policy_name: str, document: str) -> dict[str, Any]:
    """What makes one CreatePolicyVersion differ from another: not whether it becomes the default version,
    which may change."""
    try:
        form = load_document(document)
    except (ValueError, RecursionError):
        form = document
    return {"name": policy_name, "document": canonical(form) if isinstance(form, dict) else form}


def load_document(text: str) -> Any:
    """What a document's JSON says; a byte order mark, which editors put in front of it, says nothing."""
    return json.loads(text.removeprefix("\ufeff"))


# ------------------------------------------------------------ is this what was asked for?


def is_young(created: float | str, began: float, ends: float = math.inf) -> bool:
    """Whether an object may have come from calls between these times (UNIX seconds), though the clocks
    differ; what has no date may."""
    if isinstance(created, str):
        try:
            created = datetime.fromisoformat(created).timestamp()
        except ValueError:
            return True
    return not created or began - CLOCKS_APART <= created <= ends + CLOCKS_APART


def same_document(sent: str, returned: str | None) -> bool:
    """Whether two documents are the same but for order, repetition and formatting."""
    if returned is None:
        return False
    try:
        forms = load_document(sent), load_document(returned)
    except (ValueError, RecursionError):
        return sent == returned
    if all(isinstance(form, dict) for form in forms):
        return bool(canonical(forms[0]) == canonical(forms[1]))
    return bool(forms[0] == forms[1])


_FILLERS: tuple[Any, ...] = (None, "", 0, [], {})


def same_rules(sent: Sequence[Mapping[str, Any]], returned: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the API returns the rules that were sent.

    Only what was sent is compared, and of that only what is returned: the API adds ids and fillers, and keeps
    some fields to itself. So rules are rather taken for the same than for others, and created once more.
    """
    return len(sent) == len(returned) and all(map(_same_object, sent, returned))


def has_let_go(
    before: Sequence[Mapping[str, Any]],
    sent: Sequence[Mapping[str, Any]],
    returned: Sequence[Mapping[str, Any]],
) -> bool:
    """Whether what a change took out of rules is returned no more. `before`: as they would have been sent."""
    earlier = {rule["RuleId"]: rule for rule in before if "RuleId" in rule}
    return not any(
        name not in rule and _same_value(value, now.get(name))
        for rule, now in zip(sent, returned, strict=False)
        for name, value in earlier.get(rule.get("RuleId"), {}).items()
    )


def _same_object(sent: Mapping[str, Any], returned: Mapping[str, Any]) -> bool:
    return all(
        _same_value(value, returned[name])
        for name, value in sent.items()
        if value not in _FILLERS and name in returned and name != "RuleId"
    )


def _same_value(sent: Any, returned: Any) -> bool:
    if isinstance(sent, Mapping) and isinstance(returned, Mapping):
        return _same_object(sent, returned)
    if isinstance(sent, (list, tuple)) and isinstance(returned, (list, tuple)):
        return len(sent) == len(returned) and all(map(_same_value, sent, returned))
    return str(sent).lower() == str(returned).lower()
