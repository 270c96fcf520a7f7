"""`BackupPolicyBinding` and `BackupPolicy.bind`, with either provider."""

from __future__ import annotations

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from constructs_lib import (
    BackupPolicy,
    BackupPolicyBinding,
    BackupPolicyRule,
    CommonFileSystemDetail,
    CommonNasDetail,
    CpfsFileSystem,
    EcsFiles,
    EcsInstance,
    FileDetail,
    InvalidPropsError,
    LocalNas,
    NasFileSystem,
    OssBucket,
    OssDetail,
    Schedule,
    ServerFiles,
    TablestoreInstance,
    UdmDetail,
)
from constructs_lib.testing import synth
from tests.cdk.elements import Stack, terraform, variable

DAILY = Schedule.every("P1D", start=1648647166)
ACCOUNT: dict[str, Any] = {
    "cross_account_type": "CROSS_ACCOUNT",
    "cross_account_user_id": 1589753000000001,
    "cross_account_role_name": "hbrcrossrole",
}


def standard(stack: Stack, id_: str = "nightly") -> BackupPolicy:
    return BackupPolicy.tiered(stack, id_, schedule=DAILY, retention=7, vault_id="v-1")


def of_instances(stack: Stack) -> BackupPolicy:
    return BackupPolicy.tiered(stack, "servers", schedule=DAILY, retention=7)


def test_every_source_that_both_providers_have(stack: Stack, terraform: SnapshotAssertion) -> None:
    policy = standard(stack)
    policy.bind(
        OssBucket("logs", "2026/", options=OssDetail(inventory_id="weekly", ignore_archive_object=True)),
        disabled=True,
        policy_binding_description="logs",
        **ACCOUNT,
    )
    policy.bind(NasFileSystem("0a1b", "/", include=["*.sh"], exclude=["*.tmp"]))
    policy.bind(EcsFiles("i-1", ["/etc"], speed_limit="8:20:4096"))
    policy.bind(ServerFiles("c-1"))
    policy.bind(TablestoreInstance("orders", ["lines"]))
    of_instances(stack).bind(EcsInstance("i-1", options=UdmDetail(exclude_disk_id_list=["d-1"])))
    assert synth(stack) == terraform


def test_every_field_for_our_provider(own_stack: Stack, terraform: SnapshotAssertion) -> None:
    policy = standard(own_stack)
    policy.bind(EcsFiles("i-1", options=FileDetail(adv_policy=True, use_vss=True)))
    slices: dict[str, Any] = {"fetch_slice_size": 1000, "full_on_increment_fail": True}
    policy.bind(LocalNas("nas", "/", options=CommonNasDetail(cluster_id="cl-1", **slices)))
    policy.bind(CpfsFileSystem("cpfs", ["/"], options=CommonFileSystemDetail(**slices)))
    detail = UdmDetail(
        disk_id_list=["d-1"],
        snapshot_group=True,
        app_consistent=True,
        enable_fs_freeze=True,
        enable_writers=False,
        timeout_in_seconds=45,
        pre_script_path="/pre.sh",
        post_script_path="/post.sh",
        ram_role_name="snapshots",
        destination_kms_key_id="key",
    )
    of_instances(own_stack).bind(EcsInstance("i-1", options=detail))
    assert synth(own_stack) == terraform


def test_the_id_comes_from_the_source_and_the_binding_stands_beside_its_policy(own_stack: Stack) -> None:
    policy = standard(own_stack)
    binding = policy.bind(OssBucket("logs"))
    assert (binding.node.id, binding.node.scope) == ("nightly-OSS-logs", own_stack)
    with pytest.raises(ValueError, match="nightly-OSS-logs"):
        policy.bind(OssBucket("logs"))
    assert policy.bind(OssBucket("logs"), "again").node.id == "again"


def test_of_a_token_no_id_can_be_made(own_stack: Stack) -> None:
    policy, name = standard(own_stack), variable(own_stack).string_value
    with pytest.raises(ValueError, match="write id_=…"):
        policy.bind(OssBucket(name))
    policy.bind(OssBucket(name), "logs")
    written: Any = synth(own_stack)
    assert written["resource"]["alipolicy_backup_policy_binding"]["logs"]["data_source_id"] == "${var.v}"


def test_a_source_has_to_fit_the_type_of_the_policy(own_stack: Stack) -> None:
    for policy, source in (
        (standard(own_stack), EcsInstance("i-1")),
        (of_instances(own_stack), OssBucket("logs")),
    ):
        with pytest.raises(InvalidPropsError, match="BB202 source_type"):
            policy.bind(source)
        policy.bind(source, acknowledge={"BB202": "the console takes it"})


def test_the_policy_may_be_of_elsewhere(own_stack: Stack) -> None:
    BackupPolicyBinding(own_stack, "b", policy_id="po-1", source=EcsInstance("i-1"))
    with pytest.raises(InvalidPropsError, match="BB202"):
        BackupPolicyBinding(
            own_stack, "c", policy_id="po-1", policy_type="STANDARD", source=EcsInstance("i-1")
        )


@pytest.mark.parametrize(
    "source",
    [LocalNas("n", "/"), CpfsFileSystem("n", ["/"]), EcsFiles("i-1", options=FileDetail(use_vss=True))],
)
def test_what_the_official_provider_lacks_is_an_error_that_names_ours(stack: Stack, source: Any) -> None:
    with pytest.raises(InvalidPropsError, match="AlipolicyProvider") as error:
        standard(stack).bind(source)
    assert {finding.code for finding in error.value.findings} == {"BB401"}


@pytest.mark.parametrize("source", ["logs", None, {"bucket": "logs"}])
def test_what_is_no_source_is_a_type_error(own_stack: Stack, source: Any) -> None:
    with pytest.raises(TypeError, match=r"write one such as OssBucket"):
        standard(own_stack).bind(source)


def test_it_is_moved_and_imported_as_any_resource(own_stack: Stack) -> None:
    binding = standard(own_stack).bind(OssBucket("logs"))
    binding.import_from("po-1:OSS:logs")
    assert terraform(own_stack)["import"] == [
        {"id": "po-1:OSS:logs", "to": "alipolicy_backup_policy_binding.nightly-OSS-logs"}
    ]


def test_a_rule_may_be_added_between(own_stack: Stack) -> None:
    policy = standard(own_stack)
    policy.bind(OssBucket("logs"))
    policy.add_rule(BackupPolicyRule.replication(replication_region_id="cn-beijing", retention=7))
    policy.bind(OssBucket("data"))
    written: Any = synth(own_stack)
    assert len(written["resource"]["alipolicy_backup_policy_binding"]) == 2
