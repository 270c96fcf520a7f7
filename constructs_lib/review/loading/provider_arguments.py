"""What of a provider's configuration says where its resources are, and what cannot say it.

Source: aliyun/alicloud, the provider's arguments; RAM is the same in every region.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from constructs_lib.review.loading.blocks import ConfigurationBlock, ModuleBlocks, labelled, listed

PROVIDERS = ("alicloud", "alipolicy")
ACCOUNT = (
    "access_key",
    "account_id",
    "account_type",
    "assume_role",
    "assume_role_with_oidc",
    "credentials_uri",
    "ecs_role_name",
    "profile",
    "shared_credentials_file",
)
_REGION = ("endpoints", "region")
# The endpoints that say which RAM it is, and who calls it.
_OF_RAM = ("ims", "ram", "resourcemanager", "sts")
_OF_NO_PLACE = frozenset(
    [
        "//",
        "alias",
        "client_connect_timeout",
        "client_read_timeout",
        "configuration_source",
        "for_each",
        "max_retry_timeout",
        "protocol",
        "secure_transport",
        "security_transport",
        "skip_region_validation",
        "version",
    ]
)

PROVIDER_CONFIGURATION = "provider configuration"
"""The setting of a resource with what else its provider is given, by `of_unknown_place`."""

REGISTRY = re.compile(r"^registry\.(terraform\.io|opentofu\.org)/")
"""The registries that a source may leave out."""
# One provider under two names.
_SAME = {"hashicorp/alicloud": "aliyun/alicloud"}


def required_providers(blocks: ModuleBlocks) -> dict[str, ConfigurationBlock]:
    """What `required_providers` of a module says, by local name."""
    required: dict[str, ConfigurationBlock] = {}
    for block in blocks.terraform:
        if inside := block.inside("required_providers"):
            required |= dict(labelled(inside))
    return required


def source_and_version(blocks: ModuleBlocks, name: str) -> tuple[str, Any]:
    """From where the provider of a local name comes, such as `aliyun/alicloud`, and which versions of it."""
    required = required_providers(blocks)
    entry = required[name].value if name in required else {}
    entry = entry if isinstance(entry, Mapping) else {"version": entry}
    return source_of(str(entry.get("source") or f"hashicorp/{name}")), entry.get("version")


def source_of(address: str) -> str:
    """The one form of all addresses of a provider."""
    source = REGISTRY.sub("", address.lower())
    return _SAME.get(source, source)


def is_global(type_name: str) -> bool:
    """Whether a resource is the same in every region."""
    return type_name.startswith(("alicloud_ram_", "alipolicy_policy"))


def of_place(arguments: Mapping[str, Any], type_name: str) -> dict[str, Any]:
    """The arguments that say account and region, as they are written."""
    names = ACCOUNT if is_global(type_name) else (*ACCOUNT, *_REGION)
    found = {name: arguments.get(name) for name in names}
    given = arguments.get("endpoints")
    endpoints = listed(given)
    if is_global(type_name):
        endpoints = [{name: block[name] for name in _OF_RAM if block.get(name)} for block in endpoints]
    found["endpoints"] = given if isinstance(given, str) else [block for block in endpoints if block] or None
    return found


def of_unknown_place(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of which nobody here knows whether they lead to another account or region."""
    known = {*ACCOUNT, *_REGION, *_OF_NO_PLACE}
    return {name: value for name, value in arguments.items() if name not in known and value is not None}


def reference_of(body: Mapping[str, Any], type_name: str) -> str:
    """The provider of a block, such as `alicloud.west`: the one that it names, or that of its type."""
    given = body.get("provider")
    return (given if isinstance(given, str) else type_name.partition("_")[0]).strip("${}")
