"""The parameters Filters and Query: keys, operators and values; all of a request's have to match.

Filters come flattened (`Filters.1.Values.2`) or as JSON, Query as JSON alone, with other names for the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.parameters import Fields, Parameters

FILTER_FIELDS: Fields = {"Key": {}, "Operator": {}, "Values": {}}
QUERY_FIELDS: Fields = {"field": {}, "operation": {}, "value": {}, "value2": {}}

Value = str | float
_Operators = dict[str, Callable[[Value, list[Any]], bool]]
_IN_BOTH: _Operators = {
    "IN": lambda value, wanted: value in wanted,
    "GREATER_THAN": lambda value, wanted: value > wanted[0],
    "GREATER_THAN_OR_EQUAL": lambda value, wanted: value >= wanted[0],
    "LESS_THAN": lambda value, wanted: value < wanted[0],
    "LESS_THAN_OR_EQUAL": lambda value, wanted: value <= wanted[0],
    "BETWEEN": lambda value, wanted: wanted[0] <= value <= wanted[1],
}
_FILTER_OPERATORS: _Operators = _IN_BOTH | {
    "EQUAL": lambda value, wanted: value == wanted[0],
    "NOT_EQUAL": lambda value, wanted: value != wanted[0],
}
_QUERY_OPERATORS: _Operators = _IN_BOTH | {
    "MATCH_TERM": lambda value, wanted: value == wanted[0],
    "NOT_IN": lambda value, wanted: value not in wanted,
}


@frozen
class Filter:
    """One filter, or one condition of a query. `parameter`: the one that it came in."""

    parameter: str
    key: str
    operator: Callable[[Value, list[Any]], bool]
    values: list[str]

    def matches(self, fields: Mapping[str, Any]) -> bool:
        """Whether an object has, in the field of the filter's key, what is wanted; numbers are compared as
        numbers."""
        value = fields[self.key]
        if not isinstance(value, (int, float)):
            return self.operator(str(value), list(self.values))
        try:
            wanted = [float(each) for each in self.values]
        except ValueError:
            raise ApiError(errors.INVALID, self.parameter) from None
        return self.operator(float(value), wanted)


def read_filters(parameters: Parameters, keys: Sequence[str]) -> list[Filter]:
    """The filters of a request; ApiError where one has another key or operator, or not the values it needs.

    uncertain: what the service says about a wrong filter.
    """
    listed = parameters.json_list("Filters")
    return [
        _read("Filters", given, ("Key", "Operator", "Values"), _FILTER_OPERATORS, "IN", keys)
        for given in (_unflatten(parameters) if listed is None else listed)
    ]


def read_query(parameters: Parameters, keys: Sequence[str]) -> list[Filter]:
    """As `read_filters`, the conditions of a query. A range is a list; the official provider sends its end as
    `value2`."""
    conditions = []
    for given in parameters.json_list("Query") or []:
        fields = dict(given) if isinstance(given, Mapping) else {}
        value, end = fields.get("value"), fields.get("value2")
        values = value if isinstance(value, list) else [value] if end is None else [value, end]
        fields["value"] = [str(each) if type(each) is int else each for each in values]
        names = ("field", "operation", "value")
        conditions.append(_read("Query", fields, names, _QUERY_OPERATORS, "MATCH_TERM", keys))
    return conditions


def _unflatten(parameters: Parameters) -> list[dict[str, Any]]:
    filters: dict[int, dict[str, Any]] = {}
    for number, rest, value in parameters.numbered("Filters"):
        fields = filters.setdefault(number, {"Values": []})
        name, _, index = rest.partition(".")
        if name == "Values" and index:
            fields["Values"].append(value)
        else:
            fields[name] = value
    return list(filters.values())


def _read(
    parameter: str,
    given: Any,
    names: tuple[str, str, str],
    operators: _Operators,
    default: str,
    keys: Sequence[str],
) -> Filter:
    fields = given if isinstance(given, Mapping) else {}
    key, operator, values = (fields.get(name) for name in names)
    operator = operator or default
    is_list = isinstance(values, list) and all(isinstance(value, str) for value in values)
    is_known = isinstance(operator, str) and operator in operators
    if not (isinstance(key, str) and key in keys and is_known and is_list and values):
        raise ApiError(errors.INVALID, parameter)
    if operator == "BETWEEN" and len(values) != 2:
        raise ApiError(errors.INVALID, parameter)
    return Filter(parameter, key, operators[operator], values)
