"""Policy variables of RAM, such as `${acs:UserName}`: each is one value, the same wherever it is written.

The search supposes of each pattern with a variable that it matches, or that it does not. Here is decided
whether some values make what is supposed true of a request, and which values are worth a try.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import count, islice, product
from typing import Any

from constructs_lib.ram.analysis.evaluator import RESOURCE_CASE, About
from constructs_lib.ram.analysis.grants import Witness
from constructs_lib.ram.analysis.patterns import folded, matches

Values = dict[str, str]

MAX_TRIED = 400
# So many values are tried for one request.
MAX_PARTS = 3_000
_MANY = 60
# A variable that no pattern needs has a value that stands nowhere else.
_ELSEWHERE = "\uffff"
_VARIABLE = re.compile(r"\$+\{acs:[^{}*?]*\}")


def variables_of(texts: Iterable[str]) -> list[str]:
    """The variables in some patterns, each once."""
    return list(dict.fromkeys(variable for text in texts for variable in _VARIABLE.findall(text)))


def filled(pattern: str, values: Mapping[str, str], rest: str = "*") -> str:
    """A pattern with the values of its variables, and something in the place of those that have none."""
    return _VARIABLE.sub(lambda variable: values.get(variable[0], rest), pattern)


def holds_variables_only(subject: Any) -> bool:
    """Whether nothing but variables is unknown of a pattern."""
    return isinstance(subject, str) and "{" in subject and not re.search(r"[$%#&]\{", filled(subject, {}))


def is_matched(
    pattern: str, resource: str, values: Mapping[str, str], rest: str = _ELSEWHERE, *, ignore_case: bool
) -> bool:
    """Whether a pattern with values matches a resource."""
    spelled = folded if ignore_case else str
    return matches(spelled(filled(pattern, values, rest)), spelled(resource))


def can_be(witness: Witness) -> bool:
    """Whether some values of the variables make true what a request supposes of the patterns of resources.

    False also where none is found after so many tries.
    """
    matching: dict[bool, list[str]] = {True: [], False: []}
    for assumption, holds in witness.assuming.items():
        if assumption.about is About.RESOURCE and holds_variables_only(assumption.subject):
            matching[holds].append(assumption.subject)
    ignore_case = bool(witness.assuming.get(RESOURCE_CASE))
    return _can_be(witness.resource, tuple(matching[True]), tuple(matching[False]), ignore_case)


@lru_cache(4096)
def _can_be(resource: str, matching: Sequence[str], others: Sequence[str], ignore_case: bool) -> bool:
    """Whether a resource lies in some patterns and in none of others, with some values of their variables."""
    lies_in = partial(is_matched, resource=resource, ignore_case=ignore_case)
    variables = variables_of(matching)
    if not others and len(variables) == sum(map(len, map(_VARIABLE.findall, matching))):
        return all(lies_in(pattern, values={}, rest="*") for pattern in matching)
    parts, tries = _parts(resource)[:MAX_PARTS], count()

    def is_true_of(values: Values, left: Mapping[str, Sequence[str]]) -> bool:
        """Each variable that is left is one of some parts; one of the fewest is tried first."""
        if not left:
            return not any(lies_in(pattern, values=values) for pattern in others)
        name = min(left, key=lambda name: len(left[name]))
        rest = {other: fitting for other, fitting in left.items() if other != name}
        asked = [pattern for pattern in matching if name in pattern]
        denied = [pattern for pattern in others if name in pattern]
        for part in left[name]:
            chosen = {**values, name: part}
            if next(tries) > MAX_PARTS:
                return False
            if (
                all(lies_in(pattern, values=chosen, rest="*") for pattern in asked)
                and not any(lies_in(pattern, values=chosen) for pattern in denied)
                and is_true_of(chosen, rest)
            ):
                return True
        return False

    fitting = {
        name: [
            part
            for part in parts
            if all(lies_in(pattern, values={name: part}, rest="*") for pattern in matching if name in pattern)
        ]
        for name in variables
    }
    return is_true_of({}, fitting)


def _parts(text: str) -> list[str]:
    """All that stands in a text, the shortest first."""
    sizes = range(len(text) + 1)
    parts = (text[start : start + size] for size in sizes for start in range(len(text) - size + 1))
    return list(dict.fromkeys(parts))


def values_to_try(patterns: Sequence[str], resource: str) -> Iterator[Values]:
    """Values for the variables of some patterns: parts of a resource that almost suits them, and of patterns.

    The values of a few variables are tried in all combinations, the likeliest first.
    """
    variables = variables_of(patterns)
    literals = {literal for pattern in patterns for literal in re.split(r"[*?]+", filled(pattern, {}))}
    parts = [*_parts(resource), *(part for literal in sorted(literals, key=len) for part in _parts(literal))]
    tried = dict.fromkeys([*parts[:_MANY], *(part + other for part in parts[:6] for other in parts[:6])])
    for values in islice(product([*tried, *parts[_MANY:]], repeat=len(variables)), MAX_TRIED):
        yield dict(zip(variables, values, strict=True))


def with_values(document: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """A document, in its JSON form, where the variables of its resources have values."""
    return {
        **document,
        "Statement": [
            {
                key: [filled(each, values) if isinstance(each, str) else each for each in listed]
                if key.endswith("Resource") and isinstance(listed, (list, tuple))
                else listed
                for key, listed in statement.items()
            }
            for statement in document["Statement"]
        ],
    }
