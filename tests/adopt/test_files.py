"""States, plans and documents: what is in them, and one clear error for what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.adopt.estate import AdoptError, EstateKind, EstateObject, Reference
from constructs_lib.adopt.files import read_file
from tests.adopt.written import adopt_into, found_in, synthesise

DOCUMENT = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:Get*","Resource":"*"}]}'
RULES: list[dict[str, Any]] = [
    {"rule_type": "BACKUP", "schedule": "I|1648647166|P1D", "backup_type": "COMPLETE", "vault_id": "v-1"},
    {"rule_type": "TRANSITION", "retention": 30, "archive_days": 0},
]
NIGHTLY = {"id": "po-1", "policy_name": "nightly", "policy_type": "STANDARD", "rules": RULES}


def resource(address: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    type_name, _, name = address.partition(".")
    return {"address": address, "mode": "managed", "type": type_name, "name": name, "values": values, **more}


def write(folder: Path, content: Any, name: str = "state.json") -> Path:
    (folder / name).write_text(json.dumps(content), "utf-8")
    return folder / name


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"format_version": "1.0", "values": {"root_module": {"resources": list(resources)}}}


def plan(*changes: dict[str, Any], configuration: Any = None) -> dict[str, Any]:
    return {
        "format_version": "1.2",
        "planned_values": {},
        "resource_changes": list(changes),
        "configuration": configuration or {},
        "complete": True,
        "applyable": True,
    }


def created(address: str, after: dict[str, Any], unknown: dict[str, Any]) -> dict[str, Any]:
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown}
    return {"address": address, "mode": "managed", "type": address.partition(".")[0], "change": change}


@pytest.mark.parametrize("prefix", ["alipolicy_backup", "alicloud_hbr"])
def test_a_state_of_either_provider(prefix: str, tmp_path: Path) -> None:
    attachment = (
        "alicloud_ram_role_policy_attachment" if "alicloud" in prefix else "alipolicy_policy_attachment"
    )
    ram = "alicloud_ram_policy" if "alicloud" in prefix else "alipolicy_policy"
    content = state(
        # The redundancy is the service's choice, and a vault that mirrors nothing has none.
        resource(
            f"{prefix}_vault.gold",
            {"id": "v-1", "vault_name": "gold", "worm_enabled": False, "redundancy_type": "LRS"},
        ),
        resource(f"{prefix}_policy.nightly", NIGHTLY),
        resource(
            f"{prefix}_policy_binding.logs",
            {"id": "po-1:OSS:logs", "policy_id": "po-1", "source_type": "OSS", "data_source_id": "logs"},
        ),
        resource(f"{ram}.readers", {"id": "readers", "policy_name": "readers", "policy_document": DOCUMENT}),
        resource(
            f"{attachment}.app",
            {"id": "x", "policy_name": "readers", "policy_type": "Custom", "role_name": "app"},
        ),
    )
    estate = read_file(write(tmp_path, content))
    assert [(each.kind, each.id) for each in estate.objects] == [
        (EstateKind.VAULT, "v-1"),
        (EstateKind.BACKUP_POLICY, "po-1"),
        (EstateKind.BINDING, "po-1:OSS:logs"),
        (EstateKind.POLICY, "readers"),
        (EstateKind.ATTACHMENT, "role:app:Custom:readers"),
    ]
    assert adopt_into(tmp_path / "app", estate.objects).findings == ()
    assert len(found_in(synthesise(tmp_path / "app"))) == 5


def test_what_a_state_hides_stays_hidden(tmp_path: Path) -> None:
    secret = "a description that nobody may see"
    values = {"id": "readers", "policy_name": "readers", "policy_document": DOCUMENT, "description": secret}
    found = resource("alipolicy_policy.readers", values, sensitive_values={"description": True})
    estate = read_file(write(tmp_path, state(found)))
    (finding,) = adopt_into(tmp_path / "app", estate.objects).findings
    assert finding.message == "it is a comment: description is sensitive, and stays out of code"
    texts = [path.read_text("utf-8") for path in (tmp_path / "app").rglob("*") if path.is_file()]
    assert not any(secret in text for text in texts)
    assert any("(sensitive)" in text for text in texts)


def test_a_plan_has_objects_that_do_not_exist_yet(tmp_path: Path) -> None:
    unknown = {"id": True, "rules": [{"vault_id": True}, {}]}
    later: dict[str, Any] = {key: value for key, value in NIGHTLY.items() if key != "id"}
    later["rules"] = [{key: value for key, value in RULES[0].items() if key != "vault_id"}, RULES[1]]
    reference = {"references": ["alipolicy_backup_vault.gold.id", "alipolicy_backup_vault.gold"]}
    resources = [
        {
            "address": "alipolicy_backup_policy.nightly",
            "expressions": {"rules": [{"vault_id": reference}, {}]},
        }
    ]
    content = plan(
        created("alipolicy_backup_vault.gold", {"vault_name": "gold"}, {"id": True}),
        created("alipolicy_backup_policy.nightly", later, unknown),
        created("alipolicy_backup_policy.other", later, unknown),
        configuration={"root_module": {"resources": resources}},
    )
    estate = read_file(write(tmp_path, content))
    nightly = next(each for each in estate.objects if each.address.endswith("nightly"))
    assert nightly.id == ""
    assert nightly.state["rules"][0]["vault_id"] == Reference("alipolicy_backup_vault.gold")
    (finding,) = adopt_into(tmp_path / "app", estate.objects).findings
    assert "rules[0].vault_id is known only after an apply" in finding.message
    text = (tmp_path / "app" / "estate" / "backup_policies.py").read_text("utf-8")
    assert "vault_id=vaults.gold.vault_id" in text
    assert "import_from" not in text


@pytest.mark.parametrize(
    "content",
    [
        json.loads(DOCUMENT),
        {"readers": json.loads(DOCUMENT)},
        {"readers": DOCUMENT},
        [{"PolicyName": "readers", "PolicyDocument": DOCUMENT}],
        [{"policy_name": "readers", "policy_document": json.loads(DOCUMENT)}],
    ],
)
def test_documents_become_policies_that_import_nothing(content: Any, tmp_path: Path) -> None:
    estate = read_file(write(tmp_path, content, "readers.json"))
    assert [each.state["policy_name"] for each in estate.objects] == ["readers"]
    adopt_into(tmp_path / "app", estate.objects)
    assert (EstateKind.POLICY, "readers") in found_in(synthesise(tmp_path / "app"))
    # A policy is its name: neither another file nor the account has it again.
    again = read_file(write(tmp_path, content, "readers.json").rename(tmp_path / "moved.json"))
    assert len(again.objects) == 1
    read = EstateObject(kind=EstateKind.POLICY, id="readers", state=estate.objects[0].state)
    assert adopt_into(tmp_path / "app", [*estate.objects, read]).new == ()


def test_a_resource_that_nobody_knows_is_told(tmp_path: Path) -> None:
    content = state(resource("alicloud_ram_user.alice", {"id": "alice", "name": "alice"}))
    estate = read_file(write(tmp_path, content))
    assert estate.objects == ()
    assert "alicloud_ram_user" in str(estate.findings[0])


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("main.tf", "", "this is HCL"),
        ("nothing.json", None, "there is no such file"),
        ("broken.json", '{"a": ', "broken.json"),
        ("broken.json", "[{", "broken.json"),
        ("empty.json", "", "empty.json"),
        ("list.json", "[1]", "names no policy document"),
        ("other.json", '{"a": 1}', "names no policy document"),
        ("plan.bin", "PK\3\4", "Terraform's own plan file"),
        ("deep.json", "[" * 100_000, "deep.json"),
    ],
)
def test_what_is_none_is_one_error(name: str, text: str | None, problem: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(AdoptError, match=problem) as caught:
        read_file(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_folder_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(AdoptError, match="this is a folder"):
        read_file(tmp_path)
