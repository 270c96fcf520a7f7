"""ISO 8601 intervals: what is refused, what is ambiguous, and when the times at intervals come."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from constructs_lib.backup.interval import Interval
from constructs_lib.backup.quartz import ScheduleError
from tests.properties import examples

BERLIN = ZoneInfo("Europe/Berlin")
UTC8 = timezone(timedelta(hours=8))


def refusal(text: str) -> ScheduleError:
    with pytest.raises(ScheduleError) as caught:
        Interval.parse(text)
    return caught.value


def dates(text: str, start: date, count: int) -> list[str]:
    opening = datetime(start.year, start.month, start.day, 14, tzinfo=UTC8)
    return [f"{moment:%Y-%m-%d}" for moment in islice(Interval.parse(text).occurrences(opening), count)]


# What it is.


@pytest.mark.parametrize(
    ("text", "months", "seconds", "words"),
    [
        ("PT1H", 0, 3_600, "every hour"),
        ("P1D", 0, 86_400, "every day"),
        ("PT24H", 0, 86_400, "every day"),
        ("P21D", 0, 21 * 86_400, "every 21 days"),
        ("P1W", 0, 7 * 86_400, "every 7 days"),
        ("P1W2D", 0, 9 * 86_400, "every 9 days"),
        ("P1M", 1, 0, "every month"),
        ("P1Y", 12, 0, "every year"),
        ("P1Y6M", 18, 0, "every 1 year and 6 months"),
        ("P2M1DT2H3M4S", 2, 93_784, "every 2 months and 1 day and 2 hours and 3 minutes and 4 seconds"),
        ("PT90M", 0, 5_400, "every 1 hour and 30 minutes"),
        ("P0.5D", 0, 43_200, "every 12 hours"),
        ("PT1,5H", 0, 5_400, "every 1 hour and 30 minutes"),
        ("P1DT0.25H", 0, 87_300, "every 1 day and 15 minutes"),
        ("PT36.5S", 0, Fraction(73, 2), "every 36.5 seconds"),
        ("PT0.000001S", 0, Fraction(1, 1_000_000), "every 0.000001 seconds"),
        ("P0Y0M001D", 0, 86_400, "every day"),
        ("P1000Y", 12_000, 0, "every 1000 years"),
    ],
)
def test_an_interval_has_months_seconds_and_words(
    text: str, months: int, seconds: int | Fraction, words: str
) -> None:
    interval = Interval.parse(text)
    assert (interval.text, interval.months, interval.seconds) == (text, months, seconds)
    assert interval.describe() == words


def test_seconds_are_an_int_where_they_are_whole() -> None:
    assert isinstance(Interval.parse("P0.5D").seconds, int)


def test_intervals_are_equal_where_their_texts_are() -> None:
    assert Interval.parse("P1D") == Interval.parse("P1D")
    assert Interval.parse("P1D") != Interval.parse("PT24H")


# What is ambiguous.


@pytest.mark.parametrize("text", ["PT1H", "P1D", "P2D", "PT24H", "P21D", "P1DT12H"])
def test_whole_days_and_hours_are_taken_without_ambiguity(text: str) -> None:
    assert Interval.parse(text).ambiguities == ()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("P1W", "weeks"),
        ("P1Y", "years"),
        ("PT30M", "minutes"),
        ("PT7200S", "seconds"),
        ("P0.5D", "a fraction"),
        ("P1WT1M0.5S", "weeks and minutes and seconds and a fraction"),
    ],
)
def test_what_the_service_never_shows_is_taken_with_an_ambiguity(text: str, kinds: str) -> None:
    seen = "the service's texts show whole days and hours only, the shortest PT1H."
    assert Interval.parse(text).ambiguities == (f"{text!r} has {kinds}; {seen}",)


def test_months_are_ambiguous_for_their_counting_since_the_service_was_seen_to_take_them() -> None:
    assert Interval.parse("P1M").ambiguities == (
        "'P1M' has months: the service was seen to take P1M, but no text says how it counts. "
        "Here they count from the start, and a month that is too short lends its last day.",
    )


# What is refused, and where.


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("", 1, "it does not begin with P"),
        ("1D", 1, "it does not begin with P"),
        ("p1d", 1, "it does not begin with P"),
        (" P1D", 1, "it does not begin with P"),
        ("-P1D", 1, "it is negative"),
        ("P-1D", 2, "'-1D' is not a number with a unit"),
        ("P", 2, "a number is missing"),
        ("PT", 3, "a number is missing"),
        ("P1DT", 5, "a number is missing"),
        ("P1", 2, "'1' is not a number with a unit"),
        ("P1d", 2, "'1d' is not a number with a unit"),
        ("P1D\n", 4, "'\\n' is not a number with a unit"),
        ("P\uff11D", 2, "'\uff11D' is not a number with a unit"),
        ("P.5D", 2, "'.5D' is not a number with a unit"),
        ("PTT1H", 3, "'T1H' is not a number with a unit"),
        ("P1DT1HT1M", 7, "'T1M' is not a number with a unit"),
        ("P1D1D", 5, "D has no place here"),
        ("P1D1M", 5, "M has no place here"),
        ("P1H", 3, "H has no place here"),
        ("PT1D", 4, "D has no place here"),
        ("PT1S1H", 6, "H has no place here"),
        ("P0D", 1, "its length is zero"),
        ("P0Y0M0DT0.0S", 1, "its length is zero"),
        ("P1.5M", 2, "a fraction of a month or year has no fixed length"),
        ("P0.5Y", 2, "a fraction of a month or year has no fixed length"),
        ("P1D0,5DT1H", 7, "D has no place here"),
        ("P1MT1.5H1M", 5, "only the last number may have a fraction"),
        ("PT1.1234567S", 5, "the fraction has more than 6 digits"),
        ("P1D" + "T1234567890H", 5, "the number is too large"),
        ("P1000Y1D", 1, "it is longer than 1,000 years"),
        ("P1001Y", 1, "it is longer than 1,000 years"),
        ("P999999999W", 1, "it is longer than 1,000 years"),
    ],
)
def test_the_error_names_the_column_and_the_problem(text: str, column: int, problem: str) -> None:
    error = refusal(text)
    assert (error.text, error.column, error.where, error.problem) == (text, column, "interval", problem)


def test_an_error_tells_what_to_write() -> None:
    assert str(refusal("P1X")) == (
        "received 'P1X', column 3 (interval): X has no place here. "
        "Write an ISO 8601 interval in capitals: PT1H is an hour, P1D a day, P7D a week, P1M a month."
    )


@examples(300)
@given(st.text(max_size=30) | st.text("PTYMWDHS0123456789.,-", max_size=20))
@example("0" * 10_000 + "1")
@example("9" * 10_000)
def test_any_text_is_an_interval_that_can_be_asked_or_a_schedule_error(text: str) -> None:
    for candidate in (text, f"P{text}", f"P{text}D", f"PT0.{text}S"):
        with suppress(ScheduleError):
            interval = Interval.parse(candidate)
            assert interval.describe().startswith("every ")
            first, second = islice(interval.occurrences(datetime(2026, 1, 1, tzinfo=UTC8)), 2)
            assert first < second
            gap = interval.longest_gap(date(2026, 1, 1))
            assert gap is not None
            assert gap >= second - first
            continue
        assert refusal(candidate).column in range(1, len(candidate) + 2)


# When the times come.


def test_months_count_from_the_start_and_a_short_month_lends_its_last_day() -> None:
    assert dates("P1M", date(2026, 1, 31), 4) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert dates("P1Y", date(2024, 2, 29), 5)[1:] == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_months_keep_the_time_on_the_clock_and_days_do_not() -> None:
    start = datetime(2026, 3, 1, 2, 30, tzinfo=BERLIN)
    monthly = list(islice(Interval.parse("P1M").occurrences(start), 9))
    assert {f"{moment:%H:%M}" for moment in monthly} == {"02:30"}
    daily = list(islice(Interval.parse("P1D").occurrences(start), 40))
    assert {f"{moment:%H:%M}" for moment in daily} == {"02:30", "03:30"}


def test_a_month_that_lands_on_a_skipped_time_comes_after_the_change() -> None:
    start = datetime(2026, 1, 29, 2, 30, tzinfo=BERLIN)
    skipped = list(islice(Interval.parse("P1M").occurrences(start), 3))[2]
    assert f"{skipped:%Y-%m-%d %H:%M %z}" == "2026-03-29 03:30 +0200"


@examples(200)
@given(
    st.sampled_from(["PT1H", "P1D", "PT7H", "PT36.5S", "P1M", "P3M", "P1MT5H", "P1Y", "P5M2D"]),
    st.datetimes(datetime(1970, 1, 2), datetime(2150, 1, 1), timezones=st.sampled_from([UTC, BERLIN, UTC8])),
    st.integers(0, 40),
    st.timedeltas(timedelta(days=-40), timedelta(days=40)) | st.just(timedelta(0)),
)
def test_after_a_moment_come_the_same_times_as_without_it_from_there_on(
    text: str, start: datetime, place: int, shift: timedelta
) -> None:
    interval = Interval.parse(text)
    every = list(islice(interval.occurrences(start), 120))
    after = (every[place].astimezone(UTC) + shift).astimezone(UTC8)
    later = [moment for moment in every if moment.astimezone(UTC) > after][:5]
    assert list(islice(interval.occurrences(start, after), len(later))) == later


@pytest.mark.parametrize("text", ["P1D", "P1M"])
def test_the_two_ends_of_datetime_are_taken(text: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC8)
    for offset in (-23, 0, 23):
        zone = timezone(timedelta(hours=offset))
        assert next(Interval.parse(text).occurrences(start, datetime.min.replace(tzinfo=zone))) == start
        assert list(Interval.parse(text).occurrences(start, datetime.max.replace(tzinfo=zone))) == []


@pytest.mark.parametrize("text", ["P300Y", "P300YT1H", "P109575D"])
def test_the_times_end_with_the_calendar(text: str) -> None:
    times = list(Interval.parse(text).occurrences(datetime(9000, 1, 1, tzinfo=UTC8)))
    assert [moment.year for moment in times] == [9000, 9300, 9600, 9900]


def test_a_moment_without_a_zone_is_refused_at_once() -> None:
    aware, naive = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1)
    with pytest.raises(ScheduleError, match=r"\(start\): the datetime has no time zone"):
        Interval.parse("P1D").occurrences(naive)
    with pytest.raises(ScheduleError, match=r"\(after\): the datetime has no time zone"):
        Interval.parse("P1D").occurrences(aware, naive)


# The longest gap.


@pytest.mark.parametrize(
    ("text", "start", "gap"),
    [
        ("PT1H", date(2026, 1, 1), timedelta(hours=1)),
        ("PT36.5S", date(2026, 1, 1), timedelta(seconds=36.5)),
        ("P1M", date(2026, 1, 1), timedelta(days=31)),
        ("P1M", date(2026, 1, 31), timedelta(days=31)),
        ("P1MT1H", date(2026, 1, 1), timedelta(days=31, hours=1)),
        ("P1Y", date(2026, 1, 1), timedelta(days=366)),
        ("P4Y", date(2026, 1, 1), timedelta(days=1461)),
        ("P8Y", date(2024, 2, 29), timedelta(days=2922)),
        ("P1000Y", date(2026, 1, 1), timedelta(days=365_242)),
        ("P1000Y", date(9500, 1, 1), None),
    ],
)
def test_the_longest_gap_is_exact(text: str, start: date, gap: timedelta | None) -> None:
    assert Interval.parse(text).longest_gap(start) == gap


@examples(60)
@given(
    st.integers(1, 30),
    st.sampled_from(["", "T5H"]),
    st.dates(date(1970, 1, 1), date(2190, 12, 31)) | st.dates(date(2095, 1, 1), date(2101, 1, 1)),
)
@example(23, "", date(2186, 9, 1))
def test_the_longest_gap_is_that_of_all_times_up_to_2199(months: int, rest: str, start: date) -> None:
    interval = Interval.parse(f"P{months}M{rest}")
    opening = datetime(start.year, start.month, start.day, tzinfo=UTC8)
    pairs = pairwise(interval.occurrences(opening))
    gaps = [later - earlier for earlier, later in takewhile(lambda pair: pair[1].year < 2200, pairs)]
    assert interval.longest_gap(start) == max(gaps)
