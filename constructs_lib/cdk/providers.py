"""The two Terraform providers, and how each expresses the two constructs.

| | `AlicloudProvider` (official) | `AlipolicyProvider` (ours) |
|---|---|---|
| `BackupPolicy` | `alicloud_hbr_policy` | `alipolicy_backup_policy` |
| `BackupVault` | `alicloud_hbr_vault` | `alipolicy_backup_vault` |
| `BackupPolicyBinding` | `alicloud_hbr_policy_binding` | `alipolicy_backup_policy_binding` |
| `PolicyVersion` | `alicloud_ram_policy`, the whole policy | `alipolicy_policy_version`, one version |
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict, TypeVar, Unpack, get_type_hints

from constructs_lib.backup.resource_types import RESOURCE_TYPES
from constructs_lib.cdk.bridge.meta_arguments import describe_unexpected
from constructs_lib.cdk.element import ProviderConstruct
from constructs_lib.cdk.engine import cdktf, constructs
from constructs_lib.findings import shown
from constructs_lib.tokens import is_token, known

# Both models know the same providers.
PROVIDER_NAMES = frozenset(RESOURCE_TYPES)

Constructor = TypeVar("Constructor", bound=Callable[..., None])


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


class ProviderArguments(TypedDict, total=False):
    """What both providers take. None is the same as left out.

    * `region`: such as `cn-hangzhou`.
    * `profile`: a profile of the Alibaba Cloud CLI.
    * `shared_credentials_file`: the file that the profile is in.
    * `access_key`: the id of an access key.
    * `secret_key`, `security_token`: secrets, only as tokens: a string would end up in the files.
    * `assume_role`: a role to act as.
    * `endpoints`: hosts to call.
    * `protocol`: HTTP or HTTPS.
    * `alias`: for a second provider in one stack, given to a construct as `provider=`.
    * `version_constraint`: the versions of the provider that will do; `~> 1.289` of the official one, and
      `>= 0.1.0` of ours where it is left out.
    """

    region: str | None
    profile: str | None
    shared_credentials_file: str | None
    access_key: str | None
    secret_key: str | None
    security_token: str | None
    assume_role: AssumeRole | None
    endpoints: Endpoints | None
    protocol: str | None
    alias: str | None
    version_constraint: str | None


class AlicloudArguments(ProviderArguments, total=False):
    """What the official provider takes besides.

    * `account_id`: the number of the account.
    * `ecs_role_name`: a role of the ECS instance that runs Terraform.
    """

    account_id: str | None
    ecs_role_name: str | None


class AlipolicyArguments(ProviderArguments, total=False):
    """What our provider takes besides.

    * `client_read_timeout`: milliseconds to wait for an answer.
    * `client_connect_timeout`: milliseconds to wait for a connection.
    * `max_retry_timeout`: seconds to go on trying what the service throttles.
    """

    client_read_timeout: int | None
    client_connect_timeout: int | None
    max_retry_timeout: int | None


def _show_arguments(arguments: type) -> Callable[[Constructor], Constructor]:
    """Let `inspect.signature` and `help` show each of these arguments, and not `**arguments`."""

    def decorate(constructor: Constructor) -> Constructor:
        signature = inspect.signature(constructor)
        *by_place, _ = signature.parameters.values()
        by_name = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
            for name, annotation in get_type_hints(arguments).items()
        ]
        vars(constructor)["__signature__"] = signature.replace(parameters=[*by_place, *by_name])
        constructor.__doc__ = f"{inspect.getdoc(ProviderArguments)}\n\n{inspect.getdoc(arguments)}"
        return constructor

    return decorate


class _AlibabaCloudProvider(ProviderConstruct):
    """What both providers do with their arguments."""

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        source: str,
        versions: str,
        allowed: type,
        arguments: Mapping[str, Any],
    ) -> None:
        name = type(self).__name__
        for argument, value in arguments.items():
            if argument not in allowed.__annotations__:
                raise TypeError(f"{name}: {describe_unexpected(argument, allowed.__annotations__)}")
            if value is not None and not is_token(value):
                _check(f"{name}: {argument}", argument, value)
        # As the official bindings write them: one role, and a list of what may be several.
        blocks = {"assume_role": arguments.get("assume_role"), "endpoints": None}
        if endpoints := arguments.get("endpoints"):
            blocks["endpoints"] = [endpoints]
        provider_name = source.rpartition("/")[2]
        super().__init__(
            scope,
            id_,
            terraform_type=provider_name,
            source=source,
            version_constraint=arguments.get("version_constraint") or versions,
            alias=arguments.get("alias"),
            attributes={name: arguments[name] for name in arguments if name not in _NOT_ATTRIBUTES} | blocks,
            blocks={name: {} for name in blocks},
        )
        setattr(self, _REGION, arguments.get("region"))
        _announce(self, provider_name)


_NOT_ATTRIBUTES = ("alias", "version_constraint")


def _check(place: str, argument: str, value: object) -> None:
    """TypeError, ValueError: a value that the argument cannot have."""
    match argument:
        case "assume_role":
            _check_dict(place, value, AssumeRole, needed="role_arn")
        case "endpoints":
            _check_dict(place, value, Endpoints)
        case "client_read_timeout" | "client_connect_timeout" | "max_retry_timeout":
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise TypeError(f"{place} must be a whole number from 0; got {shown(value)}")
        case _ if not isinstance(value, str):
            raise TypeError(f"{place} must be a string; got a value of type {type(value).__name__}")
        case "protocol" if value not in ("HTTP", "HTTPS"):
            raise ValueError(f"{place} must be HTTP or HTTPS; got {shown(value)}")
        case "secret_key" | "security_token":
            variable = "ACCESS_KEY_SECRET" if argument == "secret_key" else "SECURITY_TOKEN"
            raise ValueError(
                f"{place} would stand in plain text in the synthesised files. Leave it out and set "
                f"ALIBABA_CLOUD_{variable}, or pass a TerraformVariable(…, sensitive=True).string_value."
            )


def _check_dict(place: str, value: object, keys: type, needed: str | None = None) -> None:
    """TypeError, ValueError: something else than a dict of known keys."""
    allowed = ", ".join(keys.__annotations__)
    if not isinstance(value, Mapping):
        raise TypeError(f"{place} must be a dict of {allowed}; got {shown(value)}")
    unknown = [key for key in value if key not in keys.__annotations__]
    if unknown or (needed and not value.get(needed)):
        problem = f"unknown key {shown(unknown[0])}" if unknown else f"{needed} is missing"
        raise ValueError(f"{place}: {problem}; write a dict of {allowed}")


class AlicloudProvider(_AlibabaCloudProvider):
    """The official provider, aliyun/alicloud.

    Everything left out is read from the environment (`ALIBABA_CLOUD_ACCESS_KEY_ID` …) or the profile. The
    arguments are those of `AlicloudArguments`.

    ValueError: a secret in plain text.
    """

    @_show_arguments(AlicloudArguments)
    def __init__(self, scope: constructs.Construct, id_: str, **arguments: Unpack[AlicloudArguments]) -> None:
        source = "aliyun/alicloud"
        super().__init__(scope, id_, source, "~> 1.289", AlicloudArguments, arguments)


class AlipolicyProvider(_AlibabaCloudProvider):
    """Our provider: one policy version at a time, staged or the default, and every parameter of both APIs.

    Everything left out is read from the same environment as by `AlicloudProvider`. The arguments are those of
    `AlipolicyArguments`.

    ValueError: a secret in plain text.
    """

    @_show_arguments(AlipolicyArguments)
    def __init__(
        self, scope: constructs.Construct, id_: str, **arguments: Unpack[AlipolicyArguments]
    ) -> None:
        source = "alipolicy.internal/alibabacloud/alipolicy"
        super().__init__(scope, id_, source, ">= 0.1.0", AlipolicyArguments, arguments)


# ------------------------------------------------------------ which provider a construct speaks to


# Kept on the objects themselves: asking Node for every policy would double its cost.
_STACK = "_alipolicy_stack"
_NAMES = "_alipolicy_provider_names"
_REGION = "_alipolicy_region"


def find_provider_name(scope: constructs.Construct, provider: cdktf.TerraformProvider | None) -> str:
    """The name of `provider=`, else of the one provider of the scope's stack: one that we know.

    Knows the bindings that `cdktf get` generates as well. ValueError: there is none, or there are both.
    """
    if provider is not None:
        name = provider.terraform_resource_type if isinstance(provider, cdktf.TerraformProvider) else None
        if name not in PROVIDER_NAMES:
            raise ValueError(f"provider is {provider!r}; pass an AlicloudProvider or an AlipolicyProvider")
        return name
    stack = _find_stack(scope)
    names = _find_provider_names(stack)
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


def find_region(scope: constructs.Construct, provider: cdktf.TerraformProvider | None) -> str | None:
    """The region that the provider of a construct names; None where that is left to the environment."""
    chosen: Iterable[object] = (provider,)
    if provider is None:
        found = _find_stack(scope).node.find_all()
        chosen = [each for each in found if isinstance(each, _AlibabaCloudProvider) and not each.alias]
    regions = {each.__dict__.get(_REGION) for each in chosen}
    return known(regions.pop(), str) if len(regions) == 1 else None


def _find_stack(scope: constructs.Construct) -> cdktf.TerraformStack:
    if isinstance(scope, cdktf.TerraformStack):
        return scope
    if not isinstance(scope, constructs.Construct) or isinstance(scope, cdktf.App):
        raise TypeError(f"scope must be a TerraformStack, or a construct in one; got {scope!r}")
    stack: cdktf.TerraformStack | None = scope.__dict__.get(_STACK)
    if stack is None:
        stack = cdktf.TerraformStack.of(scope)
        if not isinstance(stack, cdktf.TerraformStack):
            raise TypeError(
                f"scope is in a stack of {type(stack).__module__}, and the engine here is {cdktf.__name__}: "
                "choose one with ALIPOLICY_ENGINE, or by what is imported first"
            )
        setattr(scope, _STACK, stack)
    return stack


def _find_provider_names(stack: cdktf.TerraformStack) -> set[str]:
    """Which of our two providers a stack has; once there is one, `_announce` keeps the set current."""
    names: set[str] = stack.__dict__.get(_NAMES, set())
    if not names:
        names = {
            construct.terraform_resource_type
            for construct in stack.node.find_all()
            if isinstance(construct, cdktf.TerraformProvider)
        } & PROVIDER_NAMES
        setattr(stack, _NAMES, names)
    return names


def _announce(provider: ProviderConstruct, provider_name: str) -> None:
    names = _find_stack(provider).__dict__.get(_NAMES)
    if names:
        names.add(provider_name)
