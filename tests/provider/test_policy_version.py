"""`alipolicy_policy_version` against the local cloud."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from constructs_lib.localcloud import Fault, LocalCloud
from constructs_lib.provider.default_versions import ATTRIBUTES
from constructs_lib.provider.pending_creates.journal import Journal
from constructs_lib.provider.policy_version import ROTATES, to_api
from constructs_lib.provider.protocol.values import UNKNOWN
from tests.provider.conftest import NULL, Core, Elsewhere, Managed, Workspace, arguments

NAME = "oss-readers"


def document(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions or ("oss:Get*",)), "Resource": ["acs:oss:*:*:*"]}
    return json.dumps({"Version": "1", "Statement": [statement]})


FIRST, SECOND, THIRD = document("oss:Get*"), document("oss:List*"), document("oss:Put*")
REWRITTEN = """{
  "Statement": [ {"Resource": "acs:oss:*:*:*", "Action": "oss:Get*", "Effect": "Allow"} ],
  "Version": "1"
}"""
STAGED = {
    "policy_name": NAME,
    "policy_document": FIRST,
    "rotate_strategy": ROTATES,
    "set_as_default": False,
}
DEFAULT = {**STAGED, "set_as_default": True}
HCL = f"""
resource "alipolicy_policy_version" "readers" {{
  policy_name     = "{NAME}"
  rotate_strategy = "{ROTATES}"
  set_as_default  = true
  policy_document = jsonencode({{
    Version   = "1"
    Statement = [{{ Effect = "Allow", Action = ["oss:Get*"], Resource = ["acs:oss:*:*:*"] }}]
  }})
}}
"""


@pytest.fixture
def policy(elsewhere: Elsewhere) -> Elsewhere:
    """A cloud in which the policy is there, with v1 as the default."""
    elsewhere.create_policy(NAME, document("oss:*"))
    return elsewhere


def versions(cloud: Elsewhere) -> dict[str, bool]:
    """The ids of the policy's versions, and whether each is the default."""
    return {version.version_id: version.is_default_version for version in cloud.policy_versions(NAME) or []}


def fill(cloud: Elsewhere) -> None:
    """Versions of others, until there are five."""
    for number in range(len(versions(cloud)), 5):
        cloud.create_policy_version(NAME, document(f"oss:Get{number}"))


class TestRealTerraform:
    def test_from_the_first_apply_to_the_end(self, workspace: Workspace, policy: Elsewhere) -> None:
        reformatted = HCL.replace('Version   = "1"\n', "").replace(
            '"acs:oss:*:*:*"] }]', '"acs:oss:*:*:*"] }]\nVersion = "1"'
        )
        workspace.change(HCL)
        state = workspace.state()["alipolicy_policy_version.readers"]
        assert (state["id"], state["is_default_version"]) == (f"{NAME}:v2", True)

        assert workspace.plan(reformatted).status == 0
        workspace.change(HCL.replace("oss:Get*", "oss:List*"))
        assert versions(policy) == {"v1": False, "v2": False, "v3": True}
        workspace.change(HCL.replace("oss:Get*", "oss:List*").replace("= true", "= false"))
        assert versions(policy) == {"v1": False, "v2": True, "v3": False}

        destroyed = workspace.destroy()
        assert destroyed.status == 0, destroyed.text
        assert "Version v1 of policy oss-readers is the default version again" in destroyed.text
        assert versions(policy) == {"v1": True}

    def test_a_version_that_replaces_another_stays_the_default(
        self, workspace: Workspace, policy: Elsewhere
    ) -> None:
        workspace.change(HCL)
        after = HCL.replace('"readers"', '"next"').replace("oss:Get*", "oss:List*")
        staged = HCL.replace("= true", "= false\n  depends_on = [alipolicy_policy_version.next]")
        workspace.change(staged + after)
        assert versions(policy) == {"v1": False, "v2": False, "v3": True}

    def test_two_versions_that_were_the_default_in_turns_are_destroyed_together(
        self, workspace: Workspace, policy: Elsewhere
    ) -> None:
        second = HCL.replace('"readers"', '"next"').replace("oss:Get*", "oss:List*")
        workspace.change(HCL + second.replace("= true", "= false"))
        for _ in range(2):
            workspace.change(
                HCL.replace("= true", "= false") + second, HCL + second.replace("= true", "= false")
            )
        destroyed = workspace.destroy()
        assert destroyed.status == 0, destroyed.text
        assert versions(policy) == {"v1": True}

    def test_a_tainted_default_version_makes_way_with_all_that_came_before_it(
        self, workspace: Workspace, policy: Elsewhere
    ) -> None:
        workspace.change(HCL, HCL.replace("oss:Get*", "oss:List*"))
        for _ in range(2):
            assert workspace.run("taint", "alipolicy_policy_version.readers").status == 0
            workspace.change(HCL)
        assert versions(policy) == {"v1": False, "v5": True}
        assert workspace.destroy().status == 0
        assert versions(policy) == {"v1": True}

    def test_a_document_with_parts_that_only_the_apply_knows(
        self, workspace: Workspace, policy: Elsewhere
    ) -> None:
        unknown = 'resource "terraform_data" "later" {\n  input = "bucket"\n}\n'
        workspace.change(unknown + HCL.replace("acs:oss:*:*:*", "acs:oss:*:*:${terraform_data.later.id}"))
        assert versions(policy) == {"v1": False, "v2": True}

    def test_import_by_command(self, workspace: Workspace, policy: Elsewhere) -> None:
        policy.create_policy_version(NAME, FIRST, set_as_default=True)
        plain = HCL.replace(f'  rotate_strategy = "{ROTATES}"\n', "")
        workspace.write(plain)
        imported = workspace.run("import", "-no-color", "alipolicy_policy_version.readers", f"{NAME}:v2")
        assert imported.status == 0, imported.text
        assert workspace.plan(plain).status == 0


class TestCreate:
    def test_a_staged_version_does_not_change_the_default(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        state = policy_version.apply(STAGED)
        assert (state["id"], state["version_id"]) == (f"{NAME}:v2", "v2")
        assert (state["is_default_version"], state["set_as_default"]) == (False, False)
        assert state["create_date"].endswith("Z")
        assert versions(policy) == {"v1": True, "v2": False}
        assert policy_version.drift(STAGED) == {}

    def test_a_default_version(self, policy_version: Managed, policy: Elsewhere) -> None:
        assert policy_version.apply(DEFAULT)["is_default_version"] is True
        assert versions(policy) == {"v1": False, "v2": True}
        assert policy_version.drift(DEFAULT) == {}

    def test_the_canonical_document_is_sent_and_the_written_one_kept(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        config = {**STAGED, "policy_document": REWRITTEN}
        assert policy_version.apply(config)["policy_document"] == REWRITTEN
        reported = policy.policy_version(NAME, "v2")
        assert reported is not None
        assert reported.policy_document == to_api(FIRST) == to_api(REWRITTEN)
        assert policy_version.drift(config) == {}

    def test_a_policy_variable_is_text(self, policy_version: Managed, policy: Elsewhere) -> None:
        config = {**STAGED, "policy_document": document("oss:Get*").replace(":*:*:*", ":*:*:${acs:x}/${y}")}
        policy_version.apply(config)
        undocumented, message = policy_version.core.messages
        assert undocumented.startswith("WARNING PV210")
        assert message.startswith("WARNING PV305")
        assert 'received "acs:oss:*:*:${acs:x}/${y}"' in message
        reported = policy.policy_version(NAME, "v2")
        assert reported is not None
        assert "${acs:x}/${y}" in (reported.policy_document or "")

    def test_the_plan_warns_of_a_policy_that_is_not_there(self, policy_version: Managed) -> None:
        policy_version.plan(STAGED)
        (reported,) = policy_version.core.messages
        assert reported.startswith("WARNING PV310: The policy of a version does not exist")
        assert reported.endswith("[policy_name]")

    def test_a_policy_that_is_not_there(self, policy_version: Managed, cloud: LocalCloud) -> None:
        policy_version.apply(STAGED)
        (reported,) = policy_version.core.errors
        assert "EntityNotExist.Policy" in reported
        assert "Create the policy first (alipolicy_policy)" in reported
        assert reported.endswith("[policy_name]")
        assert policy_version.state is None

    def test_a_document_that_ram_refuses(
        self, policy_version: Managed, policy: Elsewhere, cloud: LocalCloud
    ) -> None:
        cloud.set_faults(
            [Fault(kind="error", operation="CreatePolicyVersion", status=400, code="MalformedPolicyDocument")]
        )
        policy_version.apply(STAGED)
        (reported,) = policy_version.core.errors
        assert "RAM does not accept its grammar" in reported
        assert reported.endswith("[policy_document]")

    @pytest.mark.parametrize("kind", ["cut", "truncated", "not_json"])
    def test_a_lost_answer_leaves_one_version(
        self, policy_version: Managed, policy: Elsewhere, cloud: LocalCloud, kind: str
    ) -> None:
        cloud.set_faults([Fault(kind=kind, operation="CreatePolicyVersion", count=1)])
        policy_version.apply(DEFAULT)
        assert policy_version.core.errors == []
        assert versions(policy) == {"v1": False, "v2": True}
        assert policy_version.drift(DEFAULT) == {}

    def test_what_fails_afterwards_is_tainted_and_not_lost(
        self, policy_version: Managed, policy: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("after the version exists")

        monkeypatch.setattr("constructs_lib.provider.policy_version.warn_after_create", broken)
        assert policy_version.apply(STAGED)["version_id"] == "v2"
        assert policy_version.core.errors


class TestChange:
    def test_a_document_that_only_differs_in_writing_is_no_change(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(STAGED)
        assert policy_version.drift({**STAGED, "policy_document": REWRITTEN}) == {}

    def test_a_byte_order_mark_and_line_ends_are_no_change(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        marked = {**STAGED, "policy_document": "\ufeff" + REWRITTEN.replace("\n", "\r\n")}
        policy_version.apply(marked)
        assert policy_version.drift(marked) == {}
        assert policy_version.drift(STAGED) == {}

    def test_another_document_makes_another_version_in_place(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(DEFAULT)
        changed = {**DEFAULT, "policy_document": SECOND}
        plan = policy_version.plan(changed)
        names = {"id", "version_id", "is_default_version", "create_date"}
        assert {name for name, value in plan.items() if value is UNKNOWN} == names
        assert not policy_version.replaced
        assert policy_version.apply(changed)["version_id"] == "v3"
        assert versions(policy) == {"v1": False, "v2": False, "v3": True}
        assert policy_version.drift(changed) == {}

    def test_a_new_document_can_be_staged_beside_the_default_version(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(DEFAULT)
        policy_version.apply({**STAGED, "policy_document": SECOND})
        assert versions(policy) == {"v1": False, "v2": True, "v3": False}
        policy_version.apply({**DEFAULT, "policy_document": SECOND})
        assert versions(policy) == {"v1": False, "v2": False, "v3": True}

    def test_promote_and_roll_back(self, policy_version: Managed, policy: Elsewhere) -> None:
        policy_version.apply(STAGED)
        assert policy_version.apply(DEFAULT)["is_default_version"] is True
        assert versions(policy) == {"v1": False, "v2": True}
        assert policy_version.apply(STAGED)["is_default_version"] is False
        assert versions(policy) == {"v1": True, "v2": False}
        assert policy_version.drift(STAGED) == {}

    def test_rolling_back_reaches_the_version_before(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        for text in (FIRST, SECOND, THIRD):
            policy_version.apply({**DEFAULT, "policy_document": text})
        policy_version.apply({**STAGED, "policy_document": THIRD})
        assert versions(policy) == {"v1": False, "v2": False, "v3": True, "v4": False}

    def test_rolling_back_where_nothing_was_before_is_refused_by_the_plan(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(DEFAULT)
        policy.delete_policy_version(NAME, "v1")
        policy.create_policy_version(NAME, SECOND)
        policy_version.plan(STAGED)
        (reported,) = policy_version.core.errors
        assert "Policy oss-readers has no version to fall back to" in reported
        assert "The newest other version is v3 of" in reported
        assert ": v2 is the default version, and" in reported
        assert reported.endswith("[set_as_default]")

    def test_another_policy_name_makes_another_resource(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(STAGED)
        policy_version.plan({**STAGED, "policy_name": "other"})
        assert policy_version.replaced

    def test_another_strategy_calls_nobody(
        self, policy_version: Managed, policy: Elsewhere, cloud: LocalCloud
    ) -> None:
        policy_version.apply(STAGED)
        cloud.forget_requests()
        policy_version.apply({**STAGED, "rotate_strategy": "None"})
        assert cloud.requests() == []
        assert policy_version.drift({**STAGED, "rotate_strategy": "None"}) == {}


class TestFiveVersions:
    def test_the_plan_names_the_version_that_goes(self, policy_version: Managed, policy: Elsewhere) -> None:
        fill(policy)
        policy_version.apply(DEFAULT)
        (reported,) = policy_version.core.messages
        assert reported.startswith("WARNING Version v2 of policy oss-readers will be deleted")
        assert list(versions(policy)) == ["v1", "v3", "v4", "v5", "v6"]

    def test_the_plan_names_what_goes_for_several_that_are_planned_together(
        self, core: Core, policy: Elsewhere
    ) -> None:
        policy.create_policy_version(NAME, document("oss:Head*"))
        reported = []
        for number in range(6):
            planned = Managed(core, "alipolicy_policy_version")
            for _ in range(1 if number == 3 else 2):  # what is replaced is planned twice
                planned.plan(
                    {**STAGED, "policy_document": document(f"oss:Get{number}"), "set_as_default": number == 3}
                )
            reported.append([message.partition(": ")[0] for message in core.messages])
        assert reported[:3] == [[], [], []]
        assert reported[3] == ["WARNING Version v2 of policy oss-readers will be deleted"]
        assert reported[4] == ["WARNING Version v1 of policy oss-readers will be deleted"]
        assert reported[5] == ["WARNING Policy oss-readers gets more versions than it can hold"]

    def test_what_is_made_is_not_counted_twice(self, core: Core, policy: Elsewhere) -> None:
        for number in range(4):
            Managed(core, "alipolicy_policy_version").apply(
                {**STAGED, "policy_document": document(f"oss:Get{number}")}
            )
            assert core.messages == []

    def test_the_plan_warns_of_a_refusal(self, policy_version: Managed, policy: Elsewhere) -> None:
        fill(policy)
        policy_version.plan({**STAGED, "rotate_strategy": None})
        (reported,) = policy_version.core.messages
        assert reported.startswith("WARNING PV304: The sixth version will be refused")
        assert "policy oss-readers has 5 versions already" in reported

    def test_a_policy_that_the_run_creates_is_not_asked_for_and_has_its_own_version(
        self, core: Core, cloud: LocalCloud
    ) -> None:
        Managed(core, "alipolicy_policy").plan({"policy_name": NAME, "policy_document": document("oss:*")})
        reported = []
        for number in range(5):
            given = {"policy_document": document(f"oss:Get{number}"), "rotate_strategy": "None"}
            Managed(core, "alipolicy_policy_version").plan(STAGED | given)
            reported.append([message.partition(": ")[0] for message in core.messages])
        assert reported == [[], [], [], [], ["WARNING PV304"]]
        assert "ListPolicyVersions" not in [request.operation for request in cloud.requests()]

    def test_a_refusal_lists_the_versions(self, policy_version: Managed, policy: Elsewhere) -> None:
        policy_version.apply(STAGED)
        fill(policy)
        policy.set_default_policy_version(NAME, "v4")
        policy_version.drift(STAGED)
        policy_version.apply({**STAGED, "policy_document": SECOND, "rotate_strategy": None})
        (reported,) = policy_version.core.errors
        assert "has no room for another version" in reported
        ends = ["which came with the policy", "made by this resource", "made outside"]
        ends += ["the default version, made outside", "made outside"]
        listed = "; ".join(rf"v{number} of [-0-9T:]+Z, {end}" for number, end in enumerate(ends, 1))
        assert re.search(rf": It has {listed}\. At most 5 are allowed: delete one", reported)
        assert reported.endswith("[rotate_strategy]")

    def test_own_versions_may_rotate_away(self, policy_version: Managed, policy: Elsewhere) -> None:
        for number in range(8):
            policy_version.apply({**DEFAULT, "policy_document": document(f"oss:Get{number}")})
            assert policy_version.core.errors == []
        assert versions(policy) == {"v5": False, "v6": False, "v7": False, "v8": False, "v9": True}
        state = policy_version.refresh() or {}
        assert state["fallback_version_on_destroy"] == state["default_version"]
        (reported,) = policy_version.plan_destroy()
        assert reported.startswith("WARNING Version v9 of policy oss-readers will stay, and stay the default")
        assert "v9 of policy oss-readers stays the default version" in policy_version.destroy()[-1]
        assert versions(policy) == {"v9": True}

    def test_a_plan_that_cannot_look_still_goes_on(
        self, policy_version: Managed, policy: Elsewhere, cloud: LocalCloud
    ) -> None:
        cloud.set_faults(
            [Fault(kind="error", operation="ListPolicyVersions", status=403, code="NoPermission")]
        )
        policy_version.plan(STAGED)
        (reported,) = policy_version.core.messages
        assert reported.startswith("WARNING The versions of policy oss-readers could not be looked up")


class TestDrift:
    def test_a_default_switched_by_others_is_put_right(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(DEFAULT)
        policy.set_default_policy_version(NAME, "v1")
        changes = policy_version.drift(DEFAULT)
        assert (changes["set_as_default"], changes["is_default_version"]) == (True, UNKNOWN)
        assert changes.keys() == {"set_as_default", "is_default_version", *ATTRIBUTES}
        policy_version.apply(DEFAULT)
        assert versions(policy) == {"v1": False, "v2": True}

    def test_a_staged_version_that_others_made_the_default(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(STAGED)
        policy.set_default_policy_version(NAME, "v2")
        assert policy_version.drift(STAGED)["set_as_default"] is False
        policy_version.apply(STAGED)
        assert versions(policy) == {"v1": True, "v2": False}

    def test_a_version_that_others_deleted_leaves_the_state(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(STAGED)
        policy.delete_policy_version(NAME, "v2")
        assert policy_version.refresh() is None

    def test_a_read_of_the_past_loses_no_new_version(
        self, policy_version: Managed, policy: Elsewhere, cloud: LocalCloud
    ) -> None:
        policy_version.apply(STAGED)
        cloud.set_faults([Fault(kind="stale_read", operation="GetPolicyVersion", seconds=9, count=1)])
        assert policy_version.drift(STAGED) == {}


class TestImport:
    def test_a_default_version(self, policy_version: Managed, policy: Elsewhere) -> None:
        policy.create_policy_version(NAME, FIRST, set_as_default=True)
        state = policy_version.import_(f"{NAME}:v2")
        assert state is not None
        plain = {"policy_name": NAME, "policy_document": REWRITTEN, "set_as_default": True}
        assert policy_version.plan(plain) == {}
        policy_version.plan({**plain, "set_as_default": False})
        assert "no version to fall back to" in policy_version.core.errors[0]

    def test_a_staged_one_can_be_promoted_and_rolled_back(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy.create_policy_version(NAME, FIRST)
        policy_version.import_(f"{NAME}:v2")
        policy_version.apply(DEFAULT)
        policy_version.apply(STAGED)
        assert versions(policy) == {"v1": True, "v2": False}
        policy_version.destroy()
        assert versions(policy) == {"v1": True}

    @pytest.mark.parametrize("id", ["", NAME, f"{NAME}:3", f"{NAME}:v0", f"{NAME}:v3:v4", "a b:v1"])
    def test_an_id_of_another_form(self, policy_version: Managed, id: str) -> None:
        policy_version.import_(id)
        assert "Import by <policy_name>:<version_id>" in policy_version.core.errors[0]

    def test_one_that_is_not_there(self, policy_version: Managed, policy: Elsewhere) -> None:
        assert policy_version.import_(f"{NAME}:v7") is None
        assert policy_version.core.messages == []


class TestDestroy:
    def test_a_staged_version_just_goes(self, policy_version: Managed, policy: Elsewhere) -> None:
        policy_version.apply(STAGED)
        assert policy_version.destroy() == []
        assert versions(policy) == {"v1": True}

    def test_the_default_goes_back_first_and_the_plan_says_so(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(DEFAULT)
        policy_version.apply({**DEFAULT, "policy_document": SECOND})
        (reported,) = policy_version.plan_destroy()
        assert reported.startswith(
            "WARNING Version v1 of policy oss-readers will become the default version again"
        )
        policy_version.destroy()
        assert versions(policy) == {"v1": True}

    def test_versions_of_others_stay(self, policy_version: Managed, policy: Elsewhere) -> None:
        policy_version.apply(STAGED)
        policy.create_policy_version(NAME, SECOND)
        policy_version.destroy()
        assert versions(policy) == {"v1": True, "v3": False}

    def test_what_is_created_meanwhile_learns_which_version_was_the_default_before(
        self, core: Core, policy_version: Managed, policy: Elsewhere, cloud: LocalCloud
    ) -> None:
        policy_version.apply(DEFAULT)
        other = Managed(core, "alipolicy_policy_version")
        # It sees which version is the default, and then nothing for a while.
        slow = {"kind": "latency", "operation": "ListPolicyVersions", "at": "after", "seconds": 0.8}
        cloud.set_faults([slow | {"skip": 1, "count": 1}])
        with ThreadPoolExecutor(1) as pool:
            creation = pool.submit(other.apply, {**DEFAULT, "policy_document": SECOND})
            time.sleep(0.4)
            policy_version.destroy()
            creation.result()
        assert versions(policy) == {"v1": False, "v3": True}
        other.destroy()
        assert versions(policy) == {"v1": True}

    @pytest.fixture
    def in_turn(self, cloud: LocalCloud, policy: Elsewhere) -> list[Managed]:
        """Versions that took over from each other, each in a run of its own."""
        created = []
        for text in (FIRST, SECOND, THIRD):
            created.append(Managed(Core(**arguments(cloud)), "alipolicy_policy_version"))
            created[-1].apply({**DEFAULT, "policy_document": text})
        return created

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_versions_that_replaced_each_other_as_the_default_go_in_any_order(
        self, cloud: LocalCloud, policy: Elsewhere, in_turn: list[Managed], order: tuple[int, ...]
    ) -> None:
        journal = Journal()
        core = Core(journal, **arguments(cloud))
        for number in order:
            in_turn[number].core = core
            in_turn[number].destroy()
            assert core.errors == []
        assert versions(policy) == {"v1": True}
        assert journal.is_idle()

    def test_versions_that_replaced_each_other_as_the_default_go_at_once(
        self, cloud: LocalCloud, policy: Elsewhere, in_turn: list[Managed]
    ) -> None:
        journal = Journal()
        core = Core(journal, **arguments(cloud))
        for version in in_turn:
            version.core = core
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(Managed.destroy, in_turn))
        assert versions(policy) == {"v1": True}
        assert journal.is_idle()

    def test_nothing_changes_where_another_version_has_to_be_chosen(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(DEFAULT)
        policy.delete_policy_version(NAME, "v1")
        policy.create_policy_version(NAME, SECOND)
        policy.create_policy_version(NAME, THIRD)
        (reported,) = policy_version.destroy()
        assert reported.startswith(
            "ERROR Policy oss-readers has no version to fall back to: v2 is the default"
        )
        assert "SetDefaultPolicyVersion --PolicyName oss-readers --VersionId v4;" in reported
        assert "apply `skip_destroy = true` first" in reported
        assert versions(policy) == {"v2": True, "v3": False, "v4": False}
        policy.set_default_policy_version(NAME, "v4")
        policy_version.refresh()
        assert policy_version.destroy() == []
        assert versions(policy) == {"v3": False, "v4": True}

    def test_the_last_version_of_a_policy_stays(self, policy_version: Managed, policy: Elsewhere) -> None:
        policy_version.apply(DEFAULT)
        policy.delete_policy_version(NAME, "v1")
        (planned, reported) = [*policy_version.plan_destroy(), policy_version.destroy()[-1]]
        assert planned.startswith("WARNING Version v2 of policy oss-readers will stay, and stay the default")
        assert reported.startswith("WARNING Version v2 of policy oss-readers stays the default version")
        assert versions(policy) == {"v2": True}

    def test_another_policy_name_is_refused_by_the_plan_where_nothing_can_take_over(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(DEFAULT)
        policy.delete_policy_version(NAME, "v1")
        policy.create_policy_version(NAME, SECOND)
        policy_version.plan({**DEFAULT, "policy_name": "other"})
        assert "no version to fall back to" in policy_version.core.errors[0]

    def test_what_is_replaced_by_order_of_the_user_leaves_the_default_version_to_the_new_one(
        self, policy_version: Managed, policy: Elsewhere
    ) -> None:
        policy_version.apply(DEFAULT)
        policy.delete_policy_version(NAME, "v1")
        policy.create_policy_version(NAME, SECOND)
        # `terraform apply -replace` asks for no plan of the destruction.
        policy_version._call(
            "ApplyResourceChange",
            prior_state=policy_version.states.write(policy_version.state),
            planned_state=NULL,
            planned_private=policy_version.private,
        )
        assert policy_version.core.errors == []
        assert versions(policy) == {"v2": True, "v3": False}

    @pytest.mark.parametrize("is_default", [True, False])
    def test_skip_destroy_leaves_the_versions(
        self, policy_version: Managed, policy: Elsewhere, is_default: bool
    ) -> None:
        config = {**STAGED, "set_as_default": is_default}
        policy_version.apply(config)
        kept = {**config, "skip_destroy": True}
        policy_version.apply(kept)
        assert policy_version.drift(kept) == {}
        (planned,) = policy_version.plan_destroy()
        assert planned.startswith("WARNING Version v2 of policy oss-readers will be left as it is")
        assert policy_version.destroy() == []
        assert versions(policy) == {"v1": not is_default, "v2": is_default}

    def test_a_deletion_that_fails_halfway_can_be_repeated(
        self, policy_version: Managed, policy: Elsewhere, cloud: LocalCloud
    ) -> None:
        policy_version.apply(STAGED)
        policy_version.apply({**STAGED, "policy_document": SECOND})
        refuse = Fault(
            kind="error", operation="DeletePolicyVersion", skip=1, count=1, status=403, code="NoPermission"
        )
        cloud.set_faults([refuse])
        assert "NoPermission" in policy_version.destroy()[-1]
        assert versions(policy) == {"v1": True, "v3": False}
        assert policy_version.refresh() is not None
        assert policy_version.destroy() == []
        assert versions(policy) == {"v1": True}

    def test_a_policy_that_is_gone_as_a_whole(self, policy_version: Managed, core: Core) -> None:
        policy_version.state = policy_version.states.conform(
            {**STAGED, "id": f"{NAME}:v2", "version_id": "v2", "set_as_default": False}
        )
        assert policy_version.destroy() == []


class TestChecks:
    def test_values_that_are_not_known_are_not_judged(self, policy_version: Managed) -> None:
        names = ("policy_name", "policy_document", "rotate_strategy", "set_as_default")
        config = {**dict.fromkeys(names, UNKNOWN)}
        assert policy_version.validate(config) == []
        policy_version.plan(config)
        assert policy_version.core.messages == []

    def test_what_is_staged_by_default_is_said_once(self, policy_version: Managed) -> None:
        (message,) = policy_version.validate({**STAGED, "set_as_default": None})
        assert message.startswith("WARNING PV311: A version is staged, and does not take effect")
        assert message.endswith("[set_as_default]")
        for quiet in ({"set_as_default": False}, {"set_as_default": None, "acknowledge": {"PV311": "later"}}):
            assert policy_version.validate({**STAGED, **quiet}) == []

    def test_messages_quote_what_stands_there(self, policy_version: Managed) -> None:
        (message,) = policy_version.validate({**STAGED, "policy_name": "team-${x}"})
        assert message.startswith("ERROR PV107")
        assert 'policy_name: received "team-${x}"; allowed' in message

    def test_a_template_that_nobody_rendered(self, policy_version: Managed) -> None:
        unrendered = FIRST.replace("acs:oss:*:*:*", "acs:oss:*:*:${var.bucket}/*")
        (message,) = policy_version.validate({**STAGED, "policy_document": unrendered})
        assert message.startswith("WARNING PV305")
        assert 'Resource[0]: received "acs:oss:*:*:${var.bucket}/*"; allowed' in message
        assert "templatefile" in message

    @pytest.mark.parametrize("text", ["#{TfToken[TOKEN.2]}", "&{TfToken[TOKEN.5]}", "n-1.8e+289"])
    def test_nothing_in_a_configuration_is_a_token_of_cdktf(self, policy_version: Managed, text: str) -> None:
        (message,) = policy_version.validate({**STAGED, "policy_document": FIRST.replace("Allow", text)})
        assert message.startswith("ERROR PV104")
        assert f'received "{text}"' in message

    def test_a_finding_inside_the_document_names_its_place(self, policy_version: Managed) -> None:
        (reported,) = policy_version.validate({**STAGED, "policy_document": FIRST.replace("Allow", "allow")})
        assert reported.startswith(
            "ERROR PV104: An effect is neither Allow nor Deny: policy_document.Statement[0]"
        )
        assert reported.endswith("[policy_document]")

    def test_text_that_is_no_json(self, policy_version: Managed) -> None:
        (reported,) = policy_version.validate({**STAGED, "policy_document": '{"Version": "1",'})
        assert reported.startswith("ERROR PV101")

    @pytest.mark.parametrize("odd", ["[]", "1", '{"Statement": 7}', '{"Version": "1", "Statement": [null]}'])
    def test_odd_json_is_refused_and_breaks_nothing(self, policy_version: Managed, odd: str) -> None:
        reported = policy_version.validate({**STAGED, "policy_document": odd})
        assert reported
        assert all(each.startswith(("ERROR PV", "WARNING PV")) for each in reported)

    def test_a_risk_is_a_warning(self, policy_version: Managed) -> None:
        everything = document("*").replace("acs:oss:*:*:*", "*")
        (reported,) = policy_version.validate({**STAGED, "policy_document": everything})
        assert reported.startswith("WARNING PV301")


def test_several_terraforms_on_one_policy_at_once(cloud: LocalCloud, policy: Elsewhere) -> None:
    def create(number: int) -> str:
        own = Managed(Core(**arguments(cloud)), "alipolicy_policy_version")
        return str(own.apply({**STAGED, "policy_document": document(f"oss:Get{number}")})["version_id"])

    with ThreadPoolExecutor(3) as pool:
        created = list(pool.map(create, range(3)))
    assert sorted(created) == ["v2", "v3", "v4"]
