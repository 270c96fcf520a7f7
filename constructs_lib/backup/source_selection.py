"""Which data sources TAG rules choose, and whether those that were chosen are chosen still.

A rule chooses a source whose type and account one of its source filters names, and that fits all its tag
filters. That all have to fit, and that the accounts of a filter are those whose sources it looks at, is how
the service is understood here: its pages do not say it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import asdict, frozen, has

from constructs_lib.backup.policy_view import BackupPolicyView
from constructs_lib.backup.rule import BackupPolicyRule, DataSourceFilter, RuleType, TagFilter, TagOperator
from constructs_lib.tokens import known


@frozen
class Selection:
    """The sources that one TAG rule chooses of one type.

    * `path`: of the rule. `source_type`: None where the rule names none. `ids`: None where all are meant.
    * `tags`: its filters. `scope`, `accounts`: whose sources they are.

    What is unknown stands as its expression, which is equal only to itself.
    """

    path: str
    source_type: object
    ids: object
    tags: object
    scope: object = None
    accounts: object = None

    def covers(self, other: Selection) -> bool:
        """Whether it is certain that it chooses every source that the other one chooses."""
        is_of_type = self.source_type is None or _is_equal(self.source_type, other.source_type)
        has_ids = self.ids is None or _has_all(self.ids, other.ids)
        # Without a list the scope alone says whose: not the same as any list.
        has_accounts = _is_equal(self.scope, other.scope) and _has_all(self.accounts, other.accounts)
        return is_of_type and has_ids and has_accounts and self._covers_tags(other)

    def _covers_tags(self, other: Selection) -> bool:
        if _is_equal(self.tags, other.tags):
            return True
        if not (isinstance(self.tags, (list, tuple)) and isinstance(other.tags, (list, tuple))):
            return False
        return all(any(_implies(given, wanted) for given in other.tags) for wanted in self.tags)


def selections(policy: BackupPolicyView) -> Iterator[Selection]:
    """All that the TAG rules of a policy choose."""
    for path, rule in policy.of_type(RuleType.TAG):
        yield from _of_rule(path, rule)


def _of_rule(path: str, rule: BackupPolicyRule) -> Iterator[Selection]:
    filters, tags = rule.data_source_filters, rule.tag_filters or ()
    if not filters:
        yield Selection(path, None, None, tags)
    elif not isinstance(filters, (list, tuple)):
        yield Selection(path, filters, None, tags)
    else:
        for item in filters:
            if isinstance(item, DataSourceFilter):
                ids, accounts = item.data_source_ids or None, item.accounts or None
                yield Selection(path, item.source_type, ids, tags, item.account_scope or None, accounts)
            else:
                yield Selection(path, item, None, tags)


def not_covered(old: Iterable[Selection], new: Iterable[Selection]) -> list[Selection]:
    """Those of the old ones that no new one covers for certain."""
    candidates = list(new)
    return [each for each in old if not any(candidate.covers(each) for candidate in candidates)]


def _implies(given: Any, wanted: Any) -> bool:
    """Whether every source that fits one tag filter fits the other one."""
    if _is_equal(given, wanted):
        return True
    if not (isinstance(given, TagFilter) and isinstance(wanted, TagFilter)):
        return False
    if not _is_equal(given.key, wanted.key):
        return False
    if any(tag.operator not in (TagOperator.EQUAL, TagOperator.NOT) for tag in (given, wanted)):
        return False
    if wanted.operator == TagOperator.EQUAL:
        return not wanted.value  # the key with any value
    values = [known(tag.value, str) for tag in (given, wanted)]  # an unknown one may be the same
    return given.operator == TagOperator.EQUAL and all(values) and values[0] != values[1]


def _has_all(own: object, others: object) -> bool:
    if _is_equal(own, others):
        return True
    if not (isinstance(own, (list, tuple)) and isinstance(others, (list, tuple))):
        return False
    texts = set(map(_text, own))
    return all(_text(each) in texts for each in others)


def _is_equal(first: object, second: object) -> bool:
    return _text(first) == _text(second)


def _text(value: object) -> str:
    """A value as text, without what is left out: the same for all spellings of it."""
    return json.dumps(value, default=_members)


def _members(value: Any) -> object:
    if not has(type(value)):
        return repr(value)
    return {name: item for name, item in asdict(value).items() if item not in (None, "", [])}
