"""Whatever strings a file holds: every format is written, is UTF-8, and is read by the strictest reader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

import pytest

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.render import github, html, json_report, junit, markdown, sarif, text
from constructs_lib.review.report import Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    cdktf_out,
    change,
    configuration,
    document,
    hostile,
    plan,
    ram_policy,
    reviewed,
    written,
)

STRINGS = {
    "half of a pair": "\ud800",
    "both halves the wrong way round": "\udfff\ud83d",
    "NUL": "a\x00b",
    "other controls": "".join(map(chr, range(1, 32))) + "\x7f\x80\x85\x9b",
    "line separators": "a\u2028b\u2029c\u0085d\r\n::error::e",
    "bidi controls": "\u202e\u2066abc\u2069\u200f",
    "noncharacters": "\ufffe\uffff\U0001ffff",
    "byte order mark": "\ufeff",
    "beyond the basic plane": "\U0001d49c\U000e0041",
    "markup": "]]><!--</script></details><b onclick='x'>&amp;\"",
    "Markdown": "|`` ` ``</details>@octocat [x](http://x) $y$",
    "workflow commands": "::error file=a,line=1::b %0A %25",
    "Terraform": "${var.x} %{if y} $${acs:SourceIp}",
    "escapes that are none": "\\ud800 \\u0000 \\x1b",
    "a colour": "\x1b[31mred\x1b]0;title\x07",
    "nothing": "",
    "space": " \t ",
    "very long": "x" * 5_000,
}


@pytest.fixture(params=list(STRINGS.values()), ids=list(STRINGS))
def string(request: pytest.FixtureRequest) -> str:
    assert isinstance(request.param, str)
    return request.param


def printed_lines(page: str) -> None:
    assert all(line.isprintable() for line in page.split("\n"))


def refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is no JSON")


def strings_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from strings_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_of(item)
    elif isinstance(value, str):
        yield value


def strict_json(page: str) -> None:
    for found in strings_of(json.loads(page, parse_constant=refuse)):
        found.encode()  # no escape of half a pair, which a strict reader refuses
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", page)


def strict_sarif(page: str) -> None:
    strict_json(page)
    printed_lines(page)
    assert all(found.isprintable() for found in strings_of(json.loads(page)))


def xml(page: str) -> None:
    printed_lines(page)
    root = ElementTree.fromstring(page.encode())
    assert root.tag == "testsuites"


def closed_html(page: str) -> None:
    printed_lines(page)
    HTMLParser().feed(page)


def commands(page: str) -> None:
    printed_lines(page)
    assert all(re.match("::(error|warning|notice) ", line) for line in page.splitlines())


FORMATS: dict[str, tuple[Callable[[Report], str], Callable[[str], None]]] = {
    "text": (text.render, printed_lines),
    "markdown": (lambda report: markdown.render(report).replace(":\u200b//", "://"), printed_lines),
    "html": (html.render, closed_html),
    "sarif": (sarif.render, strict_sarif),
    "junit": (junit.render, xml),
    "github": (github.render, commands),
    "json": (json_report.render, strict_json),
}


def check_all(report: Report) -> None:
    for name, (render, check) in FORMATS.items():
        page = render(report)
        page.encode()
        check(page)
        assert page == render(report), name


def test_everything_that_an_author_writes(tmp_path: Path, string: str) -> None:
    report = hostile(tmp_path, string)
    assert len(list(report.resources())) == 4
    check_all(report)


def test_addresses_unknown_values_and_versions_of_a_plan(tmp_path: Path, string: str) -> None:
    body = ram_policy(allow("oss:*"), policy_name=string, policy_document=string)
    content = plan(
        change("alicloud_ram_policy", None, body, "create", address=f"alicloud_ram_policy.a[{string}]"),
        change(
            "alipolicy_policy_version",
            ram_policy(allow(string), policy_name=string, set_as_default=True, version_id=string),
            ram_policy(allow("oss:*"), policy_name=string, set_as_default=True),
            address=f"alipolicy_policy_version.b[{string}]",
            previous_address=string,
        ),
        change(
            "alicloud_hbr_policy",
            None,
            backup_policy({**backup_rule(), string: string}),
            "create",
            unknown={"rules": [{"schedule": True, string: True}]},
        ),
    )
    versions = [
        {"version_id": string, "is_default_version": True, "policy_document": string},
        {"version_id": f"{string}2", "is_default_version": False, "policy_document": string},
    ]
    data = {
        "mode": "data",
        "type": "alipolicy_policy_versions",
        "values": {"policy_name": string, "versions": versions},
    }
    content["prior_state"] = {"values": {"root_module": {"resources": [data]}}}
    check_all(review(read_input(written(tmp_path, "plan.json", content)), at=AT))


def test_names_of_stacks_and_modules(tmp_path: Path, string: str) -> None:
    folder = cdktf_out(tmp_path / "out", stack=configuration(ram__a=ram_policy(allow("oss:*"))))
    entries = {string: {"synthesizedStackPath": "stacks/stack/cdk.tf.json"}}
    written(folder, "manifest.json", {"version": "0.21.0", "stacks": entries})
    content = configuration(ram__a=ram_policy(allow("oss:*")))
    metadata = {"metadata": {"stackName": string}}
    content |= {"//": metadata, "module": {string: {}}, "moved": [{"from": string, "to": string}]}
    written(folder, "stacks/stack/cdk.tf.json", content)
    check_all(review(read_input(folder), at=AT))


def test_a_path_in_a_manifest_is_read_or_refused(tmp_path: Path, string: str) -> None:
    written(tmp_path, "manifest.json", {"stacks": {string: {"synthesizedStackPath": string}}})
    with pytest.raises(InputError):
        read_input(tmp_path)


def test_a_number_that_json_cannot_write(tmp_path: Path) -> None:
    statement = allow("oss:*", Condition={"NumericLessThan": {"acs:k": 1}})
    body = ram_policy(policy_document=document(statement).replace(": 1}", ": 1e999}"))
    report = reviewed(tmp_path, configuration(ram__a=body), configuration(ram__a=ram_policy(statement)))
    check_all(report)
