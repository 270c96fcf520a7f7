"""Findings: what a check has to say about props, under a stable code.

The code's family says how serious a finding is (`docs/guides/findings.md` lists them all):

| code | meaning | can be acknowledged |
|---|---|---|
| 1xx | malformed or out of range: the API cannot take it | no |
| 2xx | against the documented contract | yes, with a reason; else an error |
| 3xx | legal, but risky or useless: a warning | yes; the reason silences it |
| 4xx | the provider of the stack cannot express it | no |
"""

from __future__ import annotations

import difflib
import enum
import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from attrs import field, frozen

from constructs_lib.tokens import Oversized, advise_on_part, holds_sensitive, holds_token, known

Props = TypeVar("Props", contravariant=True)


class Severity(enum.StrEnum):
    """How serious a finding is. An `ERROR` stops the synthesis, a `WARNING` is shown."""

    ERROR = "error"
    WARNING = "warning"


class Basis(enum.StrEnum):
    """What a check stands on.

    Where the pages and the acceptance tests of the official provider, which run against the live API,
    disagree, a finding is a warning; what neither of them allows is an error.
    """

    PAGE = "page"  # a page of the service: of the API, or a help page
    SDK = "SDK"  # the service's SDK, and the API metadata that it is made from
    ACCEPTANCE_TESTS = (
        "acceptance tests"  # those of the official provider: what the live API was seen to take
    )
    TERRAFORM = "Terraform"  # Terraform, and the schema of the official provider
    HARM = "harm"  # legal, but it loses data or gives access, or does not do what it seems to


class Problem(NamedTuple):
    """What a check yields: the place, the value received, what is allowed there, how to fix it."""

    path: str
    received: object
    allowed: str
    hint: str


Problems = Iterator[Problem]

# Beyond this a whole number is rounded on its way through JavaScript.
MAX_WHOLE_NUMBER = 2**53


def printable(text: str) -> str:
    """The string, escaped where it would not print: lone surrogates, NUL, line separators, bidi controls."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def is_encodable(text: str) -> bool:
    """Whether UTF-8 can encode it: it holds no half of a surrogate pair."""
    return text.isascii() or text.encode(errors="ignore").decode() == text


# What turns the meaning of a word round.
_NEGATION = re.compile(r"^(?:dis|dont|don't|no|un)|not|never|unlike|except|exclud|outside|without")
# Fragments that negate what they stand before, wherever in a word: `StringUnequals`, `INCOMPLETE`, `NEQUAL`.
_NEGATING = re.compile(r"(?=(dis|in|isnt|mis|non?|un(?!der)|n(?=e))\w)", re.IGNORECASE)
_DIRECTION = re.compile(r"(?P<down>less|lower|small|below|before|under)|great|more|larg|above|after|over")


def intended(word: object, words: Iterable[str], *, cutoff: float = 0.7) -> str | None:
    """The word that another one was probably meant to be; never one that means the opposite.

    `cutoff`: how alike they are at least; 1 is a difference in case alone.
    """
    text = str(word).lower()
    meaning = _meaning(text)
    by_lower_case = {each.lower(): each for each in words}
    candidates = [each for each in by_lower_case if _meaning(each) == meaning]
    close = difflib.get_close_matches(text, candidates, n=1, cutoff=cutoff)
    return by_lower_case[close[0]] if close and (meaning[0] or not _negates(text, close[0])) else None


def _negates(text: str, word: str) -> bool:
    """Whether a text comes closer to a word without a fragment that negates."""
    shorter = (text[: at.start()] + text[at.start() + len(at[1]) :] for at in _NEGATING.finditer(text))
    alike = difflib.SequenceMatcher(b=word)
    ratios = []
    for each in (text, *shorter):
        alike.set_seq1(each)
        ratios.append(alike.ratio())
    return max(ratios) > ratios[0]


def _meaning(word: str) -> tuple[bool, bool | None]:
    """Whether a word negates, and which way it compares."""
    direction = _DIRECTION.search(word)
    return _NEGATION.search(word) is not None, direction and direction["down"] is not None


class Phrase(str):
    """What was received, in words instead of as a value: `no rules`."""


@frozen
class Finding:
    """One problem, found in one place.

    * `code`: stable, such as `BP103`.
    * `path`: where in the props, such as `rules[1].retention`.
    * `received`, `allowed`, `hint`: the value as text, what may stand there, the next step.

    All are `printable`, whatever the props hold.
    """

    code: str
    path: str = field(converter=printable)
    received: str = field(converter=printable)
    allowed: str = field(converter=printable)
    hint: str = field(converter=printable)

    @property
    def severity(self) -> Severity:
        return severity_of(self.code)

    @property
    def message(self) -> str:
        """One line for a person: `BP103 rules[1].retention: received 0; allowed: …. Hint`."""
        return f"{self.code} {self.path}: received {self.received}; allowed: {self.allowed}. {self.hint}"

    def __str__(self) -> str:
        return self.message


def severity_of(code: str) -> Severity:
    """The severity that a code's family stands for."""
    return Severity.WARNING if code[2] == "3" else Severity.ERROR


def can_be_acknowledged(code: str) -> bool:
    """Whether a reason may let a finding of this code pass. One about a change (RV) is approved, with it."""
    return code[2] in "23" and not code.startswith("RV")


@frozen
class Check:
    """One rule: the code it reports under, what it looks at, and why it exists.

    Calling it with what it looks at yields its findings. `title`, `explanation`, `basis` and `source` are
    what `docs/guides/findings.md` prints.
    """

    code: str
    title: str
    basis: tuple[Basis, ...]
    source: str
    explanation: str
    _problems: Callable[[Any], Iterator[Problem]] = field(repr=False)

    def __call__(self, view: object) -> Iterator[Finding]:
        return self.report(self._problems(view))

    def report(self, problems: Iterable[Problem]) -> Iterator[Finding]:
        """The findings that problems become under this code."""
        for path, received, allowed, hint in problems:
            yield Finding(self.code, path, shown(received), allowed, hint)


def check(
    code: str, title: str, *, source: str, basis: Basis | tuple[Basis, ...] = Basis.HARM
) -> Callable[[Callable[[Props], Iterator[Problem]]], Check]:
    """Make a `Check` of a generator of problems; its docstring becomes the explanation.

    `source`: the texts that say so. `basis`: what kind of text that is.
    """

    def make(problems: Callable[[Props], Iterator[Problem]]) -> Check:
        explanation = " ".join((problems.__doc__ or "").split())
        stands_on = basis if isinstance(basis, tuple) else (basis,)
        return Check(code, title, stands_on, source, explanation, problems)

    return make


def checks_of(*modules: Mapping[str, object]) -> tuple[Check, ...]:
    """The checks that modules define, by code; a module is given by its names (`globals()`)."""
    found = {value.code: value for names in modules for value in names.values() if isinstance(value, Check)}
    return tuple(found[code] for code in sorted(found))


def enum_problems(path: str, value: object, allowed: type[enum.StrEnum]) -> Problems:
    """Whether a known value is one of those that an API lists."""
    if value is None or value.__class__ is allowed:
        return
    text = known(value, str)
    if text is None or text in allowed.__members__:
        return
    meant = intended(text, allowed.__members__)
    hint = f'Did you mean "{meant}"?' if meant else "Write one of these."
    yield Problem(path, text, f"one of {', '.join(allowed.__members__)}", hint)


def plural(count: int, singular: str, many: str | None = None) -> str:
    """`1 point`, `2 points`, `1,000 policies`."""
    return f"{count:,} {singular if count == 1 else many or f'{singular}s'}"


def shown(value: object) -> str:
    """A value as a message prints it: short, on one line, a CDKTF token by what it is."""
    if isinstance(value, Phrase):
        return str(value)
    if isinstance(value, enum.Enum):
        value = value.value
    try:
        text = _as_text(value)
    except RecursionError:
        text = "a value nested too deeply"
    except ValueError:
        text = "a number with too many digits to show"
    return _shortened(text)


def quoted(text: str) -> Phrase:
    """A string as it stands, also where it holds an expression."""
    return Phrase(_shortened(json.dumps(text, ensure_ascii=False)))


def _shortened(text: str) -> str:
    text = printable(text)
    return text if len(text) <= 120 else f"{text[:117]}…"


def _as_text(value: object) -> str:
    if holds_sensitive(value):
        return "a sensitive value"
    if isinstance(value, Oversized):
        return value
    if holds_token(value) and not (isinstance(value, str) and "TfToken[" not in value):
        return "a value that Terraform knows only later"
    if value is None:
        return "nothing"
    if not isinstance(value, (str, list, dict)):
        return repr(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return repr(value)


_WHOLE_NUMBER = re.compile(r"([+-]?[0-9]{1,15})(?:\.0*)?")
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def what_to_write(value: object, expected: str) -> str:
    """The hint on a value of another type than expected: what it was probably meant to be."""
    if advice := advise_on_part(value):
        return advice
    is_short = isinstance(value, (str, float)) or (isinstance(value, int) and abs(value) <= MAX_WHOLE_NUMBER)
    text = str(value).strip().lower() if is_short else ""
    if expected == "a whole number" and (number := _WHOLE_NUMBER.fullmatch(text)):
        return f"Write {int(number[1])}{', without quotes' if isinstance(value, str) else ''}."
    if expected == "a whole number" and isinstance(value, bool):
        return f"Write {int(value)}."
    if expected == "True or False" and text in _BOOLEANS:
        return f"Write {_BOOLEANS[text]}{', without quotes' if isinstance(value, str) else ''}."
    if expected == "a string" and text:
        return f'Write "{text}", in quotes.'
    return "Write the value itself, or an expression for it."


class InvalidPropsError(ValueError):
    """The props of a construct, or a policy document, cannot go to the API as they are.

    `findings` holds every finding that has to be fixed (or, for 2xx codes, acknowledged) first.
    """

    def __init__(self, subject: str, findings: Iterable[Finding]) -> None:
        self.subject = subject
        self.findings = tuple(findings)
        super().__init__(self._text())

    def _text(self) -> str:
        count = len(self.findings)
        lines = [f"{printable(self.subject)} has {count} {'finding' if count == 1 else 'findings'} to fix:"]
        for finding in self.findings:
            lines += [
                f"  {finding.code} {finding.path}",
                f"      received: {finding.received}",
                f"      allowed:  {finding.allowed}",
                f"      hint:     {finding.hint}",
            ]
        codes = sorted({finding.code for finding in self.findings if can_be_acknowledged(finding.code)})
        if codes:
            reasons = ", ".join(f'"{code}": "why it is fine here"' for code in codes)
            lines.append(
                f"  {', '.join(codes)} can be acknowledged if this is intended: acknowledge={{{reasons}}}"
            )
        return "\n".join(lines)


def approved(
    subject: str,
    findings: Iterable[Finding],
    acknowledge: Mapping[str, str] | None,
    known_codes: Container[object],
) -> list[Finding]:
    """The warnings that are left when what was acknowledged is set aside.

    Raises `InvalidPropsError` with every error that is left, ValueError where `acknowledge` itself is wrong.
    """
    if acknowledge:
        _refuse_wrong_acknowledgements(subject, acknowledge, known_codes)
    left = [finding for finding in findings if finding.code not in (acknowledge or ())]
    errors = [finding for finding in left if finding.severity is Severity.ERROR]
    if errors:
        raise InvalidPropsError(subject, errors)
    return left


def _refuse_wrong_acknowledgements(subject: str, acknowledge: object, known_codes: Container[object]) -> None:
    subject = printable(subject)
    if not isinstance(acknowledge, Mapping):
        received = shown(acknowledge)
        raise ValueError(f'{subject}: acknowledge is {received}; write {{"BP206": "why it is fine here"}}')
    for _, problem in wrong_acknowledgements(acknowledge, known_codes):
        raise ValueError(f"{subject}: {problem}")


def wrong_acknowledgements(
    acknowledge: Mapping[Any, object], known_codes: Container[object]
) -> Iterator[tuple[Any, str]]:
    """The codes that acknowledge nothing, each with the reason.

    `known_codes`: those that can be reported where this is written.
    """
    for code, reason in acknowledge.items():
        place = f"acknowledge[{shown(code)}]"
        if isinstance(code, str) and code.startswith("RV"):
            yield code, f"{place}: a change is approved in a review (--approve), and told once"
        elif code not in known_codes:
            yield code, f"{place}: no check of this resource has this code; the guide Findings lists them"
        elif not can_be_acknowledged(code):
            yield code, f"{place}: only 2xx and 3xx codes can be acknowledged; fix what it reports instead"
        elif not isinstance(reason, str) or not reason.strip():
            yield code, f"{place} is {shown(reason)}; say in words why it is fine here"
