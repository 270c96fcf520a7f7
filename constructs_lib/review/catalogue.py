"""All codes that a review can report, with what the pages of `docs/` say about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from constructs_lib.backup import binding_checks, binding_types, stack_checks, vault_checks, vault_types
from constructs_lib.backup import checks as backup_checks
from constructs_lib.findings import Check, Phrase, Problem, Severity, check, severity_of
from constructs_lib.ram import checks as ram_checks
from constructs_lib.ram import plan_checks as ram_plan_checks
from constructs_lib.ram import policy_checks
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review import (
    access_change_checks,
    attachments,
    backup_change_checks,
    configuration_change_checks,
    plan_checks,
    protection_change_checks,
)
from constructs_lib.review.loading import other_changes
from constructs_lib.review.loading.attributes import RESOURCE_TYPES
from constructs_lib.review.loading.resource import LoadedResource
from constructs_lib.review.pairing import Pair
from constructs_lib.review.report import Level
from constructs_lib.tokens import known

Codes = frozenset[str]


@check("RV332", "A policy is destroyed and created at another address", source="Terraform, moved blocks")
def recreated(pair: Pair) -> Iterator[Problem]:
    """One resource goes and one comes that describe the same policy. Terraform does not know that they belong
    together: it destroys the one and creates the other, in an order of its own. Meanwhile there is no such
    policy, or another version takes effect; what was attached to it goes. A `moved` block avoids it; between
    stacks, and between resource types that cannot be moved, `removed` and `import` blocks do."""
    assert pair.old is not None
    assert pair.new is not None
    old, new = pair.old, pair.new
    where = "" if old.stack == new.stack else f" in stack {new.stack}"
    document = "the same document" if old.document_text == new.document_text else "another document"
    afterwards = f" with {document}" if new.kind is ResourceKind.POLICY_VERSION else ""
    kept = _kept(old, new)
    if old.type is not new.type and "moved" in kept:
        afterwards += "; to move it between types needs Terraform 1.8"
    received = Phrase(f"{old.address} is destroyed, and {new.address} is created{where}{afterwards}")
    hint = f"Add {json.dumps(kept)} to the configuration to keep it."
    yield Problem("", received, "one resource that stays", hint)


def _kept(old: LoadedResource, new: LoadedResource) -> dict[str, Any]:
    """What makes Terraform keep a policy whose resource gets another address, as JSON configuration."""
    if old.stack == new.stack and (old.type is new.type or old.type.name in new.type.moves_from):
        return {"moved": [{"from": old.address, "to": new.address}]}
    name = known(new.props.policy_name, str) or "NAME"
    is_version = new.kind is ResourceKind.POLICY_VERSION and not new.type.is_whole_policy
    own_id = old.body.get("id") if old.is_applied else None
    id = f"{name}:VERSION" if is_version else name if new.type.is_whole_policy else own_id or "POLICY_ID"
    removed = {"from": old.address, "lifecycle": {"destroy": False}}
    return {"removed": [removed], "import": [{"to": new.address, "id": id}]}


@check("RV391", "An acknowledgement has no effect", source="alipolicy")
def unused_acknowledgement(codes: Codes) -> Iterator[Problem]:
    """A construct or a resource acknowledges a code that no check reports for it: the reason is out of date,
    and would hide the next finding. What only a synthesis or a plan can report is not meant."""
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
    recreated,
    *backup_change_checks.CHECKS,
    *backup_change_checks.CHECKS_OF_CREATED,
    *access_change_checks.CHECKS,
    *access_change_checks.OF_POLICIES,
    *access_change_checks.OF_OTHER_VERSIONS,
    *configuration_change_checks.ALL,
    *plan_checks.CHECKS,
    *other_changes.CHECKS,
    *attachments.CHECKS,
    attachments.holders_named,
    *protection_change_checks.CHECKS,
    *OF_REPORT,
)
"""The findings that only a review has: those about a change."""

_OF_PROVIDERS = tuple(check for resource_type in RESOURCE_TYPES.values() for check in resource_type.checks)
_OF_POLICIES = (*policy_checks.POLICY_CHECKS, *policy_checks.ATTACHMENT_CHECKS)
_OF_STACKS = (stack_checks.protects_nothing,)
_OF_VAULTS = (*vault_checks.CHECKS, *vault_types.ALICLOUD.checks)
_OF_BINDINGS = (*binding_checks.CHECKS, *binding_types.ALICLOUD.checks)
_ALL = (
    *(backup_checks.CHECKS, ram_checks.CHECKS, ram_plan_checks.CHECKS),
    *(_OF_STACKS, _OF_VAULTS, _OF_BINDINGS, _OF_POLICIES, _OF_PROVIDERS, CHANGES),
)
CHECKS: dict[str, Check] = {each.code: each for checks in _ALL for each in checks}


def level_of(code: str) -> Level:
    """The level that a code's family stands for: 5xx is a note, 3xx a warning, anything else an error."""
    if code[2] == "5":
        return Level.NOTE
    return Level.WARNING if severity_of(code) is Severity.WARNING else Level.ERROR
