"""Snapshot tests as a user writes them, each in a pytest session of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from constructs_lib import cdktf
from constructs_lib.testing import find_destroyed, synth

pytest_plugins = ["pytester"]

USER_TEST = """
import pytest
from constructs_lib import AlicloudProvider, BackupPolicy, BackupPolicyRule, Schedule, cdktf
from constructs_lib.testing import TerraformSnapshot, synth

@pytest.fixture
def terraform(snapshot):
    return snapshot.use_extension(TerraformSnapshot)

def test_backups(terraform, tmp_path):
    stack = cdktf.TerraformStack(cdktf.App(outdir=str(tmp_path)), "backups")
    AlicloudProvider(stack, "provider")
    BackupPolicy(stack, "daily", policy_type="POLICY_TYPE", rules=[
        BackupPolicyRule.backup(schedule=Schedule.every("P1D", start=0), VAULT),
        BackupPolicyRule.transition(retention=30),
    ])
    assert synth(stack) == terraform
"""
# Hypothesis would be loaded anew in each session, which takes longer than the rest.
NOT_NEEDED = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
STANDARD = USER_TEST.replace("POLICY_TYPE", "STANDARD").replace("VAULT", 'vault_id="v-1"')
ECS = USER_TEST.replace("POLICY_TYPE", "UDM_ECS_ONLY").replace("VAULT", "vault_id=None")


@pytest.fixture
def user(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    pytester.makepyfile(test_stack=STANDARD)
    return pytester


def run(user: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return user.runpytest_inprocess(*NOT_NEEDED, *arguments)


def snapshot_of(user: pytest.Pytester) -> Path:
    return user.path / "__snapshots__" / "test_stack" / "test_backups.json"


def test_a_missing_snapshot_fails_and_is_not_written(user: pytest.Pytester) -> None:
    run(user).assert_outcomes(failed=1)
    assert not snapshot_of(user).exists()


def test_a_snapshot_is_one_readable_file(user: pytest.Pytester) -> None:
    run(user, "--snapshot-update").assert_outcomes(passed=1)
    text = snapshot_of(user).read_text()
    content = json.loads(text)
    assert text == json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert content["resource"]["alicloud_hbr_policy"]["daily"]["rules"][0]["schedule"] == "I|0|P1D"
    run(user).assert_outcomes(passed=1)


def test_ci_never_writes(user: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = run(user, "--snapshot-update")
    assert result.ret != 0
    assert not snapshot_of(user).exists()
    result.stdout.fnmatch_lines(["*snapshots are not written on CI*"])


def test_ci_deletes_no_unused_snapshot(user: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    run(user, "--snapshot-update")
    user.makepyfile(test_stack=STANDARD.replace("def test_backups", "def test_other"))
    monkeypatch.setenv("CI", "true")
    assert run(user, "--snapshot-update").ret != 0
    assert snapshot_of(user).exists()


def test_a_destructive_change_is_marked(user: pytest.Pytester) -> None:
    run(user, "--snapshot-update")
    user.makepyfile(test_stack=ECS)
    result = run(user)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*DESTRUCTIVE: alicloud_hbr_policy.daily: policy_type 'STANDARD' becomes 'UDM_ECS_ONLY': "
            "Terraform destroys it and creates a new one*"
        ]
    )


def test_a_harmless_change_is_not_marked(user: pytest.Pytester) -> None:
    run(user, "--snapshot-update")
    user.makepyfile(test_stack=STANDARD.replace("retention=30", "retention=31"))
    result = run(user)
    result.assert_outcomes(failed=1)
    assert "DESTRUCTIVE" not in result.stdout.str()


def hbr(**resources: Any) -> dict[str, Any]:
    return {"resource": {"alicloud_hbr_policy": resources}}


def test_a_resource_that_is_gone_is_destroyed() -> None:
    assert list(find_destroyed(hbr(daily={}), {})) == [
        "alicloud_hbr_policy.daily is gone: Terraform destroys it"
    ]


def test_a_new_resource_and_an_equal_one_destroy_nothing() -> None:
    assert (
        list(
            find_destroyed(
                hbr(daily={"policy_type": "STANDARD"}), hbr(daily={"policy_type": "STANDARD"}, new={})
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("resource_type", "attribute"),
    [
        ("alicloud_hbr_policy", "policy_type"),
        ("alicloud_ram_policy", "policy_name"),
        ("alipolicy_backup_policy", "policy_type"),
        ("alipolicy_policy_version", "policy_name"),
    ],
)
def test_what_forces_a_new_resource(resource_type: str, attribute: str) -> None:
    before, after = ({"resource": {resource_type: {"r": {attribute: value}}}} for value in ("a", "b"))
    (line,) = find_destroyed(before, after)
    assert line.startswith(f"{resource_type}.r: {attribute} 'a' becomes 'b'")


def test_fewer_copies_are_destroyed() -> None:
    (line,) = find_destroyed(hbr(r={"count": 3}), hbr(r={"count": 1}))
    assert line == "alicloud_hbr_policy.r: count 3 becomes 1: Terraform destroys the rest"
    assert list(find_destroyed(hbr(r={}), hbr(r={"count": 2}))) == []


def test_for_each_makes_others() -> None:
    (line,) = find_destroyed(hbr(r={}), hbr(r={"for_each": "${toset([])}"}))
    assert "for_each comes or goes" in line


def test_a_policy_type_that_the_service_chose_anyway_changes_nothing() -> None:
    standard = {"rules": [{"rule_type": "BACKUP", "vault_id": "v-1"}]}
    assert list(find_destroyed(hbr(r=standard), hbr(r={**standard, "policy_type": "STANDARD"}))) == []
    (line,) = find_destroyed(hbr(r=standard), hbr(r={**standard, "policy_type": "UDM_ECS_ONLY"}))
    assert "policy_type 'STANDARD' becomes 'UDM_ECS_ONLY'" in line


@pytest.mark.parametrize("damaged", ["", "[]", '{"resource": []}', "<<<<<<< ours"])
def test_a_damaged_snapshot_is_a_difference(user: pytest.Pytester, damaged: str) -> None:
    snapshot_of(user).parent.mkdir(parents=True)
    snapshot_of(user).write_text(damaged)
    result = run(user)
    result.assert_outcomes(failed=1)
    assert "AttributeError" not in result.stdout.str()


def test_a_snapshot_of_any_string_is_written_and_read_again(user: pytest.Pytester) -> None:
    content = {"\ud800": "half \udc80, \0, \u2028, \u202e, \r\n", "resource": {"t": {"n\ud800": {}}}}
    test = f"""
import json
import pytest
from constructs_lib.testing import TerraformSnapshot

def test_backups(snapshot):
    assert json.loads({json.dumps(json.dumps(content))}) == snapshot.use_extension(TerraformSnapshot)
"""
    user.makepyfile(test_stack=test)
    run(user, "--snapshot-update").assert_outcomes(passed=1)
    assert json.loads(snapshot_of(user).read_text("utf-8")) == content
    run(user).assert_outcomes(passed=1)
    user.makepyfile(test_stack=test.replace("resource", "data"))
    result = run(user)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*DESTRUCTIVE: t.n\\ud800 is gone: Terraform destroys it*"])


def test_a_moved_resource_is_not_destroyed(stack: cdktf.TerraformStack, app: cdktf.App) -> None:
    from constructs_lib import BackupPolicy, BackupPolicyRule, Schedule

    rules = [
        BackupPolicyRule.backup(schedule=Schedule.every("P1D", start=0), vault_id="v-1"),
        BackupPolicyRule.transition(retention=30),
    ]
    before = hbr(old={"rules": []})
    BackupPolicy(stack, "new", rules=rules).move_from_id("alicloud_hbr_policy.old")
    assert list(find_destroyed(before, synth(stack))) == []


def test_synth_takes_any_construct_of_the_stack(stack: cdktf.TerraformStack) -> None:
    output = cdktf.TerraformOutput(stack, "o", value="x")
    assert synth(output) == synth(stack)


def test_synth_leaves_out_what_changes_on_its_own(stack: cdktf.TerraformStack) -> None:
    text = json.dumps(synth(stack))
    assert not re.search(r'"//"|backend|tfstate|"metadata"', text)
    assert "required_providers" in text


def test_synth_keeps_a_remote_backend(stack: cdktf.TerraformStack) -> None:
    cdktf.OssBackend(stack, bucket="states", region="cn-hangzhou")
    assert synth(stack)["terraform"]["backend"] == {"oss": {"bucket": "states", "region": "cn-hangzhou"}}


def test_synth_runs_the_validations_of_cdktf(bare_stack: cdktf.TerraformStack) -> None:
    metadata = {"provider_name": "alicloud"}
    cdktf.TerraformResource(
        bare_stack, "r", terraform_resource_type="alicloud_x", terraform_generator_metadata=metadata
    )
    with pytest.raises(RuntimeError, match="Found resources without a matching provider construct"):
        synth(bare_stack)
