"""One normal form for all spellings of the same resource: equal resources have equal texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.ram.canonical import canonical
from constructs_lib.ram.policy_version import PolicyVersionProps, RotateStrategy

Props = BackupPolicyProps | PolicyVersionProps

# What the API takes a value for that is left out.
_DEFAULTS = {
    "set_as_default": False,
    "rotate_strategy": str(RotateStrategy.NONE),
    "immutable": False,
    "archive_days": 0,
}


def form(props: Props) -> dict[str, Any]:
    """The props as plain values, one form for all spellings, and without what is left out."""
    if isinstance(props, BackupPolicyProps):
        return dict(plain(props))
    return {**plain(attrs.evolve(props, policy_document="")), "policy_document": document(props)}


def document(props: PolicyVersionProps) -> Any:
    """The policy document as a plain value, one form for all spellings."""
    # What is no object stays as it is written: nothing else may look like what is far too large.
    value = props.document.form
    return canonical(value) if isinstance(value, Mapping) else props.policy_document


def plain(value: Any) -> Any:
    """A value as plain values, without what is left out."""
    if attrs.has(type(value)):
        members = ((prop.name, plain(getattr(value, prop.name))) for prop in attrs.fields(type(value)))
        return {
            name: item
            for name, item in members
            if item not in (None, "", []) and not (name in _DEFAULTS and item == _DEFAULTS[name])
        }
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def text(value: object) -> str:
    """A form as text: equal texts are equal forms."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=repr)
