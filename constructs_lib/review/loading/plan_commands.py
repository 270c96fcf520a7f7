"""What a plan runs beside its changes: the provisioners of what is made or destroyed, and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.review.loading.dependencies import OF_PROGRAMS
from constructs_lib.review.loading.module_tree import digest
from constructs_lib.review.loading.plan_references import PlanReferences
from constructs_lib.review.loading.resource import (
    AT_APPLY,
    Surrounding,
    SurroundingChange,
    SurroundingKind,
)
from constructs_lib.review.loading.state import STACK


def commands(
    name: str, content: Mapping[str, Any], references: PlanReferences
) -> Iterator[SurroundingChange]:
    """What runs when the plan is applied: in a plan all of it is new.

    A plan does not say when a provisioner runs: all of a resource count that is made or destroyed.
    """
    for index, entry in enumerate(content.get("resource_changes", ())):
        change, address = entry["change"], str(entry.get("address"))
        actions = change.get("actions")
        actions = {str(action) for action in actions} if isinstance(actions, list) else set()
        if entry.get("mode") == "data":
            runs: list[Any] = [entry] if "read" in actions and entry.get("type") in OF_PROGRAMS else []
        else:
            runs = references.provisioners(address) if actions & {"create", "delete"} else []
        if runs:
            command = Surrounding(
                kind=SurroundingKind.COMMAND,
                stack=STACK,
                address=address,
                name=digest([runs, change]),
                shown=AT_APPLY,
                file=name,
                parts=("resource_changes", index),
            )
            yield SurroundingChange(None, command)
