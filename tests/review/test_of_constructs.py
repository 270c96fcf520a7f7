"""What stacks tell the review: reasons and Python lines, and what their provider cannot express."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from constructs_lib import AlicloudProvider, BackupPolicy, BackupPolicyRule, cdktf
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import github, html, junit, markdown, sarif, text
from constructs_lib.review.report import Level, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    configuration,
    only,
    ram_policy,
    reviewed,
    transition,
)

FILE = "tests/review/test_of_constructs.py"
REASONS = {"BP309": "the rule has its own retention", "BP203": "outlived its cause"}


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, int]:
    """The review of a stack, and the line of this file that makes its policy."""
    folder = tmp_path_factory.mktemp("app") / "cdktf.out"
    app = cdktf.App(outdir=str(folder))
    stack = cdktf.TerraformStack(app, "backups")
    AlicloudProvider(stack, "alicloud")
    rules = [BackupPolicyRule.backup(schedule="I|1648605600|P1D", vault_id="v-1", retention=7)]
    BackupPolicy(stack, "lone", rules=rules, acknowledge=REASONS)
    line = made_at("acknowledge=REASONS")
    app.synth()
    return review(read_input(folder), at=AT), line


def made_at(text: str) -> int:
    lines = Path(__file__).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_reason_is_reported_and_the_one_that_sets_nothing_aside_is_a_finding(
    created: tuple[Report, int],
) -> None:
    resource = only(created[0])
    found = {finding.code: finding for finding in resource.findings}
    assert (found["BP309"].is_open, found["BP309"].reason) == (False, REASONS["BP309"])
    assert found["RV391"].received == "a reason for BP203, which nothing reports"
    assert [acknowledgement.code for acknowledgement in resource.acknowledgements] == ["BP309"]
    assert created[0].level is Level.WARNING


def test_every_format_names_the_python_line_and_the_place_in_the_json(created: tuple[Report, int]) -> None:
    report, line = created
    source = f"{FILE}:{line}"
    assert only(report).source == source
    unused = next(finding for finding in report.all_findings() if finding.code == "RV391")
    assert unused.location.pointer.endswith("/lone/~1~1/alipolicy/acknowledge")
    place = f"{unused.location.file}:{unused.location.line}"
    for page in (text.render(report, width=1_000), markdown.render(report)):
        assert source in page
        assert f"(line {unused.location.line})" in page
    assert source in html.render(report)
    assert place in html.render(report)
    (warning, _) = github.render(report).splitlines()
    assert warning.startswith(f"::warning file={FILE},line={line},title=RV391 ")
    cases = {
        case.get("name"): case
        for case in ElementTree.fromstring(junit.render(report, Level.WARNING)).iter("testcase")
    }
    failure = cases["RV391 acknowledge"].find("failure")
    assert failure is not None
    assert (failure.text or "").splitlines()[1:] == [source, place]
    results = {result["ruleId"]: result for result in json.loads(sarif.render(report))["runs"][0]["results"]}
    assert located(results["RV391"]["locations"][0]) == (FILE, line)
    assert located(results["RV391"]["relatedLocations"][0]) == (
        f"file://{unused.location.file}",
        unused.location.line,
    )


def located(location: Any) -> tuple[str, int]:
    physical = location["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


@pytest.mark.parametrize("source", ["acme.backups", "a.py:", ":7", "a.py:0", "a.py:x", f"a.py:{'9' * 5000}"])
def test_a_source_that_is_no_line_is_shown_and_points_nowhere(tmp_path: Path, source: str) -> None:
    comment = {"//": {"alipolicy": {"source": source}}}
    report = reviewed(tmp_path, configuration(hbr__a=backup_policy(backup_rule(retention=3), **comment)))
    assert only(report).python is None
    assert source[:60] in text.render(report)
    for result in json.loads(sarif.render(report))["runs"][0]["results"]:
        assert located(result["locations"][0])[0].endswith("new.tf.json")


# ------------------------------------------------------------ what a provider cannot express


IDS = {"rule_type": "TAG", "data_source_filters": [{"source_type": "OSS", "data_source_ids": ["d-1"]}]}
BEYOND: dict[str, tuple[Callable[[str], dict[str, Any]], str]] = {
    "BP401": (
        lambda kind: configuration(**{f"{kind}__a": backup_policy(backup_rule(), transition(), IDS)}),
        "rules/2/data_source_filters/0/data_source_ids",
    ),
    "BP402": (
        lambda kind: configuration(
            **{f"{kind}__a": backup_policy(backup_rule(backup_type="DIFFERENTIAL"), transition())}
        ),
        "rules/0/backup_type",
    ),
    "PV401": (
        lambda kind: configuration(**{f"{kind}__a": ram_policy(allow("oss:Get*"), set_as_default=False)}),
        "set_as_default",
    ),
}


@pytest.mark.parametrize("code", BEYOND)
def test_what_the_official_provider_cannot_express_is_an_error_at_its_place(
    tmp_path: Path, code: str
) -> None:
    build, place = BEYOND[code]
    official, own = (
        ("alicloud_hbr_policy", "alipolicy_backup_policy")
        if code.startswith("BP")
        else ("alicloud_ram_policy", "alipolicy_policy_version")
    )
    (finding,) = [
        finding for finding in reviewed(tmp_path, build(official)).all_findings() if finding.code == code
    ]
    assert finding.level is Level.ERROR
    assert finding.location.pointer == f"/resource/{official}/a/{place}"
    assert code not in [finding.code for finding in reviewed(tmp_path, build(own)).all_findings()]


def test_it_cannot_be_acknowledged(tmp_path: Path) -> None:
    comment = {"//": {"alipolicy": {"acknowledge": {"BP402": "please"}}}}
    policy = backup_policy(backup_rule(backup_type="DIFFERENTIAL"), transition(), **comment)
    report = reviewed(tmp_path, configuration(hbr__a=policy))
    found = {finding.code: finding for finding in report.all_findings()}
    assert found["BP402"].is_open
    assert "RV391" in found
