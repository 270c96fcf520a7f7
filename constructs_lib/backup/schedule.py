"""When backups start: `I|start|interval` or `C|start|cron`, kept verbatim as CreatePolicyV2 takes it.

Source: the API page of CreatePolicyV2, `Schedule`. The page names no time zone. The clock times that it
prints beside UNIX seconds are UTC+8, so Asia/Shanghai stands in wherever a zone matters and none is given.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import isleap
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import chain, pairwise
from operator import sub
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from constructs_lib.backup.interval import Interval
from constructs_lib.backup.local_time import DAYS_AHEAD, LocalTimeChange, clock_changes, in_utc8
from constructs_lib.backup.quartz import LAST_YEAR, YEARS, DaysOfMonth, DaysOfWeek, QuartzCron, aware, shown
from constructs_lib.backup.quartz import ScheduleError as ScheduleError

DEFAULT_ZONE = "Asia/Shanghai"
"""The zone of cron times, and of all that is shown, where none is given."""


@frozen
class Schedule:
    """When backups start; make one with `Schedule.every`, `Schedule.cron` or `Schedule.parse`.

    * `text`: as CreatePolicyV2 takes it, verbatim; also `str(schedule)`.
    * `start`: UNIX seconds, from 0 to the end of the year 9999; no backup starts earlier.
    * `rhythm`: the interval or the cron expression.
    * `zone`, `local_expression`: of a cron schedule written in local time, the zone and what was written.

    Two schedules are equal where their texts are.
    """

    text: str
    start: int = field(eq=False)
    rhythm: Interval | QuartzCron = field(eq=False)
    zone: tzinfo | None = field(default=None, eq=False)
    local_expression: str | None = field(default=None, eq=False)

    @classmethod
    def every(cls, interval: str | Interval, *, start: int | datetime) -> Schedule:
        """A schedule with a fixed interval, such as `Schedule.every("P1D", start=1648647166)`.

        `interval`: ISO 8601. `start`: UNIX seconds, or an aware datetime without a fraction of a second.
        Raises `ScheduleError` where one of them cannot be read.
        """
        text = interval.text if isinstance(interval, Interval) else interval
        return cls.parse(f"I|{unix_seconds(start)}|{text}")

    @classmethod
    def cron(
        cls, expression: str | QuartzCron, *, start: int | datetime, zone: tzinfo | str | None = None
    ) -> Schedule:
        """A cron schedule, such as `Schedule.cron("0 0 2 ? * 3,5,7", start=1631685600)`.

        `expression`: in the dialect of Quartz, seconds first, 1 = Sunday. `start`: UNIX seconds, or an aware
        datetime without a fraction of a second.

        `zone`: the expression is in the local time of this zone, such as `"Europe/Berlin"`; the schedule has
        the one in UTC+8 that runs at the same times at `start`. `clock_changes` tells from which days on a
        clock change moves it. That the service reads cron times in UTC+8 is what its texts suggest; no page
        says it.

        Raises `ScheduleError` where one of them cannot be read, or one expression in UTC+8 cannot say it.
        """
        text = expression.expression if isinstance(expression, QuartzCron) else expression
        schedule = cls.parse(f"C|{unix_seconds(start)}|{text}")
        if zone is None or schedule.cron_expression is None:
            return schedule
        local = schedule.cron_expression
        there = in_utc8(local, zone_of(zone), schedule._start_in(UTC))
        schedule = cls.parse(f"C|{schedule.start}|{there}")
        return evolve(schedule, zone=zone_of(zone), local_expression=local.expression)

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Read `I|start|interval` or `C|start|cron`.

        Raises `ScheduleError`, with the column, for anything else.
        """
        if not isinstance(text, str):
            raise ScheduleError(repr(text), None, "schedule", "it is not a string", _FORMS)
        return _parse(text)

    def __str__(self) -> str:
        return self.text

    @property
    def interval(self) -> Interval | None:
        """The interval of `I|…`, else None."""
        return self.rhythm if isinstance(self.rhythm, Interval) else None

    @property
    def cron_expression(self) -> QuartzCron | None:
        """The cron expression of `C|…`, else None."""
        return self.rhythm if isinstance(self.rhythm, QuartzCron) else None

    @property
    def is_fixed_interval(self) -> bool:
        """Whether it is of the form `I|…`."""
        return self.interval is not None

    @property
    def ambiguities(self) -> tuple[str, ...]:
        """Sentences that say where the service may read it otherwise than here; empty where all is well."""
        return self.rhythm.ambiguities

    def occurrences(
        self, *, after: datetime | None = None, tz: tzinfo | str = DEFAULT_ZONE
    ) -> Iterator[datetime]:
        """When backups start, as aware datetimes in `tz`: from `start` on, and strictly after `after`.

        `I|…` gives `start` and the times at whole intervals from it, months counted in `tz`, up to the year
        9999; see `Interval.occurrences`. `C|…` gives the times of the cron expression in `tz`, up to the year
        2199; see `QuartzCron.occurrences`. That a running backup holds back the next one is not looked at.

        Raises `ScheduleError` for an `after` without time zone, and for a `tz` that names no zone.
        """
        start = self._start_in(tz)
        if isinstance(self.rhythm, Interval):
            return self.rhythm.occurrences(start, after)
        just_before = start.astimezone(UTC) - timedelta(seconds=1)
        floor = max(just_before, aware(after, "after")) if after else just_before
        return self.rhythm.occurrences(floor, zone_of(tz))

    def clock_changes(self) -> Iterator[LocalTimeChange]:
        """Of a schedule in local time: the days of its first ten years on which a clock change moves it.

        Those between which it never runs, as in a month of winter alone, move nothing.
        """
        if self.zone is None:
            return
        start = self._start_in(self.zone)
        end = LocalTimeChange(start.date() + timedelta(days=DAYS_AHEAD), 0)
        moved = 0
        for change, following in pairwise(chain(clock_changes(self.zone, start), [end])):
            begin = datetime.combine(change.day, time.min, self.zone)
            run = next(self.occurrences(after=begin), None)
            runs_meanwhile = run is not None and run.astimezone(self.zone).date() < following.day
            if runs_meanwhile and change.minutes != moved:
                moved = change.minutes
                yield change

    @property
    def never_runs(self) -> bool:
        """Whether no time from the start on fits, up to the year 2199."""
        return _never_runs(self)

    def longest_gap(self) -> timedelta | None:
        """The longest time between two neighbouring starts up to the year 2199, in UTC+8; None without two.

        Exact, with what is rare: every 29 February means 8 years, since 2100 is no leap year.
        """
        return _longest_gap(self)

    def describe(self, tz: tzinfo | str = DEFAULT_ZONE) -> str:
        """One English sentence that holds the zone, and the start in it.

        Raises `ScheduleError` for a `tz` that names no zone.
        """
        start = self._start_in(tz)
        zone = zone_of(tz)
        if isinstance(self.rhythm, Interval):
            words = self.rhythm.describe().capitalize()
        elif next(self.rhythm.dates(start.date()), None):
            words = _cron_in_words(self.rhythm)
        else:
            return f"Never ({zone}): no day from {start.date()} to {LAST_YEAR}-12-31 fits"
        clock = start.time().isoformat("seconds" if start.second else "minutes")
        return f"{words} ({zone}), starting {start.date()} {clock}"

    def _start_in(self, tz: tzinfo | str) -> datetime:
        return (_EPOCH + timedelta(seconds=self.start)).astimezone(zone_of(tz))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UTC8 = timezone(timedelta(hours=8))
# The last second that every zone counts to the year 9999.
_LATEST = 253_402_214_399
_START = re.compile(r"0*([0-9]{1,15})")
_FORMS = (
    "Write I|<UNIX seconds>|<interval>, such as 'I|1631685600|P1D', "
    "or C|<UNIX seconds>|<cron>, such as 'C|1631685600|0 0 2 ? * 3,5,7'."
)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Schedule:
    kind, bar, rest = text.partition("|")
    if kind not in ("I", "C"):
        problem = f"it begins with {shown(kind)} instead of I or C"
        raise ScheduleError(text, 1, "schedule", problem, _advice_on_rhythm(text))
    if not bar:
        raise ScheduleError(text, 2, "schedule", f"nothing follows the {kind}", _FORMS)
    start, bar, rhythm = rest.partition("|")
    digits = _START.fullmatch(start)
    if not digits:
        raise ScheduleError(text, 3, "start", f"{shown(start)} is not a time in UNIX seconds", _FORMS)
    if int(digits[1]) > _LATEST:
        seconds = int(digits[1]) // 1_000
        in_seconds = f": {seconds}, if these are milliseconds" if seconds <= _LATEST else ""
        advice = f"Write UNIX seconds{in_seconds}."
        raise ScheduleError(text, 3, "start", "it is after the year 9999, as milliseconds would be", advice)
    if not bar:
        raise ScheduleError(text, len(text) + 1, "schedule", "nothing follows the start", _FORMS)
    try:
        parsed = Interval.parse(rhythm) if kind == "I" else QuartzCron.parse(rhythm)
    except ScheduleError as error:
        raise error.within(text, len(text) - len(rhythm)) from None
    return Schedule(text, int(digits[1]), parsed)


def _advice_on_rhythm(text: str) -> str:
    """What to write where a text is, or should have been, an interval or a cron expression alone."""
    try:
        Interval.parse(text)
    except ScheduleError:
        try:
            QuartzCron.parse(text)
        except ScheduleError as error:
            return error.advice if error.is_translated else _FORMS
        return f"Write C|<UNIX seconds>|{shown(text)[1:-1]}."
    return f"Write I|<UNIX seconds>|{shown(text)[1:-1]}."


def unix_seconds(start: object) -> int:
    """UNIX seconds, whole ones; raises `ScheduleError` for anything else."""
    if isinstance(start, int) and not isinstance(start, bool):
        if start.bit_length() < 1_000:
            return start
        problem = "no clock counts that far"
    elif not isinstance(start, datetime):
        problem = "it is neither a whole number nor a datetime"
    elif aware(start, "start").microsecond:
        problem = "it has a fraction of a second"
    else:
        return (start - _EPOCH) // timedelta(seconds=1)
    advice = "Pass whole UNIX seconds, or an aware datetime such as datetime(2026, 1, 1, tzinfo=UTC)."
    raise ScheduleError(start, None, "start", problem, advice)


def zone_of(tz: tzinfo | str) -> tzinfo:
    """The zone, or that of the name; raises `ScheduleError` where there is none."""
    if isinstance(tz, tzinfo):
        return tz
    try:
        return ZoneInfo(tz)
    except (LookupError, OSError, TypeError, ValueError):
        advice = "Pass a name of the IANA database, such as 'Europe/Berlin', or a tzinfo."
        raise ScheduleError(tz, None, "tz", "it is not a time zone", advice) from None


@lru_cache(maxsize=4096)
def _never_runs(schedule: Schedule) -> bool:
    cron = schedule.cron_expression
    if cron is None:
        return False
    # On a later day than that of the start it runs at all its times; of the start's own some may be over.
    start = (_EPOCH + timedelta(seconds=schedule.start)).date()
    later = min(start, date(LAST_YEAR, 12, 31)) + timedelta(days=2)
    return next(cron.dates(later), None) is None and next(schedule.occurrences(), None) is None


# The longest gap: worked out from the days of a year and the times of a day, not from every start.


@lru_cache(maxsize=4096)
def _longest_gap(schedule: Schedule) -> timedelta | None:
    start = (_EPOCH + timedelta(seconds=schedule.start)).astimezone(_UTC8)
    if isinstance(schedule.rhythm, Interval):
        return schedule.rhythm.longest_gap(start.date())
    cron = schedule.rhythm
    first, last, within = _times_of_a_day(cron)
    clock = (start.hour * 60 + start.minute) * 60 + start.second
    opening = start.date() if clock <= last else start.date() + timedelta(days=1)
    days = _days_apart(cron, opening)
    if days:
        return timedelta(seconds=max(within, days * 86_400 - (last - first)))
    # No day, or one: the start may have cut it.
    starts = cron.occurrences(start - timedelta(seconds=1), _UTC8)
    return max((later - earlier for earlier, later in pairwise(starts)), default=None)


def _times_of_a_day(cron: QuartzCron) -> tuple[int, int, int]:
    """The first and the last time of a day, and the longest gap between, in seconds."""
    first = last = within = 0
    for unit, values in ((1, cron.seconds), (60, cron.minutes), (3_600, cron.hours)):
        if len(values) > 1:
            within = max(within, _widest(values) * unit - (last - first))
        first, last = first + values[0] * unit, last + values[-1] * unit
    return first, last, within


def _days_apart(cron: QuartzCron, opening: date) -> int:
    """The most days from one on which it runs to the next, from `opening` on; 0 without two such days."""
    longest, previous = 0, None
    kinds: dict[tuple[int, bool], tuple[tuple[int, ...], int]] = {}
    for year in cron.years:
        new_year = date(year, 1, 1).toordinal()
        kind = (new_year % 7, isleap(year))
        if kind not in kinds:
            kinds[kind] = (days := cron.days_of_year(year)), _widest(days)
        days, widest = kinds[kind]
        if year <= opening.year:
            days = days[bisect_left(days, opening.toordinal() - new_year) :]
            widest = _widest(days)
        if days:
            if previous is not None:
                longest = max(longest, new_year + days[0] - previous)
            longest, previous = max(longest, widest), new_year + days[-1]
    return longest


def _widest(values: Sequence[int]) -> int:
    return max(map(sub, values[1:], values), default=0)


# The words for a cron expression.


def _cron_in_words(cron: QuartzCron) -> str:
    month_field = week_field = "*"
    special = ""
    if isinstance(cron.days, DaysOfWeek):
        week_field = _compact(sorted(cron.days.days), 1, 7)
        if cron.days.nth:
            week_field += f"#{cron.days.nth}" if cron.days.nth > 0 else "L"
    elif cron.days.nearest_weekdays or min(cron.days.days) <= 0:
        special = f", on {_listed(_special_days(cron.days))} of the month"
    else:
        month_field = _compact(sorted(cron.days.days), 1, 31)
    once_an_hour = len(cron.seconds) == len(cron.minutes) == 1
    # Its meaning, not its text: what Quartz ignores would be described, and a wrapped range misread.
    clock = (
        _compact(cron.seconds, 0, 59, steps_from=2),
        _compact(cron.minutes, 0, 59, steps_from=2),
        _compact(cron.hours, 0, 23, steps_from=7, ranges_from=7 if once_an_hour else 3),
    )
    days = f"{month_field} {_compact(cron.months, 1, 12)} {week_field}"
    if once_an_hour and len(cron.hours) == 1 and cron.seconds == (0,):
        # Slow to describe, and alike but for the time.
        words = _described(f"0 34 12 {days}").replace("12:34", f"{cron.hours[0]:02}:{cron.minutes[0]:02}", 1)
    else:
        words = _described(" ".join((*clock, days)))
    if days == "* * *" and not special and "every" not in words.lower():
        special = ", every day"
    return words + special + _years_in_words(cron.years)


@lru_cache(maxsize=4096)
def _described(expression: str) -> str:
    # Slow to import, and most runs describe nothing.
    from cron_descriptor import ExpressionDescriptor, Options  # type: ignore[import-untyped]

    options = Options(day_of_week_start_index_zero=False, use_24hour_time_format=True, locale_code="en_US")
    return str(ExpressionDescriptor(expression, options).get_description())


def _compact(values: Sequence[int], low: int, high: int, steps_from: int = 99, ranges_from: int = 3) -> str:
    """The values as a cron field: `*`, or `*/15` or `2-6` where they are that many, else a list."""
    size, count = high - low + 1, len(values)
    step = size // count
    if count == size:
        return "*"
    if count >= steps_from and list(values) == list(range(low, high + 1, step)):
        return f"*/{step}"
    if count >= ranges_from and values[-1] - values[0] == count - 1:
        return f"{values[0]}-{values[-1]}"
    return ",".join(map(str, values))


def _special_days(days: DaysOfMonth) -> Iterator[str]:
    def in_words(day: int) -> str:
        if day >= -1:
            return f"day {day}" if day > 0 else "the last day" if day == 0 else "the day before the last"
        return f"the day {-day} days before the last"

    def in_order(days: Iterable[int]) -> list[int]:
        return sorted(days, key=lambda day: (day <= 0, day))

    for day in in_order(days.days):
        yield in_words(day)
    for day in in_order(days.nearest_weekdays):
        yield f"the weekday nearest {in_words(day)}" if day else "the last weekday"


def _years_in_words(years: Sequence[int]) -> str:
    if years == YEARS:
        return ""
    if len(years) < 3 or len({later - earlier for earlier, later in pairwise(years)}) > 1:
        return f", only in {_listed(map(str, years))}"
    step = years[1] - years[0]
    return f", {f'every {step} years, ' if step > 1 else ''}{years[0]} through {years[-1]}"


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)}{',' * (len(most) > 1)} and {last}" if most else last
