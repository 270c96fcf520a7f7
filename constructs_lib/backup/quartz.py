"""The cron dialect of Quartz: seconds first, `?` for "this day field does not matter", 1 = Sunday.

The API page of CreatePolicyV2 shows one expression, `0 0 2 ? * 3,5,7` (Tuesday, Thursday and Saturday at
02:00), and names no engine. What it leaves open is read here as Quartz 2.5 was seen to read it, with three
verdicts: an expression is refused (`ScheduleError`), taken with ambiguities (Quartz ignores a part of it, or
engines differ), or simply taken.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import accumulate, product
from typing import NamedTuple, NoReturn

from attrs import evolve, field, frozen

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""The years that Quartz documents: nothing runs outside them."""


class ScheduleError(ValueError):
    """A schedule that cannot be read.

    * `text`: the text as received; of any other value, its string.
    * `column`: where in `text` the problem begins, counted from 1; None for a value that is no schedule text.
    * `where`: the part of the schedule, such as `hours` or `interval`.
    * `problem`, `advice`: what is wrong; what is allowed there, and what to do.
    * `is_translated`: whether the advice is the same as the text, in the dialect of Quartz.
    """

    def __init__(self, text: object, column: int | None, where: str, problem: str, advice: str) -> None:
        try:
            text = str(text)
        except ValueError:  # Python does not write numbers of more than some thousand digits
            text = "a number with too many digits to show"
        super().__init__(text, column, where, problem, advice)
        self.text, self.column, self.where, self.problem, self.advice = text, column, where, problem, advice
        self.is_translated = False

    def __str__(self) -> str:
        place = f", column {self.column}" if self.column else ""
        return f"received {shown(self.text)}{place} ({self.where}): {self.problem}. {self.advice}"

    def within(self, text: str, offset: int) -> ScheduleError:
        """The same error, for the longer `text` that holds this one's after `offset` characters."""
        return ScheduleError(text, offset + (self.column or 1), self.where, self.problem, self.advice)


def shown(text: str) -> str:
    """A text in quotes, cut where it is too long for a message."""
    return repr(text if len(text) <= 80 else f"{text[:79]}…")


def aware(moment: datetime, where: str) -> datetime:
    """The same moment. Raises `ScheduleError` where it has no time zone."""
    if moment.utcoffset() is None:
        advice = "Pass an aware datetime, such as datetime(2026, 1, 1, tzinfo=UTC)."
        raise ScheduleError(moment, None, where, "the datetime has no time zone", advice)
    return moment


@frozen
class DaysOfMonth:
    """A day-of-month field: the last day is 0, and -3 is the third day before it."""

    days: frozenset[int]
    nearest_weekdays: frozenset[int] = frozenset()

    def fitting(self, weekday: int, last: int) -> set[int]:
        """The days of a month that begins on `weekday` (Monday = 0) and ends with the day `last`."""
        found = {day if day > 0 else last + day for day in self.days}
        for day in self.nearest_weekdays:
            day = day if day > 0 else last + day
            if 1 <= day <= last:
                found.add(_nearest_weekday(day, last, (weekday + day - 1) % 7))
        return {day for day in found if 1 <= day <= last}


@frozen
class DaysOfWeek:
    """A day-of-week field, 1 = Sunday. `nth`: the 1st to 5th such day of a month; -1: the last; 0: all."""

    days: frozenset[int]
    nth: int = 0

    def fitting(self, weekday: int, last: int) -> set[int]:
        """The days of a month that begins on `weekday` (Monday = 0) and ends with the day `last`."""
        weeks = [range(1 + (day - 2 - weekday) % 7, last + 1, 7) for day in self.days]
        if self.nth:
            start = self.nth - 1 if self.nth > 0 else -1
            weeks = [week[start : start + 1 or None] for week in weeks]
        return {day for week in weeks for day in week}


@lru_cache(maxsize=4096)
def days_of_month(days: DaysOfMonth | DaysOfWeek, weekday: int, last: int) -> tuple[int, ...]:
    """The same as `days.fitting`, in order, and kept: all months are of 28 kinds."""
    return tuple(sorted(days.fitting(weekday, last)))


@lru_cache(maxsize=4096)
def days_of_year(
    days: DaysOfMonth | DaysOfWeek, months: tuple[int, ...], weekday: int, is_leap: bool
) -> tuple[int, ...]:
    """The days of a year that begins on `weekday` (Monday = 0), counted from 0: all years are of 14 kinds."""
    found: list[int] = []
    passed = 0
    for month in range(1, 13):
        length = monthrange(2000 if is_leap else 2001, month)[1]
        if month in months:
            found += [passed + day - 1 for day in days_of_month(days, (weekday + passed) % 7, length)]
        passed += length
    return tuple(found)


def _nearest_weekday(day: int, last: int, weekday: int) -> int:
    """Monday to Friday nearest to a day, without leaving its month (Monday = 0)."""
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if day < last else day - 2
    return day


@frozen
class QuartzCron:
    """A cron expression in the dialect of Quartz; make one with `QuartzCron.parse`.

    * `expression`: the text, verbatim.
    * `ambiguities`: sentences that say where the service may read the expression otherwise, or where it
      surprises; empty where all is well.
    * `seconds`, `minutes`, `hours`, `months`, `years`: the values that fit, in order.
    * `days`: which days of a month fit.

    Two expressions are equal where their texts are.
    """

    expression: str
    ambiguities: tuple[str, ...] = field(eq=False)
    seconds: tuple[int, ...] = field(eq=False, repr=False)
    minutes: tuple[int, ...] = field(eq=False, repr=False)
    hours: tuple[int, ...] = field(eq=False, repr=False)
    days: DaysOfMonth | DaysOfWeek = field(eq=False, repr=False)
    months: tuple[int, ...] = field(eq=False, repr=False)
    years: tuple[int, ...] = field(eq=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> QuartzCron:
        """Read an expression of 6 or 7 fields: second, minute, hour, day of month, month, day of week, year.

        Raises `ScheduleError`, with the column, where no Quartz engine could take the text.
        """
        return _Parser(text).cron()

    def days_of_year(self, year: int) -> tuple[int, ...]:
        """The days of a year on which it runs, counted from 0, as if it ran in every year."""
        return days_of_year(self.days, self.months, date(year, 1, 1).weekday(), isleap(year))

    @property
    def is_every_day(self) -> bool:
        """Whether it runs on every day of the years in which it runs."""
        return all(
            len(days_of_year(self.days, self.months, weekday, is_leap)) == 365 + is_leap
            for weekday in range(7)
            for is_leap in (False, True)
        )

    def dates(self, first: date) -> Iterator[date]:
        """The days on which it runs, from `first` on; ends with the year 2199."""
        for year in self.years:
            if year >= first.year:
                for month in self.months:
                    for day in days_of_month(self.days, *monthrange(year, month)):
                        if (found := date(year, month, day)) >= first:
                            yield found

    def occurrences(self, after: datetime, tz: tzinfo) -> Iterator[datetime]:
        """When it runs, strictly after `after`: aware datetimes in `tz`, up to the year 2199.

        Clock changes as in Quartz: a time that the clock skips is dropped, one that comes twice is the second
        of the two. Raises `ScheduleError` where `after` has no time zone.
        """
        # Held within the years that run: at the two ends of datetime no zone can be applied.
        held = min(max(aware(after, "after"), _OPENING), _CLOSING)
        return self._walk(held.astimezone(UTC), tz)

    def _walk(self, after: datetime, tz: tzinfo) -> Iterator[datetime]:
        clock = [time(*hms, tzinfo=tz) for hms in product(self.hours, self.minutes, self.seconds)]
        last_cut = after.astimezone(tz).date()
        # A clock put back across midnight repeats times of the day before.
        for day in self.dates(last_cut - timedelta(days=1)):
            points = _on(day, clock, tz)
            yield from points if day > last_cut else points[bisect_right(points, after) :]


_OPENING = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - timedelta(days=1)
_CLOSING = datetime(LAST_YEAR + 1, 1, 2, tzinfo=UTC)


def _on(day: date, clock: list[time], tz: tzinfo) -> list[datetime]:
    """The points of one day, in order of time."""
    points = [datetime.combine(day, moment) for moment in clock]
    begin = datetime.combine(day, time(), tz)
    end = datetime.combine(day + timedelta(days=1), time(fold=1), tz)
    if begin.utcoffset() == end.utcoffset():
        return points
    return [real for point in points if (real := _second_pass(point)) is not None]


def _second_pass(point: datetime) -> datetime | None:
    """A wall-clock time as Quartz takes it: None if the clock skips it, its second pass if it comes twice."""
    later = point.replace(fold=1)
    before, after = point.utcoffset(), later.utcoffset()
    if before is None or after is None or before == after:
        return point
    return later if before > after else None


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    allowed: str
    names: Mapping[str, int]


class _FieldItem(NamedTuple):
    """One entry of a field's list, or the whole field, in capitals."""

    field: _Field
    column: int
    text: str

    def __str__(self) -> str:
        return f"{shown(self.text)} ({self.field.name})"


_MONTHS = {
    "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6,
    "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
}  # fmt: skip
_WEEK = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_FIELDS = (
    _Field("seconds", 0, 59, "0-59", {}),
    _Field("minutes", 0, 59, "0-59", {}),
    _Field("hours", 0, 23, "0-23", {}),
    _Field("day of month", 1, 31, "1-31, L (last day), L-3, 15W (nearest Monday to Friday), LW, ?", {}),
    _Field("month", 1, 12, "1-12 or JAN-DEC", _MONTHS),
    _Field("day of week", 1, 7, "1-7 or SUN-SAT (1 is Sunday), 6L (last Friday), 6#3 (third), ?", _WEEK),
    _YEAR := _Field("year", FIRST_YEAR, LAST_YEAR, "1970-2199", {}),
)
_ORDER = "second minute hour day-of-month month day-of-week [year]"
_MACROS = {
    "@yearly": "0 0 0 1 1 ?",
    "@monthly": "0 0 0 1 * ?",
    "@weekly": "0 0 0 ? * 1",
    "@daily": "0 0 0 * * ?",
    "@hourly": "0 0 * * * ?",
}
YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
_MOST = 999_999_999
_FOREIGN = re.compile(r"[^0-9A-Za-z*?/,#\t -]")
_TOKEN = re.compile(r"[^ \t]+")
# What follows a match is what Quartz ignores; the look-aheads are what it refuses.
_PLAIN = re.compile(
    r"\*?/(?P<each>\d+)$|\*(?!/)"
    r"|(?P<first>\d+)(?:-(?P<last>\d+)(?:/(?P<leap>\d+)|(?![/\d]))|/(?P<step>\d+)$|(?![-/LW#\d]))"
    r"|(?P<name>[A-Z]{3})(?:-(?P<last_name>[A-Z]{3})|(?!-))"
)
_LAST_DAY = re.compile(r"L(?:-(?P<offset>\d+))?(?P<weekday>W?)$")
_NEAREST = re.compile(r"(?P<first>\d+)W")
_SATURDAY = re.compile(r"L(?=(?:W|-\d*W?)?$)")
_OF_MONTH = re.compile(r"(?:(?P<first>\d+)|(?P<name>[A-Z]{3}))(?:(?P<only_last>L)|#(?P<nth>.*)$)")


class _Parser:
    """Reads one expression and gathers the ambiguities on the way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ambiguities: list[str] = []

    def cron(self) -> QuartzCron:
        try:
            return self._cron()
        except ScheduleError:
            if in_quartz := _from_aws(self.text):
                problem = "it is in the form of AWS, which begins with the minutes and ends with the year"
                self._refuse("cron", 1, problem, f"Write {in_quartz}.", is_translated=True)
            raise

    def _cron(self) -> QuartzCron:
        fields = self._fields()
        seconds, minutes, hours, months = (self._values(fields[place]) for place in (0, 1, 2, 4))
        days = self._days(fields[3], fields[5])
        years = self._years(fields[6]) if len(fields) > 6 else YEARS
        if isinstance(days, DaysOfMonth):
            several = len(seconds) * len(minutes) * len(hours) > 1
            self._note_moved_days(days.nearest_weekdays, months, several)
        cron = QuartzCron(self.text, (), seconds, minutes, hours, days, months, years)
        if next(cron.dates(date(FIRST_YEAR, 1, 1)), None) is None:
            self._note(f"{shown(self.text)} never runs: no day from {FIRST_YEAR} to {LAST_YEAR} fits.")
        return evolve(cron, ambiguities=tuple(dict.fromkeys(self.ambiguities))) if self.ambiguities else cron

    def _fields(self) -> list[_FieldItem]:
        if self.text.lstrip().startswith("@"):
            quartz = _MACROS.get(self.text.strip().lower(), _ORDER)
            self._refuse("cron", self.text.index("@") + 1, "Quartz knows no word with @", f"Write {quartz}.")
        if foreign := _FOREIGN.search(self.text):
            problem = f"{foreign[0]!r} (U+{ord(foreign[0]):04X}) has no place in a cron expression"
            self._refuse("cron", foreign.start() + 1, problem, "Use letters, digits, spaces and * ? / , - #.")
        tokens = list(_TOKEN.finditer(self.text))
        if len(tokens) == 5:
            problem = "it has 5 fields, as in unix cron; Quartz begins with the seconds"
            advice = f"Write {_ORDER}, with ? in one day field."
            if in_quartz := _from_unix(*(token[0] for token in tokens)):
                advice = f"Write {in_quartz} (1 is Sunday)."
            self._refuse("cron", 1, problem, advice, is_translated=in_quartz is not None)
        if not 6 <= len(tokens) <= 7:
            column = tokens[7].start() if len(tokens) > 7 else len(self.text)
            problem = f"it has {len(tokens)} fields instead of 6 or 7"
            self._refuse("cron", column + 1, problem, f"Write {_ORDER}, such as '0 0 2 ? * 3,5,7'.")
        pairs = zip(_FIELDS, tokens, strict=False)
        return [_FieldItem(field, token.start() + 1, token[0].upper()) for field, token in pairs]

    def _days(self, month_field: _FieldItem, week_field: _FieldItem) -> DaysOfMonth | DaysOfWeek:
        of_month = self._days_of_month(month_field) if month_field.text != "?" else None
        of_week = self._days_of_week(week_field) if week_field.text != "?" else None
        days = of_month or of_week
        if days is None:
            self._refuse_item(week_field, 0, "both day fields are ?, so one must become *")
        if of_month is None or of_week is None:
            return days
        if "*" not in (month_field.text, week_field.text):
            self._refuse_item(week_field, 0, f"{month_field} and {week_field} are set: one must become ?")
        self._note(f"Quartz refuses {shown(self.text)}: one day field must be ?. Here the * is read as ?.")
        return of_month if week_field.text == "*" else of_week

    def _days_of_month(self, field: _FieldItem) -> DaysOfMonth:
        days: set[int] = set()
        nearest: set[int] = set()
        items = self._items(field)
        for item in items:
            if match := _LAST_DAY.match(item.text):
                offset = self._number(item, match, "offset", 0, 30) if match["offset"] else 0
                (nearest if match["weekday"] else days).add(-offset)
            elif match := _NEAREST.match(item.text):
                self._ignored(item, match)
                if day := self._number(item, match, "first", 0, 31):
                    nearest.add(day)
            else:
                days.update(self._plain(item))
        if len(items) > 1 and (nearest or min(days) <= 0):
            self._note(f"Quartz 2.5 runs {field}, but its documentation warns of lists with L or W.")
        return DaysOfMonth(frozenset(days), frozenset(nearest))

    def _note_moved_days(self, days: frozenset[int], months: tuple[int, ...], several: bool) -> None:
        shortest = min(monthrange(2001, month)[1] for month in months)
        for day in sorted(day for day in days if day > shortest):
            self._note(f"Quartz 2.5 does not run {day}W in months without a day {day}; other releases may.")
        if days and several:
            self._note("Where W moves a day, Quartz misses some of its several times; here none is missed.")

    def _days_of_week(self, field: _FieldItem) -> DaysOfWeek:
        if "," in field.text and ("L" in field.text or field.text.count("#") > 1):
            self._refuse_item(field, 0, f"{field} is a list with L, or with # twice")
        days: set[int] = set()
        nth = 0
        for item in self._items(field):
            if match := _SATURDAY.match(item.text):
                self._ignored(item, match)
                days.add(7)
            elif match := _OF_MONTH.match(item.text):
                self._ignored(item, match)
                days.add(self._value(item, match, "first", "name"))
                nth = -1 if match["only_last"] else self._number(item, match, "nth", 1, 5)
            else:
                days.update(self._plain(item))
        if nth and len(days) > 1:
            days = {min(days)}
            self._note(f"Quartz reads the list {field} as {min(days)}#{nth} alone.")
        return DaysOfWeek(frozenset(days), nth)

    def _years(self, field: _FieldItem) -> tuple[int, ...]:
        named = self._values(field)
        years = tuple(year for year in named if FIRST_YEAR <= year <= LAST_YEAR)
        if years != named:
            self._note(f"{field} leaves the years that Quartz knows, {FIRST_YEAR} to {LAST_YEAR}.")
        return years

    def _values(self, field: _FieldItem) -> tuple[int, ...]:
        return tuple(sorted({value for item in self._items(field) for value in self._plain(item)}))

    def _items(self, field: _FieldItem) -> list[_FieldItem]:
        if "," not in field.text:
            return [field]
        texts = field.text.split(",")
        if not any(texts):
            self._refuse_item(field, 0, "the list is empty")
        if not all(texts):
            self._note(f"Quartz skips the empty place in the list {field}.")
        columns = accumulate((len(text) + 1 for text in texts), initial=field.column)
        pairs = zip(columns, texts, strict=False)
        return [_FieldItem(field.field, column, text) for column, text in pairs if text]

    def _plain(self, item: _FieldItem) -> Iterable[int]:
        """The values of `*`, `*/5`, `3`, `3/5`, `3-9`, `3-9/2`, `MON` or `MON-FRI`."""
        match = _PLAIN.match(item.text)
        if not match:
            self._refuse_item(item, 0, f"{shown(item.text)} cannot be read here")
        self._ignored(item, match)
        low, high = item.field.low, item.field.high
        if item.text[0] in "*/":
            return range(low, high + 1, self._step(item, match, "each", high, absent=1) or 1)
        first = self._value(item, match, "first", "name")
        if not (match["last"] or match["last_name"]):
            return self._run(item, first, high, self._step(item, match, "step", high, absent=0))
        last = self._value(item, match, "last", "last_name")
        if last == 0 < low:
            self._note(f"Quartz reads the 0 at the end of {item} as {high}.")
        # Quartz checks no step that comes after a range.
        return self._run(item, first, last, self._step(item, match, "leap", _MOST, absent=1))

    def _run(self, item: _FieldItem, first: int, last: int, step: int) -> Iterable[int]:
        """From `first` to `last` in steps, around the end of the field if need be; step 0: `first` alone."""
        low, high = item.field.low, item.field.high
        if step == 0:
            return (first,)
        if item.field is not _YEAR:
            size = high - low + 1
            stop = last + size if last < first else last
            return [(value - low) % size + low for value in range(first, stop + 1, step)]
        if last < first:
            self._refuse_item(item, 0, f"{shown(item.text)} ends before it begins")
        return range(first, min(last, high) + 1, step)

    def _value(self, item: _FieldItem, match: re.Match[str], number: str, name: str) -> int:
        if named := match[name]:
            if named not in item.field.names:
                self._refuse_item(item, match.start(name), f"{named!r} is not a name here")
            return item.field.names[named]
        if item.field is _YEAR:
            return self._number(item, match, number, 0, _MOST)
        # Of the last number of a range, Quartz checks only that it is not too high.
        low = item.field.low if number == "first" else 0
        return self._number(item, match, number, low, item.field.high)

    def _number(self, item: _FieldItem, match: re.Match[str], group: str, low: int, high: int) -> int:
        digits = match[group].lstrip("0") or "0"
        # int() refuses digits by the thousand, with an error of its own.
        if len(digits) > 9 or not digits.isdecimal() or not low <= int(digits) <= high:
            problem = f"{shown(match[group])} is out of range, {low}-{high}"
            self._refuse_item(item, match.start(group), problem)
        return int(digits)

    def _step(self, item: _FieldItem, match: re.Match[str], group: str, most: int, absent: int) -> int:
        if match[group] is None:
            return absent
        step = self._number(item, match, group, 0, most)
        if step == 0:
            meaning = "every value" if group == "each" else "the first value alone"
            self._note(f"Quartz takes the step 0 in {item} as {meaning}.")
        return step

    def _ignored(self, item: _FieldItem, match: re.Match[str]) -> None:
        if rest := item.text[match.end() :]:
            self._note(f"In {item} Quartz reads {shown(match[0])} and ignores {shown(rest)}.")

    def _note(self, sentence: str) -> None:
        self.ambiguities.append(sentence)

    def _refuse_item(self, item: _FieldItem, offset: int, problem: str) -> NoReturn:
        advice = f"Allowed: {item.field.allowed}; lists, ranges and steps of these; *."
        self._refuse(item.field.name, item.column + offset, problem, advice)

    def _refuse(
        self, where: str, column: int, problem: str, advice: str, *, is_translated: bool = False
    ) -> NoReturn:
        error = ScheduleError(self.text, column, where, problem, advice)
        error.is_translated = is_translated
        raise error


_AWS_RATE = re.compile(r"rate\(([0-9]{1,9}) (minute|hour|day)s?\)")
_ISO_UNITS = {"minute": ("PT", "M"), "hour": ("PT", "H"), "day": ("P", "D")}


def _from_aws(text: str) -> str | None:
    """The same in Quartz, or as an interval, of what AWS writes: `0 5 * * ? *`, `cron(…)`, `rate(1 day)`."""
    text = text.strip()
    if rate := _AWS_RATE.fullmatch(text):
        before, after = _ISO_UNITS[rate[2]]
        return f"I|<UNIX seconds>|{before}{int(rate[1])}{after}"
    fields = text.removeprefix("cron(").removesuffix(")").split()
    if len(fields) != 6 or "?" not in (fields[2], fields[4]):
        return None
    quartz = " ".join(["0", *(fields[:5] if fields[5] == "*" else fields)])
    try:
        return f"{quartz} (1 is Sunday)" if not _Parser(quartz)._cron().ambiguities else None
    except ScheduleError:
        return None


def _from_unix(minute: str, hour: str, day: str, month: str, weekday: str) -> str | None:
    """The same in Quartz: with seconds, ? in one day field, and weekdays from Sunday = 1 instead of 0."""
    if day != "*" and weekday != "*":
        return None
    renumbered = re.sub(r"(?<![#/\d])[0-7](?!\d)", lambda number: str(int(number[0]) % 7 + 1), weekday)
    days = f"{day} {month} ?" if weekday == "*" else f"? {month} {renumbered}"
    quartz = f"0 {minute} {hour} {days}"
    try:
        return quartz if not QuartzCron.parse(quartz).ambiguities else None
    except ScheduleError:
        return None
