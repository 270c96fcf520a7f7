"""Which risks a change opens: by what it newly allows, not by the words in it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from constructs_lib.ram.access import allows
from constructs_lib.ram.document import PolicyDocument, PolicyStatement
from constructs_lib.ram.risks import CATALOGUE, SERVICE_OF_PREFIX, SOURCES, Opened, opened

NOTHING = PolicyDocument([])


def statement(actions: Any, resources: Any = "*", **others: Any) -> PolicyStatement:
    return PolicyStatement(**{"effect": "Allow", "actions": actions, "resources": resources, **others})


def document(*statements: PolicyStatement) -> PolicyDocument:
    return PolicyDocument(statements)


def passing(service: str) -> PolicyStatement:
    return statement("ram:PassRole", conditions={"StringEquals": {"acs:Service": service}})


def ids(before: PolicyDocument, after: PolicyDocument) -> list[str]:
    found = opened(before, after)
    assert found.undecided is None
    for risk in found.risks:
        request = (risk.witness.action, risk.witness.resource, risk.witness.context, risk.witness.assuming)
        assert allows(after, *request) is True
        assert allows(before, *request) is False
    return [each.risk.id for each in found.risks]


def test_a_pattern_that_matches_a_dangerous_action_opens_its_risk() -> None:
    assert ids(document(statement("oss:Get*")), document(statement("oss:*"))) == ["DAT01", "DAT02"]


def test_what_was_allowed_before_is_no_new_risk() -> None:
    assert ids(document(statement("oss:*")), document(statement(["oss:PutBucketPolicy", "oss:*"]))) == []


def test_a_word_that_a_deny_takes_back_is_no_risk() -> None:
    after = document(statement(["oss:Get*", "oss:PutBucketAcl"]), statement("oss:Put*", effect="Deny"))
    assert ids(document(statement("oss:Get*")), after) == []


def test_a_deny_that_goes_opens_the_risk_although_no_word_was_added() -> None:
    before = document(statement("hbr:*"), statement("hbr:Delete*", effect="Deny"))
    found = opened(before, document(statement("hbr:*")))
    assert [each.risk.id for each in found.risks] == ["BAK01"]
    assert found.risks[0].actions == (
        "hbr:DeleteVault",
        "hbr:DeleteSnapshot",
        "hbr:DeletePolicyV2",
        "hbr:DeleteBackupPlan",
    )


def test_the_same_action_on_more_resources_is_a_new_risk() -> None:
    before = document(statement("oss:DeleteObject", "acs:oss:*:*:scratch/*"))
    after = document(statement("oss:DeleteObject", ["acs:oss:*:*:scratch/*", "acs:oss:*:*:prod/*"]))
    (risk,) = opened(before, after).risks
    assert risk.risk.id == "DAT02"
    assert risk.witness.resource == "acs:oss:cn-hangzhou:1234567890123456:prod/example"


def test_actions_are_compared_without_case() -> None:
    assert ids(NOTHING, document(statement("RAM:addusertogroup"))) == ["ESC03"]


def test_an_old_pass_role_and_a_new_function_are_a_risk_together() -> None:
    before = document(passing("fc.aliyuncs.com"))
    found = opened(before, document(passing("fc.aliyuncs.com"), statement("fc:CreateFunction")))
    (risk,) = found.risks
    assert (risk.risk.id, risk.actions, risk.together) == ("ESC09", ("fc:CreateFunction",), ("ram:PassRole",))
    assert risk.witness.action == "fc:CreateFunction"


def test_an_old_function_and_a_new_pass_role_are_a_risk_together() -> None:
    before = document(statement("fc:CreateFunction"))
    after = document(statement("fc:CreateFunction"), passing("fc.aliyuncs.com"))
    found = opened(before, after)
    assert [each.risk.id for each in found.risks] == ["ESC09", "ESC10"]
    assert found.risks[0].witness.context == {"acs:Service": "fc.aliyuncs.com"}


def test_a_role_for_another_service_does_not_reach_the_function() -> None:
    before = document(passing("fc.aliyuncs.com"))
    after = document(passing("ecs.aliyuncs.com"), statement("fc:CreateFunction"))
    assert ids(before, after) == ["ESC10"]


def test_pass_role_widened_to_another_service_opens_only_that_one() -> None:
    both = statement(["fc:CreateFunction", "ecs:RunInstances"])
    before = document(both, passing("fc.aliyuncs.com"))
    after = document(both, passing("fc.aliyuncs.com"), passing("ecs.aliyuncs.com"))
    found = opened(before, after)
    assert [(risk.risk.id, risk.actions) for risk in found.risks] == [
        ("ESC09", ("ecs:RunInstances",)),
        ("ESC10", ("ram:PassRole",)),
    ]


def test_half_of_a_combination_is_none() -> None:
    assert "ESC05" not in ids(NOTHING, document(statement("ram:CreateRole")))
    assert "ESC05" in ids(document(statement("ram:CreateRole")), document(statement("ram:*Role")))


def test_a_guard_that_is_hit_is_reported() -> None:
    assert opened(NOTHING, document(statement("oss:*", effect="maybe"))) == Opened(
        (), "Statement[0] has an effect that is neither Allow nor Deny"
    )


def test_everything_opens_everything_critical_first() -> None:
    found = opened(NOTHING, document(statement("*"))).risks
    assert len(found) == len(CATALOGUE)
    levels = [each.risk.level for each in found]
    assert levels == sorted(levels)


@pytest.mark.parametrize("risk", CATALOGUE, ids=lambda risk: f"{risk.id}-{risk.title}")
def test_the_catalogue_is_well_formed(risk: Any) -> None:
    assert re.fullmatch(r"(ESC|ORG|LOG|BAK|DAT|NET)\d\d", risk.id)
    assert set(risk.source) <= set(SOURCES)
    names = [action.name for action in risk.actions]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z-]+:[A-Z]\w+", name) for name in names)
    if risk.id == "ESC09":
        assert {name.split(":")[0] for name in names} == set(SERVICE_OF_PREFIX)


def test_names_of_aws_that_ram_does_not_have_are_not_listed() -> None:
    names = {action.name for risk in CATALOGUE for action in (*risk.actions, *risk.together)}
    assert not names & {"ram:AttachRolePolicy", "ram:PutRolePolicy", "ram:UpdateAssumeRolePolicy"}
