"""`alipolicy_policy_attachment` against the local cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.localcloud import Fault, LocalCloud
from constructs_lib.localcloud.faults import FaultKind
from constructs_lib.provider.protocol.values import UNKNOWN
from constructs_lib.provider.ram_policies import Attachment, Principal, attach, detach, holders
from tests.provider.conftest import Core, Elsewhere, Managed, Run, arguments

NAME, TYPE = "oss-readers", "alipolicy_policy_attachment"
DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Get*","Resource":"acs:oss:*:*:*"}]}'
GIVEN = {"policy_name": NAME, "role_name": "app"}
APP = Attachment("Custom", NAME, Principal("role", "app"))


@pytest.fixture
def attachment(core: Core, cloud: LocalCloud, elsewhere: Elsewhere) -> Managed:
    """An attachment in an account with a policy, a user, a group and a role."""
    elsewhere.create_policy(NAME, DOCUMENT)
    for kind, name in (("User", "alice"), ("Group", "writers"), ("Role", "app")):
        cloud.add_principal(kind, name)
    return Managed(core, TYPE)


def names(cloud: Elsewhere, policy_name: str = NAME, policy_type: str = "Custom") -> list[str]:
    return [str(principal) for principal in holders(cloud, policy_name, policy_type)]


def operations(cloud: LocalCloud) -> list[str]:
    return [request.operation for request in cloud.requests()]


TWO = "ERROR Policy oss-readers is attached to role app by two resources"


class TestTwoResources:
    def test_two_new_ones_are_refused_at_plan(self, attachment: Managed) -> None:
        other = Managed(attachment.core, TYPE)
        attachment.plan(GIVEN)
        assert other.core.errors == []
        other.plan({**GIVEN, "policy_type": "Custom"})
        (reported,) = other.core.errors
        assert reported.startswith(TWO)
        assert reported.endswith("[role_name]")

    @pytest.mark.parametrize("order", [0, 1])
    def test_one_that_is_there_and_a_new_one(
        self, attachment: Managed, cloud: LocalCloud, order: int
    ) -> None:
        attachment.apply(GIVEN)
        core = Core(**arguments(cloud))
        known, new = Managed(core, TYPE), Managed(core, TYPE)
        known.state, known.private = attachment.state, attachment.private
        for each in ((known, new), (new, known))[order]:
            each.plan(GIVEN)
        (reported,) = core.errors
        assert reported.startswith(TWO)

    def test_others_are_not(self, attachment: Managed) -> None:
        for given in (GIVEN, {**GIVEN, "policy_type": "System", "policy_name": "ReadOnlyAccess"}):
            Managed(attachment.core, TYPE).plan(given)
        Managed(attachment.core, TYPE).plan({"policy_name": NAME, "user_name": "alice"})
        Managed(attachment.core, TYPE).plan({**GIVEN, "role_name": UNKNOWN})
        assert attachment.core.errors == []

    def test_one_that_is_replaced_or_moves_to_another_role_is_not(self, attachment: Managed) -> None:
        attachment.apply(GIVEN)
        attachment.plan(GIVEN)
        attachment.apply(GIVEN)
        attachment.destroy()
        attachment.apply(GIVEN)
        assert attachment.core.errors == []

    @pytest.mark.parametrize("is_made_first", [True, False])
    def test_a_new_address_keeps_what_the_old_one_gives_up(
        self, attachment: Managed, cloud: LocalCloud, elsewhere: Elsewhere, is_made_first: bool
    ) -> None:
        attachment.apply(GIVEN)
        core = Core(**arguments(cloud))
        old, new = Managed(core, TYPE), Managed(core, TYPE)
        old.state, old.private = attachment.state, attachment.private
        steps = [lambda: new.apply(GIVEN), old.destroy]
        for step in steps if is_made_first else reversed(steps):
            step()
        assert core.errors == []
        assert names(elsewhere) == ["role app"]
        later = Managed(Core(**arguments(cloud)), TYPE)
        later.state, later.private = new.state, new.private
        later.destroy()
        assert names(elsewhere) == []


class TestLife:
    @pytest.mark.parametrize(
        ("principal", "id"),
        [
            ({"user_name": "alice"}, "user:alice:Custom:oss-readers"),
            ({"group_name": "writers"}, "group:writers:Custom:oss-readers"),
            ({"role_name": "app"}, "role:app:Custom:oss-readers"),
        ],
    )
    def test_from_the_first_apply_to_the_end(
        self, attachment: Managed, elsewhere: Elsewhere, principal: dict[str, str], id: str
    ) -> None:
        given = {"policy_name": NAME, **principal}
        assert attachment.apply(given)["id"] == id
        assert attachment.core.messages == []
        assert names(elsewhere) == [" ".join(id.split(":")[:2])]
        assert attachment.drift(given) == {}

        imported = Managed(attachment.core, TYPE)
        imported.import_(id)
        assert imported.state == attachment.state
        assert attachment.destroy() == []
        assert names(elsewhere) == []

    def test_each_step_is_one_call(self, attachment: Managed, cloud: LocalCloud) -> None:
        cloud.forget_requests()
        attachment.apply(GIVEN)
        attachment.refresh()
        attachment.destroy()
        assert operations(cloud) == ["AttachPolicyToRole", "ListEntitiesForPolicy", "DetachPolicyFromRole"]

    def test_all_attachments_of_a_policy_are_read_at_once(
        self, core: Core, attachment: Managed, cloud: LocalCloud
    ) -> None:
        attachment.apply(GIVEN)
        other = Managed(core, TYPE)
        other.apply({"policy_name": NAME, "user_name": "alice"})
        cloud.forget_requests()
        assert attachment.refresh()
        assert other.refresh()
        assert operations(cloud) == ["ListEntitiesForPolicy"]

    def test_a_system_policy(self, attachment: Managed, elsewhere: Elsewhere) -> None:
        given = {**GIVEN, "policy_name": "AliyunOSSReadOnlyAccess", "policy_type": "System"}
        assert attachment.apply(given)["id"] == "role:app:System:AliyunOSSReadOnlyAccess"
        assert attachment.core.messages == []
        assert attachment.drift(given) == {}
        attachment.destroy()
        assert names(elsewhere, "AliyunOSSReadOnlyAccess", "System") == []

    @pytest.mark.parametrize(
        "other", [{"role_name": "other"}, {"role_name": None, "user_name": "alice"}, {"policy_name": "x"}]
    )
    def test_every_change_is_another_attachment(self, attachment: Managed, other: dict[str, Any]) -> None:
        attachment.apply(GIVEN)
        attachment.plan({**GIVEN, **other})
        assert attachment.replaced

    def test_a_reason_is_changed_in_place(self, attachment: Managed) -> None:
        attachment.apply(GIVEN)
        attachment.apply({**GIVEN, "acknowledge": {"PA301": "so it is"}})
        assert attachment.core.errors == []
        assert not attachment.replaced


class TestOthers:
    def test_what_is_attached_already_is_taken_over(self, attachment: Managed, elsewhere: Elsewhere) -> None:
        attach(elsewhere, APP)
        attachment.apply(GIVEN)
        (said,) = attachment.core.messages
        assert said.startswith("WARNING Policy oss-readers was attached to role app already")
        assert attachment.drift(GIVEN) == {}

    def test_what_was_detached_is_attached_again(self, attachment: Managed, elsewhere: Elsewhere) -> None:
        attachment.apply(GIVEN)
        attachment.private = b""
        detach(elsewhere, APP)
        assert attachment.refresh() is None
        attachment.apply(GIVEN)
        assert names(elsewhere) == ["role app"]

    def test_what_is_gone_is_detached(self, attachment: Managed, elsewhere: Elsewhere) -> None:
        attachment.apply(GIVEN)
        detach(elsewhere, APP)
        assert attachment.destroy() == []

    def test_a_policy_that_someone_has_is_not_destroyed(
        self, core: Core, attachment: Managed, elsewhere: Elsewhere
    ) -> None:
        policy = Managed(core, "alipolicy_policy")
        policy.import_(NAME)
        attachment.apply(GIVEN)
        (error,) = [said for said in policy.destroy() if said.startswith("ERROR")]
        assert "Policy oss-readers cannot be destroyed: Nothing was changed: role app has it" in error
        policy.apply({"policy_name": NAME, "policy_document": DOCUMENT, "force_destroy": True})
        policy.refresh()
        assert "role app has it" in policy.plan_destroy()[0]
        assert policy.destroy() == []
        assert elsewhere.policy_versions(NAME) is None
        assert attachment.refresh() is None


class TestFaults:
    @pytest.mark.parametrize(
        "operation", ["AttachPolicyToRole", "DetachPolicyFromRole", "ListEntitiesForPolicy"]
    )
    @pytest.mark.parametrize("fault", ["throttling", "server_error", "cut", "truncated", "not_json"])
    def test_a_call_that_fails_once_is_repeated(
        self, attachment: Managed, cloud: LocalCloud, elsewhere: Elsewhere, fault: str, operation: str
    ) -> None:
        cloud.set_faults([Fault(kind=FaultKind(fault), operation=operation, count=1)])
        attachment.apply(GIVEN)
        assert attachment.core.messages == []
        assert attachment.drift(GIVEN) == {}
        assert attachment.destroy() == []
        assert names(elsewhere) == []

    @pytest.mark.parametrize("code", ["EntityNotExist.Policy", "EntityNotExist.Role"])
    def test_what_was_just_created_is_waited_for(
        self, attachment: Managed, cloud: LocalCloud, elsewhere: Elsewhere, code: str
    ) -> None:
        missing = Fault(kind=FaultKind.ERROR, operation="AttachPolicyToRole", count=2, status=404, code=code)
        cloud.set_faults([missing])
        cloud.forget_requests()
        attachment.apply(GIVEN)
        assert attachment.core.messages == []
        assert operations(cloud) == ["AttachPolicyToRole"] * 3
        assert names(elsewhere) == ["role app"]

    def test_an_attachment_that_is_not_seen_yet_is_not_gone(
        self, attachment: Managed, cloud: LocalCloud
    ) -> None:
        attachment.apply(GIVEN)
        cloud.set_faults(
            [Fault(kind=FaultKind.STALE_READ, operation="ListEntitiesForPolicy", seconds=9, count=1)]
        )
        assert attachment.refresh()

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_a_killed_run_attaches_once(
        self, attachment: Managed, run: Callable[..., Run], elsewhere: Elsewhere, moment: str
    ) -> None:
        run().killed(TYPE, GIVEN, **{moment: "AttachPolicyToRole"})
        last = run()
        again = last.resource(TYPE)
        again.apply(GIVEN)
        assert last.core.errors == []
        assert bool(last.reported("was attached to role app already")) == (moment == "after")
        assert names(elsewhere) == ["role app"]
        assert again.drift(GIVEN) == {}


class TestRefusals:
    def test_what_is_missing_is_named(self, attachment: Managed) -> None:
        attachment.apply({**GIVEN, "role_name": "nobody"})
        assert "There is no role nobody in this account" in attachment.core.errors[0]
        attachment.apply({**GIVEN, "policy_name": "nothing"})
        assert "There is no policy nothing in this account" in attachment.core.errors[0]
        assert "set policy_type to System" in attachment.core.errors[0]

    def test_an_unknown_system_policy_is_refused_at_plan(
        self, attachment: Managed, cloud: LocalCloud
    ) -> None:
        attachment.plan({**GIVEN, "policy_type": "System"})
        assert "There is no system policy oss-readers" in attachment.core.errors[0]
        # Where the plan could not look: at once, since a system policy is never new.
        cloud.set_faults(
            [Fault(kind=FaultKind.ERROR, operation="GetPolicy", status=403, code="NoPermission")]
        )
        cloud.forget_requests()
        attachment.apply({**GIVEN, "policy_name": "AliyunNothing", "policy_type": "System"})
        assert "There is no system policy AliyunNothing" in attachment.core.errors[0]
        assert operations(cloud).count("AttachPolicyToRole") == 1

    @pytest.mark.parametrize(
        ("given", "code", "kind"),
        [
            ({"role_name": None}, "PA101", "ERROR"),
            ({"user_name": "alice"}, "PA101", "ERROR"),
            ({"policy_name": "a/b"}, "PA102", "ERROR"),
            ({"role_name": "acs:ram::1:role/app"}, "PA102", "ERROR"),
            ({"policy_type": "system"}, "PA103", "ERROR"),
            ({"policy_type": "System", "policy_name": "AdministratorAccess"}, "PA301", "WARNING"),
        ],
    )
    def test_what_is_wrong_is_said_at_once(
        self, attachment: Managed, given: dict[str, Any], code: str, kind: str
    ) -> None:
        (said,) = attachment.validate({**GIVEN, **given})
        assert said.startswith(f"{kind} {code}")

    def test_unknown_values_are_not_judged(self, attachment: Managed) -> None:
        later = {"policy_name": UNKNOWN, "policy_type": UNKNOWN, "role_name": UNKNOWN}
        assert attachment.validate(later) == []
        attachment.plan(later)
        assert attachment.core.messages == []

    def test_who_has_the_policy_may_be_known_later(self, attachment: Managed) -> None:
        """`each.key == "role" ? "app" : null`: Terraform checks it before it knows `each.key`."""
        principals = ("user_name", "group_name", "role_name")
        assert attachment.validate({**GIVEN, **dict.fromkeys(principals, UNKNOWN)}) == []
        assert attachment.validate({**GIVEN, "user_name": UNKNOWN}) == []
        (said,) = attachment.validate({**GIVEN, "user_name": "alice", "group_name": UNKNOWN})
        assert said.startswith("ERROR PA101")
        assert "user_name and role_name" in said

    @pytest.mark.parametrize(
        "id", ["", "app", "role:app:oss-readers", "robot:app:Custom:x", "role:a:Other:x"]
    )
    def test_what_is_no_id_is_not_imported(self, attachment: Managed, id: str) -> None:
        attachment.import_(id)
        assert "Import by <kind>:<name>:<policy_type>:<policy_name>" in attachment.core.errors[0]


@pytest.mark.parametrize(("kind", "name"), [("user", "alice"), ("group", "writers"), ("role", "app")])
def test_an_attachment_of_the_official_provider_is_moved(
    attachment: Managed, elsewhere: Elsewhere, kind: str, name: str
) -> None:
    attach(elsewhere, Attachment("Custom", NAME, Principal(kind, name)))
    official = {"id": f"{kind}:{NAME}:Custom:{name}", "policy_name": NAME, "policy_type": "Custom"}
    source = f"alicloud_ram_{kind}_policy_attachment"
    attachment.move("registry.terraform.io/aliyun/alicloud", source, {**official, f"{kind}_name": name})
    given = {"policy_name": NAME, f"{kind}_name": name}
    assert attachment.drift(given) == {}
    assert attachment.state
    assert attachment.state["id"] == f"{kind}:{name}:Custom:{NAME}"
