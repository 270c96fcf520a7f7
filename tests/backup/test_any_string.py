"""Any string, and any number, is judged or refused in printable words: none breaks anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from constructs_lib import AdvancedRetention, BackupPolicyRule, RuleType, Schedule, ScheduleError, TagFilter
from constructs_lib.backup.checks import CHECKS, check_backup_policy
from constructs_lib.backup.interval import Interval
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.quartz import QuartzCron
from constructs_lib.backup.recovery import Recovery, compare, simulate
from constructs_lib.backup.resource_types import ALICLOUD
from constructs_lib.backup.rule import CrossAccount, DataSourceFilter
from tests.backup.policies import every, policy

STRINGS = [
    "\ud800", "\x00", "\u2028", "a\ud800b\x00\u2028\u202e", "C|0|\ud800", "I|0|P\ud800", "I|\ud800|P1D",
    "C|0|0 0 2 ? * \u202e", "I|0|P1D\x00", "I|\u0663|P1D", "C|0|0 0 \u0663 ? * 1", "9" * 9_999,
    f"I|{'9' * 9_999}|P1D", "Europe/\x00", "../x", "", "${\ud800}",
]  # fmt: skip
NUMBERS = [10**5_000, -(10**5_000), 10**400, float("nan"), float("inf")]
SOUND = policy(every("P1D", retention=7))
FIELDS = [
    "schedule", "backup_type", "retention", "replication_region_id", "retention_rules", "vault_id",
    "keep_latest_snapshots", "immutable", "archive_days", "data_source_filters", "tag_filters",
]  # fmt: skip


def assert_printable(*texts: str) -> None:
    for text in texts:
        assert text.isprintable(), ascii(text)


def assert_refused_or_taken(call: Callable[[], object]) -> None:
    try:
        call()
    except ScheduleError as error:
        assert_printable(str(error), error.where, error.problem, error.advice)


def strings_of(recovery: Recovery) -> Iterator[str]:
    yield from map(str, recovery.unknown)
    yield from recovery.assumptions
    for start in recovery.starts:
        yield from (start.words, *start.ambiguities)


def assert_judged(props: BackupPolicyProps) -> None:
    for finding in check_backup_policy(props, CHECKS + ALICLOUD.checks):
        assert_printable(finding.path, finding.received, finding.allowed, finding.hint, finding.message)
    assert_printable(*strings_of(simulate(props)))
    for change in (compare(props, SOUND, at=0), compare(SOUND, props, at=0)):
        assert_printable(*strings_of(change.before), *strings_of(change.after), *change.assumptions)


@pytest.mark.parametrize("text", STRINGS, ids=range(len(STRINGS)))
def test_any_string_is_a_schedule_a_zone_and_a_moment_or_refused(text: Any) -> None:
    schedule = Schedule.parse("C|0|0 0 2 ? * 1")
    for call in (
        lambda: Schedule.parse(text),
        lambda: Schedule.cron(text, start=0),
        lambda: Schedule.every(text, start=0),
        lambda: Schedule.every("P1D", start=text),
        lambda: Interval.parse(text),
        lambda: QuartzCron.parse(text),
        lambda: schedule.describe(text),
        lambda: next(schedule.occurrences(tz=text)),
        lambda: simulate(SOUND, tz=text),
        lambda: simulate(SOUND, begin=text),
        lambda: simulate(SOUND, end=text),
        lambda: simulate(SOUND, job_length=text),
        lambda: compare(SOUND, SOUND, at=text),
    ):
        assert_refused_or_taken(call)


@pytest.mark.parametrize("value", [*STRINGS, *NUMBERS], ids=range(len(STRINGS) + len(NUMBERS)))
def test_any_value_of_a_prop_is_judged(value: Any) -> None:
    for rule_type in (*RuleType, value):
        for name in FIELDS:
            rule = BackupPolicyRule(**{"rule_type": rule_type, name: value})
            assert_judged(BackupPolicyProps(policy_name=value, rules=[rule, every("P1D", retention=3)]))
    account: Any = CrossAccount(
        cross_account_user_id=value, cross_account_type=value, cross_account_role_name=value
    )
    tag = BackupPolicyRule(
        rule_type="TAG",
        tag_filters=[TagFilter(key=value, value=value, operator=value)],
        data_source_filters=[
            DataSourceFilter(
                source_type=value, data_source_ids=[value], account_scope=value, accounts=[value, account]
            )
        ],
    )
    first = AdvancedRetention(advanced_retention_type=value, retention=value, which_snapshot=value)
    rules = [tag, BackupPolicyRule.transition(retention=3, retention_rules=[first])]
    assert_judged(BackupPolicyProps(policy_type=value, policy_description=value, rules=rules))
    assert_judged(BackupPolicyProps(rules=value))


@pytest.mark.parametrize("number", NUMBERS, ids=range(len(NUMBERS)))
def test_any_number_is_a_moment_or_refused(number: Any) -> None:
    for call in (
        lambda: Schedule.every("P1D", start=number),
        lambda: simulate(SOUND, begin=number),
        lambda: simulate(SOUND, end=number),
        lambda: simulate(SOUND, job_length=number),
        lambda: compare(SOUND, SOUND, at=number),
    ):
        assert_refused_or_taken(call)
