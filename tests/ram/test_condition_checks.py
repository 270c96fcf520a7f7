"""Condition keys, values by operator, what does not show, and suggestions that never mean the opposite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from constructs_lib.ram.checks import check_policy_version
from tests.ram.test_checks import FIRST, TEXT_TOKEN, of, statement, version

CASE = Path(__file__).parents[1] / "data" / "condition-values.tf.json"


def codes(**elements: Any) -> list[tuple[str, str]]:
    findings = check_policy_version(of(statement(**elements)))
    return [(finding.code, finding.path.removeprefix(f"{FIRST}.")) for finding in findings]


def test_the_guards_of_a_real_document_that_never_bite() -> None:
    (body,) = json.loads(CASE.read_text("utf-8"))["resource"]["alicloud_ram_policy"].values()
    findings = check_policy_version(version(body["policy_document"]))
    assert [(each.code, each.received) for each in findings if each.code in ("PV208", "PV209")] == [
        ("PV208", '"no"'),
        ("PV208", '"10.0.0.0/33"'),
        ("PV208", '"next monday"'),
        ("PV208", '"ten"'),
        ("PV209", '"SourceIp"'),
    ]
    (key,) = (each for each in findings if each.code == "PV209")
    assert key.hint == "Did you mean acs:SourceIp?"


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("Bool", "yes"),
        ("Bool", "1"),
        ("NumericLessThan", "10k"),
        ("NumericEquals", "0x10"),
        ("DateGreaterThan", "2026-11-30"),
        ("DateGreaterThan", "2026-02-30T00:00:00Z"),
        ("DateLessThan", "1764547199"),
        ("IpAddress", "10.0.0.256"),
        ("NotIpAddress", "2001:db8::/129"),
        ("IpAddressIncludeBorder", "intranet"),
        ("IpAddress", "10.0.0.0/255.0.0.0"),
        ("IpAddress", "10.0.0.0/0.255.255.255"),
        ("IpAddress", "fe80::1%eth0"),
    ],
)
def test_pv208_a_value_of_another_kind(operator: str, value: str) -> None:
    assert codes(Condition={operator: {"acs:k": value}}) == [("PV208", f"Condition.{operator}.acs:k")]
    assert codes(Condition={operator: {"acs:k": [value]}}) == [("PV208", f"Condition.{operator}.acs:k[0]")]


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("Bool", "False"),
        ("NumericLessThan", "-1.5"),
        ("DateGreaterThan", "2026-11-30T23:59:59+08:00"),
        ("DateGreaterThan", "2026-11-30T23:59Z"),
        ("IpAddress", "203.0.113.7"),
        ("IpAddress", "10.1.2.3/8"),
        ("NotIpAddress", "2001:db8::/32"),
        ("NumericLessThan", TEXT_TOKEN),
        ("StringEquals", "no"),
    ],
)
def test_pv208_takes_what_the_operator_compares(operator: str, value: str) -> None:
    assert codes(Condition={operator: {"acs:k": value}}) == []


@pytest.mark.parametrize("key", ["SourceIp", "", ":x", "acs:", "acs SourceIp", "aws:SourceIp", "oss::Prefix"])
def test_pv209_a_key_without_its_service(key: str) -> None:
    assert codes(Condition={"StringEquals": {key: "x"}}) == [("PV209", f"Condition.StringEquals.{key}")]


@pytest.mark.parametrize(
    "key", ["oss:Prefix", "acs:ResourceTag/env", "ecs:tag/a b", f"acs:{TEXT_TOKEN}", "log:TLSVersion"]
)
def test_pv209_takes_the_keys_of_any_service(key: str) -> None:
    assert codes(Condition={"StringEquals": {key: "x"}}) == []


@pytest.mark.parametrize(
    ("key", "told"),
    [("acs:Source\u200bVpc", "Take out U+200B."), ("oss:Prefix ", "Take out the blanks around it.")],
)
def test_pv209_what_does_not_show_in_a_key(key: str, told: str) -> None:
    (finding,) = check_policy_version(of(statement(Condition={"StringEquals": {key: "x"}})))
    assert (finding.code, finding.hint) == ("PV209", told)


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "StringNotEqualsIgnoreCase"])
@pytest.mark.parametrize(
    ("value", "told"),
    [("prod\u200b", "U+200B"), ("\ufeffprod", "U+FEFF"), ("pro\u202ed", "U+202E"), ("prod\n", "U+000A")],
)
def test_pv211_what_does_not_show_in_a_value(operator: str, value: str, told: str) -> None:
    (finding,) = check_policy_version(of(statement(Condition={operator: {"oss:k": ["test", value]}})))
    assert (finding.code, finding.hint.partition(":")[0]) == ("PV211", f"Take out {told}")
    assert finding.path.endswith(f"{operator}.oss:k[1]")


@pytest.mark.parametrize("value", ["prod", " prod ", "产品 é", "", TEXT_TOKEN])
def test_pv211_is_quiet(value: str) -> None:
    assert codes(Condition={"StringEquals": {"oss:k": value}}) == []


def test_pv208_names_what_does_not_show() -> None:
    wrong = of(statement(Condition={"NumericLessThan": {"acs:k": "1\u200b"}}))
    (finding,) = check_policy_version(wrong)
    assert (finding.code, finding.hint) == ("PV208", "Take out U+200B.")


def test_pv209_a_key_of_aws_is_told_with_rams() -> None:
    wrong = of(statement(Condition={"Bool": {"aws:SecureTransport": "true"}}))
    (finding,) = check_policy_version(wrong)
    assert (finding.code, finding.hint) == ("PV209", "Did you mean acs:SecureTransport?")


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("acs:sourceip", "acs:SourceIp"),
        ("acs:SourceIP", "acs:SourceIp"),
        ("acs:MFAPresnt", "acs:MFAPresent"),
        ("acs:CurentTime", "acs:CurrentTime"),
    ],
)
def test_pv307_a_near_miss_of_a_documented_key(key: str, meant: str) -> None:
    (finding,) = check_policy_version(of(statement(Condition={"StringEquals": {key: "x"}})))
    assert (finding.code, finding.hint) == ("PV307", f"Did you mean {meant}?")


@pytest.mark.parametrize("key", ["acs:SourceVpc", "acs:principalarn", "acs:Service", "acs:NewOne"])
def test_pv307_is_silent_on_other_keys(key: str) -> None:
    assert codes(Condition={"StringEquals": {key: "x"}}) == []


@pytest.mark.parametrize(
    ("operator", "key", "use"),
    [
        ("StringEquals", "acs:SourceIp", "Use IpAddress, NotIpAddress"),
        ("StringLike", "acs:MFAPresent", "Use Bool."),
        ("NumericLessThan", "acs:CurrentTime", "Use DateEquals"),
    ],
)
def test_pv309_a_documented_key_of_another_kind(operator: str, key: str, use: str) -> None:
    (finding,) = check_policy_version(of(statement(Condition={operator: {key: "1"}})))
    assert (finding.code, finding.path) == ("PV309", f"{FIRST}.Condition.{operator}.{key}")
    assert finding.hint.startswith(use)


@pytest.mark.parametrize(
    ("operator", "like"), [("StringEquals", "StringLike"), ("StringNotEqualsIgnoreCase", "StringNotLike")]
)
def test_pv308_a_wildcard_that_is_taken_literally(operator: str, like: str) -> None:
    (finding,) = check_policy_version(of(statement(Condition={operator: {"oss:Prefix": "home/*"}})))
    assert (finding.code, finding.hint) == ("PV308", f"Use {like}.")
    assert codes(Condition={like: {"oss:Prefix": "home/*"}}) == []


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ("acs:oss:*:*:b\u200b/*", "U+200B"),
        ("acs:oss:*:*:b\u202e/*", "U+202E"),
        ("acs:oss:*:*:b\n", "U+000A"),
        ("acs:oss:*:*:b\x00", "U+0000"),
        ("acs:oss:*:*:b\u00ad", "U+00AD"),
        ("acs:oss:*:*:b\ufeff", "U+FEFF"),
        ("acs:oss:*:*:b\u00a0", "U+00A0"),
        ("acs:oss:*:*:b\u034f", "U+034F"),
        ("acs:oss:*:*:b\u2800", "U+2800"),
        ("acs:oss:*:*:b\u3164", "U+3164"),
        ("acs:oss:*:*:b\ufe0f", "U+FE0F"),
        (" acs:oss:*:*:b", "blanks"),
        ("acs:oss:*:*:b ", "blanks"),
        ("* ", "blanks"),
    ],
)
def test_pv203_what_does_not_show_in_an_arn(resource: str, told: str) -> None:
    (finding,) = check_policy_version(of(statement(Resource=resource)))
    assert finding.code == "PV203"
    assert told in finding.hint
    assert finding.received.isprintable()


def test_pv202_names_what_does_not_show() -> None:
    (finding,) = check_policy_version(of(statement(Action="oss:Get\u200bObject")))
    assert (finding.code, finding.hint) == ("PV202", "Take out U+200B.")


def test_pv203_takes_letters_of_any_language_and_blanks_inside() -> None:
    assert codes(Resource="acs:oss:*:*:b/Ordner mit Übung/東京/*") == []


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("set_as_default", 1, "Write True."),
        ("set_as_default", "false", "Write False, without quotes."),
        ("policy_name", 17, 'Write "17", in quotes.'),
        ("policy_name", ["a"], "Write the value itself, or an expression for it."),
    ],
)
def test_pv100_says_what_to_write(name: str, value: Any, hint: str) -> None:
    props = evolve(of(statement()), **{name: value})
    assert [each.hint for each in check_policy_version(props) if each.code == "PV100"] == [hint]


@pytest.mark.parametrize(
    ("effect", "hint"),
    [
        ("Disallow", 'Write "Allow" or "Deny".'),
        ("NotAllow", 'Write "Allow" or "Deny".'),
        ("Unallow", 'Write "Allow" or "Deny".'),
        ("allow", 'Did you mean "Allow"?'),
        ("Denny", 'Did you mean "Deny"?'),
    ],
)
def test_an_effect_is_never_suggested_the_opposite(effect: str, hint: str) -> None:
    (finding,) = check_policy_version(of(statement(Effect=effect)))
    assert (finding.code, finding.hint) == ("PV104", hint)


@pytest.mark.parametrize(
    ("operator", "meant"),
    [
        ("IpNotAddress", "NotIpAddress"),
        ("NotIPAdress", "NotIpAddress"),
        ("NumericNotLessThan", None),
        ("NumericNotGreaterThan", None),
        ("NumericLesserThan", "NumericLessThan"),
        ("DateGreaterThen", "DateGreaterThan"),
        ("StringUnlike", "StringNotLike"),
        ("StringDoesNotEqual", "StringNotEquals"),
        ("NotStringLike", "StringNotLike"),
        ("StringUnequals", None),
        ("StringNoEquals", None),
        ("StringNEquals", None),
        ("StringDislike", None),
        ("NumericUnLessThan", None),
        ("IsntIpAddress", None),
        ("IpAddressOutside", None),
        ("IpAddressNot", "NotIpAddress"),
        ("NumericUnderThan", "NumericLessThan"),
    ],
)
def test_an_operator_is_never_suggested_the_opposite(operator: str, meant: str | None) -> None:
    findings = check_policy_version(of(statement(Condition={operator: {"acs:k": "1"}})))
    (finding,) = (each for each in findings if each.code == "PV204")
    if meant is None:
        assert finding.hint.startswith("Use one of")
    else:
        assert finding.hint == f"Did you mean {meant}?"


@pytest.mark.parametrize(
    ("operator", "value", "hint"),
    [
        ("Bool", 0, 'Write "false".'),
        ("Bool", True, 'Write "true".'),
        ("Bool", 5, 'Write "true" or "false".'),
        ("NumericLessThan", 10, 'Write "10".'),
        ("NumericLessThan", True, 'Write a number, such as "10".'),
        ("NumericLessThan", 10**15, 'Write a number, such as "10".'),
        ("DateLessThan", True, 'Write a string, such as "2026-11-30T23:59:59+08:00" or "10.0.0.0/8".'),
        ("DateLessThan", 1764547199, 'Write a string, such as "2026-11-30T23:59:59+08:00" or "10.0.0.0/8".'),
    ],
)
def test_pv110_advises_what_the_operator_compares(operator: str, value: object, hint: str) -> None:
    findings = check_policy_version(of(statement(Condition={operator: {"acs:k": value}})))
    assert [(finding.code, finding.hint) for finding in findings] == [("PV110", hint)]


IP, TIME = "acs:SourceIp", "acs:CurrentTime"
LONG_AGO, SOON, LATER = "2020-01-01T00:00:00Z", "2030-01-01T00:00:00+08:00", "2031-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"NotIpAddress": {IP: "0.0.0.0/0"}}, "No IPv4 address is outside of 0.0.0.0/0."),
        (
            {"NotIpAddress": {IP: ["0.0.0.0/0", "::/0"]}},
            "No IPv4 address is outside of 0.0.0.0/0. No IPv6 address",
        ),
        ({"NotIpAddress": {IP: ["0.0.0.0/1", "128.0.0.0/1"]}}, "No IPv4 address"),
        ({"IpAddress": {IP: "10.1.0.0/16"}, "NotIpAddress": {IP: "10.0.0.0/8"}}, "It excludes every address"),
        ({"DateLessThan": {TIME: LONG_AGO}}, "That time is past."),
        ({"DateLessThanEquals": {TIME: [LONG_AGO, LONG_AGO]}}, "That time is past."),
        ({"DateEquals": {TIME: LONG_AGO}}, "That time is past."),
        ({"DateLessThan": {TIME: SOON}, "DateGreaterThan": {TIME: LATER}}, "both it and DateGreaterThan."),
        ({"NumericLessThan": {"oss:k": "5"}, "NumericGreaterThan": {"oss:k": "10"}}, "NumericGreaterThan"),
        ({"NumericLessThan": {"oss:k": "5"}, "NumericEquals": {"oss:k": ["5", "6"]}}, "both it and"),
        ({"NumericNotEquals": {"oss:k": "5.0"}, "NumericEquals": {"oss:k": "5"}}, "value of NumericEquals."),
        ({"StringEquals": {"oss:k": ["a", "b"]}, "StringNotEquals": {"oss:k": ["b", "a"]}}, "It excludes"),
        ({"StringNotLike": {"oss:k": ["a", "**"]}}, "Every value is like *."),
    ],
)
def test_pv313_a_condition_that_no_value_meets(condition: dict[str, Any], reason: str) -> None:
    for effect in ("Deny", "Allow"):
        (finding,) = check_policy_version(of(statement(Effect=effect, Condition=condition)))
        assert (finding.code, finding.severity.value) == ("PV313", "warning")
        assert reason in finding.hint
        assert finding.path.startswith(f"{FIRST}.Condition.")


@pytest.mark.parametrize(
    "condition",
    [
        {"NotIpAddress": {IP: ["10.0.0.0/8", "2001:db8::/32"]}},
        {"IpAddress": {IP: ["0.0.0.0/0", "::/0"]}},
        {"IpAddress": {IP: ["10.0.0.0/7"]}, "NotIpAddress": {IP: "10.0.0.0/8"}},
        {"IpAddress": {IP: ["10.0.0.0/9", TEXT_TOKEN]}, "NotIpAddress": {IP: "10.0.0.0/8"}},
        {"NotIpAddress": {IP: TEXT_TOKEN}},
        {"DateLessThan": {TIME: [LONG_AGO, LATER]}},
        {"DateLessThan": {TIME: [LONG_AGO, TEXT_TOKEN]}},
        {"DateGreaterThan": {TIME: LONG_AGO}},
        {"DateNotEquals": {TIME: LONG_AGO}},
        {"DateLessThan": {"oss:Made": LONG_AGO}},
        {"DateLessThan": {TIME: LATER}, "DateGreaterThan": {TIME: SOON}},
        {"NumericLessThanEquals": {"oss:k": "5"}, "NumericGreaterThanEquals": {"oss:k": "5"}},
        {"NumericLessThan": {"oss:k": "5"}, "NumericGreaterThan": {"oss:other": "10"}},
        {"StringEquals": {"oss:k": ["a", "b"]}, "StringNotEquals": {"oss:k": "a"}},
        {"StringEquals": {"oss:k": "a"}, "StringNotEquals": {"oss:k": "A"}},
        {"StringNotLike": {"oss:k": ["a*", ""]}},
    ],
)
def test_pv313_is_silent_where_some_value_meets_it(condition: dict[str, Any]) -> None:
    assert codes(Effect="Deny", Condition=condition) == []
