"""The construct `Policy`: CreatePolicy of RAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from constructs_lib.cdk.comment import write_reasons
from constructs_lib.cdk.element import MetaArguments, ResourceConstruct, annotate
from constructs_lib.cdk.engine import cdktf, constructs
from constructs_lib.cdk.policy_attachment import Attachable
from constructs_lib.cdk.providers import find_provider_name
from constructs_lib.cdk.statements import HasStatements
from constructs_lib.findings import Finding, approved
from constructs_lib.ram.canonical import terraform_json
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.policy import PolicyProps
from constructs_lib.ram.policy_checks import CODES_OF_POLICY, check_policy
from constructs_lib.ram.resource_types import POLICY
from constructs_lib.tokens import Boolean, Resolvable


class Policy(ResourceConstruct, Attachable, HasStatements):
    """A custom permission policy of RAM, as CreatePolicy makes it, with its first version.

        policy = Policy(self, "readers", policy_name="oss-readers", policy_document=PolicyDocument([…]))
        policy.attach_to_role("app")
        PolicyVersion(self, "next", policy_name=policy.policy_name, policy_document=…, set_as_default=False)

    * `policy_name`: 1 to 128 letters, digits and hyphens. A change makes Terraform destroy the policy and
      create another (API: PolicyName).
    * `policy_document`: what its first version says, as in `PolicyVersion`. A change makes the next version,
      in force at once, as long as the policy has no others; else Terraform refuses it: the new document
      belongs into a `PolicyVersion` (API: PolicyDocument).
    * `description`: 1 to 1,024 characters, changed in place (API: Description).
    * `tags`: at most 20, by key (API: Tag).
    * `force_destroy`: whether destroying the policy takes it from all who have it, and deletes the versions
      that others made; left out, such a policy is not destroyed.
    * `acknowledge`: reasons by finding code, for 2xx and 3xx codes.
    * `depends_on`, `count`, `for_each`, `lifecycle`, `provider`, `provisioners`, `connection`: as in CDKTF.

    Every value may be a CDKTF token. Becomes `alipolicy_policy`. ValueError with the official provider, whose
    alicloud_ram_policy is policy and version in one: there `PolicyVersion` makes it.

    Raises `InvalidPropsError` with all findings at once; ValueError and TypeError as `PolicyVersion`.
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        policy_name: str | Resolvable,
        policy_document: PolicyDocument | Mapping[str, Any] | str | Resolvable,
        description: str | Resolvable | None = None,
        tags: Mapping[str, str | Resolvable] | Resolvable | None = None,
        force_destroy: Boolean | None = None,
        acknowledge: Mapping[str, str] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        if find_provider_name(scope, meta.get("provider")) == "alicloud":
            raise ValueError(
                f"Policy {id_!r}: with AlicloudProvider, PolicyVersion(…, set_as_default=True) makes the "
                "policy: alicloud_ram_policy is policy and version in one. AlipolicyProvider keeps them apart"
            )
        props = PolicyProps(
            policy_name=policy_name,
            policy_document=policy_document,
            description=description,
            tags=tags,
            force_destroy=force_destroy,
        )
        self._id, self._acknowledge = id_, acknowledge
        warnings = self._check(props)
        super().__init__(
            scope,
            id_,
            terraform_type=POLICY.name,
            provider_name=POLICY.provider_name,
            attributes=self._write(props),
            blocks={},
            **meta,
        )
        self._props, self._warnings = props, warnings
        annotate(self, warnings)

    def _check(self, props: PolicyProps) -> list[Finding]:
        return approved(f"Policy {self._id!r}", check_policy(props), self._acknowledge, CODES_OF_POLICY)

    def _write(self, props: PolicyProps) -> dict[str, object]:
        attributes = {
            "policy_name": props.policy_name,
            "policy_document": terraform_json(props.version.document.form, cdktf.Fn.jsonencode),
            "description": props.description,
            "tags": props.tags,
            "force_destroy": props.force_destroy,
        }
        return attributes | write_reasons(self._acknowledge, POLICY)

    @property
    def policy_name(self) -> str:
        """The policy's name as a token: what takes it, such as a `PolicyVersion`, comes after this policy."""
        return self.string_attribute("policy_name")

    @property
    def id(self) -> str:
        """Terraform's id, the policy's name. A token."""
        return self.string_attribute("id")

    @property
    def version_id(self) -> str:
        """The version that holds the document, such as `v1`. A token."""
        return self.string_attribute("version_id")

    @property
    def default_version(self) -> str:
        """The version that takes effect, whoever made it (API: DefaultVersion). A token."""
        return self.string_attribute("default_version")

    @property
    def create_date(self) -> str:
        """When the policy was created (API: CreateDate). A token."""
        return self.string_attribute("create_date")

    @property
    def attachment_count(self) -> float:
        """How many users, groups and roles have it (API: AttachmentCount). A token."""
        return self.get_number_attribute("attachment_count")
