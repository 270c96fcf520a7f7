"""What a backup policy promises: which recovery points exist when, and how much an incident can cost.

What schedules and retentions mean comes from the API page of CreatePolicyV2 (the retention of a TRANSITION
rule overrides that of a BACKUP rule; missed jobs are not made up, and no job starts while one runs) and from
the help page "Special retention periods" (the first backup of a week, month or year; weeks begin on Sunday;
the longer of two retentions takes effect). What no page says comes with every result, as `assumptions`.

Moments are UNIX seconds, lengths seconds, retentions days of 86,400 seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import NamedTuple

from attrs import field, frozen

from constructs_lib.backup.effective_retention import rule_origins
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.quartz import LAST_YEAR, YEARS
from constructs_lib.backup.schedule import DEFAULT_ZONE, Schedule
from constructs_lib.backup.simulation.calendar import Clock, Moment, end_of, just_before, seconds_of
from constructs_lib.backup.simulation.daylight_saving import clock_change_notes
from constructs_lib.backup.simulation.lifetimes import lifetimes_of
from constructs_lib.backup.simulation.policy_terms import Copy, PolicyTerms, UnknownValue
from constructs_lib.backup.simulation.run_times import RunsBefore, runs_before, runs_from, runs_over_same_time
from constructs_lib.backup.simulation.runs import MOST_RUNS, Runs
from constructs_lib.backup.simulation.timeline import Life, Retention, Timeline
from constructs_lib.backup.simulation.worst_case import FOREVER


@frozen
class Starts:
    """When one BACKUP rule starts jobs.

    * `path`: of the rule, such as `rules[0]`.
    * `words`: the schedule in words, with the zone.
    * `ambiguities`: where the service may read the schedule otherwise; empty where all is well.
    * `next_runs`: the next starts in the zone, from `begin` on, whether or not a job still runs.
    """

    path: str
    words: str
    ambiguities: tuple[str, ...]
    next_runs: tuple[datetime, ...]


@frozen(eq=False)
class Replica:
    """The copies that one REPLICATION rule makes.

    * `path`: of the rule. `region`: where the copies go; None while that is unknown.
    * `copies`: the copies over time; None where `Recovery.unknown` says why they are unknown.
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
    * `backups`: the recovery points over time; None where `unknown` says why they are unknown.
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
    unknown: tuple[UnknownValue, ...]
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
    1970 to 9998, an `end` not after `begin`, and a `job_length` that is no whole number,
    is below 0, or lasts thousands of years.

    Source: Cloud Backup, CreatePolicyV2 (2017-09-08); help page "Special retention periods".
    """
    clock = Clock.of(tz, job_length)
    terms = PolicyTerms(props)
    opening = terms.opening if begin is None else seconds_of(begin, "begin")
    runs = runs_from(terms, clock, opening, None if end is None else end_of(end, opening))
    return _recovery(terms, clock, opening, runs, next_runs)


def _recovery(terms: PolicyTerms, clock: Clock, opening: int, runs: Runs, next_runs: int) -> Recovery:
    shortened = None
    if runs.cut_short:
        shortened = (
            f"Looked at until {clock.shown(runs.end)} only, the first {MOST_RUNS:,} starts: "
            "what takes longer to show is not in the figures."
        )
    return Recovery(
        str(clock.zone),
        opening,
        runs.end,
        tuple(_starts(path, schedule, clock, opening, next_runs) for path, schedule in terms.schedules),
        _backups(terms, clock, opening, runs) if terms.backups_known else None,
        tuple(
            Replica(copy.path, copy.region, _copies(terms, clock, copy, opening, runs))
            for copy in terms.copies
        ),
        terms.unknown,
        shortened,
        tuple(_assumptions(terms, clock, opening, runs)),
    )


def _starts(path: str, schedule: Schedule, clock: Clock, opening: int, next_runs: int) -> Starts:
    runs = islice(schedule.occurrences(after=just_before(opening), tz=clock.zone), next_runs)
    return Starts(path, schedule.describe(clock.zone), schedule.ambiguities, tuple(runs))


def _backups(terms: PolicyTerms, clock: Clock, opening: int, runs: Runs) -> Timeline:
    bases = [terms.retentions[source.base].seconds for source in terms.sources]
    firsts: dict[int, int] = {}
    for flag, _, place in terms.advanced:
        firsts[flag] = max(firsts.get(flag, 0), terms.retentions[place].seconds)
    lifetimes = lifetimes_of(runs, bases, firsts, clock.zone)
    return Timeline(opening, runs, lifetimes, terms.lives, clock.zone, tuple(terms.retentions), terms.newest)


def _copies(terms: PolicyTerms, clock: Clock, copy: Copy, opening: int, runs: Runs) -> Timeline | None:
    if terms.hides_all or copy.unknown or copy.retention is None:
        return None
    length = copy.retention.seconds
    retentions = (copy.retention, copy.newest) if copy.newest else (copy.retention,)
    lifetimes = lifetimes_of(runs, [length] * len(runs.parts), {}, clock.zone)
    return Timeline(opening, runs, lifetimes, [Life(length, 0)], None, retentions, 1 if copy.newest else None)


def _assumptions(terms: PolicyTerms, clock: Clock, opening: int, runs: Runs) -> Iterator[str]:
    yield f"Cron times and the borders of days, weeks, months and years are those of {clock.zone}."
    yield "A week begins on Sunday 00:00. The first backup of a policy is the first of all its periods."
    yield "If several retentions fit a backup, the longest takes effect."
    yield "A day of retention is 24 hours; a backup is deleted exactly when its time is over."
    job = "no time"
    if clock.job_length:
        job = f"{clock.job_length} seconds; no other starts meanwhile, and none is made up"
    yield f"Every backup succeeds, and can be restored from the moment it starts. A job takes {job}."
    yield "A backup of any type can be restored by itself for as long as it is kept, in the archive tier too."
    if terms.newest is not None:
        yield "keep_latest_snapshots=1 keeps the newest backup until there is a newer one."
    if terms.copies:
        yield "Every backup is copied at once. A copy lives as long as its REPLICATION rule says."
    yield from dict.fromkeys(terms.notes)
    for path, schedule in terms.schedules:
        yield from clock_change_notes(path, schedule, clock.zone, opening, runs.end)
    yield f"Looked at from {clock.shown(opening)} to {clock.shown(runs.end)}, as if no backup were older."


# ------------------------------------------------------------ what a change means


class MovedPoint(NamedTuple):
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
class RecoveryComparison:
    """What a change means for the backups, or for the copies in one region.

    * `region`: of the copies; None for the backups, and while it is unknown.
    * `before`, `after`: both as if begun at the change; None where there are none or `unknown` is true.
    * `unknown`: whether one of the two is unknown; then so is all below.
    * `moved`: the points that exist at the change and are deleted at another time, the oldest first.
    """

    region: str | None
    before: Timeline | None
    after: Timeline | None
    unknown: bool
    moved: tuple[MovedPoint, ...]


class Gap(NamedTuple):
    """The time without a backup around a change, UNIX seconds.

    * `last`: when the old policy made its last backup before the change; None where it had made none.
    * `following`: when it would have made the next one; None where never.
    * `ends`: when the new policy makes its first one; None where never.
    * `usual`, `usual_after`: the longest time between two backups of the old policy, and of the new one, in
      seconds; 0 where it never makes two.
    """

    last: int | None
    following: int | None
    ends: int | None
    usual: int
    usual_after: int

    @property
    def is_too_long(self) -> bool:
        """Whether it is longer than what two schedules that follow each other may leave."""
        if self.following is None or self.ends == self.following:
            return False  # the old policy would have made no backup either, or makes it at the same time
        begun = self.following if self.last is None else self.last
        allowed = self.usual + self.usual_after
        return self.ends is None or (self.ends > self.following and self.ends - begun > allowed)

    @property
    def is_longer_than_usual(self) -> bool:
        """Whether the new policy begins later than the old one would have gone on, so that more time passes
        than between two backups of the old one."""
        if self.last is None or self.following is None or self.ends is None:
            return False
        return self.ends > self.following and self.ends - self.last > self.usual


@frozen(eq=False)
class RecoveryChange:
    """What it means to replace a policy by another at the moment `at`.

    * `at`: UNIX seconds.
    * `before`, `after`: what each of them promises if it begins at the change, over the same time.
    * `backups`: the two compared. `replicas`: the same for each region; one that only one policy names
      has no `before` or no `after`.
    * `gap`: the time without a backup around the change; None where a schedule is unknown.
    * `over_in`: the first year behind the time looked at in which a schedule of the second policy is over,
      and not in the first one; None where there is none.
    * `assumptions`: what the comparison rests on besides the assumptions of `before` and `after`.
    """

    at: int
    before: Recovery
    after: Recovery
    backups: RecoveryComparison
    replicas: tuple[RecoveryComparison, ...]
    gap: Gap | None
    over_in: int | None
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
    origins: Mapping[str, str] | None = None,
) -> RecoveryChange:
    """What changes if the second policy takes the place of the first: points deleted, promises kept or not.

    * `at`: the moment of the change. `since`: when the first policy came into force; left out, when its first
      schedule started.
    * `origins`: which rule was which, as `rule_origins` tells; left out, what the rules themselves tell.
    * The others, and the errors raised, are those of `simulate`.

    Points that exist at the change are taken to be kept from then on as the second policy says, counted from
    when they were made; `RecoveryChange.assumptions` tells more.
    """
    clock = Clock.of(tz, job_length)
    moment = seconds_of(at, "at")
    old, new = PolicyTerms(before), PolicyTerms(after)
    opening = old.opening if since is None else seconds_of(since, "since")
    past = runs_before(old, clock, opening, moment)
    origins = rule_origins(before.rules, after.rules) if origins is None else origins
    became = {was: path for path, was in origins.items()}
    runs = runs_over_same_time(old, new, clock, moment, None if end is None else end_of(end, moment))
    was = _recovery(old, clock, moment, runs[0], next_runs)
    now = _recovery(new, clock, moment, runs[1], next_runs)
    return RecoveryChange(
        moment,
        was,
        now,
        _compared_backups(old, new, (was.backups, now.backups), became, past, clock),
        tuple(_compared_replicas(old, (was, now), became, past, clock)),
        None if old.hides_all or new.hides_all else _gap(old, new, past.runs, runs),
        _over_in(old, new, now.end),
        tuple(_change_assumptions(old, new, clock, past)),
    )


def _gap(old: PolicyTerms, new: PolicyTerms, past: Runs, runs: tuple[Runs, Runs]) -> Gap:
    following, ends = (next(iter(own.times), own.next_time) for own in runs)
    last = past.times[-1] if past.times else None
    return Gap(last, following, ends, _longest_gap(old), _longest_gap(new))


def _over_in(old: PolicyTerms, new: PolicyTerms, end: int) -> int | None:
    """The first year after `end` in which fewer schedules run than at `end`, and fewer than before."""
    crons = [schedule.cron_expression for _, schedule in new.schedules]
    if all(cron is None or cron.years == YEARS for cron in crons):
        return None
    last = datetime.fromtimestamp(end, UTC).year
    looked_at = _running(new, last)
    for year in range(last + 1, LAST_YEAR + 1):
        runs = _running(new, year)
        if looked_at - runs and _running(old, year) - runs:
            return year
    return None


def _running(terms: PolicyTerms, year: int) -> Counter[object]:
    """The schedules that run in a year, whatever their other years are."""
    running: Counter[object] = Counter()
    for _, schedule in terms.schedules:
        cron = schedule.cron_expression
        if cron is None:
            running[schedule.text] += 1
        elif year in cron.years:
            running[cron.seconds, cron.minutes, cron.hours, cron.days, cron.months] += 1
    return running


def _longest_gap(terms: PolicyTerms) -> int:
    """At most so long no backup is made."""
    gaps = [gap for _, schedule in terms.schedules if (gap := schedule.longest_gap())]
    return int(min(gaps).total_seconds()) if gaps else 0


def _compared_backups(
    old: PolicyTerms,
    new: PolicyTerms,
    both: tuple[Timeline | None, Timeline | None],
    became: Mapping[str, str],
    past: RunsBefore,
    clock: Clock,
) -> RecoveryComparison:
    was, now = both
    if was is None or now is None:
        return RecoveryComparison(None, was, now, True, ())
    points, lives = _backups(old, clock, past.since, past.runs), _lives_after(old, new, became)
    return RecoveryComparison(None, was, now, False, tuple(_moved(points, now, lives)) if lives else ())


def _lives_after(old: PolicyTerms, new: PolicyTerms, became: Mapping[str, str]) -> list[Life]:
    """How long points of the kinds of the old policy live under the new one; empty if that says nothing.

    A point goes with what its BACKUP rule became; if that is gone, with the rule of the shortest retention.
    """
    if not new.sources:
        return []
    place_of = {source.path: place for place, source in enumerate(new.sources)}
    places = [place_of.get(became.get(source.path, ""), len(new.sources) - 1) for source in old.sources]
    return [life for place in places for life in new.lives_of(place)]


def _moved(past: Timeline, now: Timeline, lives: Sequence[Life]) -> Iterator[MovedPoint]:
    """The points of the past that go at another time under `now`, where `lives` tells of their kinds."""
    at = past.end
    existing = past.places(at)
    next_time = next(iter(now.times), now.next_time) or FOREVER
    for place in existing:
        kind = past.kind(place)
        point, life = past.point(place, kind), lives[kind]
        gone, kept_by = point.time + life.seconds, life.decided_by
        if now.newest is not None and place == existing[-1] and gone < next_time:
            gone, kept_by = next_time, now.newest
        after = None if (gone := max(gone, at)) >= FOREVER else gone
        if after != point.expires:
            yield MovedPoint(point.time, point.expires, after, point.kept_by, now.retentions[kept_by])


def _compared_replicas(
    old: PolicyTerms,
    both: tuple[Recovery, Recovery],
    became: Mapping[str, str],
    past: RunsBefore,
    clock: Clock,
) -> Iterator[RecoveryComparison]:
    """The copies of both policies: compared where the rule and the region are the same."""
    left = {replica.path: replica for replica in both[1].replicas}
    for copy, before in zip(old.copies, both[0].replicas, strict=True):
        after = left.get(became.get(before.path, ""))
        if after is None or after.region != before.region:
            yield RecoveryComparison(before.region, before.copies, None, not before.copies, ())
            continue
        del left[after.path]
        was, now = before.copies, after.copies
        existing = _copies(old, clock, copy, past.since, past.runs) if was and now else None
        moved = tuple(_moved(existing, now, now.lives)) if existing and now else ()
        yield RecoveryComparison(before.region, was, now, not (was and now), moved)
    for after in left.values():
        yield RecoveryComparison(after.region, None, after.copies, not after.copies, ())


def _change_assumptions(old: PolicyTerms, new: PolicyTerms, clock: Clock, past: RunsBefore) -> Iterator[str]:
    at = past.runs.end
    yield (
        "Backups that exist at the change are kept from then on as the new policy says, counted from when "
        "they were made; what is over by then is deleted at once. No page tells whether the service does so, "
        "or leaves existing backups as they are."
    )
    yield "A backup stays the first of its day, week, month or year, even if the old policy did not use that."
    if past.begun < at:
        yield f"The old policy has run since {clock.shown(past.begun)}, and no backup of it failed."
    if not past.complete:
        yield f"Older backups are not looked at: there are more than {MOST_RUNS:,}."
    if len(old.sources) > 1 or len(new.sources) > 1:
        yield (
            "A backup goes with what its BACKUP rule became: the rule with the same id, else with the same "
            "content, else with the same schedule, else the next one; if there is none, with the rule of the "
            "shortest retention."
        )
    if not new.sources and new.backups_known:
        yield "The new policy has no BACKUP rule: what becomes of the existing backups is not documented."
    if old.locks:
        yield "The old policy locks backups (immutable): a shorter retention may not reach those."
    yield "Copies in a region that the new policy does not name are kept until their time is over."
    yield f"The promises of both policies are compared as if each began at the change, {clock.shown(at)}."
