"""What CreatePolicyVersion takes: one function per finding code, all run over the same view of the props.

The checks of the document's grammar stand in `constructs_lib.ram.grammar`. As there, a check looks at known
values only, and steps over whatever depends on an unknown one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from constructs_lib.findings import (
    Basis,
    Check,
    Finding,
    Phrase,
    Problem,
    Problems,
    check,
    checks_of,
    intended,
    quoted,
    what_to_write,
)
from constructs_lib.ram import condition_checks, grammar
from constructs_lib.ram.analysis.patterns import covers
from constructs_lib.ram.analysis.redundancy_prefilter import may_have_redundant_parts
from constructs_lib.ram.canonical import FAR_TOO_LARGE, MAX_DOCUMENT_BYTES, Size, size_of_statement
from constructs_lib.ram.grammar import (
    DOCUMENT,
    ELEMENTS,
    EMPTY,
    FIELD_OF_ELEMENT,
    GRAMMAR,
    PAGE,
    Effect,
    items_at,
    lacks,
    problem_of_type,
    unseen_characters,
    wrong_type,
)
from constructs_lib.ram.policy_version import (
    NEARLY_FULL_BYTES,
    PolicyVersionProps,
    PolicyVersionView,
    RotateStrategy,
)
from constructs_lib.tokens import Literal, Oversized, is_token, known

ERRORS = "RAM, error codes (2015-05-01)"
CLOUD_CONFIG = "Cloud Config, ram-policy-no-statements-with-admin-access-check"
# Steps of about a microsecond that may be spent on what a document could do without.
WORK_OF_CHECK = 100_000

_SHORTEN = (
    "Shorten it, or split it: PolicyDocument.minimised() and PolicyDocument.split() of the Python library, "
    "document_minimise and document_split of the provider, prove that it means the same."
)
_POLICY_NAME = re.compile(r"[A-Za-z0-9-]{1,128}")
_ACTION = re.compile(r"\*|[\w.*?-]+:[\w.*?/-]+", re.ASCII)
_ARN = re.compile(r"\*|acs:[\w.*?-]+:[^:\s]*:[^:\s]*:.+", re.ASCII | re.DOTALL)
_VARIABLE = re.compile(r"\$\{(acs:[^{}]*)\}")
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "policy_name": ((str,), "a string"),
    "set_as_default": ((bool, type(None)), "True or False"),
    "rotate_strategy": ((str, type(None)), "a member of RotateStrategy"),
}


# ------------------------------------------------------------ 1xx: malformed or out of range


def _props_of_wrong_type(props: PolicyVersionProps) -> Problems:
    for name, (types, allowed) in _TYPES.items():
        value = getattr(props, name)
        if not isinstance(value, types) and not is_token(value):
            problem = problem_of_type(name, value, allowed)
            yield problem._replace(hint=what_to_write(value, allowed))


def _in_bytes(size: Size) -> Phrase:
    """How large a document is, or at least is."""
    return Phrase(f"{'' if size.is_exact else 'at least '}{size.bytes:,} bytes")


@check("PV106", "A policy document is too large", source=PAGE, basis=Basis.PAGE)
def too_large(view: PolicyVersionView) -> Problems:
    """A document has at most 6,144 bytes. What counts is the compact canonical text in UTF-8, which is what
    is sent; where it holds tokens, the bytes that are certain. A review does not look into one that is far
    larger."""
    document, allowed = view.props.policy_document, f"at most {MAX_DOCUMENT_BYTES:,} bytes"
    if isinstance(document, Oversized):
        yield Problem(DOCUMENT, Phrase(document), allowed, "Split it.")
    if view.size is None or view.size.bytes <= MAX_DOCUMENT_BYTES:
        return
    sizes = {path: size_of_statement(statement).bytes for path, statement in view.document.statements}
    biggest = sorted(sizes, key=lambda path: -sizes[path])[:3]
    listed = ", ".join(f"{path} ({sizes[path]:,} bytes)" for path in biggest) or "no statement"
    hint = f"{_SHORTEN} The most is in {listed}."
    yield Problem(DOCUMENT, _in_bytes(view.size), allowed, hint)


@check("PV107", "A policy name is malformed", source=ERRORS, basis=Basis.PAGE)
def malformed_name(view: PolicyVersionView) -> Problems:
    """A policy name has 1 to 128 characters: letters, digits and `-`."""
    name = known(view.props.policy_name, str)
    if name is not None and not _POLICY_NAME.fullmatch(name):
        close = re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:128]
        hint = f"Such as {quoted(close)}." if close else "Give the policy a name."
        yield Problem("policy_name", name, "1 to 128 letters, digits and -", hint)


@check("PV108", "A rotate strategy is none of those the API lists", source=PAGE, basis=Basis.PAGE)
def unknown_rotate_strategy(view: PolicyVersionView) -> Problems:
    """The API lists None and DeleteOldestNonDefaultVersionWhenLimitExceeded, written exactly so. An empty
    string is none: modules fill it in."""
    text = known(view.props.rotate_strategy, str)
    if text and text not in tuple(RotateStrategy):
        meant = intended(text, RotateStrategy)
        hint = f"Did you mean {quoted(meant)}?" if meant else "Write one of these."
        yield Problem("rotate_strategy", text, f"one of {', '.join(map(quoted, RotateStrategy))}", hint)


# ------------------------------------------------------------ 2xx: against the documented contract


@check("PV201", "A statement has no resource", source=ELEMENTS, basis=Basis.PAGE)
def no_resource(view: PolicyVersionView) -> Problems:
    """Resource is required. RAM takes a statement with an empty one, and its page warns that this leads to
    unintended authorization."""
    for path, statement in view.document.statements:
        at, allowed, hint = f"{path}.Resource", "at least one resource", 'Say which; "*" means every one.'
        value = statement.get("Resource")
        if value in EMPTY:
            yield Problem(at, value, allowed, hint)
        elif value is None and lacks(statement, ("Resource", "NotResource"), FIELD_OF_ELEMENT):
            yield Problem(at, Phrase("nothing"), allowed, hint)


@check("PV202", "An action is not of the form service:Name", source=ELEMENTS, basis=Basis.PAGE)
def malformed_action(view: PolicyVersionView) -> Problems:
    """An action is `*` or `<service>:<name>`, where both may hold `*` and `?`."""
    for path, text in view.document.patterns("Action", "NotAction"):
        if not _ACTION.fullmatch(text):
            hint = "Write the service before the name, with one colon, such as oss:GetObject."
            if unseen := unseen_characters(text):
                hint = f"Take out {', '.join(unseen)}."
            yield Problem(path, quoted(text), '"*" or service:Name', hint)


@check("PV203", "A resource is not an ARN", source=ELEMENTS, basis=Basis.PAGE)
def malformed_resource(view: PolicyVersionView) -> Problems:
    """A resource is `*` or an ARN of five parts, `acs:<service>:<region>:<account>:<resource>`; region and
    account may be empty or `*`. Blanks around it, and characters that nobody sees (control, bidi and
    zero-width ones), make it another one than it looks."""
    for path, text in view.document.patterns("Resource", "NotResource"):
        if unseen := unseen_characters(text):
            hint = f"Take out {', '.join(unseen)}: it matches no resource that looks like this."
            yield Problem(path, quoted(text), "an ARN without characters that nobody sees", hint)
        elif not _ARN.fullmatch(text):
            hint = "Write all five parts, such as acs:oss:*:*:my-bucket/*."
            yield Problem(path, quoted(text), '"*" or acs:service:region:account:resource', hint)


@check("PV205", "A statement has NotResource", source=f"{GRAMMAR}; {ELEMENTS}", basis=Basis.PAGE)
def not_resource(view: PolicyVersionView) -> Problems:
    """Old copies of the grammar have NotResource; the pages of today do not, and whether RAM still takes it
    is not known."""
    yield from _unexpected("NotResource", "Say with Resource which resources are meant.", view)


@check("PV206", "A statement has a principal", source=ELEMENTS, basis=Basis.PAGE)
def has_principal(view: PolicyVersionView) -> Problems:
    """Principal belongs in the policy of a resource, such as a role's trust policy or a bucket policy. A
    policy that CreatePolicyVersion makes is attached to its principals."""
    yield from _unexpected("Principal", "Drop it, and attach the policy to whom it is for.", view)


@check("PV207", "A statement has a Sid", source=GRAMMAR, basis=Basis.PAGE)
def has_sid(view: PolicyVersionView) -> Problems:
    """RAM documents no Sid. Whether it takes one is not known."""
    yield from _unexpected("Sid", "Drop it.", view)


def _unexpected(element: str, hint: str, view: PolicyVersionView) -> Problems:
    for path, statement in view.document.statements:
        if element in statement:
            yield Problem(f"{path}.{element}", statement[element], f"no {element}", hint)


@check("PV210", "RAM documents no policy variables", source=f"{GRAMMAR}; {ELEMENTS}", basis=Basis.PAGE)
def undocumented_variable(view: PolicyVersionView) -> Problems:
    """`${acs:…}` looks like a policy variable, which other clouds have. The pages on the grammar and the
    elements of a policy know none: RAM may compare the text itself, so that an Allow grants nothing, and a
    Deny guards nothing."""
    for path, text in view.document.variables:
        names = ", ".join(f"${{{name}}}" for name in dict.fromkeys(_VARIABLE.findall(text)))
        if names:
            hint = "Name what is meant, or try it against the service first."
            yield Problem(path, quoted(text), f"a value without {names}", hint)


# ------------------------------------------------------------ 3xx: legal, but risky or useless


@check("PV301", "A statement allows everything", source=CLOUD_CONFIG)
def allows_everything(view: PolicyVersionView) -> Problems:
    """An Allow with one action pattern that matches every action and one resource pattern that matches every
    ARN makes administrators, with a condition too: that says only when. Patterns such as `*:*` and
    `acs:*:*:*:*` count; several that match everything only together do not."""
    for path, statement in view.document.statements:
        if statement.get("Effect") != Effect.ALLOW:
            continue
        action = _first_that_matches_all(statement.get("Action"), "*:*")
        resource = _first_that_matches_all(statement.get("Resource"), "acs:*:*:*:*")
        if action and resource:
            received = Phrase(f"Allow {quoted(action)} on {quoted(resource)}")
            hint = "Name the actions and the resources that are needed."
            yield Problem(path, received, "less than every action on every resource", hint)


def _first_that_matches_all(patterns: object, whole: str) -> str | None:
    for _, pattern in items_at("", patterns):
        # What has other letters than the whole cannot match it; this is the quicker question.
        if isinstance(pattern, str) and not pattern.strip(whole) and covers(pattern, whole):
            return pattern
    return None


@check("PV302", "A statement allows all actions but a few", source=ELEMENTS)
def allows_by_exception(view: PolicyVersionView) -> Problems:
    """Allow with NotAction grants every action that is not listed, those of future services too."""
    for path, statement in view.document.statements:
        if statement.get("Effect") == Effect.ALLOW and "NotAction" in statement:
            hint = "List what is needed in Action."
            yield Problem(f"{path}.NotAction", statement["NotAction"], "Action in an Allow", hint)


@check("PV303", "A policy document is nearly full", source=PAGE)
def nearly_full(view: PolicyVersionView) -> Problems:
    """Above nine tenths of the 6,144 bytes the next change may not fit."""
    if view.size and NEARLY_FULL_BYTES < view.size.bytes <= MAX_DOCUMENT_BYTES:
        allowed = f"up to {NEARLY_FULL_BYTES:,} bytes, to have room for a change"
        yield Problem(DOCUMENT, _in_bytes(view.size), allowed, _SHORTEN)


@check(
    "PV305",
    "A document holds an expression of Terraform",
    source="Terraform, JSON configuration syntax",
    basis=Basis.TERRAFORM,
)
def left_to_terraform(view: PolicyVersionView) -> Problems:
    """A `${…}` or `%{…}` that someone wrote looks like a policy variable and is none: only `${acs:…}` is, and
    is escaped on its way. In Python it goes to Terraform, which replaces it, or fails; a CDKTF token is meant
    for Terraform. In a plan it is left over: RAM receives it as it stands, as of a template that nobody
    rendered."""
    for path, text in view.document.expressions:
        if isinstance(text, Literal):
            allowed = "a policy variable ${acs:…}"
            hint = "RAM receives it as it stands. If Terraform is to fill it in, render it: templatefile(…)."
        else:
            allowed = "a policy variable ${acs:…}, or a CDKTF token"
            hint = "Use a CDKTF token; write $${ or %%{ where RAM is to receive ${ or %{."
        yield Problem(path, quoted(text), allowed, hint)


@check("PV306", "A part of a document changes nothing", source="alipolicy: exact comparison of two documents")
def changes_nothing(view: PolicyVersionView) -> Problems:
    """Without this statement, action or resource the document allows and refuses the same: other parts cover
    it, or it never applies. It may be a leftover, or not do what its author meant. A Deny changes nothing
    only where other Denies refuse the same, since it outweighs other policies. What it takes too much work to
    prove is not reported."""
    elements = view.document.elements
    statements = [statement for _, statement in view.document.statements]
    if elements is None or view.document.findings or not may_have_redundant_parts(statements):
        return
    # The proof is loaded where there may be something to prove: most documents do without.
    from constructs_lib.ram.analysis.redundancy import redundant_parts

    for part in redundant_parts(elements, WORK_OF_CHECK):
        received = Phrase("a statement that changes nothing") if part.text is None else quoted(part.text)
        hint = "Drop it: the rest says the same. Or narrow what covers it."
        yield Problem(f"{DOCUMENT}.{part.path}", received, "what changes something", hint)


CHECKS = checks_of(vars(grammar), vars(condition_checks), globals())
_FURTHER_CHECKS = tuple(each for each in CHECKS if each not in grammar.CHECKS)


def check_policy_version(props: PolicyVersionProps, others: Iterable[Check] = ()) -> list[Finding]:
    """All findings on the props of one policy version, in the order of their codes.

    `others`: what is to be checked besides `CHECKS`, such as a resource type's own checks.
    """
    return check_view(PolicyVersionView.from_props(props), others)


def check_view(view: PolicyVersionView, others: Iterable[Check] = ()) -> list[Finding]:
    """The same of props that have been read. Of a document far too large nothing else is said."""
    findings = [*wrong_type.report(_props_of_wrong_type(view.props)), *view.document.findings]
    is_far_too_large = view.size is not None and view.size.bytes > FAR_TOO_LARGE
    for each in (too_large,) if is_far_too_large else (*_FURTHER_CHECKS, *others):
        findings += filter(view.document.is_open, each(view))
    return sorted(findings, key=lambda finding: finding.code)
