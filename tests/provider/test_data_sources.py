"""The data sources against the local cloud, the provider's configuration, and what holds for all schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import ram_policies
from constructs_lib.provider.backup_policy import SCHEMA as BACKUP_POLICY
from constructs_lib.provider.backup_policy_binding import SCHEMA as BINDING
from constructs_lib.provider.backup_vault import SCHEMA as VAULT
from constructs_lib.provider.protocol.schema import Attribute
from constructs_lib.provider.protocol.values import UNKNOWN, without_unknowns
from constructs_lib.provider.provider import Alipolicy
from tests.properties import examples
from tests.provider.conftest import Core, Elsewhere, Managed, Workspace, arguments
from tests.provider.protocol.strategies import configurations, values_of

DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"}]}'
BACKUP = {"RuleType": "BACKUP", "Schedule": "I|1648647166|P1D", "BackupType": "COMPLETE", "Retention": 7}


class TestPolicies:
    def test_all_pages_with_their_tags(
        self, core: Core, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(5):
            elsewhere.create_policy(f"p{number}", DOCUMENT)
        ram_policies.change_tags(elsewhere, "p3", {}, {"team": "web"})
        monkeypatch.setattr(ram_policies, "PAGE_OF_POLICIES", 2)
        found = core.data("alipolicy_policies", policy_type="Custom")
        assert (found["id"], found["names"]) == ("Custom", [f"p{number}" for number in range(5)])
        policy = found["policies"][3]
        assert policy["tags"] == {"team": "web"}
        assert (policy["default_version"], policy["attachment_count"]) == ("v1", 0)
        assert core.data("alipolicy_policies", tags={"team": "web"})["names"] == ["p3"]
        assert core.data("alipolicy_policies", policy_name="p1")["names"] == ["p1"]
        assert "AdministratorAccess" in core.data("alipolicy_policies")["names"]
        assert core.data("alipolicy_policies", policy_name="nobody")["policies"] == []

    def test_another_type_of_policy(self, core: Core) -> None:
        for name in ("alipolicy_policies", "alipolicy_policy_attachments"):
            core.data(name, policy_name="x", policy_type="custom")
            assert "allowed: Custom or System" in core.errors[0]


class TestPolicyAttachments:
    def test_who_has_it(self, core: Core, cloud: LocalCloud, elsewhere: Elsewhere) -> None:
        elsewhere.create_policy("readers", DOCUMENT)
        for kind, name in (("Role", "app"), ("User", "alice")):
            cloud.add_principal(kind, name)
            principal = ram_policies.Principal(kind.lower(), name)
            ram_policies.attach(elsewhere, ram_policies.Attachment("Custom", "readers", principal))
        found = core.data("alipolicy_policy_attachments", policy_name="readers")
        assert [each["id"] for each in found["attachments"]] == [
            "user:alice:Custom:readers",
            "role:app:Custom:readers",
        ]
        assert found["attachments"][1]["kind"] == "role"
        assert found["attachments"][1]["attach_date"]

    def test_nobody_and_no_policy(self, core: Core, elsewhere: Elsewhere) -> None:
        elsewhere.create_policy("readers", DOCUMENT)
        assert core.data("alipolicy_policy_attachments", policy_name="readers")["attachments"] == []
        core.data("alipolicy_policy_attachments", policy_name="nobody")
        (reported,) = core.errors
        assert reported.startswith("ERROR There is no custom policy nobody")


class TestPolicyVersions:
    def test_all_versions_with_their_documents(self, core: Core, elsewhere: Elsewhere) -> None:
        elsewhere.create_policy("readers", DOCUMENT)
        elsewhere.create_policy_version("readers", DOCUMENT.replace("oss:*", "oss:Get*"), set_as_default=True)
        found = core.data("alipolicy_policy_versions", policy_name="readers")
        assert (found["id"], found["default_version"]) == ("readers", "v2")
        reported = [(version["version_id"], version["is_default_version"]) for version in found["versions"]]
        assert reported == [("v1", False), ("v2", True)]
        actions = [
            json.loads(version["policy_document"])["Statement"][0]["Action"] for version in found["versions"]
        ]
        assert actions == ["oss:*", "oss:Get*"]

    def test_a_system_policy(self, core: Core) -> None:
        found = core.data(
            "alipolicy_policy_versions", policy_name="AdministratorAccess", policy_type="System"
        )
        assert found["default_version"] == "v1"

    def test_one_that_is_not_there(self, core: Core) -> None:
        core.data("alipolicy_policy_versions", policy_name="nobody")
        (reported,) = core.errors
        assert reported.startswith("ERROR There is no custom policy nobody")
        assert reported.endswith("[policy_name]")

    def test_another_type_of_policy(self, core: Core) -> None:
        core.data("alipolicy_policy_versions", policy_name="x", policy_type="custom")
        assert "allowed: Custom or System" in core.errors[0]


class TestBackupPolicies:
    @pytest.fixture
    def many(self, elsewhere: Elsewhere) -> list[str]:
        """More policies than a page holds; every tenth is called `tenth`."""
        names = ["tenth" if number % 10 == 0 else f"policy {number}" for number in range(101)]
        return [elsewhere.create_backup_policy(name, rules=[BACKUP]).value for name in names]

    def test_all_pages_or_by_name_or_by_id(self, core: Core, many: list[str]) -> None:
        everything = core.data("alipolicy_backup_policies")
        assert sorted(everything["ids"]) == sorted(many)
        by_name = core.data("alipolicy_backup_policies", policy_name="tenth")
        assert sorted(by_name["ids"]) == sorted(many[::10])
        (one,) = core.data("alipolicy_backup_policies", policy_id=many[1])["policies"]
        assert (one["policy_id"], one["policy_name"], one["policy_type"]) == (
            many[1],
            "policy 1",
            "UDM_ECS_ONLY",
        )
        assert one["rules"][0]["retention"] == 7
        assert one["rules"][0]["rule_id"].startswith("rule-")

    def test_an_empty_id_does_not_mean_all(self, core: Core) -> None:
        core.data("alipolicy_backup_policies", policy_id="")
        assert core.errors[0].startswith("ERROR policy_id is empty")

    def test_nothing_is_found(self, core: Core) -> None:
        for asked in ({"policy_id": "po-000"}, {"policy_name": "nobody"}, {}):
            assert core.data("alipolicy_backup_policies", **asked)["policies"] == []
            assert core.messages == []


def test_real_terraform_reads_both(workspace: Workspace, elsewhere: Elsewhere) -> None:
    elsewhere.create_policy("readers", DOCUMENT)
    elsewhere.create_backup_policy("daily", rules=[BACKUP])
    workspace.change(
        """
data "alipolicy_policy_versions" "readers" {
  policy_name = "readers"
}
data "alipolicy_backup_policies" "daily" {
  policy_name = "daily"
}
output "version" {
  value = data.alipolicy_policy_versions.readers.default_version
}
output "schedule" {
  value = data.alipolicy_backup_policies.daily.policies[0].rules[0].schedule
}
"""
    )
    reported = json.loads(workspace.run("output", "-json").stdout)
    assert {name: value["value"] for name, value in reported.items()} == {
        "version": "v1",
        "schedule": "I|1648647166|P1D",
    }


class TestConfiguration:
    def test_arguments_are_checked_without_credentials(self, core: Core) -> None:
        core.validate_provider(region="cn-hangzhou", profile="not-here")
        assert core.messages == []
        core.validate_provider(protocol="FTP", assume_role=[{"role_arn": "admin"}])
        assert [each.rpartition(" [")[2] for each in core.errors] == ["protocol]", "assume_role 0 role_arn]"]

    def test_what_is_not_known_is_not_judged(self, core: Core) -> None:
        core.validate_provider(access_key=UNKNOWN, endpoints=UNKNOWN, assume_role=[{"role_arn": UNKNOWN}])
        assert core.messages == []

    def test_all_that_is_missing_is_reported_at_once(self, direct: None) -> None:
        core = Core(region="cn-hangzhou")
        assert [each.rpartition(" [")[2] for each in core.errors] == ["access_key]", "secret_key]"]
        assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in core.errors[0]

    def test_what_only_an_apply_makes_known_delays_calls_and_no_plan(self, cloud: LocalCloud) -> None:
        core = Core(**arguments(cloud) | {"region": UNKNOWN})
        policy = Managed(core, "alipolicy_backup_policy")
        policy.plan({"rules": []})
        assert core.messages == []
        core.data("alipolicy_backup_policies")
        assert core.errors[0].startswith("ERROR The provider is not configured yet")

    def test_credentials_from_the_environment(
        self, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", cloud.access_key)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", cloud.secret_key)
        core = Core(**arguments(cloud) | {"access_key": None, "secret_key": None})
        assert core.data("alipolicy_backup_policies")["ids"] == []

    def test_an_assumed_role(self, cloud: LocalCloud) -> None:
        cloud.add_principal("Role", "deployer")
        role = {"role_arn": f"acs:ram::{cloud.account_id}:role/deployer"}
        core = Core(**arguments(cloud) | {"assume_role": [role]})
        assert core.data("alipolicy_backup_policies")["ids"] == []
        assert [request.operation for request in cloud.requests()] == ["AssumeRole", "DescribePoliciesV2"]

    def test_a_wrong_secret_is_reported_and_never_shown(
        self, workspace: Workspace, cloud: LocalCloud
    ) -> None:
        secret = "n0t-the-secret-of-this-key"
        block = workspace.provider_block().replace(cloud.secret_key, secret)
        workspace.write(f'{block}data "alipolicy_backup_policies" "all" {{}}\n')
        outcome = workspace.run("plan", "-no-color", TF_LOG="TRACE", DEBUG="sdk")
        assert outcome.status == 1
        assert "Correct secret_key: it does not belong to access_key." in " ".join(outcome.text.split())
        assert secret not in outcome.text


def described() -> list[tuple[str, Any]]:
    provider = Alipolicy()
    owners: list[Any] = [*provider.resources(), *provider.data_sources()]
    schemas = {"provider": provider.schema, **{owner.type_name: owner.schema for owner in owners}}
    return [
        (f"{name}.{'.'.join(path)}", node) for name, value in schemas.items() for path, node in value.walk()
    ]


@pytest.mark.parametrize(
    ("place", "node"), described(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_everything_has_a_description_in_markdown(place: str, node: Any) -> None:
    assert node.description.rstrip("`").endswith((".", "`.")) or not isinstance(node, Attribute), place
    assert node.description.count("`") % 2 == 0


WORDS = st.sampled_from(["Version", "Statement", "Effect", "Action", "Resource", "1", "Allow", "*", "${x"])
DOCUMENTS = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
).map(json.dumps)


def held_together(type_name: str, config: dict[str, Any], before: dict[str, Any]) -> None:
    """Validation and plan say something sensible, whatever there is now and was before."""
    managed = Managed(Core(), type_name)
    said = managed.validate(config)
    managed.state = without_unknowns(managed.states.conform(before))
    managed.plan_unchecked(config)
    assert not [each for each in said + managed.core.messages if "Unexpected error" in each]


@given(configurations(BACKUP_POLICY.body, values_of), configurations(BACKUP_POLICY.body, values_of))
@examples(100)
def test_any_backup_policy_that_terraform_may_send(config: dict[str, Any], before: dict[str, Any]) -> None:
    held_together("alipolicy_backup_policy", config, before)


@pytest.mark.parametrize(
    ("type_name", "schema"),
    [("alipolicy_backup_vault", VAULT), ("alipolicy_backup_policy_binding", BINDING)],
)
@given(data=st.data())
@examples(40)
def test_any_vault_and_binding_that_terraform_may_send(
    type_name: str, schema: Any, data: st.DataObject
) -> None:
    config, before = (data.draw(configurations(schema.body, values_of)) for _ in range(2))
    held_together(type_name, config, before)


@given(DOCUMENTS, DOCUMENTS)
@examples(150)
def test_any_document_that_is_json(one: str, other: str) -> None:
    written = [{"policy_name": "x", "policy_document": text} for text in (one, other)]
    held_together("alipolicy_policy_version", *written)
