"""The construct `PolicyVersion`: CreatePolicyVersion of RAM."""

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
from constructs_lib.ram.checks import check_view
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.policy_version import PolicyVersionProps, PolicyVersionView, RotateStrategy
from constructs_lib.ram.resource_types import ALICLOUD, CODES, RESOURCE_TYPES
from constructs_lib.tokens import Boolean, Resolvable


class PolicyVersion(ResourceConstruct, Attachable, HasStatements):
    """A version of a custom permission policy of RAM, as CreatePolicyVersion makes it.

    * `policy_name`: 1 to 128 letters, digits and hyphens. A change makes Terraform destroy the resource and
      create another (API: PolicyName).
    * `policy_document`: a `PolicyDocument`, a dict, or a JSON string; at most 6,144 bytes. Written in
      canonical form, so that a reordering costs no version (API: PolicyDocument).
    * `set_as_default`: whether the version takes effect at once; False, the API's default, stages it
      (API: SetAsDefault).
    * `rotate_strategy`: what happens when five versions exist already; left out, the next one is refused
      (API: RotateStrategy).
    * `skip_destroy`: whether destroying the resource leaves its versions in the policy; left out, it deletes
      them. ValueError with the official provider, which deletes the policy as a whole.
    * `keep_order`: whether the document is written in the order given, not in canonical form. The official
      provider takes another order for another document: a policy that it imports stays as it is.
    * `acknowledge`: reasons by finding code, for 2xx and 3xx codes.
    * `depends_on`, `count`, `for_each`, `lifecycle`, `provider`, `provisioners`, `connection`: as in CDKTF.

    Every value may be a CDKTF token. Becomes `alipolicy_policy_version`, one version of a policy that exists,
    or `alicloud_ram_policy`, the whole policy, of which every changed document becomes the default version:
    there `set_as_default` has to be True. The provider of the stack (or `provider=`) decides.

    Raises `InvalidPropsError` with all findings at once; ValueError and TypeError for what is wrong with the
    scope, the id, the provider or a meta-argument.
    """

    _props: PolicyVersionProps

    def __init__(
        self,
        scope: constructs.Construct,
        id_: str,
        *,
        policy_name: str | Resolvable,
        policy_document: PolicyDocument | Mapping[str, Any] | str | Resolvable,
        set_as_default: Boolean | None = None,
        rotate_strategy: RotateStrategy | str | Resolvable | None = None,
        skip_destroy: Boolean | None = None,
        keep_order: bool = False,
        acknowledge: Mapping[str, str] | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        props = PolicyVersionProps(
            policy_name=policy_name,
            policy_document=policy_document,
            set_as_default=set_as_default,
            rotate_strategy=rotate_strategy,
        )
        resource_type = RESOURCE_TYPES[find_provider_name(scope, meta.get("provider"))]
        self._resource_type, self._acknowledge, self._id = resource_type, acknowledge, id_
        self._is_whole_policy, self._skip_destroy = resource_type is ALICLOUD, skip_destroy
        self._keep_order = keep_order
        if self._is_whole_policy and skip_destroy is not None:
            raise ValueError(
                f"PolicyVersion {id_!r}: alicloud_ram_policy has no skip_destroy; keep the policy with a "
                "lifecycle of prevent_destroy=True, or deploy with AlipolicyProvider"
            )
        warnings = self._check(props)
        self._reasons = write_reasons(acknowledge, resource_type)
        super().__init__(
            scope,
            id_,
            terraform_type=resource_type.name,
            provider_name=resource_type.provider_name,
            attributes=self._write(props),
            blocks={},
            **meta,
        )
        self._props, self._warnings = props, warnings
        annotate(self, warnings)

    def _check(self, props: PolicyVersionProps) -> list[Finding]:
        findings = check_view(PolicyVersionView.from_props(props), self._resource_type.checks)
        return approved(f"PolicyVersion {self._id!r}", findings, self._acknowledge, CODES)

    def _write(self, props: PolicyVersionProps) -> dict[str, object]:
        form, keep_order = props.document.form, self._keep_order
        attributes = {
            "policy_name": props.policy_name,
            "policy_document": terraform_json(form, cdktf.Fn.jsonencode, keep_order=keep_order),
            "set_as_default": None if self._is_whole_policy else props.set_as_default,
            "rotate_strategy": props.rotate_strategy,
            "skip_destroy": self._skip_destroy,
        }
        return {name: value for name, value in attributes.items() if value is not None} | self._reasons

    @property
    def policy_name(self) -> str:
        """The policy's name as a token: what takes it, such as an attachment, comes after this resource."""
        return self.string_attribute("policy_name")

    @property
    def policy_document(self) -> PolicyDocument | Mapping[str, Any] | str | Resolvable:
        """The document, as given."""
        return self._props.policy_document

    @property
    def set_as_default(self) -> Boolean | None:
        """Whether the version takes effect at once, as given."""
        return self._props.set_as_default

    @property
    def rotate_strategy(self) -> RotateStrategy | str | Resolvable | None:
        """What happens when five versions exist already, as given."""
        return self._props.rotate_strategy

    @property
    def id(self) -> str:
        """Terraform's id: of the version, such as `readers:v3`, or of the whole policy. A token."""
        return self.string_attribute("id")

    @property
    def version_id(self) -> str:
        """The version's id, such as `v3` (API: VersionId). A token."""
        return self.string_attribute("version_id")

    @property
    def is_default_version(self) -> cdktf.IResolvable | bool:
        """Whether it is the default version (API: IsDefaultVersion): a token; True with AlicloudProvider."""
        return True if self._is_whole_policy else self.get_boolean_attribute("is_default_version")

    @property
    def create_date(self) -> str:
        """When the version was created (API: CreateDate). A token.

        AttributeError: the official provider knows only when the policy was created.
        """
        if self._is_whole_policy:
            raise AttributeError(
                "alicloud_ram_policy has no create_date of a version; AlipolicyProvider's resource has one"
            )
        return self.string_attribute("create_date")
