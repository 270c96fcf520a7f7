"""A real Terraform with the reasons of constructs: it is quiet, the state has them, no API is called."""

from __future__ import annotations

import json
from typing import Any

from constructs_lib import AlipolicyProvider, BackupPolicy, BackupPolicyRule, PolicyVersion
from constructs_lib.cdk.engine import cdktf
from tests.e2e.cases import DOCUMENT
from tests.provider.conftest import Elsewhere, Workspace

REASON = 'kept by "the" ${BACKUP} rule, 100 %{ sure } \u202e'
FULL = "old versions are deleted by hand"


def synthesized(reason: str) -> dict[str, Any]:
    """The resources of a stack that acknowledges what it is warned of."""
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "stack")
    AlipolicyProvider(stack, "provider")
    rules = [BackupPolicyRule.backup(schedule="I|1648647166|P1D", vault_id="v-1", retention=7)]
    BackupPolicy(stack, "daily", policy_name="daily", rules=rules, acknowledge={"BP309": reason})
    PolicyVersion(
        stack,
        "admin",
        policy_name="admin",
        policy_document=DOCUMENT,
        set_as_default=False,
        acknowledge={"PV304": FULL},
    )
    resources: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))["resource"]
    return resources


def write(workspace: Workspace, resources: dict[str, Any]) -> str:
    """Put the resources beside the configuration that the workspace writes itself."""
    (workspace.directory / "own.tf.json").write_text(json.dumps({"resource": resources}), "utf-8")
    return ""


def test_a_plan_is_as_quiet_as_the_synthesis(workspace: Workspace, elsewhere: Elsewhere) -> None:
    elsewhere.create_policy("admin", DOCUMENT)
    applied = workspace.apply(write(workspace, synthesized(REASON)))
    assert applied.status == 0, applied.text
    assert "Warning" not in applied.text
    assert {name: values["acknowledge"] for name, values in workspace.state().items()} == {
        "alipolicy_backup_policy.daily": {"BP309": REASON},
        "alipolicy_policy_version.admin": {"PV304": FULL},
    }
    assert workspace.plan().status == 0

    workspace.cloud.forget_requests()
    changed = workspace.apply(write(workspace, synthesized("another reason")))
    assert "0 added, 1 changed, 0 destroyed" in changed.text, changed.text
    written = [request.operation for request in workspace.cloud.requests()]
    assert [name for name in written if not name.startswith(("List", "Get", "Describe"))] == []
    assert workspace.plan().status == 0

    loud = synthesized("another reason")
    del loud["alipolicy_backup_policy"]["daily"]["acknowledge"]
    loud["alipolicy_policy_version"]["admin"]["acknowledge"] = {"PV999": "", "PV101": "x"}
    write(workspace, loud)
    refused = workspace.plan()
    assert refused.status == 1
    assert "BP309" in refused.text
    assert "no check of this resource has this code" in refused.text.replace("\n", " ")
