"""Which retention of a backup policy counts, which rule became which in a change, and what is kept shorter.

The retention of a TRANSITION rule overrides that of every BACKUP rule, `retention_rules` count in TRANSITION
rules alone, a REPLICATION rule says how long its copies are kept, and the API takes 0 as left out.

Source: Cloud Backup, CreatePolicyV2 (2017-09-08), request parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from attrs import asdict

from constructs_lib.backup.policy_view import BackupPolicyView, RuleAt, is_set, of_type
from constructs_lib.backup.rule import AdvancedRetention, AdvancedRetentionType, BackupPolicyRule, RuleType
from constructs_lib.backup.schedule import Schedule
from constructs_lib.tokens import is_token, known


class Period(NamedTuple):
    """The period of an advanced retention: its name, and how many days it has at most."""

    name: str
    days: int


PERIODS: dict[str, Period] = {
    AdvancedRetentionType.DAILY: Period("day", 1),
    AdvancedRetentionType.WEEKLY: Period("week", 7),
    AdvancedRetentionType.MONTHLY: Period("month", 31),
    AdvancedRetentionType.YEARLY: Period("year", 366),
}

# ------------------------------------------------------------ which retention counts


def base_rules(rules: Sequence[RuleAt]) -> list[tuple[RuleAt, RuleAt]]:
    """Each BACKUP rule, and the rule whose `retention` its backups have: a TRANSITION rule, else itself."""
    overriding = [at for at in of_type(rules, RuleType.TRANSITION) if is_set(at[1].retention)]
    return [(backup, (overriding or [backup])[0]) for backup in of_type(rules, RuleType.BACKUP)]


def advanced_rules(rules: Sequence[RuleAt]) -> list[tuple[str, object]]:
    """The advanced retentions that count, with their places; a list that is unknown as it stands."""
    found: list[tuple[str, object]] = []
    for path, rule in of_type(rules, RuleType.TRANSITION):
        place, items = f"{path}.retention_rules", rule.retention_rules
        if isinstance(items, (list, tuple)) and not is_token(items):
            found += [(f"{place}[{index}]", item) for index, item in enumerate(items)]
        elif items is not None:
            found.append((place, items))
    return found


def newest_switches(rules: Sequence[RuleAt], *, of_copies: bool = False) -> list[tuple[str, object]]:
    """Each `keep_latest_snapshots` that is given, with its place: of backups, or of copies."""
    return [
        (f"{path}.keep_latest_snapshots", rule.keep_latest_snapshots)
        for path, rule in rules
        if (rule.rule_type == RuleType.REPLICATION) is of_copies and is_set(rule.keep_latest_snapshots)
    ]


# ------------------------------------------------------------ which rule became which


def rule_origins(old: object, new: object) -> dict[str, str]:
    """The place of the old rule that each new rule was, such as `{"rules[0]": "rules[1]"}`.

    * `old`, `new`: the rules, each a `BackupPolicyRule`, or a mapping, which may have a `rule_id` as well.
    """
    places = origins(_as_list(old), _as_list(new))
    return {f"rules[{place}]": f"rules[{was}]" for place, was in enumerate(places) if was is not None}


def origins(old: Sequence[object], new: Sequence[object]) -> list[int | None]:
    """For each new rule the place of the old rule that it was; None for one that is new.

    That is the old rule of the same `rule_id` where both have one; else one of the same content; else the one
    of its type with the same schedule and region; else the next one of its type.
    """
    found: list[int | None] = [None] * len(new)
    old, new = ([_as_mapping(rule) for rule in rules] for rules in (old, new))
    free = dict(enumerate(old))
    for key in _KEYS:
        keys = {place: key(rule) for place, rule in free.items()}
        for place, rule in enumerate(new):
            if found[place] is None and (wanted := key(rule)) is not None:
                found[place] = match = next((was for was in free if keys[was] == wanted), None)
                if match is not None:
                    del free[match]
    return found


def _as_list(rules: object) -> Sequence[object]:
    return rules if isinstance(rules, (list, tuple)) else ()


def _as_mapping(rule: object) -> object:
    return asdict(rule, value_serializer=_as_string) if isinstance(rule, BackupPolicyRule) else rule


def _as_string(owner: object, attribute: object, value: object) -> object:
    return str(value) if isinstance(value, Schedule) else value


def _values(rule: object, *names: str) -> tuple[object, ...]:
    return tuple(rule.get(name) for name in names) if isinstance(rule, Mapping) else ()


def _identity(rule: object) -> object:
    values = _values(rule, "rule_id", "rule_type", "replication_region_id")
    return values if values and isinstance(values[0], str) else None


def _content(value: object) -> object:
    """What is given, in one form for all spellings; the id aside."""
    if isinstance(value, Mapping):
        return {
            name: _content(item)
            for name, item in value.items()
            if name != "rule_id" and item not in (None, "", 0, [], ())
        }
    return [_content(item) for item in value] if isinstance(value, (list, tuple)) else value


_KEYS: tuple[Callable[[object], object], ...] = (
    _identity,
    _content,
    lambda rule: _values(rule, "rule_type", "replication_region_id", "schedule"),
    lambda rule: _values(rule, "rule_type"),
)


# ------------------------------------------------------------ what is kept shorter


class Promise(NamedTuple):
    """How long a policy keeps something.

    * `path`: of the prop that says so. `keeps`: what, such as `the first backup of each week`.
    * `days`: 0 while they are not known.
    """

    path: str
    keeps: str
    days: int


def shortened(
    old: BackupPolicyView, new: BackupPolicyView, origins: Mapping[str, str]
) -> Iterator[tuple[Promise, Promise]]:
    """What the new policy keeps shorter than the old one: the old promise and the new one.

    * `origins`: which rule was which, as `rule_origins` tells.

    The first backup of a period that has no retention of its own any more is kept as long as every other.
    Says nothing while the rule types, or the days, are not known.
    """
    if not (old.can_count and new.can_count):
        return
    before, after = _promises(old.rules), _promises(new.rules)
    became = {was: path for path, was in origins.items()}
    bases = [promise for (kind, _), promise in after.items() if kind == "backup"]
    if bases and all(isinstance(item, AdvancedRetention) for _, item in advanced_rules(new.rules)):
        shortest = min(bases, key=lambda promise: promise.days)
        after = {("period", name): shortest for name in PERIODS} | after
    found: dict[tuple[str, str], tuple[Promise, Promise]] = {}
    for (kind, name), was in before.items():
        now = after.get((kind, became.get(name, name)))
        if now is None or not 0 < now.days < was.days or (kind == "copy" and now.keeps != was.keeps):
            continue
        # One TRANSITION rule may shorten what several BACKUP rules promised: the longest says it all.
        key = (now.path, name if kind == "period" else "")
        found[key] = max(found.get(key, (was, now)), (was, now), key=lambda pair: pair[0].days)
    yield from found.values()


def keeps_as_long(old: BackupPolicyView, new: BackupPolicyView, origins: Mapping[str, str]) -> bool:
    """Whether it is certain that the new policy keeps backups as long as the old one, whichever rule says so.

    * `origins`: which rule was which, as `rule_origins` tells.
    """
    for policy in (old, new):
        days = [promise.days for (kind, _), promise in _promises(policy.rules).items() if kind != "copy"]
        advanced = [item for _, item in advanced_rules(policy.rules)]
        if not days or 0 in days or not all(isinstance(item, AdvancedRetention) for item in advanced):
            return False
    return not any(shortened(old, new, origins))


def _promises(rules: Sequence[RuleAt]) -> dict[tuple[str, str], Promise]:
    """What the rules promise: of the backups and copies by rule, of the first backups by period."""
    promises: dict[tuple[str, str], Promise] = {}
    bases = base_rules(rules)
    for (path, _), (base, rule) in bases:
        keeps = f"every backup of {path}" if base == path and len(bases) > 1 else "every backup"
        promises["backup", path] = Promise(f"{base}.retention", keeps, known(rule.retention, int) or 0)
    for path, item in advanced_rules(rules):
        if isinstance(item, AdvancedRetention) and (name := known(item.advanced_retention_type, str)):
            keeps = f"the first backup of each {PERIODS[name].name if name in PERIODS else name}"
            promise = Promise(f"{path}.retention", keeps, known(item.retention, int) or 0)
            promises["period", name] = max(promises.get(("period", name), promise), promise, key=_days)
    for path, rule in of_type(rules, RuleType.REPLICATION):
        region = known(rule.replication_region_id, str)
        keeps = f"every copy in {region}" if region else "every copy"
        promises["copy", path] = Promise(f"{path}.retention", keeps, known(rule.retention, int) or 0)
    return promises


def _days(promise: Promise) -> int:
    return promise.days


def longest_days(policy: BackupPolicyView) -> int | None:
    """For how many days the policy keeps what it keeps longest; None where no retention is known."""
    days = [promise.days for (kind, _), promise in _promises(policy.rules).items() if kind != "copy"]
    return max(days, default=0) or None


def newest_let_go(old: BackupPolicyView, new: BackupPolicyView) -> Iterator[tuple[str, str]]:
    """What the old policy kept as the newest, and the new one does not, with the place of the switch."""
    if not (old.can_count and new.can_count):
        return
    for of_copies, keeps in ((False, "the newest backup"), (True, "the newest copy")):
        kinds = (RuleType.REPLICATION,) if of_copies else (RuleType.BACKUP, RuleType.TRANSITION)
        places = [path for path, rule in new.rules if rule.rule_type in kinds]
        had = any(value == 1 for _, value in newest_switches(old.rules, of_copies=of_copies))
        if had and places and not newest_switches(new.rules, of_copies=of_copies):
            yield keeps, f"{places[0]}.keep_latest_snapshots"
