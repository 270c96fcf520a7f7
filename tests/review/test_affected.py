"""How many principals gain access by all of a change, and how many sources lose protection: each once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.review import wording
from constructs_lib.review.loading.files import read_input
from constructs_lib.review.render import github, html, json_report, junit, markdown, sarif, text
from constructs_lib.review.report import Report
from constructs_lib.review.reviewing import review
from tests.review.configurations import (
    AT,
    Json,
    allow,
    backup_policy,
    backup_rule,
    change,
    configuration,
    document,
    plan,
    reviewed,
    transition,
    written,
)

READ, ALL = document(allow("oss:GetObject", "acs:oss:*:*:b/*")), document(allow("oss:*"))
DENY = json.dumps({"Version": "1", "Statement": [{"Effect": "Deny", "Action": "oss:*", "Resource": "*"}]})
HOLDERS = {"role": "app", "user": "alice", "group": "ops"}
EVERYBODY = ['the group "ops"', 'the role "app"', 'the user "alice"']
POLICY = "alipolicy_backup_policy"


def policies(text: str, *kinds: str, twice: bool = False, **others: Json) -> Json:
    """One policy, or two, and who has them."""
    bodies = {"alipolicy_policy__a": {"policy_name": "a", "policy_document": text}, **others}
    for name in ("a", "b") if twice else ("a",):
        bodies[f"alipolicy_policy__{name}"] = {"policy_name": name, "policy_document": text}
        for kind in kinds:
            attached = {"policy_name": name, f"{kind}_name": HOLDERS[kind]}
            bodies[f"alipolicy_policy_attachment__{kind}{name}"] = attached
    return configuration(**bodies)


def staged(text: str) -> Json:
    return {"policy_name": "a", "policy_document": text, "set_as_default": False}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (policies(READ, *HOLDERS), policies(ALL, *HOLDERS), EVERYBODY),
        (policies(READ, *HOLDERS, twice=True), policies(ALL, *HOLDERS, twice=True), EVERYBODY),
        (policies(READ), policies(READ, *HOLDERS), EVERYBODY),
        (policies(READ, "role"), policies(ALL, "user"), ['the user "alice"']),
        (policies(READ, "role"), policies(ALL, "role", "user"), ['the role "app"', 'the user "alice"']),
        (policies(READ), policies(ALL), []),
        (policies(ALL, *HOLDERS), policies(READ, *HOLDERS), []),
        (policies(DENY), policies(DENY, *HOLDERS), []),
        (policies(READ, *HOLDERS), policies(READ, "role"), []),
        (
            policies(READ, *HOLDERS),
            policies(READ, *HOLDERS, alipolicy_policy_version__v=staged(ALL)),
            [],
        ),
    ],
    ids=[
        "widened",
        "through two policies",
        "attached",
        "another one",
        "one more",
        "nobody",
        "narrowed",
        "refused",
        "detached",
        "staged",
    ],
)
def test_principals_that_gain_access(tmp_path: Path, old: Json, new: Json, expected: list[str]) -> None:
    report = reviewed(tmp_path, new, old)
    assert report.principals_gaining_access == expected
    assert report.sources_losing_protection == []
    whole = f"{len(expected)} principal{'s' * (len(expected) > 1)} gain{'s' * (len(expected) == 1)} access"
    assert_everywhere(report, whole if expected else "", f"or may: {', '.join(expected)}" if expected else "")


def assert_everywhere(report: Report, *wanted: str) -> None:
    """Every page says it, or none says anything of the kind."""
    for render in (text.render, markdown.render, html.render, github.render, junit.render):
        page = " ".join(render(report).replace("&#34;", '"').split())
        for words in wanted:
            assert words in page if words else ", or may: " not in page
    (run,) = json.loads(sarif.render(report))["runs"]
    for content in (json_report.as_json(report), run["properties"]):
        assert content["principals_gaining_access"] == report.principals_gaining_access
        assert content["sources_losing_protection"] == report.sources_losing_protection


def bound(*buckets: str, **others: Json) -> Json:
    """A policy, and the buckets that it backs up; `others`: more of a binding, by bucket."""
    rules = backup_policy(backup_rule(), transition(30))
    bindings: dict[str, Json] = {
        f"alipolicy_backup_policy_binding__{bucket}": {
            "policy_id": "${alipolicy_backup_policy.p.id}",
            "source_type": "OSS",
            "data_source_id": bucket,
            **others.get(bucket, {}),
        }
        for bucket in (*buckets, *others)
    }
    return configuration(**{f"{POLICY}__p": rules, **bindings})


THREE = bound("logs", "mail", "pics")


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (bound("logs", "mail"), ['OSS "pics"']),
        (bound("logs", mail={"disabled": True}, pics={"source": "x/"}), ['OSS "mail"', 'OSS "pics"']),
        (bound(), ['OSS "logs"', 'OSS "mail"', 'OSS "pics"']),
        (configuration(hbr__other={"policy_name": "o"}), ['OSS "logs"', 'OSS "mail"', 'OSS "pics"']),
        (bound("logs", "mail", "pics", "more"), []),
        (bound("logs", "mail", pics={"policy_binding_description": "d"}), []),
    ],
    ids=["removed", "disabled and narrowed", "all", "with the policy", "one more", "described"],
)
def test_sources_that_lose_protection(tmp_path: Path, new: Json, expected: list[str]) -> None:
    report = reviewed(tmp_path, new, THREE)
    assert report.sources_losing_protection == expected
    assert report.principals_gaining_access == []
    noun = "source loses" if len(expected) == 1 else "sources lose"
    whole = f"{len(expected)} {noun} protection, or may: {', '.join(expected)}" if expected else ""
    assert_everywhere(report, whole)


SOMETHING = {"policy_id": "po-1", "data_source_id": "logs", "lifecycle": {"ignore_changes": ["source"]}}
FORGOTTEN = {"removed": {"from": "alipolicy_backup_policy_binding.x", "lifecycle": {"destroy": False}}}


@pytest.mark.parametrize(
    ("old", "new", "is_lost"),
    [
        (bound(x=SOMETHING), bound(), True),
        (bound(), bound(x=SOMETHING), False),
        (bound(x=SOMETHING), {**bound(), **FORGOTTEN}, False),
        (bound(x=SOMETHING), bound(x={**SOMETHING, "disabled": True}), True),
        (bound(x=SOMETHING), bound(x={**SOMETHING, "policy_binding_description": "d"}), False),
    ],
    ids=["removed", "added", "forgotten", "disabled", "described"],
)
def test_a_source_whose_protection_is_not_understood_is_called_by_its_binding(
    tmp_path: Path, old: Json, new: Json, is_lost: bool
) -> None:
    names = ["what alipolicy_backup_policy_binding.x protects"] if is_lost else []
    assert reviewed(tmp_path, new, old).sources_losing_protection == names


@pytest.mark.parametrize(("number", "rest"), [(10, "9"), (12, "9 and 2 more")])
def test_of_many_sources_ten_are_named(tmp_path: Path, number: int, rest: str) -> None:
    names = [f"b{place:02}" for place in range(number)]
    (words,) = wording.affected(reviewed(tmp_path, bound(), bound(*names)))
    assert words.replace('"', "").endswith(f", OSS b0{rest}")


def test_sources_that_tags_choose_are_not_counted_but_named(tmp_path: Path) -> None:
    def tagged(*filters: Any) -> Json:
        rule = {"rule_type": "TAG", "data_source_ids": [], "tag_filters": list(filters), "source_type": "OSS"}
        rules = backup_policy(backup_rule(), transition(30), rule)
        return configuration(**{f"{POLICY}__p": rules})

    one = {"key": "env", "operator": "EQUAL", "value": "prod"}
    more = {"key": "team", "operator": "EQUAL", "value": "a"}
    report = reviewed(tmp_path, tagged(one, more), tagged(one))
    words = "sources that tags choose lose protection, or may, how many is not known: "
    assert_everywhere(report, words)
    assert f"{words}alipolicy_backup_policy.p" in " ".join(text.render(report).split())


def test_a_plan_counts_the_same(tmp_path: Path) -> None:
    binding = {"id": "po-1:OSS:logs", "policy_id": "po-1", "source_type": "OSS", "data_source_id": "logs"}
    attached = {"policy_name": "AdministratorAccess", "policy_type": "System", "role_name": "app"}
    given = plan(
        change("alipolicy_backup_policy_binding", binding, None, "delete"),
        change("alipolicy_policy_attachment", None, attached, "create"),
    )
    report = review(read_input(written(tmp_path, "plan.json", given), None), at=AT)
    assert report.sources_losing_protection == ['OSS "logs"']
    assert report.principals_gaining_access == ['the role "app"']
    assert_everywhere(report, '1 source loses protection, or may: OSS "logs"', "1 principal gains access")


@pytest.mark.parametrize(
    ("rules", "is_lost"),
    [
        ([backup_rule(schedule="I|1893456000|P1D"), transition(30)], True),
        ([backup_rule(), transition(7)], True),
        ([backup_rule(schedule="${var.when}"), transition(30)], True),
        ([backup_rule(), transition(60)], False),
    ],
    ids=["not before 2030", "kept shorter", "not known when", "kept longer"],
)
def test_sources_whose_policy_protects_less(tmp_path: Path, rules: list[Json], is_lost: bool) -> None:
    new = bound("logs", "mail")
    new["resource"][POLICY]["p"] = backup_policy(*rules)
    lost = ['OSS "logs"', 'OSS "mail"'] if is_lost else []
    assert reviewed(tmp_path, new, bound("logs", "mail")).sources_losing_protection == lost


def test_a_source_that_moves_to_a_policy_which_protects_less(tmp_path: Path) -> None:
    def moved(to: str) -> Json:
        given = bound(logs={"policy_id": f"${{{POLICY}.{to}.id}}"})
        given["resource"][POLICY]["q"] = backup_policy(backup_rule(), transition(7))
        return given

    assert reviewed(tmp_path / "a", moved("q"), moved("p")).sources_losing_protection == ['OSS "logs"']
    assert reviewed(tmp_path / "b", moved("p"), moved("q")).sources_losing_protection == []


def test_what_is_called_alike_in_two_accounts_counts_twice(tmp_path: Path) -> None:
    def two(*, is_new: bool) -> Json:
        attached = {"policy_name": "AdministratorAccess", "policy_type": "System", "role_name": "app"}
        binding = {"policy_id": "po-1", "source_type": "OSS", "data_source_id": "logs"}
        kind, body = (
            ("alipolicy_policy_attachment", attached)
            if is_new
            else ("alipolicy_backup_policy_binding", binding)
        )
        there = {f"{kind}__a": body, f"{kind}__b": {**body, "provider": "alipolicy.b"}}
        return {**configuration(**there), "provider": {"alipolicy": [{}, {"alias": "b", "profile": "b"}]}}

    report = reviewed(tmp_path, two(is_new=True), two(is_new=False))
    by, of = "by alipolicy_", "of new"
    roles = [f'the role "app" ({by}policy_attachment.{name} {of})' for name in "ab"]
    sources = [f'OSS "logs" ({by}backup_policy_binding.{name} {of})' for name in "ab"]
    assert report.principals_gaining_access == roles
    assert report.sources_losing_protection == sources
    assert_everywhere(report, "2 principals gain access", "2 sources lose protection")
