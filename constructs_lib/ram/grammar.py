"""The grammar of a policy document: here a document is read and walked, once; what was parsed is handed on.

    parsed = parse('{"Version": "1", "Statement": […]}')
    parsed.findings, parsed.form, parsed.statements

The checks (PV100 to PV105, PV110) say what keeps a document from being read. They look at the JSON form as
its author wrote it, and at known values only: a CDKTF token, a Terraform expression or a value of the wrong
type (which PV100 reports) is stepped over, and so is whatever depends on it. A policy variable of RAM,
`${acs:…}`, is known text.

Source: RAM, CreatePolicyVersion (API version 2015-05-01), parameter `PolicyDocument`, and the help pages
"Policy structure and syntax" and "Policy elements".
"""

from __future__ import annotations

import enum
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from constructs_lib.findings import (
    MAX_WHOLE_NUMBER,
    Basis,
    Finding,
    Phrase,
    Problem,
    Problems,
    check,
    checks_of,
    intended,
    is_encodable,
    printable,
    quoted,
)
from constructs_lib.ram.canonical import LISTS
from constructs_lib.ram.terraform_expressions import holds_expression, is_unknown
from constructs_lib.tokens import Deferred, Literal, is_token, literal

DOCUMENT = "policy_document"
VERSION = "1"
ELEMENTS_OF_DOCUMENT = ("Version", "Statement")
# The elements of a statement, with the field of `PolicyStatement` that holds each.
FIELD_OF_ELEMENT = {
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
    "Condition": "conditions",
    "Sid": "sid",
    "Principal": "principal",
}
# A document needs eight; far more would exhaust the stack.
MAX_LEVELS = 32

PAGE = "RAM, CreatePolicyVersion (2015-05-01), request parameters"
GRAMMAR = "RAM, help page Policy structure and syntax"
ELEMENTS = "RAM, help page Policy elements"

# What RAM compares as a number, and as a date.
NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")
DATE = re.compile(r"[0-9]{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{3}|\.\d{6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
# The form of an address or a CIDR block: a mask, as 255.0.0.0, and a zone, as %eth0, are no part of it.
CIDR = re.compile(r"[0-9A-Fa-f.:]+(/[0-9]{1,3})?")

EMPTY: tuple[object, ...] = ([], (), "")
_WRITE_STRING = "Write it as a string, a list or a dict: a policy document has nothing else."
_WRITE_STATEMENTS = 'Write {"Version": "1", "Statement": [{"Effect": …, "Action": […], "Resource": […]}]}.'
_WRITE_VALUE = "Write the value itself, or an expression for it."

StringAt = tuple[str, str]


class Effect(enum.StrEnum):
    """Whether a statement grants or refuses. A Deny that applies outweighs every Allow."""

    ALLOW = "Allow"
    DENY = "Deny"


# ------------------------------------------------------------ reading


class RepeatedKeys(dict[str, Any]):
    """A JSON object in which keys are `repeated`; it keeps the last value of each."""

    repeated: list[str]


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    ambiguous = RepeatedKeys(members)
    ambiguous.repeated = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
    return ambiguous


def _read_final_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return _read_object([(literal(key), _final(value)) for key, value in pairs])


def _final(value: Any) -> Any:
    if isinstance(value, list):
        return [_final(item) for item in value]
    return value if isinstance(value, dict) else literal(value)  # the objects inside were read before


_DECODER = json.JSONDecoder(object_pairs_hook=_read_object)
_DECODER_OF_FINAL = json.JSONDecoder(object_pairs_hook=_read_final_object)


def json_form(document: Any) -> Any:
    """The JSON form of a document: a text is read, without its byte order mark; all else stays as it is.

    A text that Terraform completes stays a text; in a `Literal` nothing is left to Terraform. ValueError: the
    text is not JSON, whatever Terraform fills in.
    """
    if not isinstance(document, str) or isinstance(document, Deferred):
        return document
    text, is_final = document.removeprefix("\ufeff"), isinstance(document, Literal)
    try:
        return _final(_DECODER_OF_FINAL.decode(text)) if is_final else _DECODER.decode(text)
    except json.JSONDecodeError as error:
        # A token inside a JSON string leaves the JSON around it whole, so that an error elsewhere is one for
        # good. An expression that someone wrote may hold quotes.
        if not is_final and (holds_expression(text) or text.startswith("${TfToken[", error.pos)):
            return document
        raise
    except RecursionError:
        raise ValueError("nested too deeply") from None


@frozen(slots=False)  # cached properties of a slotted class cost more than most checks
class ParsedDocument:
    """A policy document, read and walked once: what is known of it, with the path of each part.

    * `form`: its JSON form; None where it has none. `error`: why a text is not JSON.
    * `statements`: the known ones.
    * `expressions`: strings with an expression of Terraform that is no CDKTF token.
    * `variables`: strings with a policy variable, `${acs:…}`, of which RAM documents none.
    * `repeated_keys`: the objects that name a key twice, with the key.
    * `flaws`: what cannot go through JSON or Terraform, or is no object.
    """

    form: Any = None
    error: ValueError | None = None
    statements: list[tuple[str, Mapping[str, Any]]] = field(factory=list)
    expressions: list[StringAt] = field(factory=list)
    variables: list[StringAt] = field(factory=list)
    repeated_keys: list[StringAt] = field(factory=list)
    flaws: list[Problem] = field(factory=list)

    @property
    def elements(self) -> Mapping[str, Any] | None:
        """The form, where it is known and an object."""
        return self.form if isinstance(self.form, Mapping) and not is_unknown(self.form) else None

    def patterns(self, *elements: str) -> Iterator[StringAt]:
        """The known patterns in some lists of the statements."""
        for at, statement in self.statements:
            for element in elements:
                for path, item in items_at(f"{at}.{element}", statement.get(element)):
                    if isinstance(item, str) and not is_unknown(item):
                        yield path, item

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What keeps the document from being read; its size is no part of that."""
        return tuple(finding for each in CHECKS for finding in each(self) if self.is_open(finding))

    def is_open(self, finding: Finding) -> bool:
        """Whether a finding says something new: what no JSON can hold is reported once, as PV100."""
        return finding.code == wrong_type.code or finding.path not in self.flawed

    @cached_property
    def flawed(self) -> frozenset[str]:
        """The paths of the flaws, as findings print them."""
        return frozenset(printable(flaw.path) for flaw in self.flaws)


def items_at(path: str, value: object) -> Iterator[tuple[str, object]]:
    """The items of a list with their paths; what is not a list is its only item."""
    if not isinstance(value, (list, tuple)):
        yield path, value
        return
    for index, item in enumerate(value):
        yield f"{path}[{index}]", item


def parse(document: object) -> ParsedDocument:
    """Read and walk a document: JSON text, or what was read from JSON. What is neither becomes a finding."""
    try:
        parsed = ParsedDocument(json_form(document))
        form = parsed.form
        if isinstance(form, str) and not isinstance(form, Literal) and holds_expression(form):
            parsed.expressions.append((DOCUMENT, form))
        elif not isinstance(document, (Mapping, str)) and not is_unknown(form):
            allowed = "a PolicyDocument, a dict or JSON text"
            problem = problem_of_type(DOCUMENT, document, allowed)
            if isinstance(document, (os.PathLike, bytes, bytearray)) or hasattr(document, "read"):
                problem = problem._replace(hint=_what_to_read(document))
            parsed.flaws.append(problem)
        elif isinstance(form, Mapping) or not is_unknown(form):
            _Walk(parsed).visit_document(form)
    except _TooDeepError as error:
        received, allowed = Phrase("one more level"), f"at most {MAX_LEVELS} levels"
        return ParsedDocument(flaws=[Problem(str(error), received, allowed, _WRITE_STATEMENTS)])
    except ValueError as error:
        return ParsedDocument(error=error)
    return parsed


def _what_to_read(document: object) -> str:
    """What to write where a file, or its bytes, is given as the document."""
    if isinstance(document, os.PathLike):
        return "Read the file: PolicyDocument.from_file(path)."
    if isinstance(document, (bytes, bytearray)):
        return "Decode the bytes: document.decode()."
    return "Read the file: document.read(), or PolicyDocument.from_file(path)."


def problem_of_type(path: str, value: object, allowed: str) -> Problem:
    """That a value has the wrong type; only what is short is shown."""
    is_plain = value is None or isinstance(value, (str, int, float))
    received = value if is_plain else Phrase(f"a value of type {type(value).__name__}")
    return Problem(path, received, allowed, _WRITE_VALUE)


# Printable, and yet blank or without width: joiners, fillers, selectors of a variant.
_BLANK = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def unseen_characters(text: str) -> list[str]:
    """What does not show in a text: blanks around it, and what is not printable, by its number."""
    unseen = ["the blanks around it"] if text.strip(" ") != text and text.isprintable() else []
    found = (each for each in text if not each.isprintable() or _BLANK.match(each))
    return unseen + [f"U+{ord(each):04X}" for each in dict.fromkeys(found)]


class _TooDeepError(Exception):
    """Values lie deeper than any document needs; the text is the path."""


@frozen
class _Walk:
    """A walk through the JSON form of a document, which writes down what it comes upon."""

    parsed: ParsedDocument

    def visit_document(self, form: object) -> None:
        self._visit(DOCUMENT, form, MAX_LEVELS)
        if not isinstance(form, Mapping):
            self._add_flaw(DOCUMENT, form, "an object with Version and Statement", _WRITE_STATEMENTS)
            return
        statements = form.get("Statement")
        flawed = {flaw.path for flaw in self.parsed.flaws}
        for index, statement in enumerate(statements if isinstance(statements, (list, tuple)) else ()):
            path = f"{DOCUMENT}.Statement[{index}]"
            if is_unknown(statement):
                continue
            if isinstance(statement, Mapping):
                self.parsed.statements.append((path, statement))
            elif path not in flawed:
                allowed = "an object with the elements of a statement"
                self._add_flaw(path, statement, allowed, _WRITE_STATEMENTS)

    def _add_flaw(self, path: str, received: object, allowed: str, hint: str = _WRITE_STRING) -> None:
        self.parsed.flaws.append(Problem(path, received, allowed, hint))

    def _visit(self, path: str, value: Any, levels: int) -> None:
        if isinstance(value, str):
            if "{" in value or not value.isascii():
                self._visit_string(path, value)
        elif isinstance(value, (list, tuple, dict, Mapping)):
            if not levels:
                raise _TooDeepError(path)
            if not isinstance(value, (list, tuple)):
                self._visit_object(path, value, levels - 1)
            elif not is_unknown(value):
                for at, item in items_at(path, value):
                    self._visit(at, item, levels - 1)
        elif isinstance(value, (int, float)):
            if not (abs(value) <= MAX_WHOLE_NUMBER or is_token(value)):
                self._add_flaw(path, value, "a finite number up to 2**53")
        elif value is not None and not is_token(value):
            self._add_flaw(path, value, "a string, a list or a dict")

    def _visit_object(self, path: str, value: Mapping[Any, Any], levels: int) -> None:
        if isinstance(value, RepeatedKeys):
            self.parsed.repeated_keys.extend((path, key) for key in value.repeated)
        is_map_token = is_unknown(value)  # what it holds has to travel, too
        for key, item in value.items():
            at = f"{path}.{key}"
            if not isinstance(key, str):
                self._add_flaw(at, Phrase(f"a key of type {type(key).__name__}"), "strings as keys")
            elif not is_map_token and ("{" in key or not key.isascii()):
                self._visit_string(at, key)
            self._visit(at, item, levels)

    def _visit_string(self, path: str, text: str) -> None:
        if not isinstance(text, Literal) and ("#{TfToken[" in text or "&{TfToken[" in text):
            hint = (
                "Write Fn.element(list, 0) instead of list[0], and an iterator instead of a loop; Fn.concat "
                "and Fn.merge put lists and maps together."
            )
            received = "a part of a list or map token, or one among other things"
            self._add_flaw(path, Phrase(received), "such a token alone and whole", hint)
        elif holds_expression(text):
            self.parsed.expressions.append((path, text))
        if "${acs:" in text:
            self.parsed.variables.append((path, text))
        if not is_encodable(text):
            self._add_flaw(path, Phrase(text), "text that UTF-8 can encode")


# ------------------------------------------------------------ checks


def lacks(owner: Mapping[str, Any], wanted: tuple[str, ...], elements: Iterable[str]) -> bool:
    """Whether elements are missing for certain: neither misspelt, which PV110 reports, nor unknown."""
    others = [name for name in owner if name not in elements]
    return not (
        any(element in owner for element in wanted)
        or any(is_unknown(name) or intended(name, elements) in wanted for name in others)
    )


@check(
    "PV100",
    "A value has a type that the API or Terraform cannot take",
    source=f"{PAGE}; {GRAMMAR}",
    basis=Basis.PAGE,
)
def wrong_type(document: ParsedDocument) -> Problems:
    """Names, actions and resources are strings, a document is JSON. What JSON or JavaScript, through which
    CDKTF passes every value, would lose (NaN, infinity, whole numbers beyond 2**53, sets, decimals, dates)
    is refused before it leaves Python, and so is a list token that is not a whole list."""
    yield from document.flaws
    for path, value, allowed in _wrong_shapes(document):
        if printable(path) not in document.flawed:
            yield Problem(path, value, allowed, _WRITE_VALUE)


def _wrong_shapes(document: ParsedDocument) -> Iterator[tuple[str, object, str]]:
    """What stands where the grammar has strings."""
    for path, statement in document.statements:
        for element in LISTS:
            if element in statement:
                yield from _not_strings(f"{path}.{element}", statement[element])
        principal = statement.get("Principal", "")
        if isinstance(principal, Mapping) and not is_unknown(principal):
            for kind, names in principal.items():
                yield from _not_strings(f"{path}.Principal.{kind}", names)
        elif not isinstance(principal, str) and not is_unknown(principal):
            yield f"{path}.Principal", principal, "an object of strings, or lists of strings"
        sid = statement.get("Sid", "")
        if not isinstance(sid, str) and not is_unknown(sid):
            yield f"{path}.Sid", sid, "a string"


def _not_strings(path: str, value: object) -> Iterator[tuple[str, object, str]]:
    allowed = "a string" if isinstance(value, (list, tuple)) else "a string or a list of strings"
    for at, item in items_at(path, value):
        if not isinstance(item, str) and not is_unknown(item):
            yield at, item, allowed


@check("PV101", "A policy document is not JSON", source=f"RFC 8259; {GRAMMAR}", basis=Basis.PAGE)
def not_json(document: ParsedDocument) -> Problems:
    """The document is JSON in which no object names a key twice: of two values one would be lost silently.
    A byte order mark before it is dropped."""
    error = document.error
    if isinstance(error, json.JSONDecodeError):
        around = error.doc[max(0, error.pos - 20) : error.pos + 20]
        hint = f"Line {error.lineno}, column {error.colno}: {error.msg}."
        if re.fullmatch(r"[^{\n]{1,250}\.json", error.doc):
            hint = "This is the path of a file. Read the file: PolicyDocument.from_file(path)."
        yield Problem(DOCUMENT, quoted(around), "JSON text", hint)
    elif error is not None:
        yield Problem(DOCUMENT, Phrase("a text that cannot be read"), "JSON text", f"Fix it: {error}.")
    for path, key in document.repeated_keys:
        hint = "Put the values into one list, or drop all but one."
        yield Problem(path, Phrase(f"the key {quoted(key)} more than once"), "each key once", hint)


@check("PV102", 'The version of the policy language is not "1"', source=GRAMMAR, basis=Basis.PAGE)
def other_version(document: ParsedDocument) -> Problems:
    """The only version of the policy language is "1", a string. RAM refuses a document without it. It is not
    the version of the policy, which the API counts itself."""
    elements = document.elements
    if elements is None or is_unknown(version := elements.get("Version")) or version == VERSION:
        return
    if "Version" in elements or lacks(elements, ("Version",), ELEMENTS_OF_DOCUMENT):
        received = version if "Version" in elements else Phrase("nothing")
        yield Problem(f"{DOCUMENT}.Version", received, '"1"', 'Write "Version": "1".')


@check("PV103", "A policy document has no statements", source=GRAMMAR, basis=Basis.PAGE)
def no_statement(document: ParsedDocument) -> Problems:
    """Statement is a list of at least one statement."""
    elements = document.elements
    if elements is None or is_unknown(statements := elements.get("Statement")):
        return
    path, allowed = f"{DOCUMENT}.Statement", "a list of at least one statement"
    if "Statement" not in elements:
        if lacks(elements, ("Statement",), ELEMENTS_OF_DOCUMENT):
            yield Problem(path, Phrase("nothing"), allowed, 'Add "Statement": […].')
    elif not isinstance(statements, (list, tuple)):
        hint = "Put the statement into [ ]." if isinstance(statements, Mapping) else "Write a list."
        yield Problem(path, statements, allowed, hint)
    elif not statements:
        yield Problem(path, Phrase("no statements"), allowed, "Add a statement.")


@check("PV104", "An effect is neither Allow nor Deny", source=GRAMMAR, basis=Basis.PAGE)
def unknown_effect(document: ParsedDocument) -> Problems:
    """A statement says Allow or Deny, written exactly so."""
    for path, statement in document.statements:
        effect = statement.get("Effect")
        if effect == Effect.ALLOW or effect == Effect.DENY or is_unknown(effect):
            continue
        if "Effect" in statement:
            meant = intended(effect, Effect)
            hint = f"Did you mean {quoted(meant)}?" if meant else 'Write "Allow" or "Deny".'
            yield Problem(f"{path}.Effect", effect, '"Allow" or "Deny"', hint)
        elif lacks(statement, ("Effect",), FIELD_OF_ELEMENT):
            yield Problem(f"{path}.Effect", Phrase("nothing"), '"Allow" or "Deny"', "Add the effect.")


@check("PV105", "A statement has not exactly one of Action and NotAction", source=GRAMMAR, basis=Basis.PAGE)
def not_one_kind_of_action(document: ParsedDocument) -> Problems:
    """A statement names the actions it applies to, or those it does not apply to, and at least one."""
    allowed = "exactly one of Action and NotAction"
    for path, statement in document.statements:
        given = [element for element in ("Action", "NotAction") if element in statement]
        if len(given) == 2:
            yield Problem(path, Phrase("both Action and NotAction"), allowed, "Make two statements of it.")
        elif not given and lacks(statement, ("Action", "NotAction"), FIELD_OF_ELEMENT):
            yield Problem(path, Phrase("neither Action nor NotAction"), allowed, "Say which actions.")
        for element in given:
            if statement[element] in EMPTY:
                yield Problem(f"{path}.{element}", statement[element], "at least one action", "Say which.")


@check(
    "PV110",
    "An element is unknown, or a condition malformed",
    source=f"{GRAMMAR}; {ELEMENTS}",
    basis=Basis.PAGE,
)
def not_in_the_grammar(document: ParsedDocument) -> Problems:
    """A document has Version and Statement; a statement has Effect, Action or NotAction, Resource and
    Condition (NotResource, Principal and Sid have findings of their own). A condition is
    `{operator: {key: value}}`, and every value a string: `"true"`, `"10"`."""
    elements = document.elements or {}
    yield from _unknown_elements(DOCUMENT, elements, ELEMENTS_OF_DOCUMENT, "Version, Statement")
    documented = "Effect, Action or NotAction, Resource, Condition"
    for path, statement in document.statements:
        yield from _unknown_elements(path, statement, FIELD_OF_ELEMENT, documented)
        if "Condition" in statement and not is_unknown(condition := statement["Condition"]):
            yield from _condition_problems(f"{path}.Condition", condition)


def _unknown_elements(path: str, owner: Mapping[str, Any], elements: Iterable[str], allowed: str) -> Problems:
    for name in owner:
        if name not in elements and not is_unknown(name):
            meant = intended(name, elements)
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
                yield from _value_problems(f"{at}.{key}", values, str(operator))
        else:
            allowed = "{key: value} with at least one key"
            yield Problem(at, keys, allowed, "Write an object of condition keys.")


def _value_problems(path: str, values: object, operator: str) -> Problems:
    if isinstance(values, (list, tuple)) and not values:
        yield Problem(path, values, "at least one value", "Say which, or drop the key.")
    elif not is_token(values):
        for at, value in items_at(path, values):
            if not isinstance(value, str) and not is_token(value):
                allowed = "a string: RAM compares strings, also for numbers and booleans"
                yield Problem(at, value, allowed, _advise_on_value(value, operator))


def _advise_on_value(value: object, operator: str) -> str:
    """How to write what is no string as what the operator compares, so that PV208 takes it."""
    if not isinstance(value, (bool, int, float)):
        return "Write a string, or a list of strings."
    if operator.startswith(("Date", "IpAddress", "NotIp")):
        return 'Write a string, such as "2026-11-30T23:59:59+08:00" or "10.0.0.0/8".'
    text = json.dumps(bool(value) if operator == "Bool" and value in (0, 1) else value)
    if operator == "Bool" and text not in ("true", "false"):
        return 'Write "true" or "false".'
    if operator.startswith("Numeric") and not NUMBER.fullmatch(text):
        return 'Write a number, such as "10".'
    return f'Write "{text}".'


CHECKS = checks_of(globals())
