"""How the Terraform providers express a policy binding, what they cannot express (BB4xx), and all codes."""

from __future__ import annotations

from attrs import fields

from constructs_lib.backup.binding import BoundType, OssDetail, UdmDetail
from constructs_lib.backup.binding_checks import CHECKS, BindingView
from constructs_lib.findings import Basis, Phrase, Problem, Problems, check
from constructs_lib.resource_type import ResourceKind, ResourceType

# What `advanced_options` has there.
ALICLOUD_OPTIONS: dict[type, tuple[str, ...]] = {
    UdmDetail: ("disk_id_list", "exclude_disk_id_list", "destination_kms_key_id"),
    OssDetail: ("inventory_id", "inventory_cleanup_policy", "ignore_archive_object"),
}
_NOT_TAKEN = (BoundType.COMMON_NAS, BoundType.COMMON_FILE_SYSTEM)


@check(
    "BB401",
    "The official provider's binding cannot say this",
    source="aliyun/alicloud, alicloud_hbr_policy_binding",
    basis=Basis.TERRAFORM,
)
def not_in_alicloud(binding: BindingView) -> Problems:
    """alicloud_hbr_policy_binding takes neither a NAS on the premises nor CPFS, and has few of the advanced
    options. Even `false` is an argument that Terraform does not take."""
    hint = "Deploy with AlipolicyProvider, which has it."
    if binding.source_type in _NOT_TAKEN:
        yield Problem("source_type", binding.source_type, "another type here", hint)
    for path, _, detail in binding.details:
        taken = ALICLOUD_OPTIONS.get(type(detail))
        if taken is None:
            yield Problem(path, Phrase("options"), "nothing here", hint)
            continue
        for option in fields(type(detail)):
            if option.name not in taken and (value := getattr(detail, option.name)) is not None:
                yield Problem(f"{path}.{option.name}", value, "nothing here", hint)


_FORCES_NEW = (
    *("policy_id", "source_type", "data_source_id"),
    *("cross_account_type", "cross_account_user_id", "cross_account_role_name"),
)
ALICLOUD = ResourceType(
    kind=ResourceKind.OTHER,
    provider_name="alicloud",
    name="alicloud_hbr_policy_binding",
    forces_new_resource=_FORCES_NEW,
    checks=(not_in_alicloud,),
)
ALIPOLICY = ResourceType(
    kind=ResourceKind.OTHER,
    provider_name="alipolicy",
    name="alipolicy_backup_policy_binding",
    forces_new_resource=_FORCES_NEW,
    has_acknowledge=True,
)
BINDING_TYPES = {each.provider_name: each for each in (ALICLOUD, ALIPOLICY)}
CODES = frozenset(each.code for each in (*CHECKS, *ALICLOUD.checks))
"""Every code that a binding can have, with either provider."""
