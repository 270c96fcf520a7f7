"""What goes wrong in a run: one kind of fault, or several, at random operations."""

from __future__ import annotations

import random
from typing import Any

from tests.chaos.provider import SETTLE

Fault = dict[str, Any]

# The read timeout of the provider (milliseconds): an answer that is later counts as lost.
READ_TIMEOUT = 1500

KINDS: dict[str, Fault] = {
    "latency": {"kind": "latency"},
    "late answer": {"kind": "latency", "at": "after", "seconds": READ_TIMEOUT / 1000 + 0.3},
    "throttling": {"kind": "throttling", "retry_after": 0.05},
    "5xx before": {"kind": "server_error", "at": "before"},
    "5xx after": {"kind": "server_error", "at": "after"},
    "cut before": {"kind": "cut", "at": "before"},
    "cut after": {"kind": "cut", "at": "after"},
    "truncated": {"kind": "truncated"},
    "not JSON": {"kind": "not_json"},
    "refused": {"kind": "error", "status": 403, "code": "NoPermission"},
    "stale reads": {"kind": "stale_read"},
    "clock skew": {"kind": "clock_skew"},
    "not known yet": {"kind": "error", "status": 404},
}
SEVERAL = "several"
# What is said of something that another server of the service does not know yet, by who asks for it.
_NOT_KNOWN_YET = {
    "AttachPolicyTo*": "EntityNotExist.Policy",
    "CreatePolicyVersion": "EntityNotExist.Policy",
    "CreatePolicyBindings": "ResourceNotExist",
}
_OPERATIONS = (
    "*",
    "*",
    "*",
    "Create*",
    "Create*",
    "CreatePolicyV2",
    "CreatePolicyVersion",
    "CreateVault",
    "CreatePolicyBindings",
    "CreatePolicy",
    "AttachPolicyTo*",
    "DetachPolicyFrom*",
    "Update*",
    "Delete*",
    "SetDefaultPolicyVersion",
    "Describe*",
    "List*",
    "Get*",
)


_SLOW = (
    "Create*",
    "Create*",
    "*Policy*",
    "SetDefaultPolicyVersion",
    "Update*",
    "CreateVault",
    "Attach*",
    "De*",
)


def draw(chance: random.Random, kind: str) -> Fault:
    """Faults of this kind, as `set_faults` takes them."""
    kinds = chance.choices(list(KINDS), k=chance.randint(2, 4)) if kind == SEVERAL else [kind]
    return {"seed": chance.randrange(10**6), "faults": [_fault(chance, kind) for kind in kinds]}


def _fault(chance: random.Random, kind: str) -> Fault:
    fault = {"operation": chance.choice(_OPERATIONS), **KINDS[kind]}
    # Many in a row: the provider gives up. Few: it gets through.
    fault["count"] = chance.choice((1, 2, 3, 5, 10, 30))
    fault["probability"] = chance.choice((0.3, 0.6, 1.0))
    if kind == "latency":
        fault |= {"seconds": chance.uniform(0.05, 0.5), "at": chance.choice(("before", "after"))}
    elif kind == "late answer":
        fault["count"] = min(fault["count"], 2)
    elif kind == "stale reads":
        fault["seconds"] = chance.uniform(0.1, SETTLE * 0.6)
    elif kind == "not known yet":
        operation = chance.choice(list(_NOT_KNOWN_YET))
        fault |= {"operation": operation, "code": _NOT_KNOWN_YET[operation]}
    elif kind == "clock skew":
        fault["seconds"] = chance.choice((-1, 1)) * chance.choice((60, 600, 1200))
    return fault


def slow_writes(chance: random.Random) -> Fault:
    """Writes that take their time, before they are carried out or after: moments to be killed in."""
    fault = {
        "kind": "latency",
        "operation": chance.choice(_SLOW),
        "at": chance.choice(("before", "after", "after")),
        "seconds": chance.uniform(0.2, SETTLE * 0.6),
        "probability": chance.choice((0.6, 1.0)),
    }
    return {"seed": chance.randrange(10**6), "faults": [fault]}
