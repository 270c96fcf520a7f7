"""What the conditions of a document compare: keys, values by operator, and guards that never bite.

PV204, PV208, PV209, PV211, PV307 to PV309, PV313. A check looks at known values only, as all of
`constructs_lib.ram.checks` do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from constructs_lib.findings import Basis, Problem, Problems, check, intended, quoted
from constructs_lib.ram.grammar import CIDR, DATE, ELEMENTS, NUMBER, items_at, unseen_characters
from constructs_lib.ram.policy_version import PolicyVersionView
from constructs_lib.ram.terraform_expressions import is_unknown

OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *("StringLike", "StringNotLike"),
    *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"),
    *("NumericGreaterThan", "NumericGreaterThanEquals"),
    *("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals"),
    *("DateGreaterThan", "DateGreaterThanEquals"),
    *("Bool", "IpAddress", "NotIpAddress", "IpAddressIncludeBorder"),
)
# The keys that the page lists for every service, spelled as there, and others that are seen in documents,
# whose spelling differs from source to source.
DOCUMENTED_KEYS = {
    "acs:CurrentTime": "Date",
    "acs:MFAPresent": "Bool",
    "acs:SecureTransport": "Bool",
    "acs:SourceIp": "Ip",
}
_SEEN_KEYS = ("acs:PrincipalARN", "acs:PrincipalRDId", "acs:PrincipalRDPath", "acs:Service", "acs:SourceVpc")
# Times before this are past on whichever day the check runs.
_PAST = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
_KEY = re.compile(r"[A-Za-z0-9._-]+:[^\s:].*", re.DOTALL)
_FOREIGN_OPERATOR = re.compile(r"IfExists$|^Null$|^ForAllValues:|^ForAnyValue:")
# By the start of an operator's name: what its values are, and how to write one.
_KINDS = {
    "Bool": ("true or false", 'Write "true" or "false".'),
    "Numeric": ("a number", 'Write a number, such as "10".'),
    "Date": ("a date of ISO 8601 with its zone", 'Write one such as "2026-11-30T23:59:59+08:00".'),
    "Ip": ("an IP address or a CIDR block", 'Write one such as "203.0.113.7" or "10.0.0.0/8".'),
}


class _Comparison(NamedTuple):
    """One line of a Condition: its place, and what is compared with what."""

    path: str
    operator: str
    key: str
    values: object


def _comparisons(view: PolicyVersionView) -> Iterator[_Comparison]:
    """The lines whose operator and key are known."""
    for path, statement in view.document.statements:
        condition = statement.get("Condition")
        if not isinstance(condition, Mapping) or is_unknown(condition):
            continue
        for operator, keys in condition.items():
            if isinstance(keys, Mapping) and not is_unknown(keys) and not is_unknown(operator):
                for key, values in keys.items():
                    if isinstance(key, str) and not is_unknown(key):
                        yield _Comparison(f"{path}.Condition.{operator}.{key}", str(operator), key, values)


def _values(comparison: _Comparison) -> Iterator[tuple[str, str]]:
    for path, value in items_at(comparison.path, comparison.values):
        if isinstance(value, str) and not is_unknown(value) and "${acs:" not in value:
            yield path, value


@check("PV204", "RAM does not document a condition like this", source=ELEMENTS, basis=Basis.PAGE)
def unknown_operator(view: PolicyVersionView) -> Problems:
    """RAM has operators for strings, numbers, dates, booleans and IP addresses. It refuses `…IfExists` and
    `Null`, and documents neither `ForAllValues` nor `ForAnyValue`. `Bool` compares with one value."""
    for path, statement in view.document.statements:
        condition = statement.get("Condition")
        if isinstance(condition, Mapping) and not is_unknown(condition):
            for operator in condition:
                if operator not in OPERATORS and not is_unknown(operator):
                    at, hint = f"{path}.Condition.{operator}", _hint_on_operator(str(operator))
                    yield Problem(at, quoted(str(operator)), "an operator of RAM", hint)
    for path, operator, _, values in _comparisons(view):
        if operator == "Bool" and isinstance(values, (list, tuple)) and len(values) > 1:
            yield Problem(path, values, "one value", 'Write "true" or "false".')


def _hint_on_operator(operator: str) -> str:
    if _FOREIGN_OPERATOR.search(operator):
        return "RAM knows no IfExists, Null, ForAllValues or ForAnyValue: say it without."
    meant = intended(operator, OPERATORS)
    return f"Did you mean {meant}?" if meant else f"Use one of {', '.join(OPERATORS)}."


@check("PV208", "A condition value is not what its operator compares", source=ELEMENTS, basis=Basis.PAGE)
def value_of_another_kind(view: PolicyVersionView) -> Problems:
    """`Bool` compares with `true` or `false`, `Numeric…` with numbers, `Date…` with dates of ISO 8601,
    `…IpAddress…` with addresses or CIDR blocks of IPv4 or IPv6. With any other value a condition cannot hold:
    an Allow grants nothing, and a Deny guards nothing."""
    for comparison in _comparisons(view):
        kind = _kind_of(comparison.operator)
        for path, value in _values(comparison) if kind in _KINDS else ():
            if not _is_of(kind, value):
                allowed, hint = _KINDS[kind]
                unseen = unseen_characters(value)
                hint = f"Take out {', '.join(unseen)}." if unseen else hint
                yield Problem(path, quoted(value), allowed, hint)


def _kind_of(operator: str) -> str:
    """What an operator of RAM compares: a key of `_KINDS`, or `String`; empty for any other operator."""
    name = operator.removeprefix("Not") if operator in OPERATORS else ""
    return next((kind for kind in (*_KINDS, "String") if name.startswith(kind)), "")


def _is_of(kind: str, value: str) -> bool:
    if kind == "Bool":
        return value.lower() in ("true", "false")
    if kind == "Numeric":
        return NUMBER.fullmatch(value) is not None
    try:
        if kind == "Date":
            return DATE.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
        from ipaddress import ip_network  # most documents do without

        return CIDR.fullmatch(value) is not None and ip_network(value, strict=False) is not None
    except ValueError:
        return False


@check("PV209", "A condition key has no service before it", source=ELEMENTS, basis=Basis.PAGE)
def malformed_key(view: PolicyVersionView) -> Problems:
    """A condition key is `acs:<key>` for those of every service, or `<ram-code>:<key>` for those of one. No
    request has any other, such as one of AWS or one with characters that nobody sees: a Deny with it guards
    nothing, and an Allow grants nothing."""
    for path, _, key, _ in _comparisons(view):
        unseen = unseen_characters(key)
        if unseen or not _KEY.fullmatch(key) or key.startswith("aws:"):
            meant = intended(f"acs:{key.removeprefix('aws:')}", (*DOCUMENTED_KEYS, *_SEEN_KEYS))
            hint = f"Did you mean {meant}?" if meant else "Write the service before it, such as oss:Prefix."
            hint = f"Take out {', '.join(unseen)}." if unseen else hint
            yield Problem(path, quoted(key), "acs:… or service:…", hint)


@check(
    "PV211",
    "A condition value holds characters that nobody sees",
    source=ELEMENTS,
    basis=(Basis.PAGE, Basis.HARM),
)
def unseen_in_value(view: PolicyVersionView) -> Problems:
    """Strings are compared as they are: with a control, bidi or zero-width character, a value is another one
    than it looks, and the condition does not hold for what it seems to name. Blanks may be meant."""
    for comparison in _comparisons(view):
        if _kind_of(comparison.operator) == "String":
            for path, value in _values(comparison):
                if unseen := unseen_characters(value.strip(" ")):
                    hint = f"Take out {', '.join(unseen)}: no request has this value."
                    yield Problem(path, quoted(value), "a value that shows as it is", hint)


@check("PV307", "A condition key is nearly one that RAM documents", source=ELEMENTS, basis=Basis.PAGE)
def nearly_documented_key(view: PolicyVersionView) -> Problems:
    """Keys are compared with case. One that differs by case, or by a slip, from a key that RAM documents for
    every service may be a key of its own: nobody lists all, so this is a warning."""
    others = {key.lower() for key in _SEEN_KEYS}
    for path, _, key, _ in _comparisons(view):
        if not key.lower().startswith("acs:") or key in DOCUMENTED_KEYS or key.lower() in others:
            continue
        if meant := intended(key, DOCUMENTED_KEYS, cutoff=0.85):
            yield Problem(path, quoted(key), "a key as the page spells it", f"Did you mean {meant}?")


@check(
    "PV308", "A wildcard stands where it is taken literally", source=ELEMENTS, basis=(Basis.PAGE, Basis.HARM)
)
def literal_wildcard(view: PolicyVersionView) -> Problems:
    """Wildcards work in `StringLike` and `StringNotLike`. In any other string operator `*` and `?` are
    themselves, so that the condition holds for nothing that it seems to name."""
    for comparison in _comparisons(view):
        operator = comparison.operator
        if operator.startswith("String") and operator in OPERATORS and "Like" not in operator:
            like = "StringNotLike" if "Not" in operator else "StringLike"
            for path, value in _values(comparison):
                if "*" in value or "?" in value:
                    yield Problem(path, quoted(value), "a value without wildcards", f"Use {like}.")


@check("PV309", "A documented key is compared as another kind", source=ELEMENTS, basis=Basis.PAGE)
def key_of_another_kind(view: PolicyVersionView) -> Problems:
    """The keys of every service have a kind: `acs:SourceIp` is an address, `acs:CurrentTime` a date,
    `acs:MFAPresent` and `acs:SecureTransport` are booleans. As strings, an address is in no CIDR block, and a
    date is neither before nor after another."""
    for path, operator, key, _ in _comparisons(view):
        wanted, kind = DOCUMENTED_KEYS.get(key), _kind_of(operator)
        if wanted and kind and kind != wanted:
            operators = [each for each in OPERATORS if _kind_of(each) == wanted]
            yield Problem(
                path, quoted(operator), f"an operator for {_KINDS[wanted][0]}", f"Use {', '.join(operators)}."
            )


@check("PV313", "No value can meet a condition", source=ELEMENTS, basis=(Basis.PAGE, Basis.HARM))
def met_by_no_value(view: PolicyVersionView) -> Problems:
    """All lines of a condition must hold, each for one of its values. No address is outside of `0.0.0.0/0`,
    no request comes at a time that is past (before November 2026, so that the answer is the same each day),
    and no number is above 10 and below 5: such a Deny guards nothing, and such an Allow grants nothing.
    Whether a request without the key meets a `Not…` is not documented."""
    lines: dict[tuple[str, str], _Lines] = {}
    for line in _comparisons(view):
        lines.setdefault((line.path.partition(".Condition.")[0], line.key), {})[line.operator] = line
    for (_, key), of_key in lines.items():
        for operator, reason in (*_empty_ranges(key, of_key), *_no_address(of_key), *_all_excluded(of_key)):
            hint = f"{reason} Where no value fits, a Deny guards nothing, and an Allow grants nothing."
            yield Problem(
                of_key[operator].path, of_key[operator].values, "a condition that some value meets", hint
            )


_Lines = dict[str, _Comparison]  # what a statement says of one key, by operator
_Reasons = Iterator[tuple[str, str]]  # the operator to blame, and why
_READ: dict[str, Callable[[str], float | str]] = {
    "String": str,
    "Numeric": float,
    "Date": lambda text: datetime.fromisoformat(text).timestamp(),
}


def _some(lines: _Lines, operator: str) -> list[str]:
    """The values of an operator that can be compared."""
    kind, line = _kind_of(operator), lines.get(operator)
    return [value for _, value in _values(line) if kind == "String" or _is_of(kind, value)] if line else []


def _all(lines: _Lines, operator: str) -> list[str]:
    """The values of an operator; none where one of them may be anything."""
    values = _some(lines, operator)
    return values if values and len(values) == len([*items_at("", lines[operator].values)]) else []


def _empty_ranges(key: str, lines: _Lines) -> _Reasons:
    for kind in ("Numeric", "Date"):
        # The second part of a bound puts "above 5" behind "at least 5".
        is_now = key == "acs:CurrentTime" and kind == "Date"
        lowest, highest = (_PAST if is_now else float("-inf"), 0, ""), (float("inf"), 0, "")
        for operator in (each for each in lines if _kind_of(each) == kind):
            relation = operator.removeprefix(kind)
            values = [float(_READ[kind](text)) for text in _all(lines, operator)]
            if values and relation in ("Equals", "LessThan", "LessThanEquals"):
                highest = min(highest, (max(values), -(relation == "LessThan"), operator))
            if values and relation in ("Equals", "GreaterThan", "GreaterThanEquals"):
                lowest = max(lowest, (min(values), int(relation == "GreaterThan"), operator))
        if lowest[:2] > highest[:2]:
            beside = f"Nothing meets both it and {lowest[2]}." if lowest[2] else "That time is past."
            yield highest[2], beside


def _no_address(lines: _Lines) -> _Reasons:
    if "NotIpAddress" not in lines:
        return
    excluded, among = _some(lines, "NotIpAddress"), _all(lines, "IpAddress")
    outside = _networks(excluded)
    if everything := [network for network in outside if not network.prefixlen]:
        sentences = (f"No IPv{each.version} address is outside of {each}." for each in everything)
        yield "NotIpAddress", " ".join(sentences)
    elif among and _networks([*excluded, *among]) == outside:
        yield "NotIpAddress", "It excludes every address of IpAddress."


def _networks(texts: list[str]) -> list[Any]:
    """The addresses as few blocks of IPv4 and IPv6."""
    from ipaddress import collapse_addresses, ip_network  # most documents do without

    networks: list[Any] = [ip_network(text, strict=False) for text in texts]
    by_version = ([each for each in networks if each.version == version] for version in (4, 6))
    return [network for of_one in by_version for network in collapse_addresses(of_one)]


def _all_excluded(lines: _Lines) -> _Reasons:
    for kind, read in _READ.items():
        wanted = set(map(read, _all(lines, f"{kind}Equals")))
        if wanted and wanted <= set(map(read, _some(lines, f"{kind}NotEquals"))):
            yield f"{kind}NotEquals", f"It excludes every value of {kind}Equals."
    patterns = _some(lines, "StringNotLike")
    if any(pattern and not pattern.strip("*") for pattern in patterns):
        yield "StringNotLike", "Every value is like *."
