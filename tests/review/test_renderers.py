"""What a reviewer, a terminal, a code scanner or a build server gets to see of one report."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from syrupy.assertion import SnapshotAssertion

from constructs_lib.review import wording
from constructs_lib.review.catalogue import CHECKS
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import github, json_report, junit, markdown, sarif, text
from constructs_lib.review.report import Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    Json,
    allow,
    backup_policy,
    backup_rule,
    cdktf_out,
    changed,
    configuration,
    only,
    ram_policy,
    realistic,
    reviewed,
    transition,
)

LONG = backup_policy(backup_rule(keep_latest_snapshots=1), transition(30))
SHORT = backup_policy(backup_rule(keep_latest_snapshots=1), transition(7))
HOSTILE = "\ud800\x1b[31m|`</details><script>@octocat\u202e\n::error::x %0A ]]> ${{ x }}"


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The realistic change, under names that are the same everywhere."""
    monkeypatch.chdir(tmp_path)
    for side in ("old", "new"):
        backups, access = realistic(is_new=side == "new")
        cdktf_out(Path(side), backups=backups, access=access)
    return review(read_input(Path("new"), Path("old")), at=AT)


@pytest.fixture
def hostile(tmp_path: Path) -> Report:
    """Names and values that try to be more than text."""
    comment = {"//": {"alipolicy": {"source": f"{HOSTILE}.py:3", "acknowledge": {"BP309": HOSTILE}}}}
    new = configuration(
        hbr__a=backup_policy(backup_rule(retention=1, vault_id=HOSTILE), policy_name=HOSTILE, **comment),
        ram__b=ram_policy(allow(HOSTILE, HOSTILE), policy_name=HOSTILE),
    )
    new["resource"]["alicloud_ram_policy"][HOSTILE] = ram_policy(allow("oss:*"), policy_name=7)
    old = configuration(hbr__a=backup_policy(backup_rule(retention=3), **comment))
    return reviewed(tmp_path, new, old)


# ------------------------------------------------------------ golden


def test_the_terminal_page_of_a_change(report: Report, snapshot: SnapshotAssertion) -> None:
    assert text.render(report) == snapshot


def test_the_comment_of_a_change(report: Report, snapshot: SnapshotAssertion) -> None:
    assert markdown.render(report) == snapshot


def test_the_json_of_a_change(report: Report, snapshot: SnapshotAssertion) -> None:
    content = json_report.as_json(report)
    for stack in content["stacks"]:
        for resource in stack["resources"]:
            for points in (resource["recovery"] or {}).get("points", ()):
                points["moved"] = points["moved"][:2]  # enough to read
    assert json.dumps(content, indent=1, ensure_ascii=False) == snapshot


def test_the_annotations_of_a_change(report: Report, snapshot: SnapshotAssertion) -> None:
    assert github.render(report) == snapshot


# ------------------------------------------------------------ text


def test_colour_adds_nothing_but_colour(report: Report) -> None:
    coloured = text.render(report, colour=True)
    assert "\x1b[" in coloured
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == text.render(report).splitlines()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_prose_keeps_to_the_width(report: Report, width: int) -> None:
    lines = text.render(report, width=width).splitlines()
    long = [line for line in lines if len(line) > width and " " in line.strip() and "   " not in line.strip()]
    assert [line for line in long if not re.search(r"\S{20}", line)] == []


def test_a_terminal_cannot_be_steered(hostile: Report) -> None:
    page = text.render(hostile)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", page)
    assert not any(line.startswith("::") for line in page.splitlines())


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, "no promise"),
        (1, "1 second"),
        (90, "1.5 minutes"),
        (3_600, "1 hour"),
        (47 * 3_600, "47 hours"),
        (2 * 86_400, "2 days"),
        (2_189 * 86_400, "2,189 days"),
    ],
)
def test_lengths_are_given_in_the_unit_that_says_most(seconds: int | None, expected: str) -> None:
    assert wording.length(seconds) == expected


def test_a_promise_never_looks_better_than_it_is() -> None:
    assert wording.length(86_400 + 1) == "24.1 hours"
    assert wording.length(200 * 86_400 + 1) == "201 days"
    assert wording.length(7 * 86_400 - 1, down=True) == "6.9 days"


# ------------------------------------------------------------ Markdown


def test_a_comment_fits_whatever_changes(tmp_path: Path) -> None:
    new = configuration(
        **{
            f"ram__r{index}": ram_policy(allow(["log:Get*", "ots:Get*"], f"acs:*:*:*:{index}/*"))
            for index in range(300)
        }
    )
    comment = markdown.render(reviewed(tmp_path, new))
    assert 60_000 < len(comment) <= markdown.MOST_CHARACTERS
    shown = re.findall(r"^(?:###|<details><summary>\S) ", comment, re.MULTILINE)
    assert f"_{300 - len(shown)} resources more: see the report in another format" in comment
    assert "| | 200 more | |" in comment
    assert comment.count("<details>") == comment.count("</details>") > 1


def test_a_comment_with_one_enormous_policy_still_fits(tmp_path: Path) -> None:
    statements = [allow(f"oss:{'x' * 80}{index}", f"acs:oss:*:*:{'y' * 300}{index}") for index in range(80)]
    comment = markdown.render(reviewed(tmp_path, configuration(ram__a=ram_policy(*statements))))
    assert len(comment) < 65_000
    assert re.search(r"^@@ \d+ lines more @@$", comment, re.MULTILINE)


def test_in_a_comment_policies_without_errors_are_folded(tmp_path: Path) -> None:
    old = configuration(hbr__a=LONG, hbr__b={**SHORT, "policy_name": "b"})
    new = configuration(hbr__a=SHORT, hbr__b={**LONG, "policy_name": "b"})
    comment = markdown.render(reviewed(tmp_path, new, old))
    assert "### ~ `alicloud_hbr_policy.a` changed" in comment
    assert "<details><summary>✔ fine: ~ <code>alicloud_hbr_policy.b</code> changed</summary>\n\n" in comment


def test_a_comment_cannot_be_broken_out_of(hostile: Report) -> None:
    comment = markdown.render(hostile)
    # Blocks of code, then spans of code.
    outside = re.sub(r"^(`{3,})diff$.*?^\1$", "", comment, flags=re.DOTALL | re.MULTILINE)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "<script>" not in outside
    assert not re.search(r"(?<!\\)@octocat", outside)
    assert outside.count("</details>") == 1


def test_every_table_of_a_comment_has_rows_of_its_width(report: Report, hostile: Report) -> None:
    for each in (report, hostile):
        width = 0
        for line in markdown.render(each).splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            assert not (cells and width) or cells == width, line
            width = cells


# ------------------------------------------------------------ JSON


def _check(value: Any, schema: Any, root: Any, path: str = "") -> None:
    """As much of JSON schema as ours uses."""
    if "$ref" in schema:
        return _check(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, path)
    if "anyOf" in schema:
        if value is None:
            assert {"type": "null"} in schema["anyOf"], path
            return None
        return _check(value, schema["anyOf"][0], root, path)
    if "const" in schema:
        assert value == schema["const"], path
    if "enum" in schema:
        assert value in schema["enum"], path
    types: dict[str, Any] = {
        "string": str, "integer": int, "number": (int, float), "boolean": bool,
        "array": list, "object": dict, "null": type(None),
    }  # fmt: skip
    if "type" in schema:
        names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        fits = [
            isinstance(value, types[name]) and (name == "boolean" or not isinstance(value, bool))
            for name in names
        ]
        assert any(fits), (path, value)
    if isinstance(value, str) and "pattern" in schema:
        assert re.search(schema["pattern"], value), path
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            _check(item, schema["items"], root, f"{path}[{index}]")
    if isinstance(value, dict) and "properties" in schema:
        assert list(value) == schema["required"] == list(schema["properties"]), path
        for key, item in value.items():
            _check(item, schema["properties"][key], root, f"{path}.{key}")
    return None


def test_the_json_is_what_its_schema_says(report: Report, hostile: Report) -> None:
    schema = json_report.schema()
    for each in (report, hostile):
        _check(json.loads(json_report.render(each)), schema, schema)


# ------------------------------------------------------------ SARIF


def test_the_sarif_is_well_formed(report: Report, hostile: Report) -> None:
    for each in (report, hostile):
        content = json.loads(sarif.render(each))
        assert content["version"] == "2.1.0"
        (run,) = content["runs"]
        rules = run["tool"]["driver"]["rules"]
        ids = [rule["id"] for rule in rules]
        assert ids == sorted(set(ids))
        assert run["tool"]["driver"]["name"] == "alipolicy"
        for rule in rules:
            assert set(rule["shortDescription"]) == {"text"}
            assert rule["fullDescription"]["text"] == CHECKS[rule["id"]].explanation
            assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
            assert 0 <= float(rule["properties"].get("security-severity", 0)) <= 10
        assert len(run["results"]) == len(list(each.all_findings()))
        for result in run["results"]:
            assert ids[result["ruleIndex"]] == result["ruleId"]
            assert result["message"]["text"]
            assert result["level"] in ("note", "warning", "error")
            assert result["baselineState"] in ("new", "unchanged", "updated", "absent")
            (location,) = result["locations"]
            region = location["physicalLocation"]["region"]
            assert region["startLine"] >= 1
            assert region.get("startColumn", 1) >= 1
            assert re.fullmatch(
                r"(file:///)?[\w.%/-]+", location["physicalLocation"]["artifactLocation"]["uri"]
            )
            assert all(item["fullyQualifiedName"] for item in location.get("logicalLocations", ()))
            for suppression in result.get("suppressions", ()):
                assert suppression["kind"] in ("inSource", "external")


def test_every_result_has_a_fingerprint_of_its_own_that_outlives_time(report: Report) -> None:
    def prints(one: Report) -> list[str]:
        results = json.loads(sarif.render(one))["runs"][0]["results"]
        return [result["partialFingerprints"]["alipolicy/v1"] for result in results]

    found = prints(report)
    assert len(set(found)) == len(found)
    later = review(read_input(Path("new"), Path("old")), at=AT + 40 * 86_400)
    assert prints(later) == found


def test_what_passes_is_suppressed(hostile: Report, report: Report) -> None:
    results = json.loads(sarif.render(hostile))["runs"][0]["results"]
    kinds = {
        result["ruleId"]: result["suppressions"][0]["kind"] for result in results if "suppressions" in result
    }
    assert kinds == {"BP309": "inSource"}
    deltas = [resource.delta for resource in report.resources() if resource.delta]
    approved = review(read_input(Path("new"), Path("old")), at=AT, approve=deltas)
    results = json.loads(sarif.render(approved))["runs"][0]["results"]
    assert {result["suppressions"][0]["kind"] for result in results if result["ruleId"].startswith("RV")} == {
        "external"
    }


# ------------------------------------------------------------ JUnit and GitHub


def test_junit_counts_what_it_holds(report: Report, hostile: Report) -> None:
    for each in (report, hostile):
        for level in Level:
            root = ElementTree.fromstring(junit.render(each, level).encode())
            cases = root.findall("./testsuite/testcase")
            failures = root.findall("./testsuite/testcase/failure")
            assert (root.get("tests"), root.get("failures")) == (str(len(cases)), str(len(failures)))
            counted = [finding for finding in each.all_findings() if finding.is_open]
            assert len(failures) == sum(1 for finding in counted if finding.level.rank >= level.rank)
            assert each.fails(level) is bool(failures)


def test_an_annotation_is_one_command_on_one_line(hostile: Report) -> None:
    for line in github.render(hostile).splitlines():
        assert re.fullmatch(
            r"::(error|warning|notice) (file=[^,:]*,line=\d+,(col=\d+,)?)?title=[^,:]*::.*", line
        ), line


def test_an_annotation_points_to_the_python_line_where_it_is_known(report: Report) -> None:
    lines = [line for line in github.render(report).splitlines() if "::alicloud_hbr_policy.daily" in line]
    assert lines
    assert all("file=stacks/backups.py,line=59," in line for line in lines)


def test_of_many_findings_the_gravest_are_annotated_and_the_tenth_says_how_many_more(tmp_path: Path) -> None:
    report = reviewed(tmp_path, changed(20, is_new=True), changed(20, is_new=False))
    lines = github.render(report).splitlines()
    assert len(lines) == 10
    assert all(line.startswith("::error ") for line in lines[:9])
    still_open = sum(finding.is_open for finding in report.all_findings())
    assert re.search(rf"\. {still_open - 9} findings more of alicloud_\S+, .* and \d+ more: see", lines[-1])


def test_allow_everything_is_one_grave_thing_with_its_risks_beneath(tmp_path: Path) -> None:
    report = reviewed(
        tmp_path, configuration(ram__a=ram_policy(allow("*"))), configuration(ram__a=ram_policy(allow("a:b")))
    )
    (error,) = [finding for finding in report.all_findings() if finding.level is Level.ERROR]
    assert re.match(r"everything, which opens \d\d risks: ESC01 Rewrite an attached policy; ", error.received)
    assert not [finding for finding in report.all_findings() if finding.code == "RV321"]
    assert report.counts[Level.ERROR] == 1
    page = text.render(report)
    assert page.count("CRITICAL") == 1
    assert "ESC01 Rewrite an attached policy (critical)" in page
    assert markdown.render(report).count("critical: everything") == 1


def test_risks_of_several_statements_are_told_apart(tmp_path: Path) -> None:
    statements = [allow("ram:*"), allow("hbr:DeleteVault"), allow("kms:Decrypt")]
    report = reviewed(tmp_path, configuration(ram__a=ram_policy(*statements)), configuration())
    paths = [finding.path for finding in report.all_findings() if finding.code in ("RV221", "RV321")]
    assert sorted(paths) == [f"policy_document.Statement[{place}]" for place in (0, 0, 1, 2)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {}, "no change; nothing to look at"),
        ({"hbr__a": SHORT}, {"hbr__a": LONG}, "1 policy changed; nothing to look at"),
        ({"hbr__a": LONG}, {"hbr__a": SHORT}, "1 policy changed; 1 with errors"),
        (
            {"hbr__a": LONG, "hbr__b": SHORT, "hbr__c": {**LONG, "policy_name": "c"}},
            {"hbr__a": SHORT, "hbr__b": LONG},
            "2 policies changed, 1 removed; 2 with errors",
        ),
        (
            {"alicloud_hbr_policy_binding__a": {"policy_id": "p"}},
            {},
            "no change of a policy, 1 other resource removed; 1 other resource with errors",
        ),
    ],
)
def test_the_headline_counts_policies(tmp_path: Path, old: Json, new: Json, expected: str) -> None:
    assert wording.headline(reviewed(tmp_path, configuration(**new), configuration(**old))) == expected


def test_the_headline_says_what_is_approved(tmp_path: Path) -> None:
    new, old = configuration(hbr__a=SHORT), configuration(hbr__a=LONG)
    delta = only(reviewed(tmp_path, new, old)).delta
    report = reviewed(tmp_path, new, old, approve=[delta])
    assert wording.headline(report) == "1 policy changed; nothing open, 1 approved"


def test_the_gravest_comes_first_within_a_stack_and_across_stacks(tmp_path: Path) -> None:
    def stack(**resources: Json) -> Json:
        return configuration(**resources)

    old = cdktf_out(tmp_path / "old", a=stack(hbr__a=SHORT), b=stack(hbr__a=SHORT, hbr__z=LONG, hbr__m=LONG))
    new = cdktf_out(tmp_path / "new", a=stack(hbr__a=LONG), b=stack(hbr__a=SHORT, hbr__z=SHORT, hbr__m=LONG))
    report = review(read_input(new, old), at=AT)
    assert [(each.stack, each.address[-1]) for each in report.resources()] == [
        ("b", "z"),
        ("b", "a"),
        ("b", "m"),
        ("a", "a"),
    ]
    page = markdown.render(report)
    assert page.index("alicloud_hbr_policy.z") < page.index("alicloud_hbr_policy.a")


def test_a_review_without_anything_says_so_everywhere(tmp_path: Path) -> None:
    policy = configuration(hbr__a=backup_policy(backup_rule(keep_latest_snapshots=1), transition()))
    report = reviewed(tmp_path, policy, policy)
    assert only(report).findings == ()
    assert "no change; nothing to look at" in text.render(report)
    assert "no change; nothing to look at" in markdown.render(report)
    assert json.loads(sarif.render(report))["runs"][0]["results"] == []
    assert 'failures="0"' in junit.render(report)
    assert github.render(report).splitlines() == [
        "::notice title=alipolicy review::no change; nothing to look at"
    ]
