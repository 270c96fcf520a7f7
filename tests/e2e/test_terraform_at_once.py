"""Many resources at once, and several Terraforms at once on one policy."""

from __future__ import annotations

from pathlib import Path

from constructs_lib.localcloud import LocalCloud
from tests.e2e.installed import READERS, Workspace, document
from tests.provider.conftest import Elsewhere

VERSION = "alipolicy_policy_version.readers"
MANY = """
resource "alipolicy_backup_policy" "many" {
  count       = 40
  policy_name = "policy ${count.index}"
  rules {
    rule_type   = "BACKUP"
    schedule    = "I|1648647166|P1D"
    backup_type = "COMPLETE"
    vault_id    = "v-1"
  }
  rules {
    rule_type = "TRANSITION"
    retention = 30
  }
}
resource "alipolicy_policy_version" "many" {
  count       = 24
  policy_name = "policy-${floor(count.index / 3)}"
  policy_document = jsonencode({
    Version   = "1"
    Statement = [{ Effect = "Allow", Action = "oss:Get${count.index}", Resource = "acs:oss:*:*:*" }]
  })
}
"""


def test_sixty_four_resources_thirty_at_a_time(
    workspace: Workspace, elsewhere: Elsewhere, cloud: LocalCloud
) -> None:
    for number in range(8):
        elsewhere.create_policy(f"policy-{number}", document())
    workspace.write(MANY)
    applied = workspace.run("apply", "-auto-approve", "-no-color", "-parallelism=30")
    assert "64 added, 0 changed, 0 destroyed" in applied.stdout, applied.text
    names = sorted(policy.policy_name for policy in elsewhere.backup_policies())
    assert names == sorted(f"policy {number}" for number in range(40))
    state = workspace.state()
    assert len({resource["id"] for resource in state.values()}) == 64
    for number in range(8):
        versions = [version.version_id for version in elsewhere.policy_versions(f"policy-{number}") or []]
        assert versions == ["v1", "v2", "v3", "v4"]
    again = workspace.plan(None, "-parallelism=30")
    assert again.status == 0, again.text
    destroyed = workspace.run("destroy", "-auto-approve", "-no-color", "-parallelism=30")
    assert "64 destroyed" in destroyed.stdout, destroyed.text
    assert elsewhere.backup_policies() == []
    assert [len(elsewhere.policy_versions(f"policy-{number}") or []) for number in range(8)] == [1] * 8


def test_two_terraforms_make_versions_of_one_policy_and_none_is_lost(
    tmp_path: Path, workspace: Workspace, installation: str, readers: Elsewhere, cloud: LocalCloud
) -> None:
    """Both rotate; one makes its versions the default, the other stages them."""
    other = Workspace(tmp_path / "other", cloud, installation, workspace.terraform or ()).init()
    staged = READERS.replace("set_as_default  = true", "set_as_default  = false")
    for number in range(3):
        readers.create_policy_version("readers", document(f"oss:Delete{number}"))
    created = []
    for turn in range(2):
        workspace.write(READERS.replace("oss:Get*", f"oss:Get{turn}"))
        other.write(staged.replace("oss:Get*", f"oss:Put{turn}"))
        command = ("apply", "-auto-approve", "-no-color", "-input=false")
        with workspace.start(*command) as one, other.start(*command) as two:
            for process in (one, two):
                out, error = process.communicate(timeout=180)
                assert process.returncode == 0, out + error
        both = [each.state()[VERSION] for each in (workspace, other)]
        created += [version["version_id"] for version in both]
        is_default = {
            version.version_id: version.is_default_version
            for version in readers.policy_versions("readers") or []
        }
        assert [is_default[version["version_id"]] for version in both] == [True, False]
        for version, action in zip(both, (f"oss:Get{turn}", f"oss:Put{turn}"), strict=True):
            there = readers.policy_version("readers", version["version_id"])
            assert there is not None
            assert action in str(there.policy_document)
    # Four versions of four documents: nobody took another's for its own, and only older ones gave way.
    assert sorted(created) == ["v5", "v6", "v7", "v8"]
    for each in (workspace, other):
        again = each.plan()
        assert again.status == 0, again.text


def test_two_terraforms_on_a_policy_with_room_for_one_version(
    tmp_path: Path, workspace: Workspace, installation: str, readers: Elsewhere, cloud: LocalCloud
) -> None:
    """Without rotation one of them succeeds, and the other says what to do."""
    for number in range(3):
        readers.create_policy_version("readers", document(f"oss:Put{number}"))
    other = Workspace(tmp_path / "other", cloud, installation, workspace.terraform or ()).init()
    plain = READERS.replace("rotate_strategy", "# rotate_strategy").replace("= true", "= false")
    workspace.write(plain)
    other.write(plain.replace("oss:Get*", "oss:List*"))
    command = ("apply", "-auto-approve", "-no-color", "-input=false")
    with workspace.start(*command) as one, other.start(*command) as two:
        ends = {
            each.directory: (process.communicate(timeout=180), process.returncode)
            for each, process in ((workspace, one), (other, two))
        }
    assert sorted(status for _, status in ends.values()) == [0, 1]
    for each in (workspace, other):
        (out, error), status = ends[each.directory]
        assert (VERSION in each.state()) is (status == 0)
        if status:
            assert "has no room for another version" in out + error
    assert len(readers.policy_versions("readers") or []) == 5
