"""What the cloud says of a rule and the schema does not know: an update of the rules keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from constructs_lib.provider.api_models import ApiRule

# The fields that the schema knows, each with those of its elements where it is a list of objects. The first
# field tells elements apart.
Known = Mapping[str, "Known"]


def keep_foreign_fields(rules: Sequence[ApiRule], current: Sequence[ApiRule], known: Known) -> list[ApiRule]:
    """The rules, each with what the cloud says of it beside the `known` fields.

    * `current`: the rules as the cloud has them now. A rule is found there by its RuleId, an element of a
      list in it by its first field.
    """
    by_id = {rule.get("RuleId"): rule for rule in current if rule.get("RuleId")}
    return [_with_foreign(rule, by_id.get(rule.get("RuleId"), {}), known) for rule in rules]


def _with_foreign(new: Mapping[str, Any], before: Mapping[str, Any], known: Known) -> ApiRule:
    kept = {name: value for name, value in before.items() if name not in known and value} | dict(new)
    for name, fields in known.items():
        if fields and name in new:
            kept[name] = _elements(new[name], before.get(name) or [], fields)
    return kept


def _elements(elements: Sequence[Any], before: Sequence[Any], known: Known) -> list[Any]:
    first = next(iter(known))
    left = [element for element in before if isinstance(element, Mapping)]
    kept = []
    for element in elements:
        same = next((each for each in left if each.get(first) == element.get(first)), None)
        if same is not None:
            left.remove(same)
        kept.append(_with_foreign(element, same or {}, known))
    return kept
