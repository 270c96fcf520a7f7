"""What a backup policy says about time: schedules, retentions, copies, and what it leaves unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from constructs_lib.backup.effective_retention import PERIODS, advanced_rules, base_rules, newest_switches
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_view import RuleAt, is_set, of_type, schedule_of
from constructs_lib.backup.rule import AdvancedRetention, BackupPolicyRule, RuleType
from constructs_lib.backup.schedule import Schedule
from constructs_lib.backup.simulation.calendar import ALL_FLAGS, DAY, LATEST, MONTH, WEEK, YEAR
from constructs_lib.backup.simulation.timeline import Life, Retention
from constructs_lib.findings import MAX_WHOLE_NUMBER, shown
from constructs_lib.tokens import is_token, known


class UnknownValue(NamedTuple):
    """What the policy leaves open: the place, and why it says nothing."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path} {self.why}"


class Copy(NamedTuple):
    """One REPLICATION rule, and what of it is unknown."""

    path: str
    region: str | None
    retention: Retention | None
    newest: Retention | None
    unknown: tuple[UnknownValue, ...]


class _BackupSource(NamedTuple):
    """One BACKUP rule. `base`: the place, among the retentions, of the one that all its backups have."""

    path: str
    schedule: Schedule
    base: int


class _FirstOfPeriod(NamedTuple):
    """One advanced retention: its period, as a flag and in days, and its place among the retentions."""

    flag: int
    days: int
    place: int


_FLAGS = dict(zip(PERIODS, (DAY, WEEK, MONTH, YEAR), strict=True))


class PolicyTerms:
    """What a policy says about time, read once, and what it leaves unknown.

    `hides_all` makes everything unknown, `hides_backups` the points but not their copies.
    """

    def __init__(self, props: BackupPolicyProps) -> None:
        self.hides_all: list[UnknownValue] = []
        self.hides_backups: list[UnknownValue] = []
        self.retentions: list[Retention] = []
        rules = list(self._rules(props))
        self.backups = of_type(rules, RuleType.BACKUP)
        self.schedules = list(self._schedules())
        self.sources = self._sources(rules)
        self.advanced = list(self._advanced(rules))
        self.newest = self._newest(rules)
        self.copies = [_copy(path, rule) for path, rule in of_type(rules, RuleType.REPLICATION)]
        # What is not known counts as locked, since that only adds a warning.
        self.locks = any(is_set(rule.immutable) for _, rule in rules)
        self.notes = list(self._notes(rules))

    @property
    def backups_known(self) -> bool:
        return not (self.hides_all or self.hides_backups)

    @property
    def unknown(self) -> tuple[UnknownValue, ...]:
        copies = [unknown for copy in self.copies for unknown in copy.unknown]
        return tuple(self.hides_all + self.hides_backups + copies)

    @property
    def opening(self) -> int:
        """When the first schedule starts."""
        return min(min((schedule.start for _, schedule in self.schedules), default=0), LATEST - 1)

    @property
    def longest(self) -> int:
        """The longest time that a backup or a copy is kept, as far as that is known."""
        copies = [copy.retention.seconds for copy in self.copies if copy.retention]
        return max([*copies, *(life.seconds for life in self.lives)], default=0)

    @property
    def turn(self) -> int:
        """How long it takes until the slowest rule has had its turn."""
        periods = [first.days * 86_400 for first in self.advanced]
        gaps = [int(gap.total_seconds()) for _, schedule in self.schedules if (gap := schedule.longest_gap())]
        return max(periods + gaps, default=0)

    @cached_property
    def lives(self) -> list[Life]:
        """How long points live: 16 kinds for each source, by what a point is the first of."""
        return [life for place in range(len(self.sources)) for life in self.lives_of(place)]

    def lives_of(self, place: int) -> list[Life]:
        """How long the points of one source live, by what a point is the first of."""
        return [self._life(self.sources[place].base, flags) for flags in range(ALL_FLAGS + 1)]

    def _life(self, base: int, flags: int) -> Life:
        fitting = [base, *(first.place for first in self.advanced if flags & first.flag)]
        longest = max(fitting, key=lambda place: self.retentions[place].seconds)
        return Life(self.retentions[longest].seconds, longest)

    def _rules(self, props: BackupPolicyProps) -> Iterator[RuleAt]:
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

    def _sources(self, rules: list[RuleAt]) -> list[_BackupSource]:
        """The BACKUP rules, the longest retention first, since that one makes the point of a second."""
        transitions = of_type(rules, RuleType.TRANSITION)
        if len(transitions) > 1:
            why = f"hold {len(transitions)} TRANSITION rules, and which of them applies is not documented"
            self.hides_backups.append(UnknownValue("rules", why))
        own = {path: self._own(path, rule, path == base) for (path, rule), (base, _) in base_rules(rules)}
        common: int | None = None
        for path, rule in transitions:
            common = self._retention(f"{path}.retention", rule.retention, "every backup", self.hides_backups)
        sources = [
            _BackupSource(path, schedule, base)
            for path, schedule in self.schedules
            if (base := own[path] if common is None else common) is not None
        ]
        return sorted(sources, key=lambda source: -self.retentions[source.base].seconds)

    def _own(self, path: str, rule: BackupPolicyRule, needed: bool) -> int | None:
        """The place of a BACKUP rule's own retention; one that is overridden may be unknown."""
        hidden = self.hides_backups if needed else []
        keeps = "every backup" if len(self.backups) == 1 else f"every backup of {path}"
        if needed and not is_set(rule.retention):
            why = "is not set, and no TRANSITION rule says how long backups are kept"
            hidden.append(UnknownValue(f"{path}.retention", why))
        return self._retention(f"{path}.retention", rule.retention, keeps, hidden)

    def _retention(self, path: str, value: object, keeps: str, hidden: list[UnknownValue]) -> int | None:
        """The place of a retention, which is recorded; None where it is left out, or unknown."""
        if (days := _days(path, value, hidden)) is None:
            return None
        self.retentions.append(Retention(path, keeps, days))
        return len(self.retentions) - 1

    def _advanced(self, rules: list[RuleAt]) -> Iterator[_FirstOfPeriod]:
        for path, item in advanced_rules(rules):
            if not isinstance(item, AdvancedRetention):
                self.hides_backups.append(_unknown(path, item))
                continue
            kind, name = known(item.advanced_retention_type, str), "retention"
            if kind not in PERIODS:
                name = "advanced_retention_type"
            elif item.which_snapshot not in (None, 1):
                name = "which_snapshot"
            elif is_set(item.retention):
                keeps = f"the first backup of each {PERIODS[kind].name}"
                place = self._retention(f"{path}.{name}", item.retention, keeps, self.hides_backups)
                if place is not None:
                    yield _FirstOfPeriod(_FLAGS[kind], PERIODS[kind].days, place)
                continue
            self.hides_backups.append(_unknown(f"{path}.{name}", getattr(item, name)))

    def _newest(self, rules: list[RuleAt]) -> int | None:
        """The place of what keeps the newest backup; None where nothing does."""
        path = _switched_on(newest_switches(rules), self.hides_backups)
        if path is None:
            return None
        self.retentions.append(Retention(path, "the newest backup", None))
        return len(self.retentions) - 1

    def _notes(self, rules: list[RuleAt]) -> Iterator[str]:
        if len(self.backups) > 1:
            yield (
                f"The points of the {len(self.backups)} BACKUP rules are taken together: the first of a "
                "period is the first of them all, and in one second only one is made."
            )
        for path, rule in rules:
            if rule.rule_type == RuleType.SECURITY and (rule.schedule or is_set(rule.retention)):
                yield f"What {path}, a SECURITY rule, says about times is not documented: left out."
            if rule.rule_type != RuleType.TRANSITION and rule.retention_rules:
                yield f"{path}.retention_rules has no meaning in a {rule.rule_type} rule: left out."
        for _, schedule in self.schedules:
            yield from schedule.ambiguities


def _unknown(path: str, value: object) -> UnknownValue:
    return UnknownValue(path, "is not set" if value is None or value == "" else f"is {shown(value)}")


def _days(path: str, value: object, hidden: list[UnknownValue]) -> int | None:
    """A number of days; None where it is left out, or recorded as hidden."""
    days = known(value, int)
    if days is not None and 0 < days <= MAX_WHOLE_NUMBER:
        return days
    if is_set(value):
        hidden.append(_unknown(path, value))
    return None


def _switched_on(switches: Iterable[tuple[str, object]], hidden: list[UnknownValue]) -> str | None:
    """The place of the first switch that is on; unknown ones are recorded as hidden."""
    hidden += [_unknown(path, value) for path, value in switches if is_token(value) or value not in (0, 1)]
    return next((path for path, value in switches if not is_token(value) and value == 1), None)


def _copy(path: str, rule: BackupPolicyRule) -> Copy:
    hidden: list[UnknownValue] = []
    days = _days(f"{path}.retention", rule.retention, hidden)
    if not is_set(rule.retention):
        hidden.append(_unknown(f"{path}.retention", None))
    newest = _switched_on(newest_switches([(path, rule)], of_copies=True), hidden)
    return Copy(
        path,
        known(rule.replication_region_id, str),
        None if days is None else Retention(f"{path}.retention", "every copy", days),
        Retention(newest, "the newest copy", None) if newest else None,
        tuple(hidden),
    )
