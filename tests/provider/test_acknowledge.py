"""`acknowledge` on both resources: what it silences, what it refuses, and that nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.backup.resource_types import CODES as BACKUP_CODES
from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider.protocol.values import UNKNOWN
from constructs_lib.ram.resource_types import CODES as VERSION_CODES
from tests.provider.conftest import Core, Elsewhere, Managed
from tests.provider.test_policy_version import DEFAULT, NAME, STAGED, document, fill, versions

REASON = "as in production for years"
BACKUP = {"rule_type": "BACKUP", "backup_type": "COMPLETE", "schedule": "I|1648647166|P1D", "vault_id": "v-1"}
LONE = {"policy_name": "lone", "rules": [{**BACKUP, "retention": 7}]}
COPY = {"rule_type": "REPLICATION", "replication_region_id": "cn-hangzhou", "retention": 30}
COPIED = {"policy_name": "copied", "rules": [BACKUP, {"rule_type": "TRANSITION", "retention": 30}, COPY]}


@pytest.fixture(autouse=True)
def _lists_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two plans of a test the cloud changes; a real plan is another process."""
    monkeypatch.setattr("constructs_lib.provider.cloud.RECENT", -1.0)


def warned(managed: Managed, config: dict[str, Any]) -> list[str]:
    """The codes that validate and plan warn of; an error is none."""
    reported = [*managed.validate(config)]
    managed.plan(config)
    reported += managed.core.messages
    assert not [message for message in reported if message.startswith("ERROR")]
    return [message.split()[1].rstrip(":") for message in reported]


def silenced(config: dict[str, Any], reasons: Any) -> dict[str, Any]:
    return {**config, "acknowledge": reasons}


def test_it_silences_what_validate_warns_of(backup_policy: Managed) -> None:
    assert warned(backup_policy, LONE) == ["BP309"]
    assert warned(backup_policy, silenced(LONE, {"BP309": REASON})) == []
    assert warned(backup_policy, silenced(LONE, {"BP203": REASON})) == ["BP309"]


def test_it_silences_what_plan_warns_of(
    backup_policy: Managed, policy_version: Managed, elsewhere: Elsewhere
) -> None:
    assert warned(backup_policy, COPIED) == ["BP212"]
    assert warned(backup_policy, silenced(COPIED, {"BP212": REASON})) == []
    assert warned(policy_version, STAGED) == ["PV310"]
    assert warned(policy_version, silenced(STAGED, {"PV310": REASON})) == []
    elsewhere.create_policy(NAME, document("oss:*"))
    fill(elsewhere)
    full = {**STAGED, "rotate_strategy": None}
    assert warned(policy_version, full) == ["PV304"]
    assert warned(policy_version, silenced(full, {"PV304": REASON})) == []


def test_it_silences_the_one_error_of_a_plan_that_may_be_meant(backup_policy: Managed) -> None:
    config = {"policy_name": "p", "rules": [BACKUP, {"rule_type": "TRANSITION", "retention": -1}]}
    backup_policy.plan(config)
    (error,) = backup_policy.core.errors
    assert 'acknowledge = { BP213 = "why it is fine here" }' in error
    assert warned(backup_policy, silenced(config, {"BP213": REASON})) == []


@pytest.mark.parametrize("others", range(5))
def test_the_sixth_version_is_counted(policy_version: Managed, elsewhere: Elsewhere, others: int) -> None:
    elsewhere.create_policy(NAME, document("oss:*"))
    for number in range(others):
        elsewhere.create_policy_version(NAME, document(f"oss:Get{number}"))
    assert warned(policy_version, {**STAGED, "rotate_strategy": "None"}) == ["PV304"] * (others == 4)


@pytest.mark.parametrize("reasons", [UNKNOWN, {"BP309": UNKNOWN}])
def test_what_is_not_known_yet_may_silence_it(backup_policy: Managed, reasons: Any) -> None:
    assert warned(backup_policy, silenced(LONE, reasons)) == []


@pytest.mark.parametrize(
    ("reasons", "problem"),
    [
        ({"BP999": REASON}, "no check of this resource has this code; the guide Findings lists them"),
        ({"PV301": REASON}, "no check of this resource has this code"),
        ({"RV201": UNKNOWN}, "a change is approved in a review (--approve), and told once"),
        ({"bp309": REASON}, "no check of this resource has this code"),
        ({'x"]\u202e': REASON}, r"\u202e"),
        ({"BP103": REASON}, "only 2xx and 3xx codes can be acknowledged; fix what it reports instead"),
        ({"BP401": REASON}, "only 2xx and 3xx codes can be acknowledged"),
        ({"BP309": ""}, 'acknowledge["BP309"] is ""; say in words why it is fine here'),
        ({"BP309": " \n"}, "say in words why"),
        ({"BP309": None}, 'acknowledge["BP309"] is nothing; say in words why'),
    ],
)
def test_what_acknowledges_nothing_is_an_error(
    backup_policy: Managed, reasons: dict[str, Any], problem: str
) -> None:
    backup_policy.validate(silenced(LONE, reasons))
    (error,) = backup_policy.core.errors
    (code,) = reasons
    assert problem in error
    assert error.endswith(f"[acknowledge {code}]")


@pytest.mark.parametrize("reasons", [None, {}])
def test_no_reasons_are_none(backup_policy: Managed, reasons: Any) -> None:
    assert warned(backup_policy, silenced(LONE, reasons)) == ["BP309"]


def test_each_code_that_may_be_acknowledged_can_be(core: Core) -> None:
    for type_name, config, codes in (
        ("alipolicy_backup_policy", LONE, BACKUP_CODES),
        ("alipolicy_policy_version", STAGED, VERSION_CODES),
    ):
        reasons = {code: REASON for code in codes if code[2] in "23"}
        assert len(reasons) > 15
        assert Managed(core, type_name).validate(silenced(config, reasons)) == []


def test_an_error_stays_one(backup_policy: Managed) -> None:
    wrong = {**LONE, "rules": [{**BACKUP, "retention": -5}]}
    backup_policy.validate(silenced(wrong, {"BP309": REASON}))
    (error,) = backup_policy.core.errors
    assert error.startswith("ERROR BP103")


# ------------------------------------------------------------ the state, and the cloud


@pytest.mark.parametrize(
    ("type_name", "config"), [("alipolicy_backup_policy", LONE), ("alipolicy_policy_version", DEFAULT)]
)
def test_a_change_of_it_alone_stays_in_the_state(
    core: Core, elsewhere: Elsewhere, cloud: LocalCloud, type_name: str, config: dict[str, Any]
) -> None:
    elsewhere.create_policy(NAME, document("oss:*"))
    code = "BP309" if config is LONE else "PV304"
    managed = Managed(core, type_name)
    created = managed.apply(silenced(config, {code: REASON}))
    assert created["acknowledge"] == {code: REASON}
    assert managed.drift(silenced(config, {code: REASON})) == {}
    before = managed.id
    for reasons in ({code: "another reason"}, {}, None):
        assert managed.plan(silenced(config, reasons)) == {"acknowledge": reasons}
        assert not managed.replaced
        cloud.forget_requests()
        state = managed.apply(silenced(config, reasons))
        asked = [request.operation for request in cloud.requests()]
        assert [name for name in asked if not name.startswith(("List", "Get", "Describe"))] == []
        assert (state["acknowledge"], managed.id) == (reasons, before)
        assert managed.drift(silenced(config, reasons)) == {}


def test_it_costs_no_version(policy_version: Managed, elsewhere: Elsewhere) -> None:
    elsewhere.create_policy(NAME, document("oss:*"))
    policy_version.apply(DEFAULT)
    policy_version.apply(silenced(DEFAULT, {"PV304": REASON}))
    assert versions(elsewhere) == {"v1": False, "v2": True}


def test_what_is_imported_or_moved_has_none(
    backup_policy: Managed, policy_version: Managed, elsewhere: Elsewhere
) -> None:
    elsewhere.create_policy(NAME, document("oss:*"))
    backup_policy.apply(silenced(LONE, {"BP309": REASON}))
    imported = Managed(backup_policy.core, "alipolicy_backup_policy")
    assert (imported.import_(backup_policy.id) or {})["acknowledge"] is None
    assert (policy_version.import_(f"{NAME}:v1") or {})["acknowledge"] is None
    moved = Managed(backup_policy.core, "alipolicy_backup_policy")
    source = {"id": backup_policy.id, "policy_name": "lone", "rules": []}
    moved.move("registry.terraform.io/aliyun/alicloud", "alicloud_hbr_policy", source)
    assert (moved.state or {})["acknowledge"] is None
    assert moved.drift(silenced(LONE, {"BP309": REASON})) == {"acknowledge": {"BP309": REASON}}


# ------------------------------------------------------------ what a plan advises, followed


def test_the_advice_on_a_full_policy_quiets_it(policy_version: Managed, elsewhere: Elsewhere) -> None:
    elsewhere.create_policy(NAME, document("oss:*"))
    fill(elsewhere)
    full = {**STAGED, "rotate_strategy": "None"}
    policy_version.plan(full)
    (said,) = policy_version.core.messages
    assert f'Set it to "{STAGED["rotate_strategy"]}", or delete a version that nobody needs.' in said
    assert "PV304" not in "".join(warned(policy_version, STAGED))
    elsewhere.delete_policy_version(NAME, "v2")
    assert warned(policy_version, full) == []


def test_the_advice_on_a_policy_that_is_not_there_quiets_it(
    policy_version: Managed, elsewhere: Elsewhere
) -> None:
    policy_version.plan(STAGED)
    (said,) = policy_version.core.messages
    assert "Correct the name, or create the policy." in said
    assert "refer to its id: policy_name = alipolicy_policy.NAME.id." in said
    assert warned(policy_version, {**STAGED, "policy_name": UNKNOWN}) == []
    elsewhere.create_policy(NAME, document("oss:*"))
    assert warned(policy_version, STAGED) == []


def test_the_advice_on_more_versions_than_fit_quiets_it(core: Core, elsewhere: Elsewhere) -> None:
    elsewhere.create_policy(NAME, document("oss:*"))
    planned = []
    for number in range(6):
        managed = Managed(core, "alipolicy_policy_version")
        managed.plan({**STAGED, "policy_document": document(f"oss:Get{number}")})
        planned.append("".join(core.messages))
    assert "let fewer resources create versions of it" in planned[-1]
    assert "".join(planned[:4]) == ""
