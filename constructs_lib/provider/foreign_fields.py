"""What the cloud says of a rule and the schema does not know: an update of the rules keeps it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from constructs_lib.provider.api_models import ApiRule

# The fields of each list that the schema knows, by the list's name; the first one tells its elements apart.
Known = Mapping[str, Sequence[str]]


def keep_foreign_fields(
    rules: Sequence[ApiRule], current: Sequence[ApiRule], known: Collection[str], known_of_lists: Known
) -> list[ApiRule]:
    """The rules, each with what the cloud says of it beside the `known` fields.

    * `current`: the rules as the cloud has them now. A rule is found there by its RuleId, an element of a
      list in it by the first field.
    """
    by_id = {rule.get("RuleId"): rule for rule in current if rule.get("RuleId")}
    kept = []
    for rule in rules:
        before = by_id.get(rule.get("RuleId"), {})
        new = _foreign(before, known) | rule
        for name, fields in known_of_lists.items():
            if name in rule:
                new[name] = _elements(rule[name], before.get(name) or [], fields)
        kept.append(new)
    return kept


def _elements(elements: Sequence[Any], before: Sequence[Any], fields: Sequence[str]) -> list[Any]:
    left = [element for element in before if isinstance(element, Mapping)]
    kept = []
    for element in elements:
        same = next((each for each in left if each.get(fields[0]) == element.get(fields[0])), None)
        if same is not None:
            left.remove(same)
        kept.append(_foreign(same or {}, fields) | element)
    return kept


def _foreign(given: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in known and value}
