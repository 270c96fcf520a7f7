"""What the tests of elements share: a resource, a provider, and what is written of them."""

from __future__ import annotations

import json
from typing import Any

from constructs_lib.cdk.element import Blocks, ProviderConstruct, ResourceConstruct
from constructs_lib.cdk.engine import cdktf

TYPE = "alicloud_hbr_policy"
BLOCKS: Blocks = {"rules": {"retention_rules": {}, "tag_filters": {}}}
Stack = cdktf.TerraformStack


def resource(scope: Any, id_: Any = "policy", *, attributes: Any = None, **meta: Any) -> ResourceConstruct:
    return ResourceConstruct(
        scope,
        id_,
        terraform_type=TYPE,
        provider_name="alicloud",
        attributes=attributes or {},
        blocks=BLOCKS,
        **meta,
    )


def provider(scope: Any, id_: str = "alicloud", **arguments: Any) -> ProviderConstruct:
    arguments = {"attributes": {}, "blocks": {}, **arguments}
    return ProviderConstruct(scope, id_, terraform_type="alicloud", source="aliyun/alicloud", **arguments)


def terraform(stack: Stack) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))
    return written


def body(stack: Stack, id_: str = "policy") -> dict[str, Any]:
    written: dict[str, Any] = terraform(stack)["resource"][TYPE][id_]
    return written


def variable(stack: Stack, kind: str = "string") -> cdktf.TerraformVariable:
    return cdktf.TerraformVariable(stack, "v", type=kind)
