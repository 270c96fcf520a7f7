"""The official provider's constructs through one interface: by the generated bindings, or by ours.

Arguments have the provider's names; a block is a dict, and each library makes its own object of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from attrs import frozen

from constructs_lib import (
    AdvancedRetention,
    AlicloudProvider,
    AlipolicyProvider,
    BackupPolicy,
    BackupPolicyRule,
    Policy,
    PolicyVersion,
    TagFilter,
)
from constructs_lib.backup.checks import CHECKS as BACKUP_CHECKS
from constructs_lib.backup.rule import DataSourceFilter
from constructs_lib.findings import can_be_acknowledged
from constructs_lib.ram.checks import CHECKS as RAM_CHECKS

# The bindings are generated while the tests run, so a type checker knows nothing of them.
Construct = Any


@frozen
class Alicloud:
    """One library of constructs, and the classes it has for the blocks of their arguments."""

    _provider: Callable[..., Construct]
    _backup_policy: Callable[..., Construct]
    _ram_policy: Callable[..., Construct]
    _policy_id: str
    _blocks: Mapping[str, Callable[..., object]]

    def provider(self, scope: Construct, id_: str = "alicloud", **arguments: object) -> Construct:
        """`provider "alicloud"`."""
        return self._provider(scope, id_, **self._built(arguments))

    def backup_policy(self, scope: Construct, id_: str = "daily", **arguments: object) -> Construct:
        """`resource "alicloud_hbr_policy"`."""
        return self._backup_policy(scope, id_, **self._built(arguments))

    def ram_policy(self, scope: Construct, id_: str = "admin", **arguments: object) -> Construct:
        """`resource "alicloud_ram_policy"`."""
        return self._ram_policy(scope, id_, **self._built(arguments))

    def policy_id(self, backup_policy: Construct) -> str:
        """The attribute `id` of an `alicloud_hbr_policy`, as a token."""
        token: str = getattr(backup_policy, self._policy_id)
        return token

    def _built(self, arguments: Mapping[str, Any]) -> dict[str, object]:
        return {name: self._blocks_of(name, value) for name, value in arguments.items()}

    def _blocks_of(self, name: str, value: Any) -> object:
        if name not in self._blocks:
            return value
        if isinstance(value, list):
            return [self._blocks_of(name, block) for block in value]
        return self._blocks[name](**self._built(value)) if isinstance(value, dict) else value


def official(bindings: str) -> Alicloud:
    """The bindings in this folder, which `cdktf get` generated."""
    sys.path.insert(0, bindings)
    hbr, ram, provider = (
        import_module(f"imports.alicloud.{name}") for name in ("hbr_policy", "ram_policy", "provider")
    )
    sys.path.remove(bindings)
    return Alicloud(
        provider.AlicloudProvider,
        hbr.HbrPolicy,
        ram.RamPolicy,
        "id",
        {
            "rules": partial(_with_zeros, hbr.HbrPolicyRules),
            "retention_rules": hbr.HbrPolicyRulesRetentionRules,
            "data_source_filters": hbr.HbrPolicyRulesDataSourceFilters,
            "tag_filters": hbr.HbrPolicyRulesTagFilters,
            "assume_role": provider.AlicloudProviderAssumeRole,
            "endpoints": provider.AlicloudProviderEndpoints,
        },
    )


def _with_zeros(block: Callable[..., object], **arguments: object) -> object:
    """A rule that leaves nothing out, as ours writes it: the provider would keep what stood at its place."""
    given = {name: value for name, value in arguments.items() if value is not None}
    return block(**{"archive_days": 0, "immutable": False, **given})


def ours() -> Alicloud:
    """Ours; what may be acknowledged is, since a case is about one thing and need not be a wise policy."""
    return Alicloud(
        _our_provider,
        partial(BackupPolicy, acknowledge=_OF_BACKUPS),
        partial(PolicyVersion, acknowledge=_OF_RAM, set_as_default=True),
        "policy_id",
        _OUR_BLOCKS,
    )


def for_our_provider(prefix: str) -> Alicloud:
    """Ours, for our provider, which an environment configures. All names of policies begin with the prefix:
    many cases have room in one account."""

    def provider(scope: Construct, id_: str, *, region: str | None = None, alias: str | None = None) -> Any:
        return AlipolicyProvider(scope, id_, region=region, alias=alias)

    def backup_policy(scope: Construct, id_: str, policy_name: str, **arguments: Any) -> Any:
        given = {"policy_type": "STANDARD", **arguments}
        return BackupPolicy(scope, id_, policy_name=prefix + policy_name, acknowledge=_OF_BACKUPS, **given)

    def ram_policy(
        scope: Construct, id_: str, policy_name: str, rotate_strategy: object = None, **arguments: Any
    ) -> Any:
        return Policy(scope, id_, policy_name=prefix + policy_name, acknowledge=_OF_RAM, **arguments)

    return Alicloud(provider, backup_policy, ram_policy, "policy_id", _OUR_BLOCKS)


_OF_BACKUPS, _OF_RAM = (
    {check.code: "a test" for check in checks if can_be_acknowledged(check.code)}
    for checks in (BACKUP_CHECKS, RAM_CHECKS)
)
_OUR_BLOCKS: Mapping[str, Callable[..., object]] = {
    "rules": BackupPolicyRule,
    "retention_rules": AdvancedRetention,
    "data_source_filters": DataSourceFilter,
    "tag_filters": TagFilter,
}


def _our_provider(
    scope: Construct, id_: str, *, endpoints: Sequence[Any] = (None,), **arguments: Any
) -> AlicloudProvider:
    return AlicloudProvider(scope, id_, endpoints=endpoints[0], **arguments)  # ours takes one block of them
