"""Each finding code: reported where it should be, with its place, and silent where it should be."""

from __future__ import annotations

import copy
import datetime
import decimal
import json
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from constructs_lib import Effect, PolicyDocument, PolicyStatement, RotateStrategy
from constructs_lib.findings import Finding, Severity
from constructs_lib.ram.checks import CHECKS, check_policy_version
from constructs_lib.ram.condition_checks import OPERATORS
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.resource_types import ALICLOUD
from constructs_lib.tokens import Deferred, Literal
from tests.properties import examples

TEXT_TOKEN = "${TfToken[TOKEN.0]}"
LIST_TOKEN = ["#{TfToken[TOKEN.2]}"]
MAP_TOKEN = {"&{TfToken[TOKEN.5]}": "String Map Token Value"}
NUMBER_TOKEN = -8.10956221259138e298
thoroughly = examples(400)
ROTATE = RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED
FIRST = "policy_document.Statement[0]"


class Lazy:
    """What a CDKTF `IResolvable` looks like from Python."""

    def __repr__(self) -> str:  # the names of tests must not change from run to run
        return "Lazy()"

    def resolve(self, context: Any) -> Any:
        raise AssertionError("a check must not resolve a token")

    def to_string(self) -> str:
        raise AssertionError("a check must not call Node")


def statement(**elements: Any) -> dict[str, Any]:
    given = {"Effect": "Allow", "Action": "oss:Get*", "Resource": "acs:oss:*:*:b/*", **elements}
    return {element: value for element, value in given.items() if value is not ...}


def form(*statements: Any, **elements: Any) -> dict[str, Any]:
    return {"Version": "1", "Statement": list(statements), **elements}


def version(document: Any, **props: Any) -> PolicyVersionProps:
    return PolicyVersionProps(
        **{"policy_name": "OSS-Reader", "policy_document": document, "rotate_strategy": ROTATE, **props}
    )


def of(*statements: Any) -> PolicyVersionProps:
    return version(form(*statements))


def findings(props: PolicyVersionProps, code: str) -> list[Finding]:
    return [finding for finding in check_policy_version(props) if finding.code == code]


def places(props: PolicyVersionProps, code: str) -> list[str]:
    return [finding.path for finding in findings(props, code)]


def hint(props: PolicyVersionProps, code: str) -> str:
    (finding,) = findings(props, code)
    return finding.hint


def silent(props: PolicyVersionProps) -> bool:
    return check_policy_version(props) == []


def test_the_codes_are_unique_and_in_order() -> None:
    codes = [rule.code for rule in CHECKS]
    assert codes == sorted(set(codes))


def test_every_check_says_why_it_exists_and_where_that_stands() -> None:
    assert all(rule.title and rule.source and len(rule.explanation) > 30 for rule in CHECKS)


def test_a_document_that_is_fine_has_no_findings_in_any_form() -> None:
    document = PolicyDocument(
        [
            PolicyStatement(
                effect=Effect.ALLOW,
                actions=["oss:Get*", "*:Describe?"],
                resources=["acs:oss:*:*:b/*", "acs:ram::123:role/x"],
                conditions={"Bool": {"acs:SecureTransport": "true"}, "StringLike": {"acs:k": ["a*", "b"]}},
            ),
            PolicyStatement(effect=Effect.DENY, not_actions=["ram:*", "oss:*"], resources="*"),
        ]
    )
    assert silent(version(document))
    assert silent(version(document.to_dict()))
    assert silent(version(document.to_json()))
    assert silent(version(document, set_as_default=True))


def test_a_document_is_judged_alike_in_any_form() -> None:
    wrong = PolicyDocument(
        [
            PolicyStatement(effect="allow", actions=["GetObject"], resources=["b"], sid="s"),
            PolicyStatement(effect="Allow", conditions={"Null": {"acs:k": "v"}}),
        ]
    )
    seen = [str(finding) for finding in check_policy_version(version(wrong))]
    assert len(seen) == 7
    assert [str(finding) for finding in check_policy_version(version(json.dumps(wrong.as_written())))] == seen
    assert [str(finding) for finding in check_policy_version(version(wrong.as_written()))] == seen


def test_all_findings_are_reported_at_once() -> None:
    wrong = version({"Version": 1, "Statement": []}, policy_name="a b", rotate_strategy="x", set_as_default=1)
    codes = [finding.code for finding in check_policy_version(wrong)]
    assert codes == ["PV100", "PV102", "PV103", "PV107", "PV108"]


def test_a_finding_tells_place_value_allowed_and_next_step() -> None:
    (finding,) = check_policy_version(of(statement(), statement(Effect="allow")))
    assert finding.path == "policy_document.Statement[1].Effect"
    assert finding.received == '"allow"'
    assert finding.allowed == '"Allow" or "Deny"'
    assert finding.hint == 'Did you mean "Allow"?'
    assert finding.severity is Severity.ERROR


# -- tokens


@pytest.mark.parametrize(
    "token", [TEXT_TOKEN, f"a{TEXT_TOKEN}", LIST_TOKEN, MAP_TOKEN, NUMBER_TOKEN, Lazy()], ids=str
)
@pytest.mark.parametrize(
    "place",
    [
        lambda token: version(token.removeprefix("a") if isinstance(token, str) else token),
        lambda token: version({"Version": token, "Statement": [statement()]}),
        lambda token: version({"Version": "1", "Statement": token}),
        lambda token: of(token, statement()),
        lambda token: of(statement(Effect=token)),
        lambda token: of(statement(Action=token)),
        lambda token: of(statement(Action=["oss:Put*", token] if token != LIST_TOKEN else token)),
        lambda token: of(statement(Effect="Deny", Action=..., NotAction=token)),
        lambda token: of(statement(Resource=token)),
        lambda token: of(statement(Condition=token)),
        lambda token: of(statement(Condition={"Bool": token})),
        lambda token: of(statement(Condition={"Bool": {"acs:k": token}})),
        lambda token: of(statement(Condition={"StringLike": {"acs:k": ["v", token]}})),
        lambda token: version(form(statement()), policy_name=token),
        lambda token: version(form(statement()), set_as_default=token),
        lambda token: version(form(statement()), rotate_strategy=token),
    ],
)
def test_what_terraform_will_know_is_stepped_over(place: Any, token: Any) -> None:
    assert silent(place(token))


def test_keys_that_terraform_will_know_are_stepped_over() -> None:
    assert silent(of(statement(Condition={TEXT_TOKEN: {f"acs:ResourceTag/{TEXT_TOKEN}": "v"}})))
    assert silent(of({TEXT_TOKEN: "Allow", "Resource": "*"}))


def test_what_depends_on_an_unknown_value_is_stepped_over() -> None:
    assert silent(of(statement(Effect=TEXT_TOKEN, Action="*", Resource="*")))
    assert silent(of(statement(Effect=Lazy(), Action=..., NotAction="ram:*")))
    assert silent(of(statement(Action=LIST_TOKEN, Resource="*")))


def test_text_that_terraform_completes_is_stepped_over() -> None:
    assert silent(version(f'{{"Version":"2","Statement":{TEXT_TOKEN}}}'))


def test_text_with_tokens_inside_is_judged_beside_them() -> None:
    text = json.dumps(form(statement(Effect="allow", Resource=f"acs:oss:*:*:{TEXT_TOKEN}")))
    assert [finding.code for finding in check_policy_version(version(text))] == ["PV104"]


def test_a_policy_variable_is_known_text() -> None:
    (finding,) = check_policy_version(of(statement(Resource="acs:oss:*:*:home/${acs:UserName}/*")))
    assert (finding.code, finding.received) == ("PV210", '"acs:oss:*:*:home/${acs:UserName}/*"')
    assert "${acs:UserName}" in finding.allowed
    wrong = of(statement(Resource="home/${acs:UserName}"))
    assert [(each.code, each.received) for each in check_policy_version(wrong)] == [
        ("PV203", '"home/${acs:UserName}"'),
        ("PV210", '"home/${acs:UserName}"'),
    ]


# -- PV100


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("policy_name", None),
        ("policy_name", 7),
        ("policy_document", None),
        ("policy_document", 7),
        ("policy_document", [form(statement())]),
        ("policy_document", b"{}"),
        ("set_as_default", "true"),
        ("set_as_default", 1),
        ("rotate_strategy", True),
    ],
)
def test_a_prop_of_another_type_is_reported(name: str, value: Any) -> None:
    props = evolve(version(form(statement())), **{name: value})
    assert [(finding.code, finding.path) for finding in check_policy_version(props)] == [("PV100", name)]


def circular() -> Any:
    value: dict[str, Any] = {}
    value["a"] = value["b"] = value
    return value


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**53 + 1,
        decimal.Decimal(1),
        datetime.date(2026, 1, 1),
        {"oss:Get*"},
        b"oss",
        1j,
        "\ud800",
        "#{TfToken[TOKEN.2]}",
        "a-&{TfToken[TOKEN.5]}",
    ],
    ids=repr,
)
@pytest.mark.parametrize("element", ["Action", "Resource", "Sid", "Principal", "Effect", "Condition"])
def test_what_terraform_cannot_carry_is_reported_once_wherever_it_stands(element: str, value: Any) -> None:
    wrong = of(statement(**{element: value}))
    if element in ("Sid", "Principal"):
        wrong = of(statement(**{element: {"RAM": value}} if element == "Principal" else {element: value}))
    reported = [
        finding for finding in check_policy_version(wrong) if finding.path.startswith(f"{FIRST}.{element}")
    ]
    assert [finding.code for finding in reported if finding.code != "PV206"] == ["PV100"]


def test_a_list_token_among_other_items_is_reported() -> None:
    wrong = of(statement(Action=["oss:Put*", *LIST_TOKEN]))
    assert places(wrong, "PV100") == [f"{FIRST}.Action[1]"]
    assert "Fn.concat" in hint(wrong, "PV100")


def test_a_map_token_among_other_keys_is_reported() -> None:
    assert places(of(statement(Condition={**MAP_TOKEN, "Bool": {"acs:k": "true"}})), "PV100")


@pytest.mark.parametrize("key", [7, None, ("a",), 1.5])
def test_a_key_that_is_no_text_is_reported(key: Any) -> None:
    assert places(of(statement(Condition={"Bool": {key: "true"}})), "PV100") == [
        f"{FIRST}.Condition.Bool.{key}"
    ]


@pytest.mark.parametrize(
    ("elements", "place"),
    [
        ({"Action": 7}, "Action"),
        ({"Action": None}, "Action"),
        ({"Action": {"a": "b"}}, "Action"),
        ({"Action": ["oss:Get*", True]}, "Action[1]"),
        ({"Resource": ["*", None]}, "Resource[1]"),
        ({"Resource": [["*"]]}, "Resource[0]"),
        ({"Sid": 1}, "Sid"),
    ],
)
def test_something_else_than_text_is_reported(elements: Any, place: str) -> None:
    assert places(of(statement(**elements)), "PV100") == [f"{FIRST}.{place}"]


@pytest.mark.parametrize(
    ("principal", "place"),
    [
        (7, ""),
        (["a"], ""),
        ({"RAM": True}, ".RAM"),
        ({"RAM": ["a", 1.5]}, ".RAM[1]"),
        ({"RAM": None}, ".RAM"),
    ],
)
def test_a_principal_of_something_else_than_text_is_reported(principal: Any, place: str) -> None:
    assert places(of(statement(Principal=principal)), "PV100") == [f"{FIRST}.Principal{place}"]


@pytest.mark.parametrize("value", [None, "x", 7, ["a"], {"a"}, 1j], ids=repr)
def test_a_statement_that_is_no_object_is_reported(value: Any) -> None:
    assert places(of(statement(), value), "PV100") == ["policy_document.Statement[1]"]


@pytest.mark.parametrize("text", ["[]", "7", "null", '"a"'])
def test_json_that_is_no_object_is_reported(text: str) -> None:
    assert places(version(text), "PV100") == ["policy_document"]


@pytest.mark.parametrize(
    "deep",
    [circular(), of(circular()).policy_document, '{"a":' * 400 + "1" + "}" * 400, "[" * 600 + "]" * 600],
    ids=["circle", "circle in a statement", "deep object", "deep list"],
)
def test_a_document_without_end_is_reported(deep: Any) -> None:
    (finding,) = check_policy_version(version(deep))
    assert finding.code == "PV100"
    assert "32 levels" in finding.allowed


def test_a_policy_document_of_something_else_has_no_statements() -> None:
    others: tuple[Any, ...] = ("text", 7, form(statement()))
    for other in others:
        assert places(version(PolicyDocument(other)), "PV103") == ["policy_document.Statement"]


# -- PV101


def test_text_that_is_no_json_is_reported_with_line_and_column() -> None:
    wrong = version('{"Version": "1",\n"Statement": }')
    assert places(wrong, "PV101") == ["policy_document"]
    assert hint(wrong, "PV101") == "Line 2, column 14: Expecting value."


def test_a_syntax_error_beside_a_token_is_reported() -> None:
    assert places(version(f'{{"Version": "{TEXT_TOKEN}", }}'), "PV101") == ["policy_document"]


def test_keys_that_are_repeated_are_reported_each() -> None:
    text = (
        '{"Version":"1","Version":"1","Statement":[{"Effect":"Deny","Condition":{"Bool":{"k":"1","k":"2"}}}]}'
    )
    assert places(version(text), "PV101") == ["policy_document", f"{FIRST}.Condition.Bool"]


# -- PV102


@pytest.mark.parametrize("other", ["2", 1, None, "2012-10-17", "", ["1"]])
def test_another_version_of_the_language_is_reported(other: Any) -> None:
    assert places(version({"Version": other, "Statement": [statement()]}), "PV102") == [
        "policy_document.Version"
    ]


def test_a_missing_version_is_reported() -> None:
    assert places(version({"Statement": [statement()]}), "PV102") == ["policy_document.Version"]


# -- PV103


@pytest.mark.parametrize("statements", [[], (), None, "x", 7, statement()], ids=repr)
def test_a_document_without_a_list_of_statements_is_reported(statements: Any) -> None:
    assert places(version({"Version": "1", "Statement": statements}), "PV103") == [
        "policy_document.Statement"
    ]


def test_missing_statements_are_reported() -> None:
    assert places(version({"Version": "1"}), "PV103") == ["policy_document.Statement"]


def test_a_statement_alone_is_to_be_put_into_a_list() -> None:
    assert "[ ]" in hint(version({"Version": "1", "Statement": statement()}), "PV103")


# -- PV104


@pytest.mark.parametrize("effect", ["allow", "ALLOW", "Permit", "", None, True, ["Allow"]])
def test_an_unknown_effect_is_reported(effect: Any) -> None:
    assert places(of(statement(Effect=effect)), "PV104") == [f"{FIRST}.Effect"]


def test_a_missing_effect_is_reported() -> None:
    assert places(of(statement(Effect=...)), "PV104") == [f"{FIRST}.Effect"]


# -- PV105


def test_a_statement_without_actions_is_reported() -> None:
    assert places(of(statement(Action=...)), "PV105") == [FIRST]


def test_a_statement_with_actions_and_exceptions_is_reported() -> None:
    assert places(of(statement(NotAction="ram:*")), "PV105") == [FIRST]


@pytest.mark.parametrize("empty", [[], (), ""])
@pytest.mark.parametrize("element", ["Action", "NotAction"])
def test_an_empty_list_of_actions_is_reported(element: str, empty: Any) -> None:
    wrong = statement(**{"Effect": "Deny", "Action": ..., element: empty})
    assert places(of(wrong), "PV105") == [f"{FIRST}.{element}"]


# -- PV106 and PV303


def sized(size: int) -> dict[str, Any]:
    """A document of so many bytes."""
    frame = PolicyDocument.from_json(form(statement(Resource="acs:oss:*:*:"))).size_bytes
    return form(statement(Resource=["acs:oss:*:*:" + "b" * (size - frame)]))


@pytest.mark.parametrize(
    ("size", "codes"),
    [(5529, []), (5530, ["PV303"]), (6144, ["PV303"]), (6145, ["PV106"])],
)
def test_the_size_is_judged_to_the_byte(size: int, codes: list[str]) -> None:
    document = sized(size)
    assert PolicyDocument.from_json(document).size_bytes == size
    reported = check_policy_version(version(document))
    assert [finding.code for finding in reported] == codes
    assert all(finding.received == f"{size:,} bytes" for finding in reported)


def test_a_document_that_is_too_large_tells_its_biggest_statements() -> None:
    small = statement(Effect="Deny")
    medium = statement(Resource=[f"acs:oss:*:*:{'m' * 2_000}"])
    large = statement(Resource=[f"acs:oss:*:*:{'l' * 4_000}"])
    returned = hint(of(small, medium, large), "PV106")
    assert "minimised()" in returned
    assert (
        returned.index("Statement[2] (4,0")
        < returned.index("Statement[1] (2,0")
        < returned.index("Statement[0] (")
    )


def test_a_large_document_without_statements_is_reported_too() -> None:
    assert places(version({"Version": "1", "Id": "x" * 7_000}), "PV106") == ["policy_document"]
    assert places(version({"Version": "1", "Statement": LIST_TOKEN, "Id": "x" * 7_000}), "PV106")


def test_white_space_order_and_repetition_do_not_count() -> None:
    document = sized(5529)
    document["Statement"] *= 3
    returned = check_policy_version(version(json.dumps(document, indent=8)))
    assert [finding.code for finding in returned] == ["PV306", "PV306"]


def test_the_bytes_that_are_certain_are_judged_beside_a_token() -> None:
    document = sized(6145)
    document["Statement"][0]["Resource"].append(TEXT_TOKEN)
    (finding,) = findings(version(document), "PV106")
    assert finding.received.startswith("at least 6,1")


# -- PV107


@pytest.mark.parametrize("name", ["", "a b", "a_b", "a/b", "ü", "a" * 129, "a\n", "策略"])
def test_a_malformed_name_is_reported(name: str) -> None:
    assert places(version(form(statement()), policy_name=name), "PV107") == ["policy_name"]


@pytest.mark.parametrize("name", ["a", "A-1", "-", "a" * 128])
def test_a_name_of_letters_digits_and_hyphens_is_fine(name: str) -> None:
    assert silent(version(form(statement()), policy_name=name))


def test_a_name_close_to_the_wrong_one_is_suggested() -> None:
    assert '"oss-reader-2"' in hint(version(form(statement()), policy_name="oss_reader 2!"), "PV107")


# -- PV108


@pytest.mark.parametrize("strategy", ["none", "DeleteOldest", "DELETE_OLDEST"])
def test_an_unknown_rotate_strategy_is_reported(strategy: str) -> None:
    assert places(version(form(statement()), rotate_strategy=strategy), "PV108") == ["rotate_strategy"]


def test_the_texts_of_the_rotate_strategies_are_fine() -> None:
    for strategy in ("None", ""):
        assert places(version(form(statement()), rotate_strategy=strategy), "PV108") == []
    assert silent(version(form(statement()), rotate_strategy=str(ROTATE)))


# -- PV110


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("Actions", "Action"), ("action", "Action"), ("notaction", "NotAction"), ("Conditions", "Condition")],
)
def test_a_misspelt_element_is_reported_once_with_the_right_one(misspelt: str, meant: str) -> None:
    right = {"Effect": "Deny", "NotAction" if meant == "NotAction" else "Action": "oss:Get*", "Resource": "*"}
    right["Condition"] = {"Bool": {"acs:k": "true"}}  # type: ignore[assignment]
    wrong = {misspelt if element == meant else element: value for element, value in right.items()}
    (finding,) = check_policy_version(of(wrong))
    assert (finding.code, finding.path) == ("PV110", f"{FIRST}.{misspelt}")
    assert finding.hint == f"Did you mean {meant}?"


@pytest.mark.parametrize("misspelt", ["effect", "Effects", "resource", "Resources", "NotResources"])
def test_a_misspelt_element_is_not_missing_too(misspelt: str) -> None:
    meant = "Effect" if "ffect" in misspelt else "Resource"
    wrong = statement(**{meant: ..., misspelt: "Allow"})
    assert [finding.code for finding in check_policy_version(of(wrong))] == ["PV110"]


def test_misspelt_elements_of_the_document_are_reported() -> None:
    wrong = version({"version": "1", "Statements": [statement()]})
    assert [(finding.code, finding.path) for finding in check_policy_version(wrong)] == [
        ("PV110", "policy_document.version"),
        ("PV110", "policy_document.Statements"),
    ]


@pytest.mark.parametrize("foreign", ["NotPrincipal", "Id", "Comment"])
def test_an_element_of_another_grammar_is_reported_without_a_guess(foreign: str) -> None:
    assert hint(version(form(statement(), **{foreign: "x"})), "PV110") == "Drop it."
    assert places(of(statement(**{foreign: "x"})), "PV110") == [f"{FIRST}.{foreign}"]


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ("x", ""),
        ([], ""),
        (None, ""),
        ({"Bool": "true"}, ".Bool"),
        ({"Bool": {}}, ".Bool"),
        ({"Bool": {"acs:MFAPresent": True}}, ".Bool.acs:MFAPresent"),
        ({"NumericEquals": {"k": 7}}, ".NumericEquals.k"),
        ({"StringLike": {"k": None}}, ".StringLike.k"),
        ({"StringLike": {"k": {"v": "w"}}}, ".StringLike.k"),
        ({"StringLike": {"k": []}}, ".StringLike.k"),
        ({"StringLike": {"k": ["v", 7.5]}}, ".StringLike.k[1]"),
    ],
)
def test_a_malformed_condition_is_reported(condition: Any, place: str) -> None:
    assert places(of(statement(Condition=condition)), "PV110") == [f"{FIRST}.Condition{place}"]


def test_the_text_of_a_boolean_is_suggested() -> None:
    wrong = of(statement(Condition={"Bool": {"acs:MFAPresent": True}}))
    assert hint(wrong, "PV110") == 'Write "true".'


def test_an_empty_condition_is_fine() -> None:
    assert silent(of(statement(Condition={})))


# -- PV201


@pytest.mark.parametrize("empty", [[], (), ""])
def test_an_empty_resource_is_reported(empty: Any) -> None:
    assert places(of(statement(Resource=empty)), "PV201") == [f"{FIRST}.Resource"]


def test_a_missing_resource_is_reported() -> None:
    assert places(of(statement(Resource=...)), "PV201") == [f"{FIRST}.Resource"]


def test_exceptions_are_resources_too() -> None:
    assert places(of(statement(Resource=..., NotResource="*")), "PV201") == []


# -- PV202


@pytest.mark.parametrize(
    "action", ["GetObject", "oss.GetObject", "oss:", ":Get", "oss: Get", "acs:oss:Get", "**", "oss:Get\n"]
)
@pytest.mark.parametrize("element", ["Action", "NotAction"])
def test_a_malformed_action_is_reported(element: str, action: str) -> None:
    wrong = statement(**{"Effect": "Deny", "Action": ..., element: ["oss:Get*", action]})
    assert places(of(wrong), "PV202") == [f"{FIRST}.{element}[1]"]


@pytest.mark.parametrize("action", ["*", "oss:*", "*:Describe*", "ecs-workbench:Login?nstance", "log:get*"])
def test_a_service_and_a_name_are_an_action(action: str) -> None:
    assert silent(of(statement(Action=action)))


# -- PV203


@pytest.mark.parametrize(
    "resource",
    ["b", "arn:aws:s3:::b", "acs:oss:*", "acs:oss:*:*", "acs:oss:*:*:", "acs::*:*:b", "ACS:oss:*:*:b", "**"],
)
@pytest.mark.parametrize("element", ["Resource", "NotResource"])
def test_a_resource_that_is_no_arn_is_reported(element: str, resource: str) -> None:
    assert places(of(statement(**{"Resource": ..., element: resource})), "PV203") == [f"{FIRST}.{element}"]


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "acs:oss:*:*:*",
        "acs:ram::123:role/x",
        "acs:ram:*:123:system:policy/A",
        "acs:oss:::b",
        "acs:*:*:*:*",
    ],
)
def test_an_arn_of_five_parts_is_fine(resource: str) -> None:
    assert silent(of(statement(Resource=resource)))


# -- PV204


@pytest.mark.parametrize(
    ("operator", "returned"),
    [
        ("stringlike", "Did you mean StringLike?"),
        ("StringEqual", "Did you mean StringEquals?"),
        ("StringEqualsIfExists", "IfExists"),
        ("Null", "Null"),
        ("ForAllValues:StringLike", "ForAllValues"),
        ("Matches", "Use one of StringEquals"),
    ],
)
def test_an_operator_that_ram_does_not_document_is_reported(operator: str, returned: str) -> None:
    wrong = of(statement(Condition={operator: {"acs:k": "v"}}))
    assert places(wrong, "PV204") == [f"{FIRST}.Condition.{operator}"]
    assert returned in hint(wrong, "PV204")


def test_a_boolean_compared_with_two_values_is_reported() -> None:
    wrong = of(statement(Condition={"Bool": {"acs:k": ["true", "false"]}}))
    assert places(wrong, "PV204") == [f"{FIRST}.Condition.Bool.acs:k"]


@pytest.mark.parametrize("operator", OPERATORS)
def test_the_operators_of_ram_are_fine(operator: str) -> None:
    kinds = {"Bool": "true", "Numeric": "10", "Date": "2026-11-30T23:59:59Z", "Ip": "10.0.0.0/8"}
    name = operator.removeprefix("Not")
    value = next((value for kind, value in kinds.items() if name.startswith(kind)), "v")
    assert silent(of(statement(Condition={operator: {"acs:k": [value]}})))


# -- PV205, PV206, PV207


@pytest.mark.parametrize(
    ("code", "elements"),
    [
        ("PV205", {"Resource": ..., "NotResource": "*"}),
        ("PV206", {"Principal": {"RAM": "*"}}),
        ("PV207", {"Sid": "s"}),
    ],
)
def test_an_element_without_a_documented_meaning_is_reported(code: str, elements: dict[str, Any]) -> None:
    (finding,) = check_policy_version(of(statement(**elements)))
    assert finding.code == code
    assert silent(of(statement()))


# -- PV301


@pytest.mark.parametrize("action", ["*", "**", "*:*", "**:*"])
@pytest.mark.parametrize("resource", ["*", "**", "acs:*", "acs:*:*", "acs:*:*:*:*", "a*", "*:*"])
def test_an_allow_of_everything_on_everything_is_reported(action: str, resource: str) -> None:
    everything = statement(Action=["oss:Get*", action], Resource=[resource])
    assert places(of(everything), "PV301") == [FIRST]
    with_condition = {**everything, "Condition": {"Bool": {"acs:MFAPresent": "true"}}}
    assert places(of(with_condition), "PV301") == [FIRST]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("oss:*", "*"),
        ("*:Get*", "*"),
        ("*:", "*"),
        (":", "*"),
        ("*", "acs:oss:*:*:*"),
        ("*", "acs:*:*:*:*:*"),
        ("*", "acs:*:cn-hangzhou:*:*"),
        ("*", "?"),
        ("*", ["acs:a*", "acs:b*"]),
    ],
)
def test_an_allow_of_less_is_fine(action: str, resource: Any) -> None:
    assert places(of(statement(Action=action, Resource=resource)), "PV301") == []


def test_a_deny_of_everything_is_fine() -> None:
    assert silent(of(statement(Effect="Deny", Action="*", Resource="*")))


# -- PV302


def test_an_allow_by_exception_is_reported() -> None:
    assert places(of(statement(Action=..., NotAction="ram:*")), "PV302") == [f"{FIRST}.NotAction"]
    assert silent(of(statement(Effect="Deny", Action=..., NotAction="ram:*")))


# -- PV304


@pytest.mark.parametrize("strategy", [None, "None", RotateStrategy.NONE])
def test_a_policy_that_never_rotates_is_reported(strategy: Any) -> None:
    props = version(form(statement()), rotate_strategy=strategy, set_as_default=True)
    assert check_policy_version(props) == []  # our provider counts the versions
    (finding,) = check_policy_version(props, ALICLOUD.checks)
    assert (finding.code, finding.severity) == ("PV304", Severity.WARNING)


# -- PV305


@pytest.mark.parametrize("text", ["${var.x}", "acs:oss:*:*:${aws:username}", "%{ if true }x%{ endif }"])
def test_an_expression_that_someone_wrote_is_reported(text: str) -> None:
    (finding,) = check_policy_version(of(statement(Resource=text)))
    assert (finding.code, finding.path) == ("PV305", f"{FIRST}.Resource")
    assert finding.received == json.dumps(text)


def test_a_document_that_is_an_expression_is_reported() -> None:
    assert places(version('${file("policy.json")}'), "PV305") == ["policy_document"]


@pytest.mark.parametrize("text", ["acs:oss:*:*:$${x}", "acs:oss:*:*:%%{x}", TEXT_TOKEN])
def test_escapes_and_tokens_are_fine(text: str) -> None:
    assert silent(of(statement(Resource=text)))


# -- PV306


def test_what_changes_nothing_is_reported_in_its_place() -> None:
    returned = of(
        statement(Action=["oss:Get*", "oss:GetObject"], Resource=["acs:oss:*:*:b/*", "acs:oss:*:*:c"]),
        statement(Action="oss:getobject", Resource="acs:oss:*:*:b/x", Condition={"Bool": {"acs:k": "true"}}),
        statement(Effect="Deny", Action=["ram:*", "ram:Create*"], Resource="*"),
    )
    assert [(finding.path, finding.received) for finding in findings(returned, "PV306")] == [
        (f"{FIRST}.Action[1]", '"oss:GetObject"'),
        ("policy_document.Statement[1]", "a statement that changes nothing"),
        ("policy_document.Statement[2].Action[1]", '"ram:Create*"'),
    ]


@pytest.mark.parametrize(
    "statements",
    [
        [statement(Effect="Deny", Action="ram:*")],
        [statement(Action="oss:*"), statement(Action="oss:Get*", Resource="acs:oss:*:*:c/*")],
        [statement(Resource=["acs:oss:*:*:b", "acs:oss:*:*:b/*"])],
        [statement(Condition={"Bool": {"acs:k": "true"}}), statement(Condition={"Bool": {"acs:k": "false"}})],
        [statement(Action="oss:*"), statement(Effect="Deny", Action="oss:Delete*")],
        [statement(Resource=TEXT_TOKEN), statement(Resource=LIST_TOKEN), statement(Resource="acs:oss:*:*:c")],
        [statement(Resource=[TEXT_TOKEN, "acs:oss:*:*:c"])],
    ],
    ids=str,
)
def test_what_is_needed_is_not_reported(statements: list[Any]) -> None:
    assert silent(of(*statements))


def test_a_statement_that_never_applies_is_reported() -> None:
    never = {"NumericLessThan": {"k": "1"}, "NumericGreaterThan": {"k": "2"}}
    assert places(of(statement(), statement(Action="ecs:*", Condition=never)), "PV306") == [
        "policy_document.Statement[1]"
    ]


@pytest.mark.parametrize(
    "text", ["${var.x}", "$${var.x}", "%%{x}", "${TfToken[TOKEN.0]}", "#{TfToken[TOKEN.2]}${x}"]
)
def test_an_expression_that_is_left_over_in_a_final_text_is_reported_as_it_stands(text: str) -> None:
    final = Literal(json.dumps(form(statement(Resource=["*", f"acs:oss:*:*:{text}"]))))
    (finding,) = findings(version(final), "PV305")
    assert finding.path == f"{FIRST}.Resource[1]"
    assert finding.received == f'"acs:oss:*:*:{text}"'
    assert "templatefile" in finding.hint


def test_a_final_text_has_no_tokens() -> None:
    final = json.dumps(form(statement(Action=LIST_TOKEN, Condition=MAP_TOKEN, Sid=7)))
    assert [each.code for each in check_policy_version(version(Literal(final)))] == [
        *("PV100", "PV110", "PV202", "PV204", "PV207")
    ]
    number = json.dumps(form(statement(Condition={"NumericEquals": {"acs:k": NUMBER_TOKEN}})))
    (finding,) = check_policy_version(version(Literal(number)))
    assert (finding.code, finding.received) == ("PV100", repr(NUMBER_TOKEN))


def test_a_final_text_that_is_no_json_is_no_expression() -> None:
    assert places(version(Literal("${var.x}")), "PV101") == ["policy_document"]
    assert places(version(Deferred("known after apply")), "PV101") == []


def test_the_same_token_twice_is_once_too_often() -> None:
    assert places(of(statement(Resource=[TEXT_TOKEN, TEXT_TOKEN])), "PV306") == [f"{FIRST}.Resource[1]"]


# -- whatever it is


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.binary(max_size=2)
    | st.sampled_from(["Allow", "*", "oss:Get*", "${var.x}", "%{", "\ud800", "&{TfToken[", "#{TfToken["])
    | st.sampled_from([decimal.Decimal(1), datetime.date(2026, 1, 1), frozenset({1}), ..., circular()])
    | st.sampled_from([TEXT_TOKEN, NUMBER_TOKEN, *LIST_TOKEN])
    | st.builds(Lazy)
)
KEYS = (
    st.sampled_from(["Effect", "Action", "Bool", "k", "&{TfToken[TOKEN.5]}", "${x}"])
    | st.none()
    | st.integers()
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.builds(lambda item: PolicyDocument(item), inner)
        | st.builds(lambda item: PolicyStatement(effect=item, actions=item, conditions=item), inner)
    ),
    max_leaves=6,
)
RICH = form(
    statement(Condition={"Bool": {"acs:MFAPresent": "true"}, "StringLike": {"acs:k": ["a", "b"]}}),
    {"Effect": "Deny", "NotAction": ["ram:*"], "NotResource": ["*"], "Sid": "s", "Principal": {"RAM": ["a"]}},
)


def positions(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from positions(value[key], (*path, key))


@thoroughly
@given(st.sampled_from(list(positions(RICH))), ANYTHING)
@example(("Version",), {"&{TfToken[TOKEN.5]}": "\ud800"})
@example(("Version",), {"&{TfToken[TOKEN.5]}": circular()})
def test_no_value_in_any_place_of_a_document_makes_a_check_fail(path: tuple[Any, ...], value: Any) -> None:
    document: Any = {"root": copy.deepcopy(RICH)}
    *parents, last = ("root", *path)
    owner = document
    for key in parents:
        owner = owner[key]
    owner[last] = value
    assert all(str(finding) for finding in check_policy_version(version(document["root"])))


HOSTILE = "\ud800\0\u2028\u202e\n"


@pytest.mark.parametrize("path", list(positions(RICH)), ids=str)
def test_any_text_in_any_place_is_answered_in_printable_words(path: tuple[Any, ...]) -> None:
    *parents, last = ("root", *path)
    for is_key in (False, True):
        document: Any = {"root": copy.deepcopy(RICH)}
        owner = document
        for key in parents:
            owner = owner[key]
        if is_key and isinstance(owner, dict):
            owner[HOSTILE] = owner.pop(last)
        else:
            owner[last] = HOSTILE
        found = check_policy_version(version(document.get("root", {})))
        assert found
        for finding in found:
            assert str(finding).isprintable()


@thoroughly
@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_no_props_make_a_check_fail(name: Any, document: Any, default: Any, strategy: Any) -> None:
    props = PolicyVersionProps(
        policy_name=name, policy_document=document, set_as_default=default, rotate_strategy=strategy
    )
    assert all(str(finding) for finding in check_policy_version(props))
