"""What a review can read, and what it says of what it cannot."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.ram.document import PolicyDocument
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.review.command import review as command
from constructs_lib.review.loading import json_text
from constructs_lib.review.loading.attributes import with_quoted_expressions
from constructs_lib.review.loading.files import read_input, read_side
from constructs_lib.review.loading.json_text import InputError, JsonText
from constructs_lib.review.loading.resource import LoadedResource
from constructs_lib.tokens import is_token
from tests.review.configurations import (
    allow,
    backup_policy,
    backup_rule,
    cdktf_out,
    change,
    configuration,
    document,
    plan,
    ram_policy,
    transition,
    written,
)


def found(path: Path) -> LoadedResource:
    (one,) = read_side(path).resources
    return one


def backup_props(path: Path) -> BackupPolicyProps:
    props = found(path).props
    assert isinstance(props, BackupPolicyProps)
    return props


def version_props(path: Path) -> PolicyVersionProps:
    props = found(path).props
    assert isinstance(props, PolicyVersionProps)
    return props


def of_policy(tmp_path: Path, **attributes: Any) -> BackupPolicyProps:
    body = {**backup_policy(backup_rule(), transition()), **attributes}
    return backup_props(written(tmp_path, "main.tf.json", configuration(hbr__daily=body)))


# ------------------------------------------------------------ forms


def test_a_cdktf_out_has_all_its_stacks(tmp_path: Path) -> None:
    policy = configuration(hbr__daily=backup_policy(backup_rule(), transition()))
    side = read_side(cdktf_out(tmp_path, one=policy, two=policy))
    assert side.stacks == ("one", "two")
    assert [(resource.stack, resource.address) for resource in side.resources] == [
        ("one", "alicloud_hbr_policy.daily"),
        ("two", "alicloud_hbr_policy.daily"),
    ]
    assert side.resources[0].file == f"{tmp_path.as_posix()}/stacks/one/cdk.tf.json"
    assert side.resources[0].pointer("rules[1].retention") == (
        "/resource/alicloud_hbr_policy/daily/rules/1/retention"
    )


def test_the_manifest_stands_for_its_folder(tmp_path: Path) -> None:
    folder = cdktf_out(tmp_path, one=configuration(ram__a=ram_policy(allow("oss:*"))))
    assert read_side(folder / "manifest.json").stacks == ("one",)


def test_a_folder_of_json_is_one_stack(tmp_path: Path) -> None:
    written(tmp_path, "net/a.tf.json", configuration(ram__a=ram_policy(allow("oss:*"))))
    written(tmp_path, "net/b.tf.json", configuration(ram__b=ram_policy(allow("oss:*"))))
    side = read_side(tmp_path / "net")
    assert side.stacks == ("net",)
    assert [resource.address for resource in side.resources] == [
        "alicloud_ram_policy.a",
        "alicloud_ram_policy.b",
    ]


def test_the_stack_of_one_file_is_what_cdktf_calls_it(tmp_path: Path) -> None:
    comment = {"//": {"metadata": {"stackName": "backups"}}}
    assert read_side(written(tmp_path, "cdk.tf.json", comment)).stacks == ("backups",)
    assert read_side(written(tmp_path, "net.tf.json", {})).stacks == ("net",)
    for name in ("", 7, None):
        assert read_side(
            written(tmp_path, "net.tf.json", {"//": {"metadata": {"stackName": name}}})
        ).stacks == ("net",)


def test_a_stack_of_cdktf_has_its_own_name_and_its_json_is_what_counts(tmp_path: Path) -> None:
    """Beside a manifest, and beside what an older run has left."""
    comment = {"//": {"metadata": {"stackName": "backups"}}}
    folder = cdktf_out(tmp_path / "out", one=comment)
    written(folder, "stacks/one/cdk.tf", "# of another run")
    assert read_side(folder).stacks == ("backups",)
    assert read_side(written(folder, "main.tf.json", {})).stacks == ("main",)
    assert read_side(written(tmp_path, "alone/manifest.json", {"resource": {}})).stacks == ("manifest",)


def test_variables_that_have_their_defaults_are_named(tmp_path: Path) -> None:
    for count, more in ((5, "v4."), (6, "v4 and 1 more."), (9, "v4 and 4 more.")):
        names = [f"v{index}" for index in range(count)]
        text = "".join(f"${{var.{name}}}" for name in names)
        content = configuration(ram__a=ram_policy(policy_document=text))
        content["variable"] = {name: {"default": "x"} for name in names}
        (note,) = read_side(written(tmp_path, "a.tf.json", content)).notes
        assert note.endswith(f"change: v0, v1, v2, v3, {more}")


def test_lists_stand_for_objects_as_terraform_takes_them(tmp_path: Path) -> None:
    body = backup_policy(backup_rule(), transition())
    content = {"resource": [{"alicloud_hbr_policy": [{"daily": [body]}]}, {"other": {"x": {}}}]}
    one = found(written(tmp_path, "main.tf.json", content))
    assert one.pointer("rules[0].schedule") == ("/resource/0/alicloud_hbr_policy/0/daily/0/rules/0/schedule")


def test_a_construct_says_where_it_is_and_what_it_acknowledges(tmp_path: Path) -> None:
    comment = {
        "metadata": {"path": "backups/daily"},
        "alipolicy": {"source": "stacks/backups.py:59", "acknowledge": {"BP203": "fine", "BP204": 1}},
    }
    body = backup_policy(backup_rule(), transition(), **{"//": comment})
    one = found(written(tmp_path, "main.tf.json", configuration(hbr__daily=body)))
    assert (one.construct_path, one.source) == ("backups/daily", "stacks/backups.py:59")
    assert one.acknowledge == {"BP203": "fine"}


def test_a_state_is_a_side(tmp_path: Path) -> None:
    resource = {
        "address": "module.a.alicloud_ram_policy.x",
        "mode": "managed",
        "type": "alicloud_ram_policy",
        "values": ram_policy(allow("oss:*")),
    }
    module = {"child_modules": [{"resources": [resource]}]}
    content = {"format_version": "1.0", "values": {"root_module": module}}
    one = found(written(tmp_path, "state.json", content))
    assert one.address == "module.a.alicloud_ram_policy.x"
    assert one.pointer("policy_name") == (
        "/values/root_module/child_modules/0/resources/0/values/policy_name"
    )
    assert read_side(written(tmp_path, "empty.json", {"format_version": "1.0"})).resources == ()


@pytest.mark.parametrize("setting", [{"count": 0}, {"count": "0"}, {"for_each": {}}, {"for_each": []}])
def test_a_resource_of_which_there_is_none_is_not_there(tmp_path: Path, setting: dict[str, Any]) -> None:
    body = ram_policy(allow("oss:*"), **setting)
    assert read_side(written(tmp_path, "a.tf.json", configuration(ram__a=body))).resources == ()


# ------------------------------------------------------------ values


def test_terraform_takes_texts_for_numbers_and_so_does_a_review(tmp_path: Path) -> None:
    props = of_policy(tmp_path, rules=[backup_rule(immutable="true"), transition("7"), transition(7.0)])
    assert [rule.retention for rule in props.rules] == [None, 7, 7]  # type: ignore[union-attr]
    assert props.rules[0].immutable is True  # type: ignore[index]


def test_expressions_stay_unknown(tmp_path: Path) -> None:
    props = of_policy(tmp_path, policy_type="${var.type}", rules="${var.rules}")
    assert is_token(props.policy_type)
    assert is_token(props.rules)


def test_dynamic_blocks_are_unknown(tmp_path: Path) -> None:
    body = {"policy_name": "a", "dynamic": {"rules": {"for_each": "${var.rules}", "content": {}}}}
    assert is_token(backup_props(written(tmp_path, "a.tf.json", configuration(hbr__a=body))).rules)


def test_one_block_may_stand_without_a_list(tmp_path: Path) -> None:
    props = of_policy(tmp_path, rules=backup_rule())
    assert len(props.rules) == 1  # type: ignore[arg-type]
    one = found(tmp_path / "main.tf.json")
    at = "/resource/alicloud_hbr_policy/daily/rules"
    assert [one.pointer(f"rules[{index}].schedule") for index in (0, 1)] == [f"{at}/schedule", at]


def test_every_document_of_the_official_provider_is_the_default(tmp_path: Path) -> None:
    official = configuration(ram__a=ram_policy(allow("oss:*")))
    own = configuration(alipolicy_policy_version__a=ram_policy(allow("oss:*")))
    assert version_props(written(tmp_path, "a.tf.json", official)).set_as_default is True
    assert version_props(written(tmp_path, "b.tf.json", own)).set_as_default is None


def test_former_names_of_the_official_provider_are_known(tmp_path: Path) -> None:
    body = {"name": "reader", "document": document(allow("oss:*"))}
    props = version_props(written(tmp_path, "a.tf.json", configuration(ram__a=body)))
    assert (props.policy_name, props.policy_document) == ("reader", body["document"])


@pytest.mark.parametrize(
    ("text", "resource"),
    [
        ('"acs:oss:*:*:$${acs:UserName}"', "acs:oss:*:*:${acs:UserName}"),
        ('"acs:oss:*:*:${lookup(var.m, "x")}"', 'acs:oss:*:*:${lookup(var.m, "x")}'),
        ('${jsonencode(var.all["x"])}', '${jsonencode(var.all["x"])}'),
        ('"a${"${var.x}}"}b"', 'a${"${var.x}}"}b'),
        ('"a\\"b"', 'a"b'),
    ],
)
def test_a_document_is_read_around_its_expressions(tmp_path: Path, text: str, resource: str) -> None:
    written_document = (
        f'{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"oss:*","Resource":[{text}]}}]}}'
    )
    body = {"policy_name": "a", "policy_document": written_document}
    props = version_props(written(tmp_path, "a.tf.json", configuration(ram__a=body)))
    assert isinstance(props.policy_document, str)
    read = PolicyDocument.from_json(props.policy_document)
    assert read.statements[0].resources == (resource,)


def test_text_that_is_one_expression_stays_one() -> None:
    assert with_quoted_expressions('${file("x.json")}') == '${file("x.json")}'
    assert with_quoted_expressions('{"a": ${unclosed') == '{"a": "${unclosed"'


def test_a_configuration_may_write_a_value_in_another_type_as_terraform_allows(tmp_path: Path) -> None:
    rule = {**backup_rule(), "retention": "30", "immutable": "true", "vault_id": 5}
    body = configuration(hbr__daily=backup_policy(rule, transition(), policy_name=True))
    (one,) = read_input(written(tmp_path, "a.tf.json", body)).new.resources
    assert isinstance(one.props, BackupPolicyProps)
    first = one.props.rules[0]  # type: ignore[index]
    assert (one.props.policy_name, first.vault_id, first.retention, first.immutable) == (
        "true",
        "5",
        30,
        True,
    )


def test_a_value_is_read_in_another_type_only_where_it_is_meant(tmp_path: Path) -> None:
    rule = {**backup_rule(), "retention": "soon", "immutable": "yes", "vault_id": 5.0, "archive_days": 2.5}
    body = configuration(hbr__daily=backup_policy(rule, transition(), policy_name="true"))
    (one,) = read_input(written(tmp_path, "a.tf.json", body)).new.resources
    assert isinstance(one.props, BackupPolicyProps)
    first = one.props.rules[0]  # type: ignore[index]
    assert one.props.policy_name == "true"
    assert (first.retention, first.immutable, first.vault_id, first.archive_days) == (
        "soon",
        "yes",
        5.0,
        2.5,
    )


# ------------------------------------------------------------ plans


def test_a_plan_is_both_sides(tmp_path: Path) -> None:
    before, after = ram_policy(allow("oss:Get*")), ram_policy(allow("oss:*"))
    path = written(tmp_path, "plan.json", plan(change("alicloud_ram_policy", before, after)))
    given = read_input(path)
    assert given.old is not None
    assert [resource.pointer("policy_name") for resource in (*given.old.resources, *given.new.resources)] == [
        "/resource_changes/0/change/before/policy_name",
        "/resource_changes/0/change/after/policy_name",
    ]


def test_what_a_plan_does_not_know_or_show_is_unknown(tmp_path: Path) -> None:
    after = backup_policy({**backup_rule(), "vault_id": None}, transition(), policy_description="secret")
    path = written(
        tmp_path,
        "plan.json",
        plan(
            change(
                "alicloud_hbr_policy",
                None,
                after,
                "create",
                unknown={"rules": [{"vault_id": True}, {}], "id": True},
                sensitive={"policy_description": True},
            )
        ),
    )
    (one,) = read_input(path).new.resources
    assert isinstance(one.props, BackupPolicyProps)
    assert is_token(one.props.policy_description)
    assert one.props.rules[0].vault_id == "${alicloud_hbr_policy.one.rules[0].vault_id}"  # type: ignore[index]


def test_a_plan_shows_what_was_left_out_as_nothing(tmp_path: Path) -> None:
    rules = [
        {**backup_rule(), "retention": 0, "replication_region_id": "", "immutable": False, "tag_filters": []},
        {**transition(), "keep_latest_snapshots": 0},
    ]
    path = written(
        tmp_path, "plan.json", plan(change("alicloud_hbr_policy", backup_policy(*rules), None, "delete"))
    )
    given = read_input(path)
    assert given.old is not None
    (one,) = given.old.resources
    assert isinstance(one.props, BackupPolicyProps)
    first, second = one.props.rules  # type: ignore[misc]
    assert (first.retention, first.replication_region_id, first.immutable, first.tag_filters) == (None,) * 4
    assert second.keep_latest_snapshots == 0


def test_text_of_a_plan_is_no_expression(tmp_path: Path) -> None:
    after = ram_policy(allow("oss:*", ["acs:oss:*:*:${acs:UserName}", "acs:oss:*:*:${home}"]))
    path = written(tmp_path, "plan.json", plan(change("alicloud_ram_policy", None, after, "create")))
    (one,) = read_input(path).new.resources
    assert isinstance(one.props, PolicyVersionProps)
    assert isinstance(one.props.policy_document, str)
    read = PolicyDocument.from_json(one.props.policy_document)
    assert read.statements[0].resources == ("acs:oss:*:*:${acs:UserName}", "acs:oss:*:*:${home}")
    assert read.size_is_exact


# ------------------------------------------------------------ what cannot be read

Bad = Callable[[Path], Path]


def bad_file(name: str, content: Any) -> Bad:
    return lambda folder: written(folder, name, content)


def not_utf8(folder: Path) -> Path:
    path = folder / "cdk.tf.json"
    path.write_bytes(b'{"a": "\xff"}')
    return path


def escaping(folder: Path) -> Path:
    stacks = {"x": {"synthesizedStackPath": "../../etc/passwd"}}
    return written(folder, "out/manifest.json", {"stacks": stacks}).parent


def no_path(folder: Path) -> Path:
    stacks = {"x": {"synthesizedStackPath": "\0"}}
    return written(folder, "out/manifest.json", {"stacks": stacks}).parent


def missing_stack(folder: Path) -> Path:
    stacks = {"x": {"synthesizedStackPath": "stacks/x/cdk.tf.json"}}
    return written(folder, "out/manifest.json", {"stacks": stacks}).parent


def hcl_folder(folder: Path) -> Path:
    return written(folder, "hcl/main.tf", 'resource "x" "y" {}').parent


def app_folder(folder: Path) -> Path:
    return written(folder, "app/cdktf.json", {"app": "python -m stacks"}).parent


def empty_folder(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "plan.json")
    return folder / "plan.json"


def pipe_in_a_folder(folder: Path) -> Path:
    (folder / "infra").mkdir()
    os.mkfifo(folder / "infra/main.tf.json")
    return folder / "infra"


def sparse(folder: Path) -> Path:
    with (folder / "plan.json").open("wb") as file:
        file.truncate(2**30)
    return folder / "plan.json"


def endless(folder: Path) -> Path:
    (folder / "plan.json").symlink_to("/dev/zero")
    return folder / "plan.json"


def circle(folder: Path) -> Path:
    (folder / "a.tf.json").symlink_to("a.tf.json")
    return folder


def raw(content: bytes) -> Bad:
    def write(folder: Path) -> Path:
        (folder / "plan.json").write_bytes(content)
        return folder / "plan.json"

    return write


def too_many(folder: Path) -> Path:
    for number in range(2_001):
        (folder / f"{number}.tf.json").touch()
    return folder


BAD = {
    "a pipe": (pipe, "it is a pipe or a device. Write it into a file"),
    "a pipe in a folder": (pipe_in_a_folder, "main.tf.json: it is a pipe or a device"),
    "a device": (endless, "it is a pipe or a device"),
    "a link to itself": (circle, "it cannot be read: Too many levels of symbolic links"),
    "a gigabyte": (sparse, "the file is too large: more than 536,870,912 bytes"),
    "too many files": (too_many, "there are more than 2000 files. Review the plan."),
    "a number of a million digits": (raw(b'{"resource": ' + b"9" * 10**6 + b"}"), "too many digits"),
    "Terraform's plan file": (raw(b"PK\x03\x04\x14\x00"), "this is Terraform's own plan file"),
    "UTF-16": (raw('{"resource": {}}'.encode("utf-16")), "this is UTF-16. Write it as UTF-8"),
    "UTF-16 without its mark": (raw('{"resource": {}}'.encode("utf-16-be")), "it is not JSON"),
    "half a file": (raw(b'{"resource": {"alicloud_ram_policy": {"a'), "line 1 column 39: it is not JSON"),
    "a second mark": (raw(b"\xef\xbb\xbf" * 2 + b"{}"), "line 1 column 1: it is not JSON"),
    "null": (raw(b"null"), "it is not a JSON object"),
    "a key twice, written in two ways": (raw(b'{"a": {}, "\\u0061": {}}'), "the key 'a' twice"),
    "no such file": (lambda folder: folder / "none.json", "no such file"),
    "an empty file": (bad_file("a.json", ""), "line 1 column 1: it is empty"),
    "broken JSON": (bad_file("a.json", '{\n "a": ]'), "line 2 column 7: it is not JSON"),
    "a key twice": (
        bad_file("a.json", '{"resource": {"x": {}},\n "resource": {}}'),
        "line 2 column 2: it is not JSON: an object has the key 'resource' twice",
    ),
    "a list": (bad_file("a.json", "[]"), "not a JSON object"),
    "not a number": (
        bad_file("a.json", '{"resource": NaN}'),
        "line 1 column 14: it is not JSON: NaN is not a JSON number",
    ),
    "an endless number": (bad_file("a.json", f'{{"resource": {"9" * 5000}}}'), "too many digits"),
    "deep nesting": (bad_file("a.json", '{"resource":' * 100_000), "nested too deeply"),
    "no UTF-8": (not_utf8, "byte 7: it is no UTF-8"),
    "other JSON": (bad_file("a.json", {"hello": 1}), "neither Terraform configuration nor a plan"),
    "a configuration with a serial": (bad_file("a.json", {"serial": 1}), "neither Terraform configuration"),
    "a configuration with resources": (
        bad_file("a.json", {"resources": 1}),
        "neither Terraform configuration",
    ),
    "a manifest with a path that is none": (no_path, "/stacks/x/synthesizedStackPath"),
    "Terraform's state file": (
        bad_file("a.tfstate", {"serial": 1, "resources": []}),
        "own state file. Give what `terr",
    ),
    "HCL": (bad_file("main.tf", "resource {}"), "this is HCL"),
    "a folder of HCL": (hcl_folder, "main.tf: this is HCL"),
    "the folder of an app": (app_folder, "alipolicy synth"),
    "an empty folder": (empty_folder, "no manifest.json"),
    "a manifest without stacks": (
        lambda folder: written(folder, "o/manifest.json", {}).parent,
        "manifest.json /stacks",
    ),
    "a manifest that leaves its folder": (escaping, "/stacks/x/synthesizedStackPath"),
    "a manifest with a missing file": (missing_stack, "stacks/x/cdk.tf.json: there is no such file"),
    "resources that are not an object": (
        bad_file("a.tf.json", {"resource": 1}),
        "/resource: `resource` is not an object",
    ),
    "a resource that is not an object": (
        bad_file("a.tf.json", {"resource": {"alicloud_ram_policy": {"x/y": 7}}}),
        "/resource/alicloud_ram_policy/x~1y",
    ),
    "a plan without changes": (
        bad_file("p.json", {"format_version": "1.2", "resource_changes": 1}),
        "/resource_changes: it is not a list",
    ),
    "a plan with a wrong change": (bad_file("p.json", plan({"change": 1})), "/resource_changes/0"),
    "a plan with a wrong side": (
        bad_file("p.json", plan(change("alicloud_ram_policy", {}, 7))),
        "/resource_changes/0/change/after: it is not an object",
    ),
    "a plan that failed": (bad_file("p.json", {**plan(), "errored": True}), "half-way"),
}


@pytest.mark.parametrize(("bad", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_clear_error(tmp_path: Path, bad: Bad, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        read_input(bad(tmp_path))
    text = str(caught.value)
    assert expected in text
    assert text.startswith(tmp_path.as_posix())
    assert "\n" not in text
    assert caught.value.advice.endswith(".")


def test_what_takes_too_much_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("constructs_lib.review.loading.json_text.MOST_VALUES", (1_000, 10**9))
    read_side(written(tmp_path, "a.tf.json", {"output": {"a": {"value": [[]] * 400}}}))
    with pytest.raises(InputError, match="the file is too large: more than 1,000 values"):
        read_side(written(tmp_path, "a.tf.json", {"output": {"a": {"value": [[]] * 1_000}}}))


def test_a_file_of_as_many_bytes_as_may_be_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.tf.json", '{"resource": {}}')
    for most in (16, 15):
        monkeypatch.setattr("constructs_lib.review.loading.json_text.MOST_BYTES", most)
        if most == 16:
            read_side(path)
        else:
            with pytest.raises(InputError, match="the file is too large: more than 15 bytes"):
                read_side(path)


def test_large_lists_of_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("constructs_lib.review.loading.json_text._PIECE", 1_000)
    monkeypatch.setattr("constructs_lib.review.loading.json_text.MOST_MEMBERS", (1_000, 10**9))
    read_side(written(tmp_path, "a.tf.json", {"output": {"a": {"value": [{}] * 900}}}))
    values: list[Any] = [[{}] * 1_000, {str(number): 0 for number in range(1_000)}]
    for many in values:
        with pytest.raises(InputError, match="more than 1,000 values in its large lists and objects"):
            read_side(written(tmp_path, "a.tf.json", {"output": {"a": {"value": many}}}))


def test_what_is_no_object_in_a_large_list_is_read_many_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("constructs_lib.review.loading.json_text._PIECE", 1_000)
    monkeypatch.setattr("constructs_lib.review.loading.json_text.MOST_MEMBERS", (100, 10**9))
    path = written(tmp_path, "a.tf.json", {"output": {"a": {"value": [*range(3_000), "x", [1]]}}})
    read_side(path)
    monkeypatch.setattr("constructs_lib.review.loading.json_text.MOST_PLAIN", 2_000)
    with pytest.raises(InputError, match="more than 100 values in its large lists and objects"):
        read_side(path)


@pytest.mark.parametrize("spoilt", [*"}x", "1,,", "[NaN]", '{"a": 1, "a": 2}', '"\n"'])
def test_what_is_wrong_in_a_large_list_is_named_where_it_stands(
    tmp_path: Path, spoilt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f'{{"output": [{"7, " * 500}{spoilt}]}}'
    path = written(tmp_path, "a.tf.json", text)
    expected = r"line 1 column 15\d\d: it is not JSON"
    for piece in (100, 10_000):
        monkeypatch.setattr("constructs_lib.review.loading.json_text._PIECE", piece)
        with pytest.raises(InputError, match=expected):
            read_side(path)


def test_long_strings_of_too_many_bytes_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("constructs_lib.review.loading.json_text._PIECE", 100)
    monkeypatch.setattr("constructs_lib.review.loading.json_text._LONG", 100)
    monkeypatch.setattr("constructs_lib.review.loading.json_text.MOST_LONG", 1_000)
    read_side(written(tmp_path, "a.tf.json", {"output": {"a": {"value": ["x" * 490] * 2}}}))
    values: list[Any] = [["x" * 490] * 3, "x" * 1_000, {"x" * 1_000: 1}]
    for many in values:
        with pytest.raises(InputError, match="too large: more than 1,000 bytes in its long strings"):
            read_side(written(tmp_path, "a.tf.json", {"output": {"a": {"value": many}}}))


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    read_bytes = json_text.read_bytes

    def counted(path: Path, name: str) -> bytes:
        read.append(name)
        return read_bytes(path, name)

    monkeypatch.setattr(json_text, "read_bytes", counted)
    sides = [written(tmp_path, f"{name}.tf.json", {"resource": {}}) for name in ("new", "old")]
    read_input(sides[0], sides[1])
    assert sorted(read) == sorted(side.as_posix() for side in sides)


@pytest.mark.parametrize("depth", [100, 300, 450, 600, 900, 100_000])
def test_nothing_is_nested_too_deeply_for_a_clear_answer(tmp_path: Path, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    sides = '{{"address": "a.b", "type": "alicloud_ram_policy", "change": {{"actions": ["update"], {}}}}}'
    bodies = [
        f'"before": {{"policy_document": {deep}}}, "after": {{"policy_document": "x"}}',
        f'"before": {{"policy_document": "{deep}"}}, "after": {{"policy_document": "x"}}',
        f'"before": {{"x": 1}}, "after": {{"x": 2}}, "before_sensitive": {deep}',
        f'"before": {{"x": 1}}, "after": {{"x": 2}}, "after_unknown": {{"x": {deep}}}',
    ]
    contents = [f'{{"format_version": "1.2", "resource_changes": [{sides.format(body)}]}}' for body in bodies]
    contents += [
        f'{{"resource": {{"alicloud_ram_policy": {{"a": {{"policy_document": {deep}}}}}}}}}',
        f'{{"locals": {{"x": {deep}}}, "resource": {{"alicloud_ram_policy": {{"a": '
        '{"policy_document": "${jsonencode(local.x)}"}}}}',
    ]
    for content in contents:
        done = CliRunner().invoke(command, [str(written(tmp_path, "a.tf.json", content)), "--format", "json"])
        assert isinstance(done.exception, (SystemExit, type(None)))
        assert done.exit_code in (1, 2)
        assert done.exit_code == 1 or done.stderr.count("\n") == 1


def test_a_plan_needs_no_old_side_and_is_none(tmp_path: Path) -> None:
    path = written(tmp_path, "plan.json", plan())
    other = written(tmp_path, "a.tf.json", {})
    with pytest.raises(InputError, match="already holds the state before the change"):
        read_input(path, other)
    with pytest.raises(InputError, match="both sides at once"):
        read_input(other, path)


# ------------------------------------------------------------ lines


def test_places_are_found_by_line_and_column() -> None:
    text = json.dumps({"a/b": [{"c": 1}, {"~": ["x", {"d": "e:,{"}]}], "z": {"a/b": 2}}, indent=2)
    lines = text.splitlines()
    json_text = JsonText(text.encode(), "a.json")
    assert json_text.parse() == json.loads(text)
    found = json_text.positions(
        ["", "/a~1b", "/a~1b/1/~0/1/d", "/a~1b/1/~0/0", "/z", "/nothing", "/z/a~1b/9"]
    )
    at = {pointer: lines[line - 1][column - 1 :] for pointer, (line, column) in found.items()}
    assert at == {
        "": "{",
        "/a~1b": '"a/b": [',
        "/a~1b/1/~0/1/d": '"d": "e:,{"',
        "/a~1b/1/~0/0": '"x",',
        "/z": '"z": {',
        "/nothing": "{",
        "/z/a~1b/9": '"a/b": 2',
    }
