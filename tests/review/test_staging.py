"""A version that is staged: left out it is said once, written down it is meant so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.report import Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import AT, allow, change, configuration, document, plan, reviewed, written

VERSION = "alipolicy_policy_version"
Json = dict[str, Any]
LEFT_OUT: Json = {}
NULL, FALSE = {"set_as_default": {"constant_value": None}}, {"set_as_default": {"constant_value": False}}
EXPRESSION = {"set_as_default": {"references": ["each.value.is_default", "each.value"]}}


def of_plan(folder: Path, expressions: Json | None, module: str = "", *, is_new: bool = True) -> Report:
    after = {
        "policy_name": "readers",
        "policy_document": document(allow("oss:Get*")),
        "set_as_default": False,
        "rotate_strategy": None,
    }
    before, actions = (None, ["create"]) if is_new else (after, ["no-op"])
    content = plan(change(VERSION, before, after, *actions, address=f'{module}{VERSION}.one["a"]'))
    resource: Json = {"address": f"{VERSION}.one", "mode": "managed", "type": VERSION, "name": "one"}
    resource["for_each_expression"] = {"references": ["var.all"]}
    root: Json = {"resources": [{**resource, "expressions": expressions}]}
    if module:
        root = {"module_calls": {"m": {"module": root}}}
    if expressions is not None:
        content["configuration"] = {"root_module": root}
    return review(read_input(written(folder, "plan.json", content)), at=AT)


def said(report: Report) -> list[str]:
    return [found.code for found in report.all_findings() if found.code in ("PV311", "RV524")]


@pytest.mark.parametrize("module", ["", 'module.m["x.y"].'])
@pytest.mark.parametrize(
    ("expressions", "expected"),
    [(LEFT_OUT, ["PV311"]), (NULL, ["PV311"]), (FALSE, []), (EXPRESSION, ["RV524"]), (None, ["RV524"])],
    ids=["left out", "null", "false", "an expression", "no configuration"],
)
def test_a_plan_says_it_as_far_as_its_configuration_tells(
    tmp_path: Path, expressions: Json | None, expected: list[str], module: str
) -> None:
    assert said(of_plan(tmp_path, expressions, module)) == expected


def test_what_is_there_and_stays_staged_is_no_news(tmp_path: Path) -> None:
    assert not of_plan(tmp_path, LEFT_OUT, is_new=False).fails(Level.NOTE)


def test_a_configuration(tmp_path: Path) -> None:
    def with_default(*default: bool | None) -> Json:
        body: Json = {"policy_name": "readers", "policy_document": document(allow("oss:Get*"))}
        if default:
            body["set_as_default"] = default[0]
        return configuration(alipolicy_policy_version__a=body)

    nothing = configuration()
    assert said(reviewed(tmp_path, with_default(), nothing)) == ["PV311"]
    assert said(reviewed(tmp_path, with_default(None), nothing)) == ["PV311"]
    assert said(reviewed(tmp_path, with_default(False), nothing)) == []
    report = reviewed(tmp_path, with_default(False), with_default())
    assert said(report) == []
    assert not report.fails(Level.NOTE)
