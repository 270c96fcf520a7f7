"""The data sources of our provider as constructs: what there is already, as typed tokens."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    NoReturn,
    TypeVar,
    Unpack,
    get_args,
    get_origin,
    get_type_hints,
)

from constructs_lib.cdk.comment import make_comment
from constructs_lib.cdk.element import DataSourceConstruct, MetaArguments
from constructs_lib.cdk.engine import cdktf, constructs
from constructs_lib.findings import shown

T = TypeVar("T", bound="Element")


class Elements(Generic[T]):
    """A list that only Terraform knows. `policies[0]` is its first element; how many there are, nobody knows
    yet."""

    def __init__(self, source: DataSourceConstruct, path: str, kind: type[T]) -> None:
        self._source, self._path, self._kind = source, path, kind

    @property
    def token(self) -> cdktf.IResolvable:
        """The whole list, for an output, for `Fn`, or for an iterator."""
        return self._source.interpolation_for_attribute(self._path)

    def __getitem__(self, place: int) -> T:
        """The element at a place, from 0. TypeError: it is none, such as a token or a slice."""
        if type(place) is not int or place < 0:
            raise TypeError(
                f"{self._path}: the place is {shown(place)}; write a whole number from 0, or "
                "cdktf.Fn.element(….token, place)"
            )
        return self._kind(self._source, f"{self._path}[{place}]")

    def __iter__(self) -> NoReturn:
        raise TypeError(
            f"{self._path} is known only to Terraform: write {self._path}[0] for one element, or go through "
            "all with cdktf.TerraformIterator.from_list(….token)"
        )


class Element:
    """One element of a list: its attributes are tokens, whose types the annotations of the class say."""

    def __init__(self, source: DataSourceConstruct, path: str) -> None:
        self._source, self._path = source, path

    if not TYPE_CHECKING:  # so that a type checker finds typing errors in names

        def __getattr__(self, name: str) -> object:
            fields = list_fields(type(self))
            if name not in fields:
                raise AttributeError(f"{self._path} has no attribute {name}; it has {', '.join(fields)}")
            return _read(self._source, f"{self._path}.{name}", fields[name])


@cache
def list_fields(kind: type[Element]) -> dict[str, Any]:
    """The attributes of an element, with their types."""
    return get_type_hints(kind)


def _read(source: DataSourceConstruct, path: str, kind: Any) -> object:
    if get_origin(kind) is Elements:
        return Elements(source, path, get_args(kind)[0])
    readers: dict[Any, Any] = {
        str: source.get_string_attribute,
        float: source.get_number_attribute,
        cdktf.IResolvable: source.get_boolean_attribute,
        list[str]: source.get_list_attribute,
        dict[str, str]: source.get_string_map_attribute,
    }
    return readers[kind](path)


class OwnDataSource(DataSourceConstruct):
    """A data source of our provider. `TYPE`: its type in Terraform. `attributes`: what is asked for."""

    TYPE: ClassVar[str]

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        attributes: Mapping[str, object],
        **meta: Unpack[MetaArguments],
    ) -> None:
        super().__init__(
            scope,
            id_,
            terraform_type=self.TYPE,
            provider_name="alipolicy",
            attributes={**attributes, **make_comment()},
            blocks={},
            **meta,
        )

    @property
    def id(self) -> str:
        """What was asked for. A token."""
        return str(self.get_string_attribute("id"))


# ------------------------------------------------------------ backup policies


class AccountData(Element):
    """Another account whose data sources are chosen."""

    cross_account_user_id: float
    cross_account_type: str
    cross_account_role_name: str


class DataSourceFilterData(Element):
    """Which kind of data sources a rule chooses."""

    source_type: str
    data_source_ids: list[str]
    account_scope: str
    accounts: Elements[AccountData]


class TagFilterData(Element):
    """By which tag a rule chooses data sources."""

    key: str
    operator: str
    value: str


class AdvancedRetentionData(Element):
    """How long the first backup of each period is kept, in days."""

    advanced_retention_type: str
    retention: float
    which_snapshot: float


class BackupPolicyRuleData(Element):
    """A rule of a policy that there is; the attributes are those of `BackupPolicyRule`, and `rule_id`."""

    rule_type: str
    schedule: str
    backup_type: str
    retention: float
    replication_region_id: str
    vault_id: str
    keep_latest_snapshots: float
    immutable: cdktf.IResolvable
    archive_days: float
    rule_id: str
    retention_rules: Elements[AdvancedRetentionData]
    data_source_filters: Elements[DataSourceFilterData]
    tag_filters: Elements[TagFilterData]


class BackupPolicyData(Element):
    """A backup policy that there is. `create_time`: UNIX seconds. `policy_binding_count`: how many data
    sources it backs up."""

    policy_id: str
    policy_name: str
    policy_type: str
    policy_description: str
    create_time: str
    policy_binding_count: float
    rules: Elements[BackupPolicyRuleData]


class DataBackupPolicies(OwnDataSource):
    """The backup policies of the region of `AlipolicyProvider`: all, or by id or name; none is no error.

        nightly = DataBackupPolicies(stack, "nightly", policy_name="nightly")
        cdktf.TerraformOutput(stack, "id", value=nightly.policies[0].policy_id)

    * `policy_id`: only the policy with this id. `policy_name`: only policies with exactly this name.
    * `depends_on` … `provider`: as in CDKTF.

    TypeError, ValueError: as `AnyDataSource`.
    """

    TYPE = "alipolicy_backup_policies"

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        policy_id: str | None = None,
        policy_name: str | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        super().__init__(scope, id_, {"policy_id": policy_id, "policy_name": policy_name}, **meta)

    @property
    def ids(self) -> list[str]:
        """The ids of the policies. A token."""
        return self.get_list_attribute("ids")

    @property
    def policies(self) -> Elements[BackupPolicyData]:
        """The policies, with their rules."""
        return Elements(self, "policies", BackupPolicyData)


# ------------------------------------------------------------ versions of a RAM policy


class PolicyVersionData(Element):
    """A version of a policy. `policy_document`: JSON."""

    version_id: str
    is_default_version: cdktf.IResolvable
    create_date: str
    policy_document: str


class DataPolicyVersions(OwnDataSource):
    """All versions of a policy of RAM, and which is the default; of `AlipolicyProvider`.

        readers = DataPolicyVersions(stack, "readers", policy_name="oss-readers")
        cdktf.TerraformOutput(stack, "default", value=readers.default_version)

    * `policy_name`: that there is no such policy is an error of Terraform's plan.
    * `policy_type`: `Custom`, the account's, or `System`, Alibaba Cloud's. Default: `Custom`.
    * `depends_on` … `provider`: as in CDKTF.

    TypeError, ValueError: as `AnyDataSource`.
    """

    TYPE = "alipolicy_policy_versions"

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        policy_name: str,
        policy_type: str | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        super().__init__(scope, id_, {"policy_name": policy_name, "policy_type": policy_type}, **meta)

    @property
    def default_version(self) -> str:
        """The id of the default version, such as `v3`. A token."""
        return str(self.get_string_attribute("default_version"))

    @property
    def versions(self) -> Elements[PolicyVersionData]:
        """The versions, the oldest first; at most 5."""
        return Elements(self, "versions", PolicyVersionData)


# ------------------------------------------------------------ policies of RAM, and who has them


class PolicyData(Element):
    """A policy that there is. `attachment_count`: how many users, groups and roles have it."""

    policy_name: str
    policy_type: str
    description: str
    default_version: str
    create_date: str
    update_date: str
    attachment_count: float
    tags: dict[str, str]


class DataPolicies(OwnDataSource):
    """The policies of RAM, all or by name, type or tags, without documents; of `AlipolicyProvider`.

        own = DataPolicies(stack, "own", policy_type="Custom")
        cdktf.TerraformOutput(stack, "names", value=own.names)

    * `policy_name`: only policies with exactly this name. `tags`: only those that have all of these tags.
    * `policy_type`: `Custom`, the account's, or `System`, Alibaba Cloud's. Left out, both.
    * `depends_on` … `provider`: as in CDKTF.

    TypeError, ValueError: as `AnyDataSource`.
    """

    TYPE = "alipolicy_policies"

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        policy_name: str | None = None,
        policy_type: str | None = None,
        tags: dict[str, str] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        attributes = {"policy_name": policy_name, "policy_type": policy_type, "tags": tags}
        super().__init__(scope, id_, attributes, **meta)

    @property
    def names(self) -> list[str]:
        """The names of the policies. A token."""
        return self.get_list_attribute("names")

    @property
    def policies(self) -> Elements[PolicyData]:
        """The policies."""
        return Elements(self, "policies", PolicyData)


class PolicyAttachmentData(Element):
    """Who has a policy: `kind`, `user`, `group` or `role`, and `name`."""

    id: str
    kind: str
    name: str
    attach_date: str


class DataPolicyAttachments(OwnDataSource):
    """The users, groups and roles that have a policy; of `AlipolicyProvider`.

        administrators = DataPolicyAttachments(
            stack, "administrators", policy_name="AdministratorAccess", policy_type="System"
        )

    * `policy_name`: that there is no such policy is an error of Terraform's plan.
    * `policy_type`: `Custom`, the account's, or `System`, Alibaba Cloud's. Default: `Custom`.
    * `depends_on` … `provider`: as in CDKTF.

    TypeError, ValueError: as `AnyDataSource`.
    """

    TYPE = "alipolicy_policy_attachments"

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        policy_name: str,
        policy_type: str | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        super().__init__(scope, id_, {"policy_name": policy_name, "policy_type": policy_type}, **meta)

    @property
    def attachments(self) -> Elements[PolicyAttachmentData]:
        """Who has it: users, then groups, then roles."""
        return Elements(self, "attachments", PolicyAttachmentData)
