"""The HTML report: its structure, that nothing in it is taken for markup, its bytes and its size."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from jinja2 import UndefinedError

from constructs_lib.ram.access import Verdict
from constructs_lib.review import wording
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import html
from constructs_lib.review.render.html import MOST_ROWS
from constructs_lib.review.report import AccessReview, Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    allow,
    backup_policy,
    backup_rule,
    cdktf_out,
    changed,
    configuration,
    hostile,
    ram_policy,
    realistic,
    replication,
    reviewed,
    transition,
)

EVERY = {"key": "env", "operator": "EQUAL", "value": "prod"}
VOID = {"meta", "path", "rect", "line"}
ATTACKS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus '",
    "<!-- --><svg/onload=alert(1)>",
    "</title></details></svg>]]>",
    "&lt;b&gt; &#x3c;",
    "javascript:alert(1)",
    "\x00\x1b[31m\u202e\ud800\u2028",
)


class Page(HTMLParser):
    """What a browser would find: every element with its attributes, its text, and whether all are closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.is_broken = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "wbr":  # the word goes on
            self.is_broken = True
        else:
            self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1] in ("style", "script")):
            self.texts.append(self.texts.pop() + data if self.is_broken else data)
        self.is_broken = False

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(attribute)) is not None]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """A change that makes recovery worse and access wider."""
    for side in ("old", "new"):
        backups, access = realistic(is_new=side == "new")
        cdktf_out(tmp_path / side, backups=backups, access=access)
    return review(read_input(tmp_path / "new", tmp_path / "old"), at=AT)


def page_of(folder: Path, new: dict[str, Any], old: dict[str, Any] | None = None, **arguments: Any) -> Page:
    return Page(html.render(reviewed(folder, new, old, **arguments)))


# ------------------------------------------------------------ structure


def test_every_element_is_closed_and_every_id_is_there_once(report: Report) -> None:
    page = Page(html.render(report))
    assert page.open == []
    ids = page.values("id")
    assert max(Counter(ids).values()) == 1
    named = [name for value in page.values("aria-labelledby") for name in value.split()]
    links = [link.removeprefix("#") for link in page.values("href")]
    assert set(named) | set(links) <= set(ids)


def test_headings_begin_with_the_verdict_and_leave_no_level_out(report: Report) -> None:
    levels = [int(tag[1]) for tag, _ in Page(html.render(report)).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(now - was <= 1 for was, now in pairwise(levels))


def test_it_has_landmarks_a_language_a_title_and_a_way_past_the_verdict(report: Report) -> None:
    page = Page(html.render(report))
    assert [tag for tag, _ in page.elements if tag in ("header", "main", "footer")] == [
        "header",
        "main",
        "footer",
    ]
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("a")[0] == {"href": "#policies", "class": "skip"}
    assert page.text.startswith(f"Review of {report.new}: {wording.headline(report)}")


def test_the_verdict_comes_first_and_says_what_the_change_means(report: Report) -> None:
    text = Page(html.render(report)).text
    verdict = text[: text.index("What changes")]
    assert "✖ 2 policies with errors" in verdict
    assert "new in 1 policy" in verdict
    assert "deleted sooner" in verdict
    assert "worse in 1 policy" in verdict


def test_everything_of_the_report_is_shown(report: Report) -> None:
    text = Page(html.render(report)).text
    for resource in report.resources():
        assert resource.address in text
        for finding in resource.findings:
            assert finding.code in text
            assert " ".join(wording.sentence(finding).split()) in text
            assert finding.location.pointer in text
        for line in resource.assumptions:
            assert line in text
        for edit in resource.edits:
            assert wording.edit_title(edit) in text
            assert all(wording.edited(value) in text for value in edit.values)
        assert resource.delta is None or f"--approve {resource.delta}" in text
        for points in resource.recovery.points if resource.recovery else ():
            assert (wording.deletions(points, report.at, report.zone) or "") in text
            for step in points.steps:
                row = f"{wording.detection(step)} {wording.length(step.before)} {wording.length(step.after)}"
                assert row in text
    for line in report.assumptions:
        assert line in text


def test_a_grant_has_action_resource_condition_reason_and_a_witness(tmp_path: Path) -> None:
    networks = {"IpAddress": {"acs:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}
    new = configuration(ram__a=ram_policy(allow("oss:GetObject", "acs:oss:*:*:a/*", Condition=networks)))
    old = configuration(ram__a=ram_policy(allow("oss:GetObject", "acs:oss:*:*:b")))
    text = page_of(tmp_path, new, old).text
    row = text[text.index("New access (1)") : text.index("Access lost")]
    for part in (
        "oss:GetObject acs:oss:*:*:a/*",
        "IpAddress acs:SourceIp = 10.0.0.0/8 , 192.168.0.0/16",
        "not allowed before",
        "Statement[0]",
        "when acs:SourceIp = 10.",
    ):
        assert part in row


def test_a_deny_that_is_lifted_and_one_that_is_new_are_shown(tmp_path: Path) -> None:
    deny = {"Effect": "Deny", "Action": "oss:DeleteObject", "Resource": "*"}
    both = (
        configuration(ram__a=ram_policy(allow("ecs:*"), deny)),
        configuration(ram__a=ram_policy(allow("ecs:*"))),
    )
    assert "Newly refused by Deny (1)" in page_of(tmp_path, *both).text
    assert "Deny lifted (1)" in page_of(tmp_path, *reversed(both)).text


def test_the_pictures_have_a_title_a_description_and_a_table_that_says_the_same(report: Report) -> None:
    page = Page(html.render(report))
    drawn = [element for element in page.all("svg") if element.get("role") == "img"]
    assert len(drawn) == 3 * sum(
        1 for resource in report.resources() if resource.recovery for _ in resource.recovery.points
    )
    assert all(element["aria-labelledby"] for element in drawn)
    titles = Counter(re.findall("<title id=[^>]+>([^<]+)", html.render(report)))
    assert set(titles) == {
        "Points by age",
        "Worst-case data loss (RPO)",
        "Days that can be restored, once settled",
    }
    assert "The points as a table" in page.text
    assert "no promise" in page.text


def test_the_same_promise_is_drawn_once(tmp_path: Path) -> None:
    rules = backup_rule(), transition(30)
    new = configuration(hbr__a=backup_policy(*rules), hbr__b=backup_policy(*rules, policy_name="b"))
    page = page_of(tmp_path, new)
    assert len([element for element in page.all("svg") if element.get("role") == "img"]) == 3
    assert "The same promise is drawn above" in page.text


def test_what_is_removed_added_unknown_or_never_run_has_its_page(tmp_path: Path) -> None:
    never = backup_rule(schedule="C|1648605600|0 0 2 30 2 ?")
    new = configuration(
        hbr__added=backup_policy(backup_rule(retention=7), replication()),
        hbr__never=backup_policy(never, transition(7)),
        hbr__unknown=backup_policy(backup_rule(), transition("${var.days}")),
    )
    old = configuration(
        hbr__removed=backup_policy(backup_rule(retention=7)),
        hbr__unknown=backup_policy(backup_rule(), transition(7)),
        ram__removed=ram_policy(allow("oss:*")),
    )
    text = page_of(tmp_path, new, old).text
    assert "- alicloud_hbr_policy.removed removed" in text
    assert "1 policy removed" in text
    assert "7 kept until now." in text
    assert "what it promises is unknown" in text
    assert "undecided in 1 policy" in text
    assert "UNDECIDED: recovery may get worse" in text
    assert "recovery as before" not in text


def test_without_a_change_it_says_that_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    same = configuration(
        hbr__a=backup_policy(backup_rule(keep_latest_snapshots=1), transition(30), replication())
    )
    text = page_of(tmp_path, same, same).text
    assert "✔ Nothing to look at" in text
    assert "1 policy unchanged, with nothing to report" in text


def test_undecided_access_is_never_shown_as_nothing_new(report: Report) -> None:
    undecided = AccessReview(verdict=Verdict.UNDECIDED, undecided="a guard was hit")
    stacks = tuple(
        evolve(
            stack,
            resources=tuple(
                evolve(resource, access=undecided if resource.access else None)
                for resource in stack.resources
            ),
        )
        for stack in report.stacks
    )
    text = Page(html.render(evolve(report, stacks=stacks))).text
    assert "undecided in 1 policy" in text
    assert "Undecided because a guard was hit." in text
    assert "nothing new" not in text


@pytest.mark.parametrize(
    "new",
    [
        configuration(hbr__b=backup_policy(backup_rule(), transition(30)), ram__b=ram_policy(allow("a:b"))),
        configuration(
            hbr__a=backup_policy(backup_rule(), transition("${var.days}")), ram__a=ram_policy(allow("a:b"))
        ),
        configuration(hbr__a=backup_policy(backup_rule(), transition(7)), ram__a=ram_policy(allow("a:*"))),
    ],
    ids=["replaced", "undecided", "errors"],
)
def test_nothing_is_green_over_what_is_replaced_undecided_or_an_error(
    tmp_path: Path, new: dict[str, Any]
) -> None:
    old = configuration(hbr__a=backup_policy(backup_rule(), transition(30)), ram__a=ram_policy(allow("a:b")))
    page = html.render(reviewed(tmp_path, new, old))
    head = page[page.index("<header>") : page.index("</header>")]
    assert 'class="fine"' not in head
    assert "nothing new" not in head


def head_and_row(tmp_path: Path, new: dict[str, Any], old: dict[str, Any]) -> str:
    text = page_of(tmp_path, new, old).text
    return text[: text.index("The edit")]


def test_a_long_gap_is_nowhere_called_as_before(tmp_path: Path) -> None:
    daily = backup_policy(backup_rule(schedule="I|1631685600|P1D"), transition(30))
    later = backup_policy(backup_rule(schedule="I|1893456000|P1D"), transition(30))
    text = head_and_row(tmp_path, configuration(hbr__a=later), configuration(hbr__a=daily))
    assert "worse in 1 policy" in text
    assert "an incident may cost more data" in text
    assert "as before" not in text
    assert "nowhere worse" not in text


def test_sources_that_may_be_chosen_no_more_are_nowhere_called_as_before(tmp_path: Path) -> None:
    new, old = (
        configuration(
            hbr__a=backup_policy(
                backup_rule(),
                transition(30),
                {"rule_type": "TAG", "source_type": "UDM_ECS", "tag_filters": filters},
            )
        )
        for filters in ([EVERY, {**EVERY, "key": "team"}], [EVERY])
    )
    text = head_and_row(tmp_path, new, old)
    assert "not every source of 1 policy chosen any more" in text
    assert "A source may lose its protection" in text
    assert "as before" not in text
    assert "nowhere worse" not in text


def test_a_replaced_policy_is_only_as_before_once_settled(tmp_path: Path) -> None:
    policy = backup_policy(backup_rule(), transition(30))
    text = head_and_row(
        tmp_path, configuration(hbr__b={**policy, "policy_name": "b"}), configuration(hbr__a=policy)
    )
    assert "worse in 1 policy" in text
    same = page_of(tmp_path, configuration(hbr__b=policy), configuration(hbr__a=policy)).text
    assert "nowhere worse once settled" in same


def test_values_of_other_resources_stand_as_terraform_writes_them(tmp_path: Path) -> None:
    old, new = (
        {"resource": {"alicloud_ram_role": {"r": {"assume_role_policy_document": text, "force": force}}}}
        for text, force in (('{"Statement": []}', False), ('{"Statement": [1]}', True))
    )
    text = page_of(tmp_path, new, old).text
    assert "force: false → true" in text
    assert 'assume_role_policy_document: {"Statement": []} → {"Statement": [1]}' in text
    was, now = (
        {"resource": {"alicloud_hbr_ecs_backup_plan": {"p": {"detail": text}}}}
        for text in ('{"UseVSS": true}', '{"UseVSS":true}')
    )
    text = page_of(tmp_path, now, was).text
    assert r'"{\"UseVSS\":true}"' in text


def test_what_is_approved_is_shown_no_graver_than_what_is_open(tmp_path: Path) -> None:
    new, old = (configuration(hbr__a=backup_policy(backup_rule(), transition(days))) for days in (7, 30))
    (resource,) = reviewed(tmp_path, new, old).resources()
    page = html.render(reviewed(tmp_path, new, old, approve=[resource.delta]))
    head = page[page.index("<header>") : page.index("</header>")]
    assert 'class="error"' not in head
    assert "30 deleted sooner" in head


def test_approved_and_acknowledged_findings_say_so(tmp_path: Path, report: Report) -> None:
    comment = {"//": {"alipolicy": {"acknowledge": {"BP305": "The vault is a copy itself."}}}}
    new = configuration(hbr__a=backup_policy(backup_rule(), transition(7), **comment))
    old = configuration(hbr__a=backup_policy(backup_rule(), transition(30), **comment))
    (one,) = reviewed(tmp_path, new, old).resources()
    text = page_of(tmp_path, new, old, approve=[one.delta]).text
    assert f"Approved --approve {one.delta}" in text
    assert all(finding.reason in text for finding in one.findings if finding.reason)


# ------------------------------------------------------------ nothing in it is markup


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_markup(tmp_path: Path, report: Report, attack: str) -> None:
    harmless = [Page(html.render(report)), Page(html.render(hostile(tmp_path, "harmless")))]
    rendered = html.render(hostile(tmp_path, attack))
    page = Page(rendered)
    assert page.open == []
    assert len(page.all("script")) == len(page.all("style")) == 1
    known = {
        (tag, name) for element in harmless for tag, attributes in element.elements for name in attributes
    }
    assert {(tag, name) for tag, attributes in page.elements for name in attributes} <= known
    assert {tag for tag, _ in page.elements} <= {tag for element in harmless for tag, _ in element.elements}
    assert all(link.startswith("#") for link in page.values("href"))
    assert " ".join(attack.split()) in page.text or not attack.isprintable()
    rendered.encode()


def printed(value: object) -> str:
    """What a template makes of a value, in an element and in an attribute."""
    return html.environment().from_string('<p title="{{ value }}">{{ value }}</p>').render(value=value)


def test_whatever_a_template_prints_is_escaped_and_made_printable() -> None:
    assert printed("<b>&\"'") == '<p title="&lt;b&gt;&amp;&#34;&#39;">&lt;b&gt;&amp;&#34;&#39;</p>'
    assert printed(7) == '<p title="7">7</p>'
    assert printed("a\u202eb\x1b\ud800\u2028").isprintable()
    with pytest.raises(UndefinedError):
        html.environment().from_string("{{ nothing }}").render()


def test_a_text_of_any_length_is_cut() -> None:
    assert printed("x" * 5_000).endswith("… (3,000 characters more)</p>")


# ------------------------------------------------------------ self-contained, deterministic, small


def test_it_loads_nothing(report: Report) -> None:
    rendered = html.render(report)
    assert not re.search(r"https?:|//\w|@import|@font-face|url\((?!#)", rendered.replace("url(#hatch)", ""))
    assert not {"link", "img", "iframe", "object", "form"} & {tag for tag, _ in Page(rendered).elements}


def test_its_security_policy_allows_exactly_its_own_style_and_script(report: Report) -> None:
    rendered = html.render(report)
    policy = next(
        result for result in Page(rendered).values("content") if result.startswith("default-src 'none'")
    )
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", rendered, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_the_same_report_gives_the_same_bytes(tmp_path: Path, report: Report) -> None:
    again = review(read_input(tmp_path / "new", tmp_path / "old"), at=AT)
    assert html.render(report) == html.render(report) == html.render(again)


def folds(page: Page) -> list[tuple[str, bool]]:
    """Of each policy how grave it is, and whether it is unfolded."""
    classes = [(element.get("class") or "", "open" in element) for element in page.all("details")]
    return [(name.split(" is-")[1], is_open) for name, is_open in classes if name.startswith("policy ")]


def test_ten_policies_are_less_than_400_kilobytes(tmp_path: Path) -> None:
    report = reviewed(tmp_path, changed(9, is_new=True), changed(9, is_new=False))
    assert len(html.render(report).encode()) < 400_000


def test_policies_with_errors_come_first_and_are_unfolded_the_first_twelve_of_them(tmp_path: Path) -> None:
    new, old = changed(12, is_new=True), changed(12, is_new=False)
    longer = configuration(hbr__longer=backup_policy(backup_rule(), transition(40)))
    shorter = configuration(hbr__longer=backup_policy(backup_rule(), transition(30)))
    for side, other in ((new, longer), (old, shorter)):
        side["resource"]["alicloud_hbr_policy"] |= other["resource"]["alicloud_hbr_policy"]
    assert folds(page_of(tmp_path, new, old)) == [
        *([("error", True)] * 12),
        ("error", False),
        ("note", False),
        ("fine", False),
    ]


def test_of_very_many_promises_only_some_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_CHARTS", 2)
    page = page_of(tmp_path, changed(3, is_new=True), changed(3, is_new=False))
    assert len([element for element in page.all("svg") if element.get("role") == "img"]) == 6
    assert "No chart: only 2 promises are drawn." in page.text


def test_a_table_of_any_length_is_cut_and_the_rest_counted(tmp_path: Path) -> None:
    statements = [allow("oss:GetObject", f"acs:oss:*:*:bucket-{place}") for place in range(MOST_ROWS + 5)]
    text = page_of(tmp_path, configuration(ram__a=ram_policy(*statements))).text
    assert "5 more" in text
