"""Two lists of rules of a backup policy: which rule became which, and what is kept shorter than before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from constructs_lib.provider.protocol.context import State
from constructs_lib.provider.protocol.values import UNKNOWN


def with_rule_ids(prior: Sequence[State], planned: Sequence[State]) -> list[State]:
    """The planned rules, where one that changed keeps the id of the rule that it was: the one of its type in
    its place, else the first of its type that no other rule comes from."""
    kept = {rule["rule_id"] for rule in planned if rule["rule_id"] is not UNKNOWN}
    free = {place: rule for place, rule in enumerate(prior) if rule["rule_id"] not in kept}
    result = []
    for place, rule in enumerate(planned):
        if rule["rule_id"] is UNKNOWN:
            alike = [at for at, one in free.items() if one["rule_type"] == rule["rule_type"]]
            source = place if place in alike else next(iter(alike), None)
            rule = {**rule, "rule_id": None if source is None else free.pop(source)["rule_id"]}
        result.append(rule)
    return result


class Promise(NamedTuple):
    """How many days something is kept (`FOR_EVER`, UNKNOWN), and the path of the attribute that says so."""

    what: str
    days: Any
    path: str


FOR_EVER = 10**9
Promises = dict[tuple[str, Any], Promise]


def shortened(prior: Sequence[State], planned: Sequence[State]) -> Iterator[tuple[Promise, Promise]]:
    """What is kept shorter than before, with what it was; nothing while the kinds of rules are not known."""
    if _is_open(planned):
        return
    before, after = _promises(prior), _promises(with_rule_ids(prior, planned))
    base = next((one for (kind, _), one in after.items() if kind == "backup"), None)
    told = set()
    for key, old in before.items():
        # Without its own retention the first backup of a period is kept as long as every other.
        new = after.get(key, base if key[0] == "period" else None)
        if new and UNKNOWN not in (old.days, new.days) and new.days < old.days and new.path not in told:
            told.add(new.path)
            yield old, new


def _is_open(rules: Sequence[State]) -> bool:
    for rule in rules:
        names = [rule["rule_type"], rule["replication_region_id"], rule["retention_rules"]]
        if UNKNOWN in names or any(one["advanced_retention_type"] is UNKNOWN for one in names[2]):
            return True
    return False


def _promises(rules: Sequence[State]) -> Promises:
    """What the rules promise, by kind and name. The retention of a TRANSITION rule overrides all others."""
    promises: Promises = {("newest", ""): Promise("the newest backup is", 0, "rules")}
    own = [
        Promise("backups are", rule["retention"], f"rules[{at}].retention") for at, rule in enumerate(rules)
    ]
    transitions = [own[at] for at, rule in enumerate(rules) if rule["rule_type"] == "TRANSITION"]
    overriding = next((one for one in transitions if one.days is not None), None)
    for at, rule in enumerate(rules):
        kept, region = overriding or own[at], rule["replication_region_id"]
        if rule["rule_type"] == "BACKUP" and kept.days is not None:
            promises["backup", rule["rule_id"] or at] = kept
        elif rule["rule_type"] == "REPLICATION" and own[at].days is not None:
            promises["copy", region] = own[at]._replace(what=f"copies in {region} are")
        for index, one in enumerate(rule["retention_rules"]):
            period, path = one["advanced_retention_type"], f"rules[{at}].retention_rules[{index}].retention"
            what = f"the first backup of each period ({period}) is"
            promises["period", period] = Promise(what, one["retention"], path)
        switch, path = rule["keep_latest_snapshots"], f"rules[{at}].keep_latest_snapshots"
        if switch is UNKNOWN or switch == 1:
            days = UNKNOWN if switch is UNKNOWN else FOR_EVER
            promises["newest", ""] = Promise("the newest backup is", days, path)
    return promises


def in_words(days: int) -> str:
    if days in (0, FOR_EVER):
        return "forever" if days else "no longer than any other"
    return f"{days:,} days"
