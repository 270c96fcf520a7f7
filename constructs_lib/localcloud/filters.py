"""The parameter Filters: a key, an operator and values each, flattened (`Filters.1.Values.2`) or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from constructs_lib.localcloud import errors
from constructs_lib.localcloud.errors import ApiError
from constructs_lib.localcloud.parameters import Fields, Parameters

FILTER_FIELDS: Fields = {"Key": {}, "Operator": {}, "Values": {}}

Value = str | float
_OPERATORS: dict[str, Callable[[Value, list[Any]], bool]] = {
    "IN": lambda value, wanted: value in wanted,
    "EQUAL": lambda value, wanted: value == wanted[0],
    "NOT_EQUAL": lambda value, wanted: value != wanted[0],
    "GREATER_THAN": lambda value, wanted: value > wanted[0],
    "GREATER_THAN_OR_EQUAL": lambda value, wanted: value >= wanted[0],
    "LESS_THAN": lambda value, wanted: value < wanted[0],
    "LESS_THAN_OR_EQUAL": lambda value, wanted: value <= wanted[0],
    "BETWEEN": lambda value, wanted: wanted[0] <= value <= wanted[1],
}


@frozen
class Filter:
    """One filter; all of a request's have to match."""

    key: str
    operator: str
    values: list[str]

    def matches(self, fields: Mapping[str, Any]) -> bool:
        """Whether an object has, in the field of the filter's key, what is wanted; numbers are compared as
        numbers."""
        value = fields[self.key]
        if not isinstance(value, (int, float)):
            return _OPERATORS[self.operator](str(value), list(self.values))
        try:
            wanted = [float(each) for each in self.values]
        except ValueError:
            raise ApiError(errors.INVALID, "Filters") from None
        return _OPERATORS[self.operator](float(value), wanted)


def read_filters(parameters: Parameters, keys: Sequence[str]) -> list[Filter]:
    """The filters of a request; ApiError where one has another key or operator, or not the values it needs.

    uncertain: what the service says about a wrong filter.
    """
    listed = parameters.json_list("Filters")
    filters = [_read_filter(each) for each in (_unflatten(parameters) if listed is None else listed)]
    if any(each.key not in keys for each in filters):
        raise ApiError(errors.INVALID, "Filters")
    return filters


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


def _read_filter(given: Any) -> Filter:
    if not isinstance(given, Mapping):
        raise ApiError(errors.INVALID, "Filters")
    key, operator, values = given.get("Key"), given.get("Operator") or "IN", given.get("Values")
    is_list = isinstance(values, list) and all(isinstance(value, str) for value in values)
    if not (isinstance(key, str) and operator in _OPERATORS and is_list and values):
        raise ApiError(errors.INVALID, "Filters")
    if operator == "BETWEEN" and len(values) != 2:
        raise ApiError(errors.INVALID, "Filters")
    return Filter(key, operator, values)
