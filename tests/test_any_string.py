"""Every public function takes any string: out comes a finding, an escaped text, or the error it names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.backup.checks import CHECKS, check_backup_policy
from constructs_lib.backup.interval import Interval
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.quartz import QuartzCron
from constructs_lib.backup.recovery import compare as compare_recovery
from constructs_lib.backup.recovery import simulate
from constructs_lib.backup.resource_types import ALICLOUD
from constructs_lib.backup.rule import (
    AdvancedRetention,
    BackupPolicyRule,
    CrossAccount,
    DataSourceFilter,
    TagFilter,
)
from constructs_lib.backup.schedule import Schedule, ScheduleError
from constructs_lib.findings import Finding, InvalidPropsError, approved, quoted
from constructs_lib.ram import access
from constructs_lib.ram.analysis.evaluator import UnreadableError
from constructs_lib.ram.checks import check_policy_version
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.policy_version import PolicyVersionProps
from tests.properties import ANY_STRING, examples


def can_be_printed(*texts: str) -> bool:
    """On a terminal and in UTF-8; each line for itself."""
    return all(line.isprintable() for text in texts for line in text.split("\n"))


def answer(call: Callable[[], object], refuses: type[Exception]) -> str:
    """What a call returns, or says when it refuses its arguments."""
    try:
        return str(call())
    except refuses as error:
        return str(error)


# ------------------------------------------------------------ findings

findings = st.builds(Finding, st.sampled_from(["BP103", "PV203", "BP301"]), *[ANY_STRING] * 4)


@examples(50)
@given(ANY_STRING, st.lists(findings, min_size=1, max_size=3))
def test_a_finding_and_the_error_of_findings(name: str, found: list[Finding]) -> None:
    assert can_be_printed(*map(str, found), str(InvalidPropsError(name, found)), quoted(name))


@examples(50)
@given(ANY_STRING, st.lists(findings, max_size=2), st.dictionaries(ANY_STRING, ANY_STRING, max_size=2))
def test_acknowledgements(name: str, found: list[Finding], acknowledge: dict[str, str]) -> None:
    codes = {"PV203", "BP301"}
    assert can_be_printed(answer(lambda: approved(name, found, acknowledge, codes) and "", ValueError))


# ------------------------------------------------------------ policy documents

LISTS = ANY_STRING | st.lists(ANY_STRING | st.sampled_from(["*", "oss:Get*"]), max_size=3)
EFFECTS = st.sampled_from(["Allow", "Deny"]) | ANY_STRING
OPERATORS = st.sampled_from(["StringLike", "Bool", "IpAddress", "DateLessThan", "NumericEquals"]) | ANY_STRING
CONDITIONS = st.dictionaries(OPERATORS, st.dictionaries(ANY_STRING, LISTS, max_size=2), max_size=2)
statements = st.builds(
    PolicyStatement,
    effect=EFFECTS,
    actions=LISTS | st.none(),
    not_actions=LISTS | st.none(),
    resources=LISTS | st.none(),
    not_resources=LISTS | st.none(),
    conditions=CONDITIONS | st.none(),
    principal=st.dictionaries(ANY_STRING, LISTS, max_size=2) | st.none(),
    sid=ANY_STRING | st.none(),
)
documents = st.lists(statements, max_size=3).map(PolicyDocument)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_STRING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_STRING, inner, max_size=3),
    max_leaves=6,
)


@examples(50)
@given(documents)
def test_a_document_that_is_built_has_a_size_a_text_and_a_minimal_form(document: PolicyDocument) -> None:
    for each in (document, document.minimised()):
        assert each.size_bytes >= 0
        json.loads(each.to_json().encode())
    assert can_be_printed(answer(document.split, ValueError))


@examples(50)
@given(ANY_STRING | JSON | JSON.map(json.dumps))
def test_a_document_that_is_read_is_one_or_is_refused(written: Any) -> None:
    assert can_be_printed(answer(lambda: PolicyDocument.from_json(written).to_json(), InvalidPropsError))


@examples(50)
@given(ANY_STRING, documents | ANY_STRING | JSON, ANY_STRING)
def test_the_props_of_a_version(name: str, document: Any, strategy: str) -> None:
    props = PolicyVersionProps(policy_name=name, policy_document=document, rotate_strategy=strategy)
    assert can_be_printed(*map(str, check_policy_version(props)))


@examples(50)
@given(documents, documents, ANY_STRING, ANY_STRING)
def test_what_a_document_allows(one: PolicyDocument, other: PolicyDocument, action: str, target: str) -> None:
    for comparison in (access.compare(one, other), access.compare_denials(one, other)):
        for grant in (*comparison.gained, *comparison.lost):
            assert can_be_printed(str(grant.witness))
        assert can_be_printed(str(comparison.undecided))
    assert can_be_printed(str(access.must_allow(one, other).undecided))
    assert can_be_printed(str(access.must_not_allow(one, other).undecided))
    allowed = answer(lambda: access.allows(one, action, target, {action: target}), UnreadableError)
    assert can_be_printed(allowed)


# ------------------------------------------------------------ backup policies

SCHEDULES = ANY_STRING | st.builds(
    "{}|{}|{}".format,
    st.sampled_from("IC"),
    st.just("0") | ANY_STRING,
    st.sampled_from(["P1D", "0 0 2 ? * 1"]) | ANY_STRING,
)


@examples(50)
@given(SCHEDULES, ANY_STRING)
def test_schedules_and_zones(text: str, zone: str) -> None:
    calls: list[Callable[[], str]] = [
        lambda: Schedule.parse(text).describe(zone),
        lambda: Schedule.parse(text).describe(),
        lambda: Schedule.cron(text, start=0).describe(),
        lambda: Schedule.every(text, start=0).describe(),
        lambda: Interval.parse(text).describe(),
        lambda: QuartzCron.parse(text).expression,
    ]
    assert can_be_printed(*(answer(call, ScheduleError) for call in calls))


rules = st.builds(
    BackupPolicyRule,
    rule_type=st.sampled_from(["BACKUP", "TRANSITION", "REPLICATION", "TAG"]) | ANY_STRING,
    schedule=SCHEDULES | st.none(),
    backup_type=ANY_STRING | st.none(),
    retention=st.integers(0, 400) | ANY_STRING | st.none(),
    replication_region_id=ANY_STRING | st.none(),
    vault_id=ANY_STRING | st.none(),
    retention_rules=st.lists(
        st.builds(AdvancedRetention, advanced_retention_type=ANY_STRING, retention=st.just(9)), max_size=1
    ),
    tag_filters=st.lists(st.builds(TagFilter, key=ANY_STRING, operator=ANY_STRING), max_size=1),
    data_source_filters=st.lists(
        st.builds(
            DataSourceFilter,
            source_type=ANY_STRING,
            data_source_ids=st.lists(ANY_STRING, max_size=1),
            account_scope=ANY_STRING,
            accounts=st.lists(st.builds(CrossAccount, cross_account_type=ANY_STRING), max_size=1),
        ),
        max_size=1,
    ),
)
policies = st.builds(
    BackupPolicyProps,
    policy_name=ANY_STRING,
    policy_type=st.sampled_from(["STANDARD", "UDM_ECS_ONLY"]) | ANY_STRING | st.none(),
    policy_description=ANY_STRING | st.none(),
    rules=st.lists(rules, max_size=3),
)


@examples(50)
@given(policies)
def test_the_props_of_a_backup_policy(props: BackupPolicyProps) -> None:
    assert can_be_printed(*map(str, check_backup_policy(props, CHECKS + ALICLOUD.checks)))


@examples(30)
@given(policies, policies)
def test_the_recovery_points_of_a_backup_policy(before: BackupPolicyProps, after: BackupPolicyProps) -> None:
    for recovery in (simulate(before), simulate(after)):
        assert can_be_printed(*map(str, recovery.unknown), *recovery.assumptions)
    assert can_be_printed(*compare_recovery(before, after, at=0).assumptions)
