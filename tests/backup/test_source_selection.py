"""Whether all sources that were chosen are chosen still, against a count of sources one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from random import Random
from types import ModuleType
from typing import Any

from constructs_lib.backup import source_selection
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_view import BackupPolicyView
from constructs_lib.backup.rule import BackupPolicyRule, CrossAccount, DataSourceFilter, TagFilter
from constructs_lib.tokens import Deferred

TYPES, IDS, VALUES = ("OSS", "NAS", "OTS"), ("i", "j"), (None, "1", "2")
# Whose sources a filter looks at: a scope, and accounts. Without a scope it is the policy's own account; that
# is how they are understood here.
SCOPES: list[tuple[str | None, list[int]]] = [*[(None, [])] * 24, ("S", [1]), ("S", [2]), ("S", [1, 2])]
ACCOUNTS = ("own", "1", "2")
# A source: its type, its id, its account, and the values of the tags `a` and `b`; None where it does not have
# the tag.
Source = tuple[str, str, str, str | None, str | None]
SOURCES: list[Source] = list(product(TYPES, IDS, ACCOUNTS, VALUES, VALUES))


def some_tags(random: Random) -> list[TagFilter] | None:
    keys = random.choice(["", "a", "a", "b", "ab", "aa"])
    return [
        TagFilter(
            key=key, operator=random.choice(["EQUAL", "EQUAL", "NOT"]), value=random.choice([*VALUES, ""])
        )
        for key in keys
    ] or None


def some_rule(random: Random) -> BackupPolicyRule:
    filters = []
    for _ in range(random.choice([0, 1, 1, 2])):
        ids = random.choice([None, None, ["i"], ["j"], ["i", "j"]])
        scope, numbers = random.choice(SCOPES)
        accounts = [CrossAccount(cross_account_user_id=number) for number in numbers]
        filters.append(
            DataSourceFilter(
                source_type=random.choice(TYPES), data_source_ids=ids, account_scope=scope, accounts=accounts
            )
        )
    return BackupPolicyRule(
        rule_type="TAG", data_source_filters=filters or None, tag_filters=some_tags(random)
    )


def changed(random: Random, rule: BackupPolicyRule) -> BackupPolicyRule:
    """A rule that is not far from another one."""
    other = some_rule(random)
    keeps = random.choice(["types", "tags", "neither"])
    return BackupPolicyRule(
        rule_type="TAG",
        data_source_filters=(rule if keeps == "types" else other).data_source_filters,
        tag_filters=(rule if keeps == "tags" else other).tag_filters,
    )


def chooses(rule: BackupPolicyRule, source: Source) -> bool:
    kind, name, account, *values = source
    filters: Any = rule.data_source_filters
    tags: Any = rule.tag_filters or ()
    is_named = (not filters and account == "own") or any(
        each.source_type == kind
        and (not each.data_source_ids or name in each.data_source_ids)
        and account in whose(each)
        for each in filters or ()
    )
    return is_named and all(fits(tag, dict(zip("ab", values, strict=True))) for tag in tags)


def whose(given: DataSourceFilter) -> list[str]:
    accounts: Any = given.accounts or ()
    return [str(each.cross_account_user_id) for each in accounts] if given.account_scope else ["own"]


def fits(tag: TagFilter, values: dict[str, str | None]) -> bool:
    value = values[str(tag.key)]
    if tag.operator == "NOT":  # it has the tag, with another value
        return value is not None and bool(tag.value) and value != tag.value
    return value is not None and (not tag.value or value == tag.value)


def lost(old: list[BackupPolicyRule], new: list[BackupPolicyRule]) -> list[Source]:
    return [
        source
        for source in SOURCES
        if any(chooses(rule, source) for rule in old) and not any(chooses(rule, source) for rule in new)
    ]


def is_all_clear(module: ModuleType, old: list[BackupPolicyRule], new: list[BackupPolicyRule]) -> bool:
    before, after = (
        list(module.selections(BackupPolicyView.of(BackupPolicyProps(rules=rules)))) for rules in (old, new)
    )
    return not module.not_covered(before, after)


def draws(count: int) -> Iterator[tuple[list[BackupPolicyRule], list[BackupPolicyRule]]]:
    for seed in range(count):
        random = Random(seed)
        old = [some_rule(random) for _ in range(random.choice([1, 1, 2]))]
        new = [changed(random, rule) for rule in old if random.random() < 0.9]
        yield old, new


def is_wrong(module: ModuleType, count: int) -> bool:
    """Whether it says once that nothing is lost where a source is."""
    return any(is_all_clear(module, old, new) and lost(old, new) for old, new in draws(count))


def test_an_all_clear_is_right() -> None:
    for old, new in draws(1_500):
        assert not (is_all_clear(source_selection, old, new) and lost(old, new)), (old, new)


def test_most_widenings_are_seen() -> None:
    kept = [(old, new) for old, new in draws(600) if not lost(old, new)]
    seen = [is_all_clear(source_selection, old, new) for old, new in kept]
    assert sum(seen) > len(seen) * 0.5


def rule(types: object = ("OSS",), ids: object = ("i",), tags: object = ()) -> BackupPolicyRule:
    given: Any = {"types": types, "ids": ids, "tags": tags}
    filters = given["types"]
    if isinstance(types, tuple):
        filters = [DataSourceFilter(source_type=each, data_source_ids=given["ids"]) for each in types]
    return BackupPolicyRule(rule_type="TAG", data_source_filters=filters, tag_filters=given["tags"] or None)


def tag(key: Any = "a", operator: Any = "EQUAL", value: Any = "1") -> TagFilter:
    return TagFilter(key=key, operator=operator, value=value)


def unknown(name: str) -> Any:
    return Deferred(f"${{{name}}}")


def accounts_of(scope: Any, accounts: Any) -> BackupPolicyRule:
    source = DataSourceFilter(
        source_type="OSS", data_source_ids=["i"], account_scope=scope, accounts=accounts
    )
    return BackupPolicyRule(rule_type="TAG", data_source_filters=[source], tag_filters=[tag()])


KNOWN = rule(tags=[tag()])
UNKNOWN: list[Callable[[str], BackupPolicyRule]] = [
    lambda name: rule(types=unknown(name), tags=[tag()]),
    lambda name: rule(types=(unknown(name),), tags=[tag()]),
    lambda name: rule(ids=unknown(name), tags=[tag()]),
    lambda name: rule(ids=[unknown(name)], tags=[tag()]),
    lambda name: accounts_of(unknown(name), [CrossAccount(cross_account_user_id=1)]),
    lambda name: accounts_of("S", unknown(name)),
    lambda name: accounts_of("S", [unknown(name)]),
    lambda name: accounts_of("S", [CrossAccount(cross_account_user_id=unknown(name))]),
    lambda name: rule(tags=unknown(name)),
    lambda name: rule(tags=[unknown(name)]),
    lambda name: rule(tags=[tag(key=unknown(name))]),
    lambda name: rule(tags=[tag(operator=unknown(name))]),
    lambda name: rule(tags=[tag(operator=unknown(name), value="2")]),
    lambda name: rule(tags=[tag(operator=unknown(name), value="")]),
    lambda name: rule(tags=[tag(value=unknown(name))]),
    lambda name: rule(tags=[tag(operator="NOT", value=unknown(name))]),
    lambda name: rule(tags=[tag(), unknown(name)]),
]


def is_unknown_passed_over(module: ModuleType) -> bool:
    """Whether what is unknown is once taken for what was chosen, or for something else than itself."""
    for make in UNKNOWN:
        first, second = make("one"), make("two")
        pairs = ((KNOWN, first), (first, second), (first, rule(tags=[tag(operator="NOT")])))
        if any(is_all_clear(module, [old], [new]) for old, new in pairs):
            return True
        if not is_all_clear(module, [first], [make("one")]):
            return True
    return False


def test_what_is_unknown_is_only_itself() -> None:
    assert not is_unknown_passed_over(source_selection)


def answers(module: ModuleType) -> list[bool]:
    found = [is_all_clear(module, old, new) for old, new in draws(700)]
    return [*found, is_unknown_passed_over(module)]
