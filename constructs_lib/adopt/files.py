"""What files tell of: a state, a plan, or documents. Nothing is executed, and no secret is passed on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from constructs_lib.adopt.estate import (
    AdoptError,
    AdoptFinding,
    Estate,
    EstateKind,
    EstateObject,
    Reference,
    principal_of,
)
from constructs_lib.provider.backup_policy import BackupPolicyResource
from constructs_lib.provider.backup_policy_binding import BackupPolicyBindingResource
from constructs_lib.provider.backup_vault import BackupVaultResource
from constructs_lib.provider.cloud import CUSTOM
from constructs_lib.provider.policy import PolicyResource
from constructs_lib.provider.policy_attachment import PolicyAttachmentResource
from constructs_lib.provider.protocol.context import Context, Stopping
from constructs_lib.provider.protocol.resource import MoveSource, Resource
from constructs_lib.review.loading import plan
from constructs_lib.review.loading.json_text import InputError, JsonText
from constructs_lib.review.loading.plan_references import without_instances
from constructs_lib.review.loading.resource import LoadedResource, OtherResource, Side
from constructs_lib.review.loading.state import read_state
from constructs_lib.tokens import Deferred, Sensitive

_HCL = (
    "Terraform's own language is not read here: run `terraform plan -out PLAN`, and give what "
    "`terraform show -json PLAN` prints."
)
_FORMS = (
    "Give what `terraform show -json` prints of a state or a plan, or policy documents: one, an object of "
    'them by the names of their policies, or a list of {"PolicyName": …, "PolicyDocument": …}.'
)
_OFFICIAL = "registry.terraform.io/aliyun/alicloud"
# By the type of Terraform's resource: what it is, and who knows how ours has the same.
_TYPES: Mapping[str, tuple[EstateKind, Resource | None]] = {
    "alipolicy_backup_vault": (EstateKind.VAULT, None),
    "alicloud_hbr_vault": (EstateKind.VAULT, BackupVaultResource()),
    "alicloud_hbr_replication_vault": (EstateKind.VAULT, BackupVaultResource()),
    "alipolicy_backup_policy": (EstateKind.BACKUP_POLICY, None),
    "alicloud_hbr_policy": (EstateKind.BACKUP_POLICY, BackupPolicyResource()),
    "alipolicy_backup_policy_binding": (EstateKind.BINDING, None),
    "alicloud_hbr_policy_binding": (EstateKind.BINDING, BackupPolicyBindingResource()),
    "alipolicy_policy": (EstateKind.POLICY, None),
    "alicloud_ram_policy": (EstateKind.POLICY, PolicyResource()),
    "alipolicy_policy_version": (EstateKind.VERSION, None),
    "alipolicy_policy_attachment": (EstateKind.ATTACHMENT, None),
    **{
        f"alicloud_ram_{principal}_policy_attachment": (EstateKind.ATTACHMENT, PolicyAttachmentResource())
        for principal in ("user", "group", "role")
    },
}


def read_file(path: Path) -> Estate:
    """What a file tells of. AdoptError: it is none that can be read."""
    name = path.as_posix().encode("utf-8", "backslashreplace").decode()
    if path.suffix in (".tf", ".tofu"):
        raise AdoptError(f"{name}: this is HCL. {_HCL}")
    if path.is_dir():
        raise AdoptError(f"{name}: this is a folder. {_FORMS}")
    try:
        text = JsonText.read(path, name)
        if text.data.lstrip()[:1] == b"[":
            return _read_documents(name, path.stem, json.loads(text.data))
        content = text.parse()
        if plan.is_plan(content):
            return _of_side(plan.read_plan(name, text, content).new, json.loads(text.data))
        if plan.is_state(content):
            return _of_side(read_state(name, text, content), {})
        return _read_documents(name, path.stem, content)
    except InputError as error:
        raise AdoptError(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise AdoptError(f"{name}: it cannot be read: {error}. {_FORMS}") from None


# ------------------------------------------------------------ states and plans


def _of_side(side: Side, content: Mapping[str, Any]) -> Estate:
    found: list[EstateObject] = []
    findings: list[AdoptFinding] = []
    references = _References(content)
    resources: list[LoadedResource | OtherResource] = [*side.resources, *side.others]
    for resource in resources:
        type_name = resource.type.name if isinstance(resource, LoadedResource) else resource.type_name
        if type_name not in _TYPES:
            findings.append(AdoptFinding("AD301", resource.address, f"there is no construct for {type_name}"))
            continue
        kind, official = _TYPES[type_name]
        try:
            found.append(_object(resource, kind, _state(resource, type_name, official), references))
        except (LookupError, TypeError, ValueError):
            reason = f"its attributes are none that {type_name} has, or too little of it is known"
            findings.append(AdoptFinding("AD301", resource.address, reason))
    return Estate.of(_without_doubles(found), findings=findings)


def _state(
    resource: LoadedResource | OtherResource, type_name: str, official: Resource | None
) -> dict[str, Any]:
    """The attributes as our provider has them."""
    given = dict(resource.attributes)
    if official is None:
        return given
    source = MoveSource(_OFFICIAL, type_name, 0, {"id": None, "name": None, **given})
    moved = official.move(Context(Stopping()), source)
    assert moved is not None
    rotates = given.get("rotate_strategy")
    return {**moved, "rotate_strategy": rotates} if rotates not in (None, "", "None") else moved


def _object(
    resource: LoadedResource | OtherResource, kind: EstateKind, state: dict[str, Any], references: _References
) -> EstateObject:
    linked = references.linked(resource.address, state)
    id_ = state.get("id")
    if kind is EstateKind.ATTACHMENT and not isinstance(id_, Deferred):
        principal, name = principal_of(state)
        id_ = ":".join((principal, name, str(state.get("policy_type") or CUSTOM), str(state["policy_name"])))
    is_known = isinstance(id_, str) and not isinstance(id_, Deferred)
    return EstateObject(kind=kind, id=str(id_) if is_known else "", state=linked, address=resource.address)


def _without_doubles(found: Iterable[EstateObject]) -> Iterator[EstateObject]:
    """Each object once: two resources may speak of the same."""
    seen = set()
    for each in found:
        if each.key not in seen:
            seen.add(each.key)
            yield each


class _References:
    """Which resource of a plan an attribute refers to that is known later, by the plan's configuration."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        configuration = content.get("configuration")
        module = configuration.get("root_module") if isinstance(configuration, dict) else None
        listed = module.get("resources") if isinstance(module, dict) else None
        self._expressions = {
            str(each.get("address")): each.get("expressions")
            for each in (listed if isinstance(listed, list) else ())
            if isinstance(each, dict)
        }

    def linked(self, address: str, state: Mapping[str, Any]) -> dict[str, Any]:
        """The state with a `Reference` for each attribute that is another resource's id, and nothing else;
        without what the configuration leaves to the service."""
        expressions = self._expressions.get(without_instances(address))
        if expressions is None:
            return dict(state)
        return {name: self._link(value, _member(expressions, name)) for name, value in state.items()}

    def _link(self, value: Any, expression: Any) -> Any:
        if isinstance(value, list):
            inner = expression if isinstance(expression, list) else []
            beside = [*inner, *[None] * len(value)]
            return [self._link(item, given) for item, given in zip(value, beside, strict=False)]
        if isinstance(value, dict):
            return {name: self._link(item, _member(expression, name)) for name, item in value.items()}
        if not isinstance(value, Deferred) or isinstance(value, Sensitive):
            return value
        if expression is None:
            return None
        named = _member(expression, "references")
        addresses = {str(name) for name in (named if isinstance(named, list) else ())}
        targets = {name.removesuffix(".id") for name in addresses if name.endswith(".id")}
        is_plain = len(targets) == 1 and addresses <= {*targets, *(f"{name}.id" for name in targets)}
        return Reference(targets.pop()) if is_plain else value


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


# ------------------------------------------------------------ documents


def _read_documents(name: str, stem: str, content: Any) -> Estate:
    """Policies by their documents; whether they exist is not known, so that nothing is imported."""
    if isinstance(content, dict) and "Statement" in content:
        named = [(stem, content)]
    elif isinstance(content, dict):
        named = list(content.items())
    else:
        named = [
            (_member(each, "PolicyName") or _member(each, "policy_name"), _document_in(each))
            for each in content
        ]
    found = []
    for policy_name, document in named:
        if not isinstance(policy_name, str) or not isinstance(document, (dict, str)):
            raise AdoptError(f"{name}: {json.dumps(policy_name)} names no policy document. {_FORMS}")
        text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
        state = {"policy_name": policy_name, "policy_document": text}
        found.append(
            EstateObject(kind=EstateKind.POLICY, id="", state=state, address=f"{name}: {policy_name}")
        )
    return Estate.of(_without_doubles(found))


def _document_in(given: Any) -> Any:
    return _member(given, "PolicyDocument") or _member(given, "policy_document")
