"""What a backup policy promises: which recovery points exist when, and how much a damage can cost at most.

What schedules and retentions mean comes from the API page of CreatePolicyV2 (the retention of a TRANSITION
rule overrides that of a BACKUP rule; missed jobs are not made up, and no job starts while one runs) and from
the help page "Special retention periods" (the first backup of a week, month or year; weeks begin on Sunday;
the longer of two retentions takes effect). What no page says comes with every result, as `assumptions`.

Moments are UNIX seconds, lengths seconds, retentions days of 86,400 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import count, dropwhile, islice, product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from attrs import field, frozen

from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.quartz import QuartzCron, ScheduleError
from constructs_lib.backup.rule import AdvancedRetention, AdvancedRetentionType, BackupPolicyRule, RuleType
from constructs_lib.backup.schedule import DEFAULT_ZONE, Schedule
from constructs_lib.backup.subject import is_set, schedule_of
from constructs_lib.backup.timeline import (
    DAY,
    FOREVER,
    MONTH,
    MOST_POINTS,
    WEEK,
    YEAR,
    Life,
    Made,
    Retention,
    Rung,
    Shift,
    Timeline,
    shifts,
)
from constructs_lib.findings import shown
from constructs_lib.tokens import is_token, known

Moment = int | datetime
"""UNIX seconds, or an aware datetime (a fraction of a second is cut off)."""


class Unknown(NamedTuple):
    """What the policy leaves open: the place, and why it says nothing."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path} {self.why}"


@frozen
class Starts:
    """When one BACKUP rule starts jobs.

    * `path`: of the rule, such as `rules[0]`.
    * `words`: the schedule in words, with the zone.
    * `doubts`: where the service may read the schedule otherwise; empty where all is well.
    * `next_runs`: the next starts in the zone, from `begin` on, whether or not a job still runs.
    """

    path: str
    words: str
    doubts: tuple[str, ...]
    next_runs: tuple[datetime, ...]


@frozen(eq=False)
class Replica:
    """The copies that one REPLICATION rule makes.

    * `path`: of the rule. `region`: where the copies go; None while that is unknown.
    * `copies`: the copies over time; None where `Recovery.unknown` says why it cannot be told.
    """

    path: str
    region: str | None
    copies: Timeline | None


@frozen(eq=False)
class Recovery:
    """What a policy promises, as if it came into force at `begin` without any older backup.

    * `zone`: the zone of cron times and of the borders of days, weeks, months and years.
    * `begin`, `end`: the time looked at, UNIX seconds, `end` not in it.
    * `starts`: each BACKUP rule whose schedule is known.
    * `backups`: the recovery points over time; None where `unknown` says why it cannot be told.
    * `replicas`: the copies of each REPLICATION rule.
    * `unknown`: the values that hide a part of the result; nothing is guessed for them.
    * `shortened`: a sentence if less time is looked at than it takes to see everything, else None.
    * `assumptions`: sentences that say on what all this rests.
    """

    zone: str
    begin: int
    end: int
    starts: tuple[Starts, ...]
    backups: Timeline | None
    replicas: tuple[Replica, ...]
    unknown: tuple[Unknown, ...]
    shortened: str | None
    assumptions: tuple[str, ...] = field(repr=False)


def simulate(
    props: BackupPolicyProps,
    *,
    begin: Moment | None = None,
    end: Moment | None = None,
    tz: tzinfo | str = DEFAULT_ZONE,
    job_length: int = 0,
    next_runs: int = 5,
) -> Recovery:
    """What the policy promises, exactly.

    * `begin`: when the policy comes into force; left out, when its first schedule starts.
    * `end`: until when to look; left out, long enough to see the counts settle and then five years and two
      turns of the slowest rule, so that leap years and clock changes have their say.
    * `tz`: the zone of cron times and of period borders.
    * `job_length`: how many seconds a job runs, during which no other starts.
    * `next_runs`: how many next starts to list for each BACKUP rule.

    At most 400,000 starts are looked at; `Recovery.shortened` tells where that cut the time. Raises
    `ScheduleError`, a ValueError, for a `tz` that names no zone, a moment without zone or outside the years
    1970 to 9998, an `end` not after `begin`, and a `job_length` that is no whole number or below 0.

    Source: Cloud Backup, CreatePolicyV2 (2017-09-08); help page "Special retention periods".
    """
    clock = _Clock.of(tz, job_length)
    terms = _Terms(props)
    opening = terms.opening if begin is None else _seconds(begin, "begin")
    made = _made(terms, clock, opening, None if end is None else _end(end, opening))
    return _recovery(terms, clock, opening, made, next_runs)


# ------------------------------------------------------------ what a policy says


class _Copy(NamedTuple):
    path: str
    region: str | None
    retention: Retention | None
    newest: Retention | None
    unknown: tuple[Unknown, ...]


class _Source(NamedTuple):
    """One BACKUP rule. `base`: the place, among the retentions, of the one that all its backups have."""

    path: str
    number: int
    schedule: Schedule
    base: int


class _Period(NamedTuple):
    flag: int
    word: str
    days: int


_PERIODS: dict[str, _Period] = {
    AdvancedRetentionType.DAILY: _Period(DAY, "day", 1),
    AdvancedRetentionType.WEEKLY: _Period(WEEK, "week", 7),
    AdvancedRetentionType.MONTHLY: _Period(MONTH, "month", 31),
    AdvancedRetentionType.YEARLY: _Period(YEAR, "year", 366),
}
_ALL_FLAGS = DAY | WEEK | MONTH | YEAR
_MOST_DAYS = 2**53


class _Terms:
    """What a policy says about time, read once, and what it leaves unknown.

    `hides_all` keeps everything from being told, `hides_backups` the points but not their copies.
    """

    def __init__(self, props: BackupPolicyProps) -> None:
        self.hides_all: list[Unknown] = []
        self.hides_backups: list[Unknown] = []
        self.notes: list[str] = []
        self.retentions: list[Retention] = []
        self.advanced: list[tuple[_Period, int]] = []
        rules = list(self._rules(props))
        self.backups = _of_type(rules, RuleType.BACKUP)
        self.schedules = list(self._schedules())
        self.sources = self._sources(_of_type(rules, RuleType.TRANSITION))
        self.newest = self._newest(rules)
        self.copies = [_copy(path, rule) for path, rule in _of_type(rules, RuleType.REPLICATION)]
        # Unknown counts as locked, since that only adds a warning.
        self.locks = any(is_set(rule.immutable) for _, rule in rules)
        self._note(rules)

    @property
    def backups_known(self) -> bool:
        return not (self.hides_all or self.hides_backups)

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        copies = [unknown for copy in self.copies for unknown in copy.unknown]
        return tuple(self.hides_all + self.hides_backups + copies)

    @property
    def opening(self) -> int:
        """When the first schedule starts."""
        return min(min((schedule.start for _, schedule in self.schedules), default=0), _LATEST - 1)

    @property
    def longest(self) -> int:
        """The longest time that a backup or a copy is kept, as far as that is known."""
        copies = [copy.retention.seconds for copy in self.copies if copy.retention]
        return max([*copies, *(life.seconds for life in self.lives())], default=0)

    @property
    def turn(self) -> int:
        """How long it takes until the slowest rule has had its turn."""
        periods = [period.days * 86_400 for period, _ in self.advanced]
        gaps = [int(gap.total_seconds()) for _, one in self.schedules if (gap := one.longest_gap())]
        return max(periods + gaps, default=0)

    def lives(self) -> list[Life]:
        """How long points live: 16 kinds for each source, by what a point is the first of."""
        return [self._life(source.base, flags) for source in self.sources for flags in range(_ALL_FLAGS + 1)]

    def _life(self, base: int, flags: int) -> Life:
        fitting = [base, *(place for period, place in self.advanced if flags & period.flag)]
        lengths = {place: self.retentions[place].seconds for place in fitting}
        longest = max(fitting, key=lengths.__getitem__)
        otherwise = max((lengths[place] for place in fitting if place != longest), default=0)
        return Life(lengths[longest], longest, otherwise)

    def _rules(self, props: BackupPolicyProps) -> Iterator[tuple[str, BackupPolicyRule]]:
        rules = () if props.rules is None else props.rules
        if is_token(rules) or not isinstance(rules, (list, tuple)):
            self.hides_all.append(_unknown("rules", rules))
            return
        for index, rule in enumerate(rules):
            path = f"rules[{index}]"
            if not isinstance(rule, BackupPolicyRule):
                self.hides_all.append(_unknown(path, rule))
            elif known(rule.rule_type, str) not in RuleType.__members__:
                self.hides_all.append(_unknown(f"{path}.rule_type", rule.rule_type))
            else:
                yield path, rule

    def _schedules(self) -> Iterator[tuple[str, Schedule]]:
        for path, rule in self.backups:
            if schedule := schedule_of(rule):
                yield path, schedule
            else:
                self.hides_all.append(_unknown(f"{path}.schedule", rule.schedule))

    def _sources(self, transitions: list[tuple[str, BackupPolicyRule]]) -> list[_Source]:
        """The BACKUP rules, the longest retention first, since that one makes the point of a second."""
        if len(transitions) > 1:
            why = f"hold {len(transitions)} TRANSITION rules, and which of them applies is not documented"
            self.hides_backups.append(Unknown("rules", why))
        overriding = next((rule.retention for _, rule in transitions if _is_given(rule.retention)), None)
        own = {path: self._own(path, rule, overriding is None) for path, rule in self.backups}
        common: int | None = None
        for path, rule in transitions:
            common = self._retention(f"{path}.retention", rule.retention, "every backup", self.hides_backups)
            self._read_advanced(path, rule.retention_rules)
        sources = [
            _Source(path, number, schedule, base)
            for number, (path, schedule) in enumerate(self.schedules)
            if (base := own[path] if common is None else common) is not None
        ]
        return sorted(sources, key=lambda source: -self.retentions[source.base].seconds)

    def _own(self, path: str, rule: BackupPolicyRule, needed: bool) -> int | None:
        """The place of a BACKUP rule's own retention; one that is overridden may be unknown."""
        hidden = self.hides_backups if needed else []
        keeps = "every backup" if len(self.backups) == 1 else f"every backup of {path}"
        if needed and not _is_given(rule.retention):
            why = "is not set, and no TRANSITION rule says how long backups are kept"
            hidden.append(Unknown(f"{path}.retention", why))
        return self._retention(f"{path}.retention", rule.retention, keeps, hidden)

    def _retention(self, path: str, value: object, keeps: str, hidden: list[Unknown]) -> int | None:
        """The place of a retention, noted down; None where it is left out, or unknown."""
        if (days := _days(path, value, hidden)) is None:
            return None
        self.retentions.append(Retention(path, keeps, days))
        return len(self.retentions) - 1

    def _read_advanced(self, path: str, items: object) -> None:
        path = f"{path}.retention_rules"
        if items is None:
            return
        if is_token(items) or not isinstance(items, (list, tuple)):
            self.hides_backups.append(_unknown(path, items))
            return
        for index, item in enumerate(items):
            place = f"{path}[{index}]"
            if not isinstance(item, AdvancedRetention):
                self.hides_backups.append(_unknown(place, item))
                continue
            period = _PERIODS.get(known(item.advanced_retention_type, str) or "")
            if period is None:
                name = "advanced_retention_type"
                self.hides_backups.append(_unknown(f"{place}.{name}", item.advanced_retention_type))
            elif item.which_snapshot not in (None, 1):
                self.hides_backups.append(_unknown(f"{place}.which_snapshot", item.which_snapshot))
            elif not _is_given(item.retention):
                self.hides_backups.append(_unknown(f"{place}.retention", item.retention))
            else:
                keeps = f"the first backup of each {period.word}"
                found = self._retention(f"{place}.retention", item.retention, keeps, self.hides_backups)
                if found is not None:
                    self.advanced.append((period, found))

    def _newest(self, rules: list[tuple[str, BackupPolicyRule]]) -> int | None:
        """The place of what keeps the newest backup; None where nothing does."""
        kept = [
            found
            for path, rule in rules
            if rule.rule_type != RuleType.REPLICATION
            and (found := _keeps_newest(path, rule, self.hides_backups))
        ]
        if not kept:
            return None
        self.retentions.append(Retention(kept[0], "the newest backup", None))
        return len(self.retentions) - 1

    def _note(self, rules: list[tuple[str, BackupPolicyRule]]) -> None:
        if len(self.backups) > 1:
            self.notes.append(
                f"The points of the {len(self.backups)} BACKUP rules are taken together: the first of a "
                "period is the first of them all, and in one second only one is made."
            )
        for path, rule in rules:
            if rule.rule_type == RuleType.SECURITY and (rule.schedule or _is_given(rule.retention)):
                self.notes.append(
                    f"What {path}, a SECURITY rule, says about times is not documented: left out."
                )
            if rule.rule_type != RuleType.TRANSITION and rule.retention_rules:
                self.notes.append(
                    f"{path}.retention_rules has no meaning in a {rule.rule_type} rule: left out."
                )
        for _, schedule in self.schedules:
            self.notes += schedule.doubts


def _is_given(value: object) -> bool:
    """Whether a number is given: the API takes 0 as left out."""
    return not (value is None or (value.__class__ is int and value == 0))


def _of_type(
    rules: Iterable[tuple[str, BackupPolicyRule]], kind: RuleType
) -> list[tuple[str, BackupPolicyRule]]:
    return [(path, rule) for path, rule in rules if rule.rule_type == kind]


def _unknown(path: str, value: object) -> Unknown:
    return Unknown(path, "is not set" if value is None or value == "" else f"is {shown(value)}")


def _days(path: str, value: object, hidden: list[Unknown]) -> int | None:
    """A number of days; None where it is left out, or noted as hidden."""
    days = known(value, int)
    if days is not None and 0 < days <= _MOST_DAYS:
        return days
    if _is_given(value):
        hidden.append(_unknown(path, value))
    return None


def _keeps_newest(path: str, rule: BackupPolicyRule, hidden: list[Unknown]) -> str | None:
    """The place of the switch if it is on."""
    path, value = f"{path}.keep_latest_snapshots", rule.keep_latest_snapshots
    if is_token(value) or value not in (None, 0, 1):
        hidden.append(_unknown(path, value))
        return None
    return path if value else None


def _copy(path: str, rule: BackupPolicyRule) -> _Copy:
    hidden: list[Unknown] = []
    days = _days(f"{path}.retention", rule.retention, hidden)
    if not _is_given(rule.retention):
        hidden.append(_unknown(f"{path}.retention", None))
    newest = _keeps_newest(path, rule, hidden)
    return _Copy(
        path,
        known(rule.replication_region_id, str),
        None if days is None else Retention(f"{path}.retention", "every copy", days),
        Retention(newest, "the newest copy", None) if newest else None,
        tuple(hidden),
    )


# ------------------------------------------------------------ when it is simulated


@frozen
class _Clock:
    """Where the clock stands, and how long a job runs."""

    zone: tzinfo
    job_length: int

    @classmethod
    def of(cls, tz: tzinfo | str, job_length: int) -> _Clock:
        if job_length.__class__ is not int or job_length < 0:
            raise _wrong(str(job_length), "job_length", "it is no length in seconds", "Pass a whole number.")
        if isinstance(tz, tzinfo):
            return cls(tz, job_length)
        try:
            return cls(ZoneInfo(tz), job_length)
        except (LookupError, OSError, TypeError, ValueError):
            advice = "Pass a name of the IANA database, such as 'Europe/Berlin', or a tzinfo."
            raise _wrong(str(tz), "tz", "it is no time zone", advice) from None

    def shown(self, moment: int) -> str:
        return f"{datetime.fromtimestamp(moment, self.zone):%Y-%m-%d %H:%M:%S}"


# The last second looked at: every zone can tell it, and the day after.
_LATEST = 253_370_764_800
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_SECONDS = 366 * 86_400
_CENTURY = 100 * _YEAR_SECONDS


def _wrong(received: str, where: str, problem: str, advice: str) -> ScheduleError:
    return ScheduleError(received, None, where, problem, advice)


def _seconds(moment: Moment, where: str) -> int:
    if isinstance(moment, datetime) and moment.utcoffset() is not None:
        moment = (moment - _EPOCH) // timedelta(seconds=1)
    if moment.__class__ is int and 0 <= moment < _LATEST:
        return moment
    advice = "Pass UNIX seconds, or an aware datetime, from 1970 to the end of 9998."
    raise _wrong(str(moment), where, "it is no such moment", advice)


def _end(end: Moment, opening: int) -> int:
    if (until := _seconds(end, "end")) > opening:
        return until
    raise _wrong(str(end), "end", "it is not after the begin", "Pass a later one.")


def _made(terms: _Terms, clock: _Clock, opening: int, end: int | None) -> Made:
    """The points from `opening` on, until `end` or as long as there is something new to see."""
    if end is not None:
        return _made_before(terms, clock, opening, min(end, _LATEST))
    firsts = [next(iter(_starts(one, opening, clock.zone)), None) for _, one in terms.schedules]
    first = min((one for one in firsts if one is not None), default=opening)
    # Five years hold every kind of year and of clock change.
    seen = first + 5 * _YEAR_SECONDS + 2 * min(terms.turn, _CENTURY)
    settled = terms.longest if terms.longest <= _CENTURY else 0
    made = _made_before(terms, clock, opening, min(seen + settled, _LATEST))
    # Points on the way to counts that never settle would show nothing new.
    return made.before(seen, False) if made.cut_short and seen <= made.end <= first + settled else made


def _made_before(terms: _Terms, clock: _Clock, opening: int, end: int) -> Made:
    if terms.hides_all:
        return Made([], [], end, None, False)
    by_source = terms.sources if terms.backups_known else None
    schedules = [one.schedule for one in by_source] if by_source else [one for _, one in terms.schedules]
    return Made.of([_starts(one, opening, clock.zone) for one in schedules], end, clock.job_length)


def _starts(schedule: Schedule, opening: int, zone: tzinfo) -> Iterable[int]:
    """The starts of a schedule from `opening` on, rising; those of less than a second apart fall together."""
    opening = max(opening, schedule.start)
    if (cron := schedule.cron_expression) is not None:
        return dropwhile(opening.__gt__, _cron_starts(cron, opening, zone))
    interval = schedule.interval
    if interval is None or interval.months:
        return _unix(schedule.occurrences(after=_just_before(opening), tz=zone))
    length, parts = interval.seconds.as_integer_ratio()
    missed = -((schedule.start - opening) * parts // length)
    if parts == 1:
        return range(schedule.start + missed * length, _LATEST, length)
    return (schedule.start + place * length // parts for place in count(missed))


def _just_before(moment: int) -> datetime:
    # No interval has a smaller fraction of a second.
    return _EPOCH + timedelta(seconds=moment, microseconds=-1)


def _unix(moments: Iterable[datetime]) -> Iterator[int]:
    return (int(moment.timestamp()) for moment in moments)


def _cron_starts(cron: QuartzCron, opening: int, zone: tzinfo) -> Iterator[int]:
    """The same as `QuartzCron.occurrences`, a day at a time, which is several times faster.

    On days that are longer or shorter than 24 hours, `QuartzCron.occurrences` itself has its say.
    """
    times = [
        (hour * 60 + minute) * 60 + second
        for hour, minute, second in product(cron.hours, cron.minutes, cron.seconds)
    ]
    for day in cron.dates(datetime.fromtimestamp(opening, zone).date() - timedelta(days=1)):
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        first = int(midnight.timestamp())
        if midnight.utcoffset() == (midnight + timedelta(days=1)).utcoffset():
            yield from map(first.__add__, times)
        else:
            yield from _unix(_of_day(cron, day, midnight))


def _of_day(cron: QuartzCron, day: date, midnight: datetime) -> Iterator[datetime]:
    for moment in cron.occurrences(midnight.astimezone(UTC) - timedelta(seconds=1), midnight.tzinfo or UTC):
        if moment.date() > day:
            return
        if moment.date() == day:
            yield moment


def _recovery(terms: _Terms, clock: _Clock, opening: int, made: Made, next_runs: int) -> Recovery:
    shortened = None
    if made.cut_short:
        shortened = (
            f"Looked at until {clock.shown(made.end)} only, the first {MOST_POINTS:,} starts: "
            "what takes longer to show is not in the figures."
        )
    return Recovery(
        str(clock.zone),
        opening,
        made.end,
        tuple(_words(path, one, clock, opening, next_runs) for path, one in terms.schedules),
        _backups(terms, made.firsts(clock.zone), opening, made) if terms.backups_known else None,
        tuple(Replica(copy.path, copy.region, _copies(terms, copy, opening, made)) for copy in terms.copies),
        terms.unknown,
        shortened,
        tuple(_assumptions(terms, clock, opening, made)),
    )


def _words(path: str, schedule: Schedule, clock: _Clock, opening: int, next_runs: int) -> Starts:
    runs = islice(schedule.occurrences(after=_just_before(opening), tz=clock.zone), next_runs)
    return Starts(path, schedule.describe(clock.zone), schedule.doubts, tuple(runs))


def _backups(terms: _Terms, flags: Sequence[int], opening: int, made: Made) -> Timeline:
    size = _ALL_FLAGS + 1
    kinds = [source * size + flag for source, flag in zip(made.sources, flags, strict=True)]
    retentions = tuple(terms.retentions)
    return Timeline(
        opening, made.end, made.times, kinds, terms.lives(), retentions, terms.newest, made.next_time
    )


def _copies(terms: _Terms, copy: _Copy, opening: int, made: Made) -> Timeline | None:
    if terms.hides_all or copy.unknown or copy.retention is None:
        return None
    lives = [Life(copy.retention.seconds, 0, 0)]
    retentions = (copy.retention, copy.newest) if copy.newest else (copy.retention,)
    newest = 1 if copy.newest else None
    kinds = [0] * len(made.times)
    return Timeline(opening, made.end, made.times, kinds, lives, retentions, newest, made.next_time)


def _assumptions(terms: _Terms, clock: _Clock, opening: int, made: Made) -> Iterator[str]:
    yield f"Cron times and the borders of days, weeks, months and years are those of {clock.zone}."
    yield "A week begins on Sunday 00:00. The first backup of a policy is the first of all its periods."
    yield "If several retentions fit a backup, the longest takes effect."
    yield "A day of retention is 24 hours; a backup is deleted exactly when its time is over."
    job = (
        f"{clock.job_length} seconds; no other starts meanwhile, and none is made up"
        if clock.job_length
        else "no time"
    )
    yield f"Every backup succeeds, and can be restored from the moment it starts. A job takes {job}."
    yield "A backup of any type can be restored by itself for as long as it is kept, in the archive tier too."
    if terms.newest is not None:
        yield "keep_latest_snapshots=1 keeps the newest backup until there is a newer one."
    if terms.copies:
        yield "Every backup is copied at once. A copy lives as long as its REPLICATION rule says."
    yield from dict.fromkeys(terms.notes)
    yield f"Looked at from {clock.shown(opening)} to {clock.shown(made.end)}, as if no backup were older."


# ------------------------------------------------------------ what a change means


class Moved(NamedTuple):
    """A point that exists at a change and will be deleted at another time than before.

    * `time`: when it was made, UNIX seconds.
    * `before`, `after`: when it is deleted under the old and under the new policy; None for never.
    * `kept_by`, `kept_by_after`: the retentions that decide so.
    """

    time: int
    before: int | None
    after: int | None
    kept_by: Retention
    kept_by_after: Retention

    @property
    def is_sooner(self) -> bool:
        return self.after is not None and (self.before is None or self.after < self.before)


@frozen(eq=False)
class Comparison:
    """What a change means for the backups, or for the copies in one region.

    * `region`: of the copies; None for the backups, and while it is unknown.
    * `before`, `after`: both as if begun at the change; None where there are none or `unknown` is true.
    * `unknown`: whether one of the two cannot be told; then nothing below can.
    * `shifts`: the ages of damage for which the worst loss changes.
    * `moved`: the points that exist at the change and are deleted at another time, the oldest first.
    """

    region: str | None
    before: Timeline | None
    after: Timeline | None
    unknown: bool
    shifts: tuple[Shift, ...]
    moved: tuple[Moved, ...]

    @property
    def deleted_sooner(self) -> tuple[Moved, ...]:
        """The points that exist at the change and go sooner because of it."""
        return tuple(one for one in self.moved if one.is_sooner)

    @property
    def gets_worse(self) -> bool:
        """Whether a damage of some age may lose more than before, or a point goes sooner."""
        return any(one.is_worse for one in self.shifts) or any(one.is_sooner for one in self.moved)

    @property
    def gets_better(self) -> bool:
        """Whether a damage of some age loses less than before at most, or a point stays longer."""
        return any(not one.is_worse for one in self.shifts) or any(not one.is_sooner for one in self.moved)


@frozen(eq=False)
class Change:
    """What it means to replace a policy by another at the moment `at`.

    * `at`: UNIX seconds.
    * `before`, `after`: what each of them promises if it begins at the change, over the same time.
    * `backups`: the two compared. `replicas`: the same for each region; one that only one policy names
      has no `before` or no `after`.
    * `assumptions`: what the comparison rests on besides the assumptions of `before` and `after`.
    """

    at: int
    before: Recovery
    after: Recovery
    backups: Comparison
    replicas: tuple[Comparison, ...]
    assumptions: tuple[str, ...] = field(repr=False)


def compare(
    before: BackupPolicyProps,
    after: BackupPolicyProps,
    *,
    at: Moment,
    since: Moment | None = None,
    end: Moment | None = None,
    tz: tzinfo | str = DEFAULT_ZONE,
    job_length: int = 0,
    next_runs: int = 5,
) -> Change:
    """What changes if the second policy takes the place of the first: points deleted, promises kept or not.

    * `at`: the moment of the change. `since`: when the first policy came into force; left out, when its first
      schedule started.
    * The others, and the errors raised, are those of `simulate`.

    Points that exist at the change are taken to be kept from then on as the second policy says, counted from
    when they were made; `Change.assumptions` tells more.
    """
    clock = _Clock.of(tz, job_length)
    moment = _seconds(at, "at")
    old, new = _Terms(before), _Terms(after)
    past = _past(old, clock, old.opening if since is None else _seconds(since, "since"), moment)
    made = _over_the_same_time(old, new, clock, moment, None if end is None else _end(end, moment))
    was, now = (
        _recovery(terms, clock, moment, points, next_runs)
        for terms, points in zip((old, new), made, strict=True)
    )
    return Change(
        moment,
        was,
        now,
        _compared_backups(old, new, (was.backups, now.backups), past, clock),
        tuple(_compared_replicas(old, new, (was, now), past)),
        tuple(_assumptions_of_change(old, new, clock, past)),
    )


class _Past(NamedTuple):
    """The points made before a change by a policy in force from `begun` on, those before `since` left out.

    `complete`: whether they are all that can exist at the change.
    """

    begun: int
    since: int
    made: Made
    complete: bool


def _past(terms: _Terms, clock: _Clock, since: int, at: int) -> _Past:
    if since >= at:
        return _Past(since, at, Made([], [], at, None, False), True)
    begun, made = since, _made_before(terms, clock, since, at)
    if made.cut_short:
        # What is older has gone, and a year and a week before that tell what is first of its periods.
        gone = max(at - terms.longest, 0)
        new_year = datetime(datetime.fromtimestamp(gone, clock.zone).year, 1, 1, tzinfo=clock.zone)
        since = max(since, int(new_year.timestamp()) - 7 * 86_400)
        made = _made_before(terms, clock, since, at)
    complete = not made.cut_short
    while made.cut_short:
        # As much time before the change as was looked at from the beginning, but at most half of the last.
        since = at - min(made.end - since, (at - since) // 2)
        made = _made_before(terms, clock, since, at)
    return _Past(begun, since, made, complete)


def _over_the_same_time(
    old: _Terms, new: _Terms, clock: _Clock, opening: int, end: int | None
) -> tuple[Made, Made]:
    """The points of both policies until the same end: the later one that suits them, if both get there."""
    until = end or max(_made(terms, clock, opening, None).end for terms in (old, new))
    was, now = (_made_before(terms, clock, opening, until) for terms in (old, new))
    shortest = min(was.end, now.end)
    cut_short = was.cut_short or now.cut_short
    return was.before(shortest, cut_short), now.before(shortest, cut_short)


def _compared_backups(
    old: _Terms, new: _Terms, both: tuple[Timeline | None, Timeline | None], past: _Past, clock: _Clock
) -> Comparison:
    was, now = both
    if was is None or now is None:
        return Comparison(None, was, now, True, (), ())
    points = _backups(old, past.made.firsts(clock.zone), past.since, past.made)
    lives = _lives_after(old, new)
    moved = _moved(points, now, lives) if lives else ()
    return Comparison(None, was, now, False, shifts(was.ladder, now.ladder), tuple(moved))


def _lives_after(old: _Terms, new: _Terms) -> list[Life]:
    """How long points of the kinds of the old policy live under the new one; empty if that says nothing.

    A point goes with the BACKUP rule of the same number; without one, with that of the shortest retention.
    """
    if not new.sources:
        return []
    size = _ALL_FLAGS + 1
    lives = new.lives()
    place_of = {source.number: place for place, source in enumerate(new.sources)}
    places = [place_of.get(source.number, len(new.sources) - 1) for source in old.sources]
    return [life for place in places for life in lives[place * size : (place + 1) * size]]


def _moved(past: Timeline, now: Timeline, lives: Sequence[Life]) -> Iterator[Moved]:
    """The points of the past that go at another time under `now`, where `lives` tells of their kinds."""
    at = past.end
    existing = [place for place, expiry in enumerate(past.expiries) if expiry > at]
    next_time = next(iter(now.times), now.next_time) or FOREVER
    for place in existing:
        life = lives[past.kinds[place]]
        gone, kept_by = past.times[place] + life.seconds, life.decided_by
        if now.newest is not None and place == existing[-1] and gone < next_time:
            gone, kept_by = next_time, now.newest
        gone = max(gone, at)
        if gone != past.expiries[place]:
            point = past.point(place)
            yield Moved(
                point.time,
                point.expires,
                None if gone >= FOREVER else gone,
                point.kept_by,
                now.retentions[kept_by],
            )


def _compared_replicas(
    old: _Terms, new: _Terms, both: tuple[Recovery, Recovery], past: _Past
) -> Iterator[Comparison]:
    was, now = (dict(_by_region(terms, one)) for terms, one in zip((old, new), both, strict=True))
    for key in dict.fromkeys([*was, *now]):
        before, after = was.get(key), now.get(key)
        region = next(one.replica.region for one in (before, after) if one)
        old_copies, new_copies = (one.replica.copies if one else None for one in (before, after))
        if (before and not old_copies) or (after and not new_copies):
            yield Comparison(region, old_copies, new_copies, True, (), ())
            continue
        ladders = (one.ladder if one else _NOTHING for one in (old_copies, new_copies))
        existing = _copies(old, before.terms, past.since, past.made) if before else None
        moved = tuple(_moved(existing, new_copies, new_copies.lives)) if existing and new_copies else ()
        yield Comparison(region, old_copies, new_copies, False, shifts(*ladders), moved)


class _Named(NamedTuple):
    terms: _Copy
    replica: Replica


_NOTHING = (Rung(0, None),)


def _by_region(terms: _Terms, recovery: Recovery) -> Iterator[tuple[tuple[str, int], _Named]]:
    """The replicas by region, or by place while that is unknown; a second one of the same region apart."""
    seen: list[str] = []
    for copy, replica in zip(terms.copies, recovery.replicas, strict=True):
        name = copy.region or copy.path
        yield (name, seen.count(name)), _Named(copy, replica)
        seen.append(name)


def _assumptions_of_change(old: _Terms, new: _Terms, clock: _Clock, past: _Past) -> Iterator[str]:
    at = past.made.end
    yield (
        "Backups that exist at the change are kept from then on as the new policy says, counted from when "
        "they were made; what is over by then is deleted at once. No page tells whether the service does so, "
        "or leaves existing backups as they are."
    )
    yield "A backup stays the first of its day, week, month or year, even if the old policy did not use that."
    if past.begun < at:
        yield f"The old policy has run since {clock.shown(past.begun)}, and no backup of it failed."
    if not past.complete:
        yield f"Older backups are not looked at: there are more than {MOST_POINTS:,}."
    if len(old.sources) > 1 or len(new.sources) > 1:
        yield (
            "A backup goes with the BACKUP rule of the same number; without one, with that of the shortest "
            "retention."
        )
    if not new.sources and new.backups_known:
        yield "The new policy has no BACKUP rule: what becomes of the existing backups is not documented."
    if old.locks:
        yield "The old policy locks backups (immutable): a shorter retention may not reach those."
    yield "Copies in a region that the new policy does not name are kept until their time is over."
    yield f"The promises of both policies are compared as if each began at the change, {clock.shown(at)}."
