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
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options

from constructs_lib.findings import printable
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
    "a comment that stays open": "a\n<!--",
    "an image": "<img src=x onerror=alert(1)>",
    "an image in Markdown": "![x](http://x.example/x.png)",
    "a script link": "[x](javascript:alert(1))",
    "the end of a link": "](javascript:alert(1))",
    "a reference link": "[x]: javascript:alert(1)",
    "a footnote": "[^1]: x [^1]",
    "one backtick": "`",
    "a backtick at the beginning": "`<b>@octocat",
    "backticks inside": "a`b``c```d",
    "backticks at the ends": "```x```",
    "a fence": "\n~~~\n```\n",
    "bars": "a|b||c\\|d",
    "a mention": "@octocat @org/team",
    "a reference": "#123 GH-123 org/repo#1 fixes #1",
    "links": "https://x.example www.x.example a@x.example mailto:a@x.example",
    "emoji": ":ram: acs:ram::1:x",
    "a heading": "# x",
    "an underline": "---",
    "another underline": "===",
    "a list": "- [ ] x",
    "a numbered list": "1. x",
    "a quote": "> x",
    "leading spaces": "    code",
    "a leading tab": "\tcode",
    "struck out": "~~x~~ *y* __z__",
    "entities": "&lt;b&gt; &#x3c; &amp;amp;",
    "an entity bomb": "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;&a;",
    "the end of CDATA": "<![CDATA[x]]>]]>",
    "a template": "{{ 7*7 }}{% raw %}{{ x.__class__ }}",
    "the end of a script": "</script><script>alert(1)</script>",
    "the end of a style": "</style></title><svg onload=alert(1)>",
    "an attribute": '" onmouseover="alert(1)" x=\'',
    "folded": "<details open><summary>x</summary>",
    "commands in a line": "x ::error file=a::b ##[error]c ##vso[task.x]d " + "y" * 90 + " ::stop-commands::z",
    "escaped commands": "%0A::error::x%0D%25,a:b",
    "zero width": "a\u200bb\u2060c\ufeffd\u00ad",
    "isolates": "\u2066\u2067\u2068\u2069\u061c",
    "C1": "\x9b31m\x90q\x9c",
    "spaces of other kinds": "a\u00a0b\u3000c\u2003d",
    "tags": "\U000e0001\U000e0041",
}


@pytest.fixture(params=list(STRINGS.values()), ids=list(STRINGS))
def string(request: pytest.FixtureRequest) -> str:
    assert isinstance(request.param, str)
    return request.param


@pytest.fixture(params=list(STRINGS.values())[::6], ids=list(STRINGS)[::6])
def some_string(request: pytest.FixtureRequest) -> str:
    """A few of them, where `make e2e` has all."""
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


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


def strict_json(page: str) -> None:
    for found in strings_of(json.loads(page, parse_constant=refuse, object_pairs_hook=unique)):
        found.encode()  # no escape of half a pair, which a strict reader refuses
    printed_lines(page)
    assert "##[" not in page


def strict_sarif(page: str) -> None:
    strict_json(page)
    assert all(found.isprintable() for found in strings_of(json.loads(page)))


def xml(page: str) -> None:
    printed_lines(page)
    assert "##[" not in page
    root = ElementTree.fromstring(page.encode())
    tags = {element.tag for element in root.iter()}
    assert tags <= {"testsuites", "testsuite", "testcase", "failure", "system-out"}


# What GitHub's grammar of an annotation takes, and nothing else.
_COMMAND = re.compile(
    r"::(error|warning|notice) (?:file=[^,:]*,line=[0-9]+,(?:col=[0-9]+,)?)?title=[^,:]*::([^\r\n]*)"
)


def commands(page: str) -> None:
    printed_lines(page)
    for line in page.splitlines():
        assert _COMMAND.fullmatch(line), line
        assert re.fullmatch("(?:[^%]|%25|%0A|%0D|%3A|%2C)*", line), line


def no_command(page: str) -> None:
    printed_lines(page)
    assert not [line for line in page.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in page


class Elements(HTMLParser):
    """The elements of a page, and its text outside of code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[tuple[str, str, str]] = set()
        self.text: list[str] = []
        self.prose: list[str] = []
        self._code = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {(tag, name, value or "") for name, value in attrs}
        self._code += tag in ("code", "pre")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")
        self._code -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if not self._code:
            self.prose.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_pi = unknown_decl = handle_comment

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")


# What Markdown makes of our own words.
_OURS = {"h2", "h3", "p", "strong", "em", "code", "pre", "ul", "li", "details", "summary"}
_TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
# What GitHub makes links and pictures of once Markdown has been read.
_LINKING = re.compile(r"@\w|#\d|\b[Gg][Hh]-\d|://|www\.|:[a-z0-9_+-]+:")


def comment(page: str) -> None:
    printed_lines(page.replace("\u200b", ""))
    read = Elements(github_flavored_markdown_to_html(page, options=Options.CMARK_OPT_UNSAFE))
    opened = [tag for tag in read.tags if not tag.startswith("/")]
    assert set(opened) <= _OURS | _TABLE
    assert read.attributes <= {("pre", "lang", "diff"), ("code", "class", "language-diff")}
    assert sorted(opened) == sorted(tag[1:] for tag in read.tags if tag.startswith("/"))
    assert read.tags.count("h2") == 1
    for prose in read.prose:
        assert not _LINKING.search(re.sub(r"\d{2}:\d{2}", "", prose)), prose


# Beside those of Markdown, what the templates write.
_PAGE = (
    _OURS
    | _TABLE
    | {
        *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "footer", "script"),
        *("a", "button", "div", "span", "small", "wbr", "h1", "h4", "h5", "dl", "dt", "dd", "ins", "del"),
        *(
            "figure",
            "figcaption",
            "svg",
            "defs",
            "pattern",
            "path",
            "desc",
            "g",
            "line",
            "rect",
            "circle",
            "text",
        ),
    }
)


def closed_page(page: str) -> None:
    printed_lines(page)
    read = Elements(page.removeprefix("<!doctype html>"))
    assert {tag.lstrip("/") for tag in read.tags} - _PAGE == set()
    assert (read.tags.count("script"), read.tags.count("style")) == (1, 1)
    assert not [name for _, name, _ in read.attributes if name.startswith("on") or name in ("src", "srcdoc")]
    assert all(value.startswith("#") for _, name, value in read.attributes if name in ("href", "xlink:href"))


FORMATS: dict[str, tuple[Callable[[Report], str], Callable[[str], None]]] = {
    "text": (text.render, no_command),
    "markdown": (markdown.render, comment),
    "html": (html.render, closed_page),
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


def squeezed(text_: str) -> str:
    return " ".join(text_.replace("\u200b", "").replace("\u2502", "|").split())


def check_shown(report: Report, string: str) -> None:
    """That it can be read as it was written."""
    expected = squeezed(printable(string)[:150])
    comment_ = github_flavored_markdown_to_html(markdown.render(report), options=Options.CMARK_OPT_UNSAFE)
    for page in (comment_, html.render(report).removeprefix("<!doctype html>")):
        assert expected in squeezed("".join(Elements(page).text))
    root = ElementTree.fromstring(junit.render(report).encode())
    shown_ = " ".join(
        [*root.itertext(), *(str(value) for each in root.iter() for value in each.attrib.values())]
    )
    assert expected in squeezed(shown_)
    results = json.loads(sarif.render(report))["runs"][0]["results"]
    assert expected in squeezed(" ".join(strings_of(results)))


def test_everything_that_an_author_writes(tmp_path: Path, string: str) -> None:
    report = hostile(tmp_path, string)
    assert len(list(report.resources())) == 4
    check_all(report)
    check_shown(report, string)


def test_addresses_unknown_values_and_versions_of_a_plan(tmp_path: Path, some_string: str) -> None:
    check_versions(tmp_path, some_string)


def check_versions(tmp_path: Path, string: str) -> None:
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


def test_names_of_stacks_and_modules(tmp_path: Path, some_string: str) -> None:
    check_stacks(tmp_path, some_string)


def check_stacks(tmp_path: Path, string: str) -> None:
    folder = cdktf_out(tmp_path / "out", stack=configuration(ram__a=ram_policy(allow("oss:*"))))
    entries = {string: {"synthesizedStackPath": "stacks/stack/cdk.tf.json"}}
    written(folder, "manifest.json", {"version": "0.21.0", "stacks": entries})
    content = configuration(ram__a=ram_policy(allow("oss:*")))
    metadata = {"metadata": {"stackName": string}}
    content |= {"//": metadata, "module": {string: {}}, "moved": [{"from": string, "to": string}]}
    written(folder, "stacks/stack/cdk.tf.json", content)
    check_all(review(read_input(folder), at=AT))


def test_instances_modules_variables_and_neighbours(tmp_path: Path, some_string: str) -> None:
    check_neighbours(tmp_path, some_string)


def check_neighbours(tmp_path: Path, string: str) -> None:
    def side(days: int, action: str) -> dict[str, Any]:
        tags = [{"key": string, "operator": "EQUAL", "value": string}]
        rules = (
            backup_rule(data_source_filters=[], tag_filters=tags),
            {"rule_type": "TAG", "tag_filters": tags},
        )
        each = {
            "for_each": {string: days, "b": days},
            "policy_name": "${each.key}",
            "policy_type": "STANDARD",
        }
        content = configuration(
            hbr__a={**each, "rules": [*rules, {"rule_type": "TRANSITION", "retention": "${each.value}"}]},
            ram__b=ram_policy(allow(action, Condition={string: {string: string}}), tags={string: string}),
            alicloud_ram_user_policy_attachment__c={
                "policy_name": "reader",
                "user_name": f"{action}{string}",
            },
            alicloud_hbr_vault__d={"vault_name": f"{string}{days}", "tags": {string: days}},
            alicloud_ram_role__e={"name": string, "document": f"{string}{days}"},
        )
        content["module"] = {string: {"source": f"./m{string}", string: days}}
        content["variable"] = {string: {"default": days}}
        content["locals"] = {string: f"${{var.{string}}}", "x": "${local.x}"}
        content["resource"]["alicloud_ram_policy"]["f"] = {"policy_document": f"${{file({string})}}{days}"}
        return content

    check_all(reviewed(tmp_path, side(7, "oss:*"), side(30, "oss:Get*")))


def test_drift_and_what_else_a_plan_says(tmp_path: Path, some_string: str) -> None:
    check_plan(tmp_path, some_string)


def check_plan(tmp_path: Path, string: str) -> None:
    old, new = (ram_policy(allow(action), policy_name=string) for action in (string, "oss:*"))
    attachment = {"user_name": string, "policy_name": string, "policy_type": "Custom"}
    changes = [
        change(
            "alicloud_ram_policy",
            old,
            new,
            address=f"module.{string}.alicloud_ram_policy.a[{json.dumps(string)}]",
        ),
        change("alicloud_ram_user_policy_attachment", None, attachment, "create", address=f"{string}.x"),
        change(
            "alicloud_oss_bucket_policy", {"bucket": string, "policy": string}, None, "delete", address=string
        ),
        change(
            "alicloud_hbr_vault", {"vault_name": string}, {"vault_name": f"{string}2"}, address=f"{string}.v"
        ),
    ]
    later = {"reason": string, "resource_change": {"address": string}}
    content = {
        **plan(*changes),
        "resource_drift": [{**each, "change": {**each["change"]}} for each in changes],
        "complete": False,
        "deferred_changes": [later],
        "action_invocations": [{"address": string}],
    }
    check_all(review(read_input(written(tmp_path, "plan.json", content)), at=AT))


def test_a_path_in_a_manifest_is_read_or_refused(tmp_path: Path, string: str) -> None:
    written(tmp_path, "manifest.json", {"stacks": {string: {"synthesizedStackPath": string}}})
    with pytest.raises(InputError):
        read_input(tmp_path)


def test_a_number_that_json_cannot_write(tmp_path: Path) -> None:
    statement = allow("oss:*", Condition={"NumericLessThan": {"acs:k": 1}})
    body = ram_policy(policy_document=document(statement).replace(": 1}", ": 1e999}"))
    report = reviewed(tmp_path, configuration(ram__a=body), configuration(ram__a=ram_policy(statement)))
    check_all(report)
