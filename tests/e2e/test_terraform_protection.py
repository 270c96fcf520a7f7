"""A vault, a policy and what it is bound to: their life with real Terraform and the installed provider."""

from __future__ import annotations

from constructs_lib.localcloud import LocalCloud
from constructs_lib.provider import bindings, vaults
from tests.e2e.installed import Workspace
from tests.provider.conftest import Elsewhere

STACK = """
resource "alipolicy_backup_vault" "gold" {
  vault_name  = "gold"
  description = "first"
  tags        = { team = "db" }
}

resource "alipolicy_backup_policy" "daily" {
  policy_name = "daily"
  policy_type = "STANDARD"
  acknowledge = { BP202 = "its BACKUP rule says how long" }
  rules {
    rule_type   = "BACKUP"
    backup_type = "COMPLETE"
    schedule    = "I|1648647166|P1D"
    retention   = 7
    vault_id    = alipolicy_backup_vault.gold.id
  }
}

resource "alipolicy_backup_policy_binding" "logs" {
  policy_id      = alipolicy_backup_policy.daily.id
  source_type    = "OSS"
  data_source_id = "company-logs"
  source         = "2026/"
}

resource "alipolicy_backup_policy_binding" "web" {
  policy_id      = alipolicy_backup_policy.daily.id
  source_type    = "ECS_FILE"
  data_source_id = "i-bp1"
  source         = jsonencode(["/etc", "/var/www"])
}
"""
CHANGED = (
    STACK.replace('"first"', '"second"')
    .replace('team = "db"', 'team = "web"')
    .replace('"2026/"', '"2027/"')
    .replace('"/var/www"', '"/srv"')
)


def test_from_nothing_to_protection_and_back(
    workspace: Workspace, readers: Elsewhere, cloud: LocalCloud
) -> None:
    before = cloud.objects()
    created = workspace.apply(STACK)
    assert created.status == 0, created.text
    assert workspace.plan().status == 0
    (vault,) = vaults.vaults(readers)
    (policy,) = readers.backup_policies()
    assert policy.rules[0]["VaultId"] == vault.vault_id
    assert policy.policy_binding_count == 2

    changed = workspace.apply(CHANGED)
    assert "0 added, 3 changed, 0 destroyed" in changed.stdout, changed.text
    assert workspace.plan().status == 0
    (vault,) = vaults.vaults(readers)
    assert (vault.description, vault.tags) == ("second", {"team": "web"})
    assert {each.source for each in bindings.bindings(readers)} == {"2027/", '["/etc","/srv"]'}

    destroyed = workspace.destroy()
    assert destroyed.status == 0, destroyed.text
    assert "company-logs loses its backups by" in destroyed.text
    assert cloud.objects() == before
