"""Of which backup policy of the files a binding is: what stands behind the expression in its `policy_id`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from constructs_lib.resource_type import ResourceKind
from constructs_lib.review.loading import expressions
from constructs_lib.review.loading.attributes import RESOURCE_TYPES
from constructs_lib.review.loading.expressions import Path
from constructs_lib.review.loading.terraform_module import Names, TerraformModule
from constructs_lib.review.loading.values import UNDECIDED

MAX_STEPS = 300
# An expression that is what it refers to, and no other value.
_TRAVERSAL = re.compile(r"\$\{[\w.\-\[\]\"*]+\}")


def policies_behind(module: TerraformModule, value: Any, names: Names) -> frozenset[str] | None:
    """The addresses, without instances, of the backup policies of which an expression is one; None where it
    may be anything else."""
    walk = _PolicyWalk()
    walk.follow(module, value, names)
    return None if walk.is_open or not walk.policies else frozenset(walk.policies)


@define
class _PolicyWalk:
    """As far as the policies behind an expression; `is_open`: whether it may be another value."""

    policies: set[str] = field(factory=set)
    is_open: bool = False
    steps: int = 0

    def follow(self, module: TerraformModule, value: Any, names: Names) -> None:
        self.steps += 1
        if self.is_open or self.steps > MAX_STEPS:
            self.is_open = True
        elif isinstance(value, (Mapping, list, tuple)):
            for item in value.values() if isinstance(value, Mapping) else value:
                self.follow(module, item, names)
        else:
            is_traversal = isinstance(value, str) and _TRAVERSAL.fullmatch(value)
            found = expressions.references(value) if is_traversal else None
            self.is_open = found is None
            for path in sorted(found[0], key=str) if found else ():
                self._meet(module, path, names)

    def _meet(self, module: TerraformModule, path: Path, names: Names) -> None:
        root, name, output, *_ = (*map(str, path), "", "")
        kind = RESOURCE_TYPES.get(root)
        if (root, name) in (("each", "key"), ("count", "index")):
            return  # it chooses one of the instances
        if kind is not None and kind.kind is ResourceKind.BACKUP_POLICY and name:
            self.policies.add(f"{module.address}{root}.{name}")
        elif root == "local" and (block := module.blocks.locals.get(name)):
            self.follow(module, block.value, {})
        elif root == "var" and (given := module.given.get(name)) and given.caller:
            self.follow(given.caller, given.value, given.names)
        elif root == "module" and (children := module.children.get(name)):
            for _, child in children:
                block = child.blocks.outputs.get(output)
                self.follow(child, block.body.get("value") if block else None, {})
        elif (root, name) == ("each", "value") and (item := names.get("each", {}).get(UNDECIDED)):
            self.follow(item.module, item.expression, item.names)
        else:
            self.is_open = True
