"""A real Terraform reads over what the constructs say of themselves, whichever provider they are for."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from constructs_lib import (
    AlicloudProvider,
    AlipolicyProvider,
    BackupPolicy,
    BackupPolicyRule,
    PolicyVersion,
)
from constructs_lib.cdk.engine import cdktf
from tests.e2e import official_names
from tests.e2e.cases import DOCUMENT
from tests.terraform import Workspace

# A reason is no expression, even if it looks like one.
REASON = 'kept by "the" ${BACKUP} rule, 100 %{ sure }'

PROVIDERS: dict[str, tuple[type[Any], str, list[str]]] = {
    "alicloud": (AlicloudProvider, "aliyun/alicloud", [str(Path(official_names.__file__))]),
    "alipolicy": (
        AlipolicyProvider,
        "alipolicy.internal/alibabacloud/alipolicy",
        ["-m", "constructs_lib.provider"],
    ),
}


def written(folder: Path, provider: type[Any]) -> Any:
    """The Terraform JSON of one of each construct, with acknowledgements."""
    stack = cdktf.TerraformStack(cdktf.App(outdir=str(folder / "cdktf.out")), "stack")
    provider(stack, "provider", region="cn-hangzhou")
    rules = [BackupPolicyRule.backup(schedule="I|1648647166|P1D", vault_id="v-1", retention=7)]
    BackupPolicy(stack, "daily", policy_name="daily", rules=rules, acknowledge={"BP309": REASON})
    PolicyVersion(
        stack,
        "admin",
        policy_name="admin",
        policy_document=DOCUMENT,
        set_as_default=True,
        acknowledge={"PV304": REASON},
    )
    return stack.to_terraform()


@pytest.mark.parametrize("name", PROVIDERS)
def test_terraform_validates_it(name: str, tmp_path: Path) -> None:
    construct, source, arguments = PROVIDERS[name]
    content = written(tmp_path, construct)
    bodies = [body for of in content["resource"].values() for body in of.values()]
    comments = [body["//"]["alipolicy"] for body in bodies]
    if construct is AlicloudProvider:
        assert [comment["acknowledge"] for comment in comments] == [{"BP309": REASON}, {"PV304": REASON}]
    else:
        assert [[*body["acknowledge"]] for body in bodies] == [["BP309"], ["PV304"]]
    assert all(comment["source"].startswith("tests/e2e/test_comments.py:") for comment in comments)
    workspace = Workspace(tmp_path / "workspace", source, [sys.executable, *arguments])
    (workspace.directory / "cdk.tf.json").write_text(json.dumps(content), "utf-8")
    done = workspace.run("validate", "-json")
    assert json.loads(done.stdout)["valid"], done.text
    assert construct is AlicloudProvider or "BP309" not in done.text
    # It did look: the same with a misspelt argument is refused.
    text = json.dumps(content).replace('"policy_name"', '"policy_nam"')
    (workspace.directory / "cdk.tf.json").write_text(text, "utf-8")
    assert not json.loads(workspace.run("validate", "-json").stdout)["valid"]
