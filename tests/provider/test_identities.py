"""What tells an object from all others: identities, as a Terraform keeps them that knows some."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import bindings, ram_policies, vaults
from constructs_lib.provider.bindings import BindingKey
from tests.provider.conftest import Core, Elsewhere, Managed, State, arguments

DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Get*","Resource":"*"}]}'
OTHER = DOCUMENT.replace("Get*", "List*")
RULES = [{"RuleType": "BACKUP", "BackupType": "COMPLETE", "Schedule": "I|1648647166|P1D", "VaultId": "v-1"}]


@pytest.fixture
def newer(core: Core, cloud: LocalCloud) -> Core:
    """The same provider, called by a Terraform that keeps identities."""
    core.terraform_version = "1.15.5"
    core.configure(**arguments(cloud))
    return core


@pytest.fixture
def account(cloud: LocalCloud, elsewhere: Elsewhere) -> str:
    """The number of the account."""
    account = elsewhere.account_id()
    cloud.forget_requests()
    assert account.isdigit()
    return account


def make_vault(elsewhere: Elsewhere) -> str:
    vault = vaults.create_vault(evolve(elsewhere, region="cn-hangzhou"), {"VaultName": "main"}).value
    vaults.wait_until_created(elsewhere, vault)
    return vault


def called(cloud: LocalCloud) -> list[str]:
    return [request.operation for request in cloud.requests()]


def there(cloud: LocalCloud, elsewhere: Elsewhere) -> Iterator[tuple[str, str, State]]:
    """One object of each type: its id for an import, and its identity but for its place."""
    vault = make_vault(elsewhere)
    yield "alipolicy_backup_vault", vault, {"vault_id": vault}
    policy = elsewhere.create_backup_policy("daily", policy_type="STANDARD", rules=RULES).value
    yield "alipolicy_backup_policy", policy, {"policy_id": policy}
    key = BindingKey(policy, "OSS", "logs")
    bindings.create_binding(elsewhere, key, {})
    yield "alipolicy_backup_policy_binding", str(key), key._asdict()
    elsewhere.create_policy("readers", DOCUMENT)
    yield "alipolicy_policy", "readers", {"policy_name": "readers"}
    version = {"policy_name": "readers", "version_id": "v1"}
    yield "alipolicy_policy_version", "readers:v1", version
    cloud.add_principal("Role", "app")
    principal = ram_policies.Principal("role", "app")
    ram_policies.attach(elsewhere, ram_policies.Attachment("Custom", "readers", principal))
    attachment = {"kind": "role", "name": "app", "policy_type": "Custom", "policy_name": "readers"}
    yield "alipolicy_policy_attachment", "role:app:Custom:readers", attachment


def test_every_type_is_imported_by_its_id_and_by_its_identity(
    newer: Core, cloud: LocalCloud, elsewhere: Elsewhere, account: str
) -> None:
    types = set()
    for type_name, id, parts in there(cloud, elsewhere):
        place = {"account_id": account, "region": "cn-hangzhou"}
        by_id, by_parts, by_all = (Managed(newer, type_name) for _ in range(3))
        identity = {name: place.get(name) for name in by_id.identities.conform({})} | parts
        assert by_id.import_(id) is not None, newer.messages
        assert by_parts.import_(identity=parts) == by_id.state, newer.messages
        assert by_all.import_(identity=identity) == by_id.state, newer.messages
        assert by_id.identity == by_parts.identity == by_all.identity == identity
        types.add(type_name)
    assert types == {resource.type_name for resource in newer.provider.resources()}


def test_an_identity_stays_from_the_create_to_the_destroy(
    newer: Core, cloud: LocalCloud, account: str
) -> None:
    vault = Managed(newer, "alipolicy_backup_vault")
    vault.apply({"vault_name": "main"})
    identity = {"vault_id": vault.id, "account_id": account, "region": "cn-hangzhou"}
    assert vault.identity == identity
    vault.apply({"vault_name": "other"})
    assert vault.identity == identity
    vault.refresh()
    assert vault.identity == identity
    assert vault.destroy() == []
    assert called(cloud).count("GetCallerIdentity") == 1


def test_a_new_document_is_another_version_and_another_identity(
    newer: Core, elsewhere: Elsewhere, account: str
) -> None:
    elsewhere.create_policy("readers", DOCUMENT)
    version = Managed(newer, "alipolicy_policy_version")
    for number, document in ((2, OTHER), (3, DOCUMENT)):
        version.apply({"policy_name": "readers", "policy_document": document})
        named = {"policy_name": "readers", "version_id": f"v{number}"}
        assert version.identity == {**named, "account_id": account}


def test_a_state_of_an_older_terraform_gets_its_identity_with_the_next_refresh(
    newer: Core, cloud: LocalCloud, account: str
) -> None:
    vault = Managed(newer, "alipolicy_backup_vault")
    vault.apply({"vault_name": "main"})
    vault.identity = None
    cloud.forget_requests()
    assert vault.plan({"vault_name": "main"}) == {}
    assert called(cloud) == []
    vault.refresh()
    assert vault.identity == {"vault_id": vault.id, "account_id": account, "region": "cn-hangzhou"}


@pytest.mark.parametrize("version", ["", "1.11.4", "1.12.2"])
def test_an_older_terraform_is_told_nothing_and_asks_for_nothing(
    core: Core, cloud: LocalCloud, version: str
) -> None:
    core.terraform_version = version
    core.configure(**arguments(cloud))
    vault = Managed(core, "alipolicy_backup_vault")
    vault.apply({"vault_name": "main"})
    vault.refresh()
    assert Managed(core, "alipolicy_backup_vault").import_(vault.id) is not None
    assert vault.identity is None
    assert "GetCallerIdentity" not in called(cloud)


def test_an_import_by_identity_is_answered_with_one_whatever_the_version(core: Core, account: str) -> None:
    """Terraform 1.12 refuses the import else, and keeps none that changes."""
    vault = Managed(core, "alipolicy_backup_vault")
    vault.apply({"vault_name": "main"})
    response = vault._call(
        "ImportResourceState",
        identity=vault.identities.write(vault.identities.conform({"vault_id": vault.id})),
    )
    (imported,) = response.imported_resources
    identity = vault.identities.read(imported.identity.identity_data)
    assert identity == {"vault_id": vault.id, "account_id": account, "region": "cn-hangzhou"}


@pytest.mark.parametrize(
    ("identity", "says"),
    [
        ({"vault_id": "v-1", "region": "cn-beijing"}, "Its region is cn-beijing, that of the provider cn-h"),
        ({"vault_id": "v-1", "account_id": "1"}, "Its account_id is 1, that of the provider "),
        ({"vault_id": " "}, "The id is empty"),
        ({"vault_id": " v-1"}, "no blanks"),
    ],
)
def test_what_is_elsewhere_or_nowhere_is_not_imported(newer: Core, identity: State, says: str) -> None:
    assert Managed(newer, "alipolicy_backup_vault").import_(identity=identity) is None
    assert says in newer.errors[0]


def test_a_colon_in_a_part_does_not_lead_to_another_object(newer: Core) -> None:
    binding = Managed(newer, "alipolicy_backup_policy_binding")
    parts = {"policy_id": "po-1:OSS", "source_type": "a", "data_source_id": "b"}
    assert binding.import_(identity=parts) is None
    assert "hold no colon" in newer.errors[0]


def test_an_account_that_cannot_be_found_out_costs_nothing_but_the_account(
    newer: Core, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(elsewhere), "account_id", lambda self: "")
    monkeypatch.setattr("constructs_lib.provider.cloud.Cloud.account_id", lambda self: "")
    vault = Managed(newer, "alipolicy_backup_vault")
    vault.apply({"vault_name": "main"})
    identity = {"vault_id": vault.id, "account_id": None, "region": "cn-hangzhou"}
    assert vault.identity == identity
    vault.refresh()
    assert vault.identity == identity
    monkeypatch.undo()
    vault.refresh()
    assert vault.identity == {**identity, "account_id": elsewhere.account_id()}


@pytest.mark.parametrize("version", ["1.11.4", "1.12.2", "1.15.5"])
def test_a_move_says_what_is_known_before_the_provider_is_configured(
    core: Core, cloud: LocalCloud, elsewhere: Elsewhere, account: str, version: str
) -> None:
    vault_id = make_vault(elsewhere)
    cloud.forget_requests()
    official = {"id": vault_id, "vault_name": "main"}
    vault = Managed(core, "alipolicy_backup_vault")
    vault.move("registry.terraform.io/aliyun/alicloud", "alicloud_hbr_vault", official)
    identity = {"vault_id": vault_id, "account_id": None, "region": None}
    assert vault.identity == identity
    assert called(cloud) == []
    core.terraform_version = version
    core.configure(**arguments(cloud))
    vault.refresh()
    complete = {**identity, "account_id": account, "region": "cn-hangzhou"}
    assert vault.identity == (complete if version == "1.15.5" else None)


def test_a_stored_identity_is_read_back_and_a_newer_one_refused(newer: Core) -> None:
    vault = Managed(newer, "alipolicy_backup_vault")
    given = b'{"vault_id":"v-1","shelf":"3"}'
    response = vault._call("UpgradeResourceIdentity", version=0, raw_identity=given)
    upgraded = vault.identities.read(response.upgraded_identity.identity_data)
    assert upgraded == {"vault_id": "v-1", "account_id": None, "region": None}
    response = vault._call("UpgradeResourceIdentity", version=1, raw_identity=given)
    assert "The state is from a newer provider" in newer.errors[0]


def test_a_failed_identity_spoils_no_create(newer: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("constructs_lib.provider.cloud.Cloud.account_id", lambda self: 1 / 0)
    vault = Managed(newer, "alipolicy_backup_vault")
    assert vault.apply({"vault_name": "main"})["id"] == vault.id
    assert (newer.errors, vault.identity) == ([], None)


def test_every_resource_declares_its_identity(newer: Core) -> None:
    schemas = newer.call("GetResourceIdentitySchemas").identity_schemas
    assert set(schemas) == {resource.type_name for resource in newer.provider.resources()}
    for schema in schemas.values():
        for attribute in schema.identity_attributes:
            is_place = attribute.name in ("account_id", "region")
            assert (attribute.required_for_import, attribute.optional_for_import) == (not is_place, is_place)
            assert attribute.description
