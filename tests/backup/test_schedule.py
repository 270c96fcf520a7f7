"""Schedules: their texts, their starts, their gaps, their words."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.backup.interval import Interval
from constructs_lib.backup.quartz import QuartzCron, ScheduleError
from constructs_lib.backup.schedule import Schedule
from tests.backup.test_quartz import Asked, Fits, day_fields, expressions
from tests.properties import examples

SEED_START = 1631685600
SEED = "C|1631685600|0 0 2 ? * 3,5,7"
UTC8 = timezone(timedelta(hours=8))
BERLIN = ZoneInfo("Europe/Berlin")


def refusal(text: str) -> ScheduleError:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse(text)
    return caught.value


# The text.


def test_the_factories_write_what_the_api_takes() -> None:
    assert str(Schedule.every("P1D", start=1648647166)) == "I|1648647166|P1D"
    assert str(Schedule.cron("0 0 2 ? * 3,5,7", start=SEED_START)) == SEED


def test_the_factories_take_parsed_parts_too() -> None:
    assert Schedule.every(Interval.parse("P1D"), start=0) == Schedule.parse("I|0|P1D")
    assert Schedule.cron(QuartzCron.parse("0 0 2 * * ?"), start=0) == Schedule.parse("C|0|0 0 2 * * ?")


@given(
    st.from_regex(r"0{0,3}[0-9]{1,11}", fullmatch=True),
    st.sampled_from(["P1D", "PT24H", "P1W", "PT1,50H", "P007D"]),
    expressions(),
    st.text(" \t", max_size=2),
)
def test_parsing_and_printing_give_the_text_back(start: str, interval: str, asked: Asked, blank: str) -> None:
    for text in (f"I|{start}|{interval}", f"C|{start}|{blank}{asked.text}{blank}"):
        assert str(Schedule.parse(text)) == text
        assert Schedule.parse(str(Schedule.parse(text))) == Schedule.parse(text)


def test_a_schedule_has_a_start_and_either_an_interval_or_a_cron_expression() -> None:
    every, cron = Schedule.parse("I|007|P1D"), Schedule.parse(SEED)
    assert (every.start, every.interval, every.cron_expression) == (7, Interval.parse("P1D"), None)
    assert (cron.start, cron.interval, cron.cron_expression) == (
        SEED_START,
        None,
        QuartzCron.parse("0 0 2 ? * 3,5,7"),
    )
    assert every.is_fixed_interval
    assert not cron.is_fixed_interval


def test_schedules_with_one_text_are_equal_and_parsed_once() -> None:
    assert Schedule.parse(SEED) is Schedule.parse(SEED)
    assert len({Schedule.parse(SEED), Schedule.cron("0 0 2 ? * 3,5,7", start=SEED_START)}) == 1
    assert Schedule.parse("I|0|P1D") != Schedule.parse("I|1|P1D")


def test_a_schedule_is_a_value() -> None:
    schedule = Schedule.parse(SEED)
    assert pickle.loads(pickle.dumps(schedule)) == copy.deepcopy(schedule) == schedule
    with pytest.raises(AttributeError):
        schedule.start = 0  # type: ignore[misc]


def test_ambiguities_come_from_the_interval_or_the_expression() -> None:
    assert Schedule.parse(SEED).ambiguities == ()
    assert Schedule.parse("I|0|P1W").ambiguities == Interval.parse("P1W").ambiguities != ()
    assert Schedule.parse("C|0|0 0 2 * * *").ambiguities == QuartzCron.parse("0 0 2 * * *").ambiguities != ()


def test_importing_it_loads_neither_the_descriptions_nor_node() -> None:
    code = "import sys, constructs_lib.backup.schedule; print({'cron_descriptor', 'jsii'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"


# The start.


@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        (0, 0),
        (1648647166, 1648647166),
        (253_402_214_399, 253_402_214_399),
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2021, 9, 15, 14, tzinfo=UTC8), SEED_START),
        (datetime(2021, 9, 15, 8, tzinfo=BERLIN), SEED_START),
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN), 1792888200),
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1), 1792891800),
    ],
)
def test_a_start_is_unix_seconds_or_an_aware_datetime(start: int | datetime, seconds: int) -> None:
    assert Schedule.every("P1D", start=start).start == seconds
    assert Schedule.cron("0 0 2 * * ?", start=start).start == seconds


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (
            True,
            "received 'True' (start): it is neither a whole number nor a datetime. Pass whole UNIX seconds",
        ),
        (1.5, "received '1.5' (start): it is neither a whole number nor a datetime. Pass whole UNIX seconds"),
        ("0", "received '0' (start): it is neither a whole number nor a datetime. Pass whole UNIX seconds"),
        (None, "received 'None' (start): it is neither a whole number nor a datetime."),
        (datetime(2026, 1, 1), "received '2026-01-01 00:00:00' (start): the datetime has no time zone."),
        (datetime(2026, 1, 1, 0, 0, 0, 5, UTC), "(start): it has a fraction of a second."),
        (-1, "received 'I|-1|P1D', column 3 (start): '-1' is not a time in UNIX seconds."),
        (datetime(1969, 12, 31, tzinfo=UTC), "column 3 (start): '-86400' is not a time in UNIX seconds."),
        (1648647166000, "column 3 (start): it is after the year 9999, as milliseconds would be. Write UNIX"),
        (10**30, "column 3 (start): '1000000000000000000000000000000' is not a time in UNIX seconds."),
    ],
)
def test_any_other_start_is_refused_with_what_to_pass(start: Any, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        Schedule.every("P1D", start=start)
    assert message in str(caught.value)


# What is refused, and where.


@pytest.mark.parametrize(
    ("text", "column", "where", "problem"),
    [
        ("", 1, "schedule", "it begins with '' instead of I or C"),
        ("P1D", 1, "schedule", "it begins with 'P1D' instead of I or C"),
        ("i|0|P1D", 1, "schedule", "it begins with 'i' instead of I or C"),
        ("X|0|P1D", 1, "schedule", "it begins with 'X' instead of I or C"),
        ("I", 2, "schedule", "nothing follows the I"),
        ("I||P1D", 3, "start", "'' is not a time in UNIX seconds"),
        ("I| 0|P1D", 3, "start", "' 0' is not a time in UNIX seconds"),
        ("I|+5|P1D", 3, "start", "'+5' is not a time in UNIX seconds"),
        ("I|1_0|P1D", 3, "start", "'1_0' is not a time in UNIX seconds"),
        ("I|٣|P1D", 3, "start", "'٣' is not a time in UNIX seconds"),
        ("I|2021-09-15|P1D", 3, "start", "'2021-09-15' is not a time in UNIX seconds"),
        ("I|0", 4, "schedule", "nothing follows the start"),
        ("I|0|", 5, "interval", "it does not begin with P"),
        ("I|0|P1X", 7, "interval", "X has no place here"),
        ("I|1631685600|P1D|", 17, "interval", "'|' is not a number with a unit"),
        ("C|1631685600|0 0 2 ? * 8", 24, "day of week", "'8' is out of range, 1-7"),
        ("C|0|0 2 * * *", 5, "cron", "it has 5 fields, as in unix cron; Quartz begins with the seconds"),
        ("C|0|0 0 2 * * ?|", 16, "cron", "'|' (U+007C) has no place in a cron expression"),
    ],
)
def test_the_error_names_the_column_in_the_whole_text(
    text: str, column: int, where: str, problem: str
) -> None:
    error = refusal(text)
    assert (error.text, error.column, error.where, error.problem) == (text, column, where, problem)


def test_an_error_tells_what_was_received_and_what_to_write() -> None:
    assert str(refusal("I|0")) == (
        "received 'I|0', column 4 (schedule): nothing follows the start. "
        "Write I|<UNIX seconds>|<interval>, such as 'I|1631685600|P1D', "
        "or C|<UNIX seconds>|<cron>, such as 'C|1631685600|0 0 2 ? * 3,5,7'."
    )


@pytest.mark.parametrize("value", [None, 5, b"I|0|P1D", ["I|0|P1D"]])
def test_what_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(ScheduleError, match=r"\(schedule\): it is not a string"):
        Schedule.parse(value)


@examples(300)
@given(
    st.text(max_size=40)
    | st.builds("{}|{}|{}".format, st.sampled_from("IC"), st.integers(), st.text(max_size=20))
)
def test_any_text_is_a_schedule_or_a_schedule_error_within_it(text: str) -> None:
    try:
        assert str(Schedule.parse(text)) == text
    except ScheduleError:
        assert refusal(text).column in range(1, len(text) + 2)


# When backups start.


def test_an_interval_starts_at_the_start() -> None:
    found = list(islice(Schedule.parse("I|1631685600|P1D").occurrences(), 2))
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in found] == ["2021-09-15 14:00", "2021-09-16 14:00"]


def test_cron_starts_at_its_first_time_from_the_start_on() -> None:
    assert f"{next(Schedule.parse(SEED).occurrences()):%Y-%m-%d %H:%M}" == "2021-09-16 02:00"
    at_two = datetime(2021, 9, 16, 2, tzinfo=UTC8)
    assert next(Schedule.cron("0 0 2 ? * 3,5,7", start=at_two).occurrences()) == at_two


@pytest.mark.parametrize("text", ["I|1631685600|P1D", "C|1631685600|0 0 14 * * ?"])
def test_occurrences_are_strictly_after_a_moment_and_never_before_the_start(text: str) -> None:
    schedule, start = Schedule.parse(text), datetime(2021, 9, 15, 14, tzinfo=UTC8)
    assert next(schedule.occurrences(after=start - timedelta(days=9))) == start
    assert next(schedule.occurrences(after=start - timedelta(seconds=1))) == start
    assert next(schedule.occurrences(after=start)) == start + timedelta(days=1)
    assert next(schedule.occurrences(after=start.astimezone(BERLIN) + timedelta(hours=1), tz=BERLIN)) > start


def test_cron_is_read_in_the_zone_given_and_shanghai_stands_in_for_none() -> None:
    schedule = Schedule.cron("0 0 2 * * ?", start=0)
    assert next(schedule.occurrences()) == datetime(1970, 1, 2, 2, tzinfo=UTC8)
    for zone in ("Europe/Berlin", BERLIN):
        found = next(schedule.occurrences(tz=zone))
        assert (found, str(found.tzinfo)) == (datetime(1970, 1, 1, 2, tzinfo=BERLIN), "Europe/Berlin")


@pytest.mark.parametrize("text", ["I|1767225600|PT1H", "C|1767225600|0 0 * * * ?"])
def test_ten_years_of_hours_are_as_many_as_the_calendar_has(text: str) -> None:
    end = datetime(2036, 1, 1, tzinfo=UTC)
    assert sum(moment < end for moment in islice(Schedule.parse(text).occurrences(), 90_000)) == 87_648


@pytest.mark.parametrize("text", ["I|0|P1D", "I|0|P1M", "C|0|0 0 2 * * ?"])
def test_a_moment_without_a_zone_is_refused_at_once(text: str) -> None:
    with pytest.raises(ScheduleError, match=r"\(after\): the datetime has no time zone"):
        Schedule.parse(text).occurrences(after=datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "/etc/passwd", "../UTC", "Europe", "Europe/Berlin\0", 5]
)
def test_what_is_no_zone_is_refused(zone: Any) -> None:
    for ask in (Schedule.parse(SEED).describe, lambda tz: Schedule.parse(SEED).occurrences(tz=tz)):
        with pytest.raises(
            ScheduleError, match=r"\(tz\): it is not a time zone. Pass a name of the IANA database"
        ):
            ask(zone)


def test_the_last_start_of_all_is_taken() -> None:
    for text in ("I|253402214399|P1D", "I|253402214399|P1M", "C|253402214399|0 0 2 * * ?"):
        for hours in (-23, 0, 23):
            zone = timezone(timedelta(hours=hours))
            assert len(list(Schedule.parse(text).occurrences(tz=zone))) <= 2
            assert "9999-12-3" in Schedule.parse(text).describe(zone)


# The longest gap.


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("I|0|PT1H", timedelta(hours=1)),
        ("I|0|P1D", timedelta(days=1)),
        ("I|0|P1M", timedelta(days=31)),
        (SEED, timedelta(days=3)),
        ("C|0|0 0 * * * ?", timedelta(hours=1)),
        ("C|0|0 0 2 * * ?", timedelta(days=1)),
        ("C|0|0 0 2,14 * * ?", timedelta(hours=12)),
        ("C|0|0 0 2,6 * * ?", timedelta(hours=20)),
        ("C|0|0 0/15 9-17 ? * MON-FRI", timedelta(days=2, hours=15, minutes=15)),
        ("C|0|10,20 0,30 2 * * ?", timedelta(hours=23, minutes=29, seconds=50)),
        ("C|0|* * * * * ?", timedelta(seconds=1)),
        ("C|0|0 0 2 L * ?", timedelta(days=31)),
        ("C|0|0 0 2 31 * ?", timedelta(days=61)),
        ("C|0|0 0 2 15W * ?", timedelta(days=32)),
        ("C|0|0 0 2 ? * 6#5", timedelta(days=119)),
        ("C|0|0 0 2 29 2 ?", timedelta(days=8 * 365 + 1)),
        ("C|4133980800|0 0 2 29 2 ?", timedelta(days=4 * 365 + 1)),
        ("C|0|0 0 2 1 1 ? 2030,2040", timedelta(days=3652)),
        ("C|1893427200|0 0 2,16,20 1 1 ? 2030", timedelta(hours=14)),
        ("C|1893441600|0 0 2,16,20 1 1 ? 2030", timedelta(hours=4)),
        ("C|1893434400|0 0 2 1 1 ? 2030,2040,2041", timedelta(days=3652)),
        ("C|1896105600|0 0 2 1 1,10,11,12 ? 2030", timedelta(days=31)),
    ],
)
def test_the_longest_gap_is_exact(text: str, gap: timedelta) -> None:
    assert Schedule.parse(text).longest_gap() == gap


@pytest.mark.parametrize(
    "text",
    [
        "C|0|0 0 2 30 2 ?",
        "C|0|0 0 2 1 1 ? 2030",
        "C|1893480000|0 0 2,20 1 1 ? 2030",
        "C|1893434401|0 0 2 1 1 ? 2030,2031",
        "C|4102444800|0 0 2 * * ? 2099",
        "C|7258118400|0 0 2 * * ?",
        "I|250000000000|P1000Y",
    ],
)
def test_there_is_no_gap_without_two_starts(text: str) -> None:
    assert Schedule.parse(text).longest_gap() is None


@examples(100)
@given(
    st.sampled_from(["0 0 2", "0 0 2,14", "30 59 0,1,23", "0 0,1 4/9"]),
    day_fields(),
    st.sampled_from(["*", "*", "2", "6-8", "NOV-FEB"]),
    st.sampled_from(["*", "*", "2199", "2185-2190", "2180/7"]),
    st.datetimes(datetime(2184, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC8)),
)
def test_the_longest_gap_is_that_of_all_starts_up_to_2199(
    clock: str, fields: tuple[str, str, Fits], month: str, years: str, start: datetime
) -> None:
    of_month, of_week, _ = fields
    text = f"{clock} {of_month} {month} {of_week} {years}"
    schedule = Schedule.cron(text, start=start.replace(microsecond=0))
    gaps = [later - earlier for earlier, later in pairwise(schedule.occurrences(tz=UTC8))]
    assert schedule.longest_gap() == max(gaps, default=None)


# The words.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SEED, "At 02:00, only on Tuesday, Thursday, and Saturday"),
        ("C|1631685600|0 0 2 * * ?", "At 02:00, every day"),
        ("C|1631685600|0 0 2 ? * L", "At 02:00, only on Saturday"),
        ("C|1631685600|0 0 2 ? * 1/2", "At 02:00, only on Sunday, Tuesday, Thursday, and Saturday"),
        ("C|1631685600|0 0 2 ? * MON-FRI", "At 02:00, Monday through Friday"),
        ("C|1631685600|0 0 2 ? * SAT-MON", "At 02:00, only on Sunday, Monday, and Saturday"),
        ("C|1631685600|0 0 2 ? * 6L", "At 02:00, on the last Friday of the month"),
        ("C|1631685600|0 0 2 ? * 6#3", "At 02:00, on the third Friday of the month"),
        ("C|1631685600|0 0 2 L * ?", "At 02:00, on the last day of the month"),
        ("C|1631685600|0 0 2 L-1 * ?", "At 02:00, on the day before the last of the month"),
        ("C|1631685600|0 0 2 L-3 * ?", "At 02:00, on the day 3 days before the last of the month"),
        ("C|1631685600|0 0 2 LW * ?", "At 02:00, on the last weekday of the month"),
        ("C|1631685600|0 0 2 15W * ?", "At 02:00, on the weekday nearest day 15 of the month"),
        ("C|1631685600|0 0 2 L,15,1 * ?", "At 02:00, on day 1, day 15, and the last day of the month"),
        ("C|1631685600|0 0 2 1,15 * ?", "At 02:00, on day 1 and 15 of the month"),
        (
            "C|1631685600|0 0 2 1 2/3 ?",
            "At 02:00, on day 1 of the month, only in February, May, August, and November",
        ),
        ("C|1631685600|0 0 2 1 1 ? 2027", "At 02:00, on day 1 of the month, only in January, only in 2027"),
        (
            "C|1631685600|0 0 2 1 1 ? 2027,2030",
            "At 02:00, on day 1 of the month, only in January, only in 2027 and 2030",
        ),
        (
            "C|1631685600|0 0 2 1 1 ? 2027-2033",
            "At 02:00, on day 1 of the month, only in January, 2027 through 2033",
        ),
        (
            "C|1631685600|0 0 2 1 * ? 2027/2",
            "At 02:00, on day 1 of the month, every 2 years, 2027 through 2199",
        ),
        ("C|1631685600|0 0 2 * * ? *", "At 02:00, every day"),
        ("C|1631685600|0 0 2-2 * * ?", "At 02:00, every day"),
        ("C|1631685600|0 0 2-4 * * ?", "At 02:00, 03:00 and 04:00, every day"),
        ("C|1631685600|0 0 22-2 * * ?", "At 00:00, 01:00, 02:00, 22:00 and 23:00, every day"),
        ("C|1631685600|0 0 */6 * * ?", "At 00:00, 06:00, 12:00 and 18:00, every day"),
        ("C|1631685600|0 0 * * * ?", "Every hour"),
        ("C|1631685600|0 0 */2 * * ?", "Every 2 hours"),
        ("C|1631685600|0 0/15 * * * ?", "Every 15 minutes"),
        ("C|1631685600|0 */15 2-5 * * ?", "Every 15 minutes, between 02:00 and 05:59"),
        (
            "C|1631685600|0 0 9-17 ? * 2-6",
            "At 0 minutes past the hour, between 09:00 and 17:59, Monday through Friday",
        ),
        ("C|1631685600|30 0 2 * * ?", "At 02:00:30, every day"),
        ("C|1631685600|0 0 2 ? * MON-FRI/2", "At 02:00, Monday through Friday"),
        ("I|1631685600|P1D", "Every day"),
        ("I|1631685600|P1Y6M", "Every 1 year and 6 months"),
    ],
)
def test_it_is_described_with_zone_and_start(text: str, words: str) -> None:
    assert Schedule.parse(text).describe() == f"{words} (Asia/Shanghai), starting 2021-09-15 14:00"


def test_the_start_is_printed_in_the_zone_asked_for_to_the_second() -> None:
    schedule = Schedule.parse("I|1583216092|P1D")
    assert schedule.describe() == "Every day (Asia/Shanghai), starting 2020-03-03 14:14:52"
    assert schedule.describe("Europe/Berlin") == "Every day (Europe/Berlin), starting 2020-03-03 07:14:52"
    assert schedule.describe(UTC8) == "Every day (UTC+08:00), starting 2020-03-03 14:14:52"


def test_a_schedule_that_never_runs_says_so() -> None:
    assert Schedule.parse("C|1631685600|0 0 2 30 2 ?").describe() == (
        "Never (Asia/Shanghai): no day from 2021-09-15 to 2199-12-31 fits"
    )
    assert Schedule.parse("C|1631685600|0 0 2 * * ? 2020").describe().startswith("Never")


@examples(150)
@given(expressions())
def test_every_expression_can_be_described(asked: Asked) -> None:
    sentence = Schedule.cron(asked.text, start=SEED_START).describe()
    assert "(Asia/Shanghai)" in sentence
    assert "\n" not in sentence
