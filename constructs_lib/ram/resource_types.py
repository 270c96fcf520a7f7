"""How the Terraform providers express a policy version, what they cannot express (PV4xx), and all codes."""

from __future__ import annotations

from constructs_lib.findings import Basis, Phrase, Problem, Problems, check
from constructs_lib.ram import checks, plan_checks
from constructs_lib.ram.policy import PRINCIPALS
from constructs_lib.ram.policy_version import PolicyVersionView
from constructs_lib.resource_type import ResourceKind, ResourceType
from constructs_lib.tokens import is_token


@check(
    "PV401",
    "The official provider cannot stage a version",
    source="aliyun/alicloud, alicloud_ram_policy",
    basis=Basis.TERRAFORM,
)
def staging_with_alicloud(view: PolicyVersionView) -> Problems:
    """alicloud_ram_policy makes every changed document the default version at once; a version that is not
    the default cannot be expressed. False is the API's default, so it has to be set."""
    value = view.props.set_as_default
    if value is None or value is False or is_token(value):
        hint = "Write set_as_default=True, or deploy with AlipolicyProvider, which can stage a version."
        yield Problem("set_as_default", value, "True here", hint)


@check(
    "PV311",
    "A version is staged, and does not take effect",
    source="RAM, CreatePolicyVersion (2015-05-01), request parameters",
    basis=(Basis.PAGE, Basis.HARM),
)
def staged_by_default(view: PolicyVersionView) -> Problems:
    """`SetAsDefault` left out means false: the version is created, and whoever has the policy has what
    another version of it says. Written down as false it is meant so, and nothing is said."""
    if view.props.set_as_default is None:
        received = Phrase("nothing: the version is staged, and not in force")
        hint = "Set it to true if it is to take effect, and to false if it is to wait."
        yield Problem("set_as_default", received, "true or false", hint)


ALICLOUD = ResourceType(
    kind=ResourceKind.POLICY_VERSION,
    provider_name="alicloud",
    name="alicloud_ram_policy",
    forces_new_resource=("policy_name",),
    checks=(plan_checks.sixth_version, staging_with_alicloud),
    is_whole_policy=True,
)
ALIPOLICY = ResourceType(
    kind=ResourceKind.POLICY_VERSION,
    provider_name="alipolicy",
    name="alipolicy_policy_version",
    forces_new_resource=("policy_name",),
    checks=(staged_by_default,),
    has_acknowledge=True,
)
RESOURCE_TYPES = {each.provider_name: each for each in (ALICLOUD, ALIPOLICY)}
"""Of a policy version."""

POLICY = ResourceType(
    kind=ResourceKind.POLICY_VERSION,
    provider_name="alipolicy",
    name="alipolicy_policy",
    forces_new_resource=("policy_name",),
    is_whole_policy=True,
    moves_from=("alicloud_ram_policy",),
    has_acknowledge=True,
)
REVIEWED = (ALICLOUD, ALIPOLICY, POLICY)
"""All that a review compares as documents."""

OFFICIAL_ATTACHMENTS, ATTACHMENT = (
    {
        f"{principal}_name": ResourceType(
            kind=ResourceKind.OTHER,
            provider_name="alicloud",
            name=f"alicloud_ram_{principal}_policy_attachment",
            forces_new_resource=("policy_name", "policy_type", f"{principal}_name"),
        )
        for principal in ("user", "group", "role")
    },
    ResourceType(
        kind=ResourceKind.OTHER,
        provider_name="alipolicy",
        name="alipolicy_policy_attachment",
        forces_new_resource=("policy_name", "policy_type", *PRINCIPALS),
        has_acknowledge=True,
    ),
)
_ALL = (*checks.CHECKS, *plan_checks.CHECKS, *ALICLOUD.checks, *ALIPOLICY.checks)
CODES = frozenset(each.code for each in _ALL)
"""Every code that a policy version can have, with either provider."""
