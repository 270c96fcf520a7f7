from __future__ import annotations

import enum
from typing import Any

import pytest

from constructs_lib.findings import (
    Finding,
    InvalidPropsError,
    Phrase,
    Severity,
    approved,
    can_be_acknowledged,
    quoted,
    severity_of,
    shown,
)
from constructs_lib.tokens import Literal


@pytest.mark.parametrize(
    ("code", "severity", "acknowledged"),
    [
        ("BP103", Severity.ERROR, False),
        ("PV204", Severity.ERROR, True),
        ("BP303", Severity.WARNING, True),
        ("PV401", Severity.ERROR, False),
    ],
)
def test_the_family_of_a_code_decides(code: str, severity: Severity, acknowledged: bool) -> None:
    assert severity_of(code) is severity
    assert can_be_acknowledged(code) is acknowledged


class Word(enum.StrEnum):
    ONE = "one"


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", '"a\\nb"'),
        ("Schlüssel", '"Schlüssel"'),
        (7, "7"),
        (None, "nothing"),
        ([1, "x"], '[1, "x"]'),
        ({"a": {1}}, "{'a': {1}}"),
        (Word.ONE, '"one"'),
        (Phrase("no rules"), "no rules"),
        ("${TfToken[TOKEN.1]}", "a value that Terraform knows only later"),
        (["x", "${TfToken[TOKEN.1]}"], "a value that Terraform knows only later"),
        ("acs:oss:*:*:${var.bucket}", '"acs:oss:*:*:${var.bucket}"'),
        ("a\ud800", '"a\\ud800"'),
        ("\0\u2028\u202e", '"\\u0000\\u2028\\u202e"'),
        (Literal("${TfToken[TOKEN.1]}"), '"${TfToken[TOKEN.1]}"'),
        ([Literal("${x}"), 1.5], '["${x}", 1.5]'),
        (nested(5_000), "a value nested too deeply"),
        ("x" * 200, '"' + "x" * 116 + "…"),
    ],
)
def test_a_value_is_shown_short_and_on_one_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_an_error_lists_what_was_received_what_is_allowed_and_what_to_do() -> None:
    findings = [
        Finding("BP103", "rules[0].retention", "0", "1 to 364,635 days", "Say how many days."),
        Finding("BP202", "rules", "none", "exactly one TRANSITION rule", "Add one."),
    ]
    assert str(InvalidPropsError("BackupPolicy 'p'", findings)) == (
        "BackupPolicy 'p' has 2 findings to fix:\n"
        "  BP103 rules[0].retention\n"
        "      received: 0\n"
        "      allowed:  1 to 364,635 days\n"
        "      hint:     Say how many days.\n"
        "  BP202 rules\n"
        "      received: none\n"
        "      allowed:  exactly one TRANSITION rule\n"
        "      hint:     Add one.\n"
        '  BP202 can be acknowledged if this is intended: acknowledge={"BP202": "why it is fine here"}'
    )


def test_an_error_of_malformed_props_offers_no_acknowledgement() -> None:
    error = InvalidPropsError("x", [Finding("BP103", "p", "0", "1", "Fix it.")])
    assert str(error).startswith("x has 1 finding to fix:")
    assert "acknowledge" not in str(error)


HOSTILE = "\ud800\0\u2028\u202e\n"
ESCAPED = "\\ud800\\x00\\u2028\\u202e\\n"


def test_a_finding_and_an_error_can_be_printed_whatever_the_props_hold() -> None:
    finding = Finding("PV203", f"a.{HOSTILE}", HOSTILE, HOSTILE, HOSTILE)
    assert finding.path == f"a.{ESCAPED}"
    assert str(finding) == f"PV203 a.{ESCAPED}: received {ESCAPED}; allowed: {ESCAPED}. {ESCAPED}"
    assert str(InvalidPropsError(HOSTILE, [finding])).encode().decode().startswith(f"{ESCAPED} has 1 finding")
    assert quoted(HOSTILE) == '"\\ud800\\u0000\\u2028\\u202e\\n"'


@pytest.mark.parametrize("acknowledge", [HOSTILE, {HOSTILE: "reason"}, {"PV203": f"{HOSTILE} "[-1:]}])
def test_wrong_acknowledgements_are_refused_in_printable_words(acknowledge: Any) -> None:
    with pytest.raises(ValueError, match="acknowledge") as caught:
        approved(HOSTILE, [], acknowledge, {"PV203"})
    assert str(caught.value).isprintable()


def test_a_finding_is_one_line() -> None:
    finding = Finding("BP303", "rules[1].retention", "5", "at least 7 days", "Keep backups longer.")
    assert (
        str(finding) == "BP303 rules[1].retention: received 5; allowed: at least 7 days. Keep backups longer."
    )
