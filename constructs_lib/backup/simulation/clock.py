"""The clock of a simulation: its zone, its moments, and how long a job runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from attrs import frozen

from constructs_lib.backup.quartz import ScheduleError
from constructs_lib.backup.schedule import unix_seconds, zone_of

Moment = int | datetime
"""UNIX seconds, or an aware datetime (a fraction of a second is cut off)."""

# The last second looked at: every zone can tell it, and the day after.
LATEST = 253_370_764_800
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Clock:
    """Where the clock stands, and how long a job runs."""

    zone: tzinfo
    job_length: int

    @classmethod
    def of(cls, tz: tzinfo | str, job_length: int) -> Clock:
        """Raises `ScheduleError` for what is no zone, or no length in whole seconds."""
        if job_length.__class__ is not int or job_length < 0:
            raise _wrong(str(job_length), "job_length", "it is no length in seconds", "Pass a whole number.")
        return cls(zone_of(tz), job_length)

    def shown(self, moment: int) -> str:
        return f"{datetime.fromtimestamp(moment, self.zone):%Y-%m-%d %H:%M:%S}"


def _wrong(received: str, where: str, problem: str, advice: str) -> ScheduleError:
    return ScheduleError(received, None, where, problem, advice)


def seconds_of(moment: Moment, where: str) -> int:
    """UNIX seconds, a fraction cut off; raises `ScheduleError` for what cannot be looked at."""
    if isinstance(moment, datetime) and moment.utcoffset() is not None:
        moment = unix_seconds(moment.replace(microsecond=0))
    if moment.__class__ is int and 0 <= moment < LATEST:
        return moment
    advice = "Pass UNIX seconds, or an aware datetime, from 1970 to the end of 9998."
    raise _wrong(str(moment), where, "it is no such moment", advice)


def end_of(end: Moment, opening: int) -> int:
    """The same for an end, which has to be after the opening."""
    if (until := seconds_of(end, "end")) > opening:
        return until
    raise _wrong(str(end), "end", "it is not after the begin", "Pass a later one.")


def just_before(moment: int) -> datetime:
    """A time before the moment, with no start between the two."""
    # No interval has a smaller fraction of a second.
    return _EPOCH + timedelta(seconds=moment, microseconds=-1)
