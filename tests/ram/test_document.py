"""Policy documents: one canonical form, tokens at every leaf, a smaller document of the same meaning."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from itertools import product
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib import Effect, InvalidPropsError, PolicyDocument, PolicyStatement
from constructs_lib.ram.canonical import size_above, size_of
from constructs_lib.ram.canonical import terraform_json as text_of_form
from constructs_lib.ram.document import parse_document
from tests.properties import examples

PAGE_EXAMPLE = (
    '{"Statement":[{"Action":["oss:*"],"Effect":"Allow","Resource":["acs:oss:*:*:*"]}],"Version":"1"}'
)
TEXT_TOKEN = "${TfToken[TOKEN.0]}"
LIST_TOKEN = "#{TfToken[TOKEN.2]}"
MAP_TOKEN = {"&{TfToken[TOKEN.5]}": "String Map Token Value"}
NUMBER_TOKEN = -8.10956221259138e298
thoroughly = examples(400)


class Lazy:
    """What a CDKTF `IResolvable` looks like from Python."""

    def __repr__(self) -> str:  # the names of tests must not change from run to run
        return "Lazy()"

    def resolve(self, context: Any) -> Any:
        raise AssertionError("a document must not resolve a token")

    def to_string(self) -> str:
        return "${TfToken[TOKEN.9]}"


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "oss:Get*", "Resource": "*", **elements}


def form(*statements: Any) -> dict[str, Any]:
    return {"Version": "1", "Statement": list(statements)}


def document(*statements: Any) -> PolicyDocument:
    return PolicyDocument.from_json(form(*statements))


def refused(text: Any) -> InvalidPropsError:
    with pytest.raises(InvalidPropsError) as caught:
        PolicyDocument.from_json(text)
    return caught.value


def codes(text: Any) -> list[str]:
    return [finding.code for finding in refused(text).findings]


def encoded(value: Any) -> str:
    """Stands for `Fn.jsonencode`."""
    return "<list>" if isinstance(value, list) else "<map>" if isinstance(value, dict) else "<value>"


def terraform_json(document: Any, encode: Callable[[Any], str]) -> Any:
    return text_of_form(parse_document(document).form, encode)


# -- a value


def test_the_example_of_the_page_comes_out_byte_for_byte() -> None:
    written = PolicyDocument(
        [PolicyStatement(effect=Effect.ALLOW, actions=["oss:*"], resources=["acs:oss:*:*:*"])]
    )
    assert written.to_json() == PAGE_EXAMPLE
    assert written.size_bytes == len(PAGE_EXAMPLE) == 96
    assert written.size_is_exact


def test_one_text_stands_for_a_list_of_it() -> None:
    alone = PolicyStatement(effect="Deny", actions="*", not_actions="a:B", resources="*", not_resources="b")
    listed = PolicyStatement(
        effect="Deny", actions=["*"], not_actions=["a:B"], resources=["*"], not_resources=["b"]
    )
    assert alone == listed
    assert alone.actions == ("*",)


def test_a_statement_keeps_what_it_was_given() -> None:
    actions = ["oss:GetObject"]
    networks = ["10.0.0.0/8"]
    one = PolicyStatement(
        effect="Allow", actions=actions, conditions={"IpAddress": {"acs:SourceIp": networks}}
    )
    actions.append("*")
    networks.append("0.0.0.0/0")
    assert one.actions == ("oss:GetObject",)
    assert one.conditions == {"IpAddress": {"acs:SourceIp": ("10.0.0.0/8",)}}
    with pytest.raises(FrozenInstanceError):
        one.effect = "Deny"  # type: ignore[misc]


def test_every_element_can_be_written() -> None:
    one = PolicyStatement(
        effect=Effect.DENY,
        not_actions="ram:*",
        not_resources="acs:ram:*:*:role/b",
        conditions={"StringEquals": {"acs:SourceVpc": ["v2", "v1"]}, "Bool": {"acs:MFAPresent": ["true"]}},
        sid="KeepOut",
        principal={"RAM": ["b", "a"], "Service": ["ecs.aliyuncs.com"]},
    )
    assert PolicyDocument([one]).to_dict()["Statement"] == [
        {
            "Condition": {
                "Bool": {"acs:MFAPresent": "true"},
                "StringEquals": {"acs:SourceVpc": ["v1", "v2"]},
            },
            "Effect": "Deny",
            "NotAction": ["ram:*"],
            "NotResource": ["acs:ram:*:*:role/b"],
            "Principal": {"RAM": ["a", "b"], "Service": "ecs.aliyuncs.com"},
            "Sid": "KeepOut",
        }
    ]


def test_statements_may_come_from_any_iterable() -> None:
    one = PolicyStatement(effect="Allow", actions="oss:*", resources="*")
    assert PolicyDocument(each for each in [one]) == PolicyDocument([one]) == PolicyDocument((one,))


# -- the canonical form


def test_keys_lists_and_statements_are_sorted_and_appear_once() -> None:
    written = document(
        statement(Resource=["b", "a", "b"], Effect="Deny"),
        statement(Action=["oss:Put*", "oss:Get*"]),
        statement(Action=["oss:Get*", "oss:Put*"]),
    )
    assert written.to_json() == (
        '{"Statement":[{"Action":["oss:Get*","oss:Put*"],"Effect":"Allow","Resource":["*"]},'
        '{"Action":["oss:Get*"],"Effect":"Deny","Resource":["a","b"]}],"Version":"1"}'
    )


def test_an_empty_condition_is_none() -> None:
    assert document(statement(Condition={})).to_json() == document(statement()).to_json()


def test_text_goes_out_as_utf8_and_is_counted_in_bytes() -> None:
    written = document(statement(Resource="acs:oss:*:*:备份"))
    assert "备份" in written.to_json()
    assert written.size_bytes == len(written.to_json()) + 4


PATTERNS = st.sampled_from(["*", "oss:*", "oss:Get*", "oss:GetObject", "ecs:Describe?", "ram:*"])
ARNS = st.sampled_from(["*", "acs:oss:*:*:*", "acs:oss:*:*:b/*", "acs:oss:*:*:${acs:UserName}", "acs:é"])
VALUES = st.lists(st.sampled_from(["true", "10.0.0.0/8", "x*", "é"]), min_size=1, max_size=3)
KEYS = st.dictionaries(st.sampled_from(["acs:SourceIp", "acs:MFAPresent", "k"]), VALUES, min_size=1)
CONDITIONS = st.dictionaries(st.sampled_from(["StringEquals", "Bool", "StringLike"]), KEYS, max_size=2)


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    def one() -> dict[str, Any]:
        drawn = {
            "Effect": draw(st.sampled_from(["Allow", "Deny"])),
            draw(st.sampled_from(["Action", "NotAction"])): draw(st.lists(PATTERNS, min_size=1, max_size=3)),
            draw(st.sampled_from(["Resource", "NotResource"])): draw(st.lists(ARNS, min_size=1, max_size=3)),
        }
        condition = draw(CONDITIONS)
        return {**drawn, "Condition": condition} if condition else drawn

    return form(*(one() for _ in range(draw(st.integers(1, 4)))))


def rewritten(value: Any, chance: random.Random, *, is_list_of_texts: bool = False) -> Any:
    """The same document, said otherwise: shuffled, repeated, one text for a list and a list for one text."""
    if isinstance(value, Mapping):
        items = list(value.items())
        chance.shuffle(items)
        return {
            key: rewritten(item, chance, is_list_of_texts=key not in ("Effect", "Version", "Statement"))
            for key, item in items
        }
    if isinstance(value, list):
        items = [rewritten(item, chance) for item in value]
        items += chance.choices(items, k=chance.randint(0, 2))
        chance.shuffle(items)
        is_one = is_list_of_texts and len(set(items)) == 1
        return items[0] if is_one and chance.random() < 0.5 else items
    return [value] if is_list_of_texts and chance.random() < 0.5 else value


@given(forms(), st.randoms())
def test_the_same_document_written_differently_has_the_same_bytes(
    original: dict[str, Any], chance: Any
) -> None:
    other = rewritten(original, chance)
    canonical = PolicyDocument.from_json(original).to_json()
    assert PolicyDocument.from_json(other).to_json() == canonical
    assert PolicyDocument.from_json(json.dumps(other, indent=2)).to_json() == canonical
    assert terraform_json(other, encoded) == terraform_json(original, encoded)


@given(forms())
def test_the_canonical_form_reads_back_as_itself(original: dict[str, Any]) -> None:
    canonical = PolicyDocument.from_json(original)
    again = PolicyDocument.from_json(canonical.to_json())
    assert again.to_json() == canonical.to_json()
    assert again.to_dict() == canonical.to_dict() == json.loads(canonical.to_json())
    assert PolicyDocument.from_json(again.to_dict()) == again


@given(forms())
def test_the_size_is_that_of_the_canonical_text(original: dict[str, Any]) -> None:
    read = PolicyDocument.from_json(original)
    assert read.size_is_exact
    assert read.size_bytes == len(read.to_json().encode())


@given(forms(), st.randoms(), st.integers(50, 2000))
def test_a_glance_at_the_size_never_misses_a_large_document(form: Any, chance: Any, few: int) -> None:
    said_otherwise = rewritten(form, chance)
    size = size_of(said_otherwise)
    assert size_above(said_otherwise, few) in ({None, size} if size.bytes <= few else {size})


def test_the_longest_growth_of_a_document_is_seen_at_a_glance() -> None:
    short = form({"Action": "", "NotAction": "", "Resource": "", "NotResource": ""})
    assert size_above(short, size_of(short).bytes - 1) == size_of(short)


# -- reading


def test_text_and_dict_read_alike() -> None:
    assert PolicyDocument.from_json(PAGE_EXAMPLE) == PolicyDocument.from_json(json.loads(PAGE_EXAMPLE))


def test_a_byte_order_mark_is_dropped() -> None:
    assert PolicyDocument.from_json(f"\ufeff{PAGE_EXAMPLE}").to_json() == PAGE_EXAMPLE


def test_a_syntax_error_tells_its_line_and_column() -> None:
    (finding,) = refused('{"Version": "1",\n "Statement": [{"Effect": "Allow" "Action": "*"}]}').findings
    assert finding.code == "PV101"
    assert "Line 2, column 35" in finding.hint
    assert '\\"Allow\\" \\"Action\\"' in finding.received


def test_keys_that_are_repeated_are_refused_with_their_place() -> None:
    text = '{"Version":"1","Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}'
    (finding,) = refused(text).findings
    assert (finding.code, finding.path) == ("PV101", "policy_document.Statement[0]")
    assert '"Effect"' in finding.received


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_json_does_not_have_are_refused(constant: str) -> None:
    text = PAGE_EXAMPLE.replace('"Effect"', f'"Condition":{{"NumericEquals":{{"k":{constant}}}}},"Effect"')
    assert codes(text) == ["PV100"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"Version":"1","Statement":[' + "[" * 500 + "]" * 500 + "]}",
        "9" * 5_000,
        "null",
        '"text"',
        "[]",
        '"\\ud800"',
        '{"Version":"1","Statement":"\\ud800"}',
    ],
    ids=lambda text: str(text)[:20],
)
def test_text_that_is_no_document_is_refused_whatever_it_is(text: str) -> None:
    assert set(codes(text)) <= {"PV100", "PV101", "PV102", "PV103", "PV110"}


def test_everything_malformed_is_reported_at_once() -> None:
    wrong = {"Version": "2012-10-17", "Statement": [statement(Effect="allow"), statement(Action=[], Id="x")]}
    assert codes(wrong) == ["PV102", "PV104", "PV105", "PV110"]


def test_what_is_only_undocumented_or_risky_can_be_read() -> None:
    odd = statement(Action="*", NotResource="x", Sid="s", Principal={"RAM": "*"})
    assert document(odd).statements[0].sid == "s"


def test_a_document_that_is_too_large_can_be_read_and_minimised() -> None:
    large = document(*(statement(Action=f"oss:Get{n:04}", Resource="acs:oss:*:*:b/*") for n in range(200)))
    assert large.size_bytes > 6144
    assert large.minimised().size_bytes < 6144


@pytest.mark.parametrize(
    ("unknown", "path"),
    [
        (TEXT_TOKEN, "policy_document"),
        ('${file("policy.json")}', "policy_document"),
        (MAP_TOKEN, "policy_document"),
        (f'{{"Version":"1","Statement":{TEXT_TOKEN}}}', "policy_document"),
        ({"Version": "1", "Statement": [LIST_TOKEN]}, "policy_document.Statement"),
        ({"Version": "1", "Statement": Lazy()}, "policy_document.Statement"),
        (form(statement(), Lazy()), "policy_document.Statement[1]"),
        ({"${var.element}": []}, "policy_document"),
        ({"${var.element}": [], **form(statement())}, "policy_document"),
    ],
    ids=str,
)
def test_statements_that_terraform_will_know_cannot_be_read(unknown: Any, path: str) -> None:
    (finding,) = refused(unknown).findings
    assert (finding.code, finding.path) == ("PV101", path)


def test_a_syntax_error_beside_a_token_is_still_one() -> None:
    (finding,) = refused(f'{{"Version":"{TEXT_TOKEN}" 1}}').findings
    assert "column 34" in finding.hint


@given(st.text() | st.text('{}[]":,$acs%\\ 1-', max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidPropsError):
        PolicyDocument.from_json(text)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["Allow", "1", "*", "oss:Get*", TEXT_TOKEN, LIST_TOKEN, "${acs:x}", "${var.x}", "%{"])
    | st.builds(Lazy)
)
NAMES = (
    st.sampled_from(["Version", "Statement", "Effect", "Action", "NotAction", "Resource", "Condition"])
    | st.sampled_from(["Principal", "Sid", "StringEquals", "Bool", "NotResource", "&{TfToken[TOKEN.5]}"])
    | st.text(max_size=3)
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(ANYTHING | st.builds(form, ANYTHING) | st.builds(form, st.dictionaries(NAMES, ANYTHING, max_size=5)))
def test_any_json_is_read_or_refused(value: Any) -> None:
    with suppress(InvalidPropsError):
        read = PolicyDocument.from_json(value)
        assert read.size_bytes <= len(read.to_json().encode())
        assert read.minimised().size_bytes <= read.size_bytes
        assert terraform_json(read, encoded)


HOSTILE = "\ud800\0\u2028\u202e\n"


def test_a_document_of_any_text_has_a_size_and_a_text() -> None:
    one = PolicyStatement(
        effect=HOSTILE,
        actions=["oss:Get*", HOSTILE],
        resources=HOSTILE,
        conditions={HOSTILE: {HOSTILE: HOSTILE}},
        sid=HOSTILE,
        principal={HOSTILE: HOSTILE},
    )
    for built in (PolicyDocument([one]), PolicyDocument([one]).minimised()):
        assert built.size_bytes == len(built.to_json().encode())
        assert json.loads(built.to_json()) == built.to_dict()
        assert built.size_is_exact
    assert str(refused(PolicyDocument([one]).to_json())).replace("\n", "").isprintable()
    assert str(refused({HOSTILE: HOSTILE})).replace("\n", "").isprintable()


# -- tokens


def test_what_holds_a_token_keeps_its_place_after_the_rest() -> None:
    # The tenth token sorts before the ninth; their order must not depend on how many there were before.
    ninth, tenth = "acs:oss:*:*:${TfToken[TOKEN.9]}", "acs:oss:*:*:${TfToken[TOKEN.10]}"
    written = document(
        statement(Resource=[ninth, "z", tenth, "a", ninth]),
        statement(Action="oss:Put*", Resource=ninth),
        statement(Action="oss:Abort*", Resource=tenth),
        statement(Effect="Deny"),
    ).to_dict()
    assert [statement["Resource"] for statement in written["Statement"]] == [
        ["*"],
        ["a", "z", ninth, tenth],
        [ninth],
        [tenth],
    ]


def test_a_list_token_stays_a_list_also_in_a_condition() -> None:
    written = document(statement(Action=[LIST_TOKEN], Condition={"StringEquals": {"k": [LIST_TOKEN]}}))
    (one,) = written.to_dict()["Statement"]
    assert one["Action"] == [LIST_TOKEN]
    assert one["Condition"] == {"StringEquals": {"k": [LIST_TOKEN]}}


def test_a_resolvable_stands_in_the_text_by_its_own() -> None:
    lazy = Lazy()
    written = PolicyDocument([PolicyStatement(effect="Allow", actions=lazy, resources=["*", lazy, lazy])])
    assert written.to_json() == (
        '{"Statement":[{"Action":"${TfToken[TOKEN.9]}","Effect":"Allow",'
        '"Resource":["*","${TfToken[TOKEN.9]}"]}],"Version":"1"}'
    )


def test_different_resolvables_stay_different() -> None:
    one, other = Lazy(), Lazy()
    written = document(statement(Resource=one), statement(Resource=other), statement(Resource=one))
    assert [each["Resource"] for each in written.to_dict()["Statement"]] == [one, other]


@pytest.mark.parametrize(
    ("resource", "received"),
    [
        ("a-${TfToken[TOKEN.0]}-b", "a--b"),
        ("a-${TfToken[TOKEN.0]}-${TfToken[TOKEN.10]}-b", "a---b"),
        ('a-${join(",", {a = 1})}-b', "a--b"),
        ("a-%{ if true }x%{ endif }-b", "a--b"),
        (Lazy(), ""),
    ],
    ids=str,
)
def test_the_size_counts_what_is_certain_of_an_unknown_text(resource: Any, received: str) -> None:
    unknown = document(statement(Resource=["z", resource]))
    assert not unknown.size_is_exact
    assert unknown.size_bytes == document(statement(Resource=["z", received])).size_bytes


@pytest.mark.parametrize(
    ("resource", "received"),
    [
        ("a-${acs:UserName}", "a-${acs:UserName}"),
        ("a-$${acs:UserName}", "a-${acs:UserName}"),
        ("a-$${x}-%%{y}", "a-${x}-%{y}"),
        ("a-$$${x}", "a-$${x}"),
    ],
)
def test_the_size_counts_what_ram_receives(resource: str, received: str) -> None:
    written = document(statement(Resource=resource))
    frame = document(statement(Resource="")).size_bytes
    assert written.size_is_exact
    assert written.size_bytes == frame + len(received)


def test_a_list_token_and_a_map_token_count_as_nothing() -> None:
    unknown = document(statement(Action=[LIST_TOKEN], Condition=MAP_TOKEN))
    assert not unknown.size_is_exact
    assert unknown.size_bytes <= document(statement(Action=["a"], Condition={"Bool": {"k": "v"}})).size_bytes


# -- for Terraform


def test_a_literal_document_goes_to_terraform_as_canonical_text() -> None:
    assert terraform_json(json.loads(PAGE_EXAMPLE), encoded) == PAGE_EXAMPLE
    assert terraform_json(f"\ufeff {PAGE_EXAMPLE}", encoded) == PAGE_EXAMPLE


def test_policy_variables_are_escaped_once_and_other_expressions_left() -> None:
    resources = ["${acs:a}", "$${acs:b}", "${var.c}", "%{ if d }", "$${e}", "${acs:f}${acs:g}"]
    text = terraform_json(form(statement(Resource=resources, Sid="${acs:h}")), encoded)
    (one,) = json.loads(str(text))["Statement"]
    escaped = {"$${acs:a}", "$${acs:b}", "${var.c}", "%{ if d }", "$${e}", "$${acs:f}$${acs:g}"}
    assert set(one["Resource"]) == escaped
    assert one["Sid"] == "$${acs:h}"


def test_text_tokens_stand_in_the_text() -> None:
    text = terraform_json(form(statement(Resource=f"acs:oss:*:*:{TEXT_TOKEN}/*")), encoded)
    assert f'"Resource":["acs:oss:*:*:{TEXT_TOKEN}/*"]' in str(text)


def test_what_no_text_can_carry_is_encoded_in_its_place() -> None:
    tokens = PolicyDocument(
        [
            PolicyStatement(
                effect=Lazy(),
                actions=[LIST_TOKEN],
                resources=["*", Lazy()],
                conditions={"NumericLessThan": {"k": NUMBER_TOKEN}, "Bool": MAP_TOKEN},  # type: ignore[dict-item]
            )
        ]
    )
    assert terraform_json(tokens, encoded) == (
        '{"Statement":[{"Action":<list>,"Condition":{"Bool":<map>,"NumericLessThan":{"k":"<value>"}},'
        '"Effect":<value>,"Resource":["*",<value>]}],"Version":"1"}'
    )


def test_nothing_is_encoded_without_need() -> None:
    def refuse(value: Any) -> str:
        raise AssertionError(value)

    assert terraform_json(form(statement(Resource=["*", TEXT_TOKEN, "${var.x}"])), refuse)


@pytest.mark.parametrize("unknown", [TEXT_TOKEN, '${file("policy.json")}', Lazy()], ids=str)
def test_a_document_that_terraform_will_know_goes_as_it_is(unknown: Any) -> None:
    assert terraform_json(unknown, encoded) is unknown


def test_a_map_token_is_encoded_as_a_whole() -> None:
    assert terraform_json(MAP_TOKEN, encoded) == "<map>"


def test_text_that_terraform_completes_keeps_its_policy_variables() -> None:
    text = f'{{"Statement":{TEXT_TOKEN},"Sid":"${{acs:x}}"}}'
    assert terraform_json(text, encoded) == f'{{"Statement":{TEXT_TOKEN},"Sid":"$${{acs:x}}"}}'


# -- minimising


def minimal(*statements: Any) -> list[Any]:
    return list(document(*statements).minimised().to_dict()["Statement"])


def test_patterns_that_another_one_covers_are_dropped() -> None:
    actions = ["oss:Get*", "oss:getobject", "OSS:GetBucket?", "oss:Put*", "oss:PutObject"]
    resources = ["acs:oss:*:*:b/*", "acs:oss:*:*:b/x", "acs:oss:*:*:B/x"]
    assert minimal(statement(Action=actions, Resource=resources)) == [
        {
            "Action": ["oss:Get*", "oss:Put*"],
            "Effect": "Allow",
            "Resource": ["acs:oss:*:*:B/x", "acs:oss:*:*:b/*"],
        }
    ]


def test_actions_that_differ_in_case_are_one_and_resources_are_two() -> None:
    (one,) = minimal(statement(Action=["oss:getObject", "oss:GetObject"], Resource=["b", "B"]))
    assert (one["Action"], one["Resource"]) == (["oss:GetObject"], ["B", "b"])


def test_of_patterns_that_cover_each_other_the_shortest_stays() -> None:
    (one,) = minimal(statement(Action=["oss:***", "oss:*", "oss:**"], Resource=["**", "*"]))
    assert (one["Action"], one["Resource"]) == (["oss:*"], ["*"])


def test_covered_patterns_go_from_exceptions_too() -> None:
    (one,) = minimal(
        {"Effect": "Allow", "NotAction": ["ram:*", "ram:Get*"], "NotResource": ["a*", "ab"]},
    )
    assert (one["NotAction"], one["NotResource"]) == (["ram:*"], ["a*"])


def test_statements_that_differ_in_one_list_become_one() -> None:
    assert minimal(
        statement(Action="oss:GetObject", Resource="a"),
        statement(Action="oss:PutObject", Resource="a"),
        statement(Action=["oss:GetObject", "oss:PutObject"], Resource="b"),
    ) == [{"Action": ["oss:GetObject", "oss:PutObject"], "Effect": "Allow", "Resource": ["a", "b"]}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (statement(), statement(Action="oss:Put*", Effect="Deny")),
        (statement(), statement(Action="oss:Put*", Resource="acs:oss:*:*:b")),
        (statement(), statement(Action="oss:Put*", Sid="s")),
        (statement(Sid="s"), statement(Action="oss:Put*", Sid="t")),
        (statement(), statement(Action="oss:Put*", Condition={"Bool": {"acs:MFAPresent": "true"}})),
        (statement(Condition={"Bool": {"k": "true"}}), statement(Condition={"Bool": {"k": "false"}})),
        (statement(), statement(Action="oss:Put*", Principal={"RAM": "*"})),
        (
            {"Effect": "Allow", "NotAction": "a:*", "Resource": "*"},
            {"Effect": "Allow", "NotAction": "b:*", "Resource": "*"},
        ),
        (
            {"Effect": "Allow", "Action": "a:*", "NotResource": "a"},
            {"Effect": "Allow", "Action": "a:*", "NotResource": "b"},
        ),
        ({"Effect": "Allow", "Action": "a:*"}, {"Effect": "Allow", "Action": "a:*", "Resource": "x"}),
        (statement(Resource=[]), statement(Resource=["x"])),
        (statement(Action=[LIST_TOKEN]), statement(Action="oss:Put*")),
        (statement(Resource=Lazy()), statement(Resource=Lazy())),
    ],
    ids=str,
)
def test_statements_that_differ_in_more_stay_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert len(minimal(one, other)) == 2


def test_statements_over_the_same_token_become_one() -> None:
    lazy = Lazy()
    merged = minimal(
        statement(Action="oss:Get*", Resource=[LIST_TOKEN]),
        statement(Action="oss:Put*", Resource=[LIST_TOKEN]),
        statement(Action="ecs:Get*", Resource=lazy),
        statement(Action="ecs:Put*", Resource=lazy),
    )
    assert [(statement["Action"], statement["Resource"]) for statement in merged] == [
        (["oss:Get*", "oss:Put*"], [LIST_TOKEN]),
        (["ecs:Get*", "ecs:Put*"], lazy),
    ]


@pytest.mark.parametrize("opaque", [TEXT_TOKEN, "a-${acs:UserName}", "a-${var.x}", Lazy()], ids=str)
def test_what_is_unknown_is_neither_covered_nor_covers(opaque: Any) -> None:
    (one,) = minimal(statement(Resource=["a*", opaque, "a-b"]))
    assert one["Resource"] == ["a*", opaque] or one["Resource"] == [opaque, "a*"]


LETTERS = "aAb"
GLOBS = st.text("aAb*?", min_size=1, max_size=4) | st.sampled_from(["*", "**", "a*", "A**"])
TEXTS = ["".join(text) for length in range(6) for text in product(LETTERS, repeat=length)]
LOWER_CASE = [text for text in TEXTS if text == text.lower()]


@cache
def matches(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return matches(pattern[1:], text) or (text != "" and matches(pattern, text[1:]))
    return text != "" and pattern[0] in ("?", text[0]) and matches(pattern[1:], text[1:])


@cache
def mask(pattern: str, *, of_action: bool) -> int:
    """The texts that a pattern matches, a bit for each."""
    texts = LOWER_CASE if of_action else TEXTS
    pattern = pattern.lower() if of_action else pattern
    return sum(1 << index for index, text in enumerate(texts) if matches(pattern, text))


def union(statement: Mapping[str, Any], element: str, *, of_action: bool) -> int:
    found = 0
    for pattern in statement.get(element, []):
        found |= mask(pattern, of_action=of_action)
    return found


def verdicts(document: PolicyDocument, holding: frozenset[str]) -> dict[str, list[int]]:
    """For each effect and each action the resources for which a statement of that effect applies."""
    applies: dict[str, list[int]] = {effect: [0] * len(LOWER_CASE) for effect in Effect}
    for statement in document.to_dict()["Statement"]:
        if "Condition" in statement and json.dumps(statement["Condition"]) not in holding:
            continue
        actions = union(statement, "Action", of_action=True)
        if "NotAction" in statement:
            actions = ~union(statement, "NotAction", of_action=True)
        resources = union(statement, "Resource", of_action=False)
        if "NotResource" in statement:
            resources = ~union(statement, "NotResource", of_action=False) & ((1 << len(TEXTS)) - 1)
        for index in range(len(LOWER_CASE)):
            if actions >> index & 1:
                applies[statement["Effect"]][index] |= resources
    return applies


ATOMS = [{"Bool": {"acs:MFAPresent": "true"}}, {"StringEquals": {"k": "v"}}]
HOLDING = [frozenset(map(json.dumps, atoms)) for atoms in ([], ATOMS[:1], ATOMS[1:], ATOMS)]


@st.composite
def globbed_documents(draw: st.DrawFn) -> PolicyDocument:
    # Few lists, so that statements often share one.
    lists = draw(st.lists(st.lists(GLOBS, min_size=1, max_size=3), min_size=1, max_size=3))
    one_list = st.sampled_from(lists)
    statements = []
    for _ in range(draw(st.integers(1, 5))):
        one: dict[str, Any] = {
            "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
            draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(one_list),
            draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(one_list),
        }
        if condition := draw(st.sampled_from([None, None, *ATOMS])):
            one["Condition"] = condition
        statements.append(one)
    return document(*statements)


@thoroughly
@given(globbed_documents())
def test_the_minimised_document_means_the_same_and_is_never_longer(original: PolicyDocument) -> None:
    smaller = original.minimised()
    for holding in HOLDING:
        assert verdicts(smaller, holding) == verdicts(original, holding)
    assert smaller.size_bytes <= original.size_bytes
    assert smaller.minimised() == smaller
    assert len(smaller.to_json()) == smaller.size_bytes


@given(globbed_documents(), st.randoms())
def test_the_minimised_document_does_not_depend_on_the_order(original: PolicyDocument, chance: Any) -> None:
    shuffled = list(original.statements)
    chance.shuffle(shuffled)
    assert PolicyDocument(shuffled).minimised() == original.minimised()
