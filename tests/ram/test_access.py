"""The exact difference of two documents, held against an oracle that knows nothing of the method."""

from __future__ import annotations

import doctest
import random
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from constructs_lib.ram import access
from constructs_lib.ram.access import (
    AccessComparison,
    Grant,
    Reason,
    Verdict,
    Witness,
    allows,
    compare,
    compare_denials,
    equivalent,
    must_allow,
    must_not_allow,
    within,
)
from constructs_lib.ram.analysis import request_space as space
from constructs_lib.ram.analysis.evaluator import (
    ABSENT_KEY,
    RESOURCE_CASE,
    Assumption,
    UnreadableError,
)
from constructs_lib.ram.analysis.evaluator import read as read_statements
from constructs_lib.ram.analysis.redundancy import redundant_parts
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from tests.ram.analysis.oracle import Small, cells, expected, pairs, pattern, written

BUCKET = "acs:oss:*:*:photos"


def statement(actions: Any = "oss:Get*", resources: Any = "*", **others: Any) -> PolicyStatement:
    return PolicyStatement(**{"effect": "Allow", "actions": actions, "resources": resources, **others})


def deny(actions: Any, resources: Any = "*", **others: Any) -> PolicyStatement:
    return statement(actions, resources, effect="Deny", **others)


def document(*statements: PolicyStatement) -> PolicyDocument:
    return PolicyDocument(statements)


def verdict(before: PolicyDocument, after: PolicyDocument) -> Verdict:
    comparison = compare(before, after)
    recheck(before, after, comparison)
    return comparison.verdict


def recheck(before: PolicyDocument, after: PolicyDocument, comparison: AccessComparison) -> None:
    """Every witness shows what it is said to show."""
    for grants, giving, other in ((comparison.gained, after, before), (comparison.lost, before, after)):
        for grant in grants:
            assert answer(giving, grant.witness) is True, grant
            assert answer(other, grant.witness) is False, grant
            alone = giving.statements[grant.statement]
            assert answer(document(alone), grant.witness) is True, grant
            assert (grant.condition or None) == (alone.conditions or None)


def answer(of: PolicyDocument, witness: Witness) -> bool | None:
    return allows(of, witness.action, witness.resource, witness.context, witness.assuming)


# ------------------------------------------------------------ held against the oracle


def hold_against_the_oracle(before: list[Small], after: list[Small]) -> None:
    old, new = written(before), written(after)
    comparison = compare(old, new)
    assert comparison.undecided is None
    recheck(old, new, comparison)
    for grants, giving, other in ((comparison.gained, after, before), (comparison.lost, before, after)):
        found = cells(grants)
        exact = expected(other, giving, fold=False)
        has_case = any(
            text != text.lower() for statement in (*before, *after) for text in statement.resources
        )
        folded = expected(other, giving, fold=True) if has_case else exact
        assert set(found) == exact | folded, (before, after)
        assert {cell for cell, reading in found.items() if reading is not True} == exact
        assert {cell for cell, reading in found.items() if reading is not False} == folded


GLOBS = {"action": "ab*", "resource": "ab*"}
HOLES = {"action": "ab*?", "resource": "ab*?"}
CASES = {"action": "ab*", "resource": "aAb*"}
CONDITIONS = {"action": "a*", "resource": "b*", "conditions": 2}


KINDS = [(GLOBS, 350), (HOLES, 250), (CASES, 150), (CONDITIONS, 100)]
IDS = ["*", "?", "A", "if"]


@pytest.mark.parametrize(("kind", "count"), KINDS, ids=IDS)
def test_random_pairs_have_exactly_the_differences_that_the_oracle_finds(
    kind: dict[str, Any], count: int
) -> None:
    """A few of each kind; `make e2e` looks at thousands."""
    for before, after in pairs(0, count, **kind):
        hold_against_the_oracle(before, after)


def test_random_documents_meet_where_the_oracle_finds_it() -> None:
    for before, after in pairs(99, 400, **GLOBS):
        forbidden, of = written(before), written(after)
        answer_given = must_not_allow(of, forbidden)
        assert answer_given.undecided is None
        assert set(cells(answer_given.breaches)) == expected(before, after, fold=False, meet=True)
        for grant in answer_given.breaches:
            assert answer(of, grant.witness) is answer(forbidden, grant.witness) is True


def with_token(draw: random.Random, side: list[Small], token: str) -> tuple[list[Small], list[Small]]:
    """A document with what a token stands for in the place of a pattern, and with the token."""
    at, prefix, on_actions = draw.randrange(len(side)), draw.choice(("", "a")), draw.random() < 0.5
    documents = []
    for text in (token, "${var.t}"):
        one = side[at]
        repaired = (
            one._replace(actions=(prefix + text, *one.actions[1:]))
            if on_actions
            else one._replace(resources=(prefix + text, *one.resources[1:]))
        )
        documents.append([*side[:at], repaired, *side[at + 1 :]])
    return documents[0], documents[1]


def test_whatever_a_token_stands_for_nothing_new_is_missed() -> None:
    draw = random.Random(7)
    quiet = 0
    for before, after in pairs(5, 600, **GLOBS):
        token = pattern(draw, "ab*")
        (before, old), (after, new) = (with_token(draw, side, token) for side in (before, after))
        comparison = compare(written(old), written(new))
        assert comparison.undecided is None
        recheck(written(old), written(new), comparison)
        quiet += not comparison.gained
        if not comparison.gained:
            assert not compare(written(before), written(after)).gained
    assert quiet > 100


# ------------------------------------------------------------ traps


ALL = document(statement("*"))
NONE = PolicyDocument([])
MFA = {"Bool": {"acs:MFAPresent": "true"}}
OFFICE = {"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}

SAME = {
    "order, repetition, case of actions": (
        document(statement(["oss:Get*", "oss:Put*"]), statement("ecs:*")),
        document(statement("ECS:*"), statement(["oss:put*", "oss:Get*", "oss:Get*"])),
    ),
    "an action under its service": (
        document(statement(["oss:*", "oss:PutObject"])),
        document(statement("oss:*")),
    ),
    "a network in two halves": (
        document(statement(conditions=OFFICE)),
        document(statement(conditions={"IpAddress": {"acs:SourceIp": ["10.0.0.0/9", "10.128.0.0/9"]}})),
    ),
    "a*b is ab and a?*b": (document(statement("a*b")), document(statement(["ab", "a?*b"]))),
    "a union of `?`": (document(statement("a*")), document(statement(["a", "a?", "a??", "a???*"]))),
    "an Allow that is denied": (document(statement("a:x"), deny("a:*")), document(deny("a:*"))),
    "numbers that are spelled differently": (
        document(statement(conditions={"NumericLessThan": {"k": "5"}})),
        document(statement(conditions={"NumericLessThan": {"k": "5.0"}})),
    ),
    "a date in another zone": (
        document(statement(conditions={"DateLessThan": {"k": "2030-01-01T00:00:00Z"}})),
        document(statement(conditions={"DateLessThan": {"k": "2030-01-01T08:00:00+08:00"}})),
    ),
    "a list of the same token": (
        document(statement(["oss:${var.a}", "oss:Get"])),
        document(statement(["oss:Get", "oss:${var.a}"])),
    ),
    "the same unknown operator": (
        document(statement(conditions={"Null": {"k": "true"}})),
        document(statement("oss:get*", conditions={"Null": {"k": ["true"]}})),
    ),
    "no resource on both sides": (document(statement("a", None)), document(statement("a", ()))),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_it_is_the_same(before: PolicyDocument, after: PolicyDocument) -> None:
    assert verdict(before, after) is Verdict.EQUIVALENT
    assert equivalent(after, before)


HOMES = [f"acs:oss:*:*:home{number}/${{acs:username}}/*" for number in range(12)]
DAYS = ["acs:oss:*:*:logs/day-????????/*", "acs:oss:*:*:logs/*/part-???/*"]
WIDER = {
    "patterns with `?` beside many variables": (
        document(statement("a", HOMES)),
        document(statement("a", HOMES + DAYS)),
    ),
    "exceptions with `?` beside many variables": (
        document(statement("a"), statement("a", None, not_resources=HOMES, effect="Deny")),
        document(statement("a"), statement("a", None, not_resources=HOMES + DAYS, effect="Deny")),
    ),
    "a Deny removed": (document(statement("a:*"), deny("a:x")), document(statement("a:*"))),
    "a Deny narrowed": (document(statement("a:*"), deny("a:x*")), document(statement("a:*"), deny("a:xy*"))),
    "one more exception of a Deny": (
        document(statement("*"), statement(None, not_actions="a:*", effect="Deny")),
        document(statement("*"), statement(None, not_actions=["a:*", "b:x"], effect="Deny")),
    ),
    "one exception less of an Allow": (
        document(statement(None, not_actions=["ram:*", "sts:*"])),
        document(statement(None, not_actions=["ram:*"])),
    ),
    "future Get actions": (
        document(statement(["oss:GetObject", "oss:GetBucket"])),
        document(statement("oss:Get*")),
    ),
    "an empty segment": (
        document(statement("a", "acs:ram::1:role/x")),
        document(statement("a", "acs:ram:*:1:role/x")),
    ),
    "a condition dropped": (document(statement(conditions=OFFICE)), document(statement())),
    "a condition on one key less": (
        document(statement(conditions={**OFFICE, **MFA})),
        document(statement(conditions=OFFICE)),
    ),
    "a token where nothing was": (document(statement("a:b")), document(statement(["a:b", "a:${var.x}"]))),
    "a token of one character is no `?`": (
        document(statement(["a:b", "c:?"])),
        document(statement(["a:b", "c:?", "c:${var.x}"])),
    ),
    "a Deny with a token removed": (
        document(statement("a:*"), deny("a:${var.x}")),
        document(statement("a:*")),
    ),
    "a policy variable removed": (
        document(statement("a:*", "acs:oss:*:*:${acs:user}/*")),
        document(statement("a:*", "acs:oss:*:*:*")),
    ),
    "IPv6 where all of IPv4 was": (
        document(statement(conditions={"IpAddress": {"k": "0.0.0.0/0"}})),
        document(statement(conditions={"IpAddress": {"k": ["0.0.0.0/0", "::/0"]}})),
    ),
    "a value without case": (
        document(statement(conditions={"StringEquals": {"k": "Production"}})),
        document(statement(conditions={"StringEqualsIgnoreCase": {"k": "Production"}})),
    ),
}


@pytest.mark.parametrize(("before", "after"), WIDER.values(), ids=WIDER)
def test_it_is_wider_and_back_it_is_narrower(before: PolicyDocument, after: PolicyDocument) -> None:
    assert verdict(before, after) is Verdict.WIDER
    assert verdict(after, before) is Verdict.NARROWER
    assert within(before, after)
    assert not within(after, before)


def only(grants: Sequence[Grant]) -> Grant:
    (grant,) = grants
    return grant


def test_mfa_by_deny_is_not_mfa_by_allow_the_key_may_be_absent() -> None:
    before = document(statement("a:*", conditions=MFA))
    after = document(statement("a:*"), deny("a:*", conditions={"Bool": {"acs:MFAPresent": "false"}}))
    grant = only(compare(before, after).gained)
    assert grant.witness.absent == ("acs:MFAPresent",)
    assert grant.reason is Reason.CONDITION
    assert "acs:MFAPresent is absent" in str(grant.witness)


def test_a_dropped_network_is_shown_by_an_address() -> None:
    grant = only(compare(document(statement(conditions=OFFICE)), document(statement())).gained)
    assert dict(grant.witness.context) == {"acs:SourceIp": "203.0.113.7"}


def test_a_difference_that_depends_on_absent_keys_says_so() -> None:
    before = document(statement(), deny("oss:*", conditions=OFFICE))
    after = document(statement(conditions={"NotIpAddress": OFFICE["IpAddress"]}))
    comparison = compare(before, after)
    recheck(before, after, comparison)
    assert comparison.verdict is Verdict.NARROWER
    assert only(comparison.lost).witness.assuming == {ABSENT_KEY: False}


def test_roles_in_other_case_differ_in_one_reading_only() -> None:
    before = document(statement("ram:PassRole", "acs:ram:*:1:role/MyRole"))
    after = document(statement("ram:PassRole", "acs:ram:*:1:role/myrole"))
    comparison = compare(before, after)
    assert comparison.verdict is Verdict.CHANGED
    for grants in (comparison.gained, comparison.lost):
        assert only(grants).witness.assuming == {RESOURCE_CASE: False}


def test_what_only_an_odd_resource_shows_comes_last() -> None:
    before = document(statement("oss:*", "acs:oss:*:*:*"))
    after = document(statement("oss:*"), statement("ecs:Run*", "acs:ecs:*:*:instance/*"))
    gained = compare(before, after).gained
    assert [(grant.statement, grant.is_unusual) for grant in gained] == [(1, False), (0, True)]


@pytest.mark.parametrize("token", ["${var.arn}", "acs:oss:*:*:${alicloud_oss_bucket.b.bucket}*"])
def test_all_instead_of_what_terraform_fills_in_is_new_for_usual_resources_too(token: str) -> None:
    grant = only(compare(document(statement("oss:*", token)), document(statement("oss:*"))).gained)
    assert not grant.is_unusual
    assert grant.witness.resource.startswith("acs:oss:")
    assert [(assumption.subject, holds) for assumption, holds in grant.witness.assuming.items()] == [
        (token, False)
    ]


def test_a_token_that_has_no_part_in_it_makes_no_resource_usual() -> None:
    before = document(statement("oss:*", "acs:oss:*:*:*"), statement("ecs:*", "acs:ecs:*:*:${var.a}"))
    after = document(statement("oss:*"), statement("ecs:*", "acs:ecs:*:*:${var.a}"))
    grant = only(compare(before, after).gained)
    assert grant.is_unusual
    assert grant.witness.assuming == {}


def test_a_grant_has_statement_patterns_condition_and_a_readable_witness() -> None:
    before = document(statement("oss:Get*"))
    after = document(
        statement("oss:Get*"), statement(["oss:PutObject", "oss:GetObject"], f"{BUCKET}/*", conditions=MFA)
    )
    grant = only(compare(before, after).gained)
    assert (grant.statement, grant.actions, grant.resources) == (1, ("oss:PutObject",), (f"{BUCKET}/*",))
    assert grant.condition == MFA
    assert str(grant.witness) == (
        "oss:PutObject on acs:oss:cn-hangzhou:1234567890123456:photos/example when acs:MFAPresent = true"
    )


def test_an_unknown_operator_is_over_reported_with_its_assumption() -> None:
    def having(*values: str) -> PolicyDocument:
        return document(statement(conditions={"StringEqualsIfExists": {"k": list(values)}}))

    grant = only(compare(having("a"), having("a", "b")).gained)
    assert {type(assumption) for assumption in grant.witness.assuming} == {Assumption}
    assert "StringEqualsIfExists k a" in str(grant.witness)


def test_an_unknown_effect_may_be_either() -> None:
    unknown = document(statement("a:*"), statement("a:x", effect="${var.effect}"))
    assert verdict(document(statement("a:*")), unknown) is Verdict.NARROWER
    assert verdict(NONE, document(statement("a:x", effect="${var.effect}"))) is Verdict.WIDER
    assert verdict(unknown, unknown) is Verdict.EQUIVALENT


class Lazy:
    def resolve(self, context: Any) -> Any:
        raise AssertionError("a comparison must not resolve a token")


def test_values_that_are_tokens_are_equal_only_to_themselves() -> None:
    one, other = Lazy(), Lazy()
    assert equivalent(document(statement(one)), document(statement(one)))
    assert verdict(document(statement(one)), document(statement(other))) is Verdict.CHANGED
    conditional = statement(conditions={"StringEquals": {"k": one}})
    assert equivalent(document(conditional), document(conditional))


UNREADABLE = {
    "Terraform": PolicyDocument(Lazy()),  # type: ignore[arg-type]
    "one of Action": document(statement("a", not_actions="b")),
    "effect": document(statement("a", effect="allow")),
    "empty list": document(statement(())),
    "both Resource": document(statement("a", "b", not_resources="c")),
    "malformed condition": document(statement("a", conditions={"Bool": {"k": []}})),
}


@pytest.mark.parametrize(("words", "of"), UNREADABLE.items(), ids=UNREADABLE)
def test_what_cannot_be_read_is_undecided_never_nothing_new(words: str, of: PolicyDocument) -> None:
    comparison = compare(ALL, of)
    assert comparison.verdict is Verdict.UNDECIDED
    assert words in str(comparison.undecided)
    assert within(of, ALL).holds is None
    assert not within(of, ALL)
    assert redundant_parts(of.as_written()) == ()
    with pytest.raises(UnreadableError, match=words):
        allows(of, "a", "b")


MANY_STARS = [f"*{'*'.join(letters)}*" for letters in ("abcdefghijkl", "lkjihgfedcba", "aabbccddeeff")]
TOO_MUCH = {
    "stars": (document(statement("*"), deny(MANY_STARS)), document(statement(MANY_STARS))),
    "holes": (document(statement("?*?*" * 9)), document(statement("*a*b*c*d*e*f*g*h*i*"))),
    "exceptions": (
        document(*(statement(None, not_actions=[f"*{a}*{b}*" for b in "stu"]) for a in "abcde")),
        document(statement("*"), statement("*x*y*z*")),
    ),
    "conditions": (
        document(*(statement(conditions={"StringLike": {f"k{n}": ["a*", "*b"]}}) for n in range(16))),
        document(statement(), deny("*", conditions={"Bool": {"z": "false"}})),
    ),
    "long": (document(statement("*ab" * 900 + "*")), document(statement("*ba" * 900 + "*"))),
}


@pytest.mark.parametrize(("before", "after"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_overlaps_as_much_as_it_can_is_decided(before: PolicyDocument, after: PolicyDocument) -> None:
    comparison = compare(before, after)
    recheck(before, after, comparison)
    assert comparison.undecided is None


def test_a_guard_that_is_hit_leaves_it_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "MAX_WORK", 3)
    monkeypatch.setattr(space, "MAX_DOCUMENT_BYTES", 40)
    comparison = compare(NONE, document(*(statement(f"a:{n}") for n in range(9))))
    assert comparison.verdict is Verdict.UNDECIDED
    assert not equivalent(
        document(statement("a"), statement("b*")), document(statement("b*"), statement("a?"))
    )


def test_the_same_input_gives_the_same_output() -> None:
    for before, after in pairs(3, 60, **CONDITIONS):
        assert repr(compare(written(before), written(after))) == repr(
            compare(written(before), written(after))
        )


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(access) == (0, 11)


def test_promises() -> None:
    reader = document(statement(["oss:Get*", "oss:List*"], [BUCKET, f"{BUCKET}/*"]))
    assert within(reader, document(statement("oss:*")))
    assert must_allow(reader, document(statement("oss:GetObject", f"{BUCKET}/a.png")))
    missing = must_allow(reader, document(statement(["oss:GetObject", "oss:PutObject"], f"{BUCKET}/*")))
    assert missing.holds is False
    assert only(missing.breaches).actions == ("oss:PutObject",)
    assert must_not_allow(reader, document(statement("oss:Put*")))
    breach = only(
        must_not_allow(reader, document(statement("*", f"{BUCKET}/secret/*"), deny("oss:List*"))).breaches
    )
    assert breach.reason is Reason.FORBIDDEN
    assert breach.witness.action == "oss:GetExample"


def test_a_deny_that_changes_nothing_here_still_counts_beside_other_policies() -> None:
    guarded = document(statement("oss:*"), deny("ram:*"))
    bare = document(statement("oss:*"))
    assert equivalent(guarded, bare)
    assert compare_denials(guarded, bare).verdict is Verdict.NARROWER
    assert redundant_parts(guarded.as_written()) == ()


# ------------------------------------------------------------ the evaluator


def test_a_request_is_allowed_by_an_allow_and_by_no_deny() -> None:
    of = document(statement("oss:*", f"{BUCKET}/*"), deny("oss:Delete*"))
    assert allows(of, "OSS:getobject", "acs:oss:cn:1:photos/a") is True
    assert allows(of, "oss:DeleteObject", "acs:oss:cn:1:photos/a") is False
    assert allows(of, "oss:GetObject", "acs:oss:cn:1:Photos/a") is False
    assert allows(of, "oss:GetObject", "acs:oss:cn:1:Photos/a", {}, {RESOURCE_CASE: True}) is True
    assert allows(of, "ecs:RunInstances", "*") is False


def test_keys_are_anded_values_ored_and_unknowns_left_open() -> None:
    of = document(statement(conditions={**MFA, "StringEquals": {"k": ["a", "b"]}}))
    assert allows(of, "oss:Get", "x", {"acs:MFAPresent": "true", "k": "b"}) is True
    assert allows(of, "oss:Get", "x", {"acs:MFAPresent": "true", "k": "c"}) is False
    assert allows(of, "oss:Get", "x", {"k": "b"}) is False
    negated = document(statement(conditions={"StringNotEquals": {"k": ["a", "b"]}}))
    assert allows(negated, "oss:Get", "x", {"k": "b"}) is False
    assert allows(negated, "oss:Get", "x") is None
    assert allows(negated, "oss:Get", "x", {}, {ABSENT_KEY: True}) is True
    assert allows(document(statement("oss:${var.x}")), "oss:Get", "x") is None
    assert allows(document(statement("oss:${var.x}")), "ecs:Get", "x") is False
    assert allows(document(statement("oss:*"), deny("oss:${var.x}")), "oss:Get", "x") is None
    assert allows(document(statement(["oss:Get", "oss:${var.x}"])), "oss:Get", "x") is True
    assert allows(document(statement("a", None)), "a", "x") is None


def test_only_documents_are_compared() -> None:
    with pytest.raises(TypeError, match="from_json"):
        compare(ALL, {"Version": "1"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"RAM": "acs:ram::1:root"}, {"RAM": ["acs:ram::1:root"]}, True),
        ({"RAM": ["b", "a", "a"]}, {"RAM": ["a", "b"]}, True),
        ({"Service": ["x"], "RAM": ["a"]}, {"RAM": "a", "Service": "x"}, True),
        ({"RAM": ["a"]}, {"RAM": ["a", "b"]}, False),
        ({"RAM": ["a"]}, {"Service": ["a"]}, False),
    ],
)
def test_a_principal_is_compared_by_value_and_not_by_form(one: Any, other: Any, same: bool) -> None:
    documents = [document(statement("sts:AssumeRole", principal=each)) for each in (one, other)]
    assert equivalent(*documents) is same
    written = [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Principal": each}
        for each in (one, other)
    ]
    assert (len({read_statements({"Statement": [each]}) for each in written}) == 1) is same


@pytest.mark.parametrize(
    ("operator", "wanted", "value"),
    [
        ("Bool", "true", True),
        ("Bool", "false", False),
        ("NumericEquals", "10", 10),
        ("NumericEquals", "10", 10.0),
        ("NumericLessThan", "1", 0.00001),
        ("NumericEquals", "1.5", Decimal("1.5")),
        ("StringEquals", "prod", ["prod"]),
        ("Bool", "true", [True]),
        ("StringEquals", "prod", "prod"),
    ],
)
def test_a_request_has_strings_booleans_numbers_and_lists_of_one(
    operator: str, wanted: str, value: Any
) -> None:
    guarded = document(statement("oss:Get*", "*", conditions={operator: {"acs:k": wanted}}))
    assert allows(guarded, "oss:GetObject", "acs:oss:*:*:b", {"acs:k": value}) is True


@pytest.mark.parametrize(
    "value", [None, ["a", "b"], [], {"a": 1}, float("nan"), datetime(2026, 1, 1), [["a"]]]
)
def test_any_other_value_of_a_request_is_told_what_to_write(value: Any) -> None:
    with pytest.raises(
        TypeError, match="write a string, True or False, a number, or a list of one"
    ) as raised:
        allows(document(statement("a:*", "*")), "a:B", "*", {"acs:k": value})
    assert str(raised.value).startswith('context["acs:k"] is ')


def test_a_request_that_is_none_is_told_what_to_write() -> None:
    some = document(statement("a:*", "*"))
    with pytest.raises(TypeError, match=r"context is .*write a dict of condition keys"):
        allows(some, "a:B", "*", ["acs:k"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"action is .*write it as a string"):
        allows(some, ["a:B"], "*")  # type: ignore[arg-type]
