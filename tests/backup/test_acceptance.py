"""What the live API was seen to take is no error, at any door: the official provider's acceptance tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from constructs_lib import AdvancedRetention, BackupPolicyRule, Severity, TagFilter
from constructs_lib.backup.checks import CHECKS, check_backup_policy
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.rule import DataSourceFilter
from constructs_lib.findings import Basis, Finding
from constructs_lib.localcloud.rules import derive_policy_type
from tests.backup.test_checks import BACKUP, TAG, TRANSITION, policy

REQUESTS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "official-acceptance.json").read_text("utf-8")
)["requests"]
NUMBERS = range(len(REQUESTS))
NAMES = {"RetentionRules": AdvancedRetention, "DataSourceFilters": DataSourceFilter, "TagFilters": TagFilter}


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def rules_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules by Terraform's names, what is left out as the API fills it in."""
    return [
        {
            snake(name): [{snake(key): item for key, item in each.items()} for each in value]
            if name in NAMES
            else value
            for name, value in rule.items()
        }
        for rule in request["rules"]
    ]


def props_of(request: dict[str, Any]) -> BackupPolicyProps:
    kinds = {snake(name): kind for name, kind in NAMES.items()}
    rules: list[BackupPolicyRule] = []
    for rule in rules_of(request):
        fields: dict[str, Any] = {
            name: [kinds[name](**item) for item in value] if name in kinds else value
            for name, value in rule.items()
        }
        rules.append(BackupPolicyRule(**fields))
    return BackupPolicyProps(policy_type=request["policy_type"], rules=rules)


def beyond(props: BackupPolicyProps) -> list[Finding]:
    return [finding for finding in check_backup_policy(props) if finding.code == "BP309"]


@pytest.mark.parametrize("number", NUMBERS)
def test_what_the_live_api_takes_is_no_error_and_one_warning_per_rule(number: int) -> None:
    findings = check_backup_policy(props_of(REQUESTS[number]))
    assert [str(finding) for finding in findings if finding.severity is Severity.ERROR] == []
    found = [finding for finding in findings if finding.code == "BP309"]
    assert len({finding.path for finding in found}) == len(found)
    for finding in found:
        assert finding.allowed.startswith("by the page, ")
        assert "was seen to take this" in finding.hint
        assert "not documented" in finding.hint


def test_most_of_it_is_not_on_the_page() -> None:
    quiet = [number for number in NUMBERS if not beyond(props_of(REQUESTS[number]))]
    assert quiet == [7, 18]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_local_cloud_takes_it(number: int) -> None:
    request = REQUESTS[number]
    has_vault = any(rule["VaultId"] for rule in request["rules"])
    expected = "STANDARD" if has_vault else "UDM_ECS_ONLY"
    assert derive_policy_type("p", request["policy_type"] or "", request["rules"]) == expected


def test_the_example_of_the_documentation_is_one_finding_that_says_why() -> None:
    example = evolve(BACKUP, retention=7, archive_days=0)
    (finding,) = check_backup_policy(policy(example))
    assert (finding.code, finding.path, finding.severity) == ("BP309", "rules[0]", Severity.WARNING)
    assert finding.received == "no TRANSITION rule in the policy"
    assert finding.allowed == "by the page, exactly one TRANSITION rule"


def test_all_that_is_not_on_the_page_of_one_rule_is_one_finding() -> None:
    rule = evolve(BACKUP, retention=7, archive_days=90, tag_filters=[TagFilter(key="env")])
    (finding,) = beyond(policy(rule))
    assert finding.received == (
        "archive_days and tag_filters in a rule of type BACKUP; no TRANSITION rule in the policy"
    )
    assert "archive_days in a rule of type TRANSITION or SECURITY" in finding.allowed


def test_incremental_backups_may_have_an_interval_of_their_own() -> None:
    often = evolve(BACKUP, schedule="I|0|PT1H", backup_type="INCREMENTAL")
    (finding,) = check_backup_policy(policy(BACKUP, TRANSITION, often))
    assert (finding.code, finding.path) == ("BP309", "rules[2]")


@pytest.mark.parametrize("source_type", ["UDM_ECS", "OSS"])
def test_an_ecs_source_is_taken_in_the_rules_that_were_seen_only(source_type: str) -> None:
    sources = [DataSourceFilter(source_type=source_type)]
    assert beyond(policy(BACKUP, evolve(TRANSITION, data_source_filters=sources)))
    tagged = check_backup_policy(policy(BACKUP, TRANSITION, evolve(TAG, data_source_filters=sources)))
    assert [finding.code for finding in tagged] == (["BP205"] if source_type == "UDM_ECS" else [])


def test_every_check_says_what_it_stands_on() -> None:
    stands_on = {check.code: check.basis for check in CHECKS}
    assert all(stands_on.values())
    assert stands_on["BP309"] == (Basis.PAGE, Basis.ACCEPTANCE_TESTS)
    assert stands_on["BP303"] == (Basis.HARM,)
    assert stands_on["BP107"] == (Basis.SDK,)
