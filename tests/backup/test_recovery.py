"""What a policy promises: the scenarios by hand, everything else against a walk from event to event."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from constructs_lib import (
    AdvancedRetention,
    BackupPolicyRule,
    RuleType,
    ScheduleError,
    SourceType,
    TagFilter,
)
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.recovery import Gap, MovedPoint, Recovery, compare, simulate
from constructs_lib.backup.simulation.runs import MOST_RUNS
from constructs_lib.backup.simulation.timeline import Timeline
from constructs_lib.backup.simulation.worst_case import (
    FOREVER,
    Lifetime,
    WorstCase,
    worst_cases,
)
from constructs_lib.findings import shown
from tests.backup.policies import DAY, HOUR, START, copy_to, cron, every, keep, moment, policy
from tests.backup.readings import (
    Shift,
    decided,
    expiries,
    gets_better,
    gets_worse,
    kept_by,
    kept_on_average,
    loss_at,
    shifts,
    shifts_of,
    sooner,
)
from tests.backup.recovery_oracle import (
    CRONS,
    ZONES,
    Case,
    Seen,
    expected_moves,
    occurrences,
    random_case,
    random_change,
    rules_of,
    walk,
    worst_loss,
)

TEN_YEARS = 3_652 * DAY + DAY // 2
TOKEN = "${TfToken[TOKEN.7]}"
NUMBER_TOKEN = -8.10956221259138e298
LIST_TOKEN = ["#{TfToken[TOKEN.2]}"]


class Lazy:
    """What a CDKTF `IResolvable` looks like from Python."""

    def resolve(self, context: Any) -> Any:
        raise AssertionError("a simulation must not resolve a token")


def backups(recovery: Recovery) -> Timeline:
    assert recovery.unknown == ()
    assert recovery.backups is not None
    return recovery.backups


def ten_years(*rules: BackupPolicyRule, zone: str = "Asia/Shanghai", job_length: int = 0) -> Timeline:
    begin = moment("2026-01-01", zone)
    recovery = simulate(policy(*rules), begin=begin, end=begin + TEN_YEARS, tz=zone, job_length=job_length)
    assert recovery.zone == zone
    return backups(recovery)


def settled(timeline: Timeline) -> tuple[int, float, int]:
    assert timeline.counts is not None
    return timeline.counts.lowest, round(timeline.counts.mean, 1), timeline.counts.highest


def in_hours(timeline: Timeline) -> list[tuple[float, float | None]]:
    """The worst case: days of age, hours of loss."""
    return [
        (round(case.older_than / DAY, 2), None if case.loss is None else case.loss / HOUR)
        for case in timeline.worst_cases
    ]


# ------------------------------------------------------------ the scenarios, by arithmetic


def test_hourly_with_all_four_periods() -> None:
    """168 in the last week, 23 + 8.6 + 9.0 + 6.0 firsts beyond, 1.7 months that no week begins with."""
    timeline = ten_years(every("PT1H"), keep(7, daily=30, weekly=90, monthly=365, yearly=2555))
    assert len(timeline.times) == 87_660
    assert settled(timeline) == (215, 216.3, 218)
    assert in_hours(timeline) == [(0, 1), (6.96, 24), (29, 168), (83, 744), (334, 8784), (2189, None)]
    kept = list(kept_on_average(timeline).values())
    assert [round(count) for count in kept] == [161, 25, 12, 11, 7]
    assert sum(kept) == pytest.approx(216.3, abs=0.01)
    assert sum(decided(timeline).values()) == 87_660


def test_cron_of_the_api_page() -> None:
    timeline = ten_years(cron("0 0 2 ? * 3,5,7", retention=7))
    assert len(timeline.times) == 1_566
    assert settled(timeline) == (3, 3, 3)
    assert in_hours(timeline) == [(0, 72), (4, None)]


def test_daily_and_yearly_of_the_api_page_has_a_cliff() -> None:
    timeline = ten_years(every("P1D"), keep(7, yearly=730))
    assert len(timeline.times) == 3_653
    assert settled(timeline) == (8, 9.0, 9)
    assert in_hours(timeline) == [(0, 24), (6, 366 * 24), (364, None)]


def test_weekly_kept_five_days_leaves_nothing_to_restore_two_days_in_seven() -> None:
    timeline = ten_years(cron("0 0 2 ? * 7", retention=5, keep_latest_snapshots=0))
    assert len(timeline.times) == 522
    assert settled(timeline)[::2] == (0, 1)
    assert timeline.empty_share == pytest.approx(0.286, abs=0.0005)
    assert timeline.worst_cases == (WorstCase(0, None),)


def test_keeping_the_newest_always_leaves_one_but_no_promise_for_what_is_noticed_later() -> None:
    timeline = ten_years(cron("0 0 2 ? * 7", retention=5, keep_latest_snapshots=1))
    assert settled(timeline) == (1, 1, 1)
    assert timeline.empty_share == 0
    assert timeline.worst_cases == (WorstCase(0, 7 * DAY), WorstCase(0, None))
    assert (loss_at(timeline, 0), loss_at(timeline, 1)) == (7 * DAY, None)
    assert decided(timeline) == {"rules[0].retention": 0, "rules[0].keep_latest_snapshots": 522}


def test_the_spring_change_in_berlin_drops_a_backup_at_half_past_two() -> None:
    timeline = ten_years(cron("0 30 2 * * ?"), keep(14, weekly=60, monthly=400), zone="Europe/Berlin")
    assert len(timeline.times) == 3_643
    assert settled(timeline)[::2] == (30, 34)
    assert in_hours(timeline) == [(0, 47), (12.04, 191), (52.04, 743), (53, 745), (368.96, None)]


def test_what_is_overridden_or_too_short_decides_nothing() -> None:
    timeline = ten_years(every("PT6H", retention=365), keep(3, daily=2))
    assert len(timeline.times) == 14_610
    assert settled(timeline) == (12, 12, 12)
    assert in_hours(timeline) == [(0, 6), (2.75, None)]
    assert decided(timeline) == {
        "rules[0].retention": 0,
        "rules[1].retention": 14_610,
        "rules[1].retention_rules[0].retention": 0,
    }


def test_a_job_longer_than_the_interval_halves_the_backups() -> None:
    timeline = ten_years(every("PT1H", retention=7), job_length=90 * 60)
    assert len(timeline.times) == 43_830
    assert settled(timeline) == (84, 84, 84)
    assert in_hours(timeline) == [(0, 2), (6.92, None)]


def test_month_end() -> None:
    timeline = ten_years(cron("0 0 2 L * ?"), keep(30, monthly=365))
    assert len(timeline.times) == 120
    assert settled(timeline)[::2] == (11, 12)
    assert in_hours(timeline) == [(0, 31 * 24), (334, None)]


def test_hourly_for_a_thousand_years_never_settles() -> None:
    timeline = ten_years(every("PT1H", retention=364_635))
    assert (timeline.settled, timeline.counts) == (None, None)
    assert timeline.count(timeline.end - 1) == len(timeline.times) == 87_660
    assert timeline.existing(timeline.end - 1)[0].time == timeline.begin
    assert in_hours(timeline)[0] == (0, 1)
    assert loss_at(timeline, 364_000 * DAY) == HOUR


def test_left_to_itself_it_looks_long_enough_to_see_leap_years_and_settled_counts() -> None:
    props = policy(every("P1D"), keep(7, daily=30, weekly=90, monthly=365, yearly=2555))
    timeline = backups(simulate(props))
    assert timeline.counts is not None
    assert in_hours(timeline)[-2:] == [(334, 8784), (2189, None)]


def test_five_years_are_looked_at_even_if_all_settles_sooner_since_one_has_a_leap_day() -> None:
    begin = moment("2025-01-01")
    assert in_hours(backups(simulate(policy(every("P1D", begin), keep(7, yearly=800)))))[1] == (6, 366 * 24)


def test_the_same_month_of_another_year_is_another_month() -> None:
    timeline = ten_years(cron("0 0 0 10 1 ?"), keep(1, monthly=40))
    assert [point.expires for point in timeline.points()] == [moment + 40 * DAY for moment in timeline.times]


def test_an_overridden_retention_has_no_say_in_how_long_to_look() -> None:
    props = policy(every("P1D", retention=364_635), keep(7, yearly=2555))
    assert backups(simulate(props)).counts is not None


# ------------------------------------------------------------ held against a walk from event to event


def simulated(case: Case) -> Timeline:
    return backups(
        simulate(case.props, begin=case.begin, end=case.end, tz=case.zone, job_length=case.job_length)
    )


def change_points(seen: Iterable[Seen], low: int, high: int) -> list[int]:
    """Every second around every event: where anything can change, and the two ends."""
    around = {moment + shift for point in seen for moment in point[:2] for shift in (-1, 0)}
    return sorted({low, high - 1} | {moment for moment in around if low <= moment < high})


RANDOM = range(160)  # make e2e has more


@pytest.mark.parametrize("block", range(4))
def test_points_counts_and_shares_are_those_of_the_walk(block: int) -> None:
    check_points(RANDOM[block::4])


def check_points(seeds: Iterable[int]) -> None:
    for seed in seeds:
        case = random_case(seed)
        seen, timeline = walk(case), simulated(case)
        assert list(timeline.times) == [point.time for point in seen], seed
        assert expiries(timeline) == [point.expiry for point in seen], seed
        dice = random.Random(seed)
        events = change_points(seen, case.begin, case.end)
        for at in dice.sample(events, min(20, len(events))):
            alive = [point.time for point in seen if point.time <= at < point.expiry]
            assert [point.time for point in timeline.existing(at)] == alive, (seed, at)
            assert timeline.count(at) == len(alive), (seed, at)
        if seen:
            check_settled(seed, case, seen, timeline)


def check_settled(seed: int, case: Case, seen: list[Seen], timeline: Timeline) -> None:
    longest = max(point.own - point.time for point in seen)
    since = seen[0].time + longest
    assert timeline.settled == (since if since < case.end else None), seed
    since = timeline.settled or seen[0].time
    events = sorted({since, case.end, *(m for point in seen for m in point[:2] if since < m < case.end)})
    changes = sorted([(point.time, 1) for point in seen] + [(point.expiry, -1) for point in seen])
    counts, place, count = [], 0, 0
    for event in events[:-1]:
        while place < len(changes) and changes[place][0] <= event:
            count += changes[place][1]
            place += 1
        counts.append(count)
    lengths = [later - earlier for earlier, later in pairwise(events)]
    mean = sum(map(int.__mul__, counts, lengths)) / sum(lengths)
    empty = sum(length for count, length in zip(counts, lengths, strict=True) if not count)
    assert timeline.empty_share == pytest.approx(empty / sum(lengths)), seed
    assert sum(kept_on_average(timeline).values()) == pytest.approx(mean), seed
    if timeline.settled is not None:
        assert timeline.counts is not None
        assert timeline.counts.lowest == min(counts), seed
        assert timeline.counts.highest == max(counts), seed
        assert timeline.counts.mean == pytest.approx(mean), seed


@pytest.mark.parametrize("block", range(4))
def test_the_worst_case_is_what_brute_force_finds(block: int) -> None:
    check_worst_cases(RANDOM[block::4])


def check_worst_cases(seeds: Iterable[int]) -> None:
    """Of incidents at whole seconds, the last before a point comes one second short of the bound."""
    for seed in seeds:
        case = random_case(seed)
        case = case._replace(end=min(case.end, case.begin + 90 * DAY))
        seen, timeline = walk(case), simulated(case)
        if not seen:
            assert timeline.worst_cases == (WorstCase(0, None),)
            continue
        # Any worst incident is just before a point is made, or just before the end.
        incidents = [point.time - 1 for point in seen[1:]] + [case.end - 1]
        incidents += [point.expiry - 1 for point in seen if point.expiry < case.end]
        ages = {0, 1, 400 * DAY}
        ages |= {max(0, case.older_than + shift) for case in timeline.worst_cases for shift in (-1, 0, 1)}
        ages |= {
            point.expiry - later.time + 1 for point, later in pairwise(seen) if point.expiry >= later.time
        }
        dice = random.Random(seed)
        for age in dice.sample(sorted(ages), min(24, len(ages))):
            promised, found = loss_at(timeline, age), worst_loss(seen, age, incidents)
            assert found == (None if promised is None else promised - 1), (seed, age)


@pytest.mark.parametrize("zone", [*ZONES, "America/Havana", "Asia/Beirut"])
@pytest.mark.parametrize("expression", [*CRONS, "0 */30 0-3 * * ?", "30 59 1,2,23 ? * 1"])
def test_cron_starts_are_those_of_the_schedule_through_every_clock_change(zone: str, expression: str) -> None:
    begin = moment("2026-02-01T01:30:00", zone)
    props = policy(cron(expression, begin - 10 * DAY, retention=1))
    timeline = backups(simulate(props, begin=begin, end=begin + 400 * DAY, tz=zone))
    (rule,) = rules_of(props, RuleType.BACKUP)
    starts = [int(moment.timestamp()) for moment in occurrences(rule, begin, begin + 400 * DAY, zone)]
    assert list(timeline.times) == starts


def test_days_follow_the_clock_of_the_zone_and_weeks_begin_on_sunday() -> None:
    begin = moment("2026-01-01", "America/New_York")
    firsts = backups(
        simulate(policy(every("PT1H", begin), keep(1, weekly=5)), begin=begin, end=begin + 400 * DAY,
                 tz="America/New_York")
    )  # fmt: skip
    kept = [point.time for point in firsts.points() if point.kept_by.days == 5]
    local = [datetime.fromtimestamp(moment, ZoneInfo("America/New_York")) for moment in kept]
    assert local[0].date() == date(2026, 1, 1)
    assert all((moment.isoweekday(), moment.hour) == (7, 0) for moment in local[1:])
    assert len(local) == 58


# ------------------------------------------------------------ what hides a part of the result


def test_an_unknown_schedule_hides_everything_but_what_is_known_of_the_others() -> None:
    for schedule in (TOKEN, Lazy(), "I|${local.start}|P1D"):
        rule = BackupPolicyRule.backup(schedule=schedule, retention=7)
        recovery = simulate(policy(every("P1D", retention=7), rule, copy_to("cn-shanghai", 7)))
        assert recovery.backups is None
        assert [start.path for start in recovery.starts] == ["rules[0]"]
        assert recovery.replicas[0].copies is None
        assert [str(value) for value in recovery.unknown] == [f"rules[1].schedule is {shown(schedule)}"]


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ([every("P1D", retention=NUMBER_TOKEN)], "rules[0].retention"),
        ([every("P1D", retention=Lazy())], "rules[0].retention"),
        ([every("P1D", retention=7), keep(NUMBER_TOKEN)], "rules[1].retention"),
        ([every("P1D"), keep(7, yearly=NUMBER_TOKEN)], "rules[1].retention_rules[0].retention"),  # type: ignore[arg-type]
        ([every("P1D", retention=7, keep_latest_snapshots=NUMBER_TOKEN)], "rules[0].keep_latest_snapshots"),
        (
            [every("P1D"), BackupPolicyRule.transition(retention=7, retention_rules=LIST_TOKEN)],  # type: ignore[arg-type]
            "rules[1].retention_rules",
        ),
        (
            [every("P1D"), BackupPolicyRule.transition(retention=7, retention_rules=[Lazy()])],  # type: ignore[list-item]
            "rules[1].retention_rules[0]",
        ),
        (
            [
                every("P1D"),
                BackupPolicyRule.transition(
                    retention=7,
                    retention_rules=[AdvancedRetention(advanced_retention_type=TOKEN, retention=9)],
                ),
            ],
            "rules[1].retention_rules[0].advanced_retention_type",
        ),
        (
            [
                every("P1D"),
                BackupPolicyRule.transition(
                    retention=7,
                    retention_rules=[
                        AdvancedRetention(advanced_retention_type="DAILY", retention=9, which_snapshot=2)
                    ],
                ),
            ],
            "rules[1].retention_rules[0].which_snapshot",
        ),
        ([every("P1D", retention=-1)], "rules[0].retention"),
        ([every("P1D")], "rules[0].retention"),
        ([every("P1D", retention=7), keep(0)], ""),
        ([every("P1D"), keep(7), keep(8)], "rules"),
        ([every("P1D", retention=7), keep(8, daily=0)], "rules[1].retention_rules[0].retention"),
    ],
)
def test_an_unknown_retention_hides_the_backups_but_not_their_copies(
    rules: list[BackupPolicyRule], path: str
) -> None:
    recovery = simulate(policy(*rules, copy_to(TOKEN, 7)))
    assert [value.path for value in recovery.unknown] == ([path] if path else [])
    assert (recovery.backups is None) == bool(path)
    assert len(recovery.starts) == 1
    (replica,) = recovery.replicas
    assert replica.region is None
    assert replica.copies is not None
    assert replica.copies.worst_cases == (WorstCase(0, DAY), WorstCase(6 * DAY, None))


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        (LIST_TOKEN, "rules"),
        (Lazy(), "rules"),
        ([Lazy()], "rules[0]"),
        ([BackupPolicyRule(rule_type=TOKEN)], "rules[0].rule_type"),
        ([BackupPolicyRule(rule_type="BACKUPS")], "rules[0].rule_type"),
        ([BackupPolicyRule(rule_type="BACKUP", retention=7)], "rules[0].schedule"),
        ([BackupPolicyRule(rule_type="BACKUP", schedule="I|1|1D", retention=7)], "rules[0].schedule"),
    ],
)
def test_what_is_unknown_of_the_rules_hides_everything(rules: Any, path: str) -> None:
    recovery = simulate(BackupPolicyProps(rules=rules))
    assert [value.path for value in recovery.unknown] == [path]
    assert recovery.backups is None
    change = compare(BackupPolicyProps(rules=rules), policy(every("P1D", retention=7)), at=START)
    assert change.backups.unknown
    assert (shifts_of(change.backups), change.backups.moved) == ((), ())


def test_unknown_values_without_a_say_in_time_hide_nothing() -> None:
    tag = BackupPolicyRule.tag(source_types=[SourceType.OSS], tag_filters=[TagFilter(key=TOKEN)])
    backup = every("P1D", retention=NUMBER_TOKEN, vault_id=TOKEN, backup_type=TOKEN)
    props = BackupPolicyProps(policy_name=TOKEN, policy_type=TOKEN, rules=(backup, keep(7), tag))
    assert backups(simulate(props)).worst_cases == (WorstCase(0, DAY), WorstCase(6 * DAY, None))


def test_an_unknown_copy_hides_itself_alone() -> None:
    props = policy(every("P1D", retention=7), copy_to("cn-beijing", NUMBER_TOKEN), copy_to("cn-hangzhou", 3))
    recovery = simulate(props)
    assert recovery.backups is not None
    assert [value.path for value in recovery.unknown] == ["rules[1].retention"]
    assert [replica.copies is None for replica in recovery.replicas] == [True, False]
    change = compare(props, props, at=START + 100 * DAY)
    assert [(replica.region, replica.unknown) for replica in change.replicas] == [
        ("cn-beijing", True),
        ("cn-hangzhou", False),
    ]


# ------------------------------------------------------------ what comes with the result


def test_copies_live_as_long_as_their_rule_says_and_no_longer() -> None:
    rules = (every("P1D", keep_latest_snapshots=1), keep(7, yearly=730), copy_to("cn-shanghai", 3))
    (replica,) = simulate(policy(*rules)).replicas
    assert (replica.path, replica.region) == ("rules[2]", "cn-shanghai")
    assert replica.copies is not None
    assert settled(replica.copies) == (3, 3, 3)
    assert replica.copies.worst_cases == (WorstCase(0, DAY), WorstCase(2 * DAY, None))


def test_a_replication_rule_can_keep_the_newest_copy_but_no_other_rule_can() -> None:
    weekly = cron("0 0 2 ? * 7", retention=5)
    (replica,) = simulate(policy(weekly, copy_to("cn-shanghai", 5, newest=1))).replicas
    assert replica.copies is not None
    assert replica.copies.empty_share == 0
    assert backups(simulate(policy(weekly, copy_to("cn-shanghai", 5, newest=1)))).empty_share > 0.28


def test_next_runs_and_the_schedule_in_words_name_the_zone() -> None:
    begin = datetime(2026, 3, 28, tzinfo=UTC)
    recovery = simulate(
        policy(cron("0 30 2 * * ?", retention=7)), begin=begin, tz="Europe/Berlin", next_runs=3
    )
    assert recovery.zone == "Europe/Berlin"
    (starts,) = recovery.starts
    assert "Europe/Berlin" in starts.words
    assert [moment.isoformat() for moment in starts.next_runs] == [
        "2026-03-28T02:30:00+01:00",
        "2026-03-30T02:30:00+02:00",
        "2026-03-31T02:30:00+02:00",
    ]
    assert any("Europe/Berlin" in sentence for sentence in recovery.assumptions)


def test_assumptions_are_sentences_that_say_what_the_policy_leaves_open() -> None:
    security = BackupPolicyRule.security(schedule="I|0|P1D", retention=3)
    misplaced = BackupPolicyRule(
        rule_type="BACKUP",
        schedule="I|0|P1M",
        retention_rules=[AdvancedRetention(advanced_retention_type="DAILY", retention=9)],
    )
    props = policy(every("P1D"), misplaced, keep(7, newest=1), security, copy_to("cn-shanghai", 3))
    reported = simulate(props, begin=START, job_length=600).assumptions
    assert all(finding[0].isupper() or finding[0] in "'rk" for finding in reported)
    assert all(finding.endswith(".") for finding in reported)
    for words in ("2 BACKUP rules", "rules[3]", "rules[1].retention_rules", "P1M", "600 seconds", "copied"):
        assert any(words in finding for finding in reported), words
    assert any("keep_latest_snapshots" in finding for finding in reported)


def test_each_point_says_what_keeps_it() -> None:
    timeline = ten_years(every("P1D"), keep(7, yearly=730))
    first, second, *_ = timeline.points()
    assert (first.kept_by.keeps, first.expires) == ("the first backup of each year", START + 730 * DAY)
    assert (second.kept_by.keeps, second.kept_by.path) == ("every backup", "rules[1].retention")
    assert kept_by(timeline, START + 800 * DAY) == {"every backup": 7, "the first backup of each year": 2}


def test_two_rules_make_one_point_of_one_second_and_keep_it_the_longer_time() -> None:
    timeline = ten_years(every("P1D", retention=2), every("P7D", retention=9))
    assert len(timeline.times) == 3_653
    assert expiries(timeline)[0] - timeline.times[0] == 9 * DAY
    assert expiries(timeline)[1] - timeline.times[1] == 2 * DAY


def test_a_moment_that_is_not_looked_at_is_refused() -> None:
    timeline = ten_years(every("P1D", retention=2))
    for at in (timeline.begin - 1, timeline.end):
        with pytest.raises(ValueError, match="is looked at"):
            timeline.count(at)
        with pytest.raises(ValueError, match="is looked at"):
            timeline.existing(at)


@pytest.mark.parametrize(
    "arguments",
    [
        {"tz": "Mars/Base"},
        {"begin": -1},
        {"begin": 2**40},
        {"begin": datetime(2026, 1, 1)},
        {"begin": 1.5},
        {"begin": True},
        {"begin": START, "end": START},
        {"job_length": -1},
        {"job_length": 0.5},
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ScheduleError, match="received"):
        simulate(policy(every("P1D", retention=7)), **arguments)


def test_a_fixed_offset_is_a_zone_too() -> None:
    recovery = simulate(policy(every("P1D", retention=7)), tz=timezone(timedelta(hours=8)))
    assert recovery.zone == "UTC+08:00"


# ------------------------------------------------------------ it ends, whatever is asked


@pytest.mark.parametrize(
    ("rule", "arguments"),
    [
        (every("PT1S", retention=7), {}),
        (every("PT1S", retention=364_635, keep_latest_snapshots=1), {}),
        (every("PT1S", retention=1), {"job_length": 10**9}),
        (every("PT0.000001S", retention=1), {}),
        (cron("* * * * * ?", retention=7), {}),
        (every("PT1H", retention=364_635), {}),
        (every("P1D", moment("2200-01-01"), retention=7), {}),
        (every("P1D", 253_402_214_399, retention=7), {}),
        (every("P1M", moment("9990-01-01"), retention=7), {"end": 253_370_764_799}),
        (every("P1000Y", retention=364_635), {}),
        (every("P1D", retention=2**53), {}),
        (cron("0 0 0 30 2 ?", retention=7), {}),
        (cron("0 0 0 1 1 ? 2200", retention=7), {}),
        (cron("0 0 0 1 1 ? 2030", retention=7, keep_latest_snapshots=1), {}),
        (every("P1D", 0, retention=7), {"end": moment("2500-01-01")}),
    ],
)
def test_it_never_hangs(rule: BackupPolicyRule, arguments: dict[str, Any]) -> None:
    began = time.process_time()
    timeline = simulate(policy(rule), **arguments).backups
    assert timeline is not None
    assert len(timeline.times) <= MOST_RUNS
    assert timeline.worst_cases
    assert 0 <= timeline.empty_share <= 1
    assert time.process_time() - began < 20


def test_a_shortened_time_is_reported() -> None:
    recovery = simulate(policy(every("PT1S", retention=7)), begin=START)
    assert backups(recovery).counts is None
    assert recovery.end == START + MOST_RUNS
    assert recovery.shortened is not None
    assert "2026-01-05 15:06:40" in recovery.shortened
    assert simulate(policy(every("PT1H", retention=364_635)), begin=START).shortened is None


def test_what_never_runs_leaves_nothing_to_restore() -> None:
    timeline = backups(simulate(policy(cron("0 0 0 30 2 ?", retention=7)), begin=START))
    assert (timeline.worst_cases, timeline.empty_share) == ((WorstCase(0, None),), 1)
    assert settled(timeline) == (0, 0, 0)
    assert timeline.existing(START) == []


def test_starts_less_than_a_second_apart_make_one_point() -> None:
    props = policy(every("PT0.4S", retention=7), every("PT1.5S", retention=7))
    timeline = backups(simulate(props, begin=START, end=START + 9))
    assert list(timeline.times) == list(range(START, START + 9))
    halves = policy(every("PT1.5S", retention=7))
    later = backups(simulate(halves, begin=START + 2, end=START + 9))
    assert later.times == [START + 3, START + 4, START + 6, START + 7]


def test_a_policy_without_a_backup_rule_makes_nothing() -> None:
    for props in (policy(), BackupPolicyProps(), policy(keep(7))):
        assert backups(simulate(props, begin=START)).worst_cases == (WorstCase(0, None),)


def test_a_schedule_that_ends_says_so_and_its_newest_point_stays_forever() -> None:
    props = policy(cron("0 0 0 1 1 ? 2030", retention=7, keep_latest_snapshots=1))
    timeline = backups(simulate(props, begin=START))
    assert timeline.ends == moment("2030-01-01")
    (point,) = timeline.points()
    assert (point.expires, expiries(timeline)) == (None, [FOREVER])
    assert backups(simulate(policy(every("P1D", retention=7)))).ends is None


def test_a_comparison_never_hangs_either() -> None:
    began = time.process_time()
    change = compare(
        policy(every("PT0.000001S", retention=7)), policy(every("P1D", retention=7)), at=START + 1_000 * DAY
    )
    assert any("400,000" in sentence for sentence in change.assumptions)
    assert time.process_time() - began < 20


# ------------------------------------------------------------ what a change means


def test_a_shorter_retention_deletes_what_is_over_at_once_and_the_rest_sooner() -> None:
    at = START + 100 * DAY + HOUR
    change = compare(policy(every("P1D", retention=7)), policy(every("P1D", retention=3)), at=at)
    moved = sooner(change.backups)
    assert [(at - point.time) // DAY for point in moved] == [6, 5, 4, 3, 2, 1, 0]
    assert [point.after for point in moved[:4]] == [at] * 4
    assert [point.after for point in moved[4:]] == [point.time + 3 * DAY for point in moved[4:]]
    assert [point.before for point in moved] == [point.time + 7 * DAY for point in moved]
    assert shifts_of(change.backups) == (Shift(2 * DAY, 6 * DAY, DAY, None),)
    assert shifts_of(change.backups)[0].is_worse
    assert (gets_worse(change.backups), gets_better(change.backups)) == (True, False)


def test_the_other_way_round_everything_gets_better() -> None:
    at = START + 100 * DAY
    change = compare(policy(every("P1D", retention=3)), policy(every("P1D", retention=7)), at=at)
    assert sooner(change.backups) == []
    assert len(change.backups.moved) == 2
    assert (gets_worse(change.backups), gets_better(change.backups)) == (False, True)


def test_a_new_weekly_rule_keeps_what_was_first_of_its_week() -> None:
    at = moment("2026-03-05T12:00:00")
    change = compare(policy(every("P1D"), keep(7)), policy(every("P1D"), keep(7, weekly=90)), at=at)
    (sunday,) = change.backups.moved
    assert sunday.time == moment("2026-03-01")
    assert sunday.kept_by_after.keeps == "the first backup of each week"
    assert gets_better(change.backups)


def test_the_same_policy_changes_nothing() -> None:
    props = policy(every("PT6H"), keep(7, newest=1, weekly=30), copy_to("cn-beijing", 3))
    change = compare(props, props, at=START + 500 * DAY)
    for replica in (change.backups, *change.replicas):
        assert (shifts_of(replica), replica.moved, replica.unknown) == ((), (), False)
        assert (gets_worse(replica), gets_better(replica)) == (False, False)


def test_replicas_are_compared_by_region_and_a_lost_one_promises_nothing() -> None:
    at = START + 100 * DAY
    old = policy(every("P1D", retention=7), copy_to("cn-beijing", 3), copy_to("cn-shanghai", 9))
    new = policy(every("P1D", retention=7), copy_to("cn-shanghai", 5), copy_to("cn-hangzhou", 3))
    beijing, shanghai, hangzhou = compare(old, new, at=at).replicas
    assert (beijing.region, beijing.after, gets_worse(beijing)) == ("cn-beijing", None, True)
    assert shifts_of(beijing) == (Shift(0, 2 * DAY, DAY, None),)
    assert shifts_of(shanghai) == (Shift(4 * DAY, 8 * DAY, DAY, None),)
    assert len(sooner(shanghai)) == 8
    assert (hangzhou.region, hangzhou.before, gets_better(hangzhou)) == ("cn-hangzhou", None, True)


def test_without_keeping_the_newest_what_overstayed_goes_at_once() -> None:
    at = moment("2026-03-05T12:00:00")
    weekly = "0 0 2 ? * 7"
    change = compare(
        policy(cron(weekly, retention=3, keep_latest_snapshots=1)), policy(cron(weekly, retention=3)), at=at
    )
    (moved,) = change.backups.moved
    assert (moved.time, moved.before, moved.after) == (
        moment("2026-02-28T02:00:00"),
        moment("2026-03-07T02:00:00"),
        at,
    )


def test_a_change_says_what_it_assumes() -> None:
    old = policy(every("P1D", retention=7, immutable=True), every("P2D", retention=7))
    reported = compare(old, policy(keep(7)), at=START + 9 * DAY).assumptions
    for words in (
        "exist at the change",
        "immutable",
        "no BACKUP rule",
        "what its BACKUP rule became",
        "since 2026-01-01",
    ):
        assert any(words in finding for finding in reported), words


def test_a_policy_that_had_not_begun_leaves_nothing_to_move() -> None:
    change = compare(policy(every("P1D", retention=7)), policy(every("P1D", retention=3)), at=START - DAY)
    assert change.backups.moved == ()


@pytest.mark.parametrize("block", range(2))
def test_moved_points_are_those_of_the_walk(block: int) -> None:
    check_moved_points(range(block, 50, 2))


def check_moved_points(seeds: Iterable[int]) -> None:
    for seed in seeds:
        old, new = random_change(seed)
        change = compare(
            old.props, new.props, at=old.end, since=old.begin, end=old.end + 60 * DAY,
            tz=old.zone, job_length=old.job_length,
        )  # fmt: skip
        moved = [(point.time, point.before, point.after) for point in change.backups.moved]
        assert moved == expected_moves(old, new), seed
        check_shifts(change.backups.before, change.backups.after, shifts_of(change.backups), seed)


def check_shifts(
    before: Timeline | None, after: Timeline | None, found: tuple[Shift, ...], seed: int
) -> None:
    """At every age around every case, the shifts tell both losses where they differ."""
    assert before is not None
    assert after is not None
    cases = {case.older_than for case in (*before.worst_cases, *after.worst_cases)}
    for age in sorted({0} | {case + shift for case in cases for shift in (0, 1)}):
        reported = [
            each
            for each in found
            if (each.older_than < age and (each.up_to is None or age <= each.up_to))
            or (age == 0 and each is found[0] and each.older_than == 0)
        ]
        was, now = loss_at(before, age), loss_at(after, age)
        if age == 0 and was == now:
            continue
        assert [(finding.before, finding.after) for finding in reported] == (
            [(was, now)] if was != now else []
        ), (seed, age)


def test_points_that_are_too_many_to_look_at_from_the_beginning_are_looked_at_from_the_end() -> None:
    """Twelve years of quarter-hours are too many; what exists at the change was made in the last two."""
    at = moment("2038-03-05T12:05:00")
    old, new = keep(7, daily=60, monthly=400), keep(7, daily=30, monthly=380)
    change, recent = (
        compare(policy(every("PT15M"), old), policy(every("PT15M"), new), at=at, since=since)
        for since in (START, moment("2036-01-01"))
    )
    assert any("since 2026-01-01 00:00:00" in sentence for sentence in change.assumptions)
    assert not any("400,000" in sentence for sentence in change.assumptions)
    assert change.backups.moved == recent.backups.moved
    monthly = [point for point in sooner(change.backups) if point.kept_by.days == 60]
    assert len(monthly) == 58
    assert sum(point.after == at for point in monthly) == 29


def test_a_point_goes_with_what_its_backup_rule_became_or_with_the_shortest() -> None:
    at = moment("2026-03-05T18:00:00")
    noon = moment("2026-01-01T12:00:00")
    old = policy(every("P1D", retention=5), every("P1D", noon, retention=9))
    same_schedule = compare(old, policy(every("P1D", retention=2), every("P1D", noon, retention=9)), at=at)
    assert {point.time % DAY for point in same_schedule.backups.moved} == {START % DAY}
    assert len(same_schedule.backups.moved) == 5
    alone = compare(old, policy(every("P1D", retention=2)), at=at)
    assert len(sooner(alone.backups)) == 5 + 9
    swapped = compare(old, policy(every("P1D", retention=9), every("P1D", noon, retention=5)), at=at)
    assert (len(sooner(swapped.backups)), len(swapped.backups.moved)) == (9, 14)


# ------------------------------------------------------------ the worst case itself


def test_points_that_live_forever_never_end_the_promise() -> None:
    assert worst_cases([Lifetime(0, FOREVER, [0, 10])], 30) == (WorstCase(0, 20),)
    all_three = Lifetime(0, 5, [0, 10, 20])
    assert worst_cases([all_three, Lifetime(5, FOREVER, [0])], 30) == (WorstCase(0, 30),)


def test_worst_cases_that_differ_only_for_what_is_noticed_at_once() -> None:
    assert shifts((WorstCase(0, 7), WorstCase(0, None)), (WorstCase(0, None),)) == (Shift(0, 0, 7, None),)
    assert shifts((WorstCase(0, 5), WorstCase(9, 8)), (WorstCase(0, 5), WorstCase(4, 6))) == (
        Shift(4, 9, 5, 6),
        Shift(9, None, 8, 6),
    )


def test_a_longer_loss_is_worse_and_no_promise_is_worst() -> None:
    assert Shift(0, None, 5, 6).is_worse
    assert Shift(0, None, 5, None).is_worse
    assert not Shift(0, None, None, 5).is_worse


def test_a_point_that_now_goes_is_sooner_than_never() -> None:
    kept_by = ten_years(every("P1D", retention=2)).retentions[0]
    assert MovedPoint(0, None, 5, kept_by, kept_by).is_sooner
    assert not MovedPoint(0, 5, None, kept_by, kept_by).is_sooner


@pytest.mark.parametrize(
    ("last", "following", "ends", "expected"),
    [
        (0, 10, 11, True),
        (1, 10, 11, False),
        (0, 11, 11, False),  # the clock is put back: the old policy would have waited as long
        (None, 10, 11, False),
        (0, None, 11, False),
        (0, 10, None, False),
    ],
)
def test_a_gap_is_longer_than_usual_where_the_old_policy_had_gone_on_earlier(
    last: int | None, following: int | None, ends: int | None, expected: bool
) -> None:
    assert Gap(last, following, ends, 10, 10).is_longer_than_usual is expected
