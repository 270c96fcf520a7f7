"""What was edited: a document statement by statement, a policy rule by rule, the rest value by value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import evolve

from constructs_lib.backup.effective_retention import origins
from constructs_lib.backup.schedule import Schedule, ScheduleError
from constructs_lib.findings import plural, printable, shown
from constructs_lib.ram.canonical import KEY_ENCODER, canonical_statements
from constructs_lib.ram.grammar import VERSION
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.review.loading.resource import LoadedResource
from constructs_lib.review.normal_form import Props
from constructs_lib.review.report import Action, Edit, EditedValue
from constructs_lib.tokens import holds_sensitive, is_token

# Beyond so many pairs of statements nobody looks for the one that each was.
_MOST_PAIRS = 10_000
_LONGEST = 400
_ELEMENTS = ("Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition")
_WORDS = ("true", "false", "null", "NaN", "Infinity")
# What a value is called, and the value, as they are printed.
Value = tuple[str, str]


class Documents(NamedTuple):
    """Two versions of a policy to compare; `takes_effect`: because they take effect, before and after."""

    before: Props | None
    after: Props | None
    takes_effect: bool = False


def edits(
    old: LoadedResource | None, new: LoadedResource | None, zone: str, documents: Documents | None = None
) -> tuple[Edit, ...]:
    """The edits of a resource, what is beside its statements and rules first.

    `documents`: those to show, where they are not those of the resource.
    """
    documents = documents or Documents(old.props if old else None, new.props if new else None)
    statements = [_statements(documents.before), _statements(documents.after)]
    rules = [_rules(side) for side in (old, new)]
    has_statements, has_rules = any(statements), any(rules)
    forms = [side.form if side else {} for side in (old, new)]
    differing = [name for name in forms[0] | forms[1] if forms[0].get(name) != forms[1].get(name)]
    beside = [list(_beside(form, differing, has_statements, has_rules)) for form in forms]
    names = [{name for name, _ in values} for values in beside]
    # What an expression refers to says something only where both sides have the expression.
    beside = [
        [
            value
            for value in values
            if not value[0].startswith("refers_to ") or value[0] in names[0] & names[1]
        ]
        for values in beside
    ]
    places: list[int | None] = [None] * len(rules[1])
    if old is not None and new is not None:
        places = origins(old.identified_rules, new.identified_rules)
        beside = [[*values, *order] for values, order in zip(beside, _orders(places), strict=True)]
    found = [_edit("", beside[0], beside[1])]
    if old is not None and new is not None:
        found = [evolve(found[0], action=Action.CHANGED)]
    title = " of what takes effect" if documents.takes_effect else ""
    found += _statement_edits(statements[0], statements[1], title)
    found += _rule_edits(rules[0], rules[1], places, zone)
    return tuple(edit for edit in found if edit.values)


def _beside(
    form: Mapping[str, Any], names: Sequence[str], has_statements: bool, has_rules: bool
) -> Iterator[Value]:
    """Those of the values that stand beside the statements and the rules."""
    for name in names:
        value = form.get(name)
        if name == "policy_document" and has_statements and isinstance(value, Mapping):
            others = {key: item for key, item in value.items() if key != "Statement"}
            value = {} if others == {"Version": VERSION} else others
        if value and not (name == "rules" and has_rules and isinstance(value, list)):
            yield from _flat(name, value)


def _orders(places: Sequence[int | None]) -> tuple[list[Value], list[Value]]:
    """The order of the rules that were there before, where it is another one."""
    order = [place for place in places if place is not None]
    if order == sorted(order):
        return [], []
    before, after = (f"order {', '.join(map(str, places))}" for places in (sorted(order), order))
    return [("rules", before)], [("rules", after)]


# ------------------------------------------------------------ statements


class _EditedStatement(NamedTuple):
    """A statement in its canonical form at its place in the document."""

    place: int
    text: str
    form: Any

    @property
    def values(self) -> list[Value]:
        """The values that it consists of."""
        if not isinstance(self.form, Mapping):
            return list(_flat("Statement", self.form))
        names = sorted(self.form, key=lambda name: _ELEMENTS.index(name) if name in _ELEMENTS else 99)
        return [value for name in names for value in _flat(str(name), self.form[name])]


def _statements(props: Props | None) -> list[_EditedStatement]:
    document = props.document.elements if isinstance(props, PolicyVersionProps) else None
    given = document.get("Statement") if document else None
    items = given if isinstance(given, (list, tuple)) else [] if given is None else [given]
    forms = (canonical_statements([item])[0] for item in items)
    return [_EditedStatement(place, KEY_ENCODER.encode(form), form) for place, form in enumerate(forms)]


def _statement_edits(
    before: Sequence[_EditedStatement], after: Sequence[_EditedStatement], of: str
) -> Iterator[Edit]:
    """The statements that differ; those that are on both sides, wherever, are left out."""
    texts = [{statement.text for statement in side} for side in (before, after)]
    was = [statement for statement in before if statement.text not in texts[1]]
    now = [statement for statement in after if statement.text not in texts[0]]
    matches = _matches(was, now)
    for statement in now:
        match = matches.get(statement.place)
        old = match.values if match else []
        yield _edit(f"Statement[{statement.place}]{of}", old, statement.values, is_whole=True)
    matched = {statement.place for statement in matches.values()}
    for statement in was:
        if statement.place not in matched:
            yield _edit(f"Statement[{statement.place}]{of}", statement.values, [])


def _matches(was: Sequence[_EditedStatement], now: Sequence[_EditedStatement]) -> dict[int, _EditedStatement]:
    """By the place of a new statement the old one that it was: of one effect, with the most in common."""
    if len(was) * len(now) > _MOST_PAIRS:
        return {}
    candidates = []
    sides = [[(statement, set(statement.values)) for statement in side] for side in (was, now)]
    for old, before in sides[0]:
        for new, after in sides[1]:
            common = len(before & after)
            is_alone = len(was) == len(now) == 1
            if before & after & {("Effect", "Allow"), ("Effect", "Deny")} and (common > 1 or is_alone):
                candidates.append((-common, abs(old.place - new.place), new.place, old.place, old))
    matches: dict[int, _EditedStatement] = {}
    taken: set[int] = set()
    for _, _, new_place, old_place, statement in sorted(candidates, key=lambda candidate: candidate[:4]):
        if new_place not in matches and old_place not in taken:
            matches[new_place] = statement
            taken.add(old_place)
    return matches


# ------------------------------------------------------------ rules


def _rules(side: LoadedResource | None) -> list[Any]:
    rules = side.form.get("rules") if side else None
    return rules if isinstance(rules, list) else []


def _rule_edits(
    before: Sequence[Any], after: Sequence[Any], places: Sequence[int | None], zone: str
) -> Iterator[Edit]:
    for index, (rule, place) in enumerate(zip(after, places, strict=True)):
        was = None if place is None else before[place]
        if was == rule:
            continue
        yield _edit(_rule_title(index, rule), _rule_values(was, zone), _rule_values(rule, zone))
    for index, rule in enumerate(before):
        if index not in places:
            yield _edit(_rule_title(index, rule), _rule_values(rule, zone), [])


def _rule_title(index: int, rule: Any) -> str:
    kind = rule.get("rule_type") if isinstance(rule, Mapping) else None
    return f"rules[{index}]{f' {_string(kind)}' if kind else ''}"


def _rule_values(rule: Any, zone: str) -> list[Value]:
    """The values of a rule in words; its type stands in the title."""
    if not isinstance(rule, Mapping):
        return [] if rule is None else list(_flat("rule", rule))
    values: list[Value] = []
    for name, value in rule.items():
        if name == "schedule" and isinstance(value, str) and not is_token(value):
            values.append((name, _schedule(value, zone)))
        elif name in ("retention", "archive_days"):
            values.append((name, _days(value)))
        elif name == "retention_rules" and isinstance(value, list):
            values += (value for item in value for value in _advanced(item))
        elif name != "rule_type":
            values += _flat(name, value)
    return values


def _schedule(text: str, zone: str) -> str:
    try:
        return f"{Schedule.parse(text).describe(zone)} ({_string(text)})"
    except ScheduleError:
        return _string(text)


def _days(value: Any) -> str:
    return plural(value, "day") if value.__class__ is int else _string(value)


def _advanced(item: Any) -> Iterator[Value]:
    """An advanced retention: how long the first backup of a period is kept."""
    if not isinstance(item, Mapping) or "advanced_retention_type" not in item:
        yield from _flat("retention_rules", item)
        return
    name = f"retention_rules {_string(item['advanced_retention_type'])}"
    yield name, _days(item.get("retention"))
    if item.get("which_snapshot") not in (None, 1):
        yield f"{name} which_snapshot", _string(item["which_snapshot"])


# ------------------------------------------------------------ values


def _edit(title: str, before: Sequence[Value], after: Sequence[Value], *, is_whole: bool = False) -> Edit:
    """`is_whole`: what stays the same is shown beside what changed."""
    action = Action.CHANGED if before and after else Action.ADDED if after else Action.REMOVED
    values = tuple(value for value in _compared(before, after) if is_whole or value.before != value.after)
    is_changed = any(value.before != value.after for value in values)
    return Edit(title=title, action=action, values=values if is_changed else ())


def _compared(before: Sequence[Value], after: Sequence[Value]) -> Iterator[EditedValue]:
    sides: list[dict[str, list[str]]] = [{}, {}]
    for side, values in zip(sides, (before, after), strict=True):
        for name, value in values:
            side.setdefault(name, []).append(value)
    for name in dict.fromkeys([*sides[1], *sides[0]]):
        was, now = (side.get(name, []) for side in sides)
        if len(was) == len(now) == 1:
            yield EditedValue(name, was[0], now[0])
            continue
        kept = set(was) & set(now)
        yield from (EditedValue(name, value, None) for value in was if value not in kept)
        yield from (EditedValue(name, value if value in kept else None, value) for value in now)


def _flat(name: str, value: Any) -> Iterator[Value]:
    """Each value of a tree in a line, under the names that lead to it; an object in a list is one value."""
    if isinstance(value, Mapping) and value and not holds_sensitive(value):
        for key, item in value.items():
            yield from _flat(f"{name} {key}", item)
    elif isinstance(value, (list, tuple)) and value:
        yield from ((printable(name), _string(item)) for item in value)
    else:
        yield printable(name), _string(value)


def _string(value: Any) -> str:
    """A value on a line: a string as it stands, unless it could be taken for another value."""
    if holds_sensitive(value):
        return shown(value)
    text = value if isinstance(value, str) and _is_plain(value) else _json(value)
    text = printable(text)
    if len(text) <= _LONGEST:
        return text
    # What differs beyond the cut is still another value.
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[:_LONGEST]}… ({len(text):,} characters, SHA-256 {digest})"


def _is_plain(text: str) -> bool:
    """Whether it can be taken for nothing but this string."""
    if not text or text.strip() != text:
        return False
    if text[0].isalpha():
        return text not in _WORDS
    try:
        json.loads(text)
    except (RecursionError, ValueError):
        return True
    return False


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=repr)
    except (RecursionError, ValueError):
        return shown(value)
