"""The construct `BackupPolicyBinding`: CreatePolicyBindings of Cloud Backup, for one source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from attrs import asdict

from constructs_lib.backup.binding import BackupPolicyBindingProps, BindingAccountType
from constructs_lib.backup.binding_checks import CHECKS, check_binding
from constructs_lib.backup.binding_types import BINDING_TYPES, CODES
from constructs_lib.backup.bound_sources import BoundSource
from constructs_lib.backup.rule import PolicyType
from constructs_lib.cdk.comment import write_reasons
from constructs_lib.cdk.element import Blocks, MetaArguments, ResourceConstruct, annotate
from constructs_lib.cdk.engine import constructs
from constructs_lib.cdk.providers import find_provider_name
from constructs_lib.findings import approved, shown
from constructs_lib.tokens import Boolean, Number, Resolvable

_BLOCKS: Blocks = {
    "advanced_options": {
        "udm_detail": {},
        "oss_detail": {},
        "file_detail": {},
        "common_nas_detail": {},
        "common_file_system_detail": {},
    }
}


class BindingArguments(TypedDict, total=False):
    """What `BackupPolicy.bind` takes beside the source, as `BackupPolicyBinding`."""

    disabled: Boolean | None
    policy_binding_description: str | Resolvable | None
    cross_account_type: BindingAccountType | str | Resolvable | None
    cross_account_user_id: Number | None
    cross_account_role_name: str | Resolvable | None
    acknowledge: Mapping[str, str] | None


class BackupPolicyBinding(ResourceConstruct):
    """A data source that a backup policy backs up. `BackupPolicy.bind` makes one in less words.

    * `policy_id`: the policy; the token of a construct lets it come first (API: PolicyId).
    * `source`: what is backed up, such as `OssBucket("logs")`, `EcsInstance("i-…")` or `NasFileSystem("…")`
      (API: SourceType, DataSourceId, Source, Include, Exclude, SpeedLimit, AdvancedOptions).
    * `disabled`: whether no backups are made for now (API: Disabled).
    * `policy_binding_description`: free text (API: PolicyBindingDescription).
    * `cross_account_type`, `cross_account_user_id`, `cross_account_role_name`: whose source it is (API:
      CrossAccountType, CrossAccountUserId, CrossAccountRoleName).
    * `policy_type`: that of the policy, where it is known: the source has to fit it. It is not sent.
    * `acknowledge`: reasons by finding code, for 2xx and 3xx codes.
    * `depends_on`, `count`, `for_each`, `lifecycle`, `provider`, `provisioners`, `connection`: as in CDKTF.

    Every value may be a CDKTF token. Becomes `alipolicy_backup_policy_binding` or
    `alicloud_hbr_policy_binding`, which knows fewer sources and options. The provider of the stack (or
    `provider=`) decides.

    Raises `InvalidPropsError` with all findings at once; ValueError and TypeError as `BackupPolicy`.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        policy_id: str | Resolvable,
        source: BoundSource,
        disabled: Boolean | None = None,
        policy_binding_description: str | Resolvable | None = None,
        cross_account_type: BindingAccountType | str | Resolvable | None = None,
        cross_account_user_id: Number | None = None,
        cross_account_role_name: str | Resolvable | None = None,
        policy_type: PolicyType | str | None = None,
        acknowledge: Mapping[str, str] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        if not isinstance(source, BoundSource):
            raise TypeError(
                f"BackupPolicyBinding {id_!r}: the source is {shown(source)}; write one such as "
                'OssBucket("logs") or EcsInstance("i-…")'
            )
        props = BackupPolicyBindingProps(
            policy_id=policy_id,
            disabled=disabled,
            policy_binding_description=policy_binding_description,
            cross_account_type=cross_account_type,
            cross_account_user_id=cross_account_user_id,
            cross_account_role_name=cross_account_role_name,
            **source.parameters(),
        )
        resource_type = BINDING_TYPES[find_provider_name(scope, meta.get("provider"))]
        findings = check_binding(props, CHECKS + resource_type.checks, policy_type)
        warnings = approved(f"BackupPolicyBinding {id_!r}", findings, acknowledge, CODES)
        attributes: dict[str, Any] = asdict(props)
        super().__init__(
            scope,
            id_,
            terraform_type=resource_type.name,
            provider_name=resource_type.provider_name,
            attributes=attributes | write_reasons(acknowledge, resource_type),
            blocks=_BLOCKS,
            **meta,
        )
        annotate(self, warnings)

    @property
    def id(self) -> str:
        """Terraform's id, `<policy_id>:<source_type>:<data_source_id>`. A token."""
        return self.string_attribute("id")

    @property
    def policy_id(self) -> str:
        """The policy's id. A token."""
        return self.string_attribute("policy_id")

    @property
    def create_time(self) -> str:
        """When the source was bound. A token."""
        return self.string_attribute("create_time")
