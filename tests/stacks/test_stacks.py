from __future__ import annotations

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from constructs_lib import cdktf
from constructs_lib.testing import synth
from stacks.access import AccessInputs, AccessStack
from stacks.backups import BackupInputs, BackupStack
from stacks.protection import ProtectionInputs, ProtectionStack
from stacks.target import ProviderName, RemoteState, Target

BACKUPS = BackupInputs(vault_id="v-0001")
ACCESS = AccessInputs(report_bucket="reports", report_reader_networks=["203.0.113.0/24"])
PROTECTION = ProtectionInputs(bucket="reports", reader_role="report-reader")
OFFICIAL, OWN = Target(), Target(provider=ProviderName.ALIPOLICY)


def test_the_backup_stack(app: cdktf.App, terraform: SnapshotAssertion) -> None:
    assert synth(BackupStack(app, "backups", target=OFFICIAL, inputs=BACKUPS)) == terraform


def test_the_backup_stack_for_our_provider(app: cdktf.App, terraform: SnapshotAssertion) -> None:
    assert synth(BackupStack(app, "backups", target=OWN, inputs=BACKUPS)) == terraform


def test_the_access_stack(app: cdktf.App, terraform: SnapshotAssertion) -> None:
    assert synth(AccessStack(app, "access", target=OFFICIAL, inputs=ACCESS)) == terraform


def test_the_access_stack_for_our_provider(app: cdktf.App, terraform: SnapshotAssertion) -> None:
    assert synth(AccessStack(app, "access", target=OWN, inputs=ACCESS)) == terraform


def test_the_protection_stack(app: cdktf.App, terraform: SnapshotAssertion) -> None:
    assert synth(ProtectionStack(app, "protection", target=OFFICIAL, inputs=PROTECTION)) == terraform


def test_the_protection_stack_for_our_provider(app: cdktf.App, terraform: SnapshotAssertion) -> None:
    assert synth(ProtectionStack(app, "protection", target=OWN, inputs=PROTECTION)) == terraform


def test_a_team_passes_its_own_inputs(app: cdktf.App) -> None:
    inputs = BackupInputs(vault_id="v-team", replication_region_id="cn-beijing", environment="staging")
    content = synth(BackupStack(app, "team", target=Target(region="cn-qingdao"), inputs=inputs))
    daily, tiered = content["resource"]["alicloud_hbr_policy"].values()
    assert content["provider"]["alicloud"] == [{"region": "cn-qingdao"}]
    assert daily["rules"][0]["vault_id"] == tiered["rules"][0]["vault_id"] == "v-team"
    assert daily["rules"][2]["replication_region_id"] == "cn-beijing"
    assert tiered["rules"][2]["tag_filters"] == [{"key": "env", "operator": "EQUAL", "value": "staging"}]


def test_the_stacks_have_no_findings(app: cdktf.App) -> None:
    stacks = [
        BackupStack(app, "backups", target=OFFICIAL, inputs=BACKUPS),
        AccessStack(app, "access", target=OFFICIAL, inputs=ACCESS),
        ProtectionStack(app, "protection", target=OFFICIAL, inputs=PROTECTION),
        ProtectionStack(app, "own", target=OWN, inputs=PROTECTION),
    ]
    metadata = [
        entry.type for stack in stacks for node in stack.node.find_all() for entry in node.node.metadata
    ]
    assert not [entry for entry in metadata if entry.endswith(("warn", "error"))]


def test_the_state_is_local_unless_a_bucket_is_named(app: cdktf.App) -> None:
    state = RemoteState(bucket="states", region="cn-hangzhou")
    remote = synth(BackupStack(app, "remote", target=Target(state=state), inputs=BACKUPS))
    assert remote["terraform"]["backend"] == {
        "oss": {
            "bucket": "states",
            "encrypt": True,
            "key": "remote.tfstate",
            "prefix": "alipolicy",
            "region": "cn-hangzhou",
        }
    }
    local = synth(BackupStack(app, "local", target=OFFICIAL, inputs=BACKUPS))
    assert "backend" not in local["terraform"]


def test_versions_can_be_staged_with_our_provider(app: cdktf.App) -> None:
    inputs = AccessInputs(
        report_bucket="reports", report_reader_networks=["203.0.113.0/24"], set_as_default=False
    )
    content = synth(AccessStack(app, "access", target=OWN, inputs=inputs))
    versions: dict[str, Any] = content["resource"]["alipolicy_policy_version"]
    assert [version["set_as_default"] for version in versions.values()] == [False, False]


def test_staging_with_the_official_provider_is_refused(app: cdktf.App) -> None:
    inputs = AccessInputs(
        report_bucket="reports", report_reader_networks=["203.0.113.0/24"], set_as_default=False
    )
    with pytest.raises(ValueError, match="PV401 set_as_default"):
        AccessStack(app, "access", target=OFFICIAL, inputs=inputs)
