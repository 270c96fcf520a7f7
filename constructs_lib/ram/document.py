"""RAM policy documents: built in Python, read from JSON, written in one canonical form.

Source: RAM, CreatePolicyVersion (API version 2015-05-01), parameter `PolicyDocument`, and the help page
"Policy structure and syntax". Every value may be a CDKTF token. `constructs_lib.ram.checks` judges.

Two spellings of `${` stand in a document. `${acs:…}` is a policy variable of RAM, which Terraform must not
touch; any other `${…}` or `%{…}` is an expression of Terraform, unknown until it runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from constructs_lib.findings import Finding, InvalidPropsError, shown
from constructs_lib.ram.canonical import canonical, json_text, size_of
from constructs_lib.ram.grammar import (
    DOCUMENT,
    FIELD_OF_ELEMENT,
    VERSION,
    Effect,
    ParsedDocument,
    items_at,
    parse,
)
from constructs_lib.ram.terraform_expressions import is_unknown
from constructs_lib.tokens import Resolvable, TokenElement, is_marker, whole

Text = str | Resolvable
Conditions = Mapping[str, Mapping[str, Text | Sequence[Text]]]
Principal = Mapping[str, Text | Sequence[Text]]


class OneString(tuple[Text, ...]):
    """A list of one that was given as a string: it means the same, and is written as it was given."""


def _listed(items: Text | Sequence[Text] | None) -> tuple[Text, ...] | Resolvable | None:
    """A string or a list as a tuple; anything else as given."""
    if isinstance(items, OneString):
        return items
    if isinstance(items, str):
        if is_marker(items, "#{TfToken["):
            return (TokenElement(items),)
        return OneString((items,)) if items else ("",)  # an empty element would be none at all
    return tuple(whole(items)) if isinstance(items, Sequence) else items


def _copied(value: Any, levels: int = 3) -> Any:
    """A copy that no one else can change, as deep as a Condition goes."""
    if isinstance(value, Mapping) and levels:
        return {key: _copied(item, levels - 1) for key, item in value.items()}
    return tuple(whole(value)) if isinstance(value, list) else value


def _conditions(conditions: Conditions | Resolvable | None) -> Any:
    return _copied(conditions)


def _principal(principal: Principal | Text | None) -> Any:
    return _copied(principal)


@frozen(kw_only=True)
class PolicyStatement:
    """One statement: who may, or may not, do what on what, and when.

    A list may be given as one string. In patterns `*` stands for any number of characters, `?` for one.

    * `effect`: Allow or Deny (element: Effect).
    * `actions`: patterns such as `oss:Get*`; compared without case by most services (Action).
    * `not_actions`: instead of `actions`: every action but these (NotAction).
    * `resources`: patterns of ARNs, `acs:<service>:<region>:<account>:<resource>`, compared with case, or
      `*` (Resource).
    * `not_resources`: every resource but these; no longer documented (NotResource).
    * `conditions`: `{operator: {key: value or values}}`, all values as strings. Several values of a key are
      alternatives; several keys, and several operators, must all hold (Condition).
    * `sid`: a name for the statement; not documented (Sid).
    * `principal`: who; for policies of resources, such as a role's trust policy (Principal).
    """

    effect: Effect | Text
    actions: tuple[Text, ...] | Resolvable | None = field(default=None, converter=_listed)
    not_actions: tuple[Text, ...] | Resolvable | None = field(default=None, converter=_listed)
    resources: tuple[Text, ...] | Resolvable | None = field(default=None, converter=_listed)
    not_resources: tuple[Text, ...] | Resolvable | None = field(default=None, converter=_listed)
    conditions: Conditions | Resolvable | None = field(default=None, converter=_conditions)
    sid: Text | None = None
    principal: Principal | Text | None = field(default=None, converter=_principal)

    @classmethod
    def from_json(cls, elements: Mapping[str, Any]) -> PolicyStatement:
        """The statement of well-formed elements of the grammar."""
        return cls(**{FIELD_OF_ELEMENT[element]: value for element, value in elements.items()})

    def as_written(self) -> dict[str, Any]:
        """The statement in the elements of the grammar, its values as given."""
        return {
            element: value[0] if isinstance(value, OneString) else value
            for element, name in FIELD_OF_ELEMENT.items()
            if (value := getattr(self, name)) is not None
        }


def _statements(statements: Iterable[PolicyStatement]) -> tuple[PolicyStatement, ...]:
    """A tuple; what is not a list of statements at all stays as given, for the checks to report."""
    is_list = isinstance(statements, Iterable) and not isinstance(statements, (str, Mapping))
    return tuple(statements) if is_list else statements  # type: ignore[return-value]


@frozen
class PolicyDocument:
    """A policy document: what CreatePolicyVersion takes as `PolicyDocument`, at most 6,144 bytes.

    * `statements`: at least one `PolicyStatement`.
    """

    statements: tuple[PolicyStatement, ...] = field(converter=_statements)

    @classmethod
    def from_json(cls, document: str | Mapping[str, Any] | ParsedDocument) -> PolicyDocument:
        """Read JSON text, or what was read from JSON. A byte order mark before the text is dropped.

        InvalidPropsError: the document is malformed; `findings` holds every PV1xx finding, a syntax error
        with its line and column. Its size is not judged: a document that is too large can be read, and
        minimised.
        """
        parsed = parse_document(document)
        if findings := parsed.findings or tuple(_unknown_parts(parsed)):
            raise InvalidPropsError("the policy document", findings)
        return cls(PolicyStatement.from_json(statement) for _, statement in parsed.statements)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> PolicyDocument:
        """Read a file of JSON in UTF-8, with or without a byte order mark.

        OSError: it cannot be read; InvalidPropsError: as `from_json`, also where it is not UTF-8.
        """
        content = Path(path).read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            received = shown(f"the byte 0x{content[error.start]:02x} at offset {error.start}")
            hint = "Save the file as UTF-8."
            findings = [Finding("PV101", DOCUMENT, received, "JSON text in UTF-8", hint)]
            raise InvalidPropsError(str(path), findings) from None
        return cls.from_json(text)

    def as_written(self) -> dict[str, Any]:
        """The document in the elements of the grammar, its values in the order given."""
        given: Any = self.statements
        if isinstance(given, tuple):
            given = [each.as_written() if isinstance(each, PolicyStatement) else each for each in given]
        return {"Statement": given, "Version": VERSION}

    def to_dict(self) -> dict[str, Any]:
        """The canonical form: whatever differs only in order, in repetition, or in one value against a list
        of one, has the same.

        Actions and resources are sorted lists, a value of a condition that stands alone is a string,
        statements are sorted by their text. What holds a CDKTF token keeps its place among its like, after
        the rest: the text of a token changes from run to run.
        """
        return canonical(self.as_written())

    def to_json(self) -> str:
        """The canonical form as compact JSON text; tokens stand in it by their text."""
        return json_text(self.to_dict())

    @property
    def size_bytes(self) -> int:
        """Bytes of the canonical text in UTF-8, as RAM receives it, against `MAX_DOCUMENT_BYTES`.

        A lower bound where the document holds a token: the token's own text does not count.
        """
        return size_of(self.as_written()).bytes

    @property
    def size_is_exact(self) -> bool:
        """Whether the size is known: no token, and no expression of Terraform, in the document."""
        return size_of(self.as_written()).is_exact

    def minimised(self) -> PolicyDocument:
        """A document of the same meaning, alone and beside other policies, in canonical order, never longer.

        The exact comparison (`constructs_lib.ram.access`) proves that it means the same. Where it cannot, the
        document being too complex, the statements are put into order and nothing else.

        A statement applies where the action is in its actions, the resource in its resources, and its
        condition holds; the verdict asks only whether some Allow and whether some Deny applies. So a
        statement may change as long as the requests to which one of its effect applies stay the same:

        * A pattern goes where another of its list matches all that it matches: the union of the list stays,
          and so does its complement, which is what NotAction and NotResource mean.
        * Statements that differ in Action alone become one: (A₁ × R × C) ∪ (A₂ × R × C) = (A₁ ∪ A₂) × R × C;
          likewise with Resource. All else has to be equal: Effect, Condition, Sid, Principal.
        * Lists of NotAction or NotResource are never put together: the union of two complements is the
          complement of what the lists have in common. Nor are conditions.
        * An empty or missing list is never put together with another: what RAM makes of it is not known.
        * What holds `${` or a token is opaque: it is equal to itself, and to nothing else.

        Only to tell whether one pattern matches all of another are actions compared without case.
        """
        given: Any = self.statements
        if not (isinstance(given, tuple) and all(isinstance(each, PolicyStatement) for each in given)):
            return self
        # The proof is loaded where something is to be proven: most programs do without.
        from constructs_lib.ram.minimise import minimised

        return PolicyDocument(map(PolicyStatement.from_json, minimised(self.as_written())["Statement"]))

    def split(self, previous: Iterable[PolicyDocument] = ()) -> tuple[PolicyDocument, ...]:
        """Documents of at most 6,144 bytes that together mean the same, each in canonical order.

        Attach all of them to the same user, group or role: a request is allowed there where some Allow of any
        policy applies, and no Deny of any. So a statement may stand in any document, and in parts where its
        Action or Resource is too long: (A₁ ∪ A₂) × R is A₁ × R and A₂ × R, of an Allow and of a Deny. What
        is NotAction, NotResource or a condition stays whole.

        * `previous`: the documents so far. What stands in them stays there.

        The exact comparison proves each split that is returned. In size the documents are the fewest where
        they are no more than all bytes divided by the room of one; where statements are large, one more may
        be needed. One more statement changes two documents at most, if it is written at the end or `previous`
        is given; more only where that saves a document, and where the statement itself takes several.
        No way of splitting does without that exception: there are documents that fit into the fewest in one
        way only, and others, two statements away, that do so in one that shares no document with it.

        InvalidPropsError: it is malformed. `constructs_lib.ram.split.SplitError`, a ValueError: a statement
        is too large and cannot be divided, or a token hides its size.
        """
        # The proof is loaded where something is to be proven.
        from constructs_lib.ram.split import split

        forms = [PolicyDocument.from_json(each.as_written()).as_written() for each in (self, *previous)]
        shares = split(forms[0], forms[1:])
        return tuple(PolicyDocument(map(PolicyStatement.from_json, share)) for share in shares)


def parse_document(document: Any) -> ParsedDocument:
    """Parse a `PolicyDocument`, JSON text, or what was read from JSON; what is parsed stays as it is."""
    if isinstance(document, ParsedDocument):
        return document
    return parse(document.as_written() if isinstance(document, PolicyDocument) else document)


def _unknown_parts(parsed: ParsedDocument) -> Iterator[Finding]:
    """What keeps a well-formed document from being read: elements that Terraform knows only later."""
    parts = {DOCUMENT: parsed.form}
    if parsed.elements is not None and "Statement" in parsed.elements:
        statements = parsed.elements["Statement"]
        path = f"{DOCUMENT}.Statement"
        parts |= {path: statements} if is_unknown(statements) else dict(items_at(path, statements))
    for path, part in parts.items():
        if is_unknown(part) or (isinstance(part, Mapping) and any(map(is_unknown, part))):
            hint = "Give it to the construct as it is, without reading it."
            yield Finding("PV101", path, shown(part), "statements that are known now", hint)
