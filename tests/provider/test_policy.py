"""`alipolicy_policy` against the local cloud: the policy itself, and how it lives beside its versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from constructs_lib.localcloud import Fault, LocalCloud
from constructs_lib.localcloud.faults import FaultKind
from constructs_lib.provider.policy_version import ROTATES
from constructs_lib.provider.protocol.values import UNKNOWN
from constructs_lib.provider.ram_policies import change_tags, delete_policy
from tests.provider.conftest import Core, Elsewhere, Managed, Run

NAME = "oss-readers"
POLICY, VERSION, ATTACHMENT = "alipolicy_policy", "alipolicy_policy_version", "alipolicy_policy_attachment"


def document(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": ["acs:oss:*:*:*"]}
    return json.dumps({"Version": "1", "Statement": [statement]})


FIRST, SECOND, THIRD = document("oss:Get*"), document("oss:List*"), document("oss:Put*")
GIVEN: dict[str, Any] = {
    "policy_name": NAME,
    "policy_document": FIRST,
    "description": "reads",
    "tags": {"team": "web"},
}


@pytest.fixture
def policy(core: Core) -> Managed:
    return Managed(core, POLICY)


def versions(cloud: Elsewhere) -> dict[str, bool]:
    return {version.version_id: version.is_default_version for version in cloud.policy_versions(NAME) or []}


def in_force(cloud: Elsewhere) -> str | None:
    found = next(version for version in cloud.policy_versions(NAME) or [] if version.is_default_version)
    return cloud.with_document(NAME, found).policy_document


def operations(cloud: LocalCloud) -> list[str]:
    return [request.operation for request in cloud.requests()]


# ------------------------------------------------------------ the policy


class TestLife:
    def test_from_the_first_apply_to_the_end(
        self, policy: Managed, elsewhere: Elsewhere, cloud: LocalCloud
    ) -> None:
        state = policy.apply(GIVEN)
        assert policy.core.messages == []
        assert state["id"] == NAME
        assert (state["version_id"], state["default_version"], state["policy_type"]) == ("v1", "v1", "Custom")
        assert policy.drift(GIVEN) == {}
        assert policy.core.messages == []

        cloud.forget_requests()
        changed = {**GIVEN, "description": "reads much", "tags": {"team": "app", "cost": ""}}
        assert set(policy.plan(changed)) == {"description", "tags", "update_date"}
        assert policy.apply(changed)["description"] == "reads much"
        assert "CreatePolicy" not in operations(cloud)
        assert policy.drift(changed) == {}
        assert policy.state
        assert policy.state["tags"] == {"team": "app", "cost": ""}

        assert policy.destroy() == []
        assert elsewhere.policy_versions(NAME) is None

    def test_each_step_calls_what_the_page_says(self, core: Core, policy: Managed, cloud: LocalCloud) -> None:
        cloud.add_principal("Role", "app")
        attachment = Managed(core, ATTACHMENT)
        attached = {"policy_name": NAME, "role_name": "app"}
        for step, expected in (
            (lambda: policy.apply(GIVEN), ["GetPolicy", "CreatePolicy", "GetPolicy"]),
            (lambda: attachment.apply(attached), ["AttachPolicyToRole"]),
            (policy.refresh, ["GetPolicy", "ListTagResources"]),
            (attachment.refresh, ["ListEntitiesForPolicy"]),
            (lambda: policy.plan(GIVEN), []),
            (attachment.destroy, ["DetachPolicyFromRole"]),
            (policy.destroy, ["ListPolicyVersions", "ListEntitiesForPolicy", "DeletePolicy"]),
        ):
            cloud.forget_requests()
            step()
            assert operations(cloud) == expected

    def test_an_import_reads_all_of_it(self, policy: Managed) -> None:
        policy.apply(GIVEN)
        imported = Managed(policy.core, POLICY)
        imported.import_(NAME)
        assert imported.state
        assert policy.state
        compact = json.dumps(json.loads(imported.state["policy_document"]), sort_keys=True)
        assert compact == json.dumps(json.loads(FIRST), sort_keys=True)
        assert {**imported.state, "policy_document": FIRST} == policy.state
        assert imported.plan(GIVEN) == {}
        assert imported.plan({**GIVEN, "policy_document": SECOND})

    def test_what_is_gone_is_created_again(self, policy: Managed, elsewhere: Elsewhere) -> None:
        policy.apply(GIVEN)
        delete_policy(elsewhere, NAME)
        assert policy.refresh() is None

    def test_a_description_that_is_left_out_stays(self, policy: Managed) -> None:
        policy.apply(GIVEN)
        without = {name: value for name, value in GIVEN.items() if name != "description"}
        assert policy.drift(without) == {}
        assert "PV112" in "".join(policy.validate({**GIVEN, "description": ""}))

    def test_no_tags_may_be_written_in_two_ways(self, policy: Managed) -> None:
        policy.apply({**GIVEN, "tags": {}})
        assert policy.drift({**GIVEN, "tags": {}}) == {}
        policy.apply({**GIVEN, "tags": None})
        assert policy.drift({**GIVEN, "tags": None}) == {}

    def test_a_tag_that_someone_added_is_taken_away(self, policy: Managed, elsewhere: Elsewhere) -> None:
        policy.apply(GIVEN)
        change_tags(elsewhere, NAME, GIVEN["tags"], {**GIVEN["tags"], "x": "y"})
        assert policy.drift(GIVEN)["tags"] == {"team": "web"}
        policy.apply(GIVEN)
        assert policy.drift(GIVEN) == {}

    def test_another_name_is_another_policy(self, policy: Managed) -> None:
        policy.apply(GIVEN)
        policy.plan({**GIVEN, "policy_name": "other"})
        assert policy.replaced

    def test_a_policy_of_that_name_is_not_taken_over(self, policy: Managed, elsewhere: Elsewhere) -> None:
        elsewhere.create_policy(NAME, FIRST)
        policy.apply(GIVEN)
        (error,) = policy.core.errors
        assert "There is a policy oss-readers already" in error
        assert "terraform import ADDRESS oss-readers" in error
        assert policy.state is None

    def test_what_is_wrong_is_said_at_once(self, policy: Managed) -> None:
        tags = {"acs:x": "1", "y": "http://z", "": "a"}
        wrong = {**GIVEN, "policy_name": "a b", "description": "x" * 1025, "tags": tags}
        said = policy.validate(wrong)
        assert [message.split(":")[0].split()[1] for message in said] == [
            "PV107", "PV112", "PV113", "PV113", "PV113",
        ]  # fmt: skip

    def test_unknown_values_are_not_judged(self, policy: Managed) -> None:
        later = {"policy_name": UNKNOWN, "policy_document": UNKNOWN, "description": UNKNOWN, "tags": UNKNOWN}
        assert policy.validate(later) == []
        assert policy.validate({**GIVEN, "tags": {"team": UNKNOWN}}) == []
        policy.plan(later)
        assert policy.core.messages == []


class TestDocument:
    def test_a_changed_document_takes_the_place_of_the_only_version(
        self, policy: Managed, elsewhere: Elsewhere
    ) -> None:
        policy.apply(GIVEN)
        for number, text in ((2, SECOND), (3, THIRD), (4, FIRST), (5, SECOND), (6, THIRD)):
            state = policy.apply({**GIVEN, "policy_document": text})
            assert policy.core.errors == []
            assert versions(elsewhere) == {f"v{number}": True}
            assert (state["version_id"], state["default_version"]) == (f"v{number}", f"v{number}")
            assert policy.drift({**GIVEN, "policy_document": text}) == {}
        assert policy.destroy() == []

    def test_beside_other_versions_it_is_refused(self, policy: Managed, elsewhere: Elsewhere) -> None:
        policy.apply(GIVEN)
        elsewhere.create_policy_version(NAME, SECOND)
        policy.plan({**GIVEN, "policy_document": THIRD})
        (error,) = policy.core.errors
        assert "cannot be changed while it has other versions" in error
        assert "alipolicy_policy_version" in error
        assert "made outside" in error
        assert versions(elsewhere) == {"v1": True, "v2": False}

    def test_another_default_version_is_no_drift(self, policy: Managed, elsewhere: Elsewhere) -> None:
        policy.apply(GIVEN)
        elsewhere.create_policy_version(NAME, SECOND, set_as_default=True)
        assert policy.drift(GIVEN) == {}
        assert policy.state
        assert (policy.state["version_id"], policy.state["default_version"]) == ("v1", "v2")
        assert policy.state["policy_document"] == FIRST


# ------------------------------------------------------------ its versions


@pytest.fixture
def pair(core: Core, policy: Managed) -> tuple[Managed, Managed]:
    """A policy, and a staged version of it."""
    policy.apply(GIVEN)
    version = Managed(core, VERSION)
    version.apply(STAGED)
    return policy, version


STAGED = {"policy_name": NAME, "policy_document": SECOND, "set_as_default": False}
PROMOTED = {**STAGED, "set_as_default": True}


class TestBesideVersions:
    def test_stage_promote_and_roll_back(self, pair: tuple[Managed, Managed], elsewhere: Elsewhere) -> None:
        policy, version = pair
        for config, default in ((STAGED, "v1"), (PROMOTED, "v2"), (STAGED, "v1"), (PROMOTED, "v2")):
            version.apply(config)
            assert version.core.errors == []
            assert policy.drift(GIVEN) == {}
            assert version.drift(config) == {}
            assert policy.state
            assert policy.state["default_version"] == default
            assert versions(elsewhere)[default]

    @pytest.mark.parametrize("config", [STAGED, PROMOTED])
    def test_the_version_goes_first_then_the_policy(
        self, pair: tuple[Managed, Managed], elsewhere: Elsewhere, config: dict[str, object]
    ) -> None:
        policy, version = pair
        version.apply(config)
        version.destroy()
        assert versions(elsewhere) == {"v1": True}
        assert policy.drift(GIVEN) == {}
        assert policy.destroy() == []
        assert elsewhere.policy_versions(NAME) is None

    @pytest.mark.parametrize("config", [STAGED, PROMOTED])
    def test_the_policy_does_not_go_before_its_versions(
        self, pair: tuple[Managed, Managed], elsewhere: Elsewhere, config: dict[str, object]
    ) -> None:
        policy, version = pair
        version.apply(config)
        before = versions(elsewhere)
        (warning,) = policy.plan_destroy()
        assert warning.startswith("WARNING Policy oss-readers can only be destroyed after what depends on it")
        assert "it has version v2" in warning
        assert "the state cannot be read here" in warning
        (error,) = [said for said in policy.destroy() if said.startswith("ERROR")]
        assert "Policy oss-readers cannot be destroyed: Nothing was changed: it has version v2" in error
        assert versions(elsewhere) == before
        version.destroy()
        assert policy.destroy() == []

    def test_forced_it_takes_them_along(self, pair: tuple[Managed, Managed], elsewhere: Elsewhere) -> None:
        policy, version = pair
        policy.apply({**GIVEN, "force_destroy": True})
        (said,) = policy.plan_destroy()
        assert (
            "will be destroyed with all that depends on it: force_destroy is true: it has version v2" in said
        )
        assert policy.destroy() == []
        assert elsewhere.policy_versions(NAME) is None
        assert version.destroy() == []

    def test_two_versions_in_every_order(self, core: Core, policy: Managed, elsewhere: Elsewhere) -> None:
        for order in permutations(range(2)):
            policy.apply(GIVEN)
            pair = [Managed(core, VERSION), Managed(core, VERSION)]
            configs = [PROMOTED, {**STAGED, "policy_document": THIRD}]
            for version, config in zip(pair, configs, strict=True):
                version.apply(config)
            pair[0].apply(STAGED)
            pair[1].apply({**configs[1], "set_as_default": True})
            for at in order:
                pair[at].plan_destroy()
            for at in order:
                pair[at].destroy()
                assert core.errors == []
            assert versions(elsewhere) == {"v1": True}
            assert policy.destroy() == []
            assert elsewhere.policy_versions(NAME) is None

    def test_rotation_may_take_the_version_of_the_policy(
        self, core: Core, policy: Managed, elsewhere: Elsewhere
    ) -> None:
        policy.apply(GIVEN)
        version = Managed(core, VERSION)
        for number in range(5):
            version.apply(
                {**PROMOTED, "policy_document": document(f"oss:Get{number}"), "rotate_strategy": ROTATES}
            )
            assert core.errors == []
        assert "v1" not in versions(elsewhere)
        assert policy.drift(GIVEN) == {}
        assert policy.state
        assert (policy.state["version_id"], policy.state["default_version"]) == ("v1", "v6")
        version.destroy()
        assert core.errors == []
        assert policy.destroy() == []
        assert elsewhere.policy_versions(NAME) is None

    def test_what_is_imported_gives_the_default_back_to_the_version_of_the_policy(
        self, core: Core, policy: Managed, elsewhere: Elsewhere
    ) -> None:
        policy.apply(GIVEN)
        elsewhere.create_policy_version(NAME, THIRD)
        elsewhere.create_policy_version(NAME, SECOND, set_as_default=True)
        version = Managed(core, VERSION)
        version.import_(f"{NAME}:v3")
        policy.refresh()
        version.destroy()
        assert core.errors == []
        assert versions(elsewhere) == {"v1": True, "v2": False}

    def test_a_new_version_knows_that_its_policy_is_planned(self, core: Core, policy: Managed) -> None:
        policy.plan(GIVEN)
        Managed(core, VERSION).plan(STAGED)
        assert core.messages == []
        Managed(core, VERSION).plan({**STAGED, "policy_name": "other"})
        assert "PV310" in core.messages[0]


# ------------------------------------------------------------ what goes wrong


class TestFaults:
    @pytest.mark.parametrize("fault", ["throttling", "server_error", "cut", "truncated", "not_json"])
    @pytest.mark.parametrize(
        "operation",
        ["CreatePolicy", "UpdatePolicyDescription", "TagResources", "UntagResources", "DeletePolicy"],
    )
    def test_a_call_that_fails_once_is_repeated(
        self, policy: Managed, cloud: LocalCloud, elsewhere: Elsewhere, fault: str, operation: str
    ) -> None:
        cloud.set_faults([Fault(kind=FaultKind(fault), operation=operation, count=1)])
        policy.apply(GIVEN)
        changed = {**GIVEN, "description": "other", "tags": {"cost": "1"}}
        policy.apply(changed)
        assert policy.core.errors == []
        assert policy.drift(changed) == {}
        assert policy.destroy() == []
        assert elsewhere.policy_versions(NAME) is None

    @pytest.mark.parametrize("moment", ["before", "after"])
    @pytest.mark.parametrize("operation", ["CreatePolicyVersion", "DeletePolicyVersion"])
    def test_a_killed_change_of_the_document_is_carried_on(
        self, run: Callable[..., Run], elsewhere: Elsewhere, operation: str, moment: str
    ) -> None:
        known = run().applied(POLICY, GIVEN)
        changed = {**GIVEN, "policy_document": SECOND}
        killed = run().killed(POLICY, changed, known, **{moment: operation})
        killed.state, killed.private = known.state, known.private
        last = run()
        policy = last.resource(POLICY, killed)
        policy.refresh()
        policy.apply(changed)
        assert last.core.errors == []
        assert [*versions(elsewhere).values()] == [True]
        assert in_force(elsewhere) is not None
        assert policy.drift(changed) == {}
        assert policy.destroy() == []

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_a_killed_creation_makes_one_policy(
        self, run: Callable[..., Run], elsewhere: Elsewhere, moment: str
    ) -> None:
        run().killed(POLICY, GIVEN, **{moment: "CreatePolicy"})
        last = run()
        policy = last.resource(POLICY)
        policy.apply(GIVEN)
        assert last.core.errors == []
        assert policy.drift(GIVEN) == {}

    def test_what_a_killed_run_created_and_nobody_wants_is_reported(
        self, run: Callable[..., Run], elsewhere: Elsewhere
    ) -> None:
        run().killed(POLICY, GIVEN, after="CreatePolicy")
        run().planned(POLICY, {**GIVEN, "policy_name": "other"})
        last = run()
        last.resource(POLICY).plan({**GIVEN, "policy_name": "other"})
        (said,) = last.reported("may have been created by an earlier run")
        assert "terraform import ADDRESS oss-readers" in said

    def test_an_answer_that_is_old_for_a_while_does_not_disturb(
        self, policy: Managed, cloud: LocalCloud, core: Core, elsewhere: Elsewhere
    ) -> None:
        cloud.set_faults([Fault(kind=FaultKind.STALE_READ, operation="GetPolicy", seconds=9, count=2)])
        policy.apply(GIVEN)
        assert policy.drift(GIVEN) == {}
        version = Managed(core, VERSION)
        version.apply(PROMOTED)
        code = "DeleteConflict.Policy.Version"
        cloud.set_faults(
            [Fault(kind=FaultKind.ERROR, operation="DeletePolicy", count=1, status=409, code=code)]
        )
        version.destroy()
        assert policy.destroy() == []


# ------------------------------------------------------------ from the official provider


def test_a_policy_of_the_official_provider_is_moved(
    core: Core, policy: Managed, elsewhere: Elsewhere
) -> None:
    elsewhere.create_policy(NAME, FIRST)
    elsewhere.create_policy_version(NAME, SECOND, set_as_default=True)
    official = {
        "id": NAME, "policy_name": NAME, "policy_document": SECOND, "description": "", "tags": {},
        "force": True, "version_id": "v2",
    }  # fmt: skip
    policy.move("registry.terraform.io/aliyun/alicloud", "alicloud_ram_policy", official)
    given = {"policy_name": NAME, "policy_document": SECOND, "force_destroy": True}
    assert policy.drift(given) == {}
    assert policy.state
    assert policy.state["version_id"] == "v2"
    policy.plan({**given, "policy_document": THIRD})
    assert "cannot be changed while it has other versions" in core.errors[0]
    policy.destroy()
    assert elsewhere.policy_versions(NAME) is None
