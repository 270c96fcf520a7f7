"""The RAM permissions of the provider: those of what it calls, and no others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from constructs_lib import provider
from constructs_lib.localcloud import LocalCloud
from constructs_lib.localcloud.hbr import HBR
from constructs_lib.localcloud.ram import RAM
from constructs_lib.localcloud.sts import STS
from constructs_lib.provider.pending_creates.journal import Journal
from constructs_lib.provider.permissions import NEEDS_NONE, permission_to_assume, permissions
from constructs_lib.ram.access import must_allow, must_not_allow
from constructs_lib.ram.checks import check_policy_version
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.policy_version import PolicyVersionProps, RotateStrategy
from tests.provider.conftest import Core, Elsewhere, Managed, arguments

ACCOUNT = "1234567890123456"
BACKUP = {
    "rule_type": "BACKUP",
    "backup_type": "COMPLETE",
    "schedule": "I|1648647166|P1D",
}
TRANSITION = {"rule_type": "TRANSITION", "retention": 30}


def actions(*documents: PolicyDocument) -> set[str]:
    return {
        action
        for each in documents
        for statement in each.to_dict()["Statement"]
        for action in statement["Action"]
    }


def document(action: str) -> str:
    return f'{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}'


def test_they_are_those_of_all_that_the_provider_calls(
    cloud: LocalCloud, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere.create_policy("readers", document("oss:Get*"))
    cloud.forget_requests()
    cloud.add_principal("Role", "deployer")
    role = f"acs:ram::{cloud.account_id}:role/deployer"
    journal = Journal.from_environment({"TF_DATA_DIR": str(tmp_path)})
    core = Core(journal, **arguments(cloud), assume_role=[{"role_arn": role}])

    policy = Managed(core, "alipolicy_backup_policy")
    policy.apply({"policy_name": "daily", "rules": [BACKUP, TRANSITION]})
    policy.apply({"policy_name": "nightly", "rules": [BACKUP, TRANSITION]})
    core.data("alipolicy_backup_policies", policy_name="nightly")
    assert policy.state
    policy.import_(policy.state["id"])
    policy.destroy()

    version = Managed(core, "alipolicy_policy_version")
    given = {"policy_name": "readers", "policy_document": document("oss:List*")}
    version.apply(given)
    version.apply({**given, "set_as_default": True})
    version.apply({**given, "set_as_default": False})
    version.apply({**given, "policy_document": document("oss:Head*"), "set_as_default": True})
    core.data("alipolicy_policy_versions", policy_name="readers")
    Managed(core, version.type_name).import_("readers:v3")
    version.destroy()

    made = Managed(core, "alipolicy_policy")
    own: dict[str, Any] = {"policy_name": "writers", "policy_document": document("oss:Put*")}
    made.apply({**own, "tags": {"team": "web"}})
    made.apply({**own, "description": "writes", "tags": {"team": "app", "cost": "1"}})
    made.apply({**own, "description": "writes", "tags": {"cost": "1"}})
    for kind in ("user", "group", "role"):
        cloud.add_principal(kind.capitalize(), "app")
        attachment = Managed(core, "alipolicy_policy_attachment")
        attachment.apply({"policy_name": "writers", f"{kind}_name": "app"})
        attachment.refresh()
        attachment.destroy()
    made.refresh()
    core.data("alipolicy_policies", policy_type="Custom")
    core.data("alipolicy_policy_attachments", policy_name="writers")
    made.destroy()

    assert core.errors == []
    manage_a_vault_and_a_binding(cloud, role)
    called = {f"{request.service.lower()}:{request.operation}" for request in cloud.requests()}
    assert called == actions(permissions(), permission_to_assume(role)) | set(NEEDS_NONE)


def manage_a_vault_and_a_binding(cloud: LocalCloud, role: str) -> None:
    regions = ("cn-hangzhou", "cn-shanghai")
    here, there = (
        Core(**arguments(cloud) | {"region": region}, assume_role=[{"role_arn": role}]) for region in regions
    )
    vault, mirror = Managed(here, "alipolicy_backup_vault"), Managed(there, "alipolicy_backup_vault")
    vault.apply({"vault_name": "gold", "tags": {"a": "1"}})
    vault.apply({"vault_name": "silver"})
    source = {"replication_source_region_id": "cn-hangzhou", "replication_source_vault_id": vault.id}
    mirror.apply({"vault_name": "mirror", **source})
    mirror.destroy()
    vault.destroy()
    policy = Managed(here, "alipolicy_backup_policy")
    policy.apply({"policy_name": "daily", "policy_type": "STANDARD", "rules": [BACKUP, TRANSITION]})
    binding = Managed(here, "alipolicy_backup_policy_binding")
    source = {"policy_id": policy.id, "source_type": "OSS", "data_source_id": "logs"}
    binding.apply(source)
    binding.apply({**source, "disabled": True})
    binding.destroy()
    assert here.errors == there.errors == []


def test_no_other_operation_is_named_anywhere_in_the_provider() -> None:
    known = {operation for service in (HBR, RAM, STS) for operation in service.operations}
    granted = actions(permissions(), permission_to_assume(f"acs:ram::{ACCOUNT}:role/x"))
    needed = {action.partition(":")[2] for action in granted | set(NEEDS_NONE)}
    assert known.intersection(texts_of_the_provider()) == needed


def texts_of_the_provider() -> Iterator[str]:
    for file in Path(provider.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


# ------------------------------------------------------------ how little they allow


def on(action: str, resource: str) -> PolicyDocument:
    return PolicyDocument([PolicyStatement(effect="Allow", actions=action, resources=resource)])


def of_policy(name: str, account: str = ACCOUNT) -> str:
    return f"acs:ram::{account}:policy/{name}"


@pytest.mark.parametrize(
    "action",
    ["CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "GetPolicyVersion"],
)
def test_versions_of_named_policies_only(action: str) -> None:
    given = permissions(policy_names=["readers", "app-*"], account_id=ACCOUNT)
    for mine in ("readers", "app-web"):
        assert must_allow(given, on(f"ram:{action}", of_policy(mine))).holds
    for other in (of_policy("administrators"), of_policy("readers", "999")):
        assert must_not_allow(given, on(f"ram:{action}", other)).holds


def test_a_policy_is_attached_to_those_who_are_named_only() -> None:
    given = permissions(
        policy_names=["readers"],
        principals=["role/app-*"],
        system_policies=["AliyunOSSReadOnlyAccess"],
        account_id=ACCOUNT,
    )
    role = f"acs:ram::{ACCOUNT}:role"
    system = "acs:ram::system:policy"
    for mine in (of_policy("readers"), f"{role}/app-web", f"{system}/AliyunOSSReadOnlyAccess"):
        assert must_allow(given, on("ram:AttachPolicyToRole", mine)).holds
    for other in (of_policy("administrators"), f"{role}/admin", f"{system}/AdministratorAccess"):
        assert must_not_allow(given, on("ram:AttachPolicyToRole", other)).holds


def test_system_policies_are_only_read() -> None:
    given, system = permissions(policy_names=["readers"]), "acs:ram::system:policy/AdministratorAccess"
    assert must_allow(given, on("ram:GetPolicyVersion", system)).holds
    assert must_not_allow(given, on("ram:SetDefaultPolicyVersion", system)).holds


def test_without_policies_there_is_nothing_of_ram_and_without_backups_nothing_of_hbr() -> None:
    assert {action.split(":")[0] for action in actions(permissions(policy_names=[]))} == {"hbr"}
    assert {action.split(":")[0] for action in actions(permissions(backup_policies=False))} == {"ram"}


def test_only_this_role_is_assumed() -> None:
    given = permission_to_assume(f"acs:ram::{ACCOUNT}:role/deployer")
    assert must_allow(given, on("sts:AssumeRole", f"acs:ram::{ACCOUNT}:role/deployer")).holds
    assert must_not_allow(given, on("sts:AssumeRole", f"acs:ram::{ACCOUNT}:role/admin")).holds


def test_the_documents_pass_all_checks() -> None:
    for given in (permissions(), permission_to_assume(f"acs:ram::{ACCOUNT}:role/deployer")):
        props = PolicyVersionProps(
            policy_name="terraform",
            policy_document=given,
            rotate_strategy=RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED,
        )
        assert check_policy_version(props) == []


def test_one_name_may_stand_alone() -> None:
    assert permissions(policy_names="readers") == permissions(policy_names=["readers"])


@pytest.mark.parametrize(
    ("names", "account"), [([""], "*"), (["a/b"], "*"), (["a b"], "*"), (["a"], ""), (["a"], "my-account")]
)
def test_a_malformed_name_or_account_is_refused(names: list[str], account: str) -> None:
    with pytest.raises(ValueError, match="neither a name of a policy nor a principal"):
        permissions(policy_names=names, account_id=account)


def test_a_document_without_statements_is_none() -> None:
    with pytest.raises(ValueError, match="nothing is managed"):
        permissions(policy_names=[], backup_policies=False)


@pytest.mark.parametrize("role", ["deployer", "acs:ram::1:user/x", "acs:ram::1:role/", "acs:ram:::role/x"])
def test_what_is_no_role_is_refused(role: str) -> None:
    with pytest.raises(ValueError, match="write acs:ram::<account>:role/<name>"):
        permission_to_assume(role)


@pytest.mark.parametrize("character", ["\ud800", "\0", "\u2028", "\u202e"])
def test_no_character_is_a_crash(character: str) -> None:
    name = f"a{character}"
    with pytest.raises(ValueError, match="neither a name"):
        permissions(policy_names=[name])
    with pytest.raises(ValueError, match="neither a name"):
        permissions(account_id=name)
    with pytest.raises(ValueError, match="is not a role"):
        permission_to_assume(f"acs:ram::{ACCOUNT}:role/{name}")
