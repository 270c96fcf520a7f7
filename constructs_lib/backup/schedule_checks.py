"""What the schedules of a policy say, and what they may not mean: BP102, BP109, BP301, BP302,
BP310, BP311, BP317.

A check looks at known values only, as all of `constructs_lib.backup.checks` do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise

from constructs_lib.backup.policy_view import BackupPolicyView, schedule_of
from constructs_lib.backup.quartz import DaysOfWeek, QuartzCron, ScheduleError
from constructs_lib.backup.schedule import DEFAULT_ZONE, Schedule, zone_of
from constructs_lib.backup.sources import HELP, PAGE
from constructs_lib.findings import Basis, Phrase, Problem, Problems, check
from constructs_lib.tokens import known

QUARTZ = "Quartz 2.5, observed"
YEAR_2100 = 4_102_444_800
# What week fields of digits alone are likely to mean where weeks begin on Monday.
_MISREAD_WEEKS = {
    frozenset(range(1, 6)): ("Sunday to Thursday", "Monday to Friday is MON-FRI, or 2-6", "SUN-THU"),
    frozenset(range(1, 7)): ("Sunday to Friday", "Monday to Saturday is MON-SAT, or 2-7", "SUN-FRI"),
    frozenset((1,)): ("Sunday", "Monday is MON, or 2", "SUN"),
    frozenset((7,)): ("Saturday", "Sunday is SUN", "SAT"),
    frozenset((6, 7)): ("Friday and Saturday", "Saturday and Sunday is SAT,SUN, or 7,1", "FRI,SAT"),
}


@check("BP102", "A schedule is malformed", source=PAGE, basis=Basis.PAGE)
def malformed_schedule(policy: BackupPolicyView) -> Problems:
    """A schedule is `I|start|interval`, with an ISO 8601 interval, or `C|start|cron`, with a Quartz cron
    expression whose first field is the seconds and whose weekday 1 is Sunday."""
    for path, rule in policy.rules:
        if text := known(rule.schedule, str):
            try:
                Schedule.parse(text)
            except ScheduleError as error:
                allowed = "I|<UNIX seconds>|<ISO 8601 interval> or C|<UNIX seconds>|<Quartz cron>"
                place = f"{error.where}, column {error.column}" if error.column else error.where
                hint = f"In {place}: {error.problem}. {error.advice}"
                yield Problem(f"{path}.schedule", text, allowed, hint)


def _schedules(policy: BackupPolicyView) -> Iterator[tuple[str, Schedule]]:
    """The known schedules, with their places."""
    for path, rule in policy.rules:
        if schedule := schedule_of(rule):
            yield f"{path}.schedule", schedule


def _crons(policy: BackupPolicyView) -> Iterator[tuple[str, Schedule, QuartzCron]]:
    for path, schedule in _schedules(policy):
        if schedule.cron_expression:
            yield path, schedule, schedule.cron_expression


@check("BP109", "A schedule never runs", source=QUARTZ)
def never_runs(policy: BackupPolicyView) -> Problems:
    """No day fits the cron expression, such as 30 February, or its years are over before the start: nothing
    is ever backed up."""
    for path, schedule, cron in _crons(policy):
        if schedule.never_runs:
            start = datetime.fromtimestamp(schedule.start, zone_of(DEFAULT_ZONE))
            hint = "No day fits: check the days and the months."
            if (last := cron.years[-1]) < start.year:
                hint = f"Its last year, {last}, is over when it starts, {start.date()}."
            elif last == start.year:
                hint = f"No day fits in its last year, {last}, from its start, {start.date()}, on."
            yield Problem(path, str(schedule), "a schedule that runs at some time", hint)


@check("BP301", "A cron expression may not mean what it seems to", source=QUARTZ)
def ambiguous_cron(policy: BackupPolicyView) -> Problems:
    """Whether the service runs Quartz itself is not known. What Quartz takes but ignores, or what only some
    engines take, goes through with this warning. So do weekdays by numbers that look like Monday, Sunday,
    Monday to Friday or a weekend, where 1 is Monday: here 1 is Sunday."""
    for path, schedule, cron in _crons(policy):
        written = QuartzCron.parse(schedule.local_expression) if schedule.local_expression else cron
        sentences = [*schedule.ambiguities, *_misread_week(written)]
        if sentences and not schedule.never_runs:  # BP109 says that
            allowed = "an expression that every Quartz engine, and every reader, reads alike"
            yield Problem(path, str(schedule), allowed, " ".join(sentences))


def _misread_week(cron: QuartzCron) -> Iterator[str]:
    week = cron.expression.split()[5]
    is_plain = re.fullmatch("[0-9,-]+", week)
    if is_plain and isinstance(cron.days, DaysOfWeek) and (meaning := _MISREAD_WEEKS.get(cron.days.days)):
        days, other, names = meaning
        yield f"1 is Sunday, so {week!r} is {days}. {other}; if {days} is meant, write {names}."


@check(
    "BP302",
    "An interval is of a kind that the service's texts never show",
    source=f"{PAGE}; {HELP}",
    basis=(Basis.PAGE, Basis.ACCEPTANCE_TESTS),
)
def unseen_interval(policy: BackupPolicyView) -> Problems:
    """The service's own texts show days and hours. Other ISO 8601 intervals go through with this warning."""
    for path, schedule in _schedules(policy):
        if schedule.is_fixed_interval and schedule.ambiguities:
            yield Problem(path, str(schedule), "whole days or hours", " ".join(schedule.ambiguities))


@check("BP317", "The first backup is in another century", source=PAGE)
def starts_far_off(policy: BackupPolicyView) -> Problems:
    """No backup is made before the start. One digit too many puts it centuries ahead."""
    for path, schedule in _schedules(policy):
        if schedule.start >= YEAR_2100 and not schedule.never_runs:
            start = datetime.fromtimestamp(schedule.start, UTC).date()
            hint = "Write the start in UNIX seconds; today has ten digits."
            yield Problem(
                path, Phrase(f"the start {start}: {schedule}"), "a start before the year 2100", hint
            )


@check("BP310", "A cron schedule runs more often than every hour", source=f"{PAGE}; {HELP}")
def runs_often(policy: BackupPolicyView) -> Problems:
    """`*` in the seconds or minutes means every one of them: `0 * 2 * * ?` runs 60 times, from 02:00 to
    02:59. The shortest time from one backup to the next in the service's texts is an hour."""
    for path, schedule, cron in _crons(policy):
        runs = len(cron.seconds) * len(cron.minutes) * len(cron.hours)
        if runs > len(cron.hours) and not schedule.never_runs:
            often = _how_often(cron)
            first = [str(cron.seconds[0]), str(cron.minutes[0]), *cron.expression.split()[2:]]
            received = Phrase(f"{runs:,} runs on each day that fits, {often}: {cron.expression}")
            hint = f"{' '.join(first)} runs once in each hour that fits."
            yield Problem(path, received, "runs at least an hour apart", hint)


def _how_often(cron: QuartzCron) -> str:
    """The time between the runs of an hour, of which there are several."""
    unit, times = ("second", cron.seconds) if len(cron.seconds) > 1 else ("minute", cron.minutes)
    apart = {b - a for a, b in pairwise(times)}
    if apart == {1} or (len(apart) == 1 and (len(times) > 2 or apart == {30})):
        return f"every {unit}" if apart == {1} else f"every {min(apart)} {unit}s"
    return f"in each hour at the {unit}s {', '.join(map(str, times))}"


@check("BP311", "A clock change moves a schedule of local time", source="IANA time zone database")
def moved_by_clock_changes(policy: BackupPolicyView) -> Problems:
    """`Schedule.cron(…, zone=…)` makes a cron expression in UTC+8 of one in local time. Where that clock
    changes, such as to summer time, it runs at another time from then on, until the clock changes back."""
    for path, schedule in _schedules(policy):
        changes = list(islice(schedule.clock_changes(), 2))
        if changes:
            received = Phrase(f"{schedule.text}, made of {schedule.local_expression} in {schedule.zone}")
            days = ", and from ".join(f"{change.day} {_moved(change.minutes)}" for change in changes)
            step = "Write it for a clock that never changes, or acknowledge it if that does no harm."
            hint = f"On that clock it runs from {days}. {step}"
            yield Problem(path, received, "a zone whose clock does not change", hint)


def _moved(minutes: int) -> str:
    if not minutes:
        return "as written again"
    return f"{abs(minutes)} minutes {'later' if minutes > 0 else 'earlier'} than written"
