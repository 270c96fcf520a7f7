"""The ISO 8601 interval of a backup schedule: `PT1H` is an hour, `P1D` a day, `P1M` a calendar month.

The API page of CreatePolicyV2 asks for "ISO 8601 format" and shows `PT1H` and `P1D`. Whatever in ISO 8601 has
one meaning is read; what was not seen in the service's own texts is read as an ambiguity.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from itertools import count, pairwise
from typing import TYPE_CHECKING, NoReturn

from attrs import field, frozen

from constructs_lib.backup.quartz import LAST_YEAR, ScheduleError, aware, shown

if TYPE_CHECKING:
    from fractions import Fraction


@frozen
class Interval:
    """The time from one start to the next; make one with `Interval.parse`.

    * `text`: the text, verbatim.
    * `months`, `seconds`: its length, together at most 1,000 years. A year is 12 months, a week 7 days, a day
      86,400 seconds. `seconds` is a `Fraction` where it is not whole.
    * `ambiguities`: sentences that say what was not seen in the service's texts; empty where all was.

    Two intervals are equal where their texts are.
    """

    text: str
    months: int = field(eq=False)
    seconds: int | Fraction = field(eq=False)
    ambiguities: tuple[str, ...] = field(eq=False)

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Read an interval such as `P1D`.

        Raises `ScheduleError`, with the column, for a text that is none, for a length of zero, below it, or
        above 1,000 years, and for a fraction of a month or year, whose length is not fixed.
        """
        months: int = 0
        seconds: int | Fraction = 0
        kinds: list[str] = []
        for unit, part in _parts(text):
            kinds += [unit, "fraction"] if part["fraction"] else [unit]
            amount = _amount(text, unit, part)
            if unit in _MONTHS:
                months += int(amount) * _MONTHS[unit]
            else:
                seconds += amount * _SECONDS[unit]
        if not months and not seconds:
            _refuse(text, 0, "its length is zero")
        if months / 12 + seconds / _YEAR > 1_000:
            _refuse(text, 0, "it is longer than 1,000 years")
        whole = int(seconds)
        return cls(text, months, whole if whole == seconds else seconds, tuple(_ambiguities(text, kinds)))

    def occurrences(self, start: datetime, after: datetime | None = None) -> Iterator[datetime]:
        """`start` and the times at whole intervals from it, strictly after `after`, in the zone of `start`.

        The k-th is k intervals from `start`, not one from the one before: `P1M` from 31 January gives 28
        February and 31 March, a month that is too short lending its last day. Which of the two the service
        does is not documented. A day is 24 hours, whatever the clock does. Ends with the year 9999.
        Raises `ScheduleError` where one of the two has no time zone.
        """
        opening = aware(start, "start").astimezone(UTC)
        past = aware(after, "after") - opening if after else timedelta(microseconds=-1)
        return self._monthly(start, past) if self.months else self._steady(start, past)

    def longest_gap(self, start: date) -> timedelta | None:
        """The longest time from one start to the next up to the year 2199, where no clock changes.

        None if the calendar ends before the second start.
        """
        if not self.months:
            return self._elapsed
        # Leap years come round every 48 months; twice that gets past 2100, which is none.
        steps = min(96, max(1, ((LAST_YEAR + 1 - start.year) * 12 - start.month) // self.months))
        days = [day for k in range(steps + 1) if (day := self._date(start, k))]
        longest = max((later - earlier for earlier, later in pairwise(days)), default=None)
        return None if longest is None else longest + self._elapsed

    def describe(self) -> str:
        """The length in words: `every day`, `every 2 days`, `every 1 hour and 30 minutes`."""
        years, months = divmod(self.months, 12)
        words = [f"{amount} {name}" for amount, name in ((years, "year"), (months, "month")) if amount]
        rest = self.seconds
        for name, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
            amount, rest = divmod(rest, seconds)
            if amount:
                words.append(f"{amount} {name}")
        if rest:
            words.append(f"{float(rest):.6f}".rstrip("0").rstrip(".") + " second")
        words = [word if word.startswith("1 ") else f"{word}s" for word in words]
        return "every " + (" and ".join(words) if len(words) > 1 else words[0].removeprefix("1 "))

    @property
    def _elapsed(self) -> timedelta:
        """The part of fixed length: exact, since a fraction has at most 6 digits."""
        return timedelta(microseconds=int(self.seconds * 1_000_000))

    def _steady(self, start: datetime, past: timedelta) -> Iterator[datetime]:
        step = self._elapsed
        with suppress(OverflowError):
            moment = start.astimezone(UTC) + max(0, past // step + 1) * step
            while True:
                yield moment.astimezone(start.tzinfo)
                moment += step

    def _monthly(self, start: datetime, past: timedelta) -> Iterator[datetime]:
        opening = start.astimezone(UTC)
        longest = timedelta(days=31 * self.months) + self._elapsed
        with suppress(OverflowError):
            for k in count(max(0, past // longest)):
                if (day := self._date(start, k)) is None:
                    return
                wall = start.replace(year=day.year, month=day.month, day=day.day)
                moment = wall.astimezone(UTC) + k * self._elapsed
                if moment - opening > past:
                    yield moment.astimezone(start.tzinfo)

    def _date(self, start: date, k: int) -> date | None:
        """The day k times the months after `start`; None where the calendar has ended."""
        year, month = divmod(start.year * 12 + start.month - 1 + k * self.months, 12)
        if year > MAXYEAR:
            return None
        return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


_PART = re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<fraction>[0-9]+))?(?P<unit>[A-Z])")
_MONTHS = {"Y": 12, "M": 1}
_YEAR = 31_556_952
_SECONDS = {"W": 604_800, "D": 86_400, "TH": 3_600, "TM": 60, "TS": 1}
_UNSEEN = {"Y": "years", "W": "weeks", "TM": "minutes", "TS": "seconds", "fraction": "a fraction"}


def _parts(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The units in their order, `D` for days and `TM` for minutes, each with its place in the text."""
    if not text.startswith("P"):
        _refuse(text, 0, "it is negative" if text.startswith("-") else "it does not begin with P")
    clock, units, index = "", "YMWD", 1
    while index < len(text) or index == 1:
        if not clock and text[index : index + 1] == "T":
            clock, units, index = "T", "HMS", index + 1
        part = _PART.match(text, index)
        if part is None:
            rest = text[index : index + 20]
            _refuse(text, index, f"{rest!r} is not a number with a unit" if rest else "a number is missing")
        if part["unit"] not in units:
            _refuse(text, part.start("unit"), f"{part['unit']} has no place here")
        units = units.partition(part["unit"])[2]
        yield clock + part["unit"], part
        index = part.end()


def _amount(text: str, unit: str, part: re.Match[str]) -> int | Fraction:
    whole, fraction = part["whole"].lstrip("0") or "0", part["fraction"]
    if fraction and unit in _MONTHS:
        _refuse(text, part.start(), "a fraction of a month or year has no fixed length")
    if len(whole) > 9:
        _refuse(text, part.start(), "the number is too large")
    if not fraction:
        return int(whole)
    if part.end() < len(text):
        _refuse(text, part.start(), "only the last number may have a fraction")
    if len(fraction) > 6:
        _refuse(text, part.start("fraction"), "the fraction has more than 6 digits")
    # Rarely needed, and slow to import.
    from fractions import Fraction

    return int(whole) + Fraction(int(fraction), 10 ** len(fraction))


def _ambiguities(text: str, kinds: list[str]) -> Iterator[str]:
    if unseen := [_UNSEEN[kind] for kind in kinds if kind in _UNSEEN]:
        seen = "the service's texts show whole days and hours only, the shortest PT1H"
        yield f"{shown(text)} has {' and '.join(unseen)}; {seen}."
    if "M" in kinds:
        yield (
            f"{shown(text)} has months: the service was seen to take P1M, but no text says how it counts. "
            "Here they count from the start, and a month that is too short lends its last day."
        )


def _refuse(text: str, index: int, problem: str) -> NoReturn:
    advice = "Write an ISO 8601 interval in capitals: PT1H is an hour, P1D a day, P7D a week, P1M a month."
    raise ScheduleError(text, index + 1, "interval", problem, advice)
