"""Where days, weeks, months and years begin, at the ends of what can be asked."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from constructs_lib.backup.simulation.calendar import DAY, MONTH, YEAR, begins
from constructs_lib.backup.simulation.runs import Runs


@pytest.mark.parametrize(("flag", "count"), [(DAY, 59), (MONTH, 2), (YEAR, 0)])
def test_the_last_years_of_the_calendar_have_beginnings_too(flag: int, count: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    first, last = (int(datetime(9998, month, 1, 12, tzinfo=zone).timestamp()) for month in (1, 3))
    found = begins(zone, flag, first, last)
    assert len(found) == count
    assert all(datetime.fromtimestamp(moment, zone).hour == 0 for moment in found)


def test_no_backup_is_the_first_of_no_day() -> None:
    assert list(Runs.none(1, 0).firsts(DAY, UTC)) == []
