"""The props of a backup policy under Terraform's names, for one of the two providers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from constructs_lib.backup.policy import BLOCKS, PROPS, BackupPolicyProps
from constructs_lib.backup.resource_types import ALICLOUD
from constructs_lib.backup.rule import BackupPolicyRule
from constructs_lib.backup.schedule import Schedule
from constructs_lib.cdk.element import Blocks
from constructs_lib.tokens import is_token


def _nested(kind: type) -> Blocks:
    return {name: _nested(BLOCKS[name]) for name in PROPS[kind] if name in BLOCKS}


NESTED = _nested(BackupPolicyProps)
# What alicloud_hbr_policy has no argument for: 1 is the only which_snapshot there is, and what it means when
# left out; data_source_ids are refused by BP401, account_scope and accounts by BP403.
_NOT_IN_ALICLOUD = frozenset({"which_snapshot", "data_source_ids", "account_scope", "accounts"})


@frozen
class BackupAttributes:
    """How the props of a backup policy become attributes of one provider's resource.

    * `leave_out`: what the provider has no argument for.
    * `zeros`: what is written where a rule leaves it out.
    """

    leave_out: frozenset[str] = frozenset()
    zeros: Mapping[str, object] = field(factory=dict)

    def write(self, value: Any) -> Any:
        """The attributes of our own classes, unset fields left out; anything else as it is."""
        if isinstance(value, Schedule):
            return str(value)
        if isinstance(value, (list, tuple)):
            return [self.write(item) for item in value]
        names = PROPS.get(type(value))
        if names is None:
            return value
        written = {
            name: self.write(item)
            for name in names
            if name not in self.leave_out and (item := getattr(value, name)) is not None
        }
        return {**self.zeros, **written} if isinstance(value, BackupPolicyRule) else written

    def dynamic_blocks(self) -> dict[str, Any]:
        """By block, its content where its list is a token: Terraform looks up what each element has."""
        return {block: self._content(block) for block in BLOCKS}

    def _content(self, block: str) -> dict[str, Any]:
        names = [name for name in PROPS[BLOCKS[block]] if name not in self.leave_out]
        content: dict[str, Any] = {
            name: self._look_up(f"{block}.value.{name}", self.zeros.get(name))
            for name in names
            if name not in BLOCKS
        }
        inside = {
            # `[*]` makes an empty list of null.
            name: {"for_each": f"${{try({block}.value.{name}[*], [])}}", "content": self._content(name)}
            for name in names
            if name in BLOCKS
        }
        return {**content, "dynamic": inside} if inside else content

    def _look_up(self, attribute: str, zero: object) -> str:
        if zero is None:
            return f"${{try({attribute}, null)}}"
        text = json.dumps(zero)
        return f"${{try(coalesce({attribute}, {text}), {text})}}"


IN_ALIPOLICY = BackupAttributes()
IN_ALICLOUD = BackupAttributes(_NOT_IN_ALICLOUD, ALICLOUD.kept_in_rules)


def holds_token_for_blocks(props: BackupPolicyProps) -> bool:
    """Whether a list of blocks is known only to Terraform."""
    return not isinstance(props.rules, (list, tuple)) or _holds_token(props, NESTED)


def _holds_token(owner: object, blocks: Blocks) -> bool:
    lists = [(getattr(owner, name, None), inside) for name, inside in blocks.items()]
    return any(
        is_token(value)
        or (isinstance(value, (list, tuple)) and any(is_token(e) or _holds_token(e, inside) for e in value))
        for value, inside in lists
    )
