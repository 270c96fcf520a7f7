"""A policy version as the API takes it: its props, and the view of them that the checks share."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from constructs_lib.findings import Phrase, Problem
from constructs_lib.ram.document import (
    MAX_DOCUMENT_BYTES,
    Ambiguous,
    PolicyDocument,
    Size,
    is_hand_written,
    is_unknown,
    size_above,
    written,
)
from constructs_lib.tokens import Boolean, Resolvable, is_token

DOCUMENT = "policy_document"
# Above this a document has little room left.
NEARLY_FULL_BYTES = MAX_DOCUMENT_BYTES * 9 // 10
# A document needs eight; far more would exhaust the stack.
MAX_LEVELS = 32
# Beyond this a whole number is rounded on its way through JavaScript.
MAX_WHOLE_NUMBER = 2**53

_WRITE_TEXT = "Write it as a text, a list or a dict: a policy document has nothing else."
_WRITE_STATEMENTS = 'Write {"Version": "1", "Statement": [{"Effect": …, "Action": […], "Resource": […]}]}.'

At = tuple[str, str]


class RotateStrategy(enum.StrEnum):
    """What happens when a policy that has five versions, the most it can have, gets another one."""

    NONE = "None"  # the new version is refused
    DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


@frozen(kw_only=True)
class PolicyVersionProps:
    """The parameters of CreatePolicyVersion.

    Source: RAM, CreatePolicyVersion (API version 2015-05-01), request parameters. Nothing is judged here.

    * `policy_name`: the policy that gets a version; 1 to 128 letters, digits and `-` (API: PolicyName).
    * `policy_document`: at most 6,144 bytes; a `PolicyDocument`, the same as a dict, or JSON text
      (API: PolicyDocument).
    * `set_as_default`: whether the version takes effect at once; left out, the API takes False
      (API: SetAsDefault).
    * `rotate_strategy`: what gives way to a sixth version; left out, the API takes NONE
      (API: RotateStrategy).
    """

    policy_name: str | Resolvable
    policy_document: PolicyDocument | Mapping[str, Any] | str | Resolvable
    set_as_default: Boolean | None = None
    rotate_strategy: RotateStrategy | str | Resolvable | None = None


@frozen
class Subject:
    """The props of a policy version, walked once: what is known of the document, with the place of each part.

    * `error`: why a text is not JSON.
    * `document`: the JSON form of the document, where it is known and an object.
    * `statements`, `actions` (of NotAction too), `resources`: the known ones.
    * `expressions`: texts with an expression that someone wrote for Terraform.
    * `repeated_keys`: the objects that name a key twice, with the key.
    * `flaws`: what cannot go through JSON or Terraform, or is no object; `flawed` are the places.
    * `size`: of a document without flaws that may be nearly full.
    """

    props: PolicyVersionProps
    error: ValueError | None = None
    document: Mapping[str, Any] | None = None
    statements: list[tuple[str, Mapping[str, Any]]] = field(factory=list)
    actions: list[At] = field(factory=list)
    resources: list[At] = field(factory=list)
    expressions: list[At] = field(factory=list)
    repeated_keys: list[At] = field(factory=list)
    flaws: list[Problem] = field(factory=list)
    flawed: frozenset[str] = frozenset()
    size: Size | None = None

    @classmethod
    def of(cls, props: PolicyVersionProps) -> Subject:
        given = props.policy_document
        try:
            form = written(given)
        except ValueError as error:
            return cls(props, error=error)
        if isinstance(form, str) and is_hand_written(form):
            return cls(props, expressions=[(DOCUMENT, form)])
        if is_unknown(form) or not isinstance(given, (PolicyDocument, Mapping, str)):
            return cls(props)
        walk = _Walk(form)
        flawed = frozenset(flaw.path for flaw in walk.flaws)
        if walk.is_too_deep or not isinstance(form, Mapping):
            return cls(props, flaws=walk.flaws, flawed=flawed, repeated_keys=walk.repeated_keys)
        return cls(
            props,
            document=form,
            statements=walk.statements,
            actions=[at for one in walk.statements for at in _known_texts(*one, "Action", "NotAction")],
            resources=[at for one in walk.statements for at in _known_texts(*one, "Resource", "NotResource")],
            expressions=walk.expressions,
            repeated_keys=walk.repeated_keys,
            flaws=walk.flaws,
            flawed=flawed,
            size=None if flawed else size_above(form, NEARLY_FULL_BYTES),
        )


def _known_texts(path: str, statement: Mapping[str, Any], *elements: str) -> Iterator[At]:
    """The known texts in some lists of a statement, with their places."""
    for element in elements:
        value = statement.get(element)
        if isinstance(value, str):
            if not is_unknown(value):
                yield f"{path}.{element}", value
        elif isinstance(value, (list, tuple)):
            for index, item in enumerate(value):
                if isinstance(item, str) and not is_unknown(item):
                    yield f"{path}.{element}[{index}]", item


class _Walk:
    """What a walk through the JSON form of a document comes upon."""

    def __init__(self, form: object) -> None:
        self.statements: list[tuple[str, Mapping[str, Any]]] = []
        self.expressions: list[At] = []
        self.repeated_keys: list[At] = []
        self.flaws: list[Problem] = []
        self.is_too_deep = False
        self._visit(DOCUMENT, form, MAX_LEVELS)
        if self.is_too_deep:
            return
        if isinstance(form, Mapping):
            self._visit_statements(form.get("Statement"))
        else:
            self._add_flaw(DOCUMENT, form, "an object with Version and Statement", _WRITE_STATEMENTS)

    def _add_flaw(self, path: str, received: object, allowed: str, hint: str = _WRITE_TEXT) -> None:
        self.flaws.append(Problem(path, received, allowed, hint))

    def _visit_statements(self, statements: object) -> None:
        if not isinstance(statements, (list, tuple)) or is_token(statements):
            return
        for index, statement in enumerate(statements):
            path = f"{DOCUMENT}.Statement[{index}]"
            if is_unknown(statement):
                continue
            if isinstance(statement, Mapping):
                self.statements.append((path, statement))
            elif path not in [flaw.path for flaw in self.flaws]:
                self._add_flaw(
                    path, statement, "an object with the elements of a statement", _WRITE_STATEMENTS
                )

    def _visit(self, path: str, value: Any, levels: int) -> None:
        if isinstance(value, str):
            if "{" in value or not value.isascii():
                self._visit_text(path, value)
        elif isinstance(value, (dict, list, tuple, Mapping)):
            if not (self.is_too_deep or is_unknown(value)):
                self._visit_container(path, value, levels)
        elif isinstance(value, (int, float)):
            if not (abs(value) <= MAX_WHOLE_NUMBER or is_token(value)):
                self._add_flaw(path, value, "a finite number up to 2**53")
        elif value is not None and not is_token(value):
            self._add_flaw(path, value, "a text, a list or a dict")

    def _visit_container(self, path: str, value: Mapping[Any, Any] | Sequence[Any], levels: int) -> None:
        if not levels:
            self.is_too_deep = True
            self._add_flaw(path, Phrase("one more level"), f"at most {MAX_LEVELS} levels", _WRITE_STATEMENTS)
        elif isinstance(value, Mapping):
            if isinstance(value, Ambiguous):
                self.repeated_keys += [(path, key) for key in value.repeated]
            for key, item in value.items():
                at = f"{path}.{key}"
                if not isinstance(key, str):
                    self._add_flaw(at, Phrase(f"a key of type {type(key).__name__}"), "texts as keys")
                elif "{" in key or not key.isascii():
                    self._visit_text(at, key)
                self._visit(at, item, levels - 1)
        else:
            for index, item in enumerate(value):
                self._visit(f"{path}[{index}]", item, levels - 1)

    def _visit_text(self, path: str, text: str) -> None:
        if "#{TfToken[" in text or "&{TfToken[" in text:
            hint = "Give it alone in its place; Fn.concat and Fn.merge put lists and maps together."
            self._add_flaw(path, Phrase("a list or map token among other things"), "such a token alone", hint)
        elif is_hand_written(text):
            self.expressions.append((path, text))
        try:
            text.encode()
        except UnicodeEncodeError:
            received = Phrase(text.encode("ascii", "backslashreplace").decode())
            self._add_flaw(path, received, "text that UTF-8 can encode")
