"""Whatever strings stand in a document or a request: an answer, or a documented error, in printable words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from constructs_lib.ram.access import (
    AccessComparison,
    Verdict,
    allows,
    compare,
    compare_denials,
    equivalent,
    must_allow,
    must_not_allow,
    within,
)
from constructs_lib.ram.analysis.evaluator import UnreadableError
from constructs_lib.ram.analysis.redundancy import redundant_parts
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.non_default_versions import latent_access
from constructs_lib.ram.risks import opened
from tests.properties import ANY_STRING

# Short, and of few characters, so that patterns meet; among them what once stood for a wildcard.
MEETING = st.text("ab*?A{}$\ud800\ud801\0\u2028\u202e\ue02a\ue03f\u212aſ", max_size=3)
STRING = (
    MEETING
    | ANY_STRING
    | st.sampled_from(["*", "oss:Get*", "acs:oss:*:*:a", "${var.a}", "#{TfToken[TOKEN.1]}"])
)
STRINGS = STRING | st.lists(STRING, max_size=3)
OPERATORS = st.sampled_from(
    [
        "StringEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "DateLessThan",
        "IpAddress",
        "Bool",
    ]
)
CONDITIONS = st.none() | st.dictionaries(
    OPERATORS | ANY_STRING, st.dictionaries(STRING, STRINGS, max_size=2), max_size=2
)


@st.composite
def documents(draw: st.DrawFn) -> PolicyDocument:
    statements = []
    for _ in range(draw(st.integers(0, 3))):
        lists: dict[str, Any] = {
            draw(st.sampled_from(["actions", "actions", "not_actions"])): draw(STRINGS),
            draw(st.sampled_from(["resources", "resources", "not_resources"])): draw(STRINGS),
        }
        effect = draw(st.sampled_from(["Allow", "Allow", "Deny"]) | ANY_STRING)
        statements.append(PolicyStatement(effect=effect, conditions=draw(CONDITIONS), **lists))
    return PolicyDocument(statements)


def printed(comparison: AccessComparison) -> Iterator[str]:
    for grant in (*comparison.gained, *comparison.lost):
        yield str(grant.witness)
    yield comparison.undecided or ""


@given(documents(), documents())
def test_any_strings_in_documents_are_compared_and_what_is_printed_is_printable(
    before: PolicyDocument, after: PolicyDocument
) -> None:
    for comparison in (compare(before, after), compare_denials(before, after)):
        assert all(text.isprintable() for text in printed(comparison))
        assert "defect" not in (comparison.undecided or "")
    for grant in compare(before, after).gained:
        witness = grant.witness
        assert allows(after, witness.action, witness.resource, witness.context, witness.assuming)
    for answer in (within(after, before), must_allow(after, before), must_not_allow(after, before)):
        assert (answer.undecided or "").isprintable()
    opened(before, after)
    latent_access({"v1": before}, after)
    redundant_parts(after.as_written())


@given(documents())
def test_any_document_means_the_same_when_it_is_minimised(document: PolicyDocument) -> None:
    assert equivalent(document, document.minimised()) or compare(document, document).undecided


@given(documents(), STRING, STRING, st.dictionaries(STRING, STRING, max_size=2))
def test_any_request_is_answered_or_the_document_is_unreadable(
    document: PolicyDocument, action: str, resource: str, context: dict[str, str]
) -> None:
    with contextlib.suppress(UnreadableError):
        assert allows(document, action, resource, context) in (True, False, None)


def allowing(actions: Any = "a", resources: Any = "*", **others: Any) -> PolicyDocument:
    return PolicyDocument(
        [PolicyStatement(**{"effect": "Allow", "actions": actions, "resources": resources, **others})]
    )


NOTHING = PolicyDocument([])


@pytest.mark.parametrize("value", tuple("\ue02a\ue03f\ud800\ud801*?\0\u202e"), ids=ascii)
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike"])
def test_a_value_of_any_one_character_is_itself(operator: str, value: str) -> None:
    after = allowing(conditions={operator: {"k": value}})
    assert compare(NOTHING, after).verdict is Verdict.WIDER
    assert compare(after, allowing()).verdict is Verdict.WIDER


@pytest.mark.parametrize("character", tuple("\ud800\ud801\0\u2028"), ids=ascii)
@pytest.mark.parametrize("wildcard", ["", "*", "?"])
def test_an_odd_character_in_a_pattern_stands_for_no_wildcard(character: str, wildcard: str) -> None:
    pattern = character + wildcard
    assert compare(allowing(resources=pattern), allowing()).verdict is Verdict.WIDER
    assert allowing(resources=[pattern, "*"]).minimised() == allowing()
    (statement,) = allowing(resources=[pattern, "a*"]).minimised().to_dict()["Statement"]
    assert statement["Resource"] == sorted(["a*", pattern])


def test_a_list_token_among_actions_may_be_any_action() -> None:
    (grant,) = compare(NOTHING, allowing(["#{TfToken[TOKEN.1]}"])).gained
    assert list(grant.witness.assuming.values()) == [True]


def test_letters_beyond_ascii_have_one_case() -> None:
    """The Kelvin sign is no `k`, neither for an operator without case nor in an action."""
    without_case = allowing(conditions={"StringEqualsIgnoreCase": {"k": "K"}})
    both = allowing(conditions={"StringEquals": {"k": ["k", "K"]}})
    assert allows(without_case, "a", "x", {"k": "\u212a"}) is False
    assert equivalent(without_case, both)
    assert allows(allowing("k"), "\u212a", "x") is False


@example("\u202e\ud800\x1b[2J\n")
@given(ANY_STRING)
def test_a_witness_is_printed_without_what_steers_a_terminal(name: str) -> None:
    conditions = {"StringEquals": {f"k{name}": name or "v"}}
    for grant in compare(NOTHING, allowing(f"a{name}", f"r{name}", conditions=conditions)).gained:
        assert str(grant.witness).isprintable()
