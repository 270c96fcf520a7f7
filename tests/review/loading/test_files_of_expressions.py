"""What expressions and data sources read of files is a part of the configuration: decided, or compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from constructs_lib.review.loading.files import read_input, read_side
from constructs_lib.review.report import Action, Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import AT, Json, allow, codes, document, ram_policy, written

READ, ALL = document(allow("oss:Get*")), document(allow("oss:*"))
DOCUMENT = "alicloud_ram_policy_document"


def policy(text: str, **others: object) -> Json:
    return {"resource": {"alicloud_ram_policy": {"a": {**ram_policy(policy_document=text), **others}}}}


def of_files(folder: Path, main: Json, name: str, old: str, new: str) -> Report:
    """The report of two folders with the same configuration, and another file of a name."""
    for side, content in (("old", old), ("new", new)):
        written(folder / side, "main.tf.json", main)
        written(folder / side, name, content)
    return review(read_input(folder / "new", folder / "old"), at=AT)


def is_clean(report: Report) -> bool:
    return not report.fails(Level.WARNING) and all(
        each.action is Action.UNCHANGED for each in report.resources()
    )


def data(kind: str, **body: object) -> Json:
    return {"data": {kind: {"d": body}}}


ONE = {"effect": "Allow", "action": ["${each.value}"], "resource": ["*"]}
DECIDED: dict[str, tuple[Json, str]] = {
    "file": (policy('${file("x.json")}'), "x.json"),
    "a path of the module": (policy('${file("${path.module}/p/x.json")}'), "p/x.json"),
    "data of a file": (
        {**policy("${data.local_file.d.content}"), **data("local_file", filename="${path.module}/x.json")},
        "x.json",
    ),
    "a file of each name that matches": (
        policy('${file("p/${each.value}")}', for_each='${fileset("p", "*.json")}', policy_name="${each.key}"),
        "p/x.json",
    ),
    "text that is decoded and written again": (policy('${jsonencode(jsondecode(file("x.json")))}'), "x.json"),
    "a heredoc of variables": (policy("${var.doc}") | {"variable": {"doc": {}}}, "terraform.tfvars"),
    "variables that are not in the root": (policy("${var.doc}") | {"variable": {"doc": {}}}, "a.auto.tfvars"),
    "OpenTofu's own files": ({"locals": {"a": 1}}, "more.tofu.json"),
}


@pytest.mark.parametrize("case", DECIDED)
def test_what_a_file_holds_is_decided(tmp_path: Path, case: str) -> None:
    main, name = DECIDED[case]
    wrap = {
        "terraform.tfvars": "doc = <<EOT\n{}\nEOT\n",
        "a.auto.tfvars": "a = [\n  1,\n]\ndoc = <<-EOT\n    {}\n  EOT\n",
    }.get(name, "{}")
    if name == "more.tofu.json":
        old, new = (json.dumps(policy(text)) for text in (READ, ALL))
    else:
        old, new = (wrap.replace("{}", text) for text in (READ, ALL))
    report = of_files(tmp_path / "a", main, name, old, new)
    assert {"RV322"} <= set(codes(report))
    assert not {"RV222", "RV241"} & set(codes(report))
    assert is_clean(of_files(tmp_path / "b", main, name, old, old))


NOT_DECIDED: dict[str, tuple[Json, str]] = {
    "a function that is not computed": (policy('${jsonencode(yamldecode(file("x.txt")))}'), "x.txt"),
    "a template with directives": (policy('${templatefile("x.txt", {})}'), "x.txt"),
    "a hash": (policy('${local.all[filemd5("x.txt")]}') | {"locals": {"all": {}}}, "x.txt"),
    "data that names a file": (
        {**policy("${data.sops_file.d.raw}"), **data("sops_file", source_file="x.txt")},
        "x.txt",
    ),
    "a resource that names a file": (
        {
            "resource": {
                **policy("${tool.t.out}")["resource"],
                "tool": {"t": {"template": "${path.module}/x.txt"}},
            }
        },
        "x.txt",
    ),
    "a file of a function in data": (
        {**policy("${data.template_file.d.rendered}"), **data("template_file", template='${file("x.txt")}')},
        "x.txt",
    ),
}


HCL = {"source": "./m"}
TO_MODULES: dict[str, Json] = {
    "a path": {**HCL, "file": "p/x.json"},
    "a path of the module": {**HCL, "files": ["${path.module}/p/x.json"]},
    "a folder": {**HCL, "folder": "${path.root}/p"},
    "a path of each instance": {**HCL, "for_each": "${local.all}", "file": "${each.value}"},
    "a path in a local": {"source": "a/b/c", "version": "1.0.0", "file": "${local.all.a}"},
}


@pytest.mark.parametrize("case", TO_MODULES)
def test_files_that_a_module_is_given_belong_to_it(tmp_path: Path, case: str) -> None:
    main = {"module": {"m": TO_MODULES[case]}, "locals": {"all": {"a": "p/x.json"}}}
    for side in ("a/new", "a/old", "b/new", "b/old"):
        written(tmp_path / side, "m/main.tf", "# nothing")
    assert codes(of_files(tmp_path / "a", main, "p/x.json", READ, ALL)) == ["RV243"]
    assert is_clean(of_files(tmp_path / "b", main, "p/x.json", READ, READ))


@pytest.mark.parametrize("case", NOT_DECIDED)
def test_what_is_not_decided_is_the_same_where_its_file_is(tmp_path: Path, case: str) -> None:
    main, name = NOT_DECIDED[case]
    report = of_files(tmp_path / "a", main, name, "%{ if true }a%{ endif }", "%{ if true }b%{ endif }")
    assert {"RV222", "RV241"} & set(codes(report))
    assert report.fails(Level.ERROR)
    same = "%{ if true }a%{ endif }"
    assert is_clean(of_files(tmp_path / "b", main, name, same, same))


@pytest.mark.parametrize(
    "main",
    [
        policy("${core::timestamp()}"),
        policy("${data.external.d.result.x}") | data("external", program=["python3", "x.txt"]),
        policy("${data.local_file.d.content}") | data("local_file", filename="../x.txt"),
        policy("${data.local_file.d.content}") | data("local_file", filename="${data.http.x.body}"),
        policy('${templatefile("x.txt", {})}'),
        policy("${file(data.http.x.body)}") | data("http", url="a"),
    ],
)
def test_what_else_may_be_read_is_never_proven_the_same(tmp_path: Path, main: Json) -> None:
    text = "%{ if true }${timestamp()}%{ endif }"
    assert {"RV222", "RV241"} & set(codes(of_files(tmp_path, main, "x.txt", text, text)))


def test_what_an_editor_leaves_is_no_configuration(tmp_path: Path) -> None:
    written(tmp_path, "main.tf.json", policy(READ))
    written(tmp_path, ".main.tf.json", policy(ALL))
    written(tmp_path, ".main.tf", "resource")
    (resource,) = read_side(tmp_path).resources
    assert resource.body["policy_document"] == READ


@pytest.mark.parametrize(
    "pattern", ["./p/*.json", "p//x.json", "p/[x].json", "p/../p/*", "/p/*", "p/x.{json}"]
)
def test_a_pattern_that_is_not_read_is_no_empty_set(tmp_path: Path, pattern: str) -> None:
    each = policy(READ, for_each=f'${{fileset(".", "{pattern}")}}')
    report = of_files(tmp_path, each, "p/x.json", "a", "b")
    assert [one.address for one in report.resources()] == ["alicloud_ram_policy.a"]


# ------------------------------------------------------------ blocks and instances


BLOCKS: dict[str, tuple[str, Json]] = {
    "dynamic blocks": (
        f"${{data.{DOCUMENT}.d.document}}",
        {"dynamic": {"statement": {"for_each": ["ACTION"], "content": {"action": "${statement.value}"}}}},
    ),
    "dynamic blocks in blocks": (
        f"${{data.{DOCUMENT}.d.document}}",
        {
            "statement": {
                "action": ["ACTION"],
                "resource": ["*"],
                "dynamic": {
                    "condition": {
                        "for_each": {"a": ["true"]},
                        "iterator": "it",
                        "content": {
                            "operator": "Bool",
                            "variable": "acs:MFAPresent",
                            "values": "${it.value}",
                        },
                    }
                },
            }
        },
    ),
    "an instance by key": (
        f'${{data.{DOCUMENT}.d["k"].document}}',
        {"for_each": {"k": "ACTION"}, "statement": {**ONE, "action": ["${each.value}"]}},
    ),
    "an instance by number": (
        f"${{data.{DOCUMENT}.d[1].document}}",
        {"count": 2, "statement": {**ONE, "action": ['${["ram:*", "ACTION"][count.index]}']}},
    ),
}


@pytest.mark.parametrize("case", BLOCKS)
def test_data_of_blocks_is_the_document_that_they_make(tmp_path: Path, case: str) -> None:
    text, body = BLOCKS[case]
    old, new = (
        json.loads(json.dumps({**policy(text), **data(DOCUMENT, **body)}).replace("ACTION", action))
        for action in ("oss:Get*", "oss:*")
    )
    sides = [
        written(tmp_path, name, content) for name, content in (("new.tf.json", new), ("old.tf.json", old))
    ]
    report = review(read_input(sides[0], sides[1]), at=AT)
    assert "RV322" in codes(report)
    assert not {"RV222", "RV241"} & set(codes(report))


def test_an_argument_of_an_instance_is_filled_in(tmp_path: Path) -> None:
    buckets = {"for_each": {"a": "logs"}, "bucket": "${each.value}-x"}
    reference = '${alicloud_oss_bucket.b["a"].bucket}'
    text = document(allow("oss:*", "acs:oss:*:*:BUCKET/*")).replace("BUCKET", reference)
    content = policy(text)
    content["resource"]["alicloud_oss_bucket"] = {"b": buckets}
    (resource,) = read_side(written(tmp_path, "a.tf.json", content)).resources
    assert "acs:oss:*:*:logs-x/*" in resource.document_text
