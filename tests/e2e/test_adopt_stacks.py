"""What the stacks of these tests deploy comes back by `alipolicy adopt`, as code that changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from constructs_lib.localcloud import LocalCloud
from tests.e2e.alicloud import for_our_provider
from tests.e2e.cases import CASES
from tests.e2e.installed import ALIPOLICY, Workspace, writes
from tests.e2e.test_adopt import run
from tests.e2e.test_conformance import synthesized

VARIABLES = {
    "days": "30",
    "text": "nightly",
    "locked": "false",
    "names": '["a", "b"]',
    "tags": '{"env": "prod"}',
    "long": "true",
    "bucket": "logs",
    "document": '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Get*","Resource":"*"}]}',
    "times": "2",
    "rules": '[{"type": "BACKUP", "days": 7}]',
}
# What these write is what is tested, and no service takes it.
NEVER_DEPLOYED = {
    "an_id_alone_in_text_and_in_nested_blocks": "an id is no operator of a tag filter",
    "a_number_variable": "a number is both a retention and a flag",
    "text_variables": "a text is a type, a schedule and a name",
    "a_reference_to_another_stack": "the other stack was not applied",
    "every_key_of_lifecycle": "a precondition says `1 > 0`, of no object",
    "a_dynamic_block": "its retention rules have no type",
    "meta_arguments_set_later": "`depends_on` is an address as CDKTF writes it",
    "provisioners_and_their_connection": "a provisioner at destroy looks at another resource",
    "import_from": "what is imported does not exist",
    "import_from_with_another_provider": "what is imported does not exist",
    "add_override": "`force` is an argument of the official provider",
    "overrides_of_the_stack": "they are of a resource of the official provider",
}


SYNTHESISED = Path("cdktf.out", "stacks", "estate", "cdk.tf.json")


def begin_anew(workspace: Workspace, content: dict[str, Any]) -> None:
    """Another configuration, and a state that knows nothing."""
    content["terraform"].pop("backend", None)
    (workspace.directory / "main.tf.json").write_text(json.dumps(content))
    (workspace.directory / "terraform.tfstate").unlink(missing_ok=True)


def deploy(workspace: Workspace) -> int:
    """Apply all that can be, each from a state of its own, and count what was made of our types."""
    made = 0
    for number, build in enumerate(CASES):
        name = build.__name__
        if name in ("credentials", "a_profile", "an_assumed_role", "endpoints", "an_overridden_provider"):
            continue  # these are about arguments of the official provider, and have no resource
        content = synthesized(build, for_our_provider(f"c{number}-"))["stack"]
        if "resource" not in content:
            continue
        begin_anew(workspace, content)
        if not made:
            done = workspace.run("init", "-no-color", "-input=false")
            assert done.status == 0, done.text
        applied = workspace.apply()
        assert (applied.status != 0) == (name in NEVER_DEPLOYED), f"{name}: {applied.text[-2000:]}"
        if name not in NEVER_DEPLOYED:
            made += sum(address.startswith("alipolicy_") for address in workspace.state())
    return made


def test_the_stacks_of_our_tests_come_back(workspace: Workspace, cloud: LocalCloud, tmp_path: Path) -> None:
    (workspace.directory / "main.tf").unlink()
    workspace.environment |= {f"TF_VAR_{name}": value for name, value in VARIABLES.items()}
    made = deploy(workspace)
    assert made > 50
    cloud.forget_requests()
    imported = 0
    for region, more in (("cn-hangzhou", ()), ("cn-beijing", ("--select", "type=backup-policy"))):
        said = run(
            ALIPOLICY, "adopt", "--region", region, "--output", region, *more, cwd=tmp_path, local=cloud
        )
        assert "AD301" not in said
        run(ALIPOLICY, "synth", cwd=tmp_path / region, local=cloud)
        content = json.loads((tmp_path / region / SYNTHESISED).read_text("utf-8"))
        begin_anew(workspace, content)
        applied = workspace.apply()
        assert applied.status == 0, applied.text[-4000:]
        count = len(content["import"])
        assert f"Resources: {count} imported, 0 added, 0 changed, 0 destroyed." in applied.stdout
        imported += count
    assert imported == made
    assert writes(cloud) == []
