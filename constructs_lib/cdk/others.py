"""The other resources and data sources of both providers, beside the policies of a stack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypedDict, Unpack

from constructs_lib.cdk.comment import make_comment
from constructs_lib.cdk.element import Blocks, DataSourceConstruct, MetaArguments, ResourceConstruct
from constructs_lib.cdk.engine import constructs
from constructs_lib.cdk.providers import PROVIDER_NAMES
from constructs_lib.findings import shown

_NAME = re.compile(r"[a-z][a-z0-9_]*")
# What a reference names: `id`, `vaults[0].vault_id`.
_PATH = re.compile(r"[a-z][a-z0-9_]*(?:\[\d+\]|\.[a-z][a-z0-9_]*)*")


class AnyResource(ResourceConstruct):
    """Any resource of aliyun/alicloud or of our provider, such as a vault, a bucket or a role.

        vault = AnyResource(stack, "vault", "alicloud_hbr_vault", {"vault_name": "gold"})
        BackupPolicy.tiered(stack, "nightly", vault_id=vault.reference("id"), …)

    * `terraform_type`: such as `alicloud_hbr_vault`.
    * `arguments`: strings, numbers, booleans, lists, dicts and tokens, by Terraform's names; None is none.
    * `blocks`: which are nested blocks, and which of theirs: `{"lifecycle_rule": {"expiration": {}}}`.
    * `depends_on` … `connection`: as in CDKTF.

    TypeError, ValueError: a type of another provider, a name that is none of Terraform's, a value that cannot
    travel (with its path), and as `BackupPolicy`.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        terraform_type: str,
        arguments: Mapping[str, object],
        *,
        blocks: Blocks | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        # No list of blocks that only Terraform knows: what is in it, nobody knows here.
        dynamic: dict[str, object] | None = {} if blocks else None
        super().__init__(scope, id_, **_describe(terraform_type, arguments, blocks), dynamic=dynamic, **meta)

    def reference(self, attribute: str) -> str:
        """What Terraform will know, as a token, such as its `id`. ValueError: it is no attribute."""
        return self.string_attribute(_check_path(attribute))


class AnyDataSource(DataSourceConstruct):
    """Any data source of both providers, such as `alicloud_hbr_vaults`; as `AnyResource`. Those of our
    provider have classes of their own, such as `DataBackupPolicies`."""

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        terraform_type: str,
        arguments: Mapping[str, object],
        *,
        blocks: Blocks | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        super().__init__(scope, id_, **_describe(terraform_type, arguments, blocks), **meta)

    def reference(self, attribute: str) -> str:
        """What Terraform will know, as a token. ValueError: it is no attribute."""
        return str(self.get_string_attribute(_check_path(attribute)))


class _Description(TypedDict):
    terraform_type: str
    provider_name: str
    attributes: Mapping[str, object]
    blocks: Blocks


def _describe(terraform_type: str, arguments: Mapping[str, object], blocks: Blocks | None) -> _Description:
    return {
        "terraform_type": terraform_type,
        "provider_name": _find_provider_name(terraform_type),
        "attributes": _check_names(terraform_type, arguments) | make_comment(),
        "blocks": blocks or {},
    }


def _find_provider_name(terraform_type: object) -> str:
    name = terraform_type.partition("_")[0] if isinstance(terraform_type, str) else ""
    if name not in PROVIDER_NAMES or not _NAME.fullmatch(str(terraform_type)):
        allowed = " or ".join(f"{name}_…" for name in sorted(PROVIDER_NAMES))
        raise ValueError(f"the type is {shown(terraform_type)}; write one of {allowed}")
    return name


def _check_names(terraform_type: str, arguments: Mapping[str, object]) -> dict[str, object]:
    for name in arguments:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in MetaArguments.__annotations__:
            raise ValueError(f"{terraform_type}: {shown(name)} is no argument by one of Terraform's names")
    return dict(arguments)


def _check_path(attribute: object) -> str:
    if not isinstance(attribute, str) or not _PATH.fullmatch(attribute):
        raise ValueError(f"the attribute is {shown(attribute)}; write one such as id or vaults[0].vault_id")
    return attribute
