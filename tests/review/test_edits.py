"""The edit of a change: the document by statement, the rules by rule, the rest by value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review import edits, wording
from constructs_lib.review.render import html, markdown, text
from constructs_lib.review.report import Action, Edit
from tests.review.configurations import (
    Json,
    allow,
    backup_policy,
    backup_rule,
    configuration,
    only,
    ram_policy,
    replication,
    reviewed,
    transition,
)

DENY = {"Effect": "Deny", "Action": "oss:DeleteObject", "Resource": "*"}


def lines(parts: tuple[Edit, ...]) -> list[str]:
    found = []
    for edit in parts:
        found.append(wording.edit_title(edit))
        found += [f"{wording.edit_sign(value)} {wording.edited(value)}" for value in edit.values]
    return found


def of_statements(folder: Path, new: list[Json], old: list[Json], **others: Any) -> list[str]:
    after, before = (configuration(ram__a=ram_policy(*side)) for side in (new, old))
    return lines(only(reviewed(folder, after, before)).edits)


def of_rules(folder: Path, new: list[Json], old: list[Json]) -> list[str]:
    after, before = (configuration(hbr__a=backup_policy(*side)) for side in (new, old))
    return lines(only(reviewed(folder, after, before)).edits)


def test_a_changed_statement_shows_its_values_with_those_that_changed(tmp_path: Path) -> None:
    condition = {"IpAddress": {"acs:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}
    old = [DENY, allow(["oss:Get*", "oss:List*"], "acs:oss:*:*:b/*", Condition=condition)]
    condition = {"IpAddress": {"acs:SourceIp": ["10.0.0.0/8"]}}
    new = [allow(["oss:*", "oss:List*"], "acs:oss:*:*:b/*", Condition=condition), DENY]
    assert of_statements(tmp_path, new, old) == [
        "Statement[0] changed",
        "  Effect: Allow",
        "- Action: oss:Get*",
        "+ Action: oss:*",
        "  Action: oss:List*",
        "  Resource: acs:oss:*:*:b/*",
        "- Condition IpAddress acs:SourceIp: 192.168.0.0/16",
        "  Condition IpAddress acs:SourceIp: 10.0.0.0/8",
    ]


def test_statements_that_came_and_went_are_whole(tmp_path: Path) -> None:
    assert of_statements(tmp_path, [allow("oss:Get*"), DENY], [allow("oss:Get*"), allow("log:*", "a")]) == [
        "Statement[1] added",
        "+ Effect: Deny",
        "+ Action: oss:DeleteObject",
        "+ Resource: *",
        "Statement[1] removed",
        "- Effect: Allow",
        "- Action: log:*",
        "- Resource: a",
    ]


def test_what_differs_in_spelling_alone_is_no_edit(tmp_path: Path) -> None:
    old, new = [DENY, allow("oss:Get*")], [allow(["oss:Get*"], ["*"]), DENY]
    assert of_statements(tmp_path, new, old) == []


def test_a_rule_is_told_in_words(tmp_path: Path) -> None:
    old = [backup_rule(schedule="I|1648605600|P1D"), transition(30, weekly=90), replication()]
    new = [transition(7, weekly=60), backup_rule(schedule="C|1648605600|0 0 2 ? * 1")]
    assert of_rules(tmp_path, new, old) == [
        "properties changed",
        "~ rules: order 0, 1 → order 1, 0",
        "rules[0] TRANSITION changed",
        "~ retention: 30 days → 7 days",
        "~ retention_rules WEEKLY: 90 days → 60 days",
        "rules[1] BACKUP changed",
        "~ schedule: Every day (Asia/Shanghai), starting 2022-03-30 10:00 (I|1648605600|P1D) → At 02:00, "
        "only on Sunday (Asia/Shanghai), starting 2022-03-30 10:00 (C|1648605600|0 0 2 ? * 1)",
        "rules[2] REPLICATION removed",
        "- retention: 7 days",
        "- replication_region_id: cn-shanghai",
    ]


def test_what_is_added_is_shown_as_a_whole(tmp_path: Path) -> None:
    report = reviewed(tmp_path, configuration(ram__a=ram_policy(allow("*"))), configuration())
    (beside, statement) = only(report).edits
    assert (beside.title, beside.action, statement.action) == ("", Action.ADDED, Action.ADDED)
    assert "+ policy_name: reader" in lines((beside,))


def test_values_that_differ_beyond_what_is_shown_differ(tmp_path: Path) -> None:
    old, new = ([allow("oss:Get*", "a" * 10_000 + end)] for end in "xy")
    edit = of_statements(tmp_path, new, old)
    assert [line[:12] for line in edit if line.startswith(("-", "+", "~"))] == ["~ Resource: "]
    assert all(len(line) < 1_000 for line in edit)


@pytest.mark.parametrize("value", ["true", "7", "", " a", "null"])
def test_a_string_that_looks_like_another_value_is_quoted(tmp_path: Path, value: str) -> None:
    (line,) = [line for line in of_statements(tmp_path, [allow("a:b", value)], []) if "Resource" in line]
    assert line == f'+ Resource: "{value}"'


def test_of_very_many_statements_none_is_compared_with_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "_MOST_PAIRS", 24)
    sides = [[allow("oss:Get*", f"{side}{place}") for place in range(5)] for side in "ab"]
    assert sum("added" in line for line in of_statements(tmp_path, *sides)) == 5


def test_it_comes_before_what_it_means(tmp_path: Path) -> None:
    new, old = (configuration(ram__a=ram_policy(allow(action))) for action in ("*", "oss:Get*"))
    report = reviewed(tmp_path, new, old)
    for page in (text.render(report), markdown.render(report), html.render(report)):
        edit = page.index("Statement[0] changed")
        assert edit < page.rindex("RV522")
        assert edit < page.index("ESC01")


def test_a_long_edit_is_folded_and_cut(tmp_path: Path) -> None:
    new = configuration(ram__a=ram_policy(*(allow(f"oss:Get{place}", f"a{place}") for place in range(60))))
    report = reviewed(tmp_path, new, configuration())
    assert "<details><summary>The edit" in markdown.render(report)
    assert "lines more @@" in markdown.render(report)
    assert "values more: see the report in another format" in text.render(report)
    assert "61 parts, " in html.render(report)


def test_a_version_that_is_new_is_compared_with_the_default_version(tmp_path: Path) -> None:
    def version(action: str, **others: Any) -> Json:
        return {**ram_policy(allow(action)), "set_as_default": True, **others}

    kind = "alipolicy_policy_version"
    old = {"resource": {kind: {"a": version("oss:Get*")}}}
    new = {"resource": {kind: {"a": version("oss:Get*", set_as_default=False), "b": version("oss:*")}}}
    resources = {resource.address: resource for resource in reviewed(tmp_path, new, old).resources()}
    added = resources[f"{kind}.b"]
    assert "compared with" in wording.edit_heading(added)
    assert "~ Action: oss:Get* → oss:*" in lines(added.edits)


def test_where_another_version_takes_effect_its_document_is_shown(tmp_path: Path) -> None:
    def version(action: str, is_default: bool) -> Json:
        return {**ram_policy(allow(action)), "set_as_default": is_default}

    sides = [
        {
            "resource": {
                "alipolicy_policy_version": {"a": version("oss:Get*", first), "b": version("*", not first)}
            }
        }
        for first in (False, True)
    ]
    resources = {resource.address[-1]: resource for resource in reviewed(tmp_path, *sides).resources()}
    edit = lines(resources["b"].edits)
    assert "Statement[0] of what takes effect changed" in edit
    assert "~ Action: oss:Get* → *" in edit
    assert edit[:2] == ["properties changed", "+ set_as_default: true"]
    assert not [line for line in lines(resources["a"].edits) if "Statement" in line]
