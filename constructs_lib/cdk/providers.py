"""The two Terraform providers, and how each expresses the two constructs.

| | `AlicloudProvider` (official) | `AlipolicyProvider` (ours) |
|---|---|---|
| `BackupPolicy` | `alicloud_hbr_policy` | `alipolicy_backup_policy` |
| `PolicyVersion` | `alicloud_ram_policy`, the whole policy | `alipolicy_policy_version`, one version |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from constructs_lib.backup.resource_types import ALICLOUD, ALIPOLICY, RESOURCE_TYPES
from constructs_lib.cdk.element import Provider
from constructs_lib.cdk.engine import cdktf, constructs
from constructs_lib.findings import shown
from constructs_lib.tokens import is_token

# Both models know the same providers.
PROVIDER_NAMES = frozenset(RESOURCE_TYPES)


class AssumeRole(TypedDict, total=False):
    """A RAM role to act as. `role_arn` is needed; `session_expiration`: seconds, 900 to 43,200."""

    role_arn: str
    session_name: str
    policy: str
    session_expiration: int
    external_id: str


class Endpoints(TypedDict, total=False):
    """Hosts to call instead of the public ones, each with its port if it has one."""

    hbr: str
    ram: str
    sts: str


class _AlibabaCloudProvider(Provider):
    """What both providers take: the names are those of the official one."""

    def __init__(
        self,
        provider_name: str,
        scope: constructs.Construct,
        id_: str,
        *,
        source: str,
        alias: str | None,
        version_constraint: str | None,
        assume_role: AssumeRole | None,
        endpoints: Endpoints | None,
        **attributes: object,
    ) -> None:
        _check_texts(
            type(self).__name__, {"alias": alias, "version_constraint": version_constraint, **attributes}
        )
        _check_map(type(self).__name__, "assume_role", assume_role, AssumeRole, needed="role_arn")
        _check_map(type(self).__name__, "endpoints", endpoints, Endpoints)
        for secret in ("secret_key", "security_token"):
            value = attributes.get(secret)
            if value is not None and not is_token(value):
                raise ValueError(
                    f"{secret} would stand in plain text in the synthesised files. Leave it out and set "
                    f"ALIBABA_CLOUD_{'ACCESS_KEY_SECRET' if secret == 'secret_key' else 'SECURITY_TOKEN'}, "
                    "or pass a TerraformVariable(…, sensitive=True).string_value."
                )
        # As the official bindings write them: one role, and a list of what may be several.
        blocks = {"assume_role": assume_role, "endpoints": [endpoints] if endpoints else None}
        super().__init__(
            scope,
            id_,
            terraform_type=provider_name,
            source=source,
            version_constraint=version_constraint,
            alias=alias,
            attributes={**attributes, **blocks},
            blocks={name: {} for name in blocks},
        )
        _announce(self, provider_name)


def _check_texts(name: str, props: Mapping[str, object]) -> None:
    """TypeError, ValueError: a prop that is no text, or a protocol that is none."""
    for prop, value in props.items():
        if value is None or is_token(value):
            continue
        if prop in _MILLISECONDS_AND_SECONDS:
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise TypeError(f"{name}: {prop} must be a whole number from 0; got {shown(value)}")
        elif not isinstance(value, str):
            raise TypeError(f"{name}: {prop} must be a text; got a value of type {type(value).__name__}")
        elif prop == "protocol" and value not in ("HTTP", "HTTPS"):
            raise ValueError(f"{name}: protocol must be HTTP or HTTPS; got {shown(value)}")


_MILLISECONDS_AND_SECONDS = ("client_read_timeout", "client_connect_timeout", "max_retry_timeout")


def _check_map(name: str, prop: str, value: object, keys: type, needed: str | None = None) -> None:
    """TypeError, ValueError: something else than a dict of known keys."""
    if value is None or is_token(value):
        return
    allowed = ", ".join(keys.__annotations__)
    if not isinstance(value, Mapping):
        raise TypeError(f"{name}: {prop} must be a dict of {allowed}; got {shown(value)}")
    unknown = [key for key in value if key not in keys.__annotations__]
    if unknown or (needed and not value.get(needed)):
        problem = f"unknown key {shown(unknown[0])}" if unknown else f"{needed} is missing"
        raise ValueError(f"{name}: {prop}: {problem}; write a dict of {allowed}")


class AlicloudProvider(_AlibabaCloudProvider):
    """The official provider, aliyun/alicloud.

    Everything left out is read from the environment (`ALIBABA_CLOUD_ACCESS_KEY_ID` …) or the profile.

    * `region`: such as `cn-hangzhou`.
    * `profile`, `shared_credentials_file`: a profile of the Alibaba Cloud CLI, and the file it is in.
    * `access_key`, `secret_key`, `security_token`: secrets only as tokens: text would end up in the files.
    * `assume_role`, `endpoints`: a role to act as; hosts to call.
    * `protocol`: HTTP or HTTPS.
    * `account_id`, `ecs_role_name`: the account's number; a role of the ECS instance that runs Terraform.
    * `alias`: for a second provider in one stack, given to a construct as `provider=`.
    * `version_constraint`: the versions of the provider that will do.

    ValueError: a secret in plain text.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        region: str | None = None,
        profile: str | None = None,
        shared_credentials_file: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        security_token: str | None = None,
        assume_role: AssumeRole | None = None,
        endpoints: Endpoints | None = None,
        protocol: str | None = None,
        account_id: str | None = None,
        ecs_role_name: str | None = None,
        alias: str | None = None,
        version_constraint: str = "~> 1.289",
    ) -> None:
        super().__init__(
            ALICLOUD.provider_name,
            scope,
            id_,
            source="aliyun/alicloud",
            alias=alias,
            version_constraint=version_constraint,
            assume_role=assume_role,
            endpoints=endpoints,
            region=region,
            profile=profile,
            shared_credentials_file=shared_credentials_file,
            access_key=access_key,
            secret_key=secret_key,
            security_token=security_token,
            protocol=protocol,
            account_id=account_id,
            ecs_role_name=ecs_role_name,
        )


class AlipolicyProvider(_AlibabaCloudProvider):
    """Our provider: one policy version at a time, staged or in force, and every parameter of both APIs.

    Takes what `AlicloudProvider` takes (but `account_id` and `ecs_role_name`), under the same names, from the
    same environment, and:

    * `client_read_timeout`, `client_connect_timeout`: milliseconds.
    * `max_retry_timeout`: seconds to go on trying what the service throttles.

    ValueError: a secret in plain text.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        region: str | None = None,
        profile: str | None = None,
        shared_credentials_file: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        security_token: str | None = None,
        assume_role: AssumeRole | None = None,
        endpoints: Endpoints | None = None,
        protocol: str | None = None,
        client_read_timeout: int | None = None,
        client_connect_timeout: int | None = None,
        max_retry_timeout: int | None = None,
        alias: str | None = None,
        version_constraint: str = ">= 0.1.0",
    ) -> None:
        super().__init__(
            ALIPOLICY.provider_name,
            scope,
            id_,
            source="alipolicy.internal/alibabacloud/alipolicy",
            alias=alias,
            version_constraint=version_constraint,
            assume_role=assume_role,
            endpoints=endpoints,
            region=region,
            profile=profile,
            shared_credentials_file=shared_credentials_file,
            access_key=access_key,
            secret_key=secret_key,
            security_token=security_token,
            protocol=protocol,
            client_read_timeout=client_read_timeout,
            client_connect_timeout=client_connect_timeout,
            max_retry_timeout=max_retry_timeout,
        )


# ------------------------------------------------------------ which provider a construct speaks to


# Kept on the objects themselves: asking Node for every policy would double its cost.
_STACK = "_alipolicy_stack"
_NAMES = "_alipolicy_provider_names"


def provider_name_for(scope: constructs.Construct, provider: cdktf.TerraformProvider | None) -> str:
    """The name of `provider=`, else of the one provider of the scope's stack: one that we know.

    Knows the bindings that `cdktf get` generates as well. ValueError: there is none, or there are both.
    """
    if provider is not None:
        name = provider.terraform_resource_type if isinstance(provider, cdktf.TerraformProvider) else None
        if name not in PROVIDER_NAMES:
            raise ValueError(f"provider is {provider!r}; pass an AlicloudProvider or an AlipolicyProvider")
        return name
    stack = _stack_of(scope)
    names = _provider_names(stack)
    if len(names) == 1:
        return next(iter(names))
    if names:
        raise ValueError(
            f"stack {stack.node.id!r} has an AlicloudProvider and an AlipolicyProvider: choose by provider="
        )
    raise ValueError(
        f"stack {stack.node.id!r} has no AlicloudProvider or AlipolicyProvider yet: add one before its first "
        "policy, since it decides which Terraform resources are made"
    )


def _stack_of(scope: constructs.Construct) -> cdktf.TerraformStack:
    if isinstance(scope, cdktf.TerraformStack):
        return scope
    if not isinstance(scope, constructs.Construct) or isinstance(scope, cdktf.App):
        raise TypeError(f"scope must be a TerraformStack, or a construct in one; got {scope!r}")
    if _STACK not in scope.__dict__:
        stack = cdktf.TerraformStack.of(scope)
        if not isinstance(stack, cdktf.TerraformStack):
            raise TypeError(
                f"scope is in a stack of {type(stack).__module__}, and the engine here is {cdktf.__name__}: "
                "choose one with ALIPOLICY_ENGINE, or by what is imported first"
            )
        setattr(scope, _STACK, stack)
    found: cdktf.TerraformStack = getattr(scope, _STACK)
    return found


def _provider_names(stack: cdktf.TerraformStack) -> set[str]:
    """Which of our two providers a stack has; once there is one, `_announce` keeps the set current."""
    names: set[str] = stack.__dict__.get(_NAMES, set())
    if not names:
        providers = [one for one in stack.node.find_all() if isinstance(one, cdktf.TerraformProvider)]
        names = {one.terraform_resource_type for one in providers} & PROVIDER_NAMES
        setattr(stack, _NAMES, names)
    return names


def _announce(provider: Provider, provider_name: str) -> None:
    names = _stack_of(provider).__dict__.get(_NAMES)
    if names:
        names.add(provider_name)
