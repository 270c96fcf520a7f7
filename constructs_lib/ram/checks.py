"""What CreatePolicyVersion takes: one function per finding code, all run over the same props.

A check looks at the JSON form of the document, as its author wrote it, and at known values only: a CDKTF
token, a Terraform expression or a value of the wrong type (which PV100 reports) is stepped over, and so is
whatever depends on it. A policy variable of RAM, `${acs:…}`, is known text.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from constructs_lib.findings import Check, Finding, Phrase, Problem, Problems, check, quoted
from constructs_lib.ram.canonical import LISTS, size_of_statement
from constructs_lib.ram.check_words import (
    ELEMENTS,
    ERRORS,
    GRAMMAR,
    PAGE,
    SHORTEN,
    in_bytes,
)
from constructs_lib.ram.document import FIELD_OF_ELEMENT, MAX_DOCUMENT_BYTES, VERSION, Effect, PolicyDocument
from constructs_lib.ram.policy_version import DOCUMENT, PolicyVersionProps, RotateStrategy, Subject
from constructs_lib.ram.terraform_expressions import is_unknown
from constructs_lib.ram.warning_checks import (
    allows_by_exception,
    allows_everything,
    changes_nothing,
    left_to_terraform,
    nearly_full,
    never_rotates,
)
from constructs_lib.tokens import is_token, known

ELEMENTS_OF_DOCUMENT = ("Version", "Statement")
OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *("StringLike", "StringNotLike"),
    *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"),
    *("NumericGreaterThan", "NumericGreaterThanEquals"),
    *("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals"),
    *("DateGreaterThan", "DateGreaterThanEquals"),
    *("Bool", "IpAddress", "NotIpAddress", "IpAddressIncludeBorder"),
)
_EMPTY: tuple[object, ...] = ([], (), "")

_POLICY_NAME = re.compile(r"[A-Za-z0-9-]{1,128}")
_ACTION = re.compile(r"\*|[\w.*?-]+:[\w.*?/-]+", re.ASCII)
_ARN = re.compile(r"\*|acs:[\w.*?-]+:[^:\s]*:[^:\s]*:.+", re.ASCII | re.DOTALL)
_FOREIGN_OPERATOR = re.compile(r"IfExists$|^Null$|^ForAllValues:|^ForAnyValue:")


def _meant(word: object, words: Iterable[str]) -> str | None:
    """The word that another one was probably meant to be."""
    by_lower_case = {one.lower(): one for one in words}
    close = difflib.get_close_matches(str(word).lower(), by_lower_case, n=1, cutoff=0.7)
    # "NotPrincipal" is close to "Principal", and means its opposite.
    if not close or close[0].startswith("not") != str(word).lower().startswith("not"):
        return None
    return by_lower_case[close[0]]


def _lacks(owner: Mapping[str, Any], wanted: tuple[str, ...], elements: Iterable[str]) -> bool:
    """Whether elements are missing for certain: neither misspelt, which PV110 reports, nor unknown."""
    others = [name for name in owner if name not in elements]
    return not (
        any(element in owner for element in wanted)
        or any(is_unknown(name) or _meant(name, elements) in wanted for name in others)
    )


# ------------------------------------------------------------ 1xx: malformed or out of range


_WRONG_TYPE = "Write the value itself, or an expression for it."
_PROPS: dict[str, tuple[tuple[type, ...], str]] = {
    "policy_name": ((str,), "a text"),
    DOCUMENT: ((PolicyDocument, Mapping, str), "a PolicyDocument, a dict or JSON text"),
    "set_as_default": ((bool, type(None)), "True or False"),
    "rotate_strategy": ((str, type(None)), "a member of RotateStrategy"),
}


@check("PV100", "A value has a type that the API or Terraform cannot take", source=f"{PAGE}; {GRAMMAR}")
def wrong_type(subject: Subject) -> Problems:
    """Names, actions and resources are texts, a document is JSON. What JSON or JavaScript, through which
    CDKTF passes every value, would lose (NaN, infinity, whole numbers beyond 2**53, sets, decimals, dates)
    is refused before it leaves Python, and so is a list token that is not a whole list."""
    for name, (kinds, allowed) in _PROPS.items():
        value = getattr(subject.props, name)
        if not isinstance(value, kinds) and not is_token(value):
            is_plain = value is None or isinstance(value, (str, int, float))
            received = value if is_plain else Phrase(f"a value of type {type(value).__name__}")
            yield Problem(name, received, allowed, _WRONG_TYPE)
    yield from subject.flaws
    for path, value, allowed in _shape_problems(subject):
        if path not in subject.flawed:
            yield Problem(path, value, allowed, _WRONG_TYPE)


def _shape_problems(subject: Subject) -> Iterator[tuple[str, object, str]]:
    """What stands where the grammar has texts."""
    for path, statement in subject.statements:
        for element in LISTS:
            if element in statement:
                yield from _not_texts(f"{path}.{element}", statement[element])
        principal = statement.get("Principal", "")
        if isinstance(principal, Mapping) and not is_unknown(principal):
            for kind, names in principal.items():
                yield from _not_texts(f"{path}.Principal.{kind}", names)
        elif not isinstance(principal, str) and not is_unknown(principal):
            yield f"{path}.Principal", principal, "an object of texts, or lists of texts"
        sid = statement.get("Sid", "")
        if not isinstance(sid, str) and not is_unknown(sid):
            yield f"{path}.Sid", sid, "a text"


def _not_texts(path: str, value: object) -> Iterator[tuple[str, object, str]]:
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            if not isinstance(item, str) and not is_unknown(item):
                yield f"{path}[{index}]", item, "a text"
    elif not isinstance(value, str) and not is_unknown(value):
        yield path, value, "a text or a list of texts"


@check("PV101", "A policy document is not JSON", source=f"RFC 8259; {GRAMMAR}")
def not_json(subject: Subject) -> Problems:
    """The document is JSON in which no object names a key twice: of two values one would be lost silently.
    A byte order mark before it is dropped."""
    error = subject.error
    if isinstance(error, json.JSONDecodeError):
        around = error.doc[max(0, error.pos - 20) : error.pos + 20]
        hint = f"Line {error.lineno}, column {error.colno}: {error.msg}."
        yield Problem(DOCUMENT, quoted(around), "JSON text", hint)
    elif error is not None:
        yield Problem(DOCUMENT, Phrase("a text that cannot be read"), "JSON text", f"Fix it: {error}.")
    for path, key in subject.repeated_keys:
        hint = "Put the values into one list, or drop all but one."
        yield Problem(path, Phrase(f"the key {quoted(key)} more than once"), "each key once", hint)


@check("PV102", 'The version of the policy language is not "1"', source=GRAMMAR)
def other_version(subject: Subject) -> Problems:
    """The only version of the policy language is "1", a text. RAM refuses a document without it. It is not
    the version of the policy, which the API counts itself."""
    document = subject.document
    if document is None or is_unknown(version := document.get("Version")) or version == VERSION:
        return
    if "Version" in document or _lacks(document, ("Version",), ELEMENTS_OF_DOCUMENT):
        received = version if "Version" in document else Phrase("nothing")
        yield Problem(f"{DOCUMENT}.Version", received, '"1"', 'Write "Version": "1".')


@check("PV103", "A policy document has no statements", source=GRAMMAR)
def no_statement(subject: Subject) -> Problems:
    """Statement is a list of at least one statement."""
    if subject.document is None or is_unknown(statements := subject.document.get("Statement")):
        return
    path, allowed = f"{DOCUMENT}.Statement", "a list of at least one statement"
    if "Statement" not in subject.document:
        if _lacks(subject.document, ("Statement",), ELEMENTS_OF_DOCUMENT):
            yield Problem(path, Phrase("nothing"), allowed, 'Add "Statement": […].')
    elif not isinstance(statements, (list, tuple)):
        hint = "Put the statement into [ ]." if isinstance(statements, Mapping) else "Write a list."
        yield Problem(path, statements, allowed, hint)
    elif not statements:
        yield Problem(path, Phrase("no statements"), allowed, "Add a statement.")


@check("PV104", "An effect is neither Allow nor Deny", source=GRAMMAR)
def unknown_effect(subject: Subject) -> Problems:
    """A statement says Allow or Deny, written exactly so."""
    for path, statement in subject.statements:
        effect = statement.get("Effect")
        if effect == Effect.ALLOW or effect == Effect.DENY or is_unknown(effect):
            continue
        if "Effect" in statement:
            meant = _meant(effect, Effect)
            hint = f"Did you mean {quoted(meant)}?" if meant else 'Write "Allow" or "Deny".'
            yield Problem(f"{path}.Effect", effect, '"Allow" or "Deny"', hint)
        elif _lacks(statement, ("Effect",), FIELD_OF_ELEMENT):
            yield Problem(f"{path}.Effect", Phrase("nothing"), '"Allow" or "Deny"', "Add the effect.")


@check("PV105", "A statement has not exactly one of Action and NotAction", source=GRAMMAR)
def not_one_kind_of_action(subject: Subject) -> Problems:
    """A statement names the actions it applies to, or those it does not apply to, and at least one."""
    allowed = "exactly one of Action and NotAction"
    for path, statement in subject.statements:
        given = [element for element in ("Action", "NotAction") if element in statement]
        if len(given) == 2:
            yield Problem(path, Phrase("both Action and NotAction"), allowed, "Make two statements of it.")
        elif not given and _lacks(statement, ("Action", "NotAction"), FIELD_OF_ELEMENT):
            yield Problem(path, Phrase("neither Action nor NotAction"), allowed, "Say which actions.")
        for element in given:
            if statement[element] in _EMPTY:
                yield Problem(f"{path}.{element}", statement[element], "at least one action", "Say which.")


@check("PV106", "A policy document is too large", source=PAGE)
def too_large(subject: Subject) -> Problems:
    """A document has at most 6,144 bytes. What counts is the compact canonical text in UTF-8, which is what
    is sent; where it holds tokens, the bytes that are certain."""
    if subject.size is None or subject.size.bytes <= MAX_DOCUMENT_BYTES:
        return
    sizes = {path: size_of_statement(statement).bytes for path, statement in subject.statements}
    biggest = sorted(sizes, key=lambda path: -sizes[path])[:3]
    listed = ", ".join(f"{path} ({sizes[path]:,} bytes)" for path in biggest) or "no statement"
    hint = f"{SHORTEN} The most is in {listed}."
    yield Problem(DOCUMENT, in_bytes(subject.size), f"at most {MAX_DOCUMENT_BYTES:,} bytes", hint)


@check("PV107", "A policy name is malformed", source=ERRORS)
def malformed_name(subject: Subject) -> Problems:
    """A policy name has 1 to 128 characters: letters, digits and `-`."""
    name = known(subject.props.policy_name, str)
    if name is not None and not _POLICY_NAME.fullmatch(name):
        close = re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:128]
        hint = f"Such as {quoted(close)}." if close else "Give the policy a name."
        yield Problem("policy_name", name, "1 to 128 letters, digits and -", hint)


@check("PV108", "A rotate strategy is none of those the API lists", source=PAGE)
def unknown_rotate_strategy(subject: Subject) -> Problems:
    """The API lists None and DeleteOldestNonDefaultVersionWhenLimitExceeded, written exactly so."""
    text = known(subject.props.rotate_strategy, str)
    if text is not None and text not in tuple(RotateStrategy):
        meant = _meant(text, RotateStrategy)
        hint = f"Did you mean {quoted(meant)}?" if meant else "Write one of these."
        yield Problem("rotate_strategy", text, f"one of {', '.join(map(quoted, RotateStrategy))}", hint)


@check("PV110", "An element is unknown, or a condition malformed", source=f"{GRAMMAR}; {ELEMENTS}")
def not_in_the_grammar(subject: Subject) -> Problems:
    """A document has Version and Statement; a statement has Effect, Action or NotAction, Resource and
    Condition (NotResource, Principal and Sid have findings of their own). A condition is
    `{operator: {key: value}}`, and every value a text: `"true"`, `"10"`."""
    yield from _element_problems(DOCUMENT, subject.document or {}, ELEMENTS_OF_DOCUMENT, "Version, Statement")
    documented = "Effect, Action or NotAction, Resource, Condition"
    for path, statement in subject.statements:
        yield from _element_problems(path, statement, FIELD_OF_ELEMENT, documented)
        if "Condition" in statement and not is_unknown(condition := statement["Condition"]):
            yield from _condition_problems(f"{path}.Condition", condition)


def _element_problems(path: str, owner: Mapping[str, Any], elements: Iterable[str], allowed: str) -> Problems:
    for name in owner:
        if name not in elements and not is_unknown(name):
            meant = _meant(name, elements)
            hint = f"Did you mean {meant}?" if meant else "Drop it."
            yield Problem(f"{path}.{name}", owner[name], allowed, hint)


def _condition_problems(path: str, condition: object) -> Problems:
    if not isinstance(condition, Mapping):
        yield Problem(path, condition, "{operator: {key: value}}", "Write an object of operators.")
        return
    for operator, keys in condition.items():
        at = f"{path}.{operator}"
        if is_unknown(keys):
            continue
        if isinstance(keys, Mapping) and keys:
            for key, values in keys.items():
                yield from _value_problems(f"{at}.{key}", values)
        else:
            allowed = "{key: value} with at least one key"
            yield Problem(at, keys, allowed, "Write an object of condition keys.")


def _value_problems(path: str, values: object) -> Problems:
    if isinstance(values, str) or is_token(values):
        return
    if not isinstance(values, (list, tuple)):
        yield _no_text(path, values)
    elif not values:
        yield Problem(path, values, "at least one value", "Say which, or drop the key.")
    else:
        for index, value in enumerate(values):
            if not isinstance(value, str) and not is_token(value):
                yield _no_text(f"{path}[{index}]", value)


def _no_text(path: str, value: object) -> Problem:
    is_scalar = isinstance(value, (bool, int, float))
    hint = f'Write "{json.dumps(value)}".' if is_scalar else "Write one text, or a list of texts."
    return Problem(path, value, "a text: RAM compares texts, also for numbers and booleans", hint)


# ------------------------------------------------------------ 2xx: against the documented contract


@check("PV201", "A statement has no resource", source=ELEMENTS)
def no_resource(subject: Subject) -> Problems:
    """Resource is required. RAM takes a statement with an empty one, and its page warns that this leads to
    unintended authorization."""
    for path, statement in subject.statements:
        at, allowed, hint = f"{path}.Resource", "at least one resource", 'Say which; "*" means every one.'
        value = statement.get("Resource")
        if value in _EMPTY:
            yield Problem(at, value, allowed, hint)
        elif value is None and _lacks(statement, ("Resource", "NotResource"), FIELD_OF_ELEMENT):
            yield Problem(at, Phrase("nothing"), allowed, hint)


@check("PV202", "An action is not of the form service:Name", source=ELEMENTS)
def malformed_action(subject: Subject) -> Problems:
    """An action is `*` or `<service>:<name>`, where both may hold `*` and `?`."""
    for path, text in subject.actions:
        if not _ACTION.fullmatch(text):
            hint = "Write the service before the name, with one colon, such as oss:GetObject."
            yield Problem(path, quoted(text), '"*" or service:Name', hint)


@check("PV203", "A resource is no ARN", source=ELEMENTS)
def malformed_resource(subject: Subject) -> Problems:
    """A resource is `*` or an ARN of five parts, `acs:<service>:<region>:<account>:<resource>`; region and
    account may be empty or `*`."""
    for path, text in subject.resources:
        if not _ARN.fullmatch(text):
            hint = "Write all five parts, such as acs:oss:*:*:my-bucket/*."
            yield Problem(path, quoted(text), '"*" or acs:service:region:account:resource', hint)


@check("PV204", "RAM does not document a condition like this", source=ELEMENTS)
def unknown_operator(subject: Subject) -> Problems:
    """RAM has operators for texts, numbers, dates, booleans and IP addresses. It refuses `…IfExists` and
    `Null`, and documents neither `ForAllValues` nor `ForAnyValue`. `Bool` compares with one value."""
    for path, statement in subject.statements:
        condition = statement.get("Condition")
        if not isinstance(condition, Mapping) or is_unknown(condition):
            continue
        for operator, keys in condition.items():
            if operator not in OPERATORS and not is_unknown(operator):
                received = quoted(str(operator))
                yield Problem(f"{path}.Condition.{operator}", received, "an operator of RAM", _mend(operator))
            elif operator == "Bool" and isinstance(keys, Mapping):
                for key, values in keys.items():
                    if isinstance(values, (list, tuple)) and len(values) > 1:
                        at = f"{path}.Condition.Bool.{key}"
                        yield Problem(at, values, "one value", 'Write "true" or "false".')


def _mend(operator: object) -> str:
    text = str(operator)
    if _FOREIGN_OPERATOR.search(text):
        return "RAM knows no IfExists, Null, ForAllValues or ForAnyValue: say it without."
    meant = _meant(text, OPERATORS)
    return f"Did you mean {meant}?" if meant else f"Use one of {', '.join(OPERATORS)}."


@check("PV205", "A statement has NotResource", source=f"{GRAMMAR}; {ELEMENTS}")
def not_resource(subject: Subject) -> Problems:
    """Old copies of the grammar have NotResource; the pages of today do not, and whether RAM still takes it
    is not known."""
    yield from _unexpected("NotResource", "Say with Resource which resources are meant.", subject)


@check("PV206", "A statement has a principal", source=ELEMENTS)
def has_principal(subject: Subject) -> Problems:
    """Principal belongs into the policy of a resource, such as a role's trust policy or a bucket policy. A
    policy that CreatePolicyVersion makes is attached to its principals."""
    yield from _unexpected("Principal", "Drop it, and attach the policy to whom it is for.", subject)


@check("PV207", "A statement has a Sid", source=GRAMMAR)
def has_sid(subject: Subject) -> Problems:
    """RAM documents no Sid. Whether it takes one is not known."""
    yield from _unexpected("Sid", "Drop it.", subject)


def _unexpected(element: str, hint: str, subject: Subject) -> Problems:
    for path, statement in subject.statements:
        if element in statement:
            yield Problem(f"{path}.{element}", statement[element], f"no {element}", hint)


CHECKS: tuple[Check, ...] = (
    wrong_type,
    not_json,
    other_version,
    no_statement,
    unknown_effect,
    not_one_kind_of_action,
    too_large,
    malformed_name,
    unknown_rotate_strategy,
    not_in_the_grammar,
    no_resource,
    malformed_action,
    malformed_resource,
    unknown_operator,
    not_resource,
    has_principal,
    has_sid,
    allows_everything,
    allows_by_exception,
    nearly_full,
    never_rotates,
    left_to_terraform,
    changes_nothing,
)
_OF_READING = tuple(one for one in CHECKS if one.code[2] == "1" and one is not too_large)


def malformed(document: str | Mapping[str, Any]) -> list[Finding]:
    """The findings that keep a document from being read; its size is none of them."""
    return check_policy_version(PolicyVersionProps(policy_name="read", policy_document=document), _OF_READING)


def check_policy_version(props: PolicyVersionProps, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """All findings on the props of one policy version, in the order of the checks."""
    subject = Subject.of(props)
    findings = [finding for one in checks for finding in one(subject)]
    if not subject.flawed:
        return findings
    # What no JSON can hold has been reported; what else is wrong with it does not matter.
    return [one for one in findings if one.path not in subject.flawed or one.code == wrong_type.code]
