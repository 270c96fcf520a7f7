"""An account is read by calls that change nothing, and what comes of it is what an import would read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from constructs_lib.adopt.account import read_account
from constructs_lib.adopt.command import adopt
from constructs_lib.adopt.estate import EstateKind
from constructs_lib.localcloud import LocalCloud, sandbox
from constructs_lib.localcloud.administration import Account
from constructs_lib.provider import bindings, ram_policies
from constructs_lib.provider.api_models import RemoteBinding
from constructs_lib.provider.bindings import BindingKey
from constructs_lib.provider.cloud import Cloud
from constructs_lib.provider.permissions import permissions_to_read
from tests.adopt.estates import EstateMaker, fill
from tests.adopt.written import adopt_into, found_in, spelled, synthesise

EVERY_KIND = frozenset(EstateKind)
DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Get*","Resource":"*"}]}'


def silent(what: str, done: int, total: int) -> None:
    assert done <= total


def test_all_of_it_by_what_the_permissions_allow(cloud: LocalCloud, account: Cloud, tmp_path: Path) -> None:
    objects = EstateMaker(5).objects(8)
    fill(cloud, account, objects)
    ram_policies.attach(
        account,
        ram_policies.Attachment(
            "System", "AliyunOSSReadOnlyAccess", ram_policies.Principal("role", _role(cloud, "auditor"))
        ),
    )
    cloud.forget_requests()
    estate = read_account(account, EVERY_KIND, silent, with_versions=True)
    called = {f"{each.service.lower()}:{each.operation}" for each in cloud.requests()}
    allowed = {action for each in permissions_to_read().statements for action in _listed(each.actions)}
    assert called == allowed - {"ram:ListTagResources"} | {"sts:GetCallerIdentity"}
    assert estate.account == cloud.account_id
    assert len(estate.objects) == len(objects) + 1
    names = sorted((each.kind, each.name) for each in estate.objects)
    assert (EstateKind.ATTACHMENT, "AliyunOSSReadOnlyAccess auditor") in names
    adopt_into(tmp_path / "app", estate.objects)
    read = {each.key: spelled(each.kind, each.state) for each in estate.objects}
    assert found_in(synthesise(tmp_path / "app")) == read


def _role(cloud: LocalCloud, name: str) -> str:
    cloud.add_principal("Role", name)
    return name


def _listed(actions: object) -> tuple[str, ...]:
    assert isinstance(actions, tuple)
    return actions


def test_what_a_rule_binds_is_told_and_left_to_the_rule(
    cloud: LocalCloud, account: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagged = RemoteBinding(
        **dict.fromkeys(("source", "include", "exclude", "speed_limit", "policy_binding_description"), ""),
        policy_id="po-1",
        source_type="OSS",
        data_source_id="logs",
        disabled=False,
        cross_account_type="",
        cross_account_user_id=0,
        cross_account_role_name="",
        created_by_tag=True,
        created_time=0,
        advanced_options={},
    )
    monkeypatch.setattr(bindings, "bindings", lambda cloud: [tagged])
    estate = read_account(account, frozenset({EstateKind.BINDING}), silent)
    assert estate.objects == ()
    assert str(estate.findings[0]).startswith('AD302 binding "OSS logs" (po-1:OSS:logs): a TAG rule')


# ------------------------------------------------------------ the command


def invoke(
    folder: Path,
    *arguments: str,
    monkeypatch: pytest.MonkeyPatch,
    cloud: LocalCloud,
    account: Account | None = None,
) -> Result:
    for name, value in sandbox.variables(cloud).items():
        monkeypatch.setenv(name, value)
    if account is not None:
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", account.access_key)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", account.secret_key)
    monkeypatch.chdir(folder)
    return CliRunner().invoke(adopt, arguments)


def test_the_command_adopts_and_adds(
    cloud: LocalCloud, account: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.add_policy("readers", DOCUMENT)
    done = invoke(tmp_path, monkeypatch=monkeypatch, cloud=cloud)
    assert (done.exit_code, done.stdout) == (0, "adopted: 1 policy. Next: cd adopted && alipolicy synth\n")
    cloud.add_policy("writers", DOCUMENT)
    done = invoke(tmp_path, "--select", "name=read*", monkeypatch=monkeypatch, cloud=cloud)
    assert (done.exit_code, done.stdout) == (0, "adopted: nothing new.\n")
    bindings.create_binding(account, BindingKey(_backup_policy(account), "OSS", "logs"), {})
    done = invoke(tmp_path, monkeypatch=monkeypatch, cloud=cloud)
    assert "adopted: 1 backup policy, 1 binding, 1 policy. " in done.stdout


def test_where_nothing_fits_no_app_is_written(
    cloud: LocalCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = invoke(tmp_path, monkeypatch=monkeypatch, cloud=cloud)
    assert done.stderr.endswith("Error: nothing was found, and no app written.\n")
    cloud.add_policy("readers", DOCUMENT)
    done = invoke(tmp_path, "--select", "name=raeders", monkeypatch=monkeypatch, cloud=cloud)
    assert done.exit_code == 2
    assert done.stderr.endswith("Error: nothing was found that fits --select, and no app written.\n")
    assert list(tmp_path.iterdir()) == []


def test_the_command_takes_no_second_account(
    cloud: LocalCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.add_policy("readers", DOCUMENT)
    assert invoke(tmp_path, monkeypatch=monkeypatch, cloud=cloud).exit_code == 0
    other = cloud.add_account()
    done = invoke(tmp_path, monkeypatch=monkeypatch, cloud=cloud, account=other)
    said = (
        f"adopted is for account {cloud.account_id}, and this is {other.account_id}: give another --output."
    )
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, f"Error: {said}")


def _backup_policy(account: Cloud) -> str:
    rules = [
        {
            "RuleType": "BACKUP",
            "Schedule": "I|0|P1D",
            "BackupType": "COMPLETE",
            "VaultId": "v-1",
            "Retention": 7,
        }
    ]
    return account.create_backup_policy("nightly", policy_type="STANDARD", rules=rules).value


def test_without_keys_nothing_is_written(
    cloud: LocalCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(adopt, [])
    assert done.exit_code == 2
    assert "Error: the account cannot be read. access_key: not found" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("operation", ["DescribeVaults", "GetPolicy", "ListEntitiesForPolicy"])
def test_where_the_account_refuses_nothing_is_written(
    operation: str, cloud: LocalCloud, account: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cloud, account, EstateMaker(5).objects(8))
    cloud.set_faults([{"operation": operation, "kind": "error", "code": "NoPermission", "status": 403}])
    done = invoke(tmp_path, monkeypatch=monkeypatch, cloud=cloud)
    assert done.exit_code == 2
    assert "Error: the account cannot be read." in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_nothing(
    cloud: LocalCloud, account: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    cloud.add_policy("readers", DOCUMENT)
    monkeypatch.setattr(ram_policies, "find_policy", interrupt)
    done = invoke(tmp_path, monkeypatch=monkeypatch, cloud=cloud)
    assert done.exit_code == 130
    assert "Interrupted: nothing was written." in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_permissions_are_printed_without_an_account() -> None:
    done = CliRunner().invoke(adopt, ["--permissions"])
    statements = json.loads(done.stdout)["Statement"]
    verbs = {action.partition(":")[2] for each in statements for action in each["Action"]}
    assert all(verb.startswith(("Describe", "List", "Get")) for verb in verbs)
