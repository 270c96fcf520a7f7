"""The attributes of what was found, as the props of its construct, and what the checks say of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from constructs_lib.adopt.estate import EstateKind, EstateObject
from constructs_lib.backup.binding import BINDING_BLOCKS, BackupPolicyBindingProps
from constructs_lib.backup.binding_checks import CHECKS as BINDING_CHECKS
from constructs_lib.backup.binding_checks import check_binding
from constructs_lib.backup.binding_types import BINDING_TYPES
from constructs_lib.backup.checks import CHECKS, check_backup_policy
from constructs_lib.backup.policy import BLOCKS, BackupPolicyProps
from constructs_lib.backup.resource_types import RESOURCE_TYPES
from constructs_lib.backup.vault import BackupVaultProps
from constructs_lib.backup.vault_checks import CHECKS as VAULT_CHECKS
from constructs_lib.backup.vault_checks import check_backup_vault
from constructs_lib.backup.vault_types import VAULT_TYPES
from constructs_lib.findings import Finding
from constructs_lib.provider.backup_policy import SCHEMA as BACKUP_POLICY
from constructs_lib.provider.backup_policy_binding import SCHEMA as BINDING
from constructs_lib.provider.backup_vault import SCHEMA as VAULT
from constructs_lib.provider.operations import props_of
from constructs_lib.provider.policy import SCHEMA as POLICY
from constructs_lib.provider.policy_attachment import SCHEMA as ATTACHMENT
from constructs_lib.provider.policy_version import SCHEMA as VERSION
from constructs_lib.provider.protocol.schema import Attribute, SchemaBody
from constructs_lib.ram.checks import check_policy_version
from constructs_lib.ram.policy import PolicyAttachmentProps, PolicyProps
from constructs_lib.ram.policy_checks import check_policy, check_policy_attachment
from constructs_lib.ram.policy_version import PolicyVersionProps, PolicyVersionView
from constructs_lib.ram.resource_types import RESOURCE_TYPES as VERSION_TYPES
from constructs_lib.tokens import Deferred

BODIES: Mapping[EstateKind, SchemaBody] = {
    EstateKind.VAULT: VAULT.body,
    EstateKind.BACKUP_POLICY: BACKUP_POLICY.body,
    EstateKind.BINDING: BINDING.body,
    EstateKind.POLICY: POLICY.body,
    EstateKind.VERSION: VERSION.body,
    EstateKind.ATTACHMENT: ATTACHMENT.body,
}
"""What each kind has, by the schema of our provider's resource."""

_PROPS: Mapping[EstateKind, tuple[type, Mapping[str, type]]] = {
    EstateKind.VAULT: (BackupVaultProps, {}),
    EstateKind.BACKUP_POLICY: (BackupPolicyProps, BLOCKS),
    EstateKind.BINDING: (BackupPolicyBindingProps, BINDING_BLOCKS),
    EstateKind.POLICY: (PolicyProps, {}),
    EstateKind.VERSION: (PolicyVersionProps, {}),
    EstateKind.ATTACHMENT: (PolicyAttachmentProps, {}),
}
# Options of `app_consistent`, which the service fills in without it, too.
_FILLED_IN = ("enable_fs_freeze", "enable_writers", "timeout_in_seconds")
_NOTHING: tuple[Any, ...] = (None, "", [], {})


def written(body: SchemaBody, state: Mapping[str, Any]) -> dict[str, Any]:
    """What of a state a configuration says: not what the service chooses, nor what is meant anyway."""
    given = {}
    for name, node in body.items():
        value = state.get(name)
        if isinstance(node, Attribute):
            is_input = node.required or node.optional
            is_default = not node.required and value == node.default
            if is_input and not is_default and value not in _NOTHING:
                given[name] = value
        elif isinstance(value, list) and value:
            given[name] = [written(node.body, each) if isinstance(each, dict) else each for each in value]
        elif isinstance(value, Deferred):
            given[name] = value
    return given


def written_of(found: EstateObject) -> dict[str, Any]:
    """What a configuration says of an object."""
    given = written(BODIES[found.kind], found.state)
    if found.kind is EstateKind.VAULT and "replication_source_vault_id" not in given:
        given.pop("redundancy_type", None)  # the service chooses it, and takes none
    if found.kind is EstateKind.BINDING:
        for detail in _details_of_instances(given):
            for name in () if detail.get("app_consistent") else _FILLED_IN:
                detail.pop(name, None)
    return given


def _details_of_instances(binding: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for options in binding.get("advanced_options", ()):
        listed = options.get("udm_detail", ()) if isinstance(options, dict) else ()
        yield from (detail for detail in listed if isinstance(detail, dict))


def props_of_object(found: EstateObject) -> Any:
    """The props of the construct that stands for an object."""
    kind, elements = _PROPS[found.kind]
    return props_of(kind, written_of(found), elements)


@frozen
class Deployment:
    """What the checks need to know of a stack: its `target`, `alipolicy` or `alicloud`, and its `region`."""

    target: str
    region: str = ""

    def check(self, found: EstateObject, props: Any, policy_type: str | None = None) -> list[Finding]:
        """All findings that the construct would report. `policy_type`: of a binding's backup policy."""
        region, target = self.region or None, self.target
        match found.kind:
            case EstateKind.VAULT:
                return check_backup_vault(props, VAULT_CHECKS + VAULT_TYPES[target].checks, region)
            case EstateKind.BACKUP_POLICY:
                return check_backup_policy(props, CHECKS + RESOURCE_TYPES[target].checks, region)
            case EstateKind.BINDING:
                return check_binding(props, BINDING_CHECKS + BINDING_TYPES[target].checks, policy_type)
            case EstateKind.POLICY:
                view = PolicyVersionView.from_props(props.version)
                own = VERSION_TYPES[target].checks if target == "alicloud" else ()
                return [*check_policy(props), *(finding for each in own for finding in each(view))]
            case EstateKind.VERSION:
                staged = evolve(props, set_as_default=bool(props.set_as_default))
                return check_policy_version(staged, VERSION_TYPES[target].checks)
            case EstateKind.ATTACHMENT:
                return check_policy_attachment(props)


def deferred_in(value: object, path: str = "") -> Iterator[tuple[str, Deferred]]:
    """What is not known, and where it stands."""
    if isinstance(value, Deferred):
        yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from deferred_in(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from deferred_in(item, f"{path}[{index}]")
