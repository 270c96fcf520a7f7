"""Backup policies in few words, for the tests of what they promise."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from constructs_lib import AdvancedRetention, BackupPolicyRule, Schedule
from constructs_lib.backup.policy import BackupPolicyProps

DAY = 86_400
HOUR = 3_600


def moment(text: str, zone: str = "Asia/Shanghai") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


START = moment("2026-01-01")


def policy(*rules: BackupPolicyRule) -> BackupPolicyProps:
    return BackupPolicyProps(rules=list(rules))


def every(interval: str, start: int = START, **props: Any) -> BackupPolicyRule:
    return BackupPolicyRule.backup(schedule=Schedule.every(interval, start=start), **props)


def cron(expression: str, start: int = START, **props: Any) -> BackupPolicyRule:
    return BackupPolicyRule.backup(schedule=Schedule.cron(expression, start=start), **props)


def keep(retention: Any, newest: int | None = None, **firsts: int) -> BackupPolicyRule:
    """A TRANSITION rule: `keep(7, yearly=730)`."""
    return BackupPolicyRule.transition(
        retention=retention,
        keep_latest_snapshots=newest,
        retention_rules=[
            AdvancedRetention(advanced_retention_type=period.upper(), retention=days)
            for period, days in firsts.items()
        ],
    )


def copy_to(region: Any, retention: Any, newest: int | None = None) -> BackupPolicyRule:
    return BackupPolicyRule.replication(
        replication_region_id=region, retention=retention, keep_latest_snapshots=newest
    )
